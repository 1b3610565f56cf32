# %% [markdown]
# # Finding the best theta
#
# The criterion has no closed form for its minimum, so that a computer has to search for it. This
# page derives what a search needs: the slope and the curvature of the criterion, how to tell a
# minimum from a point that only looks like one, also where a variance is zero, and how many digits
# of $\theta$ can be had. Without it a fit is a number that an optimiser happened to stop at.

# %%
"""Imports, and the name of the page."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page
from checks import differential as d
from sympy.polys.matrices import DomainMatrix

import refmixed as rm
from refmixed import derivatives, marginal, optimality, optimize, penalized
from refmixed.coordinates import behaved
from refmixed.evaluation import both

page("d07_optimize")

# %% [markdown]
# ## The criterion as a function of T
#
# Write $d$ for the criterion, and $\mathrm{d}$ for a differential: $\mathrm{d}f$ is the part of
# $f(T + \mathrm{d}T) - f(T)$ that is linear in $\mathrm{d}T$. $Y$ is the response less the offset.
# In {eq}`eq:reml-criterion` and {eq}`eq:ml-criterion`, the parameter $\theta$ occurs only through
# $V_0 = W^{-1} + Z T Z^\top$, and there only through $T \equiv \Lambda\Lambda^\top$. Constants
# aside, REML minimises $\log|V_0| + \log|X^\top V_0^{-1}X| + (n-p)\log r^2$, and ML minimises
# $\log|V_0| + n \log r^2$. Write $\nu$ for the factor of $\log r^2$, $n-p$ or $n$ (`dof` in the
# code). So the plan is: first the slope of $d$ in $T$, then that of $T$ in $\theta$. For these,
#
# $$
# \mathrm{d}V_0 = Z\,\mathrm{d}T\,Z^\top, \qquad
# \mathrm{d}T = \mathrm{d}\Lambda\,\Lambda^\top + \Lambda\,\mathrm{d}\Lambda^\top.
# $$ (eq:dT)
#
# What is left out, $\mathrm{d}\Lambda\,\mathrm{d}\Lambda^\top$, is of second order.

# %% [markdown]
# ## Three ways to check
#
# General proofs are done with letters that do not commute, each for a matrix of any size; $\Omega$
# stands for $X^\top V_0^{-1}X$. The function `d` is Leibniz' product rule. The function `trace`
# writes each product below a trace in one standard way, because
# $\operatorname{tr}(MN) = \operatorname{tr}(NM)$ and
# $\operatorname{tr}(M) = \operatorname{tr}(M^\top)$.

# %%
X, Xt, V, D, Omega, Z, Zt = sp.symbols("X X^T V_0 dV_0 Omega Z Z^T", commutative=False)
Lambda, Lambdat, dLambda, dLambdat = sp.symbols("L L^T dL dL^T", commutative=False)
Y, Yt, dT = sp.symbols("Y Y^T dT", commutative=False)
C, A, a, at = sp.symbols("C A a a^T", commutative=False)
E1, E1t, E2, E2t = sp.symbols("E_1 E_1^T E_2 E_2^T", commutative=False)
pairs = [(X, Xt), (Z, Zt), (Y, Yt), (Lambda, Lambdat), (dLambda, dLambdat)]
pairs += [(a, at), (E1, E1t), (E2, E2t)]
transposes = dict(pairs) | {t: m for m, t in pairs}  # all others are symmetric


def reduce(expression):
    """Multiply out; Omega for X' V0^-1 X wherever it occurs."""
    return sp.expand(sp.expand(expression).subs(Xt * V**-1 * X, Omega))


# %%
def trace(expression):
    """The trace: of each product, the first in order of its rotations and their transposes."""
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.expand(expression)):
        numbers, letters = term.args_cnc()
        back = [transposes.get(x, x) for x in reversed(letters)]
        ways = [word[i:] + word[:i] for word in (letters, back) for i in range(len(word))]
        names = min(" ".join(map(str, way)) for way in ways)
        total += sp.Mul(*numbers) * sp.Symbol(f"tr({names})")
    return total


sure = {"kind": "general", "sizes": "all sizes", "text_only": True}
T_with = (Lambda + dLambda) * (Lambdat + dLambdat)
T_linear = Lambda * Lambdat + dLambda * Lambdat + Lambda * dLambdat
check("eq:dT", T_with - dLambda * dLambdat, T_linear, **sure)

# %% [markdown]
# Exact proofs take two layouts in fractions, weights included: a random intercept and slope in
# three groups of unequal size, and two crossed factors.

# %%
data = pd.DataFrame({"y": [3, 5, 4, 1, 2, 7, 6, 9], "x": [0, 1, 2, 0, 3, 1, 2, 4]})
data["g"], data["h"], data["w"] = list("aaabbccc"), list("uvuvuvuu"), [1, 2, 1, 0.5, 1, 2, 1, 1.5]
slopes = rm.design("y ~ x + (x | g)", data, weights="w")
crossed = rm.design("y ~ 1 + (1 | g) + (1 | h)", data, weights="w")
R = sp.Rational
points = [(slopes, [R(1), R(-1, 2), R(3, 4)]), (crossed, [R(2, 3), R(5, 4)])]


def exact(array):
    """The numbers of a matrix, or of a column, as fractions."""
    rows = array.reshape(len(array), -1)
    return sp.Matrix(*rows.shape, lambda i, j: R(rows[i, j].item()))


def factor(design, values):
    """Lambda (q, q): lower triangles, filled column by column, one a level.  eq:Lambda"""
    blocks, rest = [], list(values)
    for term in design.terms:
        triangle = sp.zeros(term.k, term.k)
        for c in range(term.k):
            for r in range(c, term.k):
                triangle[r, c] = rest.pop(0)
        blocks += [triangle] * len(term.levels)
    return sp.diag(*blocks)


def units(design):
    """The derivatives of Lambda in each entry of theta: E_1, ..., E_m."""
    return [factor(design, row) for row in np.eye(design.m, dtype=int).tolist()]


# %% [markdown]
# For the derivatives we want the criterion itself, in symbols, by a road that uses none of what
# follows. Determinants of bordered matrices give one. Eliminating $V_0$ from them (Schur's
# complement) shows that
#
# $$
# N_1 \equiv (-1)^p \begin{vmatrix} V_0 & X \\ X^\top & 0 \end{vmatrix}
# = |V_0|\,|X^\top V_0^{-1} X|, \qquad
# N_2 \equiv (-1)^{p+1}
# \begin{vmatrix} V_0 & X & Y \\ X^\top & 0 & 0 \\ Y^\top & 0 & 0 \end{vmatrix} = N_1 r^2.
# $$ (eq:bordered)
#
# With $N_0 \equiv |V_0|$ all three are polynomials in $T$. The criteria are
# $\log N_1 + (n-p)\log(N_2/N_1)$ for REML and $\log N_0 + n \log(N_2/N_1)$ for ML, again without
# their constants, and to differentiate them takes no matrix calculus.


# %%
def polynomials(design, T):
    """N0, N1, N2 for a matrix T, with or without symbols."""
    X, Y, Z, W = map(exact, (design.X, design.y_less_offset, design.Z, design.weights))
    M, found = sp.diag(*[1 / w for w in W]) + Z * T * Z.T, []
    for border in (sp.zeros(design.n, 0), X, X.row_join(Y)):
        corner = sp.zeros(border.cols, border.cols)
        full = DomainMatrix.from_Matrix(M.row_join(border).col_join(border.T.row_join(corner)))
        constant = full.domain.to_sympy(full.charpoly()[-1])  # (-1)^size times the determinant
        found.append((-1) ** (full.shape[0] + border.cols) * constant)
    return found


