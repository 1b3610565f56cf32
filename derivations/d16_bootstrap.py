# %% [markdown]
# # The bootstrap, and power by simulation
#
# How would the estimates vary, had the data been drawn again? The first half of this page draws
# data again, from the model or from the data themselves, and makes intervals of what the estimates
# do. The second half asks how often a test would reject, were an effect as large as one hopes.

# %%
"""Imports, and the name of the page."""

from itertools import product

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy import integrate, stats

import refmixed as rm
from refmixed.after.draws import bootstrap, estimates, law, power, question, resample

page("d16_bootstrap")
R = sp.Rational

# %% [markdown]
# The links have two crossed factors, one with slopes, with weights and an offset:

# %%
rng = np.random.default_rng(16)
data = pd.DataFrame(rng.normal(size=(60, 3)), columns=["y", "x", "o"])
data["g"], data["h"] = rng.choice(list("abcdefgh"), 60), rng.choice(list("pqrst"), 60)
data["y"] += data["g"].map(dict(zip("abcdefgh", 2 * rng.normal(size=8), strict=True)))
data["y"] += data["x"] * data["g"].map(dict(zip("abcdefgh", rng.normal(size=8), strict=True)))
data["w"] = rng.uniform(0.5, 2, 60)
fit = rm.lmer("y ~ x + (x | g) + (1 | h)", data, weights="w", offset="o")
design, theta = fit.design, fit.theta.to_numpy()
Lambda = rm.covariance.relative_factor(design, theta)

# %% [markdown]
# ## Responses of the model
#
# With $u$ and $\epsilon$ standard normal and independent, $o$ the offset and $W$ the weights,
#
# $$
# Y^* = o + X\hat\beta + \hat\sigma \bigl( Z \Lambda u + W^{-1/2} \epsilon \bigr)
# $$ (eq:simulated)
#
# has the distribution that the model with the estimates as its parameters gives a response:
#
# $$
# \operatorname{Cov}(Y^*)
# = \hat\sigma^2 \bigl( Z \Lambda \Lambda^\top Z^\top + W^{-1} \bigr) = \hat V .
# $$ (eq:simulated-covariance)
#
# $\Lambda$ is a triangle, and there is one only. A root of $\Sigma$ from its eigenvectors would do
# as well, but where eigenvalues are equal these are what the processor makes them, and the same
# seed would give other responses elsewhere.
#
# $Z\Lambda$ is computed in the coordinates of the search. With $\tilde x = x S^{\top -1}$ and
# $\tilde T = S^\top T S$ the covariance is the same,
#
# $$
# \tilde x \tilde T \tilde x^\top = x T x^\top ,
# $$ (eq:simulated-coordinates)
#
# and the triangle $\tilde\Lambda$ of $\tilde T$ there does not change with the unit or the origin
# of a column of $x$: neither do the responses.
#
# General checks have one term and any sizes.

# %%
Z, Zt, L, Lt, D = sp.symbols("Z Z^T Lambda Lambda^T W^{-1/2}", commutative=False)
x, xt, S, St, T, s = sp.symbols("x x^T S S^T T sigma", commutative=False)
parts = sp.Matrix([[Z * L, D]])  # what u and epsilon are multiplied by
turned = sp.Matrix([Lt * Zt, D])
left = (parts * turned)[0]
check(
    "eq:simulated-covariance", left, Z * L * Lt * Zt + D * D, "general", "all n, q", text_only=True
)
sides = (x * St**-1) * (St * T * S) * (S**-1 * xt), x * T * xt
check("eq:simulated-coordinates", *sides, "general", "all n, k", text_only=True)

of_fit = law.fitted_law(fit, "new")
loads = np.zeros((60, 0))  # of all effects, a column each
for load, codes, levels in zip(of_fit.loads, of_fit.codes, of_fit.levels, strict=True):
    wide = np.zeros((60, levels, load.shape[1]))
    wide[np.arange(60), codes] = load
    loads = np.hstack([loads, wide.reshape(60, -1)])
V = fit.sigma**2 * rm.marginal.at(design, theta, True).V0
link("eq:simulated-covariance", V, loads @ loads.T + np.diag(of_fit.noise**2), law.fitted_law)

# %% [markdown]
# Exactly, of three rows in two groups, with $u$ and $\epsilon$ at the numbers that they may take;
# and the code, whose effects are its own numbers and not a matrix $Z$:

# %%
Z3, X3 = sp.Matrix([[1, 0], [1, 0], [0, 1]]), sp.Matrix([[1, 2], [1, 0], [1, 5]])
u3, e3 = sp.Matrix(sp.symbols("u_1:3")), sp.Matrix(sp.symbols("e_1:4"))
t, sigma = sp.symbols("theta sigma", positive=True)
roots = sp.diag(2, 1, 3)  # of the weights
Y3 = X3 * sp.Matrix([1, 2]) + sigma * (Z3 * t * u3 + roots.inv() * e3)
draw = [*u3, *e3]
by_draw = Y3.jacobian(draw) * Y3.jacobian(draw).T
V3 = sigma**2 * (Z3 * t**2 * Z3.T + (roots * roots).inv())
check("eq:simulated", by_draw, V3, "symbolic", "n = 3, q = 2")

u, e = rng.normal(size=(1, 21)), rng.normal(size=(1, 60))
factors = rm.covariance.factors(design, theta)
plain = law.law_of(design, fit.beta.to_numpy(), factors, fit.sigma)
expected = (
    design.offset
    + design.X @ fit.beta
    + fit.sigma * (design.Z @ Lambda @ u[0] + e[0] / np.sqrt(design.weights))
)
effects = [u[:, :16].reshape(1, 8, 2), u[:, 16:].reshape(1, 5, 1)]
link("eq:simulated", expected[None], plain.responses(effects, e), law.Law.responses)

# %% [markdown]
# ## Random effects that are kept
#
# Whose responses are drawn again? If other groups might have been in the data, the effects of
# groups are drawn anew, `random="new"`. If these groups are the ones of interest, their effects may
# be kept,
#
# $$
# Y^* = o + X\hat\beta + Z\hat\gamma + \hat\sigma W^{-1/2} \epsilon ,
# $$ (eq:simulated-kept)
#
# with covariance $\hat\sigma^2 W^{-1}$. But the effects that are kept are predictions, and these
# vary less than effects do: given the parameters, with $\Sigma$ the covariance of $\gamma$,
#
# $$
# \operatorname{Cov}(\hat\gamma) = \Sigma Z^\top V^{-1} Z \Sigma
# = \Sigma - \operatorname{Cov}(\gamma \mid Y) .
# $$ (eq:kept-spread)
#
# Refits to such responses find variances near those of $\hat\gamma$, which are too small, and
# $\hat\beta$ that varies too little for other groups. Intervals for variances are not to be had
# from them.

# %%
tau, k = sp.symbols("tau k", positive=True)
one = sp.ones(3, 1)
V3 = tau**2 * one * one.T + sigma**2 * sp.eye(3)
spread = (tau**2 * one.T * V3.inv() * one * tau**2)[0]
check("eq:kept-spread", spread, tau**2 - 1 / (1 / tau**2 + 3 / sigma**2), "symbolic",
      "a group of 3 rows", text_only=True)  # fmt: skip
gamma = np.concatenate([frame.to_numpy().ravel() for frame in fit.ranef().values()])
mean = design.offset + design.X @ fit.beta + design.Z @ gamma
link("eq:simulated-kept", mean, law.fitted_law(fit, "kept").mean, law.fitted_law)
check("eq:simulated-kept", (roots.inv() * e3).jacobian(e3) * (roots.inv() * e3).jacobian(e3).T,
      (roots * roots).inv(), "symbolic", "n = 3, sigma = 1")  # fmt: skip

# %% [markdown]
# ## Residuals and effects of the data
#
# A bootstrap that trusts the normal distribution less draws the effects and the errors from the
# fit: $\hat u_j$ of a level, all effects of a term together, and $\sqrt{w_i}\, \hat e_i$. Both vary
# too little, by {eq}`eq:kept-spread` and because residuals do {eq}`eq:scaled-residual`. So they are
# first given the variance that the model says (Carpenter, Goldstein and Rasbash, 2003). Let $U$ be
# rows of $\hat u_j - \bar u$, $J$ of them, and $L$ the triangle with $L L^\top = U^\top U / J$.
# Then
#
# $$
# U^* = U L^{\top -1}, \qquad \tfrac1J U^{*\top} U^* = I .
# $$ (eq:reflated)
#
# A row is $L^{-1}(\hat u_j - \bar u)$, and $\hat\sigma \Lambda$ times it the effect that is drawn.
# The paper takes effects $\hat\gamma_j = \Lambda \hat u_j$ themselves, times a matrix $M$ of the
# triangles of two covariances, the model's and that of the $\hat\gamma_j$. It comes to the same,
#
# $$
# M \hat\gamma_j = (\hat\sigma \Lambda) (\Lambda L)^{-1} \Lambda \hat u_j
# = \hat\sigma \Lambda L^{-1} \hat u_j ,
# $$ (eq:reflated-paper)
#
# but for a singular $\Lambda$, which the left side cannot do with: there the columns of $U$ that
# belong to columns of zeros are left out. Levels are drawn term by term, as the model takes terms
# for independent. As many levels as effects, or fewer, do not show the covariance of $U$: such fits
# are refused.

