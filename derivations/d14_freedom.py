# %% [markdown]
# # Degrees of freedom
#
# A t value divides by an estimated standard error, and which Student law it has depends on how well
# that is estimated. This page derives the two usual answers, Satterthwaite's and Kenward and
# Roger's, says in what programs differ that name the same method, and what is tested of a term that
# is several columns.

# %%
"""Imports, and the name of the page."""

import warnings

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, holds, link, page
from checks import differential as d

import refmixed as rm
from refmixed.after.fixed import (
    dialects,
    hypotheses,
    information,
    joint_information,
    kenward_roger,
    satterthwaite,
    slopes,
)
from refmixed.after.fixed.information import Information

page("d14_freedom")
R = sp.Rational
V, C_inv, X, Xt, Y, Va, Vb = sp.symbols("V C_inv X X^T Y V_a V_b", commutative=False)
sure = {"kind": "general", "sizes": "all n, p", "text_only": True}

# %% [markdown]
# Throughout, $V = \sum_a \phi_a V_a$ is linear in its parameters $\phi$: entries of $\sigma^2 T$,
# and $\sigma^2$ itself, {eq}`eq:linear-v`. $C \equiv (X^\top V^{-1} X)^{-1}$ is the covariance of
# $\hat\beta$ {eq}`eq:vcov`, $P$ is that of {eq}`eq:P` with $V$ in place of $V_0$, and a variance is
# $v = \ell^\top C \ell$ for a combination $\ell^\top\beta$ of the coefficients. A differential is
# taken letter by letter, by Leibniz' rule and {eq}`eq:dinverse`:


# %%
def along(D):
    """What changes where V changes by D."""
    return {V: D, C_inv: -Xt * V**-1 * D * V**-1 * X}


# %% [markdown]
# ## How variances move
#
# $$
# \frac{\partial C}{\partial\phi_a} = C\, X^\top V^{-1} V_a V^{-1} X\, C ,
# $$ (eq:vcov-slope)
#
# positive semidefinite if $V_a$ is: more variance of the effects is more variance of $\hat\beta$.
# With $V_a = Z D Z^\top$ it is a sum over levels, $\sum_i U_i^\top D U_i$ with
# $U = Z^\top V^{-1} X C$: no matrix of size $n$ or $q$ is needed. Once more, as $V$ is linear,
#
# $$
# \frac{\partial^2 C}{\partial\phi_a \partial\phi_b} = -C\, (M_{ab} + M_{ba})\, C ,
# \qquad M_{ab} \equiv X^\top V^{-1} V_a P V_b V^{-1} X .
# $$ (eq:vcov-curvature)
#
# And $\hat\beta$ itself moves by
#
# $$
# \frac{\partial\hat\beta}{\partial\phi_a} = -C\, X^\top V^{-1} V_a P\, Y .
# $$ (eq:beta-slope)

# %%
C = C_inv**-1
P = V**-1 - V**-1 * X * C * Xt * V**-1
A_a, A_b = (Xt * V**-1 * D * V**-1 * X for D in (Va, Vb))
M_ab, M_ba = (Xt * V**-1 * D * P * E * V**-1 * X for D, E in ((Va, Vb), (Vb, Va)))
check("eq:vcov-slope", d(C, along(Va)), C * A_a * C, "general", "all n, p")
check("eq:vcov-curvature", d(d(C, along(Va)), along(Vb)), -C * (M_ab + M_ba) * C, **sure)
check("eq:beta-slope", d(C * Xt * V**-1 * Y, along(Va)), -C * Xt * V**-1 * Va * P * Y, **sure)

# %% [markdown]
# The code takes $V_0$ for $V$, so that variances are over $\sigma^2$, and counts the entries of $T$
# in pairs of effects of one term. An unbalanced fit serves for the numbers of this page: the sleep
# study without fourteen rows, once more with weights, and two crossed factors.

# %%
sleep = rm.load_dataset("sleepstudy")
gone = [3, 7, 8, 25, 26, 27, 60, 100, 101, 150, 171, 172, 173, 174]
some = sleep.drop(index=gone)
some["w"] = 1.0 + some["Days"] % 3
plates = rm.load_dataset("Penicillin").iloc[::2].copy()
plates["x"] = np.arange(len(plates)) % 5
fits = [
    rm.lmer("Reaction ~ Days + (Days | Subject)", some),
    rm.lmer("Reaction ~ Days + (Days | Subject)", some, weights="w"),
    rm.lmer("Reaction ~ Days + (Days | Subject)", some, reml=False),
    rm.lmer("diameter ~ x + (1 | plate) + (1 | sample)", plates),
]


# %%
class Definitions:
    """A fit by n x n matrices, in the coordinates of its search; sigma is put to one."""

    def __init__(self, fit, C):
        self.here, self.C = dialects.Dialect.of(fit, "residual").here, C
        design, self.dof = self.here.design, fit.design.dof(fit.reml)
        self.X, at = design.X, self.here.at
        T, pairs = at.Lambda @ at.Lambda.T, zip(at.layout.left, at.layout.right, strict=True)
        self.units = [self.matrix(design, i, j) for i, j in pairs]
        W_inv = np.diag(1 / design.weights)
        self.V = W_inv + sum(t * M for t, M in zip(at.layout.pairs(T), self.units, strict=True))
        self.V_inv = np.linalg.inv(self.V)
        self.N = np.linalg.inv(self.X.T @ self.V_inv @ self.X)
        self.P = self.V_inv - self.V_inv @ self.X @ self.N @ self.X.T @ self.V_inv
        self.metric = self.P if fit.reml else self.V_inv
        self.cov = C @ self.N @ C.T
        self.B = self.V_inv @ self.X @ self.N @ C.T
        self.along = np.array([self.B.T @ M @ self.B for M in self.units])

    def expected(self):
        """V_a of all parameters, and the inverse of the information on them."""
        rows = self.here.at.layout.units
        moved = [sum(a * M for a, M in zip(row, self.units, strict=True)) for row in rows]
        every = [*moved, np.diag(1 / self.here.design.weights)]
        info = [[np.trace(self.P @ a @ self.P @ b) / 2 for b in every] for a in every]
        return every, np.linalg.inv(info)

    @staticmethod
    def matrix(design, i, j):
        """Z D Z' where D has a one at effects (i, j) of each level."""
        K = np.cumsum([0, *(term.k for term in design.terms)])
        (t,) = np.flatnonzero((K[:-1] <= i) & (i < K[1:]))
        term = design.terms[t]
        same = term.codes[:, None] == term.codes
        return np.outer(term.x[:, i - K[t]], term.x[:, j - K[t]]) * same