def calculus(design, N, symbols, point, reml):
    """Gradient and Hessian of the criterion, from N0, N1, N2 as polynomials in the symbols."""
    dof = design.n - design.p if reml else design.n
    counts = [0, 1 - dof, dof] if reml else [1, -dof, dof]  # d is the sum of count * log N
    gradient, hessian = sp.zeros(len(symbols), 1), sp.zeros(len(symbols))
    for count, each in zip(counts, N, strict=True):
        polynomial = sp.Poly(each, *symbols)
        value, first = polynomial(*point), [polynomial.diff(x) for x in symbols]
        slopes = sp.Matrix([one(*point) for one in first]) / value
        second = sp.Matrix([[one.diff(x)(*point) for x in symbols] for one in first]) / value
        gradient += count * slopes
        hessian += count * (second - slopes * slopes.T)
    return gradient, hessian


# %%
def pieces(design, theta, reml=True):
    """What derivatives are made of, in fractions, each by its definition."""
    X, Y, Z, W = map(exact, (design.X, design.y_less_offset, design.Z, design.weights))
    Lambda, dof = factor(design, theta), design.n - design.p if reml else design.n
    e = SimpleNamespace(X=X, Y=Y, Z=Z, Lambda=Lambda, dof=dof)
    e.V0 = sp.diag(*[1 / w for w in W]) + Z * Lambda * Lambda.T * Z.T
    e.Vi = e.V0.inv()
    e.P = e.Vi - e.Vi * X * (X.T * e.Vi * X).inv() * X.T * e.Vi
    e.A, e.a, e.pwrss = Z.T * e.P * Z, Z.T * e.P * Y, (Y.T * e.P * Y)[0]
    e.C = e.A if reml else Z.T * e.Vi * Z
    e.F = e.C - e.dof * e.a * e.a.T / e.pwrss  # eq:slope
    return e


def over_levels(design, M):
    """Of a matrix (q, q) the (k, k) blocks on the diagonal, summed over the levels of each term."""
    found, start = [], 0
    for term in design.terms:
        ends = range(start, start + term.q, term.k)
        found.append(sum((M[i : i + term.k, i : i + term.k] for i in ends), sp.zeros(term.k)))
        start += term.q
    return found


# %%
def study(design, theta):
    """A layout, its polynomials in the entries of T and in theta, and a point to look at."""
    tau, free = sp.symbols(f"tau1:{design.m + 1}"), sp.symbols(f"theta1:{design.m + 1}")
    s = SimpleNamespace(design=design, theta=theta, tau=tau, free=free)
    terms = " + ".join(str(term.k) for term in design.terms)
    s.checked = {"kind": "exact", "sizes": f"n = {design.n}, p = {design.p}, k = {terms}"}
    half = factor(design, tau)
    s.T = half + half.T - sp.diag(*half.diagonal())
    by_theta = factor(design, free) * factor(design, free).T
    into = {entry: by_theta[list(half).index(entry)] for entry in tau}
    s.N = polynomials(design, s.T)
    s.N_theta = [sp.expand(each.subs(into)) for each in s.N]
    s.at_theta = dict(zip(free, theta, strict=True))
    s.at_tau = {entry: into[entry].subs(s.at_theta) for entry in tau}
    s.there = list(s.at_tau.values())
    return s


# %%
studies = [study(*point) for point in points]
cases = [(s, reml, pieces(s.design, s.theta, reml)) for s in studies for reml in (True, False)]
for s, _, e in cases[::2]:
    N = [each.subs(s.at_tau) for each in s.N]
    N1 = e.V0.det() * (e.X.T * e.Vi * e.X).det()
    check("eq:bordered", N, [e.V0.det(), N1, N1 * e.pwrss], **s.checked, text_only=True)

# %% [markdown]
# ## Two rules of matrix calculus
#
# For any two invertible matrices,
# $\tilde V_0^{-1} - V_0^{-1} = -V_0^{-1}(\tilde V_0 - V_0)\tilde V_0^{-1}$. Let $\tilde V_0$ tend
# to $V_0$, and only the linear part stays:
#
# $$ \mathrm{d}(V_0^{-1}) = -V_0^{-1}\,\mathrm{d}V_0\,V_0^{-1}. $$ (eq:dinverse)
#
# The check is of the full statement. With $\Delta = \tilde V_0 - V_0$, the inverse of
# $V_0 + \Delta$ is $V_0^{-1} - V_0^{-1} \Delta V_0^{-1}$ up to
# $V_0^{-1} \Delta \tilde V_0^{-1} \Delta V_0^{-1}$, which has $\Delta$ twice.

# %%
V_tilde = sp.Symbol("V~_0", commutative=False)
Delta = V_tilde - V
left = V_tilde**-1 - V**-1 + sp.expand(V**-1 * Delta * V**-1)
check("eq:dinverse", left, sp.expand(V**-1 * Delta * V_tilde**-1 * Delta * V**-1), **sure)

t = sp.Symbol("t")
M3 = sp.Matrix([[2, 1, 0], [1, 3, -1], [0, -1, 2]])
H3 = sp.Matrix([[1, 2, 3], [2, -1, 4], [3, 4, 0]])
slope3 = (M3 + t * H3).inv().diff(t).subs(t, 0)
check("eq:dinverse", slope3, -M3.inv() * H3 * M3.inv(), "exact", "3 x 3", text_only=True)

# %% [markdown]
# For the determinant, $|V_0 + t\Delta| = |V_0|\,|I + tV_0^{-1}\Delta|$. In the expansion of the
# last one, a product has two factors with $t$ as soon as it has one off the diagonal. So its linear
# part is that of $\prod_i (1 + t \delta_{ii})$, the trace (Jacobi's formula):
#
# $$
# \mathrm{d}\log|V_0| = \operatorname{tr}(V_0^{-1}\,\mathrm{d}V_0)
# = \operatorname{tr}(Z^\top V_0^{-1} Z\,\mathrm{d}T).
# $$ (eq:dlogdet)
#
# The check multiplies by the determinant, which turns the inverse into the adjugate and both sides
# into polynomials.

# %%
V3 = sp.Matrix(3, 3, sp.symbols("v1:10"))
change = sp.Matrix(3, 3, sp.symbols("h1:10"))
rate = (V3 + t * change).det().diff(t).subs(t, 0)
by_trace = (V3.adjugate() * change).trace()
check("eq:dlogdet", rate, by_trace, "symbolic", "3 x 3, a symbol for every entry", text_only=True)
check("eq:dlogdet", trace(V**-1 * Z * dT * Zt), trace(Zt * V**-1 * Z * dT), **sure)

# %% [markdown]
# ## The residual sum of squares: the envelope theorem
#
# $r^2$ is a minimum over $\beta$: of $(Y - X\beta)^\top V_0^{-1}(Y - X\beta)$. When $V_0$ moves, so
# does the best $\beta$. But at a minimum a small move of $\beta$ changes nothing to first order, so
# that we may hold $\hat\beta$ fixed. That is the **envelope theorem**. The same $r^2$ is also a
# minimum over $\beta$ and $u$, of $e^\top W e + u^\top u$ with $e = Y - X\beta - Z\Lambda u$
# ({eq}`eq:pwrss`), and there we may hold both fixed:
#
# $$
# \mathrm{d}r^2
# = -(Y - X\hat\beta)^\top V_0^{-1}\,\mathrm{d}V_0\,V_0^{-1} (Y - X\hat\beta)
# = -2\,(Y - X\hat\beta - Z\Lambda\hat u)^\top W Z\,\mathrm{d}\Lambda\,\hat u.
# $$ (eq:envelope)

# %%
rules = {V: D, Omega: -Xt * V**-1 * D * V**-1 * X}
beta_hat = Omega**-1 * Xt * V**-1 * Y
rest, restt = Y - X * beta_hat, Yt - Yt * V**-1 * X * Omega**-1 * Xt
moving = d(restt * V**-1 * rest, rules)  # beta-hat moves with V0
held = sp.expand(-restt * V**-1 * D * V**-1 * rest)  # beta-hat is held
check("eq:envelope", reduce(moving), reduce(held), **sure)

