# %% [markdown]
# # In parts: a model that falls apart
#
# Where no random effect reaches from one set of rows into another, $V_0$ has blocks along its
# diagonal and zeros elsewhere. Given $\theta$ such a model can be computed part by part, and the
# parts be added up. A reader who has followed this page knows what is added, and why thousands of
# counties need no matrix with a column for each.

# %%
from dataclasses import replace
from itertools import pairwise
from unittest import mock

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from scipy import sparse

import refmixed as rm
from refmixed import blocked, marginal
from refmixed.blocked import (
    branches,
    cells,
    chunks,
    eliminate,
    fronts,
    levels,
    metric,
    pseudo,
    selected,
    sparse_rest,
    ties,
    tree,
)
from refmixed.blocked import nested as nesting
from refmixed.blocked.crossproducts import crossproducts
from refmixed.blocked.own import Own
from refmixed.blocked.pieces import Pieces
from refmixed.blocked.under import Under
from refmixed.coordinates import behaved
from refmixed.covariance import relative_factor
from refmixed.derivatives import gradient, hessian
from refmixed.identifiability import left_out, parameters
from refmixed.optimize import given
from refmixed.studies import independent, small_areas

page("d11_blocked")

# %% [markdown]
# ## Parts
#
# Cut the rows into parts, so that all rows of a group are in the same part. A random effect then
# belongs to one part. Order rows and effects by part: $Z$ and $\Lambda$ get blocks $Z_j$ and
# $\Lambda_j$ along the diagonal. With $T_j \equiv \Lambda_j \Lambda_j^\top$,
#
# $$
# V_0 = W^{-1} + Z T Z^\top = \begin{pmatrix} V_{01} & & \\ & \ddots & \\ & & V_{0J} \end{pmatrix},
# \qquad V_{0j} = W_j^{-1} + Z_j T_j Z_j^\top .
# $$ (eq:parts-covariance)
#
# Observations of different parts have nothing random in common: they are independent, given
# $\theta$, $\sigma$ and $\beta$. A part may be one group, or forty. With two crossed factors there
# is one part as a rule, since the levels of each tie those of the other together.
#
# General checks have two parts of any size, in letters that do not commute; with more, the second
# is cut again. Exact checks have a rational design with a random intercept and slope: a part of 3
# rows and one group, and a part of 5 rows and two.

# %%
W1, W2, Z1, Z2, T1, T2 = sp.symbols("W1 W2 Z1 Z2 T1 T2", commutative=False)
Z1t, Z2t, X1, X2, X1t, X2t = sp.symbols("Z1t Z2t X1 X2 X1t X2t", commutative=False)
V1, V2, Omega1, Omega2, y1, y2 = sp.symbols("V01 V02 Omega1 Omega2 y1 y2", commutative=False)
y1t, y2t, b, bt = sp.symbols("y1t y2t beta betat", commutative=False)
general = {"kind": "general", "sizes": "two parts of any size"}


def diagonal(one, two):
    """Two blocks, and zeros beside them."""
    return sp.Matrix([[one, 0], [0, two]])


whole_V = diagonal(W1**-1, W2**-1) + diagonal(Z1, Z2) * diagonal(T1, T2) * diagonal(Z1t, Z2t)
blocks = diagonal(W1**-1 + Z1 * T1 * Z1t, W2**-1 + Z2 * T2 * Z2t)
check("eq:parts-covariance", whole_V, blocks, **general, text_only=True)