def both(fit):
    """Its contrasts, definitions and slopes."""
    p = fit.design.p
    C = np.eye(p) + 0.5 * np.tri(p, k=-1)
    by = Definitions(fit, C)
    return by, slopes.slopes(by.here, C)


for fit in fits:
    by, found = both(fit)
    link("eq:vcov-slope", by.along, found.along, slopes.slopes)

# %% [markdown]
# ## Satterthwaite
#
# Which Student law has a t value? It would have one with $\nu$ degrees of freedom if the squared
# standard error $\hat v$ were $v \chi^2_\nu / \nu$, independent of $\hat\beta$. That has the mean
# $v$ and the variance $2v^2/\nu$. Satterthwaite solves for $\nu$:
#
# $$
# \nu = \frac{2 (\operatorname{E} \hat v)^2}{\operatorname{Var} \hat v} .
# $$ (eq:satterthwaite)
#
# In a mixed model $v$ is a function of the variance parameters, and its variance comes from the
# delta method: with $g$ the gradient of $v$ and $\mathcal I$ the information,
# $\operatorname{Var} \hat v \approx g^\top \mathcal I^{-1} g$. By {eq}`eq:information`,
# $\mathcal I_{ab} = \frac12 \operatorname{tr}(P V_a P V_b)$. In the balanced model of
# {eq}`eq:balanced-reml`, $\hat v = S_{jj}/J$ is exactly $v \chi^2_{J-1}/(J - 1)$, and the method
# finds it:
#
# $$
# \frac{2 v^2}{g^\top \mathcal I^{-1} g} = J - 1 .
# $$ (eq:satterthwaite-balanced)
#
# This holds for every combination $\ell$ of the coefficients.

# %%
dof, v, q = sp.symbols("nu v q", positive=True)
law = q ** (dof / 2 - 1) * sp.exp(-q / 2) / (2 ** (dof / 2) * sp.gamma(dof / 2))
first, second = (
    sp.gammasimp(sp.integrate((v * q / dof) ** j * law, (q, 0, sp.oo))) for j in (1, 2)
)
found = 2 * first**2 / sp.simplify(second - first**2)
check("eq:satterthwaite", found, dof, "general", "a chi-square variable, any nu", text_only=True)


def degrees_of_freedom(X, parts, phi, ell):
    """2 v^2 / g' I^-1 g, in fractions, and Kenward and Roger's M_ab."""
    V_inv = sum((value * part for value, part in zip(phi, parts, strict=True)), 0 * parts[0]).inv()
    C = (X.T * V_inv * X).inv()
    P = V_inv - V_inv * X * C * X.T * V_inv
    g = sp.Matrix([(ell.T * C * X.T * V_inv * V_a * V_inv * X * C * ell)[0] for V_a in parts])
    PV = [P * V_a for V_a in parts]
    known = sp.Matrix([[(a * b).trace() / 2 for b in PV] for a in PV])
    corrections = [X.T * V_inv * a * P * b * V_inv * X for a in parts for b in parts]
    return 2 * (ell.T * C * ell)[0] ** 2 / (g.T * known.LUsolve(g))[0], corrections


x3 = sp.Matrix([[1, 0], [1, 1], [1, 3]])
X12 = sp.Matrix.vstack(*[x3] * 4)
units = [sp.Matrix(D) for D in ([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]])]
parts = [sp.eye(12), *(sp.kronecker_product(sp.eye(4), x3 * D * x3.T) for D in units)]
phi = [R(3), R(2), R(1, 2), R(4, 3)]
for ell in ([1, 0], [0, 1], [2, -3]):
    found, corrections = degrees_of_freedom(X12, parts, phi, sp.Matrix(ell))
    sizes = f"m = 4, 3 days, l = {ell}"
    check("eq:satterthwaite-balanced", found, 3, "exact", sizes, text_only=True)

# %% [markdown]
# ### Sigma taken out
#
# As the criterion does, the code takes $\sigma$ out. Let the parameters be those of $T$ (or
# $\theta$) and $\log\sigma^2$, and let $v = \sigma^2 v_0(T)$. Its gradient is $\sigma^2 (s, v_0)$,
# $s$ that of $v_0$, and twice the information has the blocks $\mathcal H$, $h$ and $\nu_0$, where
# $\nu_0 = n - p$ for REML and $n$ for ML. For any such blocks
#
# $$
# \begin{pmatrix} s \\ v_0 \end{pmatrix}^\top
# \begin{pmatrix} \mathcal H & h \\ h^\top & \nu_0 \end{pmatrix}^{-1}
# \begin{pmatrix} s \\ v_0 \end{pmatrix}
# = \frac{v_0^2}{\nu_0} + e^\top \Bigl(\mathcal H - \frac{h h^\top}{\nu_0}\Bigr)^{-1} e ,
# \qquad e \equiv s - v_0\, \frac{h}{\nu_0} .
# $$ (eq:profiled-slope)
#
# $h/\nu_0$ is by how much $\log\sigma^2$ falls where $T$ grows: *expected*, $\operatorname{tr}(C
# D)/\nu_0$ of {eq}`eq:minque-sigma`'s $C = Z^\top P Z$; *observed*, $a^\top D a / r^2$ with $a =
# Z^\top P Y$. At a minimum in the interior these are the same, as the slope {eq}`eq:slope` is zero.
# $\sigma$ cancels from the degrees of freedom, and with it every unit, that of the weights too:
#
# $$
# \nu = \Bigl[\, \frac1{\nu_0} + \frac{1}{v_0^2}\, e^\top
#     \Bigl(\mathcal H - \frac{h h^\top}{\nu_0}\Bigr)^{-1} e \Bigr]^{-1} \le \nu_0 .
# $$ (eq:satterthwaite-profiled)
#
# Without random effects nothing but the first term is left: $n - p$. The matrix in the middle is,
# expected and by REML, as $PVP = P$,
#
# $$
# \mathcal H_{ab} - \frac{h_a h_b}{\nu_0}
# = \operatorname{tr}(C D_a C D_b)
#     - \frac{\operatorname{tr}(C D_a) \operatorname{tr}(C D_b)}{\nu_0} ,
# $$ (eq:expected-profiled)
#
# and observed, in the entries of $T$, with $A = Z^\top P Z$,
#
# $$
# \mathcal H_{ab} - \frac{h_a h_b}{\nu_0}
# = \nu_0 \Bigl( \frac{2\, a^\top D_a A D_b\, a}{r^2}
#     - \frac{a^\top D_a a\; a^\top D_b a}{r^4} \Bigr) - \operatorname{tr}(C D_a C D_b) .
# $$ (eq:observed-profiled)
#
# In $\theta$ it is {eq}`eq:hessian`, the Hessian of the profiled criterion. For ML read
# $Z^\top V_0^{-1} Z$ for $C$.

