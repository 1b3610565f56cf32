# %% [markdown]
# # Generalized models
#
# A tick count is a whole number, a herd's cases are a proportion, a cost is positive and skew. None
# of them is normal, whatever is given. The random effects can stay normal all the same: only the
# law of a response, given them, is another one. This page says which laws there are, and what a
# program has to know of each: the logarithm of the density, and its slopes.

# %%
"""Imports, and the name of the page."""

import mpmath
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy import stats

import refmixed as rm
from refmixed.covariance import relative_factor
from refmixed.errors import SeparationError
from refmixed.glm import families, heights, links, model, separation

page("g01_model")

# %% [markdown]
# ## The model
#
# As in {doc}`d01_model` there are an offset $o$, fixed effects $\beta$, and random effects
# $\gamma = \Lambda u$ with independent standard normal $u$. They make up the linear predictor, a
# number $\eta_i$ for each row:
#
# $$
# \eta = o + X\beta + Z\gamma = o + X\beta + Z\Lambda u, \qquad u \sim N(0, I) .
# $$ (eq:glmm)
#
# Given $\gamma$ the responses are independent, each with a density $f(y_i \mid \eta_i)$ and a mean
# $\mu_i = g^{-1}(\eta_i)$, where $g$ is the link. There is no $e$, and no $\sigma$ to measure
# $\gamma$ by. Hence $\theta$ means something else than before: its entries fill the triangle
# $\Lambda$ in the same order {eq}`eq:theta`, but $\Lambda\Lambda^\top$ is the covariance of
# $\gamma$ itself. With one random intercept $\theta$ is its standard deviation, on the scale of
# $\eta$.

# %%
rng = np.random.default_rng(1)
rows = 14
data = pd.DataFrame({"x": rng.normal(size=rows), "g": list("aaaabbbccccddd")})
data["h"], data["y"], data["o"] = list("pqrpqrpqrpqrpq"), *rng.normal(size=(2, rows))
design = rm.design("y ~ x + (x | g) + (1 | h)", data, offset="o")
theta, beta, u = rng.uniform(0.3, 1.5, design.m), rng.normal(size=2), rng.normal(size=design.q)
m = rng.integers(1, 7, rows).astype(float)  # trials, or weights
s = np.floor(rng.uniform(size=rows) * (m + 1))  # successes
here = model.Model(design, families.Binomial(links.LOGIT, s, m)).at(np.concatenate([beta, theta]))
eta = design.offset + design.X @ beta + design.Z @ relative_factor(design, theta) @ u
link("eq:glmm", eta, here.eta(u), model.At.eta)

L = sp.Matrix([[sp.Symbol("theta_1"), 0], [sp.Symbol("theta_2"), sp.Symbol("theta_3")]])
spherical = sp.Matrix(sp.symbols("u_1 u_2"))
gamma = L * spherical
check("eq:glmm", gamma.jacobian(spherical) * gamma.jacobian(spherical).T, L * L.T, "symbolic",
      "k = 2: Cov(gamma), as Cov(u) = I")  # fmt: skip

# %% [markdown]
# ## Three families
#
# A row has a weight $m_i$. Of a proportion $y$ of successes it is the number of trials, of a count
# how many times the row stands in the data, of a positive response what divides its variance. Write
# $p$ for the probability $g^{-1}(\eta)$; then
#
# $$
# \log f(y \mid \eta) = \begin{cases}
# \log \binom{m}{my} + m \bigl( y \log p + (1 - y) \log(1 - p) \bigr) & \text{binomial}, \\
# m \bigl( y \eta - e^\eta - \log y! \bigr) & \text{Poisson}, \\
# \alpha \log \alpha - \log \Gamma(\alpha) + (\alpha - 1) \log y
#   - \alpha \bigl( \eta + y e^{-\eta} \bigr) & \text{Gamma}, \; \alpha = m / \varphi .
# \end{cases}
# $$ (eq:glm-density)
#
# The first has the link logit, $p = 1 / (1 + e^{-\eta})$; probit, $p = \Phi(\eta)$, the normal
# distribution function; or cloglog, $p = 1 - \exp(-e^\eta)$. The others have the logarithm,
# $\mu = e^\eta$. The Gamma law has the variance $\varphi \mu^2 / m$: the dispersion $\varphi$, a
# squared coefficient of variation, is one more parameter.
#
# The constants stay, so that log-likelihoods of different links, and of different programs, can be
# compared. The checks: densities add up to one, and have the mean that they are said to have.

