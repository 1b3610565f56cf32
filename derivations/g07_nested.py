# %% [markdown]
# # Two effects a row
#
# Where groups lie in groups, as in `(1 | b/a)`, or an intercept and a slope vary together, as in
# `(x | b)`, each row has two effects, and the likelihood is an integral in an integral. The rule of
# the page before does for both.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed.glm import strip
from refmixed.glm.families import Poisson
from refmixed.glm.model import Model
from refmixed.glm.nested import Nested
from refmixed.glm.pair import Pair
from refmixed.glm.pirls import mode

page("g07_nested")
rng = np.random.default_rng(7)
rows = 24
data = pd.DataFrame({"x": rng.normal(size=rows), "b": np.repeat(list("uvw"), 8)})
data["a"] = data["b"] + np.tile(np.repeat(list("123"), [3, 3, 2]), 3)
design = rm.design("x ~ x + (1 | a) + (1 | b)", data)
counts = rng.poisson(2.0, rows).astype(float)
model = Model(design, Poisson(counts, np.ones(rows)))
beta, theta = np.array([0.5, 0.3]), np.array([0.6, 0.4])
at = mode(model.at(np.concatenate([beta, theta])))
pair = Pair.of(model.rows)
found = Nested(at, pair, strip.FIRST, strip.FIRST)

# %% [markdown]
# ## An integral in an integral
#
# Let $v$ be the spherical effect of the outer level $b$, and $u_j$ those of the inner levels $j$
# within it. Given $v$ these are independent, so that the integral over all of them is a product,
#
# $$
# \ell_b = \log \int \phi(v) \prod_{j \in b} I_j(v)\, dv, \qquad
# I_j(v) = \int \phi(u) \prod_{i \in j} f_i(\eta_i)\, du ,
# $$ (eq:nested-integral)
#
# with
#
# $$
# \eta_i = \bigl( o_i + X_i' \beta + a_{i2} v \bigr) + a_{i1} u .
# $$ (eq:nested-given)
#
# The bracket is an offset: given $v$, what is left is a model of one effect a level, with modes of
# its own, and the rule of {eq}`eq:trapezoid` about each of them. Of `(x | b)` each outer level has
# one inner level, itself; $a_{i1}$ and $a_{i2}$ are the two columns of $Z\Lambda$. The link sums
# over a grid.

# %%
GRID = np.linspace(-9, 9, 181)  # a step of 0.1
log_phi = np.log(0.1 / np.sqrt(2 * np.pi)) - GRID**2 / 2
inner, outer = (data[name].astype("category").cat.codes.to_numpy() for name in "ab")
fixed = design.X @ beta


def log_joint(b):
    """log phi(u) f on a grid (v, u), for each inner level of b."""
    eta = fixed + theta[1] * GRID[:, None, None] + theta[0] * GRID[:, None]  # (v, u, n)
    log_f = model.family.log_density(eta)
    return [log_phi + log_f[:, :, inner == j].sum(axis=2) for j in np.unique(inner[outer == b])]


def over_u(b):
    """log phi(v) and the logarithms of the inner integrals, on a grid of v."""
    return log_phi + sum(np.log(np.exp(g).sum(axis=1)) for g in log_joint(b))


own = [np.log(np.exp(over_u(b)).sum()) for b in range(3)]
link("eq:nested-integral", own, found.by_levels, Nested.by_levels)
V = rng.normal(size=(5, 3))
link("eq:nested-given", fixed + theta[1] * V[:, outer],
     pair.given(at.at, V).fixed.reshape(5, rows), Pair.given)  # fmt: skip

# %% [markdown]
# ## The gradient
#
# By Laplace and by a few nodes the gradient must know that the nodes move. The likelihood itself
# has no nodes. Its slope in a parameter $\psi$ is a posterior mean, Fisher's identity:
#
# $$
# \frac{\partial}{\partial \psi} \log \int \phi(u) f(y \mid u)\, du
# = \frac{\int \phi f \, \partial \log f / \partial \psi \, du}{\int \phi f\, du}
# = \mathrm{E}\Bigl[ \frac{\partial \log f(y \mid u)}{\partial \psi} \Bigm| y \Bigr] ,
# $$ (eq:fisher)
#
# since $\partial f = f\, \partial \log f$. In $\beta$ the slope of $\log f$ is $X'$ times the
# score, and in an entry of $\theta$ the score of each row times its column of $Z$ and its effect.

# %%
psi = sp.Symbol("psi")
f = [sp.Function(f"f_{k}")(psi) for k in range(3)]  # at three values of u
weight = sp.symbols("phi_1:4", positive=True)
total = sum(w * g for w, g in zip(weight, f, strict=True))
mean = sum(w * g * sp.log(g).diff(psi) for w, g in zip(weight, f, strict=True)) / total
check("eq:fisher", sp.log(total).diff(psi), sp.simplify(mean), "symbolic", "three values of u")