# %%
H11, H12, H22, h1, h2, n0 = sp.symbols("H_11 H_12 H_22 h_1 h_2 nu_0", positive=True)
s1, s2, v0 = sp.symbols("s_1 s_2 v_0", positive=True)
H, h, s = sp.Matrix([[H11, H12], [H12, H22]]), sp.Matrix([h1, h2]), sp.Matrix([s1, s2])
whole = H.row_join(h).col_join(h.T.row_join(sp.Matrix([[n0]])))
g, e = s.col_join(sp.Matrix([v0])), s - v0 * h / n0


def form(M, u):
    """u' M^-1 u, without the inverse of M."""
    return (u.T * M.adjugate() * u)[0] / M.det()


profiled = v0**2 / n0 + form(H - h * h.T / n0, e)
check("eq:profiled-slope", form(whole, g), profiled, "symbolic", "two parameters of T")
nu = 1 / (1 / n0 + form(H - h * h.T / n0, e) / v0**2)
check("eq:satterthwaite-profiled", 2 * v0**2 / (2 * form(whole, g)), nu, "symbolic", "two of T")
Yt = sp.Symbol("Y^T", commutative=False)
size = sp.expand(sp.expand(P * V * P).subs(Xt * V**-1 * X, C_inv))
check("eq:expected-profiled", size, sp.expand(P), "general", "all n, p: the element of V itself")
bent = d(d(Yt * P * Y, along(Va)), along(Vb))
right = sp.expand(Yt * (P * Va * P * Vb * P + P * Vb * P * Va * P) * Y)
check("eq:observed-profiled", bent, right, "general", "all n, p: the second slope of r^2")


# %%
def by_definition(by, moved):
    """(l,): 2 v^2 / g'I^-1 g of each contrast; parameters are V's own directions, and V's size."""
    both = [*moved, by.V]
    W = np.linalg.inv([[np.trace(by.metric @ a @ by.metric @ b) / 2 for b in both] for a in both])
    g = np.array([np.diag(by.B.T @ M @ by.B) for M in both])  # (m + 1, l)
    return 2 * np.diag(by.cov) ** 2 / np.einsum("al,ab,bl->l", g, W, g)


for fit in fits:
    by, found = both(fit)
    symmetric = by.here.at.layout.units
    moved = [sum(weight * M for weight, M in zip(row, by.units, strict=True)) for row in symmetric]
    known = dialects.Dialect.of(fit, "satterthwaite-expected").known
    link(
        "eq:satterthwaite-profiled",
        by_definition(by, moved),
        satterthwaite.freedom(found, known),
        satterthwaite.freedom,
    )
    spread = np.array([[np.trace(by.metric @ a @ by.metric @ b) for b in moved] for a in moved])
    C_a = np.array([np.trace(by.metric @ a) for a in moved])
    here, steps = by.here.at, by.here.at.layout.units
    now = information.expected(here, steps)
    link("eq:expected-profiled", spread - np.outer(C_a, C_a) / by.dof, now, information.expected)
    Py = by.P @ by.here.design.y
    r2, aDa = by.here.design.y @ Py, np.array([Py @ a @ Py for a in moved])
    bend = np.array([[Py @ a @ by.P @ b @ Py for b in moved] for a in moved])
    second = by.dof * (2 * bend / r2 - np.outer(aDa, aDa) / r2**2) - spread
    now = information.observed(here, steps)
    link("eq:observed-profiled", second, now, information.observed)
    fall = np.array([np.trace(by.metric @ M) for M in by.units]) / by.dof
    rest = by.along - fall[:, None, None] * by.cov
    link("eq:profiled-slope", rest, known.rest(found), Information.rest)

# %% [markdown]
# ### Observed, or expected
#
# lmerTest takes the *observed* information, the second derivatives of the criterion at the data (by
# numerical differences, so that its degrees of freedom have four to ten digits), and so does SAS
# by default. pbkrtest takes the *expected* one of {eq}`eq:information`. In balanced data they give
# the same, in others they do not:

# %%
tests = {way: fits[0].test_fixed(way, type=None)["df"] for way in dialects.INFORMATION}
print(pd.DataFrame(tests).T)

# %% [markdown]
# At a minimum in the interior it does not matter in which parameters either is taken. The first
# derivatives of the criterion are zero there, so that a change of parameters with Jacobian $D$
# takes $\mathcal I$ to $D^\top \mathcal I D$ and $g$ to $D^\top g$, and leaves
# $g^\top \mathcal I^{-1} g$ alone.
#
# **On the boundary it does matter.** Where a variance is zero, $T = \theta^2 = 0$, the slope of $v$
# in $\theta$ is $2\theta\, \partial v/\partial T = 0$: in $\theta$ nothing is left but the $\nu_0$
# of $\sigma$, as if the term were not there. In $T$ the slope is what it is. For $J$ groups of
# $\bar n$ the mean has the variance $v = (\sigma^2 + \bar n\tau)/(J\bar n)$, and for any $\tau$,
# zero included,
#
# $$
# \nu_T = J - 1, \qquad \nu_\theta\big|_{\theta = 0} = J\bar n - 1 .
# $$ (eq:freedom-at-zero)
#
# So five or 29 of the 30 observations of Dyestuff2, whose variance is zero. lmerTest says 29,
# pbkrtest five; `parameters="theta"` and `"T"` name the two. Neither is a mistake: one takes the
# zero for known, the other does not.

# %%
sig2, tau, theta = sp.symbols("sigma^2 tau theta", positive=True)
for m, k in ((6, 5), (3, 2)):
    n = m * k
    block = sp.kronecker_product(sp.eye(m), sp.ones(k, k))
    for value in (R(0), R(2, 3)):
        found, _ = degrees_of_freedom(
            sp.ones(n, 1), [sp.eye(n), block], [R(3), value], sp.Matrix([1])
        )
        held, _ = degrees_of_freedom(sp.ones(n, 1), [sp.eye(n)], [R(3)], sp.Matrix([1]))
        right = [m - 1, n - 1]
        check("eq:freedom-at-zero", [found, held], right, "exact", f"{m} x {k}", text_only=True)
