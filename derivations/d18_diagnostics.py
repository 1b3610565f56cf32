# %% [markdown]
# # What a single row or group does to a fit
#
# Would the conclusion be another one without subject 308? One may leave the subject out and fit
# again. If $\theta$ is kept, algebra on the fit itself gives the answer, for each row and for each
# group. This page derives it, and what is made of it: DFBETAS, Cook's distance, ratios of
# covariances. It goes on with residuals, which vary less than the errors do and not all alike, and
# with the principal components of a covariance.

# %%
"""Imports, and the name of the page."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, link, page

import refmixed as rm
from refmixed.after.estimated import Estimated
from refmixed.after.influence import deletion, diagnostics, pca, residuals
from refmixed.plots import cook, panels

page("d18_diagnostics")
R = sp.Rational
general = {"kind": "general", "sizes": "all sizes"}
text = general | {"text_only": True}

# %% [markdown]
# ## The rest of a covariance
#
# $I$ are the rows that are deleted and $J$ the rest. The rest of the data have the covariance
# $V_J$, the block of $V_0$; what deletion needs is its inverse, which is **not** the block of the
# inverse. Write the blocks of $V_0^{-1}$ as $V^{JJ}$ for the rest, $S$ for the deleted rows, and
# $V^{JI}$ between them:
#
# $$
# V_0^{-1} = \begin{pmatrix} V^{JJ} & V^{JI} \\ (V^{JI})^\top & S \end{pmatrix}, \qquad
# V_J^{-1} = V^{JJ} - V^{JI} S^{-1} (V^{JI})^\top .
# $$ (eq:rest-inverse)
#
# For $V_0 V_0^{-1} = I$ says in its first row $V_J V^{JJ} + V_{JI} (V^{JI})^\top = I$ and
# $V_J V^{JI} + V_{JI} S = 0$. The second gives $V_{JI} = -V_J V^{JI} S^{-1}$, and the first is then
# $V_J (V^{JJ} - V^{JI} S^{-1} (V^{JI})^\top) = I$.

# %%
V_JJ, V_JI, V_JIt, S, VJ = sp.symbols("V^JJ V^JI V^JI^T S V_J", commutative=False)
VJI = -VJ * V_JI * S**-1
check("eq:rest-inverse", sp.expand(VJ * V_JI + VJI * S), 0, **text)
first_row = sp.expand(VJ * V_JJ + VJI * V_JIt)
check("eq:rest-inverse", first_row, sp.expand(VJ * (V_JJ - V_JI * S**-1 * V_JIt)), **text)

# %% [markdown]
# ## Information, and beta
#
# Let $\Omega = X^\top V_0^{-1} X$, and $B = (V^{JI})^\top X_J + S X_I$, the rows $I$ of
# $V_0^{-1}X$. Multiplied out, the information of the rest on $\beta$ is
#
# $$
# \Omega_{(I)} \equiv X_J^\top V_J^{-1} X_J = \Omega - B^\top S^{-1} B .
# $$ (eq:deletion-information)
#
# The same with $Y$ on the right gives $X_J^\top V_J^{-1} Y_J = X^\top V_0^{-1} Y - B^\top S^{-1}
# (V_0^{-1}Y)_I$. With $r \equiv (PY)_I$, which is $(V_0^{-1}Y)_I - B\hat\beta$, and $P_{II} = S - B
# \Omega^{-1} B^\top$, both by {eq}`eq:P`, the estimate without the rows $I$ is
#
# $$
# \hat\beta - \hat\beta_{(I)} = \Omega_{(I)}^{-1} B^\top S^{-1} r
# = \Omega^{-1} B^\top P_{II}^{-1} r .
# $$ (eq:deletion-beta)
#
# The first form is computed: $S$ always has an inverse, and where $\Omega_{(I)}$ has none the rest
# of the rows do not tell $\beta$. With $\Omega^{-1} = CC^\top$, $S = LL^\top$ and $N = L^{-1}BC$ it
# is $\Omega_{(I)}^{-1} = C(I - N^\top N)^{-1}C^\top$, and an eigenvalue of $I - N^\top N$, between
# 0 and 1, is the share of the information on one combination of $\beta$ that is left.

# %%
XI, XIt, XJ, XJt, YI, YJ = sp.symbols("X_I X_I^T X_J X_J^T Y_I Y_J", commutative=False)
rest = V_JJ - V_JI * S**-1 * V_JIt
Omega_blocks = XJt * V_JJ * XJ + XJt * V_JI * XI + XIt * V_JIt * XJ + XIt * S * XI
B_blocks, Bt_blocks = V_JIt * XJ + S * XI, XJt * V_JI + XIt * S
right = sp.expand(Omega_blocks - Bt_blocks * S**-1 * B_blocks)
check("eq:deletion-information", sp.expand(XJt * rest * XJ), right, **general)
XVY = XJt * V_JJ * YJ + XJt * V_JI * YI + XIt * V_JIt * YJ + XIt * S * YI
right = sp.expand(XVY - Bt_blocks * S**-1 * (V_JIt * YJ + S * YI))
check("eq:deletion-beta", sp.expand(XJt * rest * YJ), right, **general)

Omega, B, Bt, z, P_II, beta = sp.symbols(
    "Omega B B^T z P_II beta", commutative=False
)  # z is (V^-1 Y)_I
Omega_without, r = Omega - Bt * S**-1 * B, z - B * beta
moved = sp.expand(Omega_without * beta - (Omega * beta - Bt * S**-1 * z))
check("eq:deletion-beta", moved, sp.expand(Bt * S**-1 * r), **general)
of_P = S - B * Omega**-1 * Bt
left = sp.expand(Omega_without * Omega**-1 * Bt)
check("eq:deletion-beta", left, sp.expand(Bt * S**-1 * of_P), **general)

# %% [markdown]
# ## The residual sum of squares
#
# Deleting the rows $I$ is the same as giving each of them a parameter of its own, $\delta$, which
# takes its response wherever it likes. For fixed residuals $e_J$ of the rest the least of
# $e^\top V_0^{-1} e$ over $e_I$ is $e_J^\top V_J^{-1} e_J$, by {eq}`eq:rest-inverse`. So
# $r^2_{(I)}$ is the least over $\delta$ of $(Y - E\delta)^\top P\, (Y - E\delta)$, where $E$ has
# the columns of the identity that belong to $I$:
#
# $$
# r^2_{(I)} = r^2 - r^\top P_{II}^{-1} r
# = r^2 - r^\top S^{-1} r - r^\top S^{-1} B\, \Omega_{(I)}^{-1} B^\top S^{-1} r .
# $$ (eq:deletion-pwrss)
#
# With $\theta$ kept $\sigma$ is still estimated: $\hat\sigma^2_{(I)}$ is this over $n - |I| - p$,
# or $n - |I|$ by maximum likelihood.

# %%
eI, eIt, eJ, eJt = sp.symbols("e_I e_I^T e_J e_J^T", commutative=False)
square = sp.expand(eJt * V_JJ * eJ + eJt * V_JI * eI + eIt * V_JIt * eJ + eIt * S * eI)
best = sp.expand(square.subs({eI: -(S**-1) * V_JIt * eJ, eIt: -eJt * V_JI * S**-1}))
check("eq:deletion-pwrss", best, sp.expand(eJt * rest * eJ), **general)
s2, rt, rr = sp.symbols("r^2 r^T r", commutative=False)
at_best = s2 - rt * P_II**-1 * rr - rt * P_II**-1 * rr + rt * P_II**-1 * P_II * P_II**-1 * rr
check("eq:deletion-pwrss", sp.expand(at_best), s2 - rt * P_II**-1 * rr, **general)

# %% [markdown]
# The second form needs the inverse of $P_{II}$, and so does a single row. With $S = P_{II} + B
# \Omega^{-1} B^\top$,
#
# $$
# \Omega_{(I)}^{-1} = \Omega^{-1} + \Omega^{-1} B^\top P_{II}^{-1} B\, \Omega^{-1}, \qquad
# P_{II}^{-1} = S^{-1} + S^{-1} B\, \Omega_{(I)}^{-1} B^\top S^{-1} .
# $$ (eq:deletion-inverses)

# %%
BOB = S - P_II  # B Omega^-1 B'
left = Bt * P_II**-1 * B * Omega**-1 - Bt * S**-1 * B * Omega**-1
product = sp.expand(1 + left - Bt * S**-1 * BOB * P_II**-1 * B * Omega**-1)
check("eq:deletion-inverses", product, 1, **text)
Omega_i = sp.Symbol("Omega_{(I)}^{-1}", commutative=False)
# (S - B Omega^-1 B') (S^-1 + S^-1 B Omega_I^-1 B' S^-1) - 1, with B' S^-1 B = Omega - Omega_I
inner = B * Omega_i * Bt * S**-1 - B * Omega**-1 * Bt * S**-1
inner -= B * Omega**-1 * Bt * S**-1 * B * Omega_i * Bt * S**-1
product = sp.expand(sp.expand(inner).subs(Bt * S**-1 * B, Omega - Omega_i**-1))
check("eq:deletion-inverses", product, 0, **text)

# %% [markdown]
# ## One row
#
# Of a single row $P_{II}$ is a number, and by {eq}`eq:hat-values` it is $w_i(1 - h_i)$. With
# $b_i$ for the column $B^\top$,
#
# $$
# \hat\beta - \hat\beta_{(i)} = \Omega^{-1} b_i \frac{(PY)_i}{P_{ii}}, \qquad
# \Omega_{(i)}^{-1} = \Omega^{-1} + \frac{\Omega^{-1} b_i b_i^\top \Omega^{-1}}{P_{ii}}, \qquad
# P_{ii} = w_i (1 - h_i) .
# $$ (eq:deletion-row)
#
# So all rows together cost no more than $V_0^{-1}X$, residuals and hat values: nothing of size
# $n \times n$. In a regression without random terms $V_0^{-1}$ is $W$, $b_i$ is $w_i x_i$,
# $(PY)_i$ is $w_i \hat e_i$, and these are the formulas of Belsley, Kuh and Welsch.
#
# ## The blocks of groups
#
# Where groups are deleted, $S$ is needed, $|I| \times |I|$. Where the deleted sets share no random
# effect (subjects of a longitudinal study), $V_0^{-1}$ is zero between them, and one multiplication
# with a column that has a row of each set gives a column of every $S$. Else the errors of fitted
# values give it, $E_{II}$ being their covariance over $\sigma^2$ {eq}`eq:prediction-variance`:
# by {eq}`eq:hat-values` $P = W - WEW$, and so
#
# $$
# S = W_I - W_I E_{II} W_I + B \Omega^{-1} B^\top .
# $$ (eq:deletion-block)
#
# ## An example in fractions
#
# Eight observations of three groups `g`, crossed with `h`, with weights and an offset.

# %%
data = pd.DataFrame({"y": [3, 5, 4, 1, 2, 7, 6, 9], "x": [0, 1, 2, 0, 3, 1, 2, 4]})
data["g"], data["h"], data["o"] = list("aaabbccc"), list("pqpqpqpq"), [1, 0, 2, 0, 1, 0, 1, 1]
data["w"] = [1, 2, 1, 0.5] * 2
formula, theta = "y ~ x + offset(o) + (x | g) + (1 | h)", [1.0, -0.5, 0.75, 0.5]


def exact(array):
    """The numbers of a matrix, or of a column, as fractions."""
    rows = np.reshape(array, (len(array), -1))
    return sp.Matrix(*rows.shape, lambda i, j: R(rows[i, j].item()))


class Model:
    """The definitions, in fractions, of some rows."""

    def __init__(self, rows):
        design = rm.design(formula, data, weights="w")
        self.X, Z = exact(design.X[rows]), exact(design.Z[rows])
        self.y, self.W = exact(design.y_less_offset[rows]), sp.diag(*exact(design.weights[rows]))
        one = sp.Matrix([[1, 0], [R(-1, 2), R(3, 4)]])
        Lambda = sp.diag(*[one] * 3, *[R(1, 2)] * 2)
        self.T, self.Z = Lambda * Lambda.T, Z
        self.V0 = self.W.inv() + Z * self.T * Z.T
        self.Vi = self.V0.inv()
        self.Omega = self.X.T * self.Vi * self.X
        self.P = self.Vi - self.Vi * self.X * self.Omega.inv() * self.X.T * self.Vi
        self.beta = self.Omega.inv() * self.X.T * self.Vi * self.y
        self.r2 = (self.y.T * self.P * self.y)[0]


everything = list(range(8))
whole = Model(everything)
fit = rm.lmer(formula, data, weights="w", theta=theta)
deleted = {"a": [0, 1, 2], "b": [3, 4], "c": [5, 6, 7]}
without = {g: Model([i for i in everything if i not in rows]) for g, rows in deleted.items()}
sizes = {"kind": "exact", "sizes": "n = 8, p = 2, q = 8, sets of 2 and 3 rows"}
of_text = sizes | {"text_only": True}

for g, rows in deleted.items():
    one, S_ = without[g], whole.Vi.extract(rows, rows)
    B_, r_ = (whole.Vi * whole.X).extract(rows, [0, 1]), (whole.P * whole.y).extract(rows, [0])
    Omega_ = whole.Omega - B_.T * S_.inv() * B_
    check("eq:deletion-information", one.Omega, Omega_, **sizes)
    moved = Omega_.inv() * B_.T * S_.inv() * r_
    check("eq:deletion-beta", whole.beta - one.beta, moved, **sizes)
    P_ = whole.P.extract(rows, rows)
    check("eq:deletion-beta", moved, whole.Omega.inv() * B_.T * P_.inv() * r_, **sizes)
    check("eq:deletion-pwrss", one.r2, whole.r2 - (r_.T * P_.inv() * r_)[0], **sizes)
    by_S = (r_.T * S_.inv() * r_ + r_.T * S_.inv() * B_ * moved)[0]
    check("eq:deletion-pwrss", one.r2, whole.r2 - by_S, **sizes)
    inverses = [*(S_.inv() + S_.inv() * B_ * Omega_.inv() * B_.T * S_.inv())]
    check("eq:deletion-inverses", [*P_.inv()], inverses, **of_text)
    others = [i for i in everything if i not in rows]
    by_rest = whole.Vi.extract(others, others) - (
        whole.Vi.extract(others, rows) * S_.inv() * whole.Vi.extract(rows, others)
    )
    check("eq:rest-inverse", one.Vi, by_rest, **of_text)
    W_ = whole.W.extract(rows, rows)
    E_ = (whole.W.inv() - whole.W.inv() * whole.P * whole.W.inv()).extract(rows, rows)
    check("eq:deletion-block", S_, W_ - W_ * E_ * W_ + B_ * whole.Omega.inv() * B_.T, **sizes)

for i in everything:
    one = Model([j for j in everything if j != i])
    b_i = (whole.X.T * whole.Vi).col(i)
    step = whole.Omega.inv() * b_i * (whole.P * whole.y)[i] / whole.P[i, i]
    inverse = whole.Omega.inv()
    Omega_inverse = inverse + inverse * b_i * b_i.T * inverse / whole.P[i, i]
    found = [*(whole.beta - one.beta), *one.Omega.inv()]
    check("eq:deletion-row", found, [*step, *Omega_inverse], "exact", "n = 8, p = 2, q = 8")

# %% [markdown]
# And the code, for the groups of both factors, whose blocks it gets in the two ways, and for rows:

# %%
at = Estimated.of(fit)
pieces = deletion.Whole.of(at, np.array(theta))
sets = [np.array(rows) for rows in deleted.values()]
found = deletion.each_group(pieces, sets)
shifts = np.array([[float(v) for v in whole.beta - one.beta] for one in without.values()])
link("eq:deletion-beta", shifts, found.shift, deletion.one_group)
unscaled = [[float(v) for v in one.Omega.inv().diagonal()] for one in without.values()]
link("eq:deletion-information", unscaled, found.unscaled, deletion.one_group)
sigmas = [float(sp.sqrt(one.r2 / (len(one.y) - 2))) for one in without.values()]
link("eq:deletion-pwrss", sigmas, found.sigma, deletion.Whole.sigma)
for rows in sets:
    expected = np.array(whole.Vi.extract(rows.tolist(), rows.tolist()), dtype=float)
    link("eq:deletion-block", expected, deletion.by_errors(at, [rows])[0], deletion.by_errors)

by_row = fit.influence()
expected = [
    [float(v) for v in whole.beta - Model([j for j in everything if j != i]).beta]
    for i in everything
]
link("eq:deletion-row", expected, by_row.dfbeta, deletion.each_row)

# %% [markdown]
# ## Numbers made of it
#
# How far is far? *DFBETAS* measures each coefficient in standard errors of the fit without $I$
# (lme4, influence.ME):
#
# $$
# \mathrm{DFBETAS}_{(I)j} = \frac{\hat\beta_j - \hat\beta_{(I)j}}
# {\hat\sigma_{(I)} \sqrt{[\Omega_{(I)}^{-1}]_{jj}}} ,
# $$ (eq:dfbetas)
#
# with $\Omega^{-1}$ in place of $\Omega_{(I)}^{-1}$ in Belsley, Kuh and Welsch, and in R's
# `dfbetas` for `lm`. *Cook's distance* measures all at once, in the covariance of the whole fit:
#
# $$
# D_{(I)} = \frac{(\hat\beta - \hat\beta_{(I)})^\top \Omega\, (\hat\beta - \hat\beta_{(I)})}
# {p\, \hat\sigma^2} .
# $$ (eq:cook)
#
# With the covariance without $I$ in its place it is MDFFITS (SAS, HLMdiag):
#
# $$
# \mathrm{MDFFITS}_{(I)} = \frac{(\hat\beta - \hat\beta_{(I)})^\top \Omega_{(I)}
# (\hat\beta - \hat\beta_{(I)})}{p\, \hat\sigma_{(I)}^2} .
# $$ (eq:mdffits)
#
# Without random terms, and for one row, Cook's distance is what textbooks give,
#
# $$
# D_i = \frac{w_i \hat e_i^2}{p\,\hat\sigma^2}\, \frac{h_i}{(1 - h_i)^2} .
# $$ (eq:cook-row)
#
# `cooks.distance(fit)` of lme4 takes this very formula for a mixed model, with conditional
# residuals and hat values. There $h_i$ holds what a row does to the prediction of its group's
# effects as well, so that it is no distance between two $\hat\beta$: a name for two things. Its
# `influence(fit, groups)` fits again without each group, and its `cooks.distance` of that is
# $D_{(I)}$ at two different $\hat\theta$, times $(N - p)/N$, where $N$ is the number of *groups*.
# The factor belongs to no definition; that of the covariance, which it may stand for, would have
# rows.
#
# Two more compare covariances. One is a ratio of determinants, the other how far a trace is from
# its value $p$ without any change:
#
# $$
# \mathrm{COVRATIO} = \frac{|\hat\sigma_{(I)}^2 \Omega_{(I)}^{-1}|}{|\hat\sigma^2 \Omega^{-1}|}
# = \Bigl(\frac{\hat\sigma_{(I)}^2}{\hat\sigma^2}\Bigr)^{\!p} \frac{|S|}{|P_{II}|} ,
# $$ (eq:covratio)
#
# $$
# \mathrm{COVTRACE} = \Bigl| \operatorname{tr}\bigl(\Omega\, \Omega_{(I)}^{-1}\bigr)\,
# \frac{\hat\sigma_{(I)}^2}{\hat\sigma^2} - p \Bigr| .
# $$ (eq:covtrace)

# %%
x1, x2, w1, e1, sigma, p = sp.symbols("x_1 x_2 w e sigma p", positive=True)
g1, g2, g3 = sp.symbols("g_1:4", positive=True)
M = sp.Matrix([[g1, g2], [g2, g3]])  # Omega^-1 of a regression
b = w1 * sp.Matrix([x1, x2])
h = (b.T * M * b)[0] / w1
step = M * b * (w1 * e1) / (w1 * (1 - h))
distance = (step.T * M.inv() * step)[0] / (p * sigma**2)
cook_row = w1 * e1**2 * h / (p * sigma**2 * (1 - h) ** 2)
check("eq:cook-row", distance, cook_row, "symbolic", "p = 2, any weight and row")

s = whole.r2 / 6  # sigma^2
names = {"a": 0, "b": 1, "c": 2}
record = fit.influence("g")
cooks, mdffits, ratios, traces, dfbetas = [], [], [], [], []
for g, rows in deleted.items():
    one = without[g]
    d, s_ = whole.beta - one.beta, one.r2 / (len(one.y) - 2)
    S_, P_ = whole.Vi.extract(rows, rows), whole.P.extract(rows, rows)
    ratio = s_**2 * whole.Omega.det() / (s**2 * one.Omega.det())
    check("eq:covratio", ratio, (s_ / s) ** 2 * S_.det() / P_.det(), **sizes)
    cooks.append((d.T * whole.Omega * d)[0] / (2 * s))
    ratios.append(ratio)
    traces.append(abs((whole.Omega * one.Omega.inv()).trace() * s_ / s - 2))
    dfbetas.append([d[j] / sp.sqrt(s_ * one.Omega.inv()[j, j]) for j in (0, 1)])
    B_, r_ = (whole.Vi * whole.X).extract(rows, [0, 1]), (whole.P * whole.y).extract(rows, [0])
    by_block = r_.T * P_.inv() * B_ * whole.Omega.inv() * B_.T * P_.inv() * r_
    check("eq:cook", cooks[-1], by_block[0] / (2 * s), **sizes)
    by_block = d.T * B_.T * S_.inv() * r_  # G_I (beta - beta_I) = B' S^-1 r
    mdffits.append((d.T * one.Omega * d)[0] / (2 * s_))
    check("eq:mdffits", mdffits[-1], by_block[0] / (2 * s_), **sizes)
    by_block = (P_.inv() * B_ * whole.Omega.inv() * B_.T).trace() + 2
    check("eq:covtrace", traces[-1], abs(by_block * s_ / s - 2), **sizes)
    variance = whole.Omega.inv() + whole.Omega.inv() * B_.T * P_.inv() * B_ * whole.Omega.inv()
    step = whole.Omega.inv() * B_.T * P_.inv() * r_
    by_block = [step[j] / sp.sqrt(s_ * variance[j, j]) for j in (0, 1)]
    check("eq:dfbetas", dfbetas[-1], by_block, **sizes)
link("eq:cook", cooks, record.cook, diagnostics.compared)
link("eq:mdffits", mdffits, record.mdffits, diagnostics.compared)
link("eq:covratio", ratios, record.covratio, diagnostics.compared)
link("eq:covtrace", traces, record.covtrace, diagnostics.compared)
link("eq:dfbetas", dfbetas, record.dfbetas, diagnostics.compared)

plain = rm.lm("y ~ x", data, weights="w")
X_, w_ = plain.design.X, plain.design.weights
h_ = w_ * np.einsum("ij,jk,ik->i", X_, np.linalg.inv((X_.T * w_) @ X_), X_)
e_ = plain.residuals().to_numpy()
expected = w_ * e_**2 * h_ / (1 - h_) ** 2 / (2 * plain.sigma**2)
link("eq:cook-row", expected, plain.residual_table()["cook"], residuals.residual_table)
link("eq:cook-row", expected, plain.influence().cook, deletion.each_row)

# %% [markdown]
# ## Residuals, and what they vary by
#
# The conditional residuals are $\hat e = W^{-1}PY$ {eq}`eq:scaled-residual`, and $P V_0 P = P$
# {eq}`eq:P-idempotent`. So
#
# $$
# \operatorname{Cov}(\hat e) = \sigma^2 W^{-1} P\, W^{-1}, \qquad
# \operatorname{Var}(\hat e_i) = \sigma^2\, \frac{1 - h_i}{w_i} .
# $$ (eq:residual-covariance)
#
# The marginal ones, from the population's mean, are $V_0PY$, with
#
# $$
# \operatorname{Cov}(Y - X\hat\beta) = \sigma^2 V_0 P V_0
# = \sigma^2 (V_0 - X \Omega^{-1} X^\top) .
# $$ (eq:marginal-residual-covariance)
#
# And the predictions of the random effects, $\hat\gamma = TZ^\top PY$: as an error $\hat\gamma -
# \gamma$ is not correlated with $\hat\gamma$, the variances of the two add up to that of $\gamma$,
#
# $$
# \operatorname{Cov}(\hat\gamma) = \sigma^2\, T Z^\top P Z\, T
# = \sigma^2 T - \operatorname{Cov}(\hat\gamma - \gamma) .
# $$ (eq:blup-variance)
#
# A residual over its own standard deviation has, at the true $\theta$ and $\sigma$, the law
# $N(0, 1)$, and those are what a quantile plot should show. Plain $\hat\gamma$ of unbalanced groups
# are no sample of one law: those of small groups are shrunken more.

# %%
X, Xt, V, Z, Zt, T, Vw = sp.symbols("X X^T V_0 Z Z^T T W^-1", commutative=False)
P = V**-1 - V**-1 * X * Omega**-1 * Xt * V**-1


def reduce(expression):
    """Multiply out; G for X' V0^-1 X wherever it occurs."""
    return sp.expand(sp.expand(expression).subs(Xt * V**-1 * X, Omega))