# %%
x, t, P = sp.symbols("eta t p", real=True)
y, alpha, phi, w = sp.symbols("y alpha varphi w", positive=True)
count = sp.Symbol("k", integer=True, nonnegative=True)
binomial = [sp.binomial(4, k) * P**k * (1 - P) ** (4 - k) for k in range(5)]
moments = [sum(binomial), sum(k * f for k, f in enumerate(binomial))]
check("eq:glm-density", moments, [1, 4 * P], "exact", "binomial: m = 4, every p")
mu = sp.Symbol("mu", positive=True)
poisson = mu**count * sp.exp(-mu) / sp.factorial(count)
moments = [sp.simplify(sp.summation(count**k * poisson, (count, 0, sp.oo))) for k in (0, 1)]
check("eq:glm-density", moments, [1, mu], "general", "Poisson: m = 1, every mu")
log_gamma = (
    alpha * sp.log(alpha)
    - sp.loggamma(alpha)
    + (alpha - 1) * sp.log(y)
    - alpha * (x + y * sp.exp(-x))
)
for k in (0, 1):
    powers = alpha**alpha / sp.gamma(alpha) * y ** (alpha - 1 + k) * sp.exp(-alpha * x)
    moment = powers.subs(y, y * sp.exp(x)) * sp.exp(x)  # y = mu times a variable of mean one
    moment = sp.integrate(
        sp.expand_power_base(moment, force=True) * sp.exp(-alpha * y), (y, 0, sp.oo)
    )
    check(
        "eq:glm-density", sp.simplify(moment), sp.exp(k * x), "general", "Gamma: every alpha, eta"
    )

counts, positive = rng.poisson(2, rows).astype(float), rng.gamma(2, size=rows)
three = {
    "logit": families.Binomial(links.LOGIT, s, m),
    "probit": families.Binomial(links.PROBIT, s, m),
    "cloglog": families.Binomial(links.CLOGLOG, s, m),
}
probabilities = {
    "logit": 1 / (1 + np.exp(-eta)),
    "probit": stats.norm.cdf(eta),
    "cloglog": 1 - np.exp(-np.exp(eta)),
}
for name, family in three.items():
    expected = stats.binom.logpmf(s, m, probabilities[name])
    link("eq:glm-density", expected, family.log_density(eta), families.Binomial.log_density)
of_counts, of_sizes = families.Poisson(counts, m), families.Gamma(positive, m, 0.7)
expected = m * stats.poisson.logpmf(counts, np.exp(eta))
link("eq:glm-density", expected, of_counts.log_density(eta), families.Poisson.log_density)
expected = stats.gamma.logpdf(positive, m / 0.7, scale=np.exp(eta) * 0.7 / m)
link("eq:glm-density", expected, of_sizes.log_density(eta), families.Gamma.log_density)

# %% [markdown]
# ## Large responses
#
# Of a count of a million $y \eta$, $e^\eta$ and $\log y!$ are about $10^7$, and $\log f$ is -8: its
# last seven digits would be lost. Stirling's formula takes what is large out of the factorial,
#
# $$
# \log \Gamma(x + 1) = x \log x - x + \tfrac12 \log(2\pi x) + \rho(x), \qquad
# \rho(x) = \frac1{12 x} - \frac1{360 x^3} + \cdots ,
# $$ (eq:stirling)
#
# and with $d = \eta - \log y$ the rest of Poisson's density is a height and a fall from it,
#
# $$
# \log f = - \tfrac12 \log(2\pi y) - \rho(y) + y \bigl( d - (e^d - 1) \bigr) ,
# $$ (eq:poisson-height)
#
# where nothing is large unless $\log f$ is. Of Gamma, with the shape $\alpha$ (the weight over the
# dispersion) and $d = \log y - \eta$,
#
# $$
# \log f = \tfrac12 \log \frac{\alpha}{2\pi} - \rho(\alpha) - \log y
# + \alpha \bigl( d - (e^d - 1) \bigr) .
# $$ (eq:gamma-height)