dyes = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
ways = [("satterthwaite-expected", "T"), ("satterthwaite-expected", "theta")]
ways += [("satterthwaite", "theta")]
zero = [dyes.test_fixed(df, type=None, parameters=where)["df"].iloc[0] for df, where in ways]
assert holds(np.array(zero), np.array([5.0, 29.0, 29.0]))

# %% [markdown]
# Degrees of freedom below one are ordinary for a t: a Student law with few of them has long tails,
# and that is all.
#
# ### Several contrasts
#
# For an F of $l$ contrasts $\mathcal L\beta$, lmerTest turns them, as did the SAS of its day, to
# the eigenvectors of $\mathcal L C \mathcal L^\top$: combinations that are not correlated, each
# with a $t_j$ and $\nu_j$ of its own. If these were independent, the sum of the $t_j^2$ had the
# mean $E \equiv \sum_j \nu_j/(\nu_j - 2)$. An F with $l$ and $\nu_2$ degrees of freedom has the
# mean $\nu_2/(\nu_2 - 2)$; equal to $E/l$ that is
#
# $$
# \nu_2 = \frac{2E}{E - l} .
# $$ (eq:satterthwaite-f)
#
# It needs all $\nu_j > 2$; else the mean is infinite, and the method has no answer. lmerTest says 2
# then, SAS 0, and refmixed nan, with a sentence. The eigenvectors depend on the units of the rows
# of $\mathcal L$, and so does $\nu_2$; where eigenvalues are equal, they are arbitrary. Kenward and
# Roger's F depends on the rows' span alone.

# %%
E, q, m = sp.symbols("E q m", positive=True)
(found,) = sp.solve(sp.Eq(m / (m - 2), E / q), m)
check("eq:satterthwaite-f", found, 2 * E / (E - q), "general", "any q and nu")
x, nu = sp.symbols("x nu", positive=True)
density = sp.gamma((nu + 1) / 2) / (sp.sqrt(nu * sp.pi) * sp.gamma(nu / 2))
density *= (1 + x**2 / nu) ** (-(nu + 1) / 2)
for at in (3, 4, 7):  # the mean of t^2
    mean = 2 * sp.integrate(sp.simplify(x**2 * density.subs(nu, at)), (x, 0, sp.oo))
    assert sp.simplify(mean - R(at, at - 2)) == 0

by, found = both(fits[0])
known = dialects.Dialect.of(fits[0], "satterthwaite").known
values, vectors = np.linalg.eigh(found.cov)
each = satterthwaite.freedom(found.combined(vectors.T), known)
mean = (each / (each - 2)).sum()
m_found = satterthwaite.freedom_of_all(found, known, np.eye(len(found.cov)))
link("eq:satterthwaite-f", [2 * mean / (mean - 2)], [m_found], satterthwaite.freedom_of_all)

# %% [markdown]
# ## Kenward and Roger
#
# Satterthwaite mends the law of $t$, not $C$. Two things are wrong with $\hat C = C(\hat\phi)$, and
# to first order they are the same. Let $\mathcal W$ be the covariance of $\hat\phi$, and
#
# $$
# \begin{aligned}
# M_{ab} &= X^\top V^{-1} V_a V^{-1} V_b V^{-1} X
#   - (X^\top V^{-1} V_a V^{-1} X)\, C\, (X^\top V^{-1} V_b V^{-1} X) \\
#   &= X^\top V^{-1} V_a P V_b V^{-1} X .
# \end{aligned}
# $$ (eq:kenward-roger)
#
# **First**, $\hat\beta$ uses $\hat\phi$, which adds to its covariance {eq}`eq:kackar-harville`. To
# first order $\hat\beta(\hat\phi) - \hat\beta(\phi)$ is $\sum_a (\hat\phi_a - \phi_a)\,
# \partial\hat\beta/\partial\phi_a$, and the slopes {eq}`eq:beta-slope` have the covariances
#
# $$
# \operatorname{Cov}\Bigl(\frac{\partial\hat\beta}{\partial\phi_a},
#     \frac{\partial\hat\beta}{\partial\phi_b}\Bigr) = C\, M_{ab}\, C ,
# $$ (eq:beta-slope-covariance)
#
# so that with $\Xi \equiv C \bigl\{\sum_{ab} \mathcal W_{ab} M_{ab}\bigr\} C$ the covariance of
# $\hat\beta(\hat\phi)$ is about $C + \Xi$ (Kackar and Harville).
#
# **Second**, $C(\hat\phi)$ is a bent function of $\hat\phi$. If $\hat\phi$ is unbiased, its mean is
# about $C + \frac12 \sum_{ab} \mathcal W_{ab}\, \partial^2 C/\partial\phi_a\partial\phi_b$. By
# {eq}`eq:vcov-curvature`
#
# $$
# \tfrac12 \sum_{ab} \mathcal W_{ab} \frac{\partial^2 C}{\partial\phi_a \partial\phi_b} = -\Xi .
# $$ (eq:kenward-roger-bias)
#
# So $C$ is about the mean of $\hat C + \Xi$, and the covariance $C + \Xi$ that of
#
# $$
# \hat C_A = \hat C + 2 \hat\Xi :
# $$ (eq:kenward-roger-added)
#
# that is the factor of two. It rests on $V$ being linear in $\phi$. In other parameters, a
# log-Cholesky factor say, {eq}`eq:vcov-curvature` has the term $C X^\top V^{-1} (\partial^2
# V/\partial\phi_a\partial\phi_b) V^{-1} X C$ besides, and the adjusted covariance depends on the
# parameters; SAS's `ddfm=kr(firstorder)` leaves this term out. In $T$ it is zero, and the variants
# are one. $\mathcal W$ is the inverse of the expected information in Kenward and Roger's paper and
# in pbkrtest, of the observed one in SAS: `df="kenward-roger"` and `"kenward-roger-observed"`.
#
# The size of $V$ may stand for $\sigma^2$ among the parameters, a linear change. As $PVP = P$ and
# $PX = 0$, its $M_{ab}$ are zero, and $\mathcal W$ of the others is
# $2 (\mathcal H - hh^\top/\nu_0)^{-1}$.