sides = reduce(Vw * P * V * P * Vw), sp.expand(Vw * P * Vw)
check("eq:residual-covariance", *sides, **general)
sides = reduce(V * P * V), sp.expand(V - X * Omega**-1 * Xt)
check("eq:marginal-residual-covariance", *sides, **general)
of_gamma = T * Zt * P  # gamma-hat = of_gamma Y, and Cov(Y, gamma) = Z T
error = T - T * Zt * P * Z * T - of_gamma * Z * T + of_gamma * V * P * Z * T
check("eq:blup-variance", reduce(of_gamma * V * P * Z * T), reduce(T - error), **general)

table = fit.residual_table()
P_, Wi = np.array(whole.P, dtype=float), np.array(whole.W.inv(), dtype=float)
V_, y_ = np.array(whole.V0, dtype=float), np.array(whole.y, dtype=float)[:, 0]
size = fit.sigma
by_hand = Wi @ P_ @ y_ / (size * np.sqrt(np.diag(Wi @ P_ @ Wi)))
found = table["conditional_standardized"]
link("eq:residual-covariance", by_hand, found, residuals.residual_table)
variances = V_ - np.array(whole.X * whole.Omega.inv() * whole.X.T, dtype=float)
link(
    "eq:marginal-residual-covariance",
    np.diag(variances),
    residuals.marginal_variances(at),
    residuals.marginal_variances,
)
ZT = np.array(whole.Z * whole.T, dtype=float)
by_hand = ZT.T @ P_ @ y_ / (size * np.sqrt(np.diag(ZT.T @ P_ @ ZT)))
found = residuals.standardized_effects(fit)
found = np.concatenate([found["g"].to_numpy().ravel(), found["h"].to_numpy().ravel()])
link("eq:blup-variance", by_hand, found, residuals.standardized_effects)