# %% [markdown]
# For the second form, recall from {eq}`eq:posterior-mean` that
# $\hat u = \Lambda^\top Z^\top P Y$, and that $Y - X\hat\beta = V_0 P Y$ by the definition
# {eq}`eq:P`. So $W(Y - X\hat\beta - Z\Lambda\hat u) = W(V_0 - ZTZ^\top)PY = PY$. With
# $a \equiv Z^\top P Y$, both forms become
#
# $$
# \mathrm{d}r^2 = -Y^\top P\,\mathrm{d}V_0\,P Y = -a^\top\,\mathrm{d}T\,a.
# $$ (eq:dr2)

# %%
P = V**-1 - V**-1 * X * Omega**-1 * Xt * V**-1
T_moves = dLambda * Lambdat + Lambda * dLambdat
u_held = -2 * Yt * P * Z * dLambda * Lambdat * Zt * P * Y
through_V = sp.expand(-restt * V**-1 * Z * T_moves * Zt * V**-1 * rest)
check("eq:envelope", trace(u_held), trace(through_V), **sure)
proof = {"kind": "general", "sizes": "all sizes"}
check("eq:dr2", d(Yt * P * Y, rules), sp.expand(-Yt * P * D * P * Y), **proof)
check(
    "eq:dr2",
    d(Yt * P * Y, rules).subs(D, Z * dT * Zt),
    sp.expand(-Yt * P * Z * dT * Zt * P * Y),
    **proof,
)

# %% [markdown]
# The link: `derivatives.hessian` uses $\mathrm{d}r^2$ inside. With $C$, $A$ and then also
# $\Lambda$ replaced by zeros, all that the difference of two Hessians has left is
# $-\nu\,\mathrm{d}r^2 (\mathrm{d}r^2)^\top / r^4$, to be compared with the derivatives of the
# quotient $N_2/N_1$.


# %%
def dT_by(e, E):
    """The derivative of T, where that of Lambda is E."""
    return E * e.Lambda.T + e.Lambda * E.T


for s, reml, e in cases:
    r2 = s.N_theta[2] / s.N_theta[1]
    by_calculus = [r2.diff(x).subs(s.at_theta) for x in s.free]
    derived = [-(e.a.T * dT_by(e, E) * e.a)[0] for E in units(s.design)]
    check("eq:dr2", by_calculus, derived, **s.checked)

    theta = np.array(s.theta, dtype=float)
    now = marginal.evaluate(s.design, theta, reml)
    nothing = partial(both, 0 * now.spread, 0 * now.bend)
    bare = replace(now, C=0 * now.C, forms=nothing)
    without = replace(bare, Lambda=0 * now.Lambda)
    left = derivatives.hessian(bare) - derivatives.hessian(without)
    squares = np.outer(*[np.array(by_calculus, dtype=float)] * 2)
    link("eq:dr2", squares, -left * now.pwrss**2 / now.dof, derivatives.hessian)

    solved = penalized.solve(s.design, theta)
    Wr = s.design.weights * solved.residuals
    dL = np.array([np.array(E, dtype=float) for E in units(s.design)])
    link("eq:dr2", by_calculus, -2 * Wr @ s.design.Z @ (dL @ solved.u).T, penalized.solve)

# %% [markdown]
# ## The determinant of REML, and the derivative of P
#
# Both rules together give the differential of $\Omega = X^\top V_0^{-1} X$ and of its log
# determinant. The matrix between the two ends of the trace is what {eq}`eq:P` subtracts from
# $V_0^{-1}$:
#
# $$
# \mathrm{d}\log|X^\top V_0^{-1}X|
# = -\operatorname{tr}(\Omega^{-1} X^\top V_0^{-1}\,\mathrm{d}V_0\,V_0^{-1}X)
# = \operatorname{tr}\bigl((P - V_0^{-1})\,\mathrm{d}V_0\bigr).
# $$ (eq:dlogdet-xvx)
#
# So $\log|V_0| + \log|X^\top V_0^{-1}X|$ has the slope $\operatorname{tr}(P\,\mathrm{d}V_0)$: REML
# has $P$ where ML has $V_0^{-1}$.

# %%
dOmega = d(Xt * V**-1 * X, rules)
check("eq:dlogdet-xvx", trace(Omega**-1 * dOmega), trace((P - V**-1) * D), **sure)
for s, _, e in cases[::2]:
    XVX = s.N[1] / s.N[0]
    by_calculus = [(XVX.diff(x) / XVX).subs(s.at_tau) for x in s.tau]
    derived = [((e.P - e.Vi) * e.Z * s.T.diff(x) * e.Z.T).trace() for x in s.tau]
    check("eq:dlogdet-xvx", by_calculus, derived, **s.checked, text_only=True)

# %% [markdown]
# $P$ itself follows the rule of an inverse, although it has none. For second derivatives this is
# the one rule needed, together with what it says of $C$ (which is $Z^\top PZ$ for REML and
# $Z^\top V_0^{-1}Z$ for ML), of $A \equiv Z^\top PZ$ and of $a = Z^\top PY$:
#
# $$
# \mathrm{d}P = -P\,\mathrm{d}V_0\,P, \qquad \mathrm{d}C = -C\,\mathrm{d}T\,C, \qquad
# \mathrm{d}a = -A\,\mathrm{d}T\,a.
# $$ (eq:dP)

# %%
through_T = {V: Z * dT * Zt, Omega: -Xt * V**-1 * Z * dT * Zt * V**-1 * X}
A_full, C_ml, a_full = Zt * P * Z, Zt * V**-1 * Z, Zt * P * Y
changes = [d(P, rules), d(A_full, through_T), d(C_ml, through_T), d(a_full, through_T)]
by_rule = [-P * D * P, -A_full * dT * A_full, -C_ml * dT * C_ml, -A_full * dT * a_full]
check("eq:dP", changes, [sp.expand(side) for side in by_rule], **sure)

# %% [markdown]
# ## The slope in T
#
# Add the parts up: the log determinants change by $\operatorname{tr}(C\,\mathrm{d}T)$, and
# $\nu\log r^2$ by $\nu\,\mathrm{d}r^2 / r^2$. As $a^\top\,\mathrm{d}T\,a$ is the trace of
# $a a^\top\,\mathrm{d}T$,
#
# $$
# \mathrm{d}d = \operatorname{tr}(F\,\mathrm{d}T), \qquad
# F \equiv C - \frac{\nu}{r^2}\,a a^\top.
# $$ (eq:slope)
#
# A reading: $C$ is the price of a larger variance, $a a^\top$ the evidence for it.

# %%
nu, rr = sp.symbols("nu r^2", positive=True)
a_fullt = Yt * P * Z
fit = nu / rr * trace(d(Yt * P * Y, through_T))
ml = trace(V**-1 * Z * dT * Zt)
reml = ml + trace(Omega**-1 * d(Xt * V**-1 * X, through_T))
sides = [trace(slope * dT) - nu / rr * trace(a_full * a_fullt * dT) for slope in (C_ml, A_full)]
check("eq:slope", [ml + fit, reml + fit], sides, **proof)

for s, reml, e in cases:
    by_calculus, _ = calculus(s.design, s.N, s.tau, s.there, reml)
    derived = sp.Matrix([(e.F * s.T.diff(x)).trace() for x in s.tau])
    check("eq:slope", by_calculus, derived, **s.checked)
    for route in (marginal, penalized):
        now = route.evaluate(s.design, np.array(s.theta, dtype=float), reml)
        for by_hand, F_t in zip(over_levels(s.design, e.F), derivatives.slopes(now), strict=True):
            link("eq:slope", by_hand, F_t, derivatives.slopes)