# %%
right = Xt * V**-1 * Va * V**-1 * Vb * V**-1 * X
right -= (Xt * V**-1 * Va * V**-1 * X) * C_inv**-1 * (Xt * V**-1 * Vb * V**-1 * X)
check("eq:kenward-roger", sp.expand(M_ab), right, "general", "all n, p")
rules = [(Xt * V**-1 * X, C_inv)]
slope_a, slope_b = C * Xt * V**-1 * Va * P, P * Vb * V**-1 * X * C
left = sp.expand(sp.expand(slope_a * V * slope_b).subs(rules))
check("eq:beta-slope-covariance", left, sp.expand(C * M_ab * C), **sure)
w = sp.Symbol("W_ab", commutative=True)
curved = sum(d(d(C, along(D)), along(E)) for D, E in ((Va, Vb), (Vb, Va)))
Xi = w * C * (M_ab + M_ba) * C  # the terms ab and ba of the sum
check("eq:kenward-roger-bias", R(1, 2) * w * curved, sp.expand(-Xi), **sure)
check("eq:kenward-roger-added", sp.expand(C + Xi - (C - Xi)), 2 * Xi, "general", "all")
for at in (Va, Vb):  # where one of them is V
    assert sp.expand(sp.expand(M_ab.subs(at, V)).subs(rules)) == 0

for fit in (fits[0], fits[1], fits[3]):
    by, found = both(fit)
    every, W = by.expected()
    M = [[by.B.T @ a @ by.P @ b @ by.B for b in every] for a in every]
    adjusted = by.cov + 2 * np.einsum("ab,abij->ij", W, M)
    known = dialects.Dialect.of(fit, "kenward-roger").known
    now = kenward_roger.adjusted(by.here, found, known)
    link("eq:kenward-roger-added", adjusted, now, kenward_roger.adjusted)
    link("eq:kenward-roger", adjusted - by.cov, now - found.cov, kenward_roger.adjusted)

# %% [markdown]
# In the balanced model $V_b V^{-1} X$ is a combination of the columns of $X$, for each $b$. As
# $PX = 0$ {eq}`eq:P-annihilates`,
#
# $$
# M_{ab} = 0 ,
# $$ (eq:kenward-roger-balanced)
#
# and nothing is added. In unbalanced data $M_{ab}$ is not zero: leave one observation out.

# %%
together = sum(abs(entry) for matrix in corrections for entry in matrix)
check("eq:kenward-roger-balanced", together, 0, "exact", "m = 4, 3 days, all a, b", text_only=True)
eleven = [part[:11, :11] for part in parts]
_, unbalanced = degrees_of_freedom(X12[:11, :], eleven, phi, sp.Matrix([0, 1]))
assert any(entry != 0 for matrix in unbalanced for entry in matrix)

# %% [markdown]
# ### The law of F
#
# Wald's statistic of $l$ contrasts is
# $\mathcal F = \frac1l w^\top (\mathcal L \hat C_A \mathcal L^\top)^{-1} w$ with
# $w = \mathcal L\hat\beta - \mathcal L\beta$. Turn the contrasts so that
# $\mathcal L C \mathcal L^\top = I$; then $w \sim N(0, I)$ about, independent of $\hat\phi$, and
# $\mathcal L \hat C_A \mathcal L^\top = I + \Delta$ with $\operatorname{E}\Delta = 0$ and
# $\Delta = \sum_a (\hat\phi_a - \phi_a)\, S_a$ about, $S_a$ the slopes of
# $\mathcal L C \mathcal L^\top$. To second order
#
# $$
# (I + \Delta)^{-1} \approx I - \Delta + \Delta^2, \qquad
# (I + \Delta)^{-2} \approx I - 2\Delta + 3\Delta^2 .
# $$ (eq:inverse-expanded)
#
# Given $\hat\phi$, the quadratic form has the mean $\operatorname{tr}(I + \Delta)^{-1}$ and the
# variance $2 \operatorname{tr}(I + \Delta)^{-2}$. With
#
# $$
# A_1 = \sum_{ab} \mathcal W_{ab} \operatorname{tr}(S_a) \operatorname{tr}(S_b), \qquad
# A_2 = \sum_{ab} \mathcal W_{ab} \operatorname{tr}(S_a S_b)
# $$ (eq:kenward-roger-traces)
#
# $\operatorname{E}\operatorname{tr}\Delta^2 = A_2$ and
# $\operatorname{Var}\operatorname{tr}\Delta = A_1$. So
# $l \operatorname{E}\mathcal F \approx l + A_2$, and
# $l^2 \operatorname{Var}\mathcal F \approx 2 (l + 3A_2) + A_1$, the mean of the variance and the
# variance of the mean:
#
# $$
# \operatorname{E}\mathcal F \approx 1 + \frac{A_2}{l}, \qquad
# \operatorname{Var}\mathcal F \approx \frac2l (1 + B), \qquad B \equiv \frac{A_1 + 6A_2}{2l} .
# $$ (eq:kenward-roger-moments)
#
# For $S_a$ that are not turned, $S_a = \Theta\, C (X^\top V^{-1} V_a V^{-1} X) C$ with
# $\Theta = \mathcal L^\top (\mathcal L C \mathcal L^\top)^{-1} \mathcal L$ has the same traces.
# Kenward and Roger replace both moments by others that are equal to first order,
#
# $$
# E^* = \Bigl(1 - \frac{A_2}{l}\Bigr)^{-1}, \qquad
# V^* = \frac2l\, \frac{1 + c_1 B}{(1 - c_2 B)^2 (1 - c_3 B)},
# $$ (eq:kenward-roger-chosen)
#
# with $c_1 = g/c$, $c_2 = (l - g)/c$, $c_3 = (l + 2 - g)/c$, $c = 3l + 2(1 - g)$ and
# $g = \{(l + 1)A_1 - (l + 4)A_2\}/\{(l + 2)A_2\}$, and take $\lambda \mathcal F$ for an F with $l$
# and $\nu_2$ degrees of freedom that has the two moments:
#
# $$
# \nu_2 = 4 + \frac{l + 2}{l\eta - 1}, \qquad \eta \equiv \frac{V^*}{2 (E^*)^2} ,
# $$ (eq:kenward-roger-freedom)
#
# $$
# \lambda = \frac{\nu_2}{E^* (\nu_2 - 2)} .
# $$ (eq:kenward-roger-scale)
#
# The choice is right where the law is known. If all contrasts share one $\chi^2_\nu$, as in an
# analysis of variance, $A_1 = 2l^2/\nu$ and $A_2 = 2l/\nu$; if $\mathcal L \hat C \mathcal L^\top$
# is Wishart's with $\nu$, as in Hotelling's $T^2$, $A_1 = 2l/\nu$ and $A_2 = l(l + 1)/\nu$. Then
#
# $$
# (\nu_2, \lambda) = (\nu, 1) \quad\text{and}\quad
# (\nu_2, \lambda) = \Bigl(\nu - l + 1, \frac{\nu - l + 1}{\nu}\Bigr).
# $$ (eq:kenward-roger-exact)

