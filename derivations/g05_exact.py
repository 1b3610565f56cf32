# %% [markdown]
# # The likelihood itself, with a proof
#
# Gauss and Hermite's rule is good, and nobody knows how good. The trapezoidal rule, the first that
# one learns, has an error that falls exponentially for the integrals of this model, and a bound of
# it that can be computed. So `likelihood="exact"` takes digits and finds nodes: as many as prove
# them.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from flint import acb, arb, ctx
from matplotlib.figure import Figure
from scipy import integrate, special
from scipy.optimize import minimize_scalar

import refmixed as rm
from refmixed.glm import links, strip
from refmixed.glm.families import Binomial, Gamma, Poisson
from refmixed.glm.model import Model
from refmixed.glm.pirls import mode
from refmixed.glm.quadrature import Quadrature, gauss_hermite, trapezoid

page("g05_exact")
x, y, t = sp.symbols("x y t", real=True)
h, Y, M, eps, L = sp.symbols("h Y M epsilon I", positive=True)

# %% [markdown]
# ## The trapezoidal rule on the line
#
# With a step $h$ the integral of $f$ is replaced by a sum,
#
# $$
# \int_{-\infty}^\infty f(z)\, dz \approx h \sum_{k=-\infty}^\infty f(k h) .
# $$ (eq:trapezoid)
#
# On an interval its error is of the order $h^2$, and all of that comes from the ends. On the line
# there are none. Poisson's summation formula says what is left: with the Fourier transform
# $\hat f(\omega) = \int f(z)\, e^{-i\omega z} dz$,
#
# $$
# h \sum_k f(k h) = \sum_m \hat f(2\pi m / h) ,
# $$ (eq:poisson-summation)
#
# and the term $m = 0$ is the integral. (The sum of $f(z + kh)$ over $k$ has the period $h$ in $z$;
# the terms are those of its Fourier series, at $z = 0$.) The link has a normal density about
# $b$, with $\hat f(\omega) = e^{-\omega^2/2 - i\omega b}$, and a step so large that three terms
# count.

# %%
b, far = 0.7, 2.5  # the step
m = np.arange(1, 6) * 2 * np.pi / far  # frequencies
right = 1 + 2 * (np.exp(-(m**2) / 2) * np.cos(m * b)).sum()
made = trapezoid(far, 8, 8)
left = np.exp(made.log_w - (made.z - b) ** 2 / 2).sum()
link("eq:poisson-summation", right, left, trapezoid)
made, f = trapezoid(0.5, 16, 20), lambda z: np.exp(-(z**2) / 2) / (2 + np.sin(z))
left = sum(0.5 * f(0.5 * k) for k in range(-16, 21)) / np.sqrt(2 * np.pi)
link("eq:trapezoid", left, np.exp(made.log_w) @ f(made.z), trapezoid)

# %% [markdown]
# ## A bound from the complex plane
#
# Let $f$ be analytic in the strip $|\operatorname{Im} z| \le Y$, fall off at its ends, and let
# $\int |f(x \pm iY)|\, dx \le M$ on its edges. By Cauchy's theorem the line on which $\hat f$ is
# integrated may be moved to an edge, down for $\omega > 0$ and up for $\omega < 0$. There
# $|e^{-i\omega z}| = e^{-|\omega| Y}$, so that $|\hat f(\omega)| \le M e^{-|\omega| Y}$. The terms
# $m \ne 0$ then add up to no more than
#
# $$
# \Bigl| h \sum_k f(k h) - \int f \Bigr| \le 2 M \sum_{m=1}^\infty e^{-2\pi m Y / h}
# = \frac{2M}{e^{2\pi Y / h} - 1} .
# $$ (eq:trapezoid-error)
#
# Half the step, and the error is squared. For an error of $\varepsilon I$, $I$ being the integral,
#
# $$
# h = \frac{2\pi Y}{\log\bigl( 1 + 2M / \varepsilon I \bigr)}
# $$ (eq:trapezoid-step)
#
# will do: the nodes are as many as the digits, times a factor. A wider strip allows a larger step,
# but $M$ grows with $Y$; so several $Y$ are tried. And $I$ is taken from a sum with some first
# step. If that was the smaller step, {eq}`eq:trapezoid-error` says that the sum was good enough; if
# not, the new sum takes its place, and the step is found again.

