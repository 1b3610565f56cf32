# %% [markdown]
# # Quadrature: more nodes than Laplace's one
#
# With one scalar random effect a group the likelihood is a product of integrals over the line. This
# page puts a weighted sum in place of each, at nodes that lie where the integrand is. One node is
# Laplace's approximation, and a handful has more digits than a report prints. That holds only if
# the nodes move with the parameters, and then the gradient has to know of it.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from matplotlib.figure import Figure
from scipy import integrate, stats
from scipy.special import logsumexp

import refmixed as rm
from refmixed.glm.families import Binomial, Gamma, Poisson
from refmixed.glm.laplace import Laplace
from refmixed.glm.links import CLOGLOG, LOGIT, PROBIT
from refmixed.glm.model import Model
from refmixed.glm.pirls import mode
from refmixed.glm.quadrature import Quadrature, gauss_hermite
from refmixed.glm.strip import rule as with_digits

page("g04_quadrature")
R = sp.Rational

# %% [markdown]
# ## What is to be integrated
#
# The groups share no random effect. With $a_i = z_i\theta$, and sums over the rows of group $j$,
# the likelihood of these rows is
#
# $$
# L_j = \int e^{-h_j(u)}\, \frac{du}{\sqrt{2\pi}}, \qquad
# h_j(u) = \frac{u^2}{2} - \sum_i \log f(y_i \mid \eta_i = x_i^\top\beta + a_i u) .
# $$ (eq:level-likelihood)
#
# The links use a model of each family: five groups of unequal size, an offset, and a predictor that
# the effect varies with. The numbers beside them come from scipy's densities.

# %%
rng = np.random.default_rng(4)
rows = 24
data = pd.DataFrame({"x": rng.normal(size=rows), "z": rng.uniform(0.5, 1.5, rows)})
data["g"] = np.repeat(list("abcde"), [3, 4, 5, 5, 7])
trials, weights = rng.integers(1, 6, rows).astype(float), np.ones(rows)
successes = rng.binomial(trials.astype(int), 0.4).astype(float)
counts, sizes = rng.poisson(2.0, rows).astype(float), rng.gamma(2.0, 1.0, rows)
design = rm.design("x ~ x + (0 + z | g)", data, offset=rng.normal(0.0, 0.3, rows))
FAMILIES = {
    "logit": Binomial(LOGIT, successes, trials),
    "probit": Binomial(PROBIT, successes, trials),
    "cloglog": Binomial(CLOGLOG, successes, trials),
    "Poisson": Poisson(counts, weights),
    "Gamma": Gamma(sizes, weights),
}
LAWS = {
    "logit": lambda eta: stats.binom.logpmf(successes, trials, stats.logistic.cdf(eta)),
    "probit": lambda eta: stats.binom.logpmf(successes, trials, stats.norm.cdf(eta)),
    "cloglog": lambda eta: stats.binom.logpmf(successes, trials, stats.gumbel_l.cdf(eta)),
    "Poisson": lambda eta: stats.poisson.logpmf(counts, np.exp(eta)),
    "Gamma": lambda eta: stats.gamma.logpdf(sizes, 1 / 0.6, scale=0.6 * np.exp(eta)),
}
X, z = design.X, data["z"].to_numpy()
groups = [np.flatnonzero(data["g"] == name) for name in "abcde"]
THETA = 0.8


def model_of(name, dialect="observed"):
    """The mode of u, at parameters of the page."""
    model = Model(design, FAMILIES[name], dialect)
    psi = [0.3, -0.4, THETA, *[np.log(0.6)] * (name == "Gamma")]
    return mode(model.at(np.array(psi)))


def h_of(name, at, j):
    """h_j by the definition, of numbers u."""
    law = LAWS[name]
    return lambda u: u**2 / 2 - law(at.at.fixed + z * THETA * u)[groups[j]].sum()