# %%
eps = sp.Symbol("epsilon")
Delta = sp.Symbol("Delta", commutative=False)
for power, expanded in (
    (1, 1 - eps * Delta + eps**2 * Delta**2),
    (2, 1 - 2 * eps * Delta + 3 * eps**2 * Delta**2),
):
    product = sp.expand((1 + eps * Delta) ** power * expanded)
    kept = sum(product.coeff(eps, j) * eps**j for j in (1, 2)) + product.subs(eps, 0)
    check("eq:inverse-expanded", kept, 1, "general", f"all sizes, power {power}", text_only=True)

many, A1, A2, t = sp.symbols("l A_1 A_2 t", positive=True)
B = (A1 + 6 * A2) / (2 * many)
of_form = [(many + A2) / many, (2 * (many + 3 * A2) + A1) / many**2]
moments = [1 + A2 / many, 2 / many * (1 + B)]
check("eq:kenward-roger-moments", of_form, moments, "general", "any l", text_only=True)


def chosen(many, A1, A2, t=1):
    """E* and V*, with t A_1 and t A_2 in place of A_1 and A_2."""
    B = t * (A1 + 6 * A2) / (2 * many)
    g = ((many + 1) * A1 - (many + 4) * A2) / ((many + 2) * A2)
    c = 3 * many + 2 * (1 - g)
    c1, c2, c3 = g / c, (many - g) / c, (many + 2 - g) / c
    return 1 / (1 - t * A2 / many), 2 / many * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))


def matched(many, mean, variance):
    """m and lambda."""
    m = 4 + (many + 2) / (many * variance / (2 * mean**2) - 1)
    return m, m / (mean * (m - 2))


rise = [sp.simplify(side.diff(t).subs(t, 0)) for side in chosen(many, A1, A2, t)]
right = [A2 / many, 2 / many * B]
check("eq:kenward-roger-chosen", rise, right, "general", "any l, to first order", text_only=True)

mean, variance = sp.symbols("E^* V^*", positive=True)
m_of, scale_of = matched(many, mean, variance)
F_mean = m_of / (m_of - 2)
F_variance = 2 * m_of**2 * (many + m_of - 2) / (many * (m_of - 2) ** 2 * (m_of - 4))
check("eq:kenward-roger-scale", scale_of * mean, F_mean, "general", "any l")
check("eq:kenward-roger-freedom", scale_of**2 * variance, F_variance, "general", "any l")
anova = matched(many, *chosen(many, 2 * many**2 / dof, 2 * many / dof))
wishart = matched(many, *chosen(many, 2 * many / dof, many * (many + 1) / dof))
left = [*anova, *wishart]
right = [dof, 1, dof - many + 1, (dof - many + 1) / dof]
check("eq:kenward-roger-exact", left, right, "general", "any l and nu", text_only=True)

# %%
for fit in (fits[0], fits[1], fits[3]):
    by, found = both(fit)
    every, W = by.expected()
    S = [np.linalg.solve(by.cov, by.B.T @ M @ by.B) for M in every]
    one = sum(
        W[a, b] * np.trace(S[a]) * np.trace(S[b]) for a in range(len(S)) for b in range(len(S))
    )
    two = sum(W[a, b] * np.trace(S[a] @ S[b]) for a in range(len(S)) for b in range(len(S)))
    known = dialects.Dialect.of(fit, "kenward-roger").known
    link(
        "eq:kenward-roger-traces",
        [one, two],
        kenward_roger.traces(found, known)[:2],
        kenward_roger.traces,
    )
    m_now, scale_now = matched(2.0, *chosen(2.0, one, two))
    scale, freedom = kenward_roger.scale_and_freedom(found, known)
    link("eq:kenward-roger-freedom", [m_now], [freedom], kenward_roger.scale_and_freedom)
    link("eq:kenward-roger-scale", [scale_now], [scale], kenward_roger.scale_and_freedom)

# %% [markdown]
# ### For one contrast it is Satterthwaite's
#
# If $l = 1$, $\Theta$ has rank one: each $S_a = \Theta\, C A_a C$ is a column times a row, with
# $A_a = X^\top V^{-1} V_a V^{-1} X$. The trace of a product of such is the product of the traces:
#
# $$
# \operatorname{tr}(S_a S_b) = \operatorname{tr}(S_a) \operatorname{tr}(S_b)
# = \frac{g_a g_b}{v^2}, \qquad\text{so}\quad A_1 = A_2 = \frac{g^\top \mathcal W g}{v^2} ,
# $$ (eq:kenward-roger-rank-one)
#
# where $g_a = \ell^\top C A_a C \ell$ is the slope of $v$. And then $g = -1$, so that
# $c_1, c_2, c_3$ are $-\frac17, \frac27, \frac47$, and
#
# $$
# \nu_2 = \frac{2}{A_2} = \frac{2 v^2}{g^\top \mathcal W g}, \qquad \lambda = 1 .
# $$ (eq:kenward-roger-one)
#
# That is Satterthwaite's {eq}`eq:satterthwaite` with the expected information. The two methods part
# where the information is the observed one, in the standard error, and for several contrasts.

# %%
c1, c2 = sp.symbols("c_1 c_2", positive=True)
ell = sp.Matrix([c1, c2])
C2, Aa2, Ab2 = (
    sp.Matrix(2, 2, lambda i, j, n=n: sp.Symbol(f"{n}_{min(i, j)}{max(i, j)}")) for n in "CAB"
)
v_ell = (ell.T * C2 * ell)[0]
S_a, S_b = (ell * ell.T / v_ell * C2 * A * C2 for A in (Aa2, Ab2))
g_a, g_b = ((ell.T * C2 * A * C2 * ell)[0] for A in (Aa2, Ab2))
left = [(S_a * S_b).trace(), S_a.trace() * S_b.trace()]
right = [g_a * g_b / v_ell**2] * 2
check("eq:kenward-roger-rank-one", left, right, "symbolic", "p = 2, any l, C", text_only=True)
one = matched(sp.S.One, *chosen(sp.S.One, A2, A2))
check(
    "eq:kenward-roger-one", [sp.simplify(side) for side in one], [2 / A2, 1], "general", "any A_2"
)
for fit in (fits[0], fits[1], fits[3]):
    by, found = both(fit)
    known = dialects.Dialect.of(fit, "kenward-roger").known
    for row in np.eye(2):
        alone = found.combined(row[None])
        link(
            "eq:kenward-roger-one",
            [1.0, satterthwaite.freedom(alone, known)[0]],
            kenward_roger.scale_and_freedom(alone, known),
            kenward_roger.scale_and_freedom,
        )