# %%
large, shape, rho = sp.symbols("y alpha rho", positive=True)
stirling = large * sp.log(large) - large + sp.log(2 * sp.pi * large) / 2 + rho  # log Gamma(y + 1)
middle = sp.Symbol("eta", real=True)
off = middle - sp.log(large)
height = -sp.log(2 * sp.pi * large) / 2 - rho + large * (off - sp.exp(off) + 1)
law = large * middle - sp.exp(middle) - stirling
check("eq:poisson-height", sp.expand(height - law), sp.Integer(0), "symbolic", "any y > 0")
of_shape = stirling.subs(large, shape) - sp.log(shape)  # log Gamma(alpha)
law = shape * sp.log(shape) - shape * middle - of_shape + (shape - 1) * sp.log(large)
law -= shape * large * sp.exp(-middle)
height = sp.log(shape / (2 * sp.pi)) / 2 - rho - sp.log(large)
height += shape * (-off - sp.exp(-off) + 1)
difference = sp.expand(sp.expand_log(height - law, force=True))
check("eq:gamma-height", difference, sp.Integer(0), "symbolic", "any shape")
sizes = np.array([0.5, 3.0, 15.9, 16.0, 40.0, 1e4])
with mpmath.workdps(50):
    rest = [
        float(mpmath.loggamma(k + 1) - k * mpmath.log(k) + k - mpmath.log(2 * mpmath.pi * k) / 2)
        for k in map(mpmath.mpf, sizes)
    ]
link("eq:stirling", rest, heights.rest(sizes), heights.rest)
link("eq:poisson-height", stats.poisson.logpmf([3, 40], [3, 40]),
     heights.poisson_height(np.array([3.0, 40.0])), heights.poisson_height)  # fmt: skip
link("eq:gamma-height", stats.gamma.logpdf(1.0, sizes[:5], scale=1 / sizes[:5]),
     heights.gamma_height(sizes[:5]), heights.gamma_height)  # fmt: skip

# %% [markdown]
# ## Slopes of a probability
#
# All that follows needs the first three derivatives of $\log f$ in $\eta$. For a proportion they
# are sums of those of $\log p$ and $\log(1 - p)$. Call a function with its three derivatives a jet.
# With $q = 1 - p$, and Mills' ratio $M = \phi(\eta) / \Phi(\eta)$ of the normal density to its
# distribution function, the jets of $\log p$ are
#
# $$
# \begin{aligned}
# \text{logit:} \quad (\log p)' &= q, & (\log p)'' &= -pq, & (\log p)''' &= -pq(q - p), \\
# \text{probit:} \quad (\log p)' &= M, & (\log p)'' &= -M(\eta + M), &
# (\log p)''' &= M \bigl( (\eta + M)(\eta + 2M) - 1 \bigr) .
# \end{aligned}
# $$ (eq:binomial-jets)
#
# Both laws are symmetric, $1 - p(\eta) = p(-\eta)$, so that $\log(1 - p)$ has the same jet at
# $-\eta$, its odd derivatives with the other sign.

# %%
logistic = 1 / (1 + sp.exp(-x))
normal = sp.erfc(-x / sp.sqrt(2)) / 2
mills = sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi) / normal
bends = {
    logistic: [
        1 - logistic,
        -logistic * (1 - logistic),
        -logistic * (1 - logistic) * (1 - 2 * logistic),
    ],
    normal: [mills, -mills * (x + mills), mills * ((x + mills) * (x + 2 * mills) - 1)],
}
for p, stated in bends.items():
    slopes = [sp.log(p).diff(x, k) for k in (1, 2, 3)]
    check("eq:binomial-jets", slopes, stated, "general", "every eta")
    mirrored = [sp.log(1 - p).diff(x, k) for k in (1, 2, 3)]
    signed = [(-1) ** k * f.subs(x, -x) for k, f in enumerate(stated, start=1)]
    check("eq:binomial-jets", mirrored, signed, "general", "every eta: of log(1 - p)")

# %% [markdown]
# The third link is not symmetric. With $t = e^\eta$, $\log(1 - p) = -t$, and every derivative of
# it is $-t$, too. For the other let $c = t / (1 - e^{-t})$. Then
#
# $$
# \begin{aligned}
# (\log p)' &= c\, e^{-t}, & (\log p)'' &= -(c - 1) (\log p)', \\
# c' &= c \bigl( 1 - c\, e^{-t} \bigr), & (\log p)''' &= -(c - 1) (\log p)'' - c' (\log p)' .
# \end{aligned}
# $$ (eq:cloglog-jet)
#
# For small $t$ both $c - 1$ and $1 - c\,e^{-t}$ are differences of numbers that are nearly equal.
# There the series $c - 1 = t/2 + t^2/12 - t^4/720 + \dots$ has all digits.