MODES = {name: model_of(name) for name in FAMILIES}
for name, at in MODES.items():
    left = []
    for j in range(5):
        h = h_of(name, at, j)
        top = h(at.u[j])
        area, _ = integrate.quad(lambda u, h=h, top=top: np.exp(top - h(u)), -9, 9, epsabs=1e-12)
        left.append(np.log(area / np.sqrt(2 * np.pi)) - top)
    many = Quadrature(at, with_digits(at, 12))
    link("eq:level-likelihood", left, many.by_levels, Quadrature.by_levels)

# %% [markdown]
# ## Gauss and Hermite's rule
#
# A rule of $N$ nodes $z_k$ and weights $p_k$ stands for the mean of a function of a standard normal
# $Z$. If the nodes are the zeros of Hermite's polynomial $\mathit{He}_N$, and
#
# $$
# p_k = \frac{N!}{\bigl(N\, \mathit{He}_{N-1}(z_k)\bigr)^2}, \qquad\text{then}\qquad
# \sum_k p_k z_k^r = \operatorname{E} Z^r, \quad r = 0, \ldots, 2N - 1 .
# $$ (eq:gauss-hermite)
#
# That is twice as many powers as $N$ weights alone could serve. Divide a polynomial of degree
# $2N-1$ by $\mathit{He}_N$. The remainder, of degree $N - 1$, the weights take care of. The
# quotient has a degree below $N$, so that its product with $\mathit{He}_N$ has the mean zero, the
# polynomials being orthogonal; and at the nodes it is zero. At the power $2N$ the rule is too
# small, by $N!$.

# %%
Zs = sp.Symbol("z")


def hermite(N):
    """He_N."""
    return sp.expand(2 ** sp.Rational(-N, 2) * sp.hermite(N, Zs / sp.sqrt(2)))


def moment(r):
    """E Z^r."""
    return sp.factorial2(r - 1) if r % 2 == 0 else sp.Integer(0)


for N in (1, 2, 3, 4):
    nodes = sp.solve(hermite(N), Zs)
    p = [sp.factorial(N) / (N * hermite(N - 1).subs(Zs, k)) ** 2 for k in nodes]
    left = [sum(w * k**r for w, k in zip(p, nodes, strict=True)) for r in range(2 * N + 1)]
    right = [moment(r) for r in range(2 * N + 1)]
    right[-1] -= sp.factorial(N)
    check("eq:gauss-hermite", left, right, "exact", f"N = {N}")

for N in (3, 9):
    made = gauss_hermite(N)
    p = np.exp(made.log_w - made.z**2 / 2)
    left = [float(moment(r)) for r in range(2 * N)]
    link("eq:gauss-hermite", left, [p @ made.z**r for r in range(2 * N)], gauss_hermite)

# %% [markdown]
# ## About the mode
#
# The integrand is no normal density times a polynomial about zero. About its mode $\hat u_j$ it
# nearly is. With $c_j = G_j^{-1/2}$ (where $G_j$ is the $1 + \sum_i a_i^2 w_i$ of Laplace's
# approximation, whose weights $w_i$ are the dialect's) substitute $u = \hat u_j + c_j z$, and
# multiply and divide by the normal density:
#
# $$
# L_j \approx c_j \sum_k w_k\, e^{-h_j(\hat u_j + c_j z_k)}, \qquad w_k = p_k\, e^{z_k^2/2} .
# $$ (eq:agq)
#
# This is adaptive quadrature. If $h_j$ is a parabola, $h_j(\hat u_j) + (u-\hat u_j)^2 / 2 c_j^2$,
# the sum is exact for any $N$. With $N = 1$ the only node is $z = 0$, with the weight one:
#
# $$
# l_j = \log c_j - h_j(\hat u_j) ,
# $$ (eq:one-node)
#
# which is {eq}`eq:laplace`. So Laplace's approximation is quadrature with one node, and two or more
# ask how far $h_j$ is from a parabola.