# %% [markdown]
# ## Principal components of the effects
#
# How many directions do the effects of a level really vary in? With $\Lambda_1 = U D\, Q^\top$ the
# singular value decomposition of its factor, and $D$ with $d_1 \ge d_2 \ge \dots \ge 0$,
#
# $$
# T_1 = \Lambda_1 \Lambda_1^\top = U D^2 U^\top, \qquad
# \text{share of component } j = \frac{d_j^2}{\sum_l d_l^2} .
# $$ (eq:principal-components)
#
# $\sigma d_j$ is the standard deviation along column $j$ of $U$. A zero is a direction in which
# nothing varies: the fit is singular, and the model has a component too many. The directions are
# those of the user's units: with days in hours the slope's share is another one, and so is $U$.

# %%
c, s_, d1, d2, f = sp.symbols("c s d_1 d_2 f", positive=True)
f2 = sp.sqrt(1 - f**2)
turn = sp.Matrix([[c, -s_], [s_, c]]) / sp.sqrt(c**2 + s_**2)
other = sp.Matrix([[f, f2], [-f2, f]])
factor = turn * sp.diag(d1, d2) * other
sides = factor * factor.T, turn * sp.diag(d1**2, d2**2) * turn.T
check("eq:principal-components", *sides, "symbolic", "k = 2, any two rotations")
factor = np.array([[1.0, 0], [-0.5, 0.75]])
values = np.linalg.eigvalsh(factor @ factor.T)[::-1]
found = fit.pca()["g"]
link("eq:principal-components", np.sqrt(values), found.sd, pca.components)
link("eq:principal-components", values / values.sum(), found.proportion, pca.components)