# %%
t_of = sp.exp(x)
c = t_of / (1 - sp.exp(-t_of))
p = 1 - sp.exp(-t_of)
first = c * sp.exp(-t_of)
second = -(c - 1) * first
stated = [first, second, c * (1 - c * sp.exp(-t_of)), -(c - 1) * second - c.diff(x) * first]
slopes = [sp.log(p).diff(x), sp.log(p).diff(x, 2), c.diff(x), sp.log(p).diff(x, 3)]
check("eq:cloglog-jet", slopes, stated, "general", "every eta")
T = sp.Symbol("t", positive=True)
series = sp.series(T / (1 - sp.exp(-T)) - 1, T, 0, 9).removeO()
stated = sum(
    sp.nsimplify(a, rational=True) * T ** (k + 1)
    for k, a in enumerate(["1/2", "1/12", 0, "-1/720", 0, "1/30240", 0, "-1/1209600"])
)
check("eq:cloglog-jet", series, stated, "exact", "the series of c - 1")

# %% [markdown]
# The jets are computed from $\eta$, not from $p$. At $\eta = 40$ a double $p$ is 1, and
# $\log(1 - p)$ of it minus infinity; the number is $-40$. A data set with such a row needs no
# special case. The links compare with 50 digits, far out too:


# %%
def by_digits(log_p, at):
    """The jet of a function at each eta, (4, any), by differences of 50 digits."""
    with mpmath.workdps(50):
        return np.array(
            [[float(mpmath.diff(log_p, mpmath.mpf(float(e)), k)) for e in at] for k in range(4)]
        )


far = np.array([-9.0, -5.0, -2.4, -0.3, 0.2, 0.9, 3.1])
for jet, log_p, tag in [
    (links.logistic, lambda e: -mpmath.log1p(mpmath.exp(-e)), "eq:binomial-jets"),
    (links.normal, lambda e: mpmath.log(mpmath.ncdf(e)), "eq:binomial-jets"),
    (links.extreme_yes, lambda e: mpmath.log(-mpmath.expm1(-mpmath.exp(e))), "eq:cloglog-jet"),
]:
    expected = by_digits(log_p, far)
    for e, f in zip(expected.T, jet(far).T, strict=True):
        link(tag, np.ones(4), f / e, jet)  # each of the numbers has its digits, the small ones too

# %% [markdown]
# ## Two weights
#
# The second derivative of $\log f$, with the other sign, says how much a row knows of its $\eta$.
# It is the row's weight in all that follows, and there are two dialects of it: as observed, or its
# mean over the responses that the model might have given (Fisher's). For proportions
#
# $$
# w = -m \bigl( y\, (\log p)'' + (1 - y) (\log q)'' \bigr), \qquad
# \tilde w = \operatorname{E}[w]
# = -m \bigl( p\, (\log p)'' + q\, (\log q)'' \bigr) = \frac{m\, (p')^2}{p q} .
# $$ (eq:expected-weight)
#
# With the logit $w$ does not contain $y$: both are $mpq$. So it is with the logarithm for counts,
# $w = \tilde w = m\mu$. Such a link is called canonical. With the other links $w$ depends on the
# response. For the Gamma law $w = \alpha y / \mu$ and $\tilde w = \alpha$.

# %%
S, trials = sp.symbols("s m", positive=True)
for p in (logistic, normal, 1 - sp.exp(-sp.exp(x))):
    observed = -S * sp.log(p).diff(x, 2) - (trials - S) * sp.log(1 - p).diff(x, 2)
    stated = trials * p.diff(x) ** 2 / (p * (1 - p))
    check("eq:expected-weight", observed.subs(S, trials * p), stated, "general", "every eta, m")
observed = -S * sp.log(logistic).diff(x, 2) - (trials - S) * sp.log(1 - logistic).diff(x, 2)
stated = trials * logistic * (1 - logistic)
check("eq:expected-weight", observed, stated, "general", "logit: every eta, m, s")
weight = -log_gamma.diff(x, 2)
check("eq:expected-weight", weight.subs(y, sp.exp(x)), alpha, "general", "Gamma: every eta, alpha")

