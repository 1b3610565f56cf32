# %% [markdown]
# # In parts: a model that falls apart
#
# Where no random effect reaches from one set of rows into another, $V_0$ has blocks along its
# diagonal and zeros elsewhere. Given $\theta$ such a model can be computed part by part, and the
# parts be added up. A reader who has followed this page knows what is added, and why thousands of
# counties need no matrix with a column for each.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import marginal
from refmixed.covariance import relative_factor
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
V1, V2, G1, G2, y1, y2 = sp.symbols("V01 V02 G1 G2 y1 y2", commutative=False)
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
# In the checks $G_j$ stands for $R_{Xj}^\top R_{Xj}$.

# %%
X, Xt = sp.Matrix([X1, X2]), sp.Matrix([[X1t, X2t]])
Y, Yt = sp.Matrix([y1, y2]), sp.Matrix([[y1t, y2t]])
V_inverse = diagonal(V1**-1, V2**-1)
check("eq:parts-xvx", diagonal(V1, V2) * V_inverse, sp.eye(2), **general)
XVX_parts = X1t * V1**-1 * X1 + X2t * V2**-1 * X2
check("eq:parts-xvx", (Xt * V_inverse * X)[0], XVX_parts, **general)


def by_G(expression):
    """Multiply out; G_j for X_j' V_0j^-1 X_j wherever it occurs."""
    known = {X1t * V1**-1 * X1: G1, X2t * V2**-1 * X2: G2}
    return sp.expand(sp.expand(expression).subs(known))


b1, b2 = G1**-1 * X1t * V1**-1 * y1, G2**-1 * X2t * V2**-1 * y2  # of a part alone
b1t, b2t = y1t * V1**-1 * X1 * G1**-1, y2t * V2**-1 * X2 * G2**-1
check("eq:parts-xvy", (Xt * V_inverse * Y)[0], G1 * b1 + G2 * b2, **general)
r2_1 = (y1t - b1t * X1t) * V1**-1 * (y1 - X1 * b1)
r2_2 = (y2t - b2t * X2t) * V2**-1 * (y2 - X2 * b2)
squares = by_G(r2_1 + b1t * G1 * b1 + r2_2 + b2t * G2 * b2)
check("eq:parts-yvy", (Yt * V_inverse * Y)[0], squares, **general)

# %%
XV_j = [X.T * V.inv() for X, V in zip(X_j, V_j, strict=True)]
G_j = [XV * X for XV, X in zip(XV_j, X_j, strict=True)]
b_j = [(G.inv() * XV * y) for G, XV, y in zip(G_j, XV_j, y_j, strict=True)]
r_j = [y - X * b for y, X, b in zip(y_j, X_j, b_j, strict=True)]
r2_j = [r.T * V.inv() * r for r, V in zip(r_j, V_j, strict=True)]
x_XV = x_X.T * x_V.inv()
x_XVy, x_yVy = x_XV * x_y, x_y.T * x_V.inv() * x_y
check("eq:parts-xvx", x_XV * x_X, G_j[0] + G_j[1], **exact)
check("eq:parts-xvy", x_XVy, G_j[0] * b_j[0] + G_j[1] * b_j[1], **exact)
squares = [r2 + b.T * G * b for r2, G, b in zip(r2_j, G_j, b_j, strict=True)]
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
M = sp.Symbol("M", commutative=False)  # X' V_0^-1 X = G1 + G2


def by_parts(expression):
    """Multiply out; G_j B_j for X_j' V_0j^-1 Y_j, and G_j as above."""
    known = {X1t * V1**-1 * y1: G1 * B1, X2t * V2**-1 * y2: G2 * B2}
    known |= {y1t * V1**-1 * X1: B1t * G1, y2t * V2**-1 * X2: B2t * G2}
    return sp.expand(by_G(expression).subs(known))


def r2_at(c, ct):
    """The residual sum of squares at the coefficients c."""
    return ((Yt - ct * Xt) * V_inverse * (Y - X * c))[0]


within = (y1t - B1t * X1t) * V1**-1 * (y1 - X1 * B1) + (y2t - B2t * X2t) * V2**-1 * (y2 - X2 * B2)
between = (B1t - bt) * G1 * (B1 - b) + (B2t - bt) * G2 * (B2 - b)
check("eq:parts-rss", by_parts(r2_at(b, bt)), by_parts(within + between), **general)

best, best_t = M**-1 * (G1 * B1 + G2 * B2), (B1t * G1 + B2t * G2) * M**-1
gls = M**-1 * by_parts((Xt * V_inverse * Y)[0])  # eq:gls
check("eq:parts-beta", sp.expand(gls), sp.expand(best), **general)
direct = by_parts(r2_at(best, best_t)).subs(G2, M - G1)
less = ((Yt * V_inverse * Y)[0] - best_t * M * best).subs(G2, M - G1)
check("eq:parts-rss", sp.expand(direct), sp.expand(less), **general)

# %%
x_beta = (x_XV * x_X).LUsolve(x_XVy)
average = (G_j[0] + G_j[1]).inv() * (G_j[0] * b_j[0] + G_j[1] * b_j[1])
check("eq:parts-beta", x_beta, average, **exact)
x_r = x_y - x_X * x_beta
x_r2 = (x_r.T * x_V.inv() * x_r)[0]
subtracted = (x_yVy - x_beta.T * (x_XV * x_X) * x_beta)[0]
between = [(b - x_beta).T * G * (b - x_beta) for b, G in zip(b_j, G_j, strict=True)]
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
# $J (q/J)^3$, which is $J^2$ times fewer. The study of `s04_small_areas` has these:

# %%
q, J = small_areas.COUNTIES, small_areas.COUNTIES // small_areas.PART
print(f"{q:,} counties in {J} parts: {J**2:,} times fewer products")
print(
    f"the matrix of the whole: {8 * q**2 / 1e6:.0f} MB, of a part: {8 * (q // J) ** 2 / 1e3:.1f} kB"
)

# %% [markdown]
# ## To take away
#
# Given $\theta$, the parts of a model without a common random effect add up: determinants, cross
# products and squares. $\hat\beta$ is an average of the parts' own, and each part's random effects
# follow from its own rows. Only the search for $\theta$ sees all of them at once.
#
# Code: `studies.independent.at`, `studies.independent.minimize`, `studies.independent.posterior`.