# %% [markdown]
# ## Sleepstudy
#
# Some days are left out, so that $\hat\beta$ depends on $\theta$ (where all subjects have the same
# days it does not). With $\theta$ kept and with $\theta$ estimated again, Cook's distances of the
# subjects are nearly the same.

# %%
sleep = rm.load_dataset("sleepstudy")
sleep = sleep[(sleep.index % 10 < 7) | (sleep.index % 3 > 0)]
study = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
kept = study.influence("Subject")
again = study.influence("Subject", theta="estimated")
both = pd.DataFrame({"kept": kept.cook, "estimated": again.cook, "sigma": again.sigma})
print(both.sort_values("kept", ascending=False).round(3).head(6))
print(study.pca()["Subject"].proportion.round(3).to_dict())

# %%
figure, axes = plt.subplots(2, 1, figsize=(6.4, 6.4), layout="constrained")
cook(study, "Subject", ax=axes[0])
cook(study, "Subject", theta="estimated", ax=axes[1])
plt.show()

# %% [markdown]
# The rows: residuals over their standard deviations, their quantiles with a 95 % band for each
# order statistic by itself, their size, and the quantiles of the subjects' intercepts.

# %%
figure, axes = plt.subplots(2, 2, figsize=(8, 6.4), layout="constrained")
panels(study, ax=axes, units={"Reaction": "ms"})
plt.show()

# %% [markdown]
# Three rows lie far outside of the band. Whether to leave them out is no question of algebra.
#
# ## To take away
#
# Deletion with $\theta$ kept needs no refit, and no matrix larger than the deleted set. It answers
# for $\hat\beta$; what a row does to $\hat\theta$, a refit tells. A Cook's distance has to say
# which of three it is. And no residual of a mixed model should be looked at without its own
# standard deviation.
#
# Code: `deletion.each_row`, `deletion.each_group`, `left_out.each_refit`, `diagnostics.influence`;
# `residuals.residual_table`, `residuals.standardized_effects`; `pca.pca`.