# %% [markdown]
# Where $\nu_2 \le 2$ and $l \ge 2$ the mean of such an F is infinite, and there is no $\lambda$:
# the method has no answer, and refmixed says so.
#
# ## A third standard error
#
# Some programs (statsmodels among them) invert the whole Hessian of the log-likelihood in $\beta$
# and the variances. Its expectation has no block between the two, but at the data it has one,
# $\partial^2(-2\ell)/\partial\beta\,\partial\phi_a = 2 q_a$ with $q_a = X^\top V^{-1} V_a P Y$, the
# same that moves $\hat\beta$ {eq}`eq:beta-slope`. The block of $\beta$ of twice the inverse is, by
# the inverse of blocks, with $\mathcal H_{ab}$ the second derivatives in the variances of the
# criterion that has $\beta$ at its best,
#
# $$
# C + 2 \sum_{ab} C q_a\, (\mathcal H^{-1})_{ab}\, q_b^\top C ,
# $$ (eq:joint-information)
#
# larger than $C$ unless all $q_a$ are zero, as in balanced data. It is neither $C$ nor
# $\hat C_A$; `se="joint"` names it. With $\sigma$ taken out, $\mathcal H$ is the Hessian of the
# profiled criterion, as $\beta$ and $\sigma$ have no block between them at $\hat\beta$.

# %%
b, p1, p2 = sp.symbols("b phi_1 phi_2", positive=True)
X4, Y4 = sp.Matrix([1, 2, 1, 1]), sp.Matrix([3, 5, 1, 4])
V1 = sp.diag(sp.ones(2, 2), sp.ones(2, 2))
V4 = p1 * V1 + p2 * sp.eye(4)
r4 = Y4 - X4 * b
minus2 = sp.log(V4.det(method="berkowitz")) + ((r4.T * V4.adjugate() * r4)[0] / V4.det())
at4 = {p1: R(2), p2: R(3)}
Vi = V4.subs(at4).inv()
C4 = (X4.T * Vi * X4).inv()
at4[b] = (C4 * X4.T * Vi * Y4)[0]
P4 = Vi - Vi * X4 * C4 * X4.T * Vi
hessian = sp.hessian(minus2, (b, p1, p2)).subs(at4)
q4 = [(X4.T * Vi * M * P4 * Y4)[0] for M in (V1, sp.eye(4))]
right = [2 / C4[0], *(2 * q for q in q4)]
assert [sp.simplify(entry) for entry in hessian.row(0)] == right
Q4 = sp.Matrix([q4])
left = sp.simplify((2 * hessian.inv())[0, 0])
best = hessian[1:, 1:] - hessian[1:, :1] * hessian[:1, 1:] / hessian[0, 0]  # beta at its best
right = C4[0] + 2 * C4[0] ** 2 * (Q4 * best.inv() * Q4.T)[0]
check("eq:joint-information", left, sp.simplify(right), "exact", "n = 4, p = 1, two variances, ML")

# %%
for fit in fits:
    by, found = both(fit)
    at = by.here.at
    y = by.here.design.y
    moved = [sum(a * M for a, M in zip(row, by.units, strict=True)) for row in at.layout.units]
    Py, H = by.P @ y, information.observed(at, at.layout.units)
    sigma2 = y @ Py / by.dof
    cross = np.array([by.X.T @ by.V_inv @ a @ Py for a in moved])  # (m, p)
    C = np.linalg.inv(by.X.T @ by.V_inv @ by.X)
    joint = C + 2 / sigma2 * C @ cross.T @ np.linalg.solve(H, cross) @ C
    known = dialects.Dialect.of(fit, "satterthwaite").known
    now = joint_information.fixed_cov(by.here, known)
    link("eq:joint-information", joint, now, joint_information.fixed_cov)
errors = {se: fits[0].test_fixed("infinite", type=None, se=se)["Std. Error"] for se in dialects.SE}
print(pd.DataFrame(errors))

# %% [markdown]
# ## What is tested of a term
#
# A factor is several columns, and a table has a row for it. Which contrasts?
#
# **Type 1**, in order: what a term adds to those before it. Let $X^\top X = L D L^\top$ with $L$
# unit lower triangular. The rows of $L^\top$ are contrasts,
#
# $$
# \mathcal L_t = (L^\top)_{\text{rows of } t} ,
# $$ (eq:type-one)
#
# and in least squares the sum of squares of $\mathcal L_t\beta = 0$ is that by which the columns of
# $t$ lower the residual sum of squares beside those before them. In a mixed model lmerTest keeps
# these contrasts, of $X$ that is not weighted, and tests them with the covariance of the model.

# %%
cake = rm.load_dataset("cake")
rows = np.sort(np.random.default_rng(1).choice(len(cake), 60, replace=False))
ovens = cake.iloc[rows].copy()
ovens["oven"] = pd.Categorical(np.array(["a", "b"])[(ovens["temp"] > 200).astype(int)])
fit = rm.lmer("angle ~ oven * recipe + (1 | replicate)", ovens)
Xs = sp.Matrix(fit.design.X.astype(int).tolist())
L, D = (Xs.T * Xs).LDLdecomposition()
places = {"oven": [1], "recipe": [2, 3], "oven:recipe": [4, 5]}
found = hypotheses.hypotheses(fit, 1)
for name, columns in places.items():
    by_hand = np.array(L.T[columns, :].tolist(), dtype=float)
    link("eq:type-one", by_hand, found[name], hypotheses.sequential)


def left_over(columns):
    """The residual sum of squares of some columns."""
    some = Xs[:, columns]
    return (Ys.T * Ys - Ys.T * some * (some.T * some).inv() * some.T * Ys)[0]


Ys = sp.Matrix([int(value) for value in fit.design.y])
inverse = (Xs.T * Xs).inv()
ols = inverse * Xs.T * Ys
for columns in places.values():
    K = L.T[columns, :]
    squares = ((K * ols).T * (K * inverse * K.T).inv() * K * ols)[0]
    adds = left_over(list(range(columns[0]))) - left_over(list(range(columns[-1] + 1)))
    check("eq:type-one", squares, adds, "exact", "n = 60, three terms")