# %%
C, Lu, Lut, v = sp.symbols("C L L^T u", commutative=False)
sides = (Lu**-1 * C * Lut**-1).subs(C, Lu * Lut), sp.Integer(1)
check("eq:reflated", sp.expand(sides[0]), sides[1], "general", "all J, k")
U = sp.Matrix([[3, 1], [0, 2], [-1, 1], [2, -4], [-4, 0]])
of_U = (U.T * U / 5).cholesky()
left = (of_U.inv() * U.T * U * of_U.inv().T / 5).applyfunc(sp.nsimplify)
check("eq:reflated", left.applyfunc(sp.simplify), sp.eye(2), "exact", "J = 5, k = 2")
sides = L * (L * Lu) ** -1 * L * v, L * Lu**-1 * v
check("eq:reflated-paper", *map(sp.expand, sides), "general", "sigma = 1, all k", text_only=True)
some = rng.normal(size=(9, 2)) @ [[2, 0], [1, 3]]
off = some - some.mean(axis=0)
root = np.linalg.cholesky(off.T @ off / 9)
link("eq:reflated", off @ np.linalg.inv(root).T, resample.reflated(some), resample.reflated)

# %% [markdown]
# ## Groups of the data
#
# The least that can be supposed is that groups are alike: draw $J$ of the $J$ groups with
# replacement, with all their rows, and count each draw as a group of its own. Factors that lie in
# the group come with it; of factors that cross it the levels stay what they are, and their variance
# is not drawn anew. In balanced data $\hat\beta$ is the mean of one line a group
# {eq}`eq:balanced-vcov`. If $b_j$ are $J$ numbers of covariance $S$ (over $J - 1$), the mean of $J$
# of them drawn with replacement has the variance
#
# $$
# \operatorname{Var}^*(\bar b^*) = \frac{J - 1}{J} \cdot \frac{S}{J} ,
# $$ (eq:case-variance)
#
# so that standard errors are too small by $\sqrt{(J - 1)/J}$, and variances between groups by $(J -
# 1)/J$: little with many groups.

# %%
b = sp.Matrix(sp.symbols("b_1:4"))
means = [sum(sample) / R(3) for sample in product(b, repeat=3)]  # all 27 samples
centre = sum(b) / R(3)
variance = sum((mean - centre) ** 2 for mean in means) / 27
S3 = sum((value - centre) ** 2 for value in b) / 2
check("eq:case-variance", sp.expand(variance), sp.expand(R(2, 3) * S3 / 3), "exact", "J = 3",
      text_only=True)  # fmt: skip

# %% [markdown]
# ## Intervals
#
# Let $t$ be the estimate and $t^*_{(1)} \le \dots \le t^*_{(B)}$ the replicates in order. The share
# $\xi_j$ of their distribution below $t^*_{(j)}$ is the $j$-th smallest of $B$ uniform numbers,
# with density proportional to $p^{j - 1} (1 - p)^{B - j}$, and
#
# $$
# \operatorname{E} \xi_j = \frac{j}{B + 1} ,
# $$ (eq:percentile)
#
# so that $t^*_{(j)}$ is taken for the quantile of $j/(B + 1)$, and between two such there is a
# straight line. 999 replicates have quantiles of .025 and .975 at the 25th and the 975th. The
# **percentile** interval lies between two quantiles. It goes along with any transformation of the
# parameter. The **basic** one takes $t^* - t$ for what $t - \vartheta$ does, $\vartheta$ the
# parameter: with $q_\alpha$ the quantiles of $t^*$, that of $t - \vartheta$ is $q_\alpha - t$, and
# the interval
#
# $$
# t - (q_{1 - \alpha} - t) = 2t - q_{1 - \alpha}, \qquad 2t - q_\alpha .
# $$ (eq:basic)
#
# It corrects a bias, and may leave the range of the parameter: below zero, for a standard
# deviation. A correlation with a variance of zero has no value; its quantiles are of the other
# replicates.

# %%
p = sp.Symbol("p", positive=True)
for j in (1, 3, 7):
    density = p ** (j - 1) * (1 - p) ** (7 - j)
    total = sp.integrate(density.expand(), (p, 0, 1))
    expected = sp.integrate((p * density).expand(), (p, 0, 1)) / total
    check("eq:percentile", expected, R(j, 8), "exact", "B = 7")