# %%
q = sp.Symbol("q", positive=True)  # exp(-2 pi Y / h)
check("eq:trapezoid-error", q / (1 - q), 1 / (1 / q - 1), "symbolic", "a geometric series")
stated = 2 * sp.pi * Y / sp.log(1 + 2 * M / (eps * L))
bound = 2 * M / (sp.exp(2 * sp.pi * Y / stated) - 1)
check("eq:trapezoid-step", sp.simplify(bound), eps * L, "symbolic", "any strip")

# %% [markdown]
# ## How large is the integrand off the line?
#
# With $z$ the distance from the mode in conditional standard deviations, as on the page before, and
# $u + iv = \hat u_j + c_j (x + iY)$, the predictor of row $i$ has the imaginary part $a_i v$. The
# normal density grows by $e^{v^2/2}$. For each family there is a $\kappa_i$ and a density
# $\tilde f$, of the same kind and still log-concave, with
# $|f(\eta + i a_i v)| \le e^{\kappa_i} \tilde f(\eta)$. Then
#
# $$
# \bigl| e^{-h_j(u + iv)} \bigr| \le e^{v^2/2 + \sum_i \kappa_i} e^{-\tilde h_j(u)}, \qquad
# \int e^{-\tilde h_j(u)} \frac{du}{\sqrt{2\pi}} \le e^{-\min \tilde h_j},
# $$ (eq:strip-modulus)
#
# the second since $\tilde h_j$, a convex function plus $u^2/2$, rises from its minimum at least as
# $u^2/2$ does. So $M$ costs the search for one more mode. In what follows
# $\eta + i y$ is any argument off the line.

# %%
z = x + sp.I * y
of_normal = sp.exp(sp.re(sp.expand(-(z**2) / 2)))
check(
    "eq:strip-modulus",
    of_normal,
    sp.exp(y**2 / 2) * sp.exp(-(x**2) / 2),
    "symbolic",
    "the normal density",
)
least = sp.Symbol("least", real=True)
below = sp.exp(-least - (x - t) ** 2 / 2) / sp.sqrt(2 * sp.pi)
area = sp.integrate(below, (x, -sp.oo, sp.oo))
check("eq:strip-modulus", sp.simplify(area), sp.exp(-least), "symbolic", "h~ a parabola, the worst")

# %% [markdown]
# ### Logit
#
# Both $p = 1/(1 + e^{-\eta})$ and $1 - p$ have a denominator of this kind:
#
# $$
# |1 + e^{\eta + iy}|^2 = \cos^2\tfrac y2\, (1 + e^\eta)^2 + \sin^2\tfrac y2\, (1 - e^\eta)^2
# \ge \cos^2\tfrac y2\, (1 + e^\eta)^2 .
# $$ (eq:strip-logit)
#
# So $|p(\eta + iy)| \le p(\eta) / \cos(y/2)$, the same with $1 - p$, for $|y| < \pi$, where the
# poles are: each trial adds $-\log\cos(y/2)$ to $\kappa$. At $\eta = 0$ the bound is attained.

# %%
E = sp.exp(x)
left = (1 + E * sp.cos(y)) ** 2 + (E * sp.sin(y)) ** 2
half = (1 + sp.cos(y)) / 2, (1 - sp.cos(y)) / 2  # the squares of cosine and sine of y / 2
right = half[0] * (1 + E) ** 2 + half[1] * (1 - E) ** 2
check("eq:strip-logit", sp.expand(left), right, "symbolic", "all y")
turns = np.linspace(-1.4, 1.4, 8)  # y
at_zero = np.log(np.abs(1 / (1 + np.exp(1j * turns))) * 2)
link("eq:strip-logit", at_zero, links.logistic_strip(turns).yes, links.logistic_strip)
link("eq:strip-logit", at_zero, links.logistic_strip(turns).no, links.logistic_strip)

# %% [markdown]
# ### Probit
#
# $\Phi(\eta + iy)$ is the integral of the density along the line to the left of $\eta + iy$, and
#
# $$
# |\varphi(s + iy)| = e^{y^2/2}\, \varphi(s), \qquad\text{so that}\qquad
# |\Phi(\eta + iy)| \le e^{y^2/2}\, \Phi(\eta) .
# $$ (eq:strip-probit)
#
# There are no poles, and the strip is as wide as one likes.

# %%
check("eq:strip-probit", of_normal, sp.exp(y**2 / 2 - x**2 / 2), "symbolic", "all y")
off = np.log(np.abs(np.exp(-((0.7 + 1j * turns) ** 2) / 2)) / np.exp(-(0.7**2) / 2))
link("eq:strip-probit", off, links.normal_strip(turns).yes, links.normal_strip)
link("eq:strip-probit", off, links.normal_strip(turns).no, links.normal_strip)