# %%
c, h0 = sp.symbols("c h_0", positive=True)
u = sp.Symbol("u", real=True)
nodes, p = [-sp.sqrt(3), 0, sp.sqrt(3)], [sp.Rational(1, 6), sp.Rational(2, 3), sp.Rational(1, 6)]
parabola = h0 + u**2 / (2 * c**2)
true = sp.integrate(sp.exp(-parabola) / sp.sqrt(2 * sp.pi), (u, -sp.oo, sp.oo))
pairs = list(zip(nodes, p, strict=True))
found = c * sum(w * sp.exp(k**2 / 2 - parabola.subs(u, c * k)) for k, w in pairs)
check("eq:agq", true, sp.simplify(found), "symbolic", "N = 3, h a parabola")

for name, at in MODES.items():
    made, left = gauss_hermite(5), []
    G = [1 + (at.weights.W * (z * THETA) ** 2)[own].sum() for own in groups]
    for j in range(5):
        h, c_j = h_of(name, at, j), G[j] ** -0.5
        terms = [np.exp(w - h(at.u[j] + c_j * k)) for k, w in zip(made.z, made.log_w, strict=True)]
        left.append(np.log(c_j * sum(terms)))
    link("eq:agq", left, Quadrature(at, made).by_levels, Quadrature.by_levels)
    one = Quadrature(at, gauss_hermite(1))
    left = [-np.log(G[j]) / 2 - h_of(name, at, j)(at.u[j]) for j in range(5)]
    link("eq:one-node", left, one.by_levels, Quadrature.by_levels)
    link("eq:one-node", -sum(left), Laplace(at).value, Laplace.value)

# %% [markdown]
# ## Nodes that stay where they are
#
# Early programs put the nodes about zero, $u = z_k$, for all groups and all parameters. Here is the
# error of the log-likelihood of cbpp (15 herds, counts of sick animals) by both, at the estimates.

# %%
cbpp = rm.load_dataset("cbpp")
FORMULA = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
fit = rm.glmer(FORMULA, cbpp, likelihood="exact")
at = fit.likelihood.mode
truth = -Quadrature(at, with_digits(at, 13)).value


def about_zero(made):
    """The log-likelihood with u = z_k."""
    eta = at.at.fixed + at.at.loaded.a[:, 0] * made.z[:, None]  # (N, n)
    log_f = Quadrature(at, made).by_level(at.at.family.log_density(eta))  # (N, levels)
    log_p = made.log_w - made.z**2 / 2
    return logsumexp(log_p[:, None] + log_f, axis=0).sum()


NODES = np.array([1, 2, 3, 5, 7, 9, 15, 25, 35])
found = pd.DataFrame({"nodes": NODES})
rules = [gauss_hermite(int(N)) for N in NODES]
found["about the mode"] = [-Quadrature(at, made).value - truth for made in rules]
found["about zero"] = [about_zero(made) - truth for made in rules]
print(found.to_string(index=False, float_format="{:.1e}".format))

# %% [markdown]
# Fifteen nodes about the mode have ten digits, and 35 about zero have six. A herd of thirty
# animals leaves its effect little room, between nodes that were laid out for all herds. The errors
# have no one sign: a rule with few nodes is neither a lower nor an upper bound.

# %% mystnb={"image": {"alt": "about the mode the error falls to rounding, about zero slowly"}}
figure = Figure(figsize=(6.5, 3.2), layout="constrained")
axes = figure.subplots()
for column, colour, mark in (("about the mode", "#d55e00", "o"), ("about zero", "#0072b2", "s")):
    error = found[column].abs().clip(lower=1e-14)
    axes.semilogy(found["nodes"], error, color=colour, marker=mark, label=column)
axes.set(xlabel="nodes", ylabel="error of the log-likelihood")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
figure

