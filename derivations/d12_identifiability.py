# %% [markdown]
# # What the data can tell
#
# Two grouping factors with the same levels, or one that is among the fixed effects too: a program
# returns variances for them, and other variances would do as well. This page says when the
# covariance parameters of a model are determined, what is determined when they are not, which
# estimate then stands for all that would do, and when there is no estimate at all, because the
# criterion has no least value.

# %%
"""Imports, and the name of the page."""

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed import identifiability, marginal, penalized, refusals
from refmixed.coordinates import behaved

page("d12_identifiability")
R = sp.Rational
general = {"kind": "general", "sizes": "all sizes"}

# %% [markdown]
# ## V is linear
#
# Write $\psi_1, \dots, \psi_m$ for the entries of $\sigma^2 T$ on and below the diagonal, term by
# term, and $E_j$ for the symmetric matrix with ones where $\psi_j$ stands, at every level of its
# term. Then
#
# $$
# V = \sigma^2 W^{-1} + \sum_j \psi_j M_j, \qquad M_j = Z E_j Z^\top .
# $$ (eq:linear-v)
#
# Different parameters give different $V$, and so different laws of $Y$, exactly if these $1 + m$
# matrices are linearly independent. REML sees $K^\top Y$ alone, where the columns of $K$ span all
# that is orthogonal to $X$: for it the $K^\top W^{-1}K$ and $K^\top M_j K$ have to be independent.
# That depends on $X$, $Z$ and $W$, not on $Y$. It can be known before anything is fitted.

# %%
data = pd.DataFrame(
    {"y": [3, 5, 4, 1, 2, 7, 6, 9, 8, 4, 6, 5], "x": [0, 1, 2, 0, 3, 1, 2, 4, 1, 3, 2, 5]}
)
data["g"], data["h"] = list("aaabbbcccddd"), list("pppqqqrrrsss")
data["f"], data["pm"], data["pair"] = list("uvuvuvuvvvuu"), [1, -1] * 6, list("aabbccddeeff")
data["two"], data["three"], data["id"] = list("kkkkkkllllll"), 3, list("abcdefghijkl")
data["w"], data["at"] = [1, 2, 1, 1, 2, 1, 4, 1, 2, 1, 1, 2], [0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0]


def exact(array):
    """The numbers of a matrix as fractions."""
    rows = array.reshape(len(array), -1)
    return sp.Matrix(*rows.shape, lambda i, j: R(*float(rows[i, j]).as_integer_ratio()))


def matrices(design):
    """W^-1 and the M_j, as fractions."""
    found = [sp.diag(*[1 / w for w in exact(design.weights)])]
    for term in design.terms:
        Z = exact(term.Z)
        for column in range(term.k):
            for row in range(column, term.k):
                E = sp.zeros(term.k, term.k)
                E[row, column] = E[column, row] = 1
                found.append(Z * sp.kronecker_product(sp.eye(len(term.levels)), E) * Z.T)
    return found


def contrasts(design, reml):
    """K, columns orthogonal to X, as fractions; by ML all of the space."""
    if not reml:
        return sp.eye(design.n)
    return sp.Matrix.hstack(*exact(design.X).T.nullspace())


def stacked(design, reml):
    """A column for each of the K' M K."""
    K = contrasts(design, reml)
    return sp.Matrix.hstack(*[(K.T * M * K).reshape(K.cols**2, 1) for M in matrices(design)])


slopes = rm.design("y ~ x + (x | g)", data, weights="w")
s2, *psi = sp.symbols("sigma^2 psi_1:4")
block = sp.Matrix([[psi[0], psi[1]], [psi[1], psi[2]]])
by_T = exact(slopes.Z) * sp.kronecker_product(sp.eye(4), block) * exact(slopes.Z).T
linear = sum((c * M for c, M in zip(psi, matrices(slopes)[1:], strict=True)), sp.zeros(12, 12))
W_inverse = matrices(slopes)[0]
check("eq:linear-v", s2 * W_inverse + by_T, s2 * W_inverse + linear, "exact", "n = 12, k = 2")

# %% [markdown]
# The code does not form these matrices. A combination of them is zero if it takes every vector to
# zero; it multiplies them by the unit vectors, or where there are many rows by forty random ones,
# and looks for combinations of the products that are zero up to rounding, by their singular values.
# Forming inner products of the matrices first would square the condition, and could not tell a
# ratio of $10^{-8}$ from a zero. A unit off the diagonal of $T$ is divided by $\sqrt 2$, so that
# lengths are Frobenius' norms.