# %% [markdown]
# ### Complementary log-log
#
# Here $1 - p = e^{-w}$ and $p = 1 - e^{-w}$ with $w = e^{\eta + iy}$, whose real part is
# $e^\eta\cos y$. It is positive for $|y| < \pi/2$, and then
#
# $$
# |e^{-w}| = \bigl( e^{-e^\eta} \bigr)^{\cos y}, \qquad
# |1 - e^{-w}| = \Bigl| w \int_0^1 e^{-sw} ds \Bigr|
# \le \frac{|w|}{\operatorname{Re} w} \bigl( 1 - e^{-\operatorname{Re} w} \bigr)
# \le \frac{p(\eta)}{\cos y} .
# $$ (eq:strip-cloglog)
#
# A success adds $-\log\cos y$ to $\kappa$. In $\tilde f$ the logarithms of failures are multiplied
# by $\cos y$, which leaves them concave.

# %%
w, s, a = sp.symbols("w s a", positive=True)
integral = sp.integrate(sp.exp(-s * w), (s, 0, 1))
check("eq:strip-cloglog", w * integral, 1 - sp.exp(-w), "symbolic", "any w")
real = sp.re(sp.exp(z).expand(complex=True))
check("eq:strip-cloglog", sp.exp(-real), sp.exp(-E) ** sp.cos(y), "symbolic", "|1 - p|")
check("eq:strip-cloglog", E / real, 1 / sp.cos(y), "symbolic", "|w| / Re w")
found, w_ = links.extreme_strip(turns), np.exp(0.3 + 1j * turns)
link("eq:strip-cloglog", np.log(np.abs(w_) / w_.real), found.yes, links.extreme_strip)
failed = np.log(np.abs(np.exp(-w_))) / -np.exp(0.3) + found.no
link("eq:strip-cloglog", failed, found.slower, links.extreme_strip)

# %% [markdown]
# ### Counts and positive responses
#
# The logarithms of the Poisson and the gamma density are linear in $\eta$ but for one term,
#
# $$
# \bigl| e^{-e^{\eta + iy}} \bigr| = e^{-\cos y\; e^\eta} ,
# $$ (eq:strip-log)
#
# with $-\eta$ for $\eta$ in the gamma density. So $\kappa$ is zero, and $\tilde f$ has this term
# times $\cos y$.

# %%
check("eq:strip-log", real, sp.cos(y) * E, "symbolic", "the exponent")
counts, sizes = np.arange(8.0), np.linspace(0.2, 3.0, 8)


def log_moduli(kind):
    """log |f(eta + i y)| at eta = 0.4 up to what has no eta, by complex numbers."""
    eta = 0.4 + 1j * turns
    if kind == "Poisson":
        return (counts * eta - np.exp(eta)).real
    return (-(eta + sizes * np.exp(-eta)) / 0.7).real


OF_LOG = {"Poisson": Poisson(counts, np.ones(8)), "Gamma": Gamma(sizes, np.ones(8), 0.7)}
for kind, family in OF_LOG.items():
    kappa, soft = family.softened(turns)
    zero = {"Poisson": -special.gammaln(counts + 1), "Gamma": 0}[kind]
    if kind == "Gamma":
        zero = -special.gammaln(1 / 0.7) - np.log(0.7) / 0.7 + (1 / 0.7 - 1) * np.log(sizes)
    found = kappa + soft.log_density(np.full(8, 0.4)) - zero
    link("eq:strip-log", log_moduli(kind), found, type(family).softened)

# %% [markdown]
# How much do the two inequalities of probit and cloglog give away? The largest
# $|p(\eta + iy)|$ over its bound, for $\eta$ from -6 to 6:

# %%
etas = np.linspace(-6, 6, 241)[:, None]
LAWS = {
    "logit": (links.LOGIT, lambda w: 1 / (1 + np.exp(-w))),
    "probit": (links.PROBIT, lambda w: special.erfc(-w / np.sqrt(2)) / 2),
    "cloglog": (links.CLOGLOG, lambda w: -np.expm1(-np.exp(w))),
}
shown = {}
for name, (of_link, law) in LAWS.items():
    ratio = np.abs(law(etas + 1j * np.array([0.5, 1.0, 1.4]))) / of_link.mean(etas)
    shown[name] = (ratio / np.exp(of_link.strip(np.array([0.5, 1.0, 1.4])).yes)).max(axis=0)
print(pd.DataFrame(shown, index=["y = 0.5", "1.0", "1.4"]).T.round(3))