# %% [markdown]
# ## The gradient in theta
#
# An entry $\theta_k$ stands in row $i$ and column $j$ of the factor of its term, once for each
# level. With $E_k \equiv \partial\Lambda/\partial\theta_k$, a matrix of zeros and ones, the chain
# rule and the symmetry of $F$ give $\operatorname{tr}(F(E_k\Lambda^\top + \Lambda E_k^\top))
# = 2\operatorname{tr}(E_k^\top F\Lambda)$: the ones of $E_k$ pick entries of $F\Lambda$.
#
# $$
# \frac{\partial d}{\partial\theta_k} = 2 \sum_{\text{levels } l} (F\Lambda)_{li,\,lj}
# $$ (eq:gradient)

# %%
F = sp.Symbol("F", commutative=False)
by_chain = trace(F * (E1 * Lambdat + Lambda * E1t))
check("eq:gradient", by_chain, 2 * trace(E1t * F * Lambda), **proof)
for s, reml, e in cases:
    by_calculus, _ = calculus(s.design, s.N_theta, s.free, s.theta, reml)
    FLambda = e.F * e.Lambda
    derived = sp.Matrix([2 * sum(E.multiply_elementwise(FLambda)) for E in units(s.design)])
    check("eq:gradient", by_calculus, derived, **s.checked)
    now = penalized.evaluate(s.design, np.array(s.theta, dtype=float), reml)
    by_code = derivatives.gradient(now)
    link("eq:gradient", list(by_calculus), by_code, derivatives.gradient)

# %% [markdown]
# ## The Hessian
#
# Differentiate $\operatorname{tr}(F\,\mathrm{d}T)$ once more, along $\theta_l$. Write $T_k$ for
# $\partial T/\partial\theta_k = E_k\Lambda^\top + \Lambda E_k^\top$, and $\partial_k r^2$ for
# $-a^\top T_k a$. Three things move: $T_k$, by $E_k E_l^\top + E_l E_k^\top$; $C$, by
# {eq}`eq:dP`; and $a a^\top / r^2$, by {eq}`eq:dP` and {eq}`eq:dr2`. Hence
#
# $$
# \frac{\partial^2 d}{\partial\theta_k\,\partial\theta_l}
# = 2\operatorname{tr}(F E_k E_l^\top) - \operatorname{tr}(C T_k C T_l)
# + \nu\Bigl(\frac{2\,a^\top T_k A\, T_l a}{r^2}
#            - \frac{\partial_k r^2\,\partial_l r^2}{r^4}\Bigr).
# $$ (eq:hessian)
#
# The code names the parts. *Curvature*: $T$ is quadratic in $\theta$. *Spread*: log determinants
# are concave in $T$. *Bend*: $r^2$ is convex in $T$, and its logarithm a little less. (For a
# symmetric $D$ both $\operatorname{tr}(CDCD)$ and $a^\top D A D a$ are at least zero, as $C$ and
# $A$ are positive semidefinite.)

# %%
T1, T2 = E1 * Lambdat + Lambda * E1t, E2 * Lambdat + Lambda * E2t
along = {C: -C * T2 * C, a: -A * T2 * a, at: -at * T2 * A, Lambda: E2, Lambdat: E2t}
bent = trace(at * T1 * a) * -trace(at * T2 * a) / rr**2  # 1 / r2 moves too
leibniz = trace(d(C * T1, along)) - nu * (trace(d(at * T1 * a, along)) / rr - bent)
curvature = 2 * trace(C * E1 * E2t) - 2 * nu / rr * trace(at * E1 * E2t * a)
bend = 2 * trace(at * T1 * A * T2 * a) / rr - trace(at * T1 * a) * trace(at * T2 * a) / rr**2
check("eq:hessian", leibniz, curvature - trace(C * T1 * C * T2) + nu * bend, **proof)


# %%
def hessian(e, E):
    """By eq:hessian, in fractions."""
    T = [dT_by(e, unit) for unit in E]
    dr2 = [-(e.a.T * one * e.a)[0] for one in T]

    def entry(i, j):
        bend = 2 * (e.a.T * T[i] * e.A * T[j] * e.a)[0] / e.pwrss - dr2[i] * dr2[j] / e.pwrss**2
        spread = (e.C * T[i] * e.C * T[j]).trace()
        return 2 * (e.F * E[i] * E[j].T).trace() - spread + e.dof * bend

    return sp.Matrix(len(E), len(E), entry)


for s, reml, e in cases:
    _, by_calculus = calculus(s.design, s.N_theta, s.free, s.theta, reml)
    check("eq:hessian", by_calculus, hessian(e, units(s.design)), **s.checked)
    now = penalized.evaluate(s.design, np.array(s.theta, dtype=float), reml)
    link("eq:hessian", by_calculus, derivatives.hessian(now), derivatives.hessian)

# %% [markdown]
# With both, Newton's method needs a handful of steps. Away from a minimum the Hessian may have
# negative eigenvalues; `derivatives.newton_step` turns those directions round.
#
# ## What the curvature is on average
#
# Before $\sigma$ is put at its best, the REML criterion $-2\ell$ is, constants aside,
# $\log|V_0| + \log|\Omega| + (n-p)\log\sigma^2 + Y^\top P Y / \sigma^2$. Take the expectation of
# its second derivative. The data enter through
# $E(YY^\top) = \sigma^2 V_0 + X\beta\beta^\top X^\top$, and $PX = 0$, $PV_0P = P$, so that
# $E(Y^\top P M P Y) = \sigma^2\operatorname{tr}(PM)$. The terms with $\partial^2 T$ cancel, those
# with two first derivatives are left:
#
# $$
# E\,\frac{\partial^2 (-2\ell)}{\partial\theta_k\,\partial\theta_l}
# = \operatorname{tr}(P\,V_k P\,V_l) = \operatorname{tr}(C T_k C T_l),
# \qquad V_k \equiv Z T_k Z^\top.
# $$ (eq:information)
#
# Half of this is Fisher's information. It needs no data, and it says which effects the layout can
# tell apart. For ML read $V_0^{-1}$ for $P$: the same formula with the other $C$.

# %%
D1, D2, D12, Pl = sp.symbols("V_k V_l V_kl P", commutative=False)
check("eq:information", [reduce(P * V * P), reduce(P * X)], [sp.expand(P), 0], **sure)
along_k = {V: D1, Omega: -Xt * V**-1 * D1 * V**-1 * X}
along_l = {V: D2, Omega: -Xt * V**-1 * D2 * V**-1 * X, D1: D12}
M = D1 * Pl * D2 + D2 * Pl * D1 - D12  # the second derivative of P is P M P
check("eq:information", d(d(P, along_k), along_l), sp.expand((Pl * M * Pl).subs(Pl, P)), **sure)
of_determinants = d(Pl * D1, {Pl: -Pl * D2 * Pl, D1: D12})
average = trace(of_determinants) + trace(Pl * M)
check("eq:information", average, trace(Pl * D1 * Pl * D2), **sure)

# %% [markdown]
# A second road: the information is also the variance of the score, here
# $\operatorname{Cov}(Y^\top M_k Y, Y^\top M_l Y)/\sigma^4 = 2\operatorname{tr}(M_k V_0 M_l V_0)$
# with $M_k \equiv P V_k P$, which has to be twice the right side.

# %%
for s, reml, e in cases:
    if reml:
        T = [dT_by(e, E) for E in units(s.design)]
        M = [e.P * e.Z * one * e.Z.T * e.P * e.V0 for one in T]
        of_score = [2 * (one * other).trace() for one in M for other in M]
        twice = [2 * (e.C * one * e.C * other).trace() for one in T for other in T]
        check("eq:information", of_score, twice, **s.checked, text_only=True)