# %%
work = behaved(slopes).design
root = np.sqrt(work.weights)[:, None]
U = np.linalg.svd(root * work.X)[0][:, 2:]  # orthonormal, K in the rows that W^1/2 multiplies
Zw = root * work.Z
units = [np.array([[1.0, 0], [0, 0]]), np.array([[0, 1], [1, 0]]) / np.sqrt(2), np.diag([0.0, 1])]
moved = [np.eye(12), *(Zw @ np.kron(np.eye(4), E) @ Zw.T for E in units)]
seen = [U.T @ M @ U for M in moved]
inner = np.array([[np.trace(A @ B) for A in seen] for B in seen])
known = identifiability.parameters(work, True)
images = known.images * known.sizes
link("eq:linear-v", inner, images.T @ images, identifiability.parameters)

# %% [markdown]
# ## What is not determined
#
# A combination that is zero is a direction that nothing tells:
#
# $$
# K^\top \Bigl( c_0 W^{-1} + \sum_j c_j M_j \Bigr) K = 0 .
# $$ (eq:kernel)
#
# The kinds that occur, with the ranks in fractions:

# %%
kinds = {
    "a factor among the fixed effects, by REML": ("y ~ two + (1 | two)", None, True, 1),
    "... by ML": ("y ~ two + (1 | two)", None, False, 2),
    "two terms with the same levels": ("y ~ 1 + (1 | g) + (1 | h)", None, True, 2),
    "(f || g), (1 | g) and (0 + f | g), a factor of two": ("y ~ 1 + (f || g)", None, True, 4),
    "an effect that is constant": ("y ~ 1 + (three | g)", None, True, 2),
    "an effect of two values, constant in each group": ("y ~ x + (at | g)", None, False, 3),
    "one row a level": ("y ~ 1 + (1 | id)", None, True, 1),
    "... with unequal weights": ("y ~ 1 + (1 | id)", "w", True, 2),
    "pairs, their sums and differences": ("y ~ 1 + (pm || pair)", None, True, 2),
    "an effect of a group among the fixed effects": ("y ~ 0 + g + (x | g)", None, True, 2),
    "an ordinary model": ("y ~ x + (x | g)", None, True, 4),
}
ranks = []
for kind, (formula, weights, reml, rank) in kinds.items():
    with np.errstate(all="ignore"):
        design = rm.design(formula, data, weights=weights, allow_saturated=True)
    ranks.append(stacked(design, reml).rank())
    found = identifiability.parameters(behaved(design).design, reml)
    assert 1 + design.m - found.kernel.shape[1] == rank
    print(f"{kind:52}{formula:28}{rank} of {1 + design.m}")
expected = [rank for _, _, _, rank in kinds.values()]
check("eq:kernel", ranks, expected, "exact", "n = 12", text_only=True)

# %% [markdown]
# `(f || g)` is never determined: the columns of a factor's levels add up to the intercept, and what
# is added to its variance can be taken from all entries of the other term's covariance.
#
# The criterion knows $V_0 = V/\sigma^2$, a function of $T$. Along a combination with $W^{-1}$ in it
# $\sigma^2$ changes too, by the factor $1 + t c_0$; for $c_0 W^{-1} + Z C Z^\top = 0$
#
# $$
# T(t) = \frac{T + t\,C}{1 + t c_0} \quad\text{has}\quad
# V_0\bigl(T(t)\bigr) = \frac{1}{1 + t c_0} V_0(T) , \qquad T'(0) = C - c_0 T .
# $$ (eq:flat-moves)
#
# A factor of $V_0$ is made up for by $\sigma^2$, so that the criterion is constant. Newton's steps
# leave these moves out: on them slope and curvature are rounding errors, and a step that divides
# one by the other goes anywhere.

# %%
Wi, Z, Zt, T, C = sp.symbols("W^-1 Z Z^T T C", commutative=False)
t, c0 = sp.symbols("t c_0")
V_new = (1 + t * c0) * Wi + Z * (T + t * C) * Zt  # times 1 + t c_0
V_new = sp.expand(V_new).subs(Z * C * Zt, -c0 * Wi)
check("eq:flat-moves", sp.expand(V_new), Wi + Z * T * Zt, **general)
a0, T0, C0 = sp.symbols("a T0 C0")
check("eq:flat-moves", ((T0 + t * C0) / (1 + t * c0)).diff(t).subs(t, 0), C0 - c0 * T0, **general)

