# %% [markdown]
# # Penalized least squares: the same criterion from a small system
#
# By definition the likelihood needs $V$, with a row and a column for every observation. This page
# gets the same numbers from a ridge regression with $q + p$ unknowns. A reader who has followed
# it knows what lme4's `L`, `RZX` and `RX` are, and why a variance of zero does no harm to them.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import marginal, penalized
from refmixed.covariance import relative_factor

page("d06_penalized")

# %% [markdown]
# ## What the checks run on
#
# Proofs for all sizes use symbols that stand for whole matrices and do not commute: `Ut` is
# $U^\top$. Throughout, $U \equiv Z\Lambda$, and $Y$ is the response less the offset. Exact checks
# use one small design with rational entries: three groups of 3, 3 and 1 rows, a random intercept
# and slope for each, and weights.

# %%
W, U, Ut, X, Xt, y, yt = sp.symbols("W U Ut X Xt y yt", commutative=False)
V0 = W**-1 + U * Ut  # the definition of V0

days = [0, 1, 2, 0, 2, 3, 1]
group = [0, 0, 0, 1, 1, 1, 2]
n, p, q = 7, 2, 6
x_X = sp.Matrix(n, p, lambda i, j: days[i] ** j)
x_Z = sp.Matrix(n, q, lambda i, c: days[i] ** (c % 2) * int(group[i] == c // 2))
x_Lambda = sp.diag(*[sp.Matrix([["3/4", 0], ["-1/3", "1/2"]]).applyfunc(sp.Rational)] * 3)
x_W = sp.diag(*[sp.Rational(k, 2) for k in (2, 1, 3, 2, 4, 2, 3)])
x_y = sp.Matrix([3, 5, 4, 2, 6, 7, 1])
x_U = x_Z * x_Lambda
x_V0 = x_W.inv() + x_U * x_U.T
x_V0inv = x_V0.inv()

# %% [markdown]
# Links compare with the code on random data: unequal groups, crossed factors, weights, an offset,
# and a $\theta$ in which some entries are zero, so that $\Sigma$ is singular.


# %%
def random_case(formula, seed, zeros=()):
    """A design and a theta for it, some entries of theta zero."""
    rng = np.random.default_rng(seed)
    rows = 30
    g, h, x = rng.choice(5, rows), rng.choice(3, rows), rng.normal(size=rows)
    y = 2 + x + rng.normal(size=5)[g] + rng.normal(size=3)[h] + rng.normal(size=rows)
    data = pd.DataFrame({"y": y, "x": x, "g": g.astype(str), "h": h.astype(str)})
    design = rm.design(
        formula, data, weights=rng.uniform(0.5, 2, rows), offset=rng.normal(size=rows)
    )
    theta = rng.uniform(0.3, 1.5, design.m)
    theta[list(zeros)] = 0.0
    return design, theta


def inverse_of_V0(design, theta):
    """By definition, n x n."""
    U = design.Z @ relative_factor(design, theta)
    return np.linalg.inv(np.diag(1 / design.weights) + U @ U.T)


CASES = [
    random_case("y ~ x + (x | g)", 1),
    random_case("y ~ x + (x | g) + (1 | h)", 2),
    random_case("y ~ x + (x | g) + (1 | h)", 3, zeros=[1, 2]),
]


# %% [markdown]
# ## Ridge regression
#
# Least squares of $Y$ on the columns of a matrix $Z$ fails where the columns depend on one
# another, and is noisy where they nearly do. Ridge regression minimises
# $|Y - Zb|^2 + \lambda |b|^2$ instead, with $\lambda > 0$. Setting the slope to zero gives
#
# $$
# \hat b = (Z^\top Z + \lambda I)^{-1} Z^\top Y .
# $$ (eq:ridge)
#
# $Z^\top Z + \lambda I$ is positive definite whatever $Z$ is, so the minimum exists and is
# unique. The check solves the slope for $b$, with two columns of $Z$ equal.

# %%
lam = sp.Symbol("lambda", positive=True)
b = sp.Matrix(sp.symbols("b1:4"))
Z4 = sp.Matrix([[1, 1, 0], [2, 2, 1], [0, 0, 3], [1, 1, 1]])
r = x_y[:4, :] - Z4 * b
objective = (r.T * r)[0] + lam * (b.T * b)[0]
stationary = sp.solve([objective.diff(c) for c in b], list(b), dict=True)[0]
ridge = (Z4.T * Z4 + lam * sp.eye(3)).inv() * Z4.T * x_y[:4, :]
check("eq:ridge", b.subs(stationary), ridge, "exact", "n = 4, q = 3, any lambda", text_only=True)

# %% [markdown]
# ## The joint density is a penalized sum of squares
#
# Write $\gamma = \Lambda u$ with $u \sim N(0, \sigma^2 I)$, and $U \equiv Z\Lambda$. Given $u$,
# the observations are independent with means $X\beta + Uu$ and variances $\sigma^2 / w_i$.
# Multiply their densities by those of the entries of $u$ and take $-2\log$:
#
# $$
# -2 \log p(Y, u) = (n + q) \log(2\pi\sigma^2) - \sum_i \log w_i
#   + \frac{|W^{1/2}(Y - X\beta - Uu)|^2 + |u|^2}{\sigma^2} .
# $$ (eq:joint-penalty)
#
# So the $u$ of the largest joint density, for given $\beta$, is a ridge estimate with penalty 1.
# The data ask for a good fit, and the distribution of $u$ asks for small effects.
#
# The check comes from the other side. Moments alone say that $(Y, u)$ is jointly normal with
# covariance $\sigma^2 \begin{pmatrix} V_0 & U \\ U^\top & I \end{pmatrix}$. The matrix of the
# quadratic form above must be the inverse of that, and the densities must agree, constants
# included.

# %%
covariance = sp.Matrix([[V0, U], [Ut, 1]])
precision = sp.Matrix([[W, -W * U], [-Ut * W, Ut * W * U + 1]])
product = (covariance * precision).applyfunc(sp.expand)
check("eq:joint-penalty", product, sp.eye(2), "general", "all sizes", text_only=True)

# %%
s, w1, w2, z1, z2, e1, e2, u1 = sp.symbols("sigma w1 w2 z1 z2 e1 e2 u1", positive=True)
at = sp.Matrix([e1, e2, u1])  # e = y - X beta
cov = s**2 * sp.Matrix([[1 / w1 + z1**2, z1 * z2, z1], [z1 * z2, 1 / w2 + z2**2, z2], [z1, z2, 1]])
penalized_sum = w1 * (e1 - z1 * u1) ** 2 + w2 * (e2 - z2 * u1) ** 2 + u1**2
check(
    "eq:joint-penalty",
    [(2 * sp.pi) ** 3 * cov.det(), (at.T * cov.inv() * at)[0]],  # of the normal density
    [(2 * sp.pi * s**2) ** 3 / (w1 * w2), penalized_sum / s**2],
    "symbolic",
    "n = 2, q = 1: what stands in the logarithms, and the squares",
    text_only=True,
)

# %% [markdown]
# ## The normal equations
#
# Minimise $|W^{1/2}(Y - X\beta - Uu)|^2 + |u|^2$ over $u$ and $\beta$ together. The penalty is a
# sum of squares as well: it is what $q$ more observations, all zero, would add. Hence this is
# ordinary least squares with response $(W^{1/2}Y, 0)$ and model matrix
# $\begin{pmatrix} W^{1/2}U & W^{1/2}X \\ I & 0 \end{pmatrix}$, and its normal equations are
#
# $$
# \begin{pmatrix} U^\top W U + I & U^\top W X \\ X^\top W U & X^\top W X \end{pmatrix}
# \begin{pmatrix} u \\ \beta \end{pmatrix}
# = \begin{pmatrix} U^\top W Y \\ X^\top W Y \end{pmatrix} .
# $$ (eq:normal-equations)
#
# The columns of this matrix are independent as soon as those of $X$ are: times $(u, \beta)$ it is
# zero only if $u = 0$ and then $X\beta = 0$. So there is one solution, and it is the minimum.

# %%
root = sp.Symbol("S", commutative=False)  # W^(1/2), symmetric
augmented = sp.Matrix([[root * U, root * X], [1, 0]])
augmented_t = sp.Matrix([[Ut * root, 1], [Xt * root, 0]])
system = sp.Matrix([[Ut * W * U + 1, Ut * W * X], [Xt * W * U, Xt * W * X]])
rhs = sp.Matrix([Ut * W * y, Xt * W * y])
check(
    "eq:normal-equations", augmented_t * augmented, system.subs(W, root**2), "general", "all sizes"
)
moment = augmented_t * sp.Matrix([root * y, 0])
check("eq:normal-equations", moment, rhs.subs(W, root**2), "general", "all sizes: the right side")

# %% [markdown]
# Differentiation of the sum of squares, with a symbol for every entry, gives the same equations.

# %%
s_U = sp.Matrix(3, 2, sp.symbols("U:6"))
s_X, s_y, s_w = (sp.Matrix(sp.symbols(f"{name}:3")) for name in "Xyw")
unknown = sp.Matrix(sp.symbols("u1 u2 beta"))
left_over = s_y - s_U.row_join(s_X) * unknown
total = (
    sum(w * r**2 for w, r in zip(s_w, left_over, strict=True)) + unknown[0] ** 2 + unknown[1] ** 2
)
UX = s_U.row_join(s_X)
s_system = UX.T * sp.diag(*s_w) * UX + sp.diag(1, 1, 0)
half_slope = s_system * unknown - UX.T * sp.diag(*s_w) * s_y
slopes = sp.Matrix([total.diff(c) for c in unknown])
check("eq:normal-equations", slopes, 2 * half_slope, "symbolic", "n = 3, q = 2, p = 1")

# %% [markdown]
# With a penalty of $0$ in place of $1$ the effects would be fixed ones. So a mixed model is
# regression on the columns of $X$ and $Z\Lambda$, with a fine on the coefficients of the latter,
# and $\Lambda$ says how large an effect one unit of $u$ makes.


# %%
def small_system(design, theta):
    """Matrix and right side of eq:normal-equations, u before beta."""
    U = design.Z @ relative_factor(design, theta)
    UX = np.hstack([U, design.X])
    penalty = np.diag([1.0] * design.q + [0.0] * design.p)
    return (UX.T * design.weights) @ UX + penalty, (UX.T * design.weights) @ design.y_less_offset


for design, theta in CASES:
    matrix, right = small_system(design, theta)
    at = penalized.solve(design, theta)
    link("eq:normal-equations", right, matrix @ np.concatenate([at.u, at.beta]), penalized.solve)

# %% [markdown]
# ## The factors
#
# The matrix is symmetric and positive definite, so it has a Cholesky factor, a lower triangle
# times its transpose. In blocks
#
# $$
# \begin{pmatrix} L & 0 \\ R_{ZX}^\top & R_X^\top \end{pmatrix}
# \begin{pmatrix} L^\top & R_{ZX} \\ 0 & R_X \end{pmatrix}
# = \begin{pmatrix} U^\top W U + I & U^\top W X \\ X^\top W U & X^\top W X \end{pmatrix} .
# $$ (eq:block-factor)
#
# Multiply the left side out and match the blocks one after the other. Each gives a factor from
# those before it:
#
# $$
# L L^\top = \Lambda^\top Z^\top W Z \Lambda + I
# $$ (eq:L)
#
# $$
# L R_{ZX} = \Lambda^\top Z^\top W X
# $$ (eq:RZX)
#
# $$
# R_X^\top R_X = X^\top W X - R_{ZX}^\top R_{ZX}
# $$ (eq:RX)
#
# $L$ is a lower triangle and $R_X$ an upper one, as in lme4.

# %%
L, Lt, RX, RXt = sp.symbols("L Lt RX RXt", commutative=False)
RZX = L**-1 * Ut * W * X  # eq:RZX solved
RZXt = Xt * W * U * Lt**-1
blocks = sp.Matrix([[L, 0], [RZXt, RXt]]) * sp.Matrix([[Lt, RZX], [0, RX]])
blocks = blocks.applyfunc(sp.expand)
matched = blocks.subs({L * Lt: Ut * W * U + 1, RXt * RX: Xt * W * X - RZXt * RZX})  # eq:L, eq:RX
check("eq:block-factor", matched, system, "general", "all sizes", text_only=True)

# %% [markdown]
# Exactly: eliminate in the whole matrix at once, without a thought of blocks, and read the blocks
# off the result. Elimination gives rational pivots $d_i$; their square roots make it a Cholesky
# factor.

# %%
x_UX = x_U.row_join(x_X)
x_system = x_UX.T * x_W * x_UX + sp.diag(sp.eye(q), sp.zeros(p))
unit_triangle, pivots = x_system.LDLdecomposition()
whole = unit_triangle * pivots.applyfunc(sp.sqrt)  # the Cholesky factor of everything
x_L, x_RZX, x_RX = whole[:q, :q], whole[q:, :q].T, whole[q:, q:].T
sizes = f"n = {n}, q = {q}, p = {p}"
gram = x_Lambda.T * (x_Z.T * x_W * x_Z) * x_Lambda
check("eq:block-factor", whole * whole.T, x_system, "exact", sizes, text_only=True)
check("eq:L", x_L * x_L.T, gram + sp.eye(q), "exact", sizes)
check("eq:RZX", x_RZX, x_L.lower_triangular_solve(x_U.T * x_W * x_X), "exact", sizes)
check("eq:RX", x_RX.T * x_RX, x_X.T * x_W * x_X - x_RZX.T * x_RZX, "exact", sizes)

# %%
for design, theta in CASES:
    matrix, _ = small_system(design, theta)
    factor, at = np.linalg.cholesky(matrix), penalized.solve(design, theta)
    k = design.q
    link("eq:L", factor[:k, :k], at.L, penalized.solve)
    link("eq:RZX", factor[k:, :k].T, at.RZX, penalized.solve)
    link("eq:RX", factor[k:, k:].T, at.RX, penalized.solve)

# %% [markdown]
# In the picture a design with two crossed factors, `y ~ x + (1 | g) + (1 | h)`: eight levels of
# `g`, each met by two of the five levels of `h`. On the left are the entries of the matrix that are
# not zero, on the right those of its factor. No two levels of one factor share a row, so that both
# diagonal blocks of the matrix are diagonal. The first stays so in $L$. In the second the entries
# that are drawn strongest are new: two levels of `h` are tied there where a level of `g` met both.
# So most of the work is in the small corner, and {doc}`d11_blocked` goes on from there.

# %% mystnb={"image": {"alt": "the system is sparse, its factor fills up in the second block"}}
met = [(g, (g + step) % 5) for g in range(8) for step in (0, 1)]
crossed = pd.DataFrame([pair for pair in met for _ in range(2)], columns=["g", "h"]).astype(str)
crossed["x"] = crossed["y"] = np.random.default_rng(6).normal(size=len(crossed))
cross = rm.design("y ~ x + (1 | g) + (1 | h)", crossed)
matrix, _ = small_system(cross, np.array([0.7, 0.5]))
nonzero = [np.abs(of) > 1e-12 for of in (matrix, np.linalg.cholesky(matrix))]
figure, panels = plt.subplots(1, 2, figsize=(8, 4.4), layout="constrained")
for axes, there, title in zip(panels, nonzero, ("the matrix", "its factor"), strict=True):
    axes.imshow(0.3 * there + 0.6 * (there & ~nonzero[0]), cmap="Greys", vmin=0, vmax=1)
    axes.set(title=title, xticks=[3.5, 10, 13.5], yticks=[3.5, 10, 13.5])
    axes.set_xticklabels(["$u$ of g", "of h", r"$\beta$"])
    axes.set_yticklabels(["$u$ of g", "of h", r"$\beta$"])
    axes.tick_params(length=0)
    for edge, width in ((7.5, 0.5), (12.5, 1.2)):
        axes.axvline(edge, color="k", linewidth=width)
        axes.axhline(edge, color="k", linewidth=width)
    axes.set(xlim=(-0.5, 14.5), ylim=(14.5, -0.5))
labels = [
    [(2.3, 6.3, r"$U^\top W U + I$"), (13.5, 3, r"$U^\top W X$"), (13.5, 13.5, r"$X^\top W X$")],
    [(9.5, 3.5, "$L$"), (10, 13.5, r"$R_{ZX}^\top$"), (13.5, 13.5, r"$R_X^\top$")],
]
ground = {"facecolor": "w", "edgecolor": "none", "pad": 1.5}
for axes, words in zip(panels, labels, strict=True):
    for right, down, text in words:
        axes.text(right, down, text, ha="center", va="center", fontsize=8, bbox=ground)

# %% [markdown]
# ## Back substitution
#
# A triangular system is solved one unknown at a time. Put the factors of {eq}`eq:block-factor` in:
# the left triangle times $(c_u, c_\beta)$ is the right side, and the right one times $(u, \beta)$
# is $(c_u, c_\beta)$. So there are two systems downwards, from the top, with the lower triangles
# $L$ and $R_X^\top$, and two upwards, from the bottom, with the upper ones $R_X$ and $L^\top$.
# Upwards $\beta$ comes before $u$:
#
# $$
# \begin{aligned}
# L\, c_u &= U^\top W Y, & R_X^\top c_\beta &= X^\top W Y - R_{ZX}^\top c_u
#   && \text{(downwards)} \\
# R_X\, \beta &= c_\beta, & L^\top u &= c_u - R_{ZX}\, \beta && \text{(upwards)}
# \end{aligned}
# $$ (eq:back-solve)
#
# In the code both directions are given the *lower* triangle of the pair: `solve_lower(L, b)` solves
# $Lx = b$, and `solve_upper(L, b)` solves $L^\top x = b$. As $R_X$ is upper, its lower triangle is
# `RX.T`: that is why `RX.T` stands in both lines, and the second one does solve
# $R_X \beta = c_\beta$.
#
# The check puts the $u$ and $\beta$ that these give into the normal equations.

# %%
cu = L**-1 * Ut * W * y
cbeta = RXt**-1 * (Xt * W * y - RZXt * cu)
beta = RX**-1 * cbeta
u = Lt**-1 * (cu - RZX * beta)
solved = sp.Matrix(
    [L * Lt * u + Ut * W * X * beta, Xt * W * U * u + (RZXt * RZX + RXt * RX) * beta]
)
check("eq:back-solve", solved.applyfunc(sp.expand), rhs, "general", "all sizes")

x_cu = x_L.lower_triangular_solve(x_U.T * x_W * x_y)
x_cbeta = x_RX.T.lower_triangular_solve(x_X.T * x_W * x_y - x_RZX.T * x_cu)
x_beta = x_RX.upper_triangular_solve(x_cbeta).applyfunc(sp.radsimp)
x_u = x_L.T.upper_triangular_solve(x_cu - x_RZX * x_beta).applyfunc(sp.radsimp)
at_once = list(x_system.LUsolve(x_UX.T * x_W * x_y))
check("eq:back-solve", [*x_u, *x_beta], at_once, "exact", sizes)

# %%
for design, theta in CASES:
    at, (matrix, right) = penalized.solve(design, theta), small_system(design, theta)
    parts = penalized.back_solve(design, at.Lambda, at.L, at.RZX, at.RX, design.y_less_offset)
    expected = np.linalg.solve(matrix, right)
    link("eq:back-solve", expected, np.concatenate(parts), penalized.back_solve)

# %% [markdown]
# ## What the residuals know about the inverse of V
#
# For any $\beta$ let $r = Y - X\beta$, and let $\hat u$ be the best $u$ for it, so that
# $L L^\top \hat u = U^\top W r$. Its residuals, weighted, are what $V_0^{-1}$ would have made of
# $r$:
#
# $$
# V_0^{-1} r = W (r - U \hat u) .
# $$ (eq:weighted-residual)
#
# Call the right side $s$. The first row of the normal equations says that $U^\top s = \hat u$.
# Then $r = W^{-1} s + U \hat u = (W^{-1} + U U^\top) s = V_0 s$. No inverse was needed but that
# of $L L^\top$.

# %%
r, rt, M = sp.symbols("r rt M", commutative=False)  # M = L L'


def by_L(expression):
    """Expand, with eq:L in the form U'WU = M - 1."""
    return sp.expand(sp.expand(expression).subs(Ut * W * U, M - 1))


u_hat = M**-1 * Ut * W * r
check("eq:weighted-residual", by_L(V0 * W * (r - U * u_hat)), r, "general", "all sizes")
x_r = x_y - x_X * x_beta
x_s = x_W * (x_r - x_U * x_u)
check("eq:weighted-residual", x_V0inv * x_r, x_s, "exact", sizes)

# %% [markdown]
# The derivatives of the criterion need $Z^\top V_0^{-1} (Y - X\hat\beta)$, the vector `a`. Here it
# is $Z^\top W$ times the residuals.

# %%
for design, theta in CASES:
    found = penalized.solve(design, theta)
    residual = design.y_less_offset - design.X @ found.beta
    expected = design.Z.T @ inverse_of_V0(design, theta) @ residual
    link("eq:weighted-residual", expected, found.a, penalized.Penalized.a)

# %% [markdown]
# ## Woodbury's identity
#
# Put $\hat u = (L L^\top)^{-1} U^\top W r$ into {eq}`eq:weighted-residual`. It holds for every
# $r$, so it is an identity of matrices, known as Woodbury's:
#
# $$
# V_0^{-1} = W - W U (L L^\top)^{-1} U^\top W .
# $$ (eq:woodbury)
#
# An $n \times n$ inverse has become a $q \times q$ one, because $V_0$ is a diagonal matrix plus
# one of rank $q$ at most.

# %%
candidate = W - W * U * M**-1 * Ut * W
check("eq:woodbury", [by_L(V0 * candidate), by_L(candidate * V0)], [1, 1], "general", "all sizes")
x_M = gram + sp.eye(q)
check("eq:woodbury", x_V0inv, x_W - x_W * x_U * x_M.inv() * x_U.T * x_W, "exact", sizes)

# %% [markdown]
# Between $X^\top$ and $X$, and between $Z^\top$ and $Z$, it needs no inverse at all, only the
# factors:
#
# $$
# X^\top V_0^{-1} X = X^\top W X - R_{ZX}^\top R_{ZX} = R_X^\top R_X
# $$ (eq:xvx)
#
# $$
# Z^\top V_0^{-1} Z = Z^\top W Z - K_Z^\top K_Z, \qquad L K_Z = \Lambda^\top Z^\top W Z
# $$ (eq:zvz)
#
# $$
# X^\top V_0^{-1} Z = X^\top W Z - R_{ZX}^\top K_Z
# $$ (eq:xvz)
#
# So $\sigma^2 (R_X^\top R_X)^{-1}$ is the covariance of $\hat\beta$, {eq}`eq:vcov`. With
# $R_X^\top K_X = X^\top V_0^{-1} Z$ and the $P$ of {eq}`eq:P`,
#
# $$
# Z^\top P Z = Z^\top V_0^{-1} Z - K_X^\top K_X .
# $$ (eq:zpz)

# %%
Z, Zt, Lam, Lamt = sp.symbols("Z Zt Lambda Lambdat", commutative=False)
by_factors = (W - W * U * Lt**-1 * L**-1 * Ut * W).subs({U: Z * Lam, Ut: Lamt * Zt})
K_Z, K_Zt = L**-1 * Lamt * Zt * W * Z, Zt * W * Z * Lam * Lt**-1
R, Rt = L**-1 * Lamt * Zt * W * X, Xt * W * Z * Lam * Lt**-1  # R_ZX and its transpose
for tag, left, right in [
    ("eq:xvx", Xt * by_factors * X, Xt * W * X - Rt * R),
    ("eq:zvz", Zt * by_factors * Z, Zt * W * Z - K_Zt * K_Z),
    ("eq:xvz", Xt * by_factors * Z, Xt * W * Z - Rt * K_Z),
]:
    check(tag, sp.expand(left), right, "general", "all sizes", text_only=tag == "eq:xvx")

V = sp.Symbol("V0", commutative=False)
P = V**-1 - V**-1 * X * (RX**-1 * RXt**-1) * Xt * V**-1
K_X, K_Xt = RXt**-1 * Xt * V**-1 * Z, Zt * V**-1 * X * RX**-1
check("eq:zpz", sp.expand(Zt * P * Z), Zt * V**-1 * Z - K_Xt * K_X, "general", "all sizes")

# %%
x_K_Z = x_L.lower_triangular_solve(x_U.T * x_W * x_Z)
x_XVX, x_XVZ = x_X.T * x_V0inv * x_X, x_X.T * x_V0inv * x_Z
x_P = x_V0inv - x_V0inv * x_X * x_XVX.inv() * x_X.T * x_V0inv
x_ZVZ = x_Z.T * x_W * x_Z - x_K_Z.T * x_K_Z
x_K_X = x_RX.T.lower_triangular_solve(x_XVZ)
check("eq:xvx", x_XVX, x_RX.T * x_RX, "exact", sizes, text_only=True)
check("eq:zvz", x_Z.T * x_V0inv * x_Z, x_ZVZ, "exact", sizes)
check("eq:xvz", x_XVZ, x_X.T * x_W * x_Z - x_RZX.T * x_K_Z, "exact", sizes)
check("eq:zpz", x_Z.T * x_P * x_Z, x_ZVZ - x_K_X.T * x_K_X, "exact", sizes)

for design, theta in CASES:
    inverse = inverse_of_V0(design, theta)
    XVX, XVZ = design.X.T @ inverse @ design.X, design.X.T @ inverse @ design.Z
    ZVZ = design.Z.T @ inverse @ design.Z
    found = penalized.solve(design, theta)
    link("eq:woodbury", ZVZ, found.ZtV0invZ, penalized.Penalized.ZtV0invZ)
    link("eq:zvz", ZVZ, found.ZtV0invZ, penalized.Penalized.ZtV0invZ)
    link("eq:xvx", np.linalg.inv(XVX), found.beta_cov, penalized.Penalized.beta_cov)
    link("eq:xvz", XVZ, found.XtV0invZ, penalized.Penalized.XtV0invZ)
    fixed = XVZ.T @ np.linalg.solve(XVX, XVZ)
    link("eq:zpz", ZVZ - fixed, found.A, penalized.Penalized.A)

# %% [markdown]
# The same elimination shows that the $\beta$ of the normal equations is that of generalised least
# squares, {eq}`eq:gls`. Multiply the four steps of {eq}`eq:back-solve` out; what stands before
# $Y$ is $X^\top V_0^{-1}$ by Woodbury:
#
# $$
# R_X^\top R_X \beta = X^\top W Y - R_{ZX}^\top c_u = X^\top V_0^{-1} Y .
# $$ (eq:small-gls)

# %%
XVy = sp.expand(Xt * (W - W * U * Lt**-1 * L**-1 * Ut * W) * y)
check("eq:small-gls", sp.expand(RXt * RX * beta), XVy, "general", "all sizes", text_only=True)
x_gls = x_XVX.LUsolve(x_X.T * x_V0inv * x_y)
check("eq:small-gls", x_beta, x_gls, "exact", sizes, text_only=True)

for design, theta in CASES:
    XtV = design.X.T @ inverse_of_V0(design, theta)
    gls = np.linalg.solve(XtV @ design.X, XtV @ design.y_less_offset)
    link("eq:small-gls", gls, penalized.solve(design, theta).beta, penalized.solve)

# %% [markdown]
# ## The penalized residual sum of squares
#
# The least value of the sum, lme4's `pwrss`, is the $r^2$ of the likelihood, {eq}`eq:r2`:
#
# $$
# r^2 = |W^{1/2}(Y - X\hat\beta - U\hat u)|^2 + |\hat u|^2
#     = (Y - X\hat\beta)^\top V_0^{-1} (Y - X\hat\beta) = Y^\top P Y .
# $$ (eq:pwrss)
#
# For the first step take $s$ as above: the residuals are $W^{-1}s$ and $\hat u = U^\top s$, so
# the sum is $s^\top (W^{-1} + U U^\top) s = s^\top V_0 s$, and $s = V_0^{-1} r$. This holds for
# any $\beta$: integrating $u$ out and minimising over $u$ leave the same function of $\beta$. For
# the second step put the $\hat\beta$ of {eq}`eq:gls` in. The code adds the squares up; a formula
# with $Y^\top W Y$ minus something would lose digits where the fit is good.

# %%
s, st = sp.symbols("s st", commutative=False)
squares = st * W**-1 * W * W**-1 * s + (st * U) * (Ut * s)
check("eq:pwrss", squares, sp.expand(st * V0 * s), "general", "all sizes: the first step")
B = sp.Symbol("B", commutative=False)  # (X'V0^-1X)^-1
ahead, behind = yt - yt * V**-1 * X * B * Xt, y - X * B * Xt * V**-1 * y
form = sp.expand(sp.expand(ahead * V**-1 * behind).subs(Xt * V**-1 * X, B**-1))
yPy = sp.expand(yt * (V**-1 - V**-1 * X * B * Xt * V**-1) * y)
check("eq:pwrss", form, yPy, "general", "all sizes: the second step")

left_over = x_y - x_X * x_beta - x_U * x_u
pwrss = (left_over.T * x_W * left_over + x_u.T * x_u)[0]
check("eq:pwrss", [pwrss, (x_r.T * x_V0inv * x_r)[0]], [(x_y.T * x_P * x_y)[0]] * 2, "exact", sizes)

for design, theta in CASES:
    XtV = design.X.T @ inverse_of_V0(design, theta)
    here_P = inverse_of_V0(design, theta) - XtV.T @ np.linalg.solve(XtV @ design.X, XtV)
    expected = design.y_less_offset @ here_P @ design.y_less_offset
    link("eq:pwrss", expected, penalized.solve(design, theta).pwrss, penalized.solve)

# %% [markdown]
# The first step holds for any vector in place of $r$, and so for all columns of $X$ at once, with a
# column of $B$ for each $\hat u$:
#
# $$
# R_X^\top R_X = X^\top V_0^{-1} X
#     = (X - U B)^\top W (X - U B) + B^\top B, \qquad L^\top B = R_{ZX} .
# $$ (eq:RX-squares)
#
# The code adds these squares up, too. Where $X$ nearly explains a variance and $\theta$ is large,
# what the difference of {eq}`eq:RX` leaves is by the square of $\theta$ smaller than what it began
# with, and loses so many digits.

# %%
B_X = Lt**-1 * L**-1 * Ut * W * X
B_Xt = Xt * W * U * Lt**-1 * L**-1
squares = sp.expand((Xt - B_Xt * Ut) * W * (X - U * B_X) + B_Xt * B_X)
squares = sp.expand(squares.subs(Ut * W * U, L * Lt - 1))  # eq:L
check("eq:RX-squares", squares, Xt * W * X - RZXt * RZX, "general", "all sizes")
x_B = x_L.T.upper_triangular_solve(x_RZX)
x_E = x_X - x_U * x_B
check("eq:RX-squares", x_E.T * x_W * x_E + x_B.T * x_B, x_XVX, "exact", sizes)

for design, theta in CASES:
    XVX = design.X.T @ inverse_of_V0(design, theta) @ design.X
    found = penalized.solve(design, theta).RX
    link("eq:RX-squares", np.linalg.cholesky(XVX).T, found, penalized.fixed_factor)

# %% [markdown]
# ## Sylvester's determinant identity
#
# The determinant of an $n \times n$ matrix is that of a $q \times q$ one:
#
# $$
# \log |V_0| = \log |L L^\top| - \sum_i \log w_i .
# $$ (eq:sylvester)
#
# Factor one and the same block matrix $\begin{pmatrix} W^{-1} & -U \\ U^\top & I \end{pmatrix}$
# twice: eliminate its second block column, and the pivots are $W^{-1} + U U^\top = V_0$ and $I$;
# eliminate its first, and they are $W^{-1}$ and $I + U^\top W U = L L^\top$. The triangles on
# both sides have determinant 1, so $|V_0| = |W^{-1}| \, |L L^\top|$.

# %%
both = sp.Matrix([[W**-1, -U], [Ut, 1]])
one = sp.Matrix([[1, -U], [0, 1]]) * sp.diag(V0, 1) * sp.Matrix([[1, 0], [Ut, 1]])
small = 1 + Ut * W * U
two = sp.Matrix([[1, 0], [Ut * W, 1]]) * sp.diag(W**-1, small) * sp.Matrix([[1, -W * U], [0, 1]])
check("eq:sylvester", one.applyfunc(sp.expand), both, "general", "all sizes: pivots V0 and I")
check("eq:sylvester", two.applyfunc(sp.expand), both, "general", "all sizes: pivots W^-1 and LL'")
check("eq:sylvester", x_V0.det(), (x_L * x_L.T).det() / x_W.det(), "exact", sizes)

for design, theta in CASES:
    expected = -np.linalg.slogdet(inverse_of_V0(design, theta))[1]
    found = penalized.solve(design, theta).logdet_V0
    link("eq:sylvester", expected, found, penalized.Penalized.logdet_V0)

# %% [markdown]
# ## The criterion
#
# All three parts of the criterion, {eq}`eq:ml-criterion` and {eq}`eq:reml-criterion`, have become
# functions of the small factors. With $\nu = n$ for maximum likelihood and $\nu = n - p$ for REML,
# which alone has the term in brackets,
#
# $$
# d = \log |L L^\top| - \sum_i \log w_i + \bigl[ \log |R_X^\top R_X| \bigr]
#   + \nu \Bigl( 1 + \log \frac{2 \pi r^2}{\nu} \Bigr) .
# $$ (eq:small-criterion)
#
# Everything but the logarithms is rational, so the check compares what stands in them.

# %%
x_r2 = (x_y.T * x_P * x_y)[0]
by_definition = [x_V0.det(), x_V0.det() * x_XVX.det() * x_r2 ** (n - p)]  # ML, REML
x_det = x_M.det() / x_W.det()
by_factors = [x_det, x_det * (x_RX.T * x_RX).det() * pwrss ** (n - p)]
check("eq:small-criterion", by_definition, by_factors, "exact", sizes)


# %%
def small_criterion(design, theta, reml):
    """eq:small-criterion from one Cholesky factor of the whole matrix."""
    matrix, right = small_system(design, theta)
    logs = 2 * np.log(np.diag(np.linalg.cholesky(matrix)))  # q of L, then p of RX
    solution = np.linalg.solve(matrix, right)
    r2 = design.y_less_offset @ (design.weights * design.y_less_offset) - right @ solution
    nu = design.n - design.p if reml else design.n
    logdets = logs.sum() if reml else logs[: design.q].sum()
    return logdets - np.log(design.weights).sum() + nu * (1 + np.log(2 * np.pi * r2 / nu))


for design, theta in CASES:
    for reml in (False, True):
        expected = small_criterion(design, theta, reml)
        for route in (marginal, penalized):
            found = route.criterion(design, theta, reml)
            link("eq:small-criterion", expected, found, route.criterion)

# %% [markdown]
# ## A singular covariance
#
# A variance of zero, or a correlation of one, is an ordinary answer of a mixed model. Then
# $\Sigma^{-1}$ does not exist, nor do Henderson's equations, {eq}`eq:henderson`, that contain it.
# Nothing on this page divides by $\Lambda$. For every $\theta$, and every vector $v$,
#
# $$
# v^\top L L^\top v = |v|^2 + |W^{1/2} Z \Lambda v|^2 \quad (\ge |v|^2),
# $$ (eq:no-less-than-one)
#
# so that all eigenvalues of $L L^\top$ are at least 1, and the factorization cannot fail. A
# direction in which $\Lambda$ is zero gets an effect $u$ of zero: there is no gain in fit to pay
# the penalty with.

# %%
v, vt = sp.symbols("v vt", commutative=False)
length = vt * v + ((vt * Ut * root) * (root * U * v)).subs(root**2, W)
quadratic = sp.expand(vt * small * v)
check("eq:no-less-than-one", quadratic, length, "general", "all sizes", text_only=True)
s_v = sp.Matrix(sp.symbols("v:6"))
fit_v = x_Z * (x_Lambda * s_v)
x_length = (s_v.T * s_v)[0] + sum(w * c**2 for w, c in zip(x_W.diagonal(), fit_v, strict=True))
x_quadratic = (s_v.T * (x_L * x_L.T) * s_v)[0]
check("eq:no-less-than-one", x_quadratic, x_length, "exact", f"{sizes}, any v", text_only=True)

# %% [markdown]
# The answer at a singular $\Sigma$ is also the limit of those nearby. With
# $T = \Lambda\Lambda^\top$,
#
# $$
# \lim_{\epsilon \to 0} \bigl( Z^\top W Z + (T + \epsilon I)^{-1} \bigr)^{-1}
#   = \Lambda (L L^\top)^{-1} \Lambda^\top .
# $$ (eq:singular-limit)
#
# On the left each $\epsilon > 0$ is fine and $\epsilon = 0$ is not; the right side needs no
# limit. Where $T$ is invertible the two are equal without one, {eq}`eq:posterior-factor`, and the
# right side is continuous in $T$. The check has a $\Lambda$ whose second column is zero.

# %%
eps = sp.Symbol("epsilon", positive=True)
thin = sp.Matrix([[sp.Rational(3, 4), 0], [sp.Rational(-1, 3), 0]])  # a correlation of -1
ZtWZ = (x_Z.T * x_W * x_Z)[:2, :2]  # the first group
nearby = (ZtWZ + (thin * thin.T + eps * sp.eye(2)).inv()).inv().applyfunc(sp.cancel)
at_limit = thin * (thin.T * ZtWZ * thin + sp.eye(2)).inv() * thin.T
check("eq:singular-limit", nearby.subs(eps, 0), at_limit, "exact", "n = 3, q = 2", text_only=True)

for design, theta in CASES[2:]:
    Lambda = relative_factor(design, theta)
    middle = Lambda.T @ design.ZtZ @ Lambda + np.eye(design.q)
    expected = Lambda @ np.linalg.solve(middle, Lambda.T)
    found = penalized.posterior(design, theta).gamma_cov
    link("eq:singular-limit", expected, found, penalized.posterior)

# %% [markdown]
# Digits tell the same story. Here are condition numbers (how many times a relative error may
# grow) for sleepstudy, when the relative standard deviation of the slopes goes to zero.

# %%
sleep = rm.design("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
print("slope's theta   Z'WZ + T^-1        L L'")
for last in (1.0, 1e-2, 1e-4, 1e-6, 0.0):
    Lambda = relative_factor(sleep, np.array([1.0, 0.0, last]))
    mild = np.linalg.cond(Lambda.T @ sleep.ZtZ @ Lambda + np.eye(sleep.q))
    T = Lambda @ Lambda.T
    harsh = f"{np.linalg.cond(sleep.ZtZ + np.linalg.inv(T)):11.1e}" if last else "no inverse "
    print(f"{last:13.0e}   {harsh}   {mild:9.1e}")

# %% [markdown]
# ## To take away
#
# A mixed model at a given $\theta$ is a ridge regression. One Cholesky factor of a $q + p$ matrix
# gives $\hat\beta$, $\hat u$, the residual sum of squares and both determinants of the criterion.
# $\Lambda$ is multiplied by and never inverted, so that the boundary is not a special place.
#
# Code: `penalized.solve`, `penalized.back_solve`, `penalized.Penalized.logdet_V0` and what follows
# it there, `penalized.criterion`, `penalized.evaluate`; by definition, `marginal.Marginal`.