slopes_of_p = [links.LOGIT.slope(eta), links.PROBIT.slope(eta), links.CLOGLOG.slope(eta)]
for (name, family), slope in zip(three.items(), slopes_of_p, strict=True):
    p = probabilities[name]
    local, (yes, no) = family.at(eta), (family.link.log_yes(eta), family.link.log_no(eta))
    link("eq:expected-weight", m * slope**2 / (p * (1 - p)), local.expected.W, families.Binomial.at)
    link(
        "eq:expected-weight", -s * yes[2] - (m - s) * no[2], local.observed.W, families.Binomial.at
    )
    link("eq:binomial-jets", s * yes[1] + (m - s) * no[1], local.score, families.Binomial.at)
    link(
        "eq:binomial-jets",
        -s * yes[3] - (m - s) * no[3],
        local.observed.slope,
        families.Binomial.at,
    )
link("eq:expected-weight", m * np.exp(eta), of_counts.at(eta).observed.W, families.Poisson.at)
ratio = positive / np.exp(eta)
link("eq:expected-weight", m / 0.7 * ratio, of_sizes.at(eta).observed.W, families.Gamma.at)
link("eq:expected-weight", m / 0.7, of_sizes.at(eta).expected.W, families.Gamma.at)

# %% [markdown]
# ## The dispersion
#
# $\varphi$ must be positive, and so the search moves $\log\varphi$. As $\alpha$ is $m / \varphi$,
# its slope in $\log\varphi$ is $-\alpha$, and with the digamma function $\psi = (\log\Gamma)'$
#
# $$
# \frac{\partial \log f}{\partial \log\varphi}
# = -\alpha \Bigl( \log\alpha + 1 - \psi(\alpha) + \log\frac{y}{\mu} - \frac{y}{\mu} \Bigr) .
# $$ (eq:gamma-dispersion)
#
# $\varphi$ is estimated by maximum likelihood with all the rest. Programs that take it from
# Pearson's residuals give another one, and so other standard errors; some also measure the random
# effects in units of $\sqrt\varphi$. Here $\theta$ is on the scale of $\eta$ for every family.

# %%
log_phi = sp.Symbol("l", real=True)
slope = log_gamma.subs(alpha, w / sp.exp(log_phi)).diff(log_phi).subs(log_phi, sp.log(w / alpha))
mu = sp.exp(x)
inside = sp.log(alpha) + 1 - sp.digamma(alpha) + sp.log(y) - x - y / mu
check("eq:gamma-dispersion", sp.simplify(slope), -alpha * inside, "general", "every eta, alpha, y")
shape = m / 0.7
digamma = np.array([float(mpmath.digamma(a)) for a in shape])
expected = -shape * (np.log(shape) + 1 - digamma + np.log(ratio) - ratio)
found = of_sizes.slope_in_log_dispersion(eta)
link("eq:gamma-dispersion", expected, found, families.Gamma.slope_in_log_dispersion)

# %% [markdown]
# ## One hill
#
# The weight $w$ is positive for each of these pairs of family and link, whatever the response is:
# $\log f$ is concave in $\eta$. Then, with a normal density on top, the density of $u$ given the
# responses has one mode, and whatever goes uphill arrives there. For logit, logarithm and cloglog
# ($c > 1$) this is to be seen above. For probit it is a fact about a normal variable $\zeta$ of
# which one knows that it exceeds $-\eta$. It varies less than before, and more than nothing:
#
# $$
# \operatorname{Var}(\zeta \mid \zeta > -\eta) = 1 - M(\eta + M) \in (0, 1) .
# $$ (eq:truncated-variance)

# %%
z = sp.Symbol("z", real=True)
density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
mean, square = (sp.integrate(z**k * density, (z, -x, sp.oo)) / normal for k in (1, 2))
variance = sp.simplify(square - mean**2)
check("eq:truncated-variance", variance, 1 - mills * (x + mills), "general", "every eta",
      text_only=True)  # fmt: skip

# %% [markdown]
# Other pairs are refused, with a `FamilyError`, for one of two reasons. Some links are made for a
# part of the line, which a normal effect leaves now and then: with $\mu = \eta$ or $\mu = 1/\eta$
# a mean would then be negative, with $\mu = \eta^2$ it would rise again. And some densities are not
# log-concave. The inverse normal law with shape
# $\lambda$ and mean $e^\eta$ has
#
# $$
# w = \frac{\lambda}{\mu} \Bigl( \frac{2y}{\mu} - 1 \Bigr) ,
# $$ (eq:inverse-normal-weight)
#
# negative for $y < \mu/2$; and with the link cauchit, $p = 1/2 + \arctan(\eta) / \pi$,
# $\log p$ is convex far on the left:

# %%
lam = sp.Symbol("lambda", positive=True)
log_f = -lam * (y - mu) ** 2 / (2 * mu**2 * y)
check("eq:inverse-normal-weight", -log_f.diff(x, 2), lam / mu * (2 * y / mu - 1), "general",
      "every eta, y", text_only=True)  # fmt: skip

# %%
cauchit = sp.log(sp.Rational(1, 2) + sp.atan(x) / sp.pi)
for at in (0, -1, -3):
    print(f"eta = {at:2d}: -(log p)'' = {float(-cauchit.diff(x, 2).subs(x, at)):6.3f}")

# %% [markdown]
# ## When there is no maximum
#
# Let $\varsigma_i$ be 1 for a row in which all trials succeed, or $-1$ where none does, and 0
# elsewhere. (Of counts, those that are 0 have $-1$, the others 0.) In a row with
# $\varsigma_i \ne 0$ the density only rises as $\varsigma_i \eta_i$ grows, to its limit 1. Now
# suppose that some $d$ solves
#
# $$
# \max_d \sum_i \varsigma_i X_i^\top d > 0 \quad \text{with} \quad
# \varsigma_i X_i^\top d \ge 0, \quad X_i^\top d = 0 \text{ where } \varsigma_i = 0, \quad
# |d_j| \le 1 .
# $$ (eq:separation)
#
# Then $\beta + \lambda d$ fits every row as well as $\beta$ or better, the more so the larger
# $\lambda$, and some rows strictly: $d$ *separates* the responses. That is so for each $u$,
# therefore for the integral over $u$, too. The likelihood has no maximum, and a program that prints
# an estimate has only stopped. To find such a $d$, or to show that there is none, is a linear
# programme. If there is none, and the columns of $X$ are independent, there is a maximum in $\beta$
# for every $\theta$: in each direction some density falls to zero, whatever $u$ is, and the
# integral with it (without random effects: Albert and Anderson, 1984).

# %%
steps = sp.Symbol("lambda", positive=True)
lift = sp.Symbol("a", positive=True)  # varsigma_i X_i' d
for p in (logistic, normal, 1 - sp.exp(-sp.exp(x))):
    for log_p, sign in ((sp.log(p), 1), (sp.log(1 - p), -1)):
        moved = log_p.subs(x, x + sign * lift * steps)
        stated = lift * (sign * log_p.diff(x)).subs(x, x + sign * lift * steps)
        check("eq:separation", moved.diff(steps), stated, "general",
              "the slope along d is a > 0 times a jet's first entry, positive")  # fmt: skip

told = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "g": list("aabbcc")})
RESPONSES = {
    "x tells all apart": [0, 0, 0, 1, 1, 1],
    "but for a tie": [0, 0, 0.5, 1, 1, 1],
    "one out of place": [0, 1, 0, 1, 1, 1],
    "all alike": [1, 1, 1, 1, 1, 1],
}


def is_refused(responses):
    """Whether a linear programme finds a d."""
    design = rm.design("x ~ x + (1 | g)", told)
    trials = np.full(6, 2.0)
    family = families.Binomial(links.LOGIT, trials * responses, trials)
    try:
        separation.refuse_separated(design, family)
    except SeparationError:
        return 1.0
    return 0.0


found = [is_refused(np.array(responses)) for responses in RESPONSES.values()]
link("eq:separation", [1.0, 1.0, 0.0, 1.0], found, separation.refuse_separated)
for name, refused in zip(RESPONSES, found, strict=True):
    print(f"{name:20s} {'no maximum' if refused else 'a maximum'}")

# %% [markdown]
# The log-likelihood of the first, without random effects, along $d = (-3.5, 1)$:

# %%
of_first = families.Binomial(links.LOGIT, np.array([0.0, 0, 0, 1, 1, 1]), np.ones(6))
for length in (0, 1, 3, 10, 30):
    eta = length * (told["x"].to_numpy() - 3.5)
    print(f"lambda = {length:2d}: {of_first.log_density(eta).sum():.3g}")

# %% [markdown]
# Random effects can run away in the same manner. Where in every group all responses are alike, the
# likelihood of an intercept of the groups rises with its standard deviation for ever, and such data
# are refused, too. Of richer random terms no rule tells it beforehand: there the search stops with
# a
# `SeparationError` when a parameter passes all bounds.