low, high, est = sp.symbols("q_alpha q_{1-alpha} t")
check("eq:basic", [est - (high - est), est - (low - est)], [2 * est - high, 2 * est - low],
      "symbolic", "any")  # fmt: skip
numbers = rng.normal(size=(39, 2))
inner = np.sort(numbers, axis=0)
link(
    "eq:percentile", inner[[1, 37]], bootstrap.quantiles(numbers, [0.05, 0.95]), bootstrap.quantiles
)
boot = rm.lmer("y ~ 1 + (1 | g)", data).bootstrap(39, seed=1)
ordered = np.sort(boot.replicates.to_numpy(), axis=0)
ends = 2 * boot.estimates.to_numpy()[:, None] - ordered[[37, 1]].T
link("eq:basic", ends, boot.confint(0.9, "basic"), bootstrap.Bootstrap.confint)

# %% [markdown]
# ## How many replicates
#
# What is computed from $B$ replicates has an error of its own, which more replicates make smaller.
# A mean has the standard error $s/\sqrt B$. By the same density as above
#
# $$
# \operatorname{Var} \xi_j = \frac{j (B + 1 - j)}{(B + 1)^2 (B + 2)} :
# $$ (eq:quantile-error)
#
# of 999 replicates the one that stands for 2.5 % is at 2.5 ± 0.5 %.

# %%
for j in (1, 3, 7):
    density = p ** (j - 1) * (1 - p) ** (7 - j)
    total = sp.integrate(density.expand(), (p, 0, 1))
    square = sp.integrate((p**2 * density).expand(), (p, 0, 1)) / total
    variance = R(j * (8 - j), 8**2 * 9)
    check("eq:quantile-error", square - R(j, 8) ** 2, variance, "exact", "B = 7", text_only=True)

# %% [markdown]
# What is replicated are standard deviations and correlations {eq}`eq:sd-and-correlation`, $\sigma$
# and $\beta$, of all samples at once:

# %%
sleep = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
thetas, sigmas = rng.normal(size=(5, 3)), np.arange(1.0, 6.0)
t1, t2, t3 = np.abs(thetas).T  # of one term of two effects
long = np.hypot(t2, t3)
expected = np.column_stack([sigmas * t1, t2 / long, sigmas * long])
found = estimates.random_values(sleep.design, np.abs(thetas), sigmas)
link("eq:sd-and-correlation", expected, found, estimates.random_values)

# %%
for kind in ("parametric", "residual"):
    drawn = sleep.bootstrap(999, seed=1, kind=kind)
    print(drawn)
    print(drawn.confint().round(3), "\n")

# %% [markdown]
# ## Power
#
# A test rejects with a probability that depends on the true effect, on the numbers of groups and of
# their rows, and on the variances. `fit.power` takes these from a fit, of a pilot study say, or
# from `lmer(..., theta=...)`; it copies groups or rows until there are as many as asked, draws
# responses, fits the model to each and counts. One draw does for all effects. For any $V$, and $d$
# a vector,
#
# $$
# (X^\top V^{-1} X)^{-1} X^\top V^{-1} (Y + Xd) = \hat\beta + d ,
# $$ (eq:power-shift)
#
# and the residuals, on which $\hat\theta$ and $\hat\sigma$ depend, stay what they are
# {eq}`eq:P-annihilates`. So estimates with another effect are shifted, and standard errors the
# same.
#
# If $b$ of $B$ samples reject, the share $b/B$ of a power $\pi$ has the variance
#
# $$
# \operatorname{Var}(b/B) = \pi (1 - \pi) / B ,
# $$ (eq:mcse)
#
# with 1,000 samples an error of .016 at most. The table has its root beside each power, and an
# interval from the binomial distribution.

# %%
Omega, Xt, V, X, Y, d = sp.symbols("Omega X^T V X Y d", commutative=False)
estimate = sp.expand(Omega**-1 * Xt * V**-1 * (Y + X * d)).subs(Xt * V**-1 * X, Omega)
check("eq:power-shift", sp.expand(estimate), Omega**-1 * Xt * V**-1 * Y + d, "general", "all n, p")
share = sp.Symbol("pi", positive=True)
B = 5
law_of_K = [sp.binomial(B, k) * share**k * (1 - share) ** (B - k) for k in range(B + 1)]
mean = sum(R(k, B) * chance for k, chance in enumerate(law_of_K))
square = sum(R(k, B) ** 2 * chance for k, chance in enumerate(law_of_K))
check(
    "eq:mcse", sp.expand(square - mean**2), sp.expand(share * (1 - share) / B), "symbolic", "B = 5"
)
counted = power.share(np.array([True] * 3 + [False] * 7))
link("eq:mcse", np.sqrt(0.3 * 0.7 / 10), counted["mcse"], power.share)
shifted = sleep.design.y + sleep.design.X @ [0, 2.5]
many = sleep.refit(np.column_stack([sleep.design.y, shifted]))
asked = question.Question(np.array([0.0, 1.0]), "wald", np.inf, 0.05)
both = [power.statistic(asked, many, effect, sleep, None, None) for effect in (2.5, 0.0)]
link("eq:power-shift", both[0][:1], both[1][1:], power.statistic)