pairs = behaved(rm.design("y ~ 1 + (pm || pair)", data)).design
kernel = identifiability.parameters(pairs, True).kernel
theta = np.array([0.7, 0.4])
move = identifiability.flat_moves(pairs, kernel, theta)[:, 0]
by_hand = np.array([1 + 2 * 0.7**2, 1 + 2 * 0.4**2])  # W^-1 = (M_1 + M_2) / 2
by_hand *= np.sign(move[0]) / np.linalg.norm(by_hand)
link("eq:flat-moves", by_hand, move, identifiability.flat_moves)

# %% [markdown]
# ## What survives
#
# By ML $V$ is the same all along, and all that rests on it: the criterion, $\hat\beta$ and its
# standard errors. By REML only $K^\top V K$ is, which is enough for the criterion. Unless $W^{-1}$
# is in the combination $\hat\sigma$ stays as well, and with it, by ML and by REML, the fitted
# values: with $P = K(K^\top V_0 K)^{-1}K^\top$
#
# $$
# Y - X\hat\beta - Z\hat\gamma = W^{-1} P\,Y .
# $$ (eq:flat-residuals)
#
# What is left over depends on $\hat\beta$. Write $Q$ for an orthonormal basis of the columns of
# $W^{1/2}X$, and $D$ for $W^{1/2}(c_0W^{-1} + \sum c_jM_j)W^{1/2}$. If
# $(I - QQ^\top)D(I - QQ^\top) = 0$, then
#
# $$
# D = Q B^\top + B Q^\top, \qquad B = D Q - \tfrac12\,Q\,(Q^\top D\,Q) ,
# $$ (eq:shadow)
#
# and $Q^\top D$ is zero only if $D$ is. If $D$ has no more than $QAQ^\top$ (as a positive
# semidefinite one must), $\hat\beta$ stays and its covariance changes by $\Delta$:
#
# $$
# V_0 \to V_0 + X \Delta X^\top: \qquad
# (X^\top V_0^{-1}X)^{-1} \to (X^\top V_0^{-1}X)^{-1} + \Delta .
# $$ (eq:flat-vcov)
#
# A standard error that anything may be added to has no value. If $D$ is not of that form
# $\hat\beta$ itself moves.

# %%
Q, Qt, D = sp.symbols("Q Q^T D", commutative=False)
B, Bt = D * Q - Q * Qt * D * Q / 2, Qt * D - Qt * D * Q * Qt / 2
beyond = sp.expand((1 - Q * Qt) * D * (1 - Q * Qt))  # zero
check("eq:shadow", sp.expand(D - beyond), sp.expand(Q * Bt + B * Qt), **general)

by_g = rm.design("y ~ 0 + g + (x | g)", data, weights="w")
inside = behaved(by_g).design
kernel = identifiability.parameters(inside, True).kernel
root = np.sqrt(inside.weights)[:, None]
Zw = root * inside.Z
moved = [np.eye(12), *(Zw @ np.kron(np.eye(4), E) @ Zw.T for E in units)]
shadows = [
    (root * inside.X).T @ sum(c * M for c, M in zip(k, moved, strict=True)) for k in kernel.T
]
link(
    "eq:shadow", np.hstack(shadows), identifiability.shadow(inside, kernel), identifiability.shadow
)

# %%
X_e, Z_e, y_e = exact(slopes.X), exact(slopes.Z), exact(slopes.y)
T_e = sp.kronecker_product(sp.eye(4), sp.Matrix([[2, R(1, 2)], [R(1, 2), 1]]))
V0 = W_inverse + Z_e * T_e * Z_e.T
K = contrasts(slopes, True)
P = K * (K.T * V0 * K).inv() * K.T
V0_inv = V0.inv()
XVX_inv = (X_e.T * V0_inv * X_e).inv()
beta = XVX_inv * X_e.T * V0_inv * y_e
gamma = T_e * Z_e.T * V0_inv * (y_e - X_e * beta)
left_over = y_e - X_e * beta - Z_e * gamma
sizes = {"kind": "exact", "sizes": "n = 12, p = 2, q = 8"}
check("eq:flat-residuals", left_over, W_inverse * P * y_e, **sizes)
theta = np.linalg.cholesky(np.array([[2, 0.5], [0.5, 1.0]]))[[0, 1, 1], [0, 0, 1]]
at = penalized.solve(slopes, theta)
numbers = np.array(W_inverse * P * y_e, dtype=float)[:, 0]
link("eq:flat-residuals", numbers, at.residuals, penalized.residuals)