# %% [markdown]
# ## The ends
#
# A sum must end somewhere. Minus the logarithm of the integrand is convex, so that beyond a node it
# rises in each step by no less than its slope there. With $d$ for the slope times the step, what is
# left out beyond the node is at most
#
# $$
# \sum_{k=1}^\infty e^{-h_j(u_{N+k})} \le e^{-h_j(u_N)} \sum_{k=1}^\infty e^{-kd}
# = \frac{e^{-h_j(u_N)}}{e^d - 1} .
# $$ (eq:trapezoid-ends)
#
# The rule goes on to each side until this is small enough.

# %%
d = sp.Symbol("d", positive=True)
rest = sp.Symbol("S")
(series,) = sp.solve(sp.Eq(rest, sp.exp(-d) * (1 + rest)), rest)  # the first term, and the rest
check("eq:trapezoid-ends", series, 1 / (sp.exp(d) - 1), "symbolic", "a geometric series")

# %% [markdown]
# ## The rule in the code
#
# The links take each family through these bounds once more, with scipy for the integral and the
# minimum: a step from {eq}`eq:trapezoid-step`, the widest of those from several strips, and as many
# nodes as {eq}`eq:trapezoid-ends` asks for.

# %%
rng = np.random.default_rng(5)
rows, THETA, ERROR = 16, 0.9, 1e-9
data = pd.DataFrame({"y": rng.normal(size=rows), "g": np.repeat(list("abcd"), 4)})
data["z"] = rng.uniform(0.5, 1.5, rows)
design = rm.design("y ~ 1 + (0 + z | g)", data)
trials = rng.integers(1, 5, rows).astype(float)
successes = rng.binomial(trials.astype(int), 0.3).astype(float)
FAMILIES = {name: Binomial(of_link, successes, trials) for name, (of_link, _) in LAWS.items()}
FAMILIES["Poisson"] = Poisson(rng.poisson(2.0, rows).astype(float), np.ones(rows))
FAMILIES["Gamma"] = Gamma(rng.gamma(2.0, 1.0, rows), np.ones(rows))
own_rows = [np.flatnonzero(data["g"] == name) for name in "abcd"]


def h_of(at, family, j):
    """h_j of a number u, with another density perhaps."""
    a = data["z"].to_numpy() * THETA
    return lambda u: u**2 / 2 - family.log_density(at.at.fixed + a * u)[own_rows[j]].sum()


def log_area(of_h, start):
    """log of the integral of exp(-h) du / root(2 pi)."""
    top = of_h(start)
    area, _ = integrate.quad(lambda u: np.exp(top - of_h(u)), -10, 10, epsabs=1e-12)
    return np.log(area / np.sqrt(2 * np.pi)) - top


def step_of(at, j, c, share):
    """The step of eq:trapezoid-step, from a share of the widest strip."""
    family, a = at.at.family, data["z"].to_numpy() * THETA * (data["g"] == "abcd"[j]).to_numpy()
    Y = share * min(family.half_width / (a.max() * c), strip.WIDEST)
    kappa, soft = family.softened(a * c * Y)
    least = minimize_scalar(h_of(at, soft, j), (-1, 1), tol=1e-10).fun
    log_M = (c * Y) ** 2 / 2 + kappa.sum() - least
    ratio = 2 / ERROR * np.exp(log_M - log_area(h_of(at, family, j), at.u[j]))
    return 2 * np.pi * Y / np.log1p(ratio)


def are_done(rough, step, count, side):
    """Whether eq:trapezoid-ends is small enough in all groups."""
    at = rough.mode
    for j, c in enumerate(rough.c):
        of_h = h_of(at, at.at.family, j)
        u, width = at.u[j] + side * count * step * c, 1e-5 * c
        d = side * (of_h(u + width) - of_h(u - width)) / (2 * width) * c * step
        area = np.exp(log_area(of_h, at.u[j])) * np.sqrt(2 * np.pi) / (c * step)
        if d <= 0 or np.exp(-of_h(u)) / np.expm1(d) / area > ERROR / 2:
            return False
    return True