# %% [markdown]
# ## A first step
#
# $V$ is linear in $\psi$, the entries of $\sigma^2 T$ and last $\sigma^2$ itself:
# $V = \sum_k \psi_k M_k$, {eq}`eq:linear-v`, where $M_k = Z D_k Z^\top$ with symmetric matrices
# $D_k$ of zeros and ones, and the last is $W^{-1}$. So with $P$ at some $T$ that is held, any $T$,
# the squares $Y^\top P M_j P Y$ have expectations that are linear in $\psi$,
# $\sum_k \operatorname{tr}(P M_j P M_k)\,\psi_k$, as $PX = 0$. Put them equal to what they are:
#
# $$
# \sum_k \operatorname{tr}(P M_j P M_k)\,\psi_k = Y^\top P M_j P Y .
# $$ (eq:minque)
#
# The solution is the *minimum norm quadratic unbiased estimate*, MINQUE (Rao 1971). Its matrix is
# twice the information on $\psi$ over $\sigma^2$. If $\psi$ is what it was computed at, the
# equations say that the slope is zero, {eq}`eq:slope`: iterated, MINQUE is REML, and with
# $V_0^{-1}$ for $P$ on the left it is ML. Where data are balanced all $P$ share their eigenvectors,
# and if there are as many eigenvalues as parameters, one step from anywhere is the end. That is
# where the search begins. The pieces of the Hessian are enough for it, since $P V_0 P = P$ with
# $W^{-1} = V_0 - Z T Z^\top$:
#
# $$
# \begin{aligned}
# \operatorname{tr}(P M_j P W^{-1}) &= \operatorname{tr}(C D_j) - \operatorname{tr}(C D_j C T), \\
# \operatorname{tr}(P W^{-1} P W^{-1}) &= \nu - 2 \operatorname{tr}(CT) + \operatorname{tr}(CTCT),
# \\
# Y^\top P W^{-1} P Y &= r^2 - a^\top T a .
# \end{aligned}
# $$ (eq:minque-sigma)

# %%
check("eq:minque", reduce(P * X), sp.S.Zero, **proof)  # the mean of Y has no part in PY
check("eq:minque", reduce(P * V * P), sp.expand(P), **proof)
for s, reml, e in cases:
    inverse_W = e.V0 - e.Z * e.Lambda * e.Lambda.T * e.Z.T
    D = [E if E == E.T else E + E.T for E in units(s.design)]
    M = [e.Z * one * e.Z.T for one in D] + [inverse_W]
    metric = e.P if reml else e.Vi
    system = [[(metric * one * metric * other).trace() for other in M] for one in M]
    squares = [(e.Y.T * e.P * one * e.P * e.Y)[0] for one in M]
    T = e.Lambda * e.Lambda.T
    last = [(e.C * one).trace() - (e.C * one * e.C * T).trace() for one in D]
    last += [e.dof - 2 * (e.C * T).trace() + (e.C * T * e.C * T).trace()]
    check("eq:minque-sigma", system[-1], last, **s.checked)
    check("eq:minque-sigma", squares[-1], e.pwrss - (e.a.T * T * e.a)[0], **s.checked)
    now = marginal.evaluate(s.design, np.array(s.theta, dtype=float), reml)
    found = derivatives.information(now)
    link("eq:minque-sigma", np.array(system[-1], dtype=float), found[-1], derivatives.information)
    link("eq:minque", np.array(system, dtype=float), found, derivatives.information)
    psi = np.linalg.solve(np.array(system, dtype=float), np.array(squares, dtype=float))
    if psi[-1] > 0:
        link("eq:minque", psi, derivatives.minque(now), derivatives.minque)

# %% [markdown]
# The balanced one-way layout of $J$ groups of $\bar n$ has two eigenvalues beside that of the mean.
# From any $\theta$ the step is to the estimates that the mean squares $M_B$ between and $M_W$
# within groups give: $\hat\sigma^2 = M_W$ and $\hat\sigma^2\hat T = (M_B - M_W)/\bar n$.

# %%
J_, n_bar_, t_, MB_, MW_ = sp.symbols("J n_bar t M_B M_W", positive=True)
between, within = J_ - 1, J_ * (n_bar_ - 1)  # dimensions of the two eigenspaces
height = 1 + n_bar_ * t_**2  # of V0 between the groups, 1 within
step = sp.Matrix(
    [
        [between * n_bar_**2 / height**2, between * n_bar_ / height**2],
        [between * n_bar_ / height**2, between / height**2 + within],
    ]
)
right = sp.Matrix([between * n_bar_ * MB_ / height**2, between * MB_ / height**2 + within * MW_])
balanced = {"kind": "symbolic", "sizes": "all J, n_bar, theta"}
ends = sp.Matrix([(MB_ - MW_) / n_bar_, MW_])
check("eq:minque", step.LUsolve(right).applyfunc(sp.simplify), ends, **balanced)

# %% [markdown]
# ## Where a gradient says nothing
#
# Change the sign of a column of a term's factor, at all levels. That is
# $\Lambda \to \Lambda D$ with a diagonal $D$ of signs, and $D D^\top = I$:
#
# $$
# (\Lambda D)(\Lambda D)^\top = \Lambda\Lambda^\top,
# \qquad d(\theta_1, \dots, \theta_{m-1}, -\theta_m) = d(\theta_1, \dots, \theta_{m-1}, \theta_m).
# $$ (eq:evenness)
#
# The second part is the case of the last column, which has one entry only, the last diagonal one.
# An even function has the derivative zero at zero. So wherever $\theta_m = 0$, the gradient in
# $\theta_m$ is zero, be that a minimum or not, and more generally on every column of zeros, as
# {eq}`eq:gradient` shows.

# %%
theta6, signs = sp.symbols("theta1:7"), sp.diag(1, -1, -1)
t1, t2, t3, t4, t5, t6 = theta6
Lambda3 = sp.Matrix([[t1, 0, 0], [t2, t4, 0], [t3, t5, t6]])
flipped = Lambda3 * signs
flipped_T = sp.Matrix(3, 3, lambda i, j: sum(flipped[i, c] * flipped[j, c] for c in range(3)))
check("eq:evenness", flipped_T, Lambda3 * Lambda3.T, "symbolic", "k = 3", text_only=True)
s = studies[0]
last = s.free[-1]
mirrored = [each.subs(last, -last) for each in s.N_theta]
check("eq:evenness", mirrored, s.N_theta, "symbolic", "theta, for the data above", text_only=True)

# %% [markdown]
# This is not a rarity. On the sleepstudy data, hold the second pivot at zero, a correlation of
# one, and minimise over the rest. The search ends where the whole gradient is zero. It is a saddle:

# %%
sleep = rm.design("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
search = optimize.Search(sleep, True, penalized)
saddle = optimize.newton(search, np.array([1.0, 0.1, 0.0]))
best = optimize.newton(search, np.array([1.0, 0.1, 0.1]))
print(f"{'':18}{'criterion':>12}{'gradient':>10}{'least eigenvalue of F':>23}")
for name, where in (("pivot held at 0", saddle), ("pivot free", best)):
    now = search.at(where)
    size = np.abs(derivatives.gradient(now)).max()
    least = optimality.check(sleep, where, now).slope
    print(f"{name:18}{now.criterion:12.4f}{size:10.0e}{round(least, 3) + 0.0:23.3f}")

# %% [markdown]
# With independent intercepts and slopes there are two entries of $\theta$, and the surface can be
# drawn. The quarter without hatching is the parameter space, the thick lines are its boundary, on
# which a variance is zero, and the rest mirrors it. Across a thick line the slope is zero
# everywhere. The crosses are saddles: along the boundary they are minima, and off it the criterion
# falls. The dot is the minimum.


# %%
def surface(design, ends, start, corners, levels):
    """Draw the criterion above its minimum; return the search and the minimum."""
    search = optimize.Search(design, True, penalized)
    best = optimize.newton(search, np.array(start))
    sides = [np.linspace(0, end, 24) for end in ends]
    values = [[search.criterion(np.array([u, v])) for u in sides[0]] for v in sides[1]]
    above = np.array(values) - search.criterion(best)
    above = np.block([[above[:0:-1, :0:-1], above[:0:-1]], [above[:, :0:-1], above]])
    both = [np.concatenate([-side[:0:-1], side]) for side in sides]

    axes = plt.figure(figsize=(6.4, 4), layout="constrained").add_subplot()
    mirrored = {"facecolor": "none", "edgecolor": "0.7", "hatch": "//", "linewidth": 0}
    axes.axvspan(-ends[0], 0, **mirrored)
    axes.axhspan(-ends[1], 0, xmin=0.5, **mirrored)  # the other half of it has them already
    axes.plot([0, 0, ends[0]], [ends[1], 0, 0], "k-", lw=2.5, clip_on=False)
    curves = axes.contour(*both, above, levels, colors="0.3", linewidths=0.8)
    axes.clabel(curves, fontsize=8, fmt="%g")
    for u, v in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        fill = "full" if u + v == 2 else "none"
        axes.plot(u * best[0], v * best[1], "ko", markersize=6, fillstyle=fill)
        for corner in corners:
            place = optimize.newton(search, np.array(corner))
            axes.plot(u * place[0], v * place[1], "kx", markersize=8)
    axes.set(xlabel=r"$\theta_1$ (intercepts)", ylabel=r"$\theta_2$ (slopes)")
    axes.set_title("REML criterion above its minimum", fontsize=10)
    return search, best


pair = rm.design("Reaction ~ Days + (Days || Subject)", rm.load_dataset("sleepstudy"))
levels = [1, 5, 10, 20, 40, 80, 160]
pair_found = surface(pair, (1.7, 0.42), [1.0, 0.2], [[1.0, 0.0], [0.0, 0.2]], levels)

# %% [markdown]
# What does see a saddle is the slope in $T$. Append a column $tv$ to a term's factor, at each
# level: $T$ moves by $t^2 vv^\top$, and so
#
# $$
# d(T + t^2\,vv^\top) = d(T) + t^2\,v^\top F_t\,v + O(t^4),
# $$ (eq:new-column)
#
# with $F_t$ (for a term of $k$ effects: $k \times k$) the sum over the levels of the diagonal
# blocks of $F$. A negative eigenvalue of $F_t$ is thus a way down. Where the last diagonal entry
# is zero, the choice $v = (0, \dots, 0, 1)^\top$ just raises it: the second derivative in
# $\theta_m$ is $2(F_t)_{kk}$, negative at a saddle, while the first is zero.

# %%
v1, v2, w = sp.symbols("v_1 v_2 w")  # w = t^2
bordered_T = sp.Matrix([[1, 0], [2, 0]]).row_join(sp.Matrix([v1, v2]) * sp.sqrt(w))
T_new = sp.kronecker_product(sp.eye(3), (bordered_T * bordered_T.T).applyfunc(sp.expand))
N = polynomials(slopes, T_new)
for reml in (True, False):
    e = pieces(slopes, [1, 2, 0], reml)
    F_t = sum((e.F[k : k + 2, k : k + 2] for k in (0, 2, 4)), sp.zeros(2, 2))
    slope_w = calculus(slopes, N, [w], [0], reml)[0][0]
    v = sp.Matrix([v1, v2])
    by_F = (v.T * F_t * v)[0]
    check("eq:new-column", slope_w, by_F, "exact", "n = 8, k = 2, any v", text_only=True)
    _, H = calculus(slopes, studies[0].N_theta, studies[0].free, [1, 2, 0], reml)
    check("eq:new-column", H[2, 2], 2 * F_t[1, 1], "exact", "n = 8, k = 2", text_only=True)

# %% [markdown]
# ## The conditions for a minimum
#
# Let $T$ be a minimum, and take one term (with several, each its own conditions); write $T$ for
# its $k \times k$ covariance and $F$ for its $F_t$. Two kinds of moves are always allowed.
# $T + s\,vv^\top$ is a covariance for every $v$ and $s \ge 0$, so its slope $v^\top F v$ must not
# be negative: $F \succeq 0$. And $(1 + s)T$ is one for small $s$ of both signs, so its slope
# $\operatorname{tr}(FT)$ must be zero. Write $F = BB^\top$, as one may if $F \succeq 0$. Then
#
# $$
# \operatorname{tr}(FT)
# = \operatorname{tr}\bigl((B^\top\Lambda)(B^\top\Lambda)^\top\bigr)
# = \sum_{ij} (B^\top\Lambda)_{ij}^2, \qquad
# \operatorname{tr}(FT) = \tfrac12\,\theta^\top \frac{\partial d}{\partial\theta}.
# $$ (eq:complementarity)
#
# A sum of squares is zero only if $B^\top\Lambda = 0$, and then
# $FT = B(B^\top\Lambda)\Lambda^\top = 0$ (Karush, Kuhn and Tucker's conditions, for the cone of
# covariances):
#
# $$
# F T = 0, \qquad F \succeq 0.
# $$ (eq:kkt)
#
# The second half of {eq}`eq:complementarity` is why the code need only test two things. Where the
# gradient in $\theta$ is zero and $F \succeq 0$, the trace is zero, and $FT = 0$ follows.

# %%
f11, f21, f22 = sp.symbols("f_11 f_21 f_22")
F2, Lambda2 = sp.Matrix([[f11, f21], [f21, f22]]), sp.Matrix([[theta6[0], 0], theta6[1:3]])
gradient2 = [2 * (F2 * Lambda2)[i, j] for i, j in ((0, 0), (1, 0), (1, 1))]  # eq:gradient
euler = sum(x * g for x, g in zip(theta6, gradient2, strict=False)) / 2
shared = {"kind": "symbolic", "sizes": "k = 2", "text_only": True}
check("eq:complementarity", (F2 * Lambda2 * Lambda2.T).trace(), euler, **shared)
B2 = sp.Matrix(2, 2, sp.symbols("b1:5"))
squares = sum(x**2 for x in B2.T * Lambda2)
check("eq:complementarity", (B2 * B2.T * Lambda2 * Lambda2.T).trace(), squares, **shared)

# %% [markdown]
# The conditions are necessary. They are enough for a local minimum together with a positive
# definite Hessian on the entries of $\theta$ that may move, and $v^\top F v > 0$ for every $v$
# with $Tv = 0$ (other than $v = 0$). For the covariances near $T$ are $M M^\top + S$: $M$ is a
# triangle near the nonzero columns of $\Lambda$, by {eq}`eq:canonical-factor`, and $S$, positive
# semidefinite and small, is what is left, zero in the rows of the pivots. $M M^\top$ alone is not
# lower than $T$, by the Hessian. And $S$ raises the criterion, by
# $\operatorname{tr}(F_{MM^\top} S)$ to first order: as $FT = 0$, $F$ is positive on all that has
# zeros at the pivots, and $F_{MM^\top}$ is near $F$. The criterion is not convex, so that a lower
# minimum may be elsewhere.
#
# An example with its minimum at the boundary, in fractions. Four groups have the same $x$,
# orthogonal to the intercept, so that the sums of squares of intercepts ($Q_1$), slopes ($Q_2$)
# and residuals ($Q_E$) separate. The slopes vary less than chance would have them: with their
# variance at zero, the residual variance is $s^2 = (Q_2 + Q_E)/(3 + 8)$, that of the intercepts
# $(Q_1/3 - s^2)/4$, and $F$ has one entry that is not zero.

# %%
x = np.tile([-3.0, -1.0, 1.0, 3.0], 4)
a_g, b_g = np.repeat([3, -3, 3, -3], 4), np.repeat([1, 1, -1, -1], 4) / 8
frame = pd.DataFrame({"x": x, "g": np.repeat(list("abcd"), 4)})
frame["y"] = 10 + 2 * x + a_g + b_g * x + np.tile([1.0, -1.0, -1.0, 1.0], 4)
edge = rm.design("y ~ x + (x | g)", frame)
Q1, Q2, QE = R(4 * 36), R(20 * 4, 64), R(16)
s2 = (Q2 + QE) / 11
t1 = (Q1 / 3 / s2 - 1) / 4
e = pieces(edge, [sp.sqrt(t1), 0, 0])
F_t = sum((e.F[k : k + 2, k : k + 2] for k in (0, 2, 4, 6)), sp.zeros(2, 2))
check("eq:kkt", F_t * sp.diag(t1, 0), sp.zeros(2, 2), "exact", "n = 16, k = 2")
check("eq:kkt", F_t, sp.diag(0, 20 * 3 * (1 - Q2 / 3 / s2)), "exact", "n = 16, k = 2")
print(f"F_22 = {F_t[1, 1]} > 0")
link(
    "eq:kkt",
    [float(sp.sqrt(t1)), 0, 0],
    optimize.minimize(edge, True, penalized).theta,
    optimize.minimize,
)

# %% [markdown]
# Its surface, again with independent effects. Now the minimum itself is on the boundary, and off
# the line the criterion rises.

# %%
edge_pair = rm.design("y ~ x + (x || g)", frame)
edge_found = surface(edge_pair, (6, 0.6), [2.0, 0.0], [], [0.5, 1, 2, 4, 8, 16])
print("minimum:", edge_found[1].round(3))

# %% [markdown]
# The code divides $F_t$ by the roots of the diagonal of $C_t$, the price. On the diagonal that is
# one less the ratio of evidence to price, whatever the units of $x$: no more than 1 by
# {eq}`eq:slope`, and 0 where both are equal. It asks for it where $T_t$ is singular. And it
# measures the gradient $g$ by what Newton's step still promises, $\tfrac12 g^\top H^{-1} g$ with
# the Hessian $H$.

# %%
s, reml, e = cases[0]
theta = np.array(s.theta, dtype=float)
now = marginal.evaluate(s.design, theta, reml)
(F_t,), (C_t,) = over_levels(s.design, e.F), over_levels(s.design, e.C)
scale = np.sqrt(np.diag(np.array(C_t, dtype=float)))
relative = np.array(F_t, dtype=float) / np.outer(scale, scale)
link("eq:kkt", relative, derivatives.relative_slopes(s.design, now)[0], derivatives.relative_slopes)

E = units(s.design)
g, H = [2 * sum(unit.multiply_elementwise(e.F * e.Lambda)) for unit in E], hessian(e, E)
values, vectors = np.linalg.eigh(np.array(H, dtype=float))
along = vectors.T @ np.array(g, dtype=float)
promised = 0.5 * (along**2 / np.abs(values)).sum()
link("eq:kkt", promised, optimality.check(s.design, theta, now).gain, optimality.check)
nothing = np.zeros(3)
at_zero = marginal.evaluate(s.design, nothing, reml)
least = np.linalg.eigvalsh(derivatives.relative_slopes(s.design, at_zero)[0])[0]
link("eq:kkt", least, optimality.check(s.design, nothing, at_zero).slope, optimality.check)

# %% [markdown]
# ## When is a variance zero? The balanced one-way layout
#
# $J$ groups of $\bar n$ observations, an intercept, a random intercept. In
# $\omega \equiv 1 + \bar n\theta^2$ the REML criterion is, constants aside,
# $(J-1)\log\omega + (n-1)\log(SS_W + SS_B/\omega)$, with the sums of squares within and between
# groups ({eq}`eq:one-way-pieces`). With the mean squares $M_W = SS_W/(n-J)$ and
# $M_B = SS_B/(J-1)$ its slope {eq}`eq:anova-slope` reads
#
# $$
# \frac{\partial d}{\partial\omega}
# = \frac{(J-1)(n-J)}{\omega\,(\omega\,SS_W + SS_B)}\,\bigl(\omega M_W - M_B\bigr).
# $$ (eq:one-way-boundary)
#
# There is one change of sign, from falling to rising, at $\omega = M_B/M_W$. If that is below $1$,
# which is where $\theta = 0$, the criterion rises all the way, and $\hat\theta = 0$. In general
# $\hat\omega = \max(1, M_B/M_W)$: the variance is zero exactly where the analysis of variance
# would make it zero or negative. (For ML put $J$ in place of $J-1$, also in $M_B$: zero more
# often.) The exact check is of the slope by the bordered determinants.

# %%
J, n, omega, SSB, SSW = sp.symbols("J n omega SS_B SS_W", positive=True)
one_way = (J - 1) * sp.log(omega) + (n - 1) * sp.log(SSW + SSB / omega)
MB, MW = SSB / (J - 1), SSW / (n - J)
sloped = (J - 1) * (n - J) / (omega * (omega * SSW + SSB)) * (omega * MW - MB)
by_ml = (J * sp.log(omega) + n * sp.log(SSW + SSB / omega)).diff(omega)
sloped_ml = J * (n - J) / (omega * (omega * SSW + SSB)) * (omega * MW - SSB / J)
both = [one_way.diff(omega), by_ml]
check(
    "eq:one-way-boundary",
    both,
    [sloped, sloped_ml],
    "symbolic",
    "all J, n = J n_bar",
    text_only=True,
)

rows = pd.DataFrame({"y": [3, 1, 4, 1, 5, 9], "g": list("aabbcc")})
balanced, means = rm.design("y ~ 1 + (1 | g)", rows), [2, R(5, 2), 7]
squares = {SSB: 2 * sum((x - R(23, 6)) ** 2 for x in means), SSW: 2 + R(9, 2) + 8, J: 3, n: 6}
N = polynomials(balanced, sp.eye(3) * (omega - 1) / 2)  # theta^2 = (omega - 1) / n_bar
places = [R(1), R(3, 2), R(4), R(10)]
by_definition = [calculus(balanced, N, [omega], [place], True)[0][0] for place in places]
derived = [sloped.subs(squares).subs(omega, place) for place in places]
check("eq:one-way-boundary", by_definition, derived, "exact", "J = 3, n_bar = 2", text_only=True)

# %% [markdown]
# ## Coordinates in which the numbers behave
#
# Years in place of days, or seconds in place of milliseconds, make another $\theta$, but not
# another model. So the code searches where the numbers are of size one: $X = \tilde X R^\top$ with
# orthonormal columns of $W^{1/2}\tilde X$; $Y = \tilde X c + s\tilde Y$, with least-squares
# coefficients $c$ and residuals of size $s$; and $x = \tilde x S^\top$ for the effects of a term,
# which makes $\tilde\Lambda = S^\top\Lambda$ at each level. $V_0$ stays the same, as
# $xTx^\top = \tilde x\tilde T\tilde x^\top$, and so does $P$. As $P\tilde X = 0$, $r^2 =
# s^2\tilde r^2$. And $|X^\top V_0^{-1}X| = |RR^\top|\,|\tilde X^\top V_0^{-1}\tilde X|$. So
#
# $$
# d(\theta) = \tilde d(\tilde\theta) + 2\nu\log s + \log|RR^\top|,
# \qquad \hat\beta = R^{-\top}(c + s\tilde\beta),
# $$ (eq:coordinates)
#
# without $\log|RR^\top|$ for ML. The difference does not depend on $\theta$: the minimum is the
# same. (It depends on $X$. REML criteria of models with different $X$ do not compare.)

# %%
Xo, Xot, Rl, Rt, Omega_o, c, ct, Yo, Yot = sp.symbols(
    "Xo Xo^T R R^T Go c c^T Yo Yo^T", commutative=False
)
size = sp.Symbol("s", positive=True)


def reduce_o(expression):
    """Multiply out; Go for Xo' V0^-1 Xo."""
    return sp.expand(sp.expand(expression).subs(Xot * V**-1 * Xo, Omega_o))


Po = V**-1 - V**-1 * Xo * Omega_o**-1 * Xot * V**-1
Omega_back = Rt**-1 * Omega_o**-1 * Rl**-1  # the inverse of Omega = R Omega_o R'
check("eq:coordinates", P.subs({Omega**-1: Omega_back, X: Xo * Rt, Xt: Rl * Xot}), Po, **proof)
Y_of, Yt_of = Xo * c + size * Yo, ct * Xot + size * Yot
check("eq:coordinates", reduce_o(Yt_of * Po * Y_of), sp.expand(size**2 * Yot * Po * Yo), **proof)
beta_of = Omega_back * Rl * Xot * V**-1 * Y_of
beta_o = Omega_o**-1 * Xot * V**-1 * Yo
check("eq:coordinates", reduce_o(beta_of), sp.expand(Rt**-1 * (c + size * beta_o)), **proof)

# %% [markdown]
# In fractions, with an $\tilde X$ and effects $\tilde x$ that need not be orthonormal:

# %%
s = studies[0]
R2, S2, c2 = np.array([[2.0, 0], [1, 4]]), np.array([[0.5, 0], [-1, 2]]), np.array([1.0, -2])
term = replace(s.design.terms[0], x=s.design.terms[0].x @ np.linalg.inv(S2.T))
X_o = s.design.X @ np.linalg.inv(R2.T)
other = replace(s.design, X=X_o, y=(s.design.y - X_o @ c2) / 4, terms=(term,))
T_o = sp.kronecker_product(sp.eye(3), exact(S2.T) * s.T[:2, :2] * exact(S2))
N_o, det_RR = polynomials(other, T_o), exact(R2 @ R2.T).det()
units_back = [1, det_RR, det_RR * 4**2]  # of N0, N1, N2; here s = 4
there = [N * unit for N, unit in zip(N_o, units_back, strict=True)]
check("eq:coordinates", s.N, there, "exact", "n = 8, p = 2, k = 2, any T")

# %% [markdown]
# The links: random numbers with weights and an offset, the definition in the given coordinates
# against the penalized route in the new ones.

# %%
rng = np.random.default_rng(7)
frame = pd.DataFrame(rng.normal(size=(24, 3)), columns=["y", "x", "o"])
frame["x"], frame["g"] = 10 + 5 * frame["x"], list("abcdef") * 4
frame["w"] = rng.uniform(0.5, 2, 24)
design, theta = rm.design("y ~ x + (x | g)", frame, weights="w", offset="o"), [0.7, -0.2, 0.4]
ways = behaved(design)
for reml in (True, False):
    old = marginal.evaluate(design, theta, reml)
    new = penalized.evaluate(ways.design, ways.theta_in(theta), reml)
    new = ways.evaluation_out(new, theta, reml)
    link(
        "eq:coordinates",
        [old.criterion, old.pwrss, *old.beta, *old.beta_cov.ravel(), *old.C[0].ravel(), *old.u],
        [new.criterion, new.pwrss, *new.beta, *new.beta_cov.ravel(), *new.C[0].ravel(), *new.u],
        ways.evaluation_out,
    )
gamma = ways.posterior_out(penalized.posterior(ways.design, ways.theta_in(theta))).gamma
link("eq:coordinates", marginal.posterior(design, theta).gamma, gamma, ways.posterior_out)
link("eq:coordinates", theta, ways.theta_out(ways.theta_in(theta)), ways.theta_in)

# %% [markdown]
# ## What a tolerance means in digits of theta
#
# Near a minimum the criterion is a parabola, $d \approx d_{\min} + \tfrac12 d''\delta^2$. If
# values of $d$ that differ by less than $\eta$ cannot be told apart, be it for an optimiser's
# tolerance or for rounding, then neither can places nearer than $\delta = \sqrt{2\eta/d''}$. Half
# of the digits are lost. In the one-way layout above, in $\omega$ and inside the boundary,
#
# $$
# \frac{\delta}{\hat\omega} = \sqrt{\frac{2(n-1)}{(J-1)(n-J)}\,\eta}.
# $$ (eq:digits-of-theta)
#
# The gradient is a straight line there: an error $\eta$ in it moves its zero by $\eta/d''$ only,
# and no digit is lost. Newton's method looks for that zero. A step from a distance $\varepsilon$
# ends at
#
# $$
# \varepsilon - \frac{d'(\hat\theta + \varepsilon)}{d''(\hat\theta + \varepsilon)}
# = \frac{d'''(\hat\theta)}{2\,d''(\hat\theta)}\,\varepsilon^2 + O(\varepsilon^3),
# $$ (eq:newton-error)
#
# so that each step about doubles the number of right digits.

# %%
eta = sp.Symbol("eta", positive=True)
curvature = one_way.diff(omega, 2).subs(omega, MB / MW)
delta = MB / MW * sp.sqrt(2 * (n - 1) * eta / ((J - 1) * (n - J)))
check(
    "eq:digits-of-theta",
    curvature * delta**2 / 2,
    eta,
    "symbolic",
    "all J, n = J n_bar",
    text_only=True,
)

h2, h3, h4, step = sp.symbols("h_2 h_3 h_4 epsilon")
taylor = h2 * step**2 / 2 + h3 * step**3 / 6 + h4 * step**4 / 24
after = step - taylor.diff(step) / taylor.diff(step, 2)
leading = sp.limit(sp.cancel(after / step**2), step, 0)
check("eq:newton-error", leading, h3 / (2 * h2), "symbolic", "one theta", text_only=True)

# %% [markdown]
# In the picture $\theta$ of the model with independent intercepts and slopes is moved off its
# minimum by a relative $\varepsilon$. The change of the criterion drowns in rounding errors while
# half of the digits of $\theta$ are still wrong; the gradient keeps to its line there, and far
# below.

# %%
search, best = pair_found
lowest = search.criterion(best)
moves, at_best = np.logspace(-14, -1, 40), search.at(best)
excess = [abs(search.criterion(best * (1 + move)) - lowest) for move in moves]
slope = [abs(derivatives.gradient(search.at(best * (1 + move))) @ best) for move in moves]
bend = best @ derivatives.hessian(at_best) @ best

figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
axes.loglog(moves, slope, "k+", label="slope along the move")
axes.loglog(moves, bend * moves, "k--", lw=0.8, label=r"$d''\varepsilon$")
axes.loglog(moves, excess, "k.", label="criterion less its minimum")
axes.loglog(moves, bend * moves**2 / 2, "k-", lw=0.8, label=r"$\frac{1}{2}d''\varepsilon^2$")
axes.set(xlabel=r"relative error $\varepsilon$ of $\theta$", ylim=(1e-15, 1e3))
axes.set_ylabel("slope, and change of the criterion")
_ = axes.legend(frameon=False)

# %% [markdown]
# ## To take away
#
# With $F = C - \nu\,aa^\top/r^2$ the slope in $T$, a minimum has $FT = 0$ and $F \succeq 0$. A
# gradient of zero in $\theta$ is not enough: it is zero by symmetry wherever a column of a factor
# is. And a search by differences of the criterion finds half the digits that Newton's method does.
#
# In the code: `derivatives.minque`, with which `starts.first` begins; `derivatives.slope`,
# `derivatives.gradient` and `derivatives.hessian`; `optimality.check` and
# `derivatives.relative_slopes`; `optimize.minimize`, with `optimize.escape` for the way down from a
# saddle; `coordinates.behaved`.