# %%
days, group = [0, 1, 2, 0, 2, 3, 1, 4], [0, 0, 0, 1, 1, 1, 2, 2]
x_X = sp.Matrix(8, 2, lambda i, c: days[i] ** c)
x_Z = sp.Matrix(8, 6, lambda i, c: days[i] ** (c % 2) * int(group[i] == c // 2))
triangle = sp.Matrix([["3/4", 0], ["-1/3", "1/2"]]).applyfunc(sp.Rational)
x_T = sp.diag(*[triangle * triangle.T] * 3)
x_W = sp.diag(*[sp.Rational(k, 2) for k in (2, 1, 3, 2, 4, 2, 3, 1)])
x_y = sp.Matrix([3, 5, 4, 2, 6, 7, 1, 8])
x_V = x_W.inv() + x_Z * x_T * x_Z.T
exact = {"kind": "exact", "sizes": "n = 3 + 5, q = 2 + 4, p = 2"}

rows, effects = [slice(0, 3), slice(3, 8)], [slice(0, 2), slice(2, 6)]  # of each part
X_j, y_j = [x_X[r, :] for r in rows], [x_y[r, :] for r in rows]
V_j = [
    x_W[r, r].inv() + x_Z[r, c] * x_T[c, c] * x_Z[r, c].T
    for r, c in zip(rows, effects, strict=True)
]
check("eq:parts-covariance", x_V, sp.diag(*V_j), **exact, text_only=True)

# %% [markdown]
# The links have six groups of unequal size in three parts, with weights and an offset. The whole
# is computed by definition, from the $n \times n$ matrix.

# %%
rng = np.random.default_rng(11)
data = pd.DataFrame(rng.normal(size=(40, 3)), columns=["y", "x", "o"])
data["g"] = sorted([*"abcdef", *rng.choice(list("aabcdef"), 34)])
data["y"] += data["g"].map(dict(zip("abcdef", rng.normal(size=6), strict=True)))
data["w"] = rng.uniform(0.5, 2, 40)


def design_of(rows):
    """The design of some rows."""
    return rm.design("y ~ x + (1 | g)", rows, weights="w", offset="o")


theta = np.array([0.8])
parts = [design_of(data[data["g"].isin(list(names))]) for names in ("ab", "cd", "ef")]
whole = design_of(data)
V0 = marginal.relative_covariance(whole, relative_factor(whole, theta))
XV = whole.X.T @ np.linalg.inv(V0)
XVX, XVy = XV @ whole.X, XV @ whole.y_less_offset
beta = np.linalg.solve(XVX, XVy)
left_over = whole.y_less_offset - whole.X @ beta
r2 = left_over @ np.linalg.solve(V0, left_over)
found = {reml: independent.at(parts, theta[0], reml) for reml in (True, False)}

# %% [markdown]
# ## The determinant
#
# The determinant of a matrix with blocks along its diagonal is the product of theirs, so that
#
# $$
# \log |V_0| = \sum_j \log |V_{0j}| .
# $$ (eq:parts-logdet)
#
# Each term comes from the part's own factor $L_j$, {eq}`eq:sylvester`.
#
# The link takes from the criterion, {eq}`eq:reml-criterion` and {eq}`eq:ml-criterion`, all that is
# not this determinant.

# %%
s_V = [sp.Matrix(k, k, sp.symbols(f"{name}:{k * k}")) for name, k in (("a", 2), ("b", 3))]
product = s_V[0].det() * s_V[1].det()
check("eq:parts-logdet", sp.diag(*s_V).det(), product, "symbolic", "parts of 2 and 3 rows")
check("eq:parts-logdet", x_V.det(), V_j[0].det() * V_j[1].det(), **exact)
for reml, at in found.items():
    dof = whole.dof(reml)
    rest = dof * (1 + np.log(2 * np.pi * r2 / dof)) + reml * np.linalg.slogdet(XVX)[1]
    link("eq:parts-logdet", np.linalg.slogdet(V0)[1], at.criterion - rest, independent.at)
    expected = marginal.criterion(whole, theta, reml)
    link("eq:parts-logdet", expected, at.criterion, independent.at)

# %% [markdown]
# ## The cross products
#
# The inverse of $V_0$ has the blocks $V_{0j}^{-1}$. Write $X_j$ and $Y_j$ for the rows of $X$ and
# $Y$ (less the offset) in a part. Then
#
# $$
# X^\top V_0^{-1} X = \sum_j X_j^\top V_{0j}^{-1} X_j = \sum_j R_{Xj}^\top R_{Xj} ,
# $$ (eq:parts-xvx)
#
# the second by {eq}`eq:xvx` in each part. Let $\hat\beta_j$ be what the part alone would estimate,
# {eq}`eq:gls`, so that $R_{Xj}^\top R_{Xj} \hat\beta_j = X_j^\top V_{0j}^{-1} Y_j$. It exists if
# the columns of $X_j$ are independent: each part must tell all $p$ coefficients. Then
#
# $$
# X^\top V_0^{-1} Y = \sum_j X_j^\top V_{0j}^{-1} Y_j = \sum_j R_{Xj}^\top R_{Xj} \hat\beta_j .
# $$ (eq:parts-xvy)
#
# For the square let $r_j^2 = (Y_j - X_j\hat\beta_j)^\top V_{0j}^{-1} (Y_j - X_j\hat\beta_j)$, the
# `pwrss` of the part. What is left over is orthogonal to $X_j$ in the metric of $V_{0j}^{-1}$, and
# by Pythagoras
#
# $$
# Y^\top V_0^{-1} Y = \sum_j Y_j^\top V_{0j}^{-1} Y_j
#   = \sum_j \bigl( r_j^2 + \hat\beta_j^\top R_{Xj}^\top R_{Xj} \hat\beta_j \bigr) .
# $$ (eq:parts-yvy)
#
# In the checks $\Omega_j$ stands for $R_{Xj}^\top R_{Xj}$.

# %%
X, Xt = sp.Matrix([X1, X2]), sp.Matrix([[X1t, X2t]])
Y, Yt = sp.Matrix([y1, y2]), sp.Matrix([[y1t, y2t]])
V_inverse = diagonal(V1**-1, V2**-1)
check("eq:parts-xvx", diagonal(V1, V2) * V_inverse, sp.eye(2), **general)
XVX_parts = X1t * V1**-1 * X1 + X2t * V2**-1 * X2
check("eq:parts-xvx", (Xt * V_inverse * X)[0], XVX_parts, **general)


def by_Omega(expression):
    """Multiply out; Omega_j for X_j' V_0j^-1 X_j wherever it occurs."""
    known = {X1t * V1**-1 * X1: Omega1, X2t * V2**-1 * X2: Omega2}
    return sp.expand(sp.expand(expression).subs(known))


b1, b2 = Omega1**-1 * X1t * V1**-1 * y1, Omega2**-1 * X2t * V2**-1 * y2  # of a part alone
b1t, b2t = y1t * V1**-1 * X1 * Omega1**-1, y2t * V2**-1 * X2 * Omega2**-1
check("eq:parts-xvy", (Xt * V_inverse * Y)[0], Omega1 * b1 + Omega2 * b2, **general)
r2_1 = (y1t - b1t * X1t) * V1**-1 * (y1 - X1 * b1)
r2_2 = (y2t - b2t * X2t) * V2**-1 * (y2 - X2 * b2)
squares = by_Omega(r2_1 + b1t * Omega1 * b1 + r2_2 + b2t * Omega2 * b2)
check("eq:parts-yvy", (Yt * V_inverse * Y)[0], squares, **general)

# %%
XV_j = [X.T * V.inv() for X, V in zip(X_j, V_j, strict=True)]
Omega_j = [XV * X for XV, X in zip(XV_j, X_j, strict=True)]
b_j = [(Omega.inv() * XV * y) for Omega, XV, y in zip(Omega_j, XV_j, y_j, strict=True)]
r_j = [y - X * b for y, X, b in zip(y_j, X_j, b_j, strict=True)]
r2_j = [r.T * V.inv() * r for r, V in zip(r_j, V_j, strict=True)]
x_XV = x_X.T * x_V.inv()
x_XVy, x_yVy = x_XV * x_y, x_y.T * x_V.inv() * x_y
check("eq:parts-xvx", x_XV * x_X, Omega_j[0] + Omega_j[1], **exact)
check("eq:parts-xvy", x_XVy, Omega_j[0] * b_j[0] + Omega_j[1] * b_j[1], **exact)
squares = [r2 + b.T * Omega * b for r2, Omega, b in zip(r2_j, Omega_j, b_j, strict=True)]
check("eq:parts-yvy", x_yVy, squares[0] + squares[1], **exact)

for reml, at in found.items():
    XVX_found = at.sigma**2 * np.linalg.inv(at.beta_cov)  # eq:vcov
    link("eq:parts-xvx", XVX, XVX_found, independent.at)
    link("eq:parts-xvy", XVy, XVX_found @ at.beta, independent.at)
    yVy = whole.y_less_offset @ np.linalg.solve(V0, whole.y_less_offset)
    fitted = at.beta @ XVX_found @ at.beta
    link("eq:parts-yvy", yVy, whole.dof(reml) * at.sigma**2 + fitted, independent.at)

# %% [markdown]
# ## The estimates
#
# So $\hat\beta$ of the whole is an average of those of the parts, each weighted by its precision,
#
# $$
# \hat\beta = \Bigl( \sum_j R_{Xj}^\top R_{Xj} \Bigr)^{-1} \sum_j R_{Xj}^\top R_{Xj} \hat\beta_j ,
# $$ (eq:parts-beta)
#
# and the residual sum of squares, {eq}`eq:r2`, is what the whole does not explain of
# $Y^\top V_0^{-1} Y$:
#
# $$
# r^2 = Y^\top V_0^{-1} Y - \hat\beta^\top X^\top V_0^{-1} X \hat\beta
#   = \sum_j r_j^2
#   + \sum_j (\hat\beta_j - \hat\beta)^\top R_{Xj}^\top R_{Xj} (\hat\beta_j - \hat\beta) .
# $$ (eq:parts-rss)
#
# Within the parts and between them, as in an analysis of variance. The code subtracts, and loses
# the leading digits in which the two terms agree; the second form would lose none.

# %%
B1, B2, B1t, B2t = sp.symbols("B1 B2 B1t B2t", commutative=False)  # of a part alone
M = sp.Symbol("M", commutative=False)  # X' V_0^-1 X = Omega1 + Omega2


def by_parts(expression):
    """Multiply out; Omega_j B_j for X_j' V_0j^-1 Y_j, and Omega_j as above."""
    known = {X1t * V1**-1 * y1: Omega1 * B1, X2t * V2**-1 * y2: Omega2 * B2}
    known |= {y1t * V1**-1 * X1: B1t * Omega1, y2t * V2**-1 * X2: B2t * Omega2}
    return sp.expand(by_Omega(expression).subs(known))


def r2_at(c, ct):
    """The residual sum of squares at the coefficients c."""
    return ((Yt - ct * Xt) * V_inverse * (Y - X * c))[0]


within = (y1t - B1t * X1t) * V1**-1 * (y1 - X1 * B1) + (y2t - B2t * X2t) * V2**-1 * (y2 - X2 * B2)
between = (B1t - bt) * Omega1 * (B1 - b) + (B2t - bt) * Omega2 * (B2 - b)
check("eq:parts-rss", by_parts(r2_at(b, bt)), by_parts(within + between), **general)

best, best_t = M**-1 * (Omega1 * B1 + Omega2 * B2), (B1t * Omega1 + B2t * Omega2) * M**-1
gls = M**-1 * by_parts((Xt * V_inverse * Y)[0])  # eq:gls
check("eq:parts-beta", sp.expand(gls), sp.expand(best), **general)
direct = by_parts(r2_at(best, best_t)).subs(Omega2, M - Omega1)
less = ((Yt * V_inverse * Y)[0] - best_t * M * best).subs(Omega2, M - Omega1)
check("eq:parts-rss", sp.expand(direct), sp.expand(less), **general)

# %%
x_beta = (x_XV * x_X).LUsolve(x_XVy)
average = (Omega_j[0] + Omega_j[1]).inv() * (Omega_j[0] * b_j[0] + Omega_j[1] * b_j[1])
check("eq:parts-beta", x_beta, average, **exact)
x_r = x_y - x_X * x_beta
x_r2 = (x_r.T * x_V.inv() * x_r)[0]
subtracted = (x_yVy - x_beta.T * (x_XV * x_X) * x_beta)[0]
between = [(b - x_beta).T * Omega * (b - x_beta) for b, Omega in zip(b_j, Omega_j, strict=True)]
added = sum(square[0] for square in [*r2_j, *between])
check("eq:parts-rss", [x_r2] * 2, [subtracted, added], **exact)

for reml, at in found.items():
    link("eq:parts-beta", beta, at.beta, independent.at)
    link("eq:parts-rss", r2, whole.dof(reml) * at.sigma**2, independent.at)

# %% [markdown]
# ## The random effects
#
# Given the fixed effects, the random effects of a part depend on its own rows alone. With the
# whole's $\beta$, {eq}`eq:posterior-mean` and {eq}`eq:posterior-covariance` become
#
# $$
# \operatorname{E}[\gamma_j \mid y] = T_j Z_j^\top V_{0j}^{-1} (Y_j - X_j\beta) , \qquad
# \operatorname{Cov}(\gamma_j \mid y) = \sigma^2 (T_j - T_j Z_j^\top V_{0j}^{-1} Z_j T_j) .
# $$ (eq:parts-posterior)
#
# These are those of a model of the part alone that has $X_j\beta$ as its offset, and no fixed
# effects. The covariance is given $\beta$. What the error of $\hat\beta$ adds to it,
# {eq}`eq:posterior-error`, ties the parts together.

# %%
e1, e2 = sp.symbols("e1 e2", commutative=False)  # Y_j - X_j beta
T, Z, Zt = diagonal(T1, T2), diagonal(Z1, Z2), diagonal(Z1t, Z2t)
means = sp.Matrix([T1 * Z1t * V1**-1 * e1, T2 * Z2t * V2**-1 * e2])
check("eq:parts-posterior", T * Zt * V_inverse * sp.Matrix([e1, e2]), means, **general)
spread = (T - T * Zt * V_inverse * Z * T).applyfunc(sp.expand)
spread_1, spread_2 = T1 - T1 * Z1t * V1**-1 * Z1 * T1, T2 - T2 * Z2t * V2**-1 * Z2 * T2
check("eq:parts-posterior", spread, diagonal(spread_1, spread_2), **general)

G = x_T * x_Z.T * x_V.inv()
G_parts = [x_T[c, c] * x_Z[r, c].T * V.inv() for V, r, c in zip(V_j, rows, effects, strict=True)]
means = [g * x_r[r, :] for g, r in zip(G_parts, rows, strict=True)]
check("eq:parts-posterior", G * x_r, means[0].col_join(means[1]), **exact)
spreads = [
    x_T[c, c] - g * x_Z[r, c] * x_T[c, c] for g, r, c in zip(G_parts, rows, effects, strict=True)
]
check("eq:parts-posterior", x_T - G * x_Z * x_T, sp.diag(*spreads), **exact)

# %%
alone = [independent.posterior(part, found[True]) for part in parts]
gamma, sd = (np.concatenate(of_parts) for of_parts in zip(*alone, strict=True))
TZt = theta[0] ** 2 * whole.Z.T
link("eq:parts-posterior", TZt @ np.linalg.solve(V0, left_over), gamma, independent.posterior)
spread = theta[0] ** 2 * np.eye(whole.q) - TZt @ np.linalg.solve(V0, TZt.T)
expected = found[True].sigma * np.sqrt(np.diag(spread))
link("eq:parts-posterior", expected, sd, independent.posterior)

# %% [markdown]
# ## What it saves
#
# A factor of a $q \times q$ matrix takes about $q^3$ products. In $J$ parts of one size it is
# $J (q/J)^3$, which is $J^2$ times fewer. The study of {doc}`s04_small_areas` has these:

# %%
q, J = small_areas.COUNTIES, small_areas.COUNTIES // small_areas.PART
print(f"{q:,} counties in {J} parts: {J**2:,} times fewer products")
print(
    f"the matrix of the whole: {8 * q**2 / 1e6:.0f} MB, of a part: {8 * (q // J) ** 2 / 1e3:.1f} kB"
)

# %% [markdown]
# ## A factor taken out
#
# From here on there are more blocks than letters. $A$, $B$, $C$, $E$, $F$, $G$, $H$, $J$, $K$, $M$,
# $N$, $Q$, $R$, $S$ and $m$ are those of the code of `refmixed.blocked` and mean on this page what
# is said where each first occurs, not what they mean in the table of symbols ({doc}`d01_model`).
#
# Crossed factors leave one part. But no two levels of *one* factor share a row. Let $Z_1$ have the
# columns of the factor with most levels, all its terms together, $k$ columns at each of $J$ levels;
# let $Z_2$ have those of the others, $r$ in all. Then
#
# $$
# V_0 = V_1 + Z_2 T_2 Z_2^\top, \qquad V_1 = W^{-1} + Z_1 T_1 Z_1^\top ,
# $$ (eq:eliminated)
#
# and $V_1$ falls into parts, one a level. All that the criterion sees of the data are products of
# columns: with $M$ for $(Z_2, X, Y)$
#
# $$
# A = Z_1^\top W Z_1, \qquad B = Z_1^\top W M, \qquad C = M^\top W M .
# $$ (eq:crossproducts)
#
# $A$ has $J$ blocks of $k \times k$ along its diagonal, and nothing else. These are sums over rows,
# taken level by level; afterwards nothing depends on $n$. The code takes the share of the first
# columns off the others at once. Let $Z_1 = U R$, where at each level the columns of $U$ are
# orthonormal, $U^\top W U = I$ (Gram's and Schmidt's way, all levels at once; a column that depends
# on those before is zero there). Then $A = R^\top R$ and $B = R^\top b$ with $b = U^\top W M$, and
# no digits are lost where effects are nearly dependent at a level:
#
# $$
# C_\perp = C - b^\top b = M_\perp^\top W M_\perp , \qquad M_\perp = M - U b .
# $$ (eq:crossproducts-left)
#
# Where a column of $X$ is a combination of the first, as those of random slopes are, its part of
# $C_\perp$ is zero; the difference would be a rounding error, which a large $T$ makes count. So for
# $X$ and $Y$ the products are those of $M_\perp$ itself.
#
# The exact checks have three groups with intercepts and slopes as above, and a second factor of two
# levels, crossed with the first. The links compare with the definition.

# %%
second = [0, 1, 0, 0, 1, 1, 0, 1]
x_Z2 = sp.Matrix(8, 2, lambda i, c: int(second[i] == c))
x_Lambda2 = sp.Rational(2, 3) * sp.eye(2)
x_T1, x_T2 = x_T, x_Lambda2 * x_Lambda2.T
x_M = sp.Matrix.hstack(x_Z2, x_X, x_y)
x_V1 = x_W.inv() + x_Z * x_T1 * x_Z.T
x_V0 = x_V1 + x_Z2 * x_T2 * x_Z2.T
both = sp.Matrix.hstack(x_Z, x_Z2)
by_definition = x_W.inv() + both * sp.diag(x_T1, x_T2) * both.T
exact = {"kind": "exact", "sizes": "n = 8, q = 6 + 2, p = 2"}
check("eq:eliminated", x_V0, by_definition, **exact, text_only=True)

# %%
crossed = pd.DataFrame(rng.normal(size=(60, 3)), columns=["y", "x", "o"])
crossed["g"] = [*"abcdefgh", *rng.choice(list("abcdefgh"), 52)]
crossed["h"] = rng.choice(list("pqr"), 60)
crossed["w"] = rng.uniform(0.5, 2, 60)
design = rm.design("y ~ x + (x | g) + (1 | h)", crossed, weights="w", offset="o")
theta = np.array([0.8, 0.3, 0.5, 0.6])
Z1, Z2 = design.terms[0].Z, design.terms[1].Z
M = np.column_stack([Z2, design.X, design.y_less_offset])
products = crossproducts(design)


def whole_of(blocks):
    """Blocks (G, k, any) as one matrix, those of A on a diagonal."""
    return np.vstack(list(blocks))


W = design.weights[:, None]
on_diagonal = np.vstack([(Z1.T @ (W * Z1))[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] for i in range(8)])
back = products.R.transpose(0, 2, 1)
link("eq:crossproducts", on_diagonal, whole_of(back @ products.R), crossproducts)
link("eq:crossproducts", Z1.T @ (W * M), levels.times(back, products.b), crossproducts)
M_left = M - Z1 @ np.linalg.lstsq(np.sqrt(W) * Z1, np.sqrt(W) * M, rcond=None)[0]
link("eq:crossproducts-left", M_left.T @ (W * M_left), products.C, crossproducts)
x_A, x_B, x_C = (x_Z.T * x_W * x_Z, x_Z.T * x_W * x_M, x_M.T * x_W * x_M)
parts_of_A = sp.diag(*[x_A[i : i + 2, i : i + 2] for i in (0, 2, 4)])
check("eq:crossproducts", x_A, parts_of_A, **exact)
x_M_left = x_M - x_Z * x_A.inv() * x_B
x_less = x_C - x_B.T * x_A.inv() * x_B
check("eq:crossproducts-left", x_M_left.T * x_W * x_M_left, x_less, **exact)

# %% [markdown]
# Woodbury's identity, {eq}`eq:woodbury`, in a form that needs no inverse of $T_1$, which may be
# singular: with $H = I + R T_1 R^\top$, which has the blocks $H_i = I + R_i T_1 R_i^\top$,
# symmetric and with no eigenvalue below 1,
#
# $$
# E = Z_1^\top V_1^{-1} Z_1 = R^\top H^{-1} R, \qquad D = Z_1^\top V_1^{-1} M = R^\top H^{-1} b ,
# $$ (eq:eliminated-solve)
#
# $$
# S = M^\top V_1^{-1} M = C_\perp + b^\top H^{-1} b ,
# $$ (eq:eliminated-rest)
#
# and by Sylvester's, {eq}`eq:sylvester`,
#
# $$
# \det V_1 \det W = \det H = \prod_i \det H_i .
# $$ (eq:eliminated-det)
#
# Small systems, one a level; nothing is subtracted. The code inverts them all in one call: of
# $H_i$, whose least eigenvalue is 1, an inverse is as accurate as $H_i$ is: to its largest
# eigenvalue times the unit of rounding. Of two effects whose $J_i = R_i \Lambda_1$ is large, $H_i =
# I + J_i J_i^\top$ is not formed: Jacobi's rotation makes the columns of $J_i$ orthogonal, which
# gives its eigenvectors and eigenvalues, $1 + |j|^2$, with all their digits.

# %%
R_, Rt_, T_, b_, bt_, H_, C_ = sp.symbols("R Rt T1 b bt H C", commutative=False)
any_size = {"kind": "general", "sizes": "all sizes"}
through = sp.expand((1 + Rt_ * R_ * T_) * Rt_)  # (I + A T1) R' = R' H: A is R'R, and B is R'b
check("eq:eliminated-solve", through, sp.expand(Rt_ * (1 + R_ * T_ * Rt_)), **any_size)
less = C_ + bt_ * b_ - bt_ * (H_ - 1) * H_**-1 * b_  # C - B'T1 D, with R T1 R' = H - I
check("eq:eliminated-rest", sp.expand(less), C_ + bt_ * H_**-1 * b_, **any_size)

x_H = sp.eye(6) + x_A * x_T1  # which has the determinant of I + R T1 R'
x_E, x_D = x_H.inv() * x_A, x_H.inv() * x_B
x_S = x_C - (x_T1 * x_B).T * x_D
check("eq:eliminated-solve", x_Z.T * x_V1.inv() * x_Z, x_E, **exact)
check("eq:eliminated-solve", x_Z.T * x_V1.inv() * x_M, x_D, **exact)
check("eq:eliminated-rest", x_M.T * x_V1.inv() * x_M, x_S, **exact)
determinants = [x_H[i : i + 2, i : i + 2].det() for i in (0, 2, 4)]
check("eq:eliminated-det", x_V1.det() * x_W.det(), sp.prod(determinants), **exact)

at = eliminate.solve(products, theta)
Lambda1, Lambda2 = np.kron(np.eye(8), [[0.8, 0], [0.3, 0.5]]), 0.6 * np.eye(3)
V1 = np.diag(1 / design.weights) + Z1 @ Lambda1 @ Lambda1.T @ Z1.T
V0 = V1 + Z2 @ Lambda2 @ Lambda2.T @ Z2.T
V1_inv, V0_inv = np.linalg.inv(V1), np.linalg.inv(V0)
E = Z1.T @ V1_inv @ Z1
on_diagonal = np.vstack([E[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] for i in range(8)])
link("eq:eliminated-solve", on_diagonal, whole_of(at.E), eliminate.solve)
link("eq:eliminated-solve", Z1.T @ V1_inv @ M, at.D, eliminate.solve)
link("eq:eliminated-rest", M.T @ V1_inv @ M, at.S, eliminate.solve)
logdet = np.linalg.slogdet(V1)[1] + np.log(design.weights).sum()
link("eq:eliminated-det", logdet, at.levels_logdet, eliminate.solve)

# %% [markdown]
# What is left is penalized least squares, {eq}`eq:normal-equations`, in the metric of $V_1^{-1}$
# instead of $W$, with $Z_2$ for $Z$: a system of $R = r + p$ equations, however many levels the
# first factor has. Write $S_{2X}$ and so on for the parts of $S$. Then
#
# $$
# L L^\top = \begin{pmatrix} \Lambda_2^\top S_{22} \Lambda_2 + I & \Lambda_2^\top S_{2X} \\
# S_{X2} \Lambda_2 & S_{XX} \end{pmatrix}, \qquad
# c = L^{-1} \begin{pmatrix} \Lambda_2^\top S_{2Y} \\ S_{XY} \end{pmatrix}, \qquad
# r^2 = S_{YY} - c^\top c ,
# $$ (eq:eliminated-factor)
#
# and with $L_{22}$ and $L_{XX}$ for the blocks of $L$ on its diagonal
#
# $$
# \log|V_0| = \log\det H - \log\det W + \log|L_{22} L_{22}^\top| , \qquad
# X^\top V_0^{-1} X = L_{XX} L_{XX}^\top .
# $$ (eq:eliminated-criterion)

# %%
x_wide = sp.diag(x_Lambda2, sp.eye(2), 1)  # Lambda2, and one for each other column
x_system = x_wide.T * x_S * x_wide + sp.diag(sp.eye(2), sp.zeros(3, 3))
x_LL, x_right = x_system[:4, :4], x_system[:4, 4]
x_squares = x_system[4, 4] - (x_right.T * x_LL.inv() * x_right)[0]
x_XVX = x_X.T * x_V0.inv() * x_X
x_beta = x_XVX.inv() * x_X.T * x_V0.inv() * x_y
x_left = x_y - x_X * x_beta
check("eq:eliminated-factor", (x_left.T * x_V0.inv() * x_left)[0], x_squares, **exact)
check("eq:eliminated-criterion", x_V0.det() * x_W.det(), x_H.det() * x_LL[:2, :2].det(), **exact)
schur = x_LL[2:, 2:] - x_LL[2:, :2] * x_LL[:2, :2].inv() * x_LL[:2, 2:]
check("eq:eliminated-criterion", x_XVX, schur, **exact)
for reml in (True, False):
    expected = marginal.criterion(design, theta, reml)
    found = eliminate.solve(products, theta, reml)
    link("eq:eliminated-criterion", expected, found.criterion, eliminate.Eliminated.criterion)
    pwrss = marginal.at(design, theta, reml).pwrss
    link("eq:eliminated-factor", pwrss, found.pwrss, eliminate.solve)

# %% [markdown]
# ## The derivatives, without a large matrix
#
# Slope and Hessian, {eq}`eq:slope` and {eq}`eq:hessian`, are made of $Z^\top P Z$, $Z^\top P Y$,
# and for ML $Z^\top V_0^{-1} Z$. The same system gives their parts. With $\Lambda_{2X}$ for
# $\operatorname{diag}(\Lambda_2, I)$,
#
# $$
# Q = \Lambda_{2X} (L L^\top)^{-1} \Lambda_{2X}^\top, \qquad
# F = \begin{pmatrix} I \\ 0 \end{pmatrix} - Q\,S_{2X,2}, \qquad
# g = \Lambda_{2X} L^{-\top} c
# $$ (eq:eliminated-metric)
#
# (at the end $g$ is $\hat\gamma_2$ and $\hat\beta$), they are
#
# $$
# \begin{aligned}
# Z_1^\top P Z_1 &= E - D_{2X} Q D_{2X}^\top, & Z_1^\top P Z_2 &= D_{2X} F, &
# Z_2^\top P Z_2 &= S_{2,2X} F, \\
# Z_1^\top P Y &= D_Y - D_{2X} g, & Z_2^\top P Y &= S_{2Y} - S_{2,2X} g .
# \end{aligned}
# $$ (eq:eliminated-blocks)
#
# For $Z^\top V_0^{-1} Z$ the columns of $X$ are left out of $L$. Of many other effects the products
# of their $r \times r$ matrices are what costs. Where $T_2$ is far from singular there are forms
# without them, since $\Lambda_2^\top S_{22} \Lambda_2 = M_{22} - I$ for the system's matrix
# $M = L L^\top$:
#
# $$
# F = Q_{\cdot 2}\,T_2^{-1}, \qquad Z_2^\top P Z_2 = T_2^{-1} (I - F_{22}) .
# $$ (eq:eliminated-inverse)
#
# Of the first, $k J \times k J$, only sums are needed. The derivatives go along directions of $T$
# that are the same at each level. With $D_i$ for the rows of $D_{2X}$ of level $i$, $V_i = D_i Q
# D_i^\top$ and $C_{ij} = [i = j]\,E_i - D_i Q D_j^\top$, for any symmetric $H$ and $H'$
#
# $$
# \begin{aligned}
# \sum_{ij} \operatorname{tr}(C_{ji} H\, C_{ij} H') &= \sum_i \bigl( \operatorname{tr}(C_{ii} H\,
# C_{ii} H') - \operatorname{tr}(V_i H\, V_i H') \bigr) \\
# &\quad + \operatorname{tr}\Bigl( Q \sum_i D_i^\top H\, D_i\; Q \sum_j D_j^\top H' D_j \Bigr) ,
# \end{aligned}
# $$ (eq:eliminated-spread)
#
# $$
# \sum_{ij} a_i^\top H A_{ij} H' a_j = \sum_i a_i^\top H E_i H' a_i -
# \Bigl( \sum_i D_i^\top H a_i \Bigr)^\top Q \sum_j D_j^\top H' a_j .
# $$ (eq:eliminated-bend)
#
# Sums over pairs of levels have become products of sums: the cost grows with $J$, not with $J^2$.
# The code keeps the sums $N_{ab} = \sum_i D_{ia} D_{ib}^\top$ of which they are made. Where other
# factors have many levels, most of $B$ and $D$ are zeros, since a level meets few of those: they
# are stored without them.

# %%
x_P = x_V0.inv() - x_V0.inv() * x_X * x_XVX.inv() * x_X.T * x_V0.inv()
x_wide = sp.diag(x_Lambda2, sp.eye(2))
x_Q = x_wide * x_LL.inv() * x_wide.T
x_F = sp.eye(4)[:, :2] - x_Q * x_S[:4, :2]
x_g = x_wide * x_LL.inv() * x_right
x_a1, x_a2 = x_D[:, 4] - x_D[:, :4] * x_g, x_S[:2, 4] - x_S[:2, :4] * x_g
blocks = [x_E - x_D[:, :4] * x_Q * x_D[:, :4].T, x_D[:, :4] * x_F, x_S[:2, :4] * x_F]
sides = [x_Z.T * x_P * x_Z, x_Z.T * x_P * x_Z2, x_Z2.T * x_P * x_Z2]
for side, block in zip(sides, blocks, strict=True):
    check("eq:eliminated-blocks", side, block, **exact)
check("eq:eliminated-blocks", x_Z.T * x_P * x_y, x_a1, **exact)
check("eq:eliminated-blocks", x_Z2.T * x_P * x_y, x_a2, **exact)
check("eq:eliminated-inverse", x_F, x_Q[:, :2] * x_T2.inv(), **exact)
by_inverse = x_T2.inv() * (sp.eye(2) - x_F[:2, :])
check("eq:eliminated-inverse", x_Z2.T * x_P * x_Z2, by_inverse, **exact)
x_gamma2 = x_T2 * x_Z2.T * x_P * x_y
check("eq:eliminated-metric", x_g, x_gamma2.col_join(x_beta), **exact)

# %%
D1, D2, D1t, D2t, H_, Hp, Q_ = sp.symbols("D1 D2 D1t D2t H Hp Q", commutative=False)
E1, E2, a1, a2, a1t, a2t = sp.symbols("E1 E2 a1 a2 a1t a2t", commutative=False)
Ds, Dts, Es = [D1, D2], [D1t, D2t], [E1, E2]


def trace(expression):
    """The trace of a sum of products: of each product the first of its rotations."""
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(expression)):
        numbers, word = term.args_cnc()
        ways = [word[i:] + word[:i] for i in range(len(word))]
        total += sp.Mul(*numbers) * sp.Symbol(min(" ".join(map(str, way)) for way in ways))
    return total


def of_levels(i, j):
    """C_ij of two levels."""
    return (Es[i] if i == j else 0) - Ds[i] * Q_ * Dts[j]


two = {"kind": "general", "sizes": "two levels of any size"}
pairs = [(i, j) for i in (0, 1) for j in (0, 1)]
every = sum(of_levels(j, i) * H_ * of_levels(i, j) * Hp for i, j in pairs)
own = sum(of_levels(i, i) * H_ * of_levels(i, i) * Hp for i in (0, 1))
V_ = [Ds[i] * Q_ * Dts[i] for i in (0, 1)]
own -= sum(V_[i] * H_ * V_[i] * Hp for i in (0, 1))
summed = Q_ * (D1t * H_ * D1 + D2t * H_ * D2) * Q_ * (D1t * Hp * D1 + D2t * Hp * D2)
check("eq:eliminated-spread", trace(every), trace(own + summed), **two)
a_, at_ = [a1, a2], [a1t, a2t]
every = sum(at_[i] * H_ * of_levels(i, j) * Hp * a_[j] for i, j in pairs)
own = sum(at_[i] * H_ * Es[i] * Hp * a_[i] for i in (0, 1))
summed = (a1t * H_ * D1 + a2t * H_ * D2) * Q_ * (D1t * Hp * a1 + D2t * Hp * a2)
check("eq:eliminated-bend", sp.expand(every), sp.expand(own - summed), **two)

# %% [markdown]
# The links: pieces by the definition, from the $q \times q$ matrices.

# %%
for reml in (True, False):
    found = blocked.evaluate(products, theta, reml)
    whole = marginal.evaluate(design, theta, reml)
    for own, right in zip([found.C, *found.a], [whole.C, *whole.a], strict=True):
        link("eq:eliminated-blocks", right, own, blocked.evaluate)
    D_1, D_2 = np.array([[1.0, 0.4], [0.4, -0.3]]), np.array([[0.2, 1], [1, 0.7]])
    for left, right in ((D_1, D_2), (D_2, D_2)):
        spread = left.ravel() @ found.spread[:4, :4] @ right.ravel()
        C = marginal.at(design, theta, reml)
        C = C.A if reml else C.ZtV0invZ
        by_hand = np.trace(
            C[:16, :16] @ np.kron(np.eye(8), left) @ C[:16, :16] @ np.kron(np.eye(8), right)
        )
        link("eq:eliminated-spread", by_hand, spread, Own.spread_at_level)
        a = whole.a[0]
        A = marginal.at(design, theta, reml).A[:16, :16]
        by_hand = (a @ left).ravel() @ A @ (a @ right).ravel()
        bend = left.ravel() @ found.bend[:4, :4] @ right.ravel()
        link("eq:eliminated-bend", by_hand, bend, Own.bend_at_level)
    both_ways = metric.Metric(eliminate.solve(products, theta, reml), len(products.C) - 1)
    link(
        "eq:eliminated-metric",
        marginal.at(design, theta, reml).A[16:, 16:],
        both_ways.C,
        metric.Metric,
    )
    with mock.patch.object(metric, "MANY", 0):
        other = replace(both_ways)
        link("eq:eliminated-inverse", both_ways.F, other.F, metric.Metric.F)
        link("eq:eliminated-inverse", both_ways.C, other.C, metric.Metric.C)
    link("eq:eliminated-blocks", gradient(whole), gradient(found), blocked.evaluate)
    link("eq:eliminated-blocks", hessian(whole), hessian(found), blocked.evaluate)

# %% [markdown]
# ## What is known of a random effect
#
# $\hat\gamma = T Z^\top P Y$, level by level. The covariance given $Y$,
# {eq}`eq:posterior-covariance`, has at level $i$ of the first factor, and as a whole for the
# others,
#
# $$
# T_1 - T_1 C_{ii} T_1 = (I + T_1 A_i)^{-1} T_1 + T_1 V_i T_1, \qquad
# \operatorname{Cov}(\gamma_2 \mid Y) / \sigma^2
# = \Lambda_2 (L_{22} L_{22}^\top)^{-1} \Lambda_2^\top ,
# $$ (eq:eliminated-posterior)
#
# with the $V_i$ of ML. Neither form subtracts, and no digits are lost where $T$ is large.

# %%
x_L22 = x_LL[:2, :2]
x_gamma_cov = sp.diag(x_T1, x_T2) - sp.diag(x_T1, x_T2) * both.T * x_V0.inv() * both * sp.diag(
    x_T1, x_T2
)
x_V = x_D[:, :2] * x_Lambda2 * x_L22.inv() * x_Lambda2.T * x_D[:, :2].T
alone = (sp.eye(6) + x_T1 * x_A).inv() * x_T1
check("eq:eliminated-posterior", x_gamma_cov[:6, :6], alone + x_T1 * x_V * x_T1, **exact)
check(
    "eq:eliminated-posterior", x_gamma_cov[6:, 6:], x_Lambda2 * x_L22.inv() * x_Lambda2.T, **exact
)
found, right = blocked.posterior(design, theta), marginal.posterior(design, theta)
link("eq:eliminated-posterior", right.gamma, found.gamma, blocked.posterior)
for group, places in (("g", np.arange(16).reshape(8, 2)), ("h", 16 + np.arange(3).reshape(3, 1))):
    expected = right.at_levels(group, places)
    link("eq:eliminated-posterior", expected, found.at_levels(group, places), blocked.posterior)

# %% [markdown]
# ## Eliminated again
#
# Pupils in classes in schools: each class lies in one school, and all that is left of the schools,
# with the classes taken out, is a block for each school. So they can be taken out in the same way.
# Let factors $1, \ldots, d$ be nested, each level of factor $s$ in one level of factor $s + 1$;
# factor 1 is the one above. With $Z_s$ for the columns of factor $s$, and $Z_2$ of above for those
# of all factors that are not among these,
#
# $$
# V_{(s)} = V_{(s-1)} + Z_s T_s Z_s^\top , \qquad V_{(0)} = W^{-1} , \qquad
# V_0 = V_{(d)} + Z_2 T_2 Z_2^\top .
# $$ (eq:nested)
#
# $V_{(s-1)}$ has a block for each level of factor $s - 1$, and all the more one for each level of
# factor $s$. Of factor $s$ and any other columns $M$, those of the factors above $s$ among them,
# let
#
# $$
# \begin{gathered}
# A_s = Z_s^\top V_{(s-1)}^{-1} Z_s , \qquad B_s = Z_s^\top V_{(s-1)}^{-1} M , \\
# K_s = -T_s (I + A_s T_s)^{-1} = -\Lambda_s (I + \Lambda_s^\top A_s \Lambda_s)^{-1}
# \Lambda_s^\top , \qquad
# E_s = Z_s^\top V_{(s)}^{-1} Z_s = (I + A_s T_s)^{-1} A_s ,
# \end{gathered}
# $$ (eq:nested-stage)
#
# all of which have blocks, one a level. Then by Woodbury's identity, {eq}`eq:woodbury`,
#
# $$
# M^\top V_{(s)}^{-1} M = M^\top V_{(s-1)}^{-1} M + B_s^\top K_s B_s ,
# $$ (eq:nested-left)
#
# $$
# \det V_{(s)} = \det V_{(s-1)} \prod_i \det (I + \Lambda_s^\top A_{s,i} \Lambda_s) .
# $$ (eq:nested-det)
#
# What {eq}`eq:nested-left` adds to the block of a level of a factor above is a sum over the
# levels of $s$ that lie in it. A level of $s$ and one of a factor $t$ above have a block of $B_s$
# only if the one lies in the other: a block a level of $s$, for each $t$. No matrix has levels on
# both of its sides. The first factor is taken out as above, from roots of its products; later
# ones as a Cholesky factor would, and with its rounding errors. After the last stage $M^\top
# V_{(d)}^{-1} M$ is the $S$ of {eq}`eq:eliminated-rest`, and the penalized system is that of
# {eq}`eq:eliminated-factor`.
#
# The exact checks have the three groups of above in two schools, the schools in a town, and the
# crossed factor of two levels.

# %%
A_, T_ = sp.symbols("A T", commutative=False)
# (V + Z T Z')(V^-1 + V^-1 Z K Z'V^-1) = I + Z (T + K + T A K) Z'V^-1: times I + A T, what is inside
inside = T_ * (1 + A_ * T_) - T_ - T_ * A_ * T_
check("eq:nested-left", sp.expand(inside), sp.S.Zero, **any_size)
through = sp.expand((1 + T_ * A_) * T_)  # so that (I + T A)^-1 T = T (I + A T)^-1 = -K
check("eq:nested-stage", through, sp.expand(T_ * (1 + A_ * T_)), **any_size)

school = [0] * 6 + [1] * 2  # of each row
x_Zs = [x_Z, sp.Matrix(8, 2, lambda i, c: int(school[i] == c)), sp.ones(8, 1)]
x_Ls = [sp.diag(*[triangle] * 3), sp.Rational(3, 2) * sp.eye(2), sp.eye(1) / 3]
x_Ts = [L * L.T for L in x_Ls]
exact = {"kind": "exact", "sizes": "n = 8, q = 6 + 2 + 1 + 2, p = 2"}
x_Vs = [x_W.inv()]
for x_Zf, x_Tf in zip(x_Zs, x_Ts, strict=True):
    x_Vs.append(x_Vs[-1] + x_Zf * x_Tf * x_Zf.T)
x_V0 = x_Vs[3] + x_Z2 * x_T2 * x_Z2.T
all_Z = sp.Matrix.hstack(*x_Zs, x_Z2)
by_definition = x_W.inv() + all_Z * sp.diag(*x_Ts, x_T2) * all_Z.T
check("eq:nested", x_V0, by_definition, **exact, text_only=True)

x_As, x_Ks, x_Es, x_through = [], [], [], []
for s in range(3):
    inverse = x_Vs[s].inv()
    x_As.append(x_Zs[s].T * inverse * x_Zs[s])
    small = sp.eye(x_As[s].rows) + x_Ls[s].T * x_As[s] * x_Ls[s]
    x_Ks.append(-x_Ls[s] * small.inv() * x_Ls[s].T)
    x_through.append((sp.eye(x_As[s].rows) + x_Ts[s] * x_As[s]).inv())
    x_Es.append(x_through[s].T * x_As[s])
    x_B = x_Zs[s].T * inverse * x_M
    after = x_Vs[s + 1].inv()
    check("eq:nested-stage", x_Zs[s].T * after * x_Zs[s], x_Es[s], **exact)
    left = x_M.T * inverse * x_M + x_B.T * x_Ks[s] * x_B
    check("eq:nested-left", x_M.T * after * x_M, left, **exact)
    check("eq:nested-det", x_Vs[s + 1].det(), x_Vs[s].det() * small.det(), **exact)

# %% [markdown]
# For the derivatives, follow a factor $f$ upwards. Its own level of each factor $s$ above it is all
# that it sees, through
#
# $$
# J^s_f = Z_f^\top V_{(s-1)}^{-1} Z_s , \qquad U_f = Z_f^\top V_{(d)}^{-1} (Z_2, X) , \qquad
# Z_f^\top V_{(s)}^{-1} M = Z_f^\top V_{(s-1)}^{-1} M + J^s_f K_s B_s ,
# $$ (eq:nested-reach)
#
# where $J^s_f$ has one block for each level of $f$, and $J^f_f$ is to be the identity. The code
# leaves $U_f$ in these parts. Each factor
# $s$ in which two levels lie together adds a term to their block of $Z^\top P Z$. With $s(i)$ for
# the level of $s$ in which $i$ lies, levels $i$ of $f$ and $j$ of $g$, where $g$ is $f$ or above
# it, have
#
# $$
# C_{ij} = [f = g, i = j]\,E_{f,i} + \sum_{s} [s(i) = s(j)]\; J^s_{f,i}\, G^s\, J^{s\,\top}_{g,j}
# - U_{f,i}\, Q\, U_{g,j}^\top , \qquad
# G^s = \begin{cases} (I + T_s A_s)^{-1} & s = g \ne f , \\ K_s & s > f, g , \end{cases}
# $$ (eq:nested-blocks)
#
# each $G^s$ a block of the level $s(i)$. With $d = 1$ the sum is empty, and this is
# {eq}`eq:eliminated-blocks`.
#
# Two levels in one level of $s$ lie in one level of any $t$ above $s$ too. So of the sum over all
# pairs $ij$ of a product of two terms, one of $s$ and one of $t \ge s$, there is left a sum over
# the levels $m$ of $s$, of products of what is below each:
#
# $$
# \sum_{ij} [s(i) = s(j)] \operatorname{tr}\bigl( (J^s_i G^s J^{s\,\top}_j)^\top H\,
# (J^t_i G^t J^{t\,\top}_j) H' \bigr) = \sum_m \operatorname{tr}\Bigl( G^{s\,\top}_m
# \sum_{i \in m} J^{s\,\top}_i H J^t_i \; G^t_{t(m)} \sum_{j \in m} J^{t\,\top}_j H' J^s_j \Bigr) ,
# $$ (eq:nested-spread)
#
# $$
# \sum_{ij} [s(i) = s(j)]\; a_i^\top H\, J^s_i G^s J^{s\,\top}_j H' a_j = \sum_m \Bigl(
# \sum_{i \in m} J^{s\,\top}_i H a_i \Bigr)^\top G^s_m \sum_{j \in m} J^{s\,\top}_j H' a_j .
# $$ (eq:nested-bend)
#
# The term of $Q$ is one of a factor with a single level, above all others. The terms of $i = j$
# alone are as in {eq}`eq:eliminated-spread`, with $V_i = E_i - C_{ii}$, and so is what is known of
# the level given $Y$, {eq}`eq:eliminated-posterior`. The cost grows with the number of levels, not
# with its square.

# %%
x_XV = x_X.T * x_V0.inv()
x_P = x_V0.inv() - x_XV.T * (x_XV * x_X).inv() * x_XV
x_N = sp.Matrix.hstack(x_Z2, x_X)
x_S = x_N.T * x_Vs[3].inv() * x_N
x_wide = sp.diag(x_Lambda2, sp.eye(2))
x_Q = x_wide * (x_wide.T * x_S * x_wide + sp.diag(sp.eye(2), sp.zeros(2, 2))).inv() * x_wide.T


def J_of(f, s):
    """J of factor f at factor s, a one of itself; U where s is the last."""
    if s == 3:
        return x_Zs[f].T * x_Vs[3].inv() * x_N
    return sp.eye(x_Zs[f].cols) if s == f else x_Zs[f].T * x_Vs[s].inv() * x_Zs[s]


def G_of(f, g, s):
    """What is between them."""
    if s == 3:
        return -x_Q
    return (x_Es[s] if f == g else x_through[s]) if s == g else x_Ks[s]


for f in range(3):
    for t in range(f + 1, 3):
        reached = J_of(f, t) * x_Ks[t] * (x_Zs[t].T * x_Vs[t].inv() * x_N)
        before = x_Zs[f].T * x_Vs[t].inv() * x_N
        check("eq:nested-reach", x_Zs[f].T * x_Vs[t + 1].inv() * x_N, before + reached, **exact)
    for g in range(f, 3):
        terms = [J_of(f, s) * G_of(f, g, s) * J_of(g, s).T for s in range(g, 4)]
        summed = sum(terms[1:], terms[0])
        check("eq:nested-blocks", x_Zs[f].T * x_P * x_Zs[g], summed, **exact)

# %% [markdown]
# The sums: a term of the schools with each other one, of groups with intercepts and slopes.

# %%
x_H, x_Hp = sp.Matrix([[1, 2], [2, -1]]), sp.Matrix([[0, 1], [1, 3]])
x_a = x_Z.T * x_P * x_y
levels_of = [slice(2 * i, 2 * i + 2) for i in range(3)]
below = [levels_of[:2], levels_of[2:]]  # what lies in each school
x_J, x_K = J_of(0, 1), x_Ks[1]


def term_of(s):
    """That of factor s between all levels of the first."""
    return J_of(0, s) * G_of(0, 0, s) * J_of(0, s).T


def summed(parts):
    """The sum of matrices."""
    return sum(parts[1:], parts[0])


def at_school(m, t):
    """J of factor t below a school, and what is between; one column of them if t is the schools."""
    here = slice(m, m + 1) if t == 1 else slice(None)
    return J_of(0, t)[:, here], G_of(0, 0, t)[here, here]


for t in (1, 2, 3):
    one, other = term_of(1), term_of(t)
    every = [one[i, j].T * x_H * other[i, j] * x_Hp for i in levels_of for j in levels_of]
    ends = []
    for m, inside in enumerate(below):
        J, G = at_school(m, t)
        left = summed([x_J[i, m].T * x_H * J[i, :] for i in inside])
        right = summed([J[j, :].T * x_Hp * x_J[j, m] for j in inside])
        ends.append(x_K[m, m] * (left * G * right).trace())
    check("eq:nested-spread", summed(every).trace(), sum(ends), **exact)

pairs = [(i, j) for i in levels_of for j in levels_of]
every = summed([x_a[i, :].T * x_H * term_of(1)[i, j] * x_Hp * x_a[j, :] for i, j in pairs])
ends = [
    [summed([x_J[i, m].T * H * x_a[i, :] for i in inside])[0] for H in (x_H, x_Hp)]
    for m, inside in enumerate(below)
]
by_school = sum(x_K[m, m] * left * right for m, (left, right) in enumerate(ends))
check("eq:nested-bend", every[0], by_school, **exact)

# %% [markdown]
# The links: 24 classes in eight schools in three towns, and a crossed factor. So few levels would
# be left to the dense system: the code eliminates again what has more than `tree.FEW`.

# %%
n = 150
nested = pd.DataFrame(rng.normal(size=(n, 3)), columns=["y", "x", "o"])
nested["c"] = np.concatenate([np.arange(24), rng.integers(0, 24, n - 24)])
nested["b"], nested["a"] = nested["c"] // 3, nested["c"] // 9
nested["h"] = rng.choice(list("pqr"), n)
nested["y"] += rng.normal(size=24)[nested["c"]] + rng.normal(size=8)[nested["b"]]
nested["w"] = rng.uniform(0.5, 2, n)
for name in "abc":
    nested[name] = nested[name].astype(str).astype("category")
design = rm.design("y ~ x + (x | c) + (x | b) + (1 | a) + (1 | h)", nested, weights="w", offset="o")
with mock.patch.object(tree, "FEW", 0):
    products = crossproducts(design)
theta = rng.normal(size=design.m)
Lambda = relative_factor(design, theta)
Zs = [term.Z for term in design.terms]  # c, b, a, h
ends = np.cumsum([0, *(Z.shape[1] for Z in Zs)])
effects = [slice(*pair) for pair in pairwise(ends)]
Ls = [Lambda[here, here] for here in effects]
Vs = [np.diag(1 / design.weights)]
for Z, L in zip(Zs[:3], Ls, strict=False):
    Vs.append(Vs[-1] + Z @ L @ L.T @ Z.T)
inverses = [np.linalg.inv(V) for V in Vs]
M = np.column_stack([Zs[3], design.X, design.y_less_offset])


def own_blocks(matrix, s, t):
    """Of a matrix (effects of s, of t) the block of each level of s and the one it lies in."""
    k, l_ = design.terms[s].k, design.terms[t].k
    parts = matrix.reshape(-1, k, matrix.shape[1] // l_, l_)
    return parts[np.arange(len(parts)), :, products.tree.above(s, t)]


at = eliminate.solve(products, theta)
link("eq:nested-left", M.T @ inverses[3] @ M, at.S, eliminate.solve)
logdet = np.linalg.slogdet(Vs[3])[1] + np.log(design.weights).sum()
link("eq:nested-det", logdet, at.levels_logdet, nesting.stage)
for s, here in enumerate(at.stages, start=1):
    A, E = (Zs[s].T @ inverse @ Zs[s] for inverse in (inverses[s], inverses[s + 1]))
    link("eq:nested-left", own_blocks(A, s, s), here.A, nesting.shared)
    link("eq:nested-left", Zs[s].T @ inverses[s] @ M, here.tail, nesting.shared)
    link("eq:nested-stage", own_blocks(E, s, s), here.E, nesting.Stage.E)
    K = -Ls[s] @ np.linalg.inv(np.eye(len(A)) + Ls[s].T @ A @ Ls[s]) @ Ls[s].T
    link("eq:nested-stage", own_blocks(K, s, s), here.K, nesting.stage)
for s, factor in enumerate(Pieces(at).own):
    U = factor.times(np.eye(M.shape[1])).reshape(-1, M.shape[1])
    link("eq:nested-reach", Zs[s].T @ inverses[3] @ M, U, Under.times)
    for t in range(s + 1, 3):
        expected = own_blocks(Zs[s].T @ inverses[t] @ Zs[t], s, t)
        link("eq:nested-reach", expected, factor.J[t], nesting.reach)

# %%
for reml in (True, False):
    found, whole = (
        route.evaluate(take, theta, reml)
        for route, take in ((blocked, products), (marginal, design))
    )
    for own, right in zip([found.C, *found.a], [whole.C, *whole.a], strict=True):
        link("eq:nested-blocks", right, own, blocked.evaluate)
    known = marginal.at(design, theta, reml)
    C = known.A if reml else known.ZtV0invZ
    of_c, of_b = effects[:2]
    left, right = np.kron(np.eye(24), D_1), np.kron(np.eye(8), D_2)
    by_hand = np.trace(C[of_b, of_c] @ left @ C[of_c, of_b] @ right)
    spread = D_1.ravel() @ found.spread[:4, 4:8] @ D_2.ravel()
    link("eq:nested-spread", by_hand, spread, branches.spread_between)
    by_hand = np.trace(C[of_c, of_c] @ left @ C[of_c, of_c] @ left)
    spread = D_1.ravel() @ found.spread[:4, :4] @ D_1.ravel()
    link("eq:nested-spread", by_hand, spread, branches.spread_between)
    ends = (whole.a[0] @ D_1).ravel(), (whole.a[1] @ D_2).ravel()
    bend = D_1.ravel() @ found.bend[:4, 4:8] @ D_2.ravel()
    link("eq:nested-bend", ends[0] @ known.A[of_c, of_b] @ ends[1], bend, branches.bend_between)
    link("eq:nested-spread", hessian(whole), hessian(found), blocked.evaluate)
with mock.patch.object(tree, "FEW", 0):
    found, right = blocked.posterior(design, theta), marginal.posterior(design, theta)
link("eq:nested-blocks", right.gamma, found.gamma, blocked.posterior)
for term, here in zip(design.terms, effects, strict=True):
    places = np.arange(here.start, here.stop).reshape(-1, term.k)
    expected = right.at_levels(term.group, places)
    link("eq:nested-blocks", expected, found.at_levels(term.group, places), blocked.posterior)

# %% [markdown]
# ## Errors of predictions, level by level
#
# A row to predict asks for effects $z_s$ of each factor $s$ that is eliminated, and for what is
# left, $m = (z_0, x_0)$, of the other random effects and $\beta$. Given all but the effects of
# factor 1, these have the covariance $-\sigma^2 K_1$, block by block, and a mean in which
# $\gamma_t$ of a factor above has the coefficients $K_1 B_{1t}$, and $(\gamma_2, \beta)$ have
# $K_1 B_1$: those of {eq}`eq:nested-stage`, $B_{st} = Z_s^\top V_{(s-1)}^{-1} Z_t$ and
# $B_s = Z_s^\top V_{(s-1)}^{-1} (Z_2, X)$. So what the row asks for of factor 1 it may as well ask
# of the others, and be off by a part that is independent of them. One factor after the other,
#
# $$
# z_t \leftarrow z_t + B_{st}^\top K_s z_s , \qquad m \leftarrow m + B_s^\top K_s z_s , \qquad
# v = - \sum_{s=1}^d z_s^\top K_s z_s + m^\top Q\, m ,
# $$ (eq:eliminated-error)
#
# where $z_s$ in the sum is what the factors before have left of it, and $Q$ is that of
# {eq}`eq:eliminated-blocks` by REML: of $\gamma_2$ and $\beta$ together. No part is negative, and
# none is a difference, so that no digits are lost where $T$ is large. A row may name levels of
# which the one does not lie in the other: it asks for both.
#
# The exact check compares the error variance {eq}`eq:prediction-variance` of each unit vector: of
# every random effect and of $\beta$, and of all sums of two of them.

# %%
x_TT, x_all = sp.diag(*x_Ts, x_T2), all_Z  # c, b, a, h
x_in_X = x_TT * x_all.T * x_V0.inv()
x_known = x_TT - x_in_X * x_all * x_TT
x_beta = (x_X.T * x_V0.inv() * x_X).inv()
x_off = -x_in_X * x_X
x_joint = (x_known + x_off * x_beta * x_off.T).row_join(x_off * x_beta)
x_joint = x_joint.col_join((x_off * x_beta).T.row_join(x_beta))

x_asked = sp.eye(x_joint.rows)  # a row each
x_ends = [0, 6, 8, 9, x_joint.rows]
x_parts = [x_asked[:, a:b] for a, b in pairwise(x_ends)]
x_v = sp.zeros(*x_joint.shape)
for s in range(3):
    x_v -= x_parts[s] * x_Ks[s] * x_parts[s].T
    later = [*x_Zs[s + 1 :], x_N]
    for t, x_later in enumerate(later, start=s + 1):
        x_parts[t] += x_parts[s] * x_Ks[s] * (x_Zs[s].T * x_Vs[s].inv() * x_later)
x_v += x_parts[3] * x_Q * x_parts[3].T
check("eq:eliminated-error", x_joint, x_v, **exact)

# %% [markdown]
# The link is to rows with levels that do not lie in one another, by the same stages and by one.

# %%
asked = replace(
    design,
    y=np.zeros(9),
    X=rng.normal(size=(9, 2)),
    terms=tuple(
        replace(t, x=rng.normal(size=(9, t.k)), codes=rng.integers(0, len(t.levels), 9))
        for t in design.terms
    ),
)
whole = marginal.at(design, theta)
delta = asked.X - asked.Z @ whole.T @ design.Z.T @ whole.V0inv @ design.X
known = whole.T - whole.T @ whole.ZtV0invZ @ whole.T
spread = asked.Z @ known @ asked.Z.T + delta @ whole.beta_cov @ delta.T
for few in (0, 60):
    with mock.patch.object(tree, "FEW", few):
        found = blocked.error_variances(design, theta, asked)
        together = blocked.error_covariance(design, theta, asked)
    link("eq:eliminated-error", np.diag(spread), found, blocked.error_variances)
    link("eq:eliminated-error", spread, together, blocked.error_covariance)

# %% [markdown]
# ## The others, where few of them are tied
#
# Of 60,000 pupils 12,000 teachers are left, and a matrix with a row and a column for each teacher
# does not fit into memory. But it is mostly zeros: what is left of the products of two teachers,
# {eq}`eq:eliminated-rest`, is zero where no pupil had both. Call two columns *tied* where it is
# not. So the others are taken out as the first factor was, a few columns at a time, and only what
# is not zero is stored. Factors in which the first lies then stay among the others.
#
# Take the columns in some order. Those that come after column $i$ and are tied to it when it goes,
# $\mathcal J_i$, are tied to one another from then on: something of their product was in $i$. So
# they are those that were tied to it from the start, and those of each $c$ before, the first of
# which is $i$:
#
# $$
# \mathcal J_i = \{ j > i : S_{ij} \neq 0 \} \;\cup
# \bigcup_{c : \min \mathcal J_c = i} \mathcal J_c \setminus \{ i \} .
# $$ (eq:fronts)
#
# An order in which few are tied, by least degree, is scipy's. Columns one after the other with
# $\mathcal J_i = \{ i' \} \cup \mathcal J_{i'}$ make a *front*: a small dense matrix, its *pivots*
# and the later columns $\mathcal J$ of the last one. All of $\mathcal J$ is in the front of the
# first of them, the parent. The effects of one level are in one front.
#
# The check eliminates in a rational matrix and looks for zeros.

# %%
ties_of = [(0, 1), (0, 4), (1, 2), (3, 5), (2, 6), (4, 6), (5, 6)]
x_tied = sp.eye(7) * 9 + sp.Matrix(7, 7, lambda i, j: int((i, j) in ties_of or (j, i) in ties_of))
later_of: list[set[int]] = []
for i in range(7):
    brought = [J for J in later_of if J and min(J) == i]
    later_of.append({j for j in range(i + 1, 7) if x_tied[i, j]}.union(*brought) - {i})
left_of, seen = x_tied.copy(), []
for i in range(7):
    seen.append([int(j > i and left_of[i, j] != 0) for j in range(7)])
    left_of = left_of - left_of[:, i] * left_of[i, :] / left_of[i, i]
by_rule = [[int(j in J) for j in range(7)] for J in later_of]
check("eq:fronts", seen, by_rule, "exact", "seven columns, seven ties")
pattern = sparse.csr_array(np.array(x_tied, dtype=float))
with mock.patch.object(fronts, "COST", 0):  # no front with zeros in it
    found = fronts.chains_of(pattern)
chains = [{node: {*nodes[i + 1 :], *J} for i, node in enumerate(nodes)} for nodes, J in found]
of_node = {node: J for chain in chains for node, J in chain.items()}
in_fronts = [[int(j in of_node[i]) for j in range(7)] for i in range(7)]
link("eq:fronts", by_rule, in_fronts, fronts.chains_of)

# %% [markdown]
# Let $a$ be the pivots of a front and $b$ later columns, $V_a = V_1 + Z_a T_a Z_a^\top$ with $V_1$
# for all that went before, and $A$, $B$ and $C$ the products that are left of $a$ with $a$, of $a$
# with $b$ and of $b$ with $b$. As in {eq}`eq:eliminated-solve` and {eq}`eq:eliminated-rest`,
#
# $$
# E = Z_a^\top V_a^{-1} Z_a = (I + A T_a)^{-1} A , \quad
# D = Z_a^\top V_a^{-1} Z_b = (I + A T_a)^{-1} B , \quad
# Z_b^\top V_a^{-1} Z_b = C - B^\top T_a D ,
# $$ (eq:fronts-down)
#
# and $\det V_a = \det V_1 \det(I + A T_a)$. Of a column $m$, of $X$ or $y$, with $m_a$ and $m_b$
# for what is left of its products, $U = Z^\top V_0^{-1} m$ is found on the way back:
#
# $$
# m_b - D^\top T_a m_a \text{ is left}, \qquad
# U_a = (I + A T_a)^{-1} m_a - D\, T_b U_b .
# $$ (eq:fronts-solve)
#
# When all are gone, $m^\top V_0^{-1} m' = m^\top V_1^{-1} m' - (Z^\top V_1^{-1} m)^\top T U'$ is
# left of $X$ and $y$. With $Q = T - T Z^\top V_0^{-1} Z\, T$, Henderson's inverse at the random
# effects,
#
# $$
# Z_a^\top V_0^{-1} Z_a = E - D Q_{bb} D^\top , \qquad Q_{ab} = - T_a D Q_{bb} , \qquad
# Q_{aa} = T_a (I + A T_a)^{-1} + T_a D Q_{bb} D^\top T_a .
# $$ (eq:fronts-up)
#
# These are Takahashi's equations, in a form in which nothing is divided by $T$. The right sides
# have of $Q_{bb}$ what $D$ meets, the later columns of the front: they are in the parent, and one
# way down and one way up the fronts give every entry of $Q$ that is in a front. The blocks of
# $Z^\top V_0^{-1} Z$ for one level each, and so the gradient, need no other; nor does the first
# factor, since the levels that a pupil ties are in one front.

# %%
x_rows = sp.Matrix(6, 5, lambda i, j: (3 * i * i + 5 * j + i * j) % 7 - 2)
x_Ta, x_Tb = sp.diag(sp.Rational(3, 4), sp.Rational(1, 2)), sp.diag(0, 2, sp.Rational(5, 3))
x_m = sp.Matrix([1, 4, 2, 8, 5, 7])
a_, b_later, (a_size, b_size) = (sp.symbols(f"{name}_1:3") for name in "abt")
sides = {
    "exact": (x_rows[:, :2], x_rows[:, 2:], x_Ta, x_Tb, x_m, "n = 6, 2 pivots and 3 later columns"),
    "symbolic": (
        *(sp.Matrix(2, 1, column) for column in (a_, b_later)),
        *(sp.Matrix([[size]]) for size in (a_size, b_size)),
        sp.Matrix(2, 1, sp.symbols("m_1:3")),
        "n = 2, one pivot and one later column",
    ),
}
for kind, (Za, Zb, Ta, Tb, m, size) in sides.items():
    Va = sp.eye(len(m)) + Za * Ta * Za.T
    Vab = Va + Zb * Tb * Zb.T
    inverse_a, inverse_0 = Va.inv(), Vab.inv()
    A, B, C, m_a, m_b = Za.T * Za, Za.T * Zb, Zb.T * Zb, Za.T * m, Zb.T * m
    through = (sp.eye(A.shape[0]) + A * Ta).inv()
    E, D = through * A, through * B
    check("eq:fronts-down", Za.T * inverse_a * Za, E, kind, size)
    check("eq:fronts-down", Za.T * inverse_a * Zb, D, kind, size)
    check("eq:fronts-down", Zb.T * inverse_a * Zb, C - B.T * Ta * D, kind, size)
    check("eq:fronts-down", Va.det(), (sp.eye(A.shape[0]) + A * Ta).det(), kind, size)
    Ua, Ub = Za.T * inverse_0 * m, Zb.T * inverse_0 * m
    check("eq:fronts-solve", Zb.T * inverse_a * m, m_b - D.T * Ta * m_a, kind, size)
    check("eq:fronts-solve", Ua, through * m_a - D * Tb * Ub, kind, size)
    squares = m.T * m - m_a.T * Ta * Ua - m_b.T * Tb * Ub
    check("eq:fronts-solve", m.T * inverse_0 * m, squares, kind, size)
    Qbb = Tb - Tb * Zb.T * inverse_0 * Zb * Tb
    check("eq:fronts-up", Za.T * inverse_0 * Za, E - D * Qbb * D.T, kind, size)
    check("eq:fronts-up", -Ta * Za.T * inverse_0 * Zb * Tb, -Ta * D * Qbb, kind, size)
    Qaa = Ta * through + Ta * D * Qbb * D.T * Ta
    check("eq:fronts-up", Ta - Ta * Za.T * inverse_0 * Za * Ta, Qaa, kind, size)

# %% [markdown]
# A row to predict, $z_1$, $z$ and $x$, asks after {eq}`eq:eliminated-error` for
# $m = z + B_1^\top K_1 z_1$ of the others, and for so much of $\beta$; call that $x$ again. Let
# $S = Z^\top V_1^{-1} Z$, $V_1$ with the first factor alone, and $M = (X^\top V_0^{-1} X)^{-1}$.
# The error has, over $\sigma^2$, the variance
#
# $$
# v = - z_1^\top K_1 z_1 + m^\top Q\, m + l^\top M\, l , \qquad
# Q\, m = T (I + S T)^{-1} m , \qquad l = x - U_X^\top T m .
# $$ (eq:fronts-error)
#
# The levels that a row of the data meets are in one front, and all entries of $Q$ that it asks for
# are there. A row with levels that never met asks for entries that are not, and takes a solve.
#
# The exact check has a first factor of two levels and others of five columns; the rows are all unit
# vectors.

# %%
x_Zf, x_Zo = sp.diag(sp.ones(3, 1), sp.ones(3, 1)), x_rows
x_Tf, x_To = sp.eye(2) * sp.Rational(3, 2), sp.diag(x_Ta, x_Tb)
x_Xf = sp.ones(6, 1).row_join(x_m)
x_Vf = sp.eye(6) + x_Zf * x_Tf * x_Zf.T
x_Vw = x_Vf + x_Zo * x_To * x_Zo.T
x_whole, x_Tw = x_Zf.row_join(x_Zo), sp.diag(x_Tf, x_To)
x_M = (x_Xf.T * x_Vw.inv() * x_Xf).inv()
x_left = sp.zeros(7, 2).col_join(sp.eye(2)).T - x_Xf.T * x_Vw.inv() * x_whole.row_join(
    sp.zeros(6, 2)
) * sp.diag(x_Tw, sp.zeros(2, 2))
x_errors = x_left.T * x_M * x_left + sp.diag(
    x_Tw - x_Tw * x_whole.T * x_Vw.inv() * x_whole * x_Tw, sp.zeros(2, 2)
)

x_Kf = -x_Tf * (sp.eye(2) + x_Zf.T * x_Zf * x_Tf).inv()
x_asks = [sp.eye(9)[:, a:b].T for a, b in pairwise([0, 2, 7, 9])]  # z1, z and x of nine rows
x_asked_of = x_asks[1] + x_Zo.T * x_Zf * x_Kf * x_asks[0]
x_beta_of = x_asks[2] + x_Xf.T * x_Zf * x_Kf * x_asks[0]
x_S, x_UX = x_Zo.T * x_Vf.inv() * x_Zo, x_Zo.T * x_Vw.inv() * x_Xf
x_Qm = x_To * (sp.eye(5) + x_S * x_To).inv() * x_asked_of
x_l = x_beta_of - x_UX.T * x_To * x_asked_of
x_found = -x_asks[0].T * x_Kf * x_asks[0] + x_asked_of.T * x_Qm + x_l.T * x_M * x_l
check("eq:fronts-error", x_errors, x_found, "exact", "n = 6, two levels, five others, p = 2")

# %% [markdown]
# The second derivatives are another matter. The sum over all pairs of levels in
# {eq}`eq:eliminated-spread` takes all blocks of $Z^\top P Z$, and these are not zero. But it is a
# derivative of what is there: by {eq}`eq:dP`, in the direction $H'$ of $T$,
#
# $$
# \mathrm d \sum_i \operatorname{tr}(H C_{ii}) = - \sum_{ij} \operatorname{tr}(C_{ji} H C_{ij} H') ,
# \qquad
# \mathrm d \sum_i a_i^\top H a_i = - 2 \sum_{ij} a_i^\top H A_{ij} H' a_j , \qquad
# \mathrm d f = \lim_{h \to 0} \operatorname{Im} f(T + \mathrm i h H') / h .
# $$ (eq:imaginary-part)
#
# The last holds for every function that sums, products and quotients make of $T$; nothing is
# subtracted in it, so that no digits are lost however small $h$ is, and with $h = 10^{-20}$ the
# rest, of the size $h^2$, is nothing. So the Hessian is as exact as the gradient, and costs as much
# as $m$ complex gradients. Where $T$ is singular $T + \mathrm i h H'$ is as good as any other.

# %%
t_a, t_b, step_h = sp.symbols("t_a t_b h", real=True)
Z_a, Z_b, x_one = x_rows[:3, :1], x_rows[:3, 1:3], x_m[:3, :]
x_Vt = sp.eye(3) + t_a * Z_a * Z_a.T + t_b * Z_b * Z_b.T
at_half = {t_a: sp.Rational(1, 2), t_b: sp.Rational(2, 3)}
inverse_t = x_Vt.inv()
C_b, a_b = (Z_b.T * inverse_t * Z_b).trace(), Z_b.T * inverse_t * x_one
cross = Z_b.T * inverse_t * Z_a
inside = a_b.T * cross * Z_a.T * inverse_t * x_one
size = "n = 3, one level and two"
small = {"kind": "exact", "sizes": size}
spread_now = -(cross * cross.T).trace()
check("eq:imaginary-part", C_b.diff(t_a).subs(at_half), spread_now.subs(at_half), **small)
bend_now = -2 * inside[0]
check(
    "eq:imaginary-part", (a_b.T * a_b)[0].diff(t_a).subs(at_half), bend_now.subs(at_half), **small
)
moved = C_b.subs(t_b, at_half[t_b]).subs(t_a, at_half[t_a] + sp.I * step_h)
part = sp.simplify(sp.im(sp.expand_complex(moved)) / step_h).subs(step_h, 0)
check("eq:imaginary-part", part, spread_now.subs(at_half), **small)

# %% [markdown]
# The route takes fronts where more than 500 effects are left, no more than a tenth of all pairs of
# levels is tied, and the count of multiplications, of fronts 20 times, is below the $r^3$ of the
# dense system; or where that would not fit into memory. The 20 is for what computers do
# best, products of large matrices, which the dense sums are. Teachers who are tied within their
# school alone make small fronts; where every pupil could have every teacher, almost all are tied in
# the end, and the dense system is the faster one. Which of the two it is
# does not change a digit that counts.
#
# The links have 30 pupils in twelve classes that they change, with a slope, two terms of one factor
# and a variance of zero.

# %%
pupil, room = rng.integers(0, 30, 150), rng.integers(0, 3, 150)
changing = pd.DataFrame({"y": rng.normal(size=150), "x": rng.normal(size=150), "pupil": pupil})
changing["room"], changing["head"] = pupil % 4 * 3 + room, pupil % 4
formula = "y ~ x + (x | pupil) + (1 | room) + (0 + x | room) + (1 | head)"
design = rm.design(formula, changing)
theta = np.array([0.8, 0.3, 0.5, 0.7, 0.4, 0.0])
few = mock.patch.multiple(ties, FEW=1.0, SLOWER=0.0, KEPT={})
with mock.patch.object(tree, "MANY", 0), mock.patch.object(fronts, "COST", 0), few:
    products = crossproducts(design)
    found, right = blocked.posterior(design, theta), marginal.posterior(design, theta)
    link("eq:fronts-up", right.gamma, found.gamma, selected.Selected.inverse)
    for group, here in (
        ("pupil", np.arange(60).reshape(30, 2)),
        ("head", [[84], [85], [86], [87]]),
    ):
        expected = right.at_levels(group, np.array(here))
        link("eq:fronts-up", expected, found.at_levels(group, here), selected.Selected.inverse)
    terms = tuple(replace(t, codes=rng.permutation(t.codes)) for t in design.terms)
    for rows in (design, replace(design, terms=terms)):  # the data's own, and others
        v = marginal.error_variances(design, theta, rows)
        found_v = blocked.error_variances(design, theta, rows)
        link("eq:fronts-error", v, found_v, blocked.error_variances)
        whole = marginal.error_covariance(design, theta, rows)
        together = blocked.error_covariance(design, theta, rows)
        link("eq:fronts-error", whole, together, blocked.error_covariance)
for reml in (True, False):
    whole, here = marginal.evaluate(design, theta, reml), blocked.evaluate(products, theta, reml)
    link("eq:fronts-down", whole.criterion, here.criterion, selected.select)
    link("eq:fronts-solve", whole.beta, here.beta, selected.Selected.solve)
    link("eq:fronts-up", whole.C, here.C, selected.Selected.inverse)
    link("eq:fronts-up", gradient(whole), gradient(here), selected.Selected.inverse)
    units = whole.layout.units
    for name in ("spread", "bend"):
        forms = [units @ getattr(one, name) @ units.T for one in (whole, here)]
        link("eq:imaginary-part", *forms, sparse_rest.Sparse.forms)
    link("eq:imaginary-part", hessian(whole), hessian(here), sparse_rest.Sparse.forms)

# %% [markdown]
# ## Rows that need not be kept
#
# A *cell* has the rows that have one level of each grouping factor. Within a cell a row of $Z$ is
# given by the columns that the effects of the terms have, so that of a cell with $n_c$ rows all
# columns of the model together, $(x, X, Y)$, are a matrix of $n_c$ rows and a few columns. Multiply
# each row by the root of its weight, and then the rows of each cell by an orthogonal $Q_c$ that
# leaves a triangle and rows of zeros. With $Q$ for all of them, and $\dot Z, \dot X, \dot Y$ for
# the rows that are not zero,
#
# $$
# \begin{aligned}
# Q\, W^{1/2} V_0 W^{1/2} Q^\top &= \begin{pmatrix} I + \dot Z T \dot Z^\top & \\ & I \end{pmatrix},
# \qquad \log|V_0| = \log\bigl|I + \dot Z T \dot Z^\top\bigr| - \sum_i \log w_i , \\
# (X, Y)^\top V_0^{-1} (X, Y)
# &= (\dot X, \dot Y)^\top \bigl(I + \dot Z T \dot Z^\top\bigr)^{-1} (\dot X, \dot Y) .
# \end{aligned}
# $$ (eq:cell-rows)
#
# The rows of zeros count in $n$ and tell nothing else. A million rows in three thousand counties
# are three rows a county where there is one covariate: as many as $(1, x, Y)$ has columns.
#
# The exact check goes the other way. From rows that are kept, and zeros, an orthogonal rational
# matrix (a reflection) makes the rows of two cells, four each, and roots of weights divide them.

# %%
kept_1 = sp.Matrix([[2, 1, 3], [0, 1, -1], [0, 0, 2]])  # columns 1, x and y, so to speak
kept_2 = sp.Matrix([[1, 3, 2], [0, 2, 1], [0, 0, 1]])


def reflected(kept, v):
    """The rows of a cell: those that are kept and one of zeros, times an orthogonal matrix."""
    v = sp.Matrix(v)
    Q = sp.eye(4) - 2 * v * v.T / (v.T * v)[0]
    return Q * kept.col_join(sp.zeros(1, 3))


r_root = sp.diag(*map(sp.Rational, ("1/2", 1, "3/2", 2, 1, "1/3", 1, 2)))  # of the weights
cells_12 = [reflected(kept_1, [1, 2, 0, 1]), reflected(kept_2, [2, 1, 1, 1])]
r_M = r_root.inv() * cells_12[0].col_join(cells_12[1])
r_Z = r_root.inv() * sp.diag(cells_12[0][:, :2], cells_12[1][:, :2])
k_M, k_Z = kept_1.col_join(kept_2), sp.diag(kept_1[:, :2], kept_2[:, :2])
two_T = sp.diag(triangle * triangle.T, triangle * triangle.T)
r_V = (r_root**2).inv() + r_Z * two_T * r_Z.T
k_V = sp.eye(6) + k_Z * two_T * k_Z.T
eight = {"kind": "exact", "sizes": "8 rows in 2 cells, 6 kept; q = 4, p = 2"}
check("eq:cell-rows", r_V.det() * (r_root**2).det(), k_V.det(), **eight)
check("eq:cell-rows", r_M.T * r_V.inv() * r_M, k_M.T * k_V.inv() * k_M, **eight)

# %% [markdown]
# Which covariance parameters can be told apart, {eq}`eq:linear-v`, is asked of products of $W^{-1}$
# and the $M_j$. Multiplied by $Q W^{1/2}$ from both sides these are $I$, which the rows of zeros
# have a part in, and $\dot M_j$, which they have none in: with $P$ rows kept,
#
# $$
# \operatorname{tr}(W M_i W M_j) = \operatorname{tr}(\dot M_i \dot M_j) + [i = j = 0]\,(n - P) .
# $$ (eq:cell-images)

# %%
effect = sp.Matrix([[1, 0], [0, 0]])
r_images = [(r_root**2).inv(), r_Z * sp.diag(effect, effect) * r_Z.T]
k_images = [sp.eye(6), k_Z * sp.diag(effect, effect) * k_Z.T]
pairs = [(0, 0), (0, 1), (1, 1)]
traces = [(r_root**2 * r_images[i] * r_root**2 * r_images[j]).trace() for i, j in pairs]
of_kept = [(k_images[i] * k_images[j]).trace() for i, j in pairs]
of_kept[0] += 8 - 6
check("eq:cell-images", traces, of_kept, **eight)

# %% [markdown]
# A triangle with as many digits as rows would give comes from sums, chunk by chunk, if these are
# about means. With $w$ for the sum of the weights of a cell, $m$ for the weighted mean of its rows
# $v_i$ and $G = \sum_i w_i (v_i - m)(v_i - m)^\top$,
#
# $$
# \sum_i w_i \begin{pmatrix} 1 \\ v_i \end{pmatrix} \begin{pmatrix} 1 & v_i^\top \end{pmatrix}
# = w \begin{pmatrix} 1 \\ m \end{pmatrix} \begin{pmatrix} 1 & m^\top \end{pmatrix}
# + \begin{pmatrix} 0 & \\ & G \end{pmatrix} ,
# $$ (eq:cell-mean)
#
# so that a row $\sqrt w\,(1, m^\top)$ and a root of $G$ stand for the cell. Of two parts of a cell,
# with $d = m_2 - m_1$,
#
# $$
# w = w_1 + w_2, \qquad m = m_1 + \frac{w_2}{w}\, d, \qquad
# G = G_1 + G_2 + \frac{w_1 w_2}{w}\, d d^\top :
# $$ (eq:cell-merge)
#
# chunks may be read in any order, or by many workers, and be added up.

# %%
s_w = sp.symbols("w1:4", positive=True)
s_v = [sp.Matrix(sp.symbols(f"u{i} v{i}")) for i in range(3)]


def cell_sums(rows):
    """w, m and G of some rows."""
    w = sum(s_w[i] for i in rows)
    m = sum((s_w[i] * s_v[i] for i in rows), sp.zeros(2, 1)) / w
    return w, m, sum((s_w[i] * (s_v[i] - m) * (s_v[i] - m).T for i in rows), sp.zeros(2, 2))


three = {"kind": "symbolic", "sizes": "3 rows, 2 columns; parts of 1 and 2 rows"}
(w_1, m_1, G_1), (w_2, m_2, G_2), (w_3, m_3, G_3) = map(cell_sums, ([0], [1, 2], [0, 1, 2]))
ones_v = [sp.Matrix([1, *v]) for v in s_v]
every = sum((w * v * v.T for w, v in zip(s_w, ones_v, strict=True)), sp.zeros(3, 3))
one_m = sp.Matrix([1, *m_3])
check("eq:cell-mean", every, w_3 * one_m * one_m.T + sp.diag(0, G_3), **three)
d_ = m_2 - m_1
merged = [w_1 + w_2, m_1 + w_2 / w_3 * d_, G_1 + G_2 + w_1 * w_2 / w_3 * d_ * d_.T]
check("eq:cell-merge", [w_3, m_3, G_3], merged, **three)

# %% [markdown]
# The rows $v_i$ are not the columns as they come. $y = 10^9$ and noise would have lost the noise
# when it is squared; so would $x$ and $x^2$ where they are nearly parallel. A first reading of all
# chunks makes the triangle of $(1, C, Y)$, with $C$ for all columns of $X$ and of effects: their
# means, which of them depend on others, and what least squares leave of $Y$. The second reading
# then takes $N$ and $e$, with a root mean square of one each and orthogonal to the ones,
#
# $$
# C = 1\,\bar c^\top + N S, \qquad Y = 1\,\bar y + N c + s\, e,
# $$ (eq:cell-basis)
#
# where $N$ and $e$ come from $C - 1 \bar c^\top$ and $Y - 1 \bar y$, differences that are exact
# where an origin is far off. The means need not be: whatever is taken off is put back. From
# $\dot N$ and $\dot e$ the search gets its coordinates, {eq}`eq:coordinates`, which have all the
# digits; the design's own arrays, in the user's units, have as many as fit there.
#
# The links cut 40 rows into chunks, in disorder.

# %%
crossed = rm.design("y ~ x + (x | g) + (1 | h)", data.assign(h=list("pqrs") * 10), weights="w")
order = np.random.default_rng(5).permutation(40)
columns = np.hstack([crossed.X, *(term.x for term in crossed.terms)])
chunks_of_rows = [
    chunks.Chunk(
        crossed.y[rows],
        crossed.offset[rows],
        (columns[rows],),
        tuple(term.codes[rows] for term in crossed.terms),
        crossed.weights[rows],
    )
    for rows in np.array_split(order, 3)
]
told = chunks.total(map(chunks.triangle_of, chunks_of_rows))
basis = cells.basis(told, [0, 1], 2)
summed = chunks.total(cells.cells(chunk, basis) for chunk in chunks_of_rows)
ends = np.cumsum([2, *(term.k for term in crossed.terms)])
places = [
    pseudo.Place(term, np.arange(end - term.k, end), t)
    for t, (term, end) in enumerate(zip(crossed.terms, ends[1:], strict=True))
]
fewer = pseudo.design_of(told, summed, basis, crossed.names, places)
print(f"{fewer.n} observations, {len(fewer.y)} rows, {len(summed.count)} cells")

# %%
every = chunks.Chunk(crossed.y, crossed.offset, (columns,), (), crossed.weights)
*N, e = basis.rows(every)
N = np.array(N).T
link("eq:cell-basis", columns, basis.origin + N @ basis.slopes, cells.Basis.rows)
link("eq:cell-basis", crossed.y, basis.center + N @ basis.c + basis.size * e, cells.Basis.rows)
squares = (N.T * crossed.weights) @ np.column_stack([np.ones(40), N, e])
link("eq:cell-basis", 40 * np.eye(N.shape[1], N.shape[1] + 2, 1), squares, cells.basis)

some = np.concatenate(np.array_split(order, 3)[:2])  # the rows of two chunks, as one cell
v, w = np.column_stack([N, e])[some], crossed.weights[some]
m = w @ v / w.sum()
G = ((v - m).T * w) @ (v - m)
whole_cell = chunks.total(
    cells.cells(chunks.Chunk(c.y, c.offset, c.parts, (), c.weights), basis)
    for c in chunks_of_rows[:2]
)
link("eq:cell-merge", m, whole_cell.means[:, 0], cells.gathered)
upper = np.triu_indices(len(m))
link("eq:cell-merge", G[upper], whole_cell.products[:, 0], cells.gathered)
K, _ = cells.roots(whole_cell)
wide = np.column_stack([np.ones(len(v)), v])
link("eq:cell-mean", (wide.T * w) @ wide, K.T @ K, cells.roots)

# %%
theta = np.array([0.9, -0.4, 0.6, 0.7])
for reml in (True, False):
    right = marginal.criterion(crossed, theta, reml)
    link("eq:cell-rows", right, marginal.criterion(fewer, theta, reml), pseudo.design_of)
    link(
        "eq:cell-rows",
        right,
        blocked.criterion(crossproducts(fewer), theta, reml),
        pseudo.design_of,
    )
    given_theta = [given(one, theta, reml, blocked).evaluation for one in (crossed, fewer)]
    link("eq:cell-rows", *(one.criterion for one in given_theta), pseudo.coordinates)
    link("eq:cell-rows", *(one.beta for one in given_theta), pseudo.coordinates)
right, found = marginal.posterior(crossed, theta), blocked.posterior(fewer, theta)
link("eq:cell-rows", right.gamma, found.gamma, pseudo.design_of)
of_both = [parameters(behaved(one).design, reml=False) for one in (crossed, fewer)]
images = [one.images * one.sizes for one in of_both]
link("eq:cell-images", *(image.T @ image for image in images), left_out)

# %% [markdown]
# ## Data larger than memory
#
# `rm.lmer` takes data in chunks wherever it takes a data frame: the path of a `.parquet` or `.csv`
# file; a list of data frames, or a function that gives them in turn, anew each time it is called; a
# dask data frame, on the cluster that is there. In a clone of refmixed, `pip install '.[big]'`
# installs what reading needs. On the command line a `.parquet` is read so, and a CSV file with
# `--chunks`. The data are read three times, of each chunk only the columns that the formula needs,
# and the fit is the one that a data frame gives. What it holds grows with the cells, not with the
# rows.

# %%
sleep = rm.load_dataset("sleepstudy")
in_chunks = rm.lmer(
    "Reaction ~ Days + (Days | Subject)",
    lambda: (sleep.iloc[k : k + 50] for k in range(0, 180, 50)),
)
print(in_chunks.summary())

# %% [markdown]
# Levels of a factor may first appear in any chunk. What a function of a formula learns from all
# rows (`scale`, `poly`, `bs`, `mean`) cannot be learned from chunks, and is refused: make a column
# of it beforehand. Weights and an offset are names of columns. There are no residuals and fitted
# values, nor a certificate: no row was kept. `fit.predict(newdata)` predicts the rows of a chunk.
#
# Two chunks that a function gives must be the same when it is asked again; where rows have come or
# gone an error says so. Within a cell, digits are lost where a column hardly varies there, or where
# the others give it nearly: what varies by $10^{-6}$ of the column's spread in all rows is told to
# ten digits, not sixteen.

# %% [markdown]
# ## To take away
#
# Given $\theta$, the parts of a model without a common random effect add up: determinants, cross
# products and squares. $\hat\beta$ is an average of the parts' own, and each part's random effects
# follow from its own rows. Only the search for $\theta$ sees all of them at once. With crossed
# factors one of them can be taken out, level by level, then those in which it lies, and the others
# be treated as usual, or, where few of their levels are tied, front by front. Of the rows of a cell
# a few are enough, and they can be had from chunks.
#
# Code: `blocked.crossproducts.crossproducts`, `blocked.eliminate.solve`, `blocked.pieces.Pieces`,
# `blocked.nested.stages`, `blocked.branches.spread_between`, `blocked.fronts.fronts_of`,
# `blocked.selected.select`, `blocked.sparse_rest.solve`, `blocked.errors.error_variances`;
# `blocked.chunks.Triangle`, `blocked.cells.Cells`, `blocked.pseudo.design_of`;
# `studies.independent.at`, `studies.independent.minimize`, `studies.independent.posterior`.