for family in FAMILIES.values():
    psi = [0.2, THETA, *[-0.3] * isinstance(family, Gamma)]
    at = mode(Model(design, family).at(np.array(psi)))
    rough = Quadrature(at, strip.FIRST)
    own = np.array([[step_of(at, j, c, s) for s in strip.SHARES] for j, c in enumerate(rough.c)])
    middle = strip.step_in(rough, strip.SHARES[4], ERROR)
    link("eq:strip-modulus", own[:, 4], middle, strip.step_in)
    link("eq:trapezoid-step", own[:, 4], middle, strip.step_in)
    link("eq:trapezoid-error", own.max(axis=1), strip.steps(rough, ERROR), strip.steps)
    made = strip.finer(rough, ERROR)
    tried = [8]  # the numbers of nodes that the code tries
    while tried[-1] < len(made.z):
        tried.append(tried[-1] + 1 + tried[-1] // 8)
    step = own.max(axis=1).min()
    ends = [next(n for n in tried if are_done(rough, step, n, side)) for side in (-1, 1)]
    link("eq:trapezoid-ends", ends, [-made.z[0] / step, made.z[-1] / step], strip.reach)

# %% [markdown]
# ## Is it true?
#
# The likelihood of cbpp by ball arithmetic: `acb.integral` encloses each integral in a ball, by
# bounds that it finds itself and that are not those of this page. The parameters are the estimates,
# which as doubles are rational numbers.

# %%
ctx.prec = 160  # bits
cbpp = rm.load_dataset("cbpp")
fit = rm.glmer("cbind(incidence, size - incidence) ~ period + (1 | herd)", cbpp, likelihood="exact")
at = fit.likelihood.mode
herds = [np.flatnonzero(at.at.model.rows.places[:, 0] == j) for j in range(at.at.model.rows.q)]


def enclosed(own):
    """The likelihood of the rows of a herd, a ball: |u| <= 16 by integration, the rest below it."""
    family, theta = at.at.family, acb(float(at.at.theta[0]))
    ways = arb(1)
    for n, s in zip(family.trials[own], family.successes[own], strict=True):
        ways *= special.comb(int(n), int(s), exact=True)

    def integrand(u, _):
        f = (-u * u / 2).exp()
        for i in own:
            p = 1 / (1 + (-(acb(float(at.at.fixed[i])) + theta * u)).exp())
            s, n = int(family.successes[i]), int(family.trials[i])
            f *= p**s * (1 - p) ** (n - s)
        return f

    inside = acb.integral(integrand, -16, 16).real / (2 * arb.pi()).sqrt()
    beyond = arb(0, 1) * (arb(-128)).exp()  # f is at most the normal density
    return ways * (inside + beyond)


truth = sum((enclosed(own).log() for own in herds), arb(0))
print(truth.str(30))

# %% [markdown]
# And what the rule makes of it. What is promised is the error of all herds together. What is found
# is smaller by two digits and more: the worst herd sets the step for all, and in the strip the
# modulus is below its bound nearly everywhere.

# %%
DIGITS = [2, 4, 6, 8, 10, 12]
rules = [strip.rule(at, digits) for digits in DIGITS]
found = pd.DataFrame({"digits": DIGITS, "nodes": [len(made.z) for made in rules]})
found["step"] = [round(made.z[1] - made.z[0], 3) for made in rules]
found["promised"] = [10.0**-digits for digits in DIGITS]
found["found"] = [abs(float(arb(-Quadrature(at, made).value) - truth)) for made in rules]
print(
    found.to_string(index=False, formatters=dict.fromkeys(["promised", "found"], "{:.0e}".format))
)

# %% mystnb={"image": {"alt": "both rules gain digits with nodes; one has a bound above its error"}}
figure = Figure(figsize=(6.5, 3.2), layout="constrained")
axes = figure.subplots()
axes.semilogy(found["nodes"], found["promised"], "--", color="#d55e00", label="trapezoidal, bound")
axes.semilogy(found["nodes"], found["found"], "o-", color="#d55e00", label="trapezoidal")
NODES = [3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23]
others = [float(abs(arb(-Quadrature(at, gauss_hermite(N)).value) - truth)) for N in NODES]
axes.semilogy(NODES, others, "s-", color="#0072b2", label="Gauss and Hermite")
axes.set(xlabel="nodes", ylabel="error of the log-likelihood")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
figure

# %% [markdown]
# Two more digits cost six or eight nodes, and rounding ends it at thirteen. Hermite's nodes do
# better with few, and nobody can tell by how much. The bounds are proved for real numbers and
# evaluated in doubles, as the rest of a fit: what rounding does is not in them. The proofs of
# {doc}`d13_certificate` count that, too.
#
# ## What to take away
#
# The trapezoidal rule on the line errs by what the integrand's Fourier transform is at multiples of
# $2\pi/h$, and that is bounded by the integrand's size off the line. For logit, probit, cloglog and
# log links the size is known from a line of algebra. So the likelihood of a model with one scalar
# effect a group can be had exactly, and Laplace's approximation be measured against it.
#
# Code: `strip.rule`, the `softened` of each family, `links.Strip`.