# %% [markdown]
# **Type 3**, beside all others. Give each cell of each term a column, $X_+$, one for each level or
# combination of levels. $X$ has fewer: $X_+ = X N$, and a coefficient of $X$ is the function $N_j$
# (a row of $N$) of the cells. By treatment contrasts the coefficients of a term are functions of
# its own cells and of those of the terms that contain it. Let $N_t$ be their rows and $N_>$ those
# of the coefficients of terms that contain $t$. The contrasts are what is left of the first beside
# the second,
#
# $$
# \mathcal L_t\, \beta = \beta_t - N_t N_>^\top (N_> N_>^\top)^{-1} \beta_>, \qquad
# (\mathcal L_t N)\, N_>^\top = 0 .
# $$ (eq:type-three)
#
# Without empty cells they compare plain means over the cells of the other factors. *With empty
# cells* they are still estimable, but weigh the cells that are there in a way that no one would
# choose, and depend on which are there. lmerTest and SAS's type III take them. car's
# `Anova(type=3)` tests $\beta_t = 0$ as coded, which means something for contrasts that sum to zero
# only, and SAS has a type IV for empty cells. A term all of whose columns depend on others has an
# empty row.
#
# **Type 2** is type 1 with the terms in another order: first all that do not contain $t$, then $t$.
# A term contains another that has a part of its factors and the same numeric variables: `a:b`
# contains `a`, and `a:x` does not. So it is in SAS and in lmerTest, but that lmerTest takes a
# matrix such as `poly(x, 2)` for a factor; car's default tests `a` without `a:x`, too, and with the
# covariance of the model. Like type 1 it comes from $X^\top X$. The *sequential* table of nlme's
# and lme4's `anova()` is type 1 with $X^\top V_0^{-1} X$ in place of $X^\top X$, and nlme's
# *marginal* table tests $\beta_t = 0$ as coded. In balanced data types 1, 2 and the sequential
# table are one; in others each is another answer to what is called "the" analysis of variance, here
# for the first of two factors:


# %%
def cells(data):
    """X+ of the intercept, ovens, recipes and both, and the term of each column."""
    of = [("", None), *(("o", a) for a in "ab"), *(("r", c) for c in "ABC")]
    of += [("or", a + c) for a in "ab" for c in "ABC"]
    text = data["oven"].astype(str), data["recipe"].astype(str)
    own = {"": pd.Series(True, data.index), "o": text[0], "r": text[1], "or": text[0] + text[1]}
    columns = [(own[term] == level) if term else own[""] for term, level in of]
    return sp.Matrix(np.array(columns).T.astype(int).tolist()), [term for term, _ in of]


for missing in ("", "bC", "aA"):
    data = ovens[ovens["oven"].astype(str) + ovens["recipe"].astype(str) != missing].copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.errors.RankWarning)
        fit = rm.lmer("angle ~ oven * recipe + (1 | replicate)", data)
    Xs = sp.Matrix(fit.design.X.astype(int).tolist())
    H = (Xs.T * Xs).inv() * Xs.T * cells(data)[0]
    assert Xs * H == cells(data)[0]
    names = list(fit.design.names)
    both_terms = [j for j, name in enumerate(names) if ":" in name]
    found = hypotheses.hypotheses(fit, 3)
    for term in ("oven", "recipe"):
        own = [j for j, name in enumerate(names) if name.startswith(term) and ":" not in name]
        over = H[both_terms, :]
        K = sp.zeros(len(own), len(names))
        away = H[own, :] * over.T * (over * over.T).inv()
        for i, j in enumerate(own):
            K[i, j] = 1
            for column, weight in zip(both_terms, away.row(i), strict=True):
                K[i, column] = -weight
        sizes = f"2 x 3, without {missing or 'none'}, {term}"
        check("eq:type-three", K * H * over.T, sp.zeros(len(own), len(both_terms)), "exact", sizes)
        link("eq:type-three", np.array(K.tolist(), float), found[term], hypotheses.marginal)
    if not missing:
        assert K[0, both_terms[0]] == R(1, 2)  # plain means over two ovens
        full = fit

rows = {kind: full.test_fixed(type=kind).loc["oven"] for kind in hypotheses.TYPES}
print(pd.DataFrame(rows).T[["F value", "NumDF", "DenDF"]])

# %% [markdown]
# ## Other ways
#
# These are not computed, but for the last two. *Seen* is what a program gave here, *documented*
# what its manual says.
#
# ```{list-table}
# :header-rows: 1
#
# * - way
#   - degrees of freedom of a coefficient
#   - where
# * - containment
#   - of the term whose random effects contain it: its part of the rank of $[X\; Z]$; $n$ less
#     that rank if there is none
#   - SAS MIXED with RANDOM, its default; documented (SAS/STAT 14.1, MODEL statement, DDFM=)
# * - inner levels
#   - of the innermost grouping level within which its column varies: levels there, less those
#     outside and less the coefficients there
#   - nlme 3.1-162, seen: 161 for sleepstudy, where Satterthwaite has 17; documented (Pinheiro and
#     Bates 2000, 2.4.2)
# * - between and within
#   - $n - \operatorname{rank} X$ split into subjects and the rest; the first for what is constant
#     within subjects
#   - SAS MIXED with REPEATED, its default; documented (the same)
# * - Satterthwaite, observed
#   - {eq}`eq:satterthwaite`; of several contrasts {eq}`eq:satterthwaite-f`
#   - lmerTest 3.1-3, seen; SAS `ddfm=satterthwaite`, documented: sums over $\nu_j > 2$ alone, and
#     0 where $E \le l$
# * - Kenward and Roger, expected
#   - {eq}`eq:kenward-roger-freedom`
#   - pbkrtest 0.5.2, seen; it does not know of weights, and its answers change with their unit
# * - Kenward and Roger, observed
#   - the same
#   - SAS `ddfm=kenwardroger`, documented: the observed information by default, with second
#     derivatives of $V$; JMP says that it matches it (JMP 17, Kackar-Harville correction)
# * - residual
#   - $n - \operatorname{rank} X$
#   - SAS `ddfm=residual`, documented; `df="residual"`
# * - none
#   - infinite: the normal law
#   - lme4's t values read as z; statsmodels, with the joint information's standard errors;
#     `df="infinite"`
# ```

# %% [markdown]
# ## What to take away
#
# - In balanced data all agree: the degrees of freedom are those of the analysis of variance.
# - In others say which: the information (observed or expected), the standard error, and in singular
#   fits whether the zero is taken for known.
# - For one contrast Kenward and Roger's degrees of freedom are Satterthwaite's with the same
#   information; their standard error is larger.
# - Type 3 hypotheses with empty cells are a convention.
#
# The code, in `after.fixed`: `slopes.slopes`, `information.information`, `satterthwaite.freedom`,
# `kenward_roger.adjusted` and `kenward_roger.scale_and_freedom`, `joint_information.fixed_cov`,
# `hypotheses.hypotheses`; `Fit.test_fixed` asks them by name.