# %% [markdown]
# ### Where it is known
#
# In balanced data whose estimates are not on the boundary, $\hat\beta_j$ is the mean of $J$
# independent normal numbers with variance $\psi$, and its standard error is made of their sample
# variance $S$ {eq}`eq:balanced-vcov`. With $\delta$ the true value,
#
# $$
# t = \frac{\hat\beta_j}{\sqrt{S/J}}
# = \frac{z + \delta \sqrt{J/\psi}}{\sqrt{\chi^2_{J - 1}/(J - 1)}} ,
# \qquad z = \frac{\hat\beta_j - \delta}{\sqrt{\psi/J}},
# \quad \chi^2_{J - 1} = \frac{(J - 1) S}{\psi} :
# $$ (eq:power-t)
#
# the noncentral $t$ with $J - 1$ degrees of freedom and noncentrality $\delta\sqrt{J/\psi}$.
# `exact_power` has it, and the simulation is held against it. On the boundary the estimate of
# $\psi$ is larger than $S$, which a variance below zero would have to explain: standard errors are
# larger there, and less power is counted. The last numbers below are the share of 200 samples of a
# small pilot study whose fits are singular, and the least and the largest ratio of the two.

# %%
J, psi, S, mean, delta = sp.symbols("J psi S b delta", positive=True)
z, chi2 = (mean - delta) / sp.sqrt(psi / J), (J - 1) * S / psi
right = (z + delta * sp.sqrt(J / psi)) / sp.sqrt(chi2 / (J - 1))
check("eq:power-t", sp.simplify(right - mean / sp.sqrt(S / J)), 0, "symbolic", "all J")
far, nu, shift = stats.t.isf(0.025, 9), 9, 1.7


def beyond(root):
    """The chance of |t| > far where chi^2 / nu is root^2, times its density."""
    scaled = far * root
    return (stats.norm.sf(scaled - shift) + stats.norm.cdf(-scaled - shift)) * (
        stats.chi2.pdf(nu * root**2, nu) * 2 * nu * root
    )


integral = integrate.quad(beyond, 0, 8, epsabs=1e-13, epsrel=1e-13)[0]
link("eq:power-t", integral, power.exact_power(1.7, 1.0, 9), power.exact_power)

# %%
x = sleep.design.X[:10]
psi_hat = (sleep.varcorr["Subject"].cov + sleep.sigma**2 * np.linalg.inv(x.T @ x)).to_numpy()[1, 1]
found = sleep.power("Days", [0, 2.5, 5, 7.5], df=17, nsim=2000, seed=1)
exact = [power.exact_power(e, np.sqrt(psi_hat / 18), 17) for e in found.table["effect"]]
print(found)
print("exact:", *(f"{value:.4f}" for value in exact))

pilot = pd.DataFrame({"x": np.tile(np.arange(5.0), 8), "g": np.repeat(list("abcdefgh"), 5)})
pilot["y"] = np.random.default_rng(1).normal(size=40)
small = rm.lmer("y ~ x + (x | g)", pilot)
Y = small.simulate(200, seed=3).to_numpy()
again = small.refit(Y)
slopes = np.polyfit(np.arange(5.0), Y.reshape(8, 5, 200).transpose(1, 0, 2).reshape(5, -1), 1)[0]
S_hat = slopes.reshape(8, 200).var(axis=0, ddof=1)
ratios = again.vcov[:, 1, 1] / (S_hat / 8)
assert (ratios > 1 - 1e-6).all()
print(again.is_singular.mean(), ratios.min(), ratios.max())

# %% [markdown]
# ## What to take away
#
# - Draw effects anew, unless these very groups are meant: kept ones are shrunken.
# - Effects and residuals have to be given their variances before they are drawn.
# - 999 replicates at least for the ends of an interval, and say how many failed.
# - A power by simulation has an error, which is stated beside it.
#
# The code, in `after.draws`: `law`, `simulate`, `resample`, `samples`, `bootstrap`, `question` and
# `power`.