A = sp.Matrix([[1, R(1, 3)], [R(1, 3), 2]])
after = (X_e.T * (V0 + X_e * A * X_e.T).inv() * X_e).inv()
check("eq:flat-vcov", after, XVX_inv + A, **sizes, text_only=True)

# %% [markdown]
# The fixed effects of each group, and random intercepts and slopes: the covariance of the two
# moves $\hat\beta$, and REML is blind to it.

# %%
for covariance in (0.0, 0.9):
    theta = np.array([1.0, covariance, np.sqrt(1 - covariance**2)])
    at = penalized.solve(by_g, theta)
    print(f"T12 = {covariance}: criterion {at.criterion:.10f}, beta", at.beta.round(3))

# %% [markdown]
# ## One estimate for all
#
# The covariances that have the criterion of one, $T^*$, are those of
# $T^* + \operatorname{span} \Phi$ that are positive semidefinite, $\Phi$ a basis of the moves
# {eq}`eq:flat-moves` at $T^*$: a convex set. It has one point of least length $|T|$ (Frobenius'
# norm, over the terms, in the coordinates of the search, which no unit changes). The code takes
# this one. With $C$ an orthonormal basis of all that is orthogonal to $\Phi$, it is found by
#
# $$
# T = (C\lambda)_+ , \qquad C^\top T = C^\top T^* ,
# $$ (eq:representative)
#
# where $(\cdot)_+$ leaves out negative eigenvalues. For any other $S$ of the set $C^\top(S-T) = 0$,
# and $N = T - C\lambda$ is positive semidefinite with $\operatorname{tr}(NT) = 0$, so that
#
# $$
# |S|^2 - |T|^2 = |S - T|^2 + 2\operatorname{tr}\bigl(T(S-T)\bigr)
# = |S - T|^2 + 2 \operatorname{tr}(NS) \ge |S - T|^2 .
# $$ (eq:least)
#
# Two like terms share equally; a term that the fixed effects hold gets nothing. The search starts
# from this point of a set, and goes back to it from wherever it has come to: far along a set $V_0$
# is large, and the criterion has lost the digits that tell a minimum, and a zero, of other terms.

# %%
S_v, T_v, L_v = (sp.Matrix(sp.symbols(f"{letter}:3")) for letter in "stl")  # L is C lambda
N_v = T_v - L_v
right = (S_v - T_v).dot(S_v - T_v) + 2 * N_v.dot(S_v)
zero = 2 * L_v.dot(S_v - T_v) - 2 * N_v.dot(T_v)
check("eq:least", S_v.dot(S_v) - T_v.dot(T_v), right + zero, "symbolic", "m = 3", text_only=True)

like = behaved(rm.design("y ~ 1 + (1 | g) + (1 | h)", data)).design
kernel = identifiability.parameters(like, True).kernel
shared = identifiability.representative(like, kernel, np.array([0.3, 1.1]))
link(
    "eq:representative",
    np.full(2, np.sqrt((0.09 + 1.21) / 2)),
    shared,
    identifiability.representative,
)

# %% [markdown]
# For `(f || g)` the set is a piece of a line: with $v$ such that the intercept is $\tilde x v$, the
# covariances are $t_1 + c$ and $T_f - c\,vv^\top$, as long as both are positive semidefinite: for
# $-t_1 \le c \le 1/(v^\top T_f^{-1}v)$. The length is least at the $c$ of the projection if it is
# among these, and else at the nearer end.

# %%
double = behaved(rm.design("y ~ 1 + (f || g)", data)).design
kernel = identifiability.parameters(double, True).kernel
v = np.linalg.lstsq(double.terms[1].x, double.terms[0].x[:, 0], rcond=None)[0]
for theta in ([0.5, 1.0, 0.3, 0.8], [0.1, 0.2, 2.0, 0.1], [1.5, 0.4, 0.2, 0.1]):
    t1, factor = theta[0] ** 2, np.array([[theta[1], 0], theta[2:]])
    T_f = factor @ factor.T
    projected = (v @ T_f @ v - t1) / (1 + (v @ v) ** 2)
    c = np.clip(projected, -t1, 1 / (v @ np.linalg.solve(T_f, v)))
    expected = [t1 + c, *(T_f - c * np.outer(v, v))[[0, 1, 1], [0, 0, 1]]]
    a, b, d, e = identifiability.representative(double, kernel, np.array(theta))
    found = [a**2, b**2, b * d, d**2 + e**2]
    link("eq:representative", expected, found, identifiability.representative)