# %% [markdown]
# ## The nodes move
#
# The search for the maximum needs the gradient. A parameter changes $h_j$ at each node; and it
# moves the nodes, whose mode $\hat u_j$ and scale $c_j$ depend on it. Let
# $P_k = w_k e^{-h_j(u_k)} / \sum_l w_l e^{-h_j(u_l)}$ be the shares of the sum, $\dot w_i$ the
# slope of a weight in $\eta_i$, and $s_i$ the score, the slope of $\log f$. Through the scale,
# $G_j$ moves $-l_j$ by
#
# $$
# -\frac{\partial l_j}{\partial G_j}
# = \frac{1}{2 G_j} \Bigl( 1 - c_j \sum_k P_k z_k h_j'(u_k) \Bigr) .
# $$ (eq:agq-scale)
#
# The mode moves all nodes at once, and the weights in $G_j$, too. With $t_j$ for the slope above,
#
# $$
# -\frac{d l_j}{d \hat u_j} = \sum_k P_k h_j'(u_k) + t_j \sum_i a_i^3 \dot w_i .
# $$ (eq:agq-mode)
#
# The mode follows a parameter $\psi$ by $d\hat u_j/d\psi = -\partial_\psi h_j'(\hat u_j) / H_j$,
# $H_j$ being $h_j''$ at the mode. So let $r_j$ be {eq}`eq:agq-mode` over $H_j$, and with $W_i$ the
# observed weights (those of $H_j$, whatever the dialect of $G_j$) let
# $\tau_i = t_j a_i^2 \dot w_i - W_i a_i r_j$. Then
#
# $$
# -\frac{\partial l}{\partial \beta}
# = \sum_i x_i \Bigl( \tau_i - \sum_k P_k s_{ik} \Bigr) ,
# $$ (eq:agq-beta)
#
# $$
# -\frac{\partial l}{\partial \theta} = \sum_i z_i \Bigl( -\sum_k P_k s_{ik} u_{jk}
# + 2 t_j a_i w_i + \tau_i \hat u_j + s_i r_j \Bigr) ,
# $$ (eq:agq-theta)
#
# where $s_{ik}$ is the score at node $k$, and $s_i$ that at the mode.
#
# The check has a group of two rows, in fractions, and any rule of two nodes with any shares; the
# weights of $G_j$ are not those of $H_j$. It differentiates along the curve on which nodes move.

# %%
t, c = sp.symbols("t c", positive=True)
P1, *ks = sp.symbols("P1 k1 k2")  # shares, and nodes
P = (P1, 1 - P1)
uh, th, xs, zs = R(3, 5), R(2, 3), (R(1, 2), R(-4, 3)), (R(3, 2), R(5, 4))
a = [th * one for one in zs]
s = ((uh - a[1] * R(1, 7)) / a[0], R(1, 7))  # the mode is where they sum to it
W, W_dot = (R(2, 5), R(3, 7)), (R(1, 3), R(-1, 4))  # observed weights and their slopes
w_dot = (R(2, 9), R(-1, 6))  # those of the dialect
w = (R(1, 2), (c**-2 - 1 - a[0] ** 2 / 2) / a[1] ** 2)  # such that c is the scale
moves = {"beta": (1, 0), "theta": (0, 1)}


def displaced(u, of_beta, of_theta):
    """By how much each eta is off that at the mode, at parameters beta + t or theta + t."""
    return [
        x * of_beta * t + one * ((th + of_theta * t) * u - th * uh)
        for x, one in zip(xs, zs, strict=True)
    ]


def h(u, off):
    """h up to a constant, of displacements."""
    terms = zip(s, W, W_dot, off, strict=True)
    return u**2 / 2 - sum(a1 * o - a2 * o**2 / 2 - a3 * o**3 / 6 for a1, a2, a3, o in terms)


def G(u, off, of_theta):
    """1 + sum a^2 w."""
    terms = zip(zs, w, w_dot, off, strict=True)
    return 1 + sum(((th + of_theta * t) * one) ** 2 * (b + d * o) for one, b, d, o in terms)


def scores(u):
    """Slopes of log f where u is."""
    terms = zip(s, W, W_dot, displaced(u, 0, 0), strict=True)
    return [a1 - a2 * o - a3 * o**2 / 2 for a1, a2, a3, o in terms]