h, numeric = 1e-3, []
for e in np.eye(4):
    sides = []
    for s in (-2, -1, 1, 2):
        beta, theta = np.split(np.array([0.5, 0.3, 0.6, 0.4]) + s * h * e, 2)
        fixed = design.X @ beta
        of_v = [
            log_phi + sum(np.log(np.exp(g).sum(axis=1)) for g in log_joint(b)) for b in range(3)
        ]
        sides.append(-sum(np.log(np.exp(g).sum()) for g in of_v))
    numeric.append((8 * (sides[2] - sides[1]) - (sides[3] - sides[0])) / (12 * h))
link("eq:fisher", np.round(numeric[:2], 7), np.round(found.gradient_beta, 7),
     Nested.gradient_beta)  # fmt: skip
link("eq:fisher", np.round(numeric[2:], 7), np.round(found.gradient_theta, 7),
     Nested.gradient_theta)  # fmt: skip

# %% [markdown]
# ## Off the line
#
# For the bound {eq}`eq:strip-modulus` of the outer integral, $v$ moves off the line to $v + iy$.
# The inner integrals are analytic functions of $v$, and by Cauchy's theorem the line on which each
# of them is taken may be moved, too: to $u + i r_j y$, for any number $r_j$. Then the predictors
# move by $(a_{i2} + r_j a_{i1})\, i y$, and the normal densities grow by
# $e^{y^2 (1 + \sum_j r_j^2) / 2}$. With $r_j = 0$ the predictors move far where counts are large,
# though $v$ is little known, the inner effects taking up what it leaves. So they should move along
# as their mode does,
#
# $$
# r_j = \frac{du_j}{dv}
# = - \frac{\sum_{i \in j} a_{i1} W_i a_{i2}}{1 + \sum_{i \in j} a_{i1}^2 W_i} ,
# $$ (eq:nested-path)
#
# which is where $1 + \sum_j r_j^2 + \sum_i W_i (a_{i2} + r_j a_{i1})^2$ is least. Were $\log f$ a
# parabola, this would be $1 / c_b^2$, the inverse of the conditional variance of $v$.
#
# What is left when the inner effects are integrated out of the softened density is a log-concave
# function of $v$ times $\phi(v)$ (Prekopa, 1973). So $-\log$ of it, $\tilde g$, has a curvature of
# 1 or more, and from any point $v_0$ on
# $\int e^{-\tilde g(v)}\, dv / \sqrt{2\pi} \le e^{-\tilde g(v_0) + \tilde g'(v_0)^2 / 2}$: the mode
# need not be known to all digits.

# %%
a1, a2, W, W2, b1, b2 = sp.symbols("a_1 a_2 W W_2 b_1 b_2", positive=True)
r, v0, slope, g0, v = sp.symbols("r v_0 s g_0 v", real=True)
form = 1 + r**2 + W * (a2 + r * a1) ** 2 + W2 * (b2 + r * b1) ** 2  # two rows of one inner level
(least,) = sp.solve(form.diff(r), r)
stated = -(a1 * W * a2 + b1 * W2 * b2) / (1 + a1**2 * W + b1**2 * W2)
check("eq:nested-path", sp.simplify(least - stated), sp.Integer(0), "symbolic", "two rows")
H = sp.Matrix([[1 + a1**2 * W + b1**2 * W2, a1 * W * a2 + b1 * W2 * b2],
               [a1 * W * a2 + b1 * W2 * b2, 1 + a2**2 * W + b2**2 * W2]])  # fmt: skip
check("eq:nested-path", sp.simplify(form.subs(r, stated) * H.inv()[1, 1]), sp.Integer(1),
      "symbolic", "the form is the inverse of the variance")  # fmt: skip
parabola = g0 + slope * (v - v0) + (v - v0) ** 2 / 2
area = sp.integrate(sp.exp(-parabola) / sp.sqrt(2 * sp.pi), (v, -sp.oo, sp.oo))
check("eq:nested-path", sp.simplify(area), sp.exp(-g0 + slope**2 / 2), "symbolic", "curvature 1")

W_of, (A1, A2) = at.local.observed.W, (0.6, 0.4)
own = np.array([-(A1 * A2 * W_of[inner == j].sum()) / (1 + A1**2 * W_of[inner == j].sum())
                for j in range(9)])  # fmt: skip
link("eq:nested-path", own, found.r, Nested.r)
link("eq:nested-path", A2 + own[inner] * A1, found.turn, Nested.turn)
link("eq:nested-path", [1 + (own[3 * b : 3 * b + 3] ** 2).sum() for b in range(3)], found.length,
     Nested.length)  # fmt: skip