# %% [markdown]
# ## When there is no estimate
#
# Let $\sigma$ tend to zero while $\Psi = \sigma^2 T$ stays, that is, $T = \Psi/\sigma^2$ grows. Let
# $s$ be the rank of $K^\top Z\Psi Z^\top K$, and $\nu = n - p$ its size (by ML: without $K$, and
# $\nu = n$). If it is less than $\nu$, and $K^\top Y$ is within its range (by ML: $Y - X\beta$ for
# some $\beta$), then $\nu - s$ eigenvalues of $K^\top V K$ tend to zero as $\sigma^2$, and
# $Y^\top K(K^\top V K)^{-1}K^\top Y$ stays finite. The criterion falls without bound,
#
# $$
# d = (\nu - s) \log \sigma^2 + O(1) .
# $$ (eq:unbounded)
#
# If $s = \nu$ all eigenvalues stay away from zero, and it is bounded however well $X$ and $Z$
# give the response: any response would be given. If $K^\top Y$ is not within the range of any such
# matrix the quadratic form grows as $1/\sigma^2$, faster than any logarithm. $\Psi$ need not have
# full rank: what counts is any of the terms, in any direction of their effects. The code asks for
# the span of the columns before the search, of all terms and of some of them. A direction shows in
# the search: where $T$ has grown large, a step of Newton's still promises $\nu - s$, at least 1,
# {eq}`eq:unbounded` being a logarithm; a criterion that has a limit promises nothing there.
#
# With $J$ groups of $\bar n$ and a response that is constant in each,
# $\nu - s = (J\bar n - 1) - (J - 1)$. By {eq}`eq:one-way-pieces`, constants aside, with
# $\sigma^2 = 1/\theta^2$:

# %%
J, n_bar, SSB, s = sp.symbols("J n_bar SS_B s", positive=True)  # s is sigma^2
omega = 1 + n_bar / s
one_way = (J - 1) * sp.log(omega) + (J * n_bar - 1) * sp.log(SSB / omega)
bounded_part = (J * n_bar - 1) * sp.log(SSB) - (J * n_bar - J) * sp.log(s + n_bar)
check(
    "eq:unbounded",
    sp.expand_log(one_way, force=True)
    .subs(sp.log(1 + n_bar / s), sp.log(s + n_bar) - sp.log(s))
    .expand(),
    ((J * n_bar - J) * sp.log(s) + bounded_part).expand(),
    "symbolic",
    "all J, n_bar",
)

constant = data.assign(y=data["g"].map({"a": 1.0, "b": 4.0, "c": 2.0, "d": 8.0}))
exact_fit = rm.design("y ~ 1 + (1 | g)", constant)
far = [marginal.criterion(exact_fit, np.array([theta])) for theta in (10.0, 100.0)]
link("eq:unbounded", -(11 - 3) * np.log(30001 / 301), far[1] - far[0], marginal.criterion)

# %%
said = []
for frame, formula in (
    (constant, "y ~ 1 + (1 | g)"),
    (constant, "y ~ x + (x | g)"),
    (data, "y ~ 1 + (1 | g)"),
    (data, "y ~ 1 + (1 | g) + (1 | pair)"),
):
    design = behaved(rm.design(formula, frame)).design
    said.append(float(refusals.is_unbounded(design, True, 1e-10)))
link("eq:unbounded", [1.0, 1.0, 0.0, 0.0], said, refusals.is_unbounded)

# %% [markdown]
# ## To take away
#
# Whether variances can be told apart is a question to the design. Where they cannot, sums of them
# can. The criterion is as good as ever, and so are the fitted values where the residual variance is
# told; a standard error may not be. The model without the term that takes part in such a sum is the
# same model, and says what is known.
#
# Code: `identifiability.parameters`, `identifiability.flat_moves`, `identifiability.shadow`,
# `identifiability.representative`; `refusals.is_unbounded` and `refusals.refuse_exact`.