def along(of_beta, of_theta):
    """-dl/dt, the mode and the scale following."""
    slope = h(u, displaced(u, of_beta, of_theta)).diff(u)
    u_dot = -(slope.diff(t) / slope.diff(u)).subs(u, uh).subs(t, 0)
    path = uh + u_dot * t
    at_mode = G(path, displaced(path, of_beta, of_theta), of_theta)
    c_dot = -(c**3) / 2 * at_mode.diff(t).subs(t, 0)
    nodes = [path + (c + c_dot * t) * k for k in ks]
    h_dot = [h(n, displaced(n, of_beta, of_theta)).diff(t).subs(t, 0) for n in nodes]
    return -c_dot / c + sum(p * d for p, d in zip(P, h_dot, strict=True))


u_k = [uh + c * k for k in ks]
slopes = [h(u, displaced(u, 0, 0)).diff(u).subs(u, one) for one in u_k]  # h' at the nodes
half = c**2 / 2 * (1 - c * sum(p * k * d for p, k, d in zip(P, ks, slopes, strict=True)))
H = 1 + sum(one**2 * b for one, b in zip(a, W, strict=True))
of_mode = sum(p * d for p, d in zip(P, slopes, strict=True))
of_mode += half * sum(one**3 * d for one, d in zip(a, w_dot, strict=True))
r = of_mode / H
tau = [half * one**2 * d - b * one * r for one, d, b in zip(a, w_dot, W, strict=True)]
mean_score = [sum(p * scores(n)[i] for p, n in zip(P, u_k, strict=True)) for i in (0, 1)]
mean_su = [sum(p * scores(n)[i] * n for p, n in zip(P, u_k, strict=True)) for i in (0, 1)]
by_theta = [-mean_su[i] + 2 * half * a[i] * w[i] + tau[i] * uh + s[i] * r for i in (0, 1)]
sizes = "two rows, two nodes"
STATED = {
    "eq:agq-beta": sum(xs[i] * (tau[i] - mean_score[i]) for i in (0, 1)),
    "eq:agq-theta": sum(zs[i] * by_theta[i] for i in (0, 1)),
}
for tag, way in zip(STATED, moves.values(), strict=True):
    check(tag, along(*way), STATED[tag], "exact", sizes)

g = sp.Symbol("G", positive=True)
scaled = [h(u, displaced(u, 0, 0)).subs(u, uh + k / sp.sqrt(g)) for k in ks]
left = sp.log(g).diff(g) / 2 + sum(p * one.diff(g) for p, one in zip(P, scaled, strict=True))
check("eq:agq-scale", left.subs(g, c**-2), half, "exact", sizes)
v = sp.Symbol("v")  # the mode, moved, and with it the scale
at_v = G(v, displaced(v, 0, 0), 0).diff(v).subs(v, uh)
moved = [v + (c - c**3 / 2 * at_v * (v - uh)) * k for k in ks]
h_dot = [h(n, displaced(n, 0, 0)).diff(v).subs(v, uh) for n in moved]
left = c**2 / 2 * at_v + sum(p * d for p, d in zip(P, h_dot, strict=True))
check("eq:agq-mode", left, of_mode, "exact", sizes)

# %% [markdown]
# In the code these are sums over all rows. The links have both dialects.


# %%
def gradients(at, made):
    """Of each equation what it says, row by row in loops."""
    local, W, w = at.local, at.local.observed.W, at.weights
    found = {"scale": np.zeros(5), "mode": np.zeros(5), "beta": np.zeros(2), "theta": 0.0}
    for j, own in enumerate(groups):
        a = z[own] * THETA
        G, H = 1 + a**2 @ w.W[own], 1 + a**2 @ W[own]
        u = at.u[j] + made.z / np.sqrt(G)
        each = [at.at.family.at(at.at.fixed + z * THETA * one) for one in u]
        s = np.array([one.score[own] for one in each])  # (N, rows)
        h = u**2 / 2 - [one.log[own].sum() for one in each]
        P = np.exp(made.log_w - h) / np.exp(made.log_w - h).sum()
        slope = u - s @ a  # h'
        t = (1 - (P * made.z) @ slope / np.sqrt(G)) / (2 * G)
        r = (P @ slope + t * a**3 @ w.slope[own]) / H
        tau = t * a**2 * w.slope[own] - W[own] * a * r
        of_theta = -(P * u) @ s + 2 * t * a * w.W[own] + tau * at.u[j] + local.score[own] * r
        found["scale"][j], found["mode"][j] = t, r
        found["beta"] += X[own].T @ (tau - P @ s)
        found["theta"] += z[own] @ of_theta
    return found


CASES = [(name, dialect) for name in FAMILIES for dialect in ("observed", "expected")]
for name, dialect in CASES:
    at, made = model_of(name, dialect), gauss_hermite(3)
    left, right = gradients(at, made), Quadrature(at, made)
    link("eq:agq-scale", left["scale"], right.half, Quadrature.half)
    link("eq:agq-mode", left["mode"], right.pull, Quadrature.pull)
    link("eq:agq-beta", left["beta"], right.gradient_beta, Quadrature.gradient_beta)
    link("eq:agq-theta", [left["theta"]], right.gradient_theta, Quadrature.gradient_theta)

# %% [markdown]
# ## With many nodes it does not matter that they move
#
# An integral does not depend on where its nodes are. Both slopes {eq}`eq:agq-scale` and
# {eq}`eq:agq-mode` are errors of the rule: for the integral itself they vanish, as
#
# $$
# \bigl( 1 - c\, z\, h'(\hat u + c z) \bigr)\, e^{-h(\hat u + c z)}
# = \frac{d}{dz} \Bigl( z\, e^{-h(\hat u + c z)} \Bigr)
# $$ (eq:agq-vanish)
#
# integrates to zero, and so does $h' e^{-h}$. What is left of {eq}`eq:agq-beta` is
# $-\sum_i x_i \operatorname{E}[s_i \mid y]$: the slope of a log-likelihood is the mean of the
# complete data's slope, given the data. For cbpp, the bracket of {eq}`eq:agq-scale` in the herd
# where it is farthest from zero:

# %%
hz, uz = sp.Function("h"), sp.Symbol("uh")
inside = hz(uz + c * Zs)
slope = inside.diff(Zs) / c
left = (1 - c * Zs * slope) * sp.exp(-inside)
right = (Zs * sp.exp(-inside)).diff(Zs)
check("eq:agq-vanish", left, right, "general", "any h", text_only=True)

at = fit.likelihood.mode
for made in rules:
    here = Quadrature(at, made)
    bracket = 2 * here.half / here.inverse_G
    print(f"{len(made.z):2} nodes: {np.abs(bracket).max():.1e}")

# %% [markdown]
# ## How many nodes
#
# The estimates of cbpp, and what the log-likelihood at them is by the rule itself:

# %%
fits = {f"{N} nodes": rm.glmer(FORMULA, cbpp, nagq=N) for N in (1, 3, 5, 9, 15)} | {"exact": fit}
numbers = {
    name: {"sd of herds": one.theta.iloc[0], "intercept": one.beta.iloc[0], "loglik": one.loglik}
    for name, one in fits.items()
}
print(pd.DataFrame(numbers).T.to_string(float_format="{:.7f}".format))

# %% [markdown]
# A node costs one more evaluation of the densities, for all groups at once. That is so with one
# scalar effect a group: $k$ effects take $N^k$ nodes, and factors that cross leave no integral of a
# few dimensions at all. There Laplace's approximation is what there is. The next page gives up
# Hermite's nodes, and has a bound of the error in return.
#
# ## What to take away
#
# Put the nodes where the integrand is: one of them is Laplace's approximation, and nine are plenty
# for cbpp. The error has no one sign, and no bound that anyone could compute. Log-likelihoods by
# different numbers of nodes are different functions: models are not to be compared across them.
#
# Code: `quadrature.gauss_hermite`, `quadrature.Quadrature`.
