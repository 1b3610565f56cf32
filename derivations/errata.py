# %% [markdown]
# # Errata of the chapter
#
# The chapter that this book follows, checked statement by statement. Each section below names what
# is said there, computes a case in which it fails, and checks the statement that holds instead.
# Sections are in the chapter's order. The chapter's many TODOs are not errata; the pages fill them.

# %%
"""Imports, and the name of the page."""

import string

import numpy as np
import pandas as pd
import sympy as sp
from checks import check, holds, link, page

import refmixed as rm
from refmixed import derivatives, optimality, penalized

page("errata")

# %% [markdown]
# The cases are small: five observations in two groups, of three and of two, unless another design
# is named. `refute` insists that what is said differs from what is right.

# %%
R = sp.Rational
s2, sg2 = sp.symbols("sigma^2 sigma_gamma^2", positive=True)
x5, Y5 = sp.Matrix([0, 1, 3, 2, 5]), sp.Matrix([4, 7, 6, 1, 3])
X5 = sp.ones(5, 1).row_join(x5)
Z5 = sp.Matrix(5, 2, lambda i, j: int(i // 3 == j))
V5 = s2 * sp.eye(5) + sg2 * Z5 * Z5.T
sleep, dyes = rm.load_dataset("sleepstudy"), rm.load_dataset("Dyestuff")
sleep_fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)


def refute(said, right):
    """What is said is not what is right."""
    assert not holds(said, right), "the chapter is right"


def fails(product):
    """A product of matrices that do not fit."""
    try:
        product()
    except sp.matrices.exceptions.ShapeError:
        return True
    return False


# %% [markdown]
# ## Examples 23.2 and 23.4: the days
#
# Said: the covariate counts days of deprivation, of which there were seven, after three baseline
# days. But the column has the values 0 to 9: it counts days of the study. By the documentation of
# the data in lme4, days 0 and 1 were for adaptation and training, day 2 is the only baseline, and
# the short nights began after it. The deprived nights before day $d$ are $\max(0, d - 2)$, and
#
# $$
# \#\{d : \max(0, d - 2) = 0\} = 3, \qquad \#\{d : \max(0, d - 2) > 0\} = 7.
# $$ (eq:errata-days)
#
# This matters. In nights the model is another one, with a level start, and has another criterion.
# In days less two it is the same model: only the intercept's variance changes, and its covariance
# with the slope {eq}`eq:origin`.

# %%
days = sorted(set(sleep["Days"]))
nights = [sum(2 < other <= day for other in days) for day in days]
assert nights == [max(0, int(day) - 2) for day in days]
right = [3, 7]
check("eq:errata-days", [nights.count(0), 10 - nights.count(0)], right, "exact", text_only=True)
refute([days.count(0), len(days) - days.count(0)], right)

recoded = sleep.assign(Nights=np.maximum(sleep["Days"] - 2, 0), Since=sleep["Days"] - 2)
for x in ("Days", "Since", "Nights"):  # by ML: REML's criteria are not comparable
    fit = rm.lmer(f"Reaction ~ {x} + ({x} | Subject)", recoded, reml=False)
    sd = fit.varcorr["Subject"].sd.iloc[0]
    print(f"{x:8}criterion {fit.criterion:.3f}, standard deviation of intercepts {sd:.3f}")

# %% [markdown]
# ## Example 23.2: fourteen days, of which ten are told
#
# Said: the subjects were in the laboratory for 14 days, and there are ten observations of each,
# from three days of baseline and seven of deprivation. What became of the others is not said. By
# lme4's documentation the data are of the first ten days, up to the recovery period; so recovery is
# what the other days were for, and no row is missing:
#
# $$
# 3 + 7 = 10 = \#\{\text{rows of a subject}\}, \qquad 14 - 10 = 4 .
# $$ (eq:errata-ten)

# %%
(of_each,) = set(sleep.groupby("Subject", observed=True).size())
check(
    "eq:errata-ten", [3 + 7, 14 - 3 - 7], [int(of_each), 4], "exact", "sleepstudy", text_only=True
)
assert (sleep.groupby("Subject", observed=True)["Days"].nunique() == of_each).all()
refute(14, int(of_each))

# %% [markdown]
# ## Example 23.2: one index for two things
#
# Said: $\text{time}_i = \alpha_i + \beta_i \text{days} + e$. If $i$ counts observations, each has
# an intercept and a slope of its own, and no data could tell them. The coefficients belong to the
# subject of row $i$, as in Example 23.1's $\alpha_{\text{county}[i]}$, and days and $e$ have the
# index $i$: with $g_i$ the subject, $\alpha_{g_i} + \beta_{g_i} d_i + e_i$. See
# {eq}`eq:subject-line`. The number of coefficients that the data can tell apart is
#
# $$
# \operatorname{rank} \begin{pmatrix} I & \operatorname{diag}(d) \end{pmatrix} = n, \qquad
# \operatorname{rank} \begin{pmatrix} Z_1 & \operatorname{diag}(d) Z_1 \end{pmatrix} = 2 J,
# $$ (eq:errata-index)
#
# with $Z_1$ the indicators of $J$ subjects: half of them as it is written, all as it is meant.

# %%
by_row = sp.eye(5).row_join(sp.diag(*x5))
by_group = Z5.row_join(sp.diag(*x5) * Z5)
check("eq:errata-index", [by_row.rank(), by_group.rank()], [5, 4], "exact", "n = 5", text_only=True)
refute(by_row.rank(), by_row.cols)

# %% [markdown]
# ## Definition 23.1: the matrix form
#
# Said: $Y = \beta^\top X + \gamma^\top Z + e$. For one row, with vectors $X_i$ and $Z_i$, this is
# right. For all rows it is not: $\beta^\top$ is $1 \times p$ and $X$ is $n \times p$. Where $n = p$
# the product exists and is wrong. Stacking the rows gives (see {eq}`eq:model-rows`)
#
# $$
# \bigl(X_i^\top \beta + Z_i^\top \gamma\bigr)_{i = 1, \dots, n}
# = X \beta + Z \gamma = (\beta^\top X^\top + \gamma^\top Z^\top)^\top .
# $$ (eq:errata-shapes)
#
# The same slip is in the models of Examples 23.3, 23.4 (its 36 effects times a matrix with a row
# for each observation) and 23.5, and in 23.3.1. Exercise 23.1 has it right.

# %%
b, g = sp.Matrix(sp.symbols("beta_0:2")), sp.Matrix(sp.symbols("gamma_1:3"))
rows = sp.Matrix([X5[i, :].dot(b) + Z5[i, :].dot(g) for i in range(5)])
check("eq:errata-shapes", rows, X5 * b + Z5 * g, "symbolic", "n = 5", text_only=True)
check("eq:errata-shapes", rows, (b.T * X5.T + g.T * Z5.T).T, "symbolic", "n = 5", text_only=True)
assert fails(lambda: b.T * X5)
assert fails(lambda: g.T * Z5)
refute((b.T * X5[:2, :]).T, rows.subs(dict.fromkeys(g, 0))[:2, :])

# %% [markdown]
# ## Definition 23.1 and 23.3.1: uncorrelated is not enough
#
# Said: as $\operatorname{Cov}(\gamma, e) = 0$, the marginal law of $Y$ is normal. Let
# $\gamma \sim N(0, 1)$ and $e = s\gamma$, with $s = \pm 1$ a fair coin. Then $e$ is normal too, and
# uncorrelated with $\gamma$. But $Y = \gamma + e$ is zero half of the time, and
#
# $$
# \operatorname{Cov}(\gamma, s\gamma) = 0, \qquad \operatorname{Var}(\gamma + s\gamma) = 2, \qquad
# \operatorname{E} (\gamma + s\gamma)^4 = 24 .
# $$ (eq:errata-uncorrelated)
#
# A normal variable has a fourth moment of three squared variances. What is needed is independence
# of $\gamma$ and $e$ (which the conditional law in 23.3.1 does say), or joint normality.

# %%
z = sp.Symbol("z", real=True)


def mean_over(function):
    """The mean over gamma and the coin."""
    density = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    both = (function(z, z) + function(z, -z)) / 2
    return sp.integrate(sp.expand(both) * density, (z, -sp.oo, sp.oo))


moments = [mean_over(f) for f in (lambda a, e: a * e, lambda a, e: (a + e) ** 2)]
fourth = mean_over(lambda a, e: (a + e) ** 4)
check("eq:errata-uncorrelated", [*moments, fourth], [0, 2, 24], "exact", text_only=True)
refute(3 * moments[1] ** 2, fourth)

# %% [markdown]
# ## Example 23.3: parameters of the random intercepts model
#
# Said: two have to be estimated, $\beta_0$ and $\sigma_\gamma^2$. The residual variance $\sigma^2$
# is a third. All three can be told from the mean, the variance and the covariance within a group:
#
# $$
# \left| \frac{\partial (\operatorname{E} Y_i, \operatorname{Var} Y_i,
#   \operatorname{Cov}(Y_i, Y_{i'}))}{\partial (\beta_0, \sigma_\gamma^2, \sigma^2)} \right| = -1,
# \qquad p + \dim\theta + 1 = 3 .
# $$ (eq:errata-count)

# %%
known = sp.Matrix([b[0], V5[0, 0], V5[0, 1]]).jacobian([b[0], sg2, s2])
check("eq:errata-count", known.det(), -1, "symbolic", "rows 1 and 2", text_only=True)
one_way = rm.lmer("Yield ~ 1 + (1 | Batch)", dyes)
link("eq:errata-count", known.rank(), one_way.nparameters, rm.lmer)
refute(2, known.rank())

# %% [markdown]
# ## Example 23.3: the mean of the law is not the mean of the counties
#
# Said: $\beta_0$ is the overall mean across counties, and the $\gamma_j$ are the counties'
# differences from it. $\beta_0$ is the mean of the law that counties come from. The mean of the $q$
# counties that there are is $\beta_0 + \bar\gamma$ with $\bar\gamma = \frac1q \sum_j \gamma_j$, and
#
# $$
# \operatorname{Var} \bar\gamma = \frac{\sigma_\gamma^2}{q} \ne 0, \qquad
# \operatorname{Var} (\gamma_j - \bar\gamma)
# = \Bigl( 1 - \frac1q \Bigr) \sigma_\gamma^2 \ne \sigma_\gamma^2 .
# $$ (eq:errata-grand-mean)
#
# So the $\gamma_j$ do not add up to zero, as differences from their own mean would. Their
# *estimates* do {eq}`eq:average-of-groups`.

# %%
J = sp.ones(1, 4) / 4  # the mean of q = 4 effects, and what is left of the first
apart = sp.Matrix([[1, 0, 0, 0]]) - J
left = [(row * (sg2 * sp.eye(4)) * row.T)[0] for row in (J, apart)]
right = [sg2 / 4, (1 - R(1, 4)) * sg2]
check("eq:errata-grand-mean", left, right, "symbolic", "q = 4", text_only=True)
refute(0, left[0])
refute(sg2, left[1])
assert abs(one_way.ranef()["Batch"].to_numpy().sum()) < 1e-9

# %% [markdown]
# ## Example 23.4: the interaction alone moves no intercept
#
# Said: by the interaction of subject and days both intercept and slope are random. It does that for
# the slope. On day 0 its columns are zero, and what a subject adds there comes from the
# indicators, the first half of $Z$. With $A$ the indicators of the rows of day 0,
#
# $$
# A \begin{pmatrix} Z_1 & \operatorname{diag}(d) Z_1 \end{pmatrix} \gamma
# = A Z_1\, (\gamma_1, \dots, \gamma_{18})^\top .
# $$ (eq:errata-interaction)
#
# With the interaction alone, `(0 + Days | Subject)`, all subjects share one intercept. Nor do
# $\beta_0$ and $\beta_1$ *estimate* the mean intercept and slope: they are these means.

# %%
firsts = sp.Matrix([[int(r[0] == j) for j in range(5)] for r in ([0], [3])])  # a row a group
x_zero = sp.Matrix([0, 1, 3, 0, 5])  # day 0 is the first row of each of the two groups
halves = [Z5, sp.diag(*x_zero) * Z5]
own = sp.Matrix(sp.symbols("gamma_1:5"))
left = firsts * sp.Matrix.hstack(*halves) * own
right = firsts * Z5 * own[:2, :]
check("eq:errata-interaction", left, right, "symbolic", "n = 5, two groups", text_only=True)
assert (firsts * halves[1]).is_zero_matrix
refute(firsts * halves[1] * own[2:, :], left)

# %% [markdown]
# ## Example 23.4: a covariance is not a correlation
#
# Said: slope and intercept have the correlation $\sigma_{01}$. In the $\Sigma$ displayed there it
# is their covariance. In terms of a correlation $\rho$ (see {eq}`eq:sd-and-correlation`)
#
# $$
# \sigma_{01} = \rho\, \sigma_0 \sigma_1 .
# $$ (eq:errata-covariance)

# %%
t1, t2, t3 = sp.symbols("theta_1:4", positive=True)
T = sp.Matrix([[t1, 0], [t2, t3]]) * sp.Matrix([[t1, t2], [0, t3]])
rho = t2 / sp.sqrt(t2**2 + t3**2)
right = rho * sp.sqrt(T[0, 0]) * sp.sqrt(T[1, 1])
check("eq:errata-covariance", T[1, 0], right, "symbolic", "k = 2", text_only=True)
of = sleep_fit.varcorr["Subject"]
found = of.corr.iloc[1, 0] * of.sd.iloc[0] * of.sd.iloc[1]
link("eq:errata-covariance", found, of.cov.iloc[1, 0], rm.lmer)
print(f"sleepstudy: covariance {of.cov.iloc[1, 0]:.3f}, correlation {of.corr.iloc[1, 0]:.3f}")
assert abs(of.cov.iloc[1, 0]) > 1  # no correlation is

# %% [markdown]
# ## Example 23.4: what is correlated in an ordinary regression
#
# Said: a subject's effects are correlated as slope and intercept are in an ordinary linear model.
# There the *estimates* are correlated, by the choice of origin and not by nature:
#
# $$
# \operatorname{Corr}(\hat\beta_0, \hat\beta_1)
# = -\frac{\bar x}{\sqrt{\frac1n \sum_i x_i^2}} .
# $$ (eq:errata-ols-correlation)
#
# With $x$ centred it is zero. The correlation in $\Sigma$ is one of the subjects, and would remain
# were each of them measured for ever. In the sleepstudy data the two even differ in sign.

# %%
xs = sp.symbols("x_1:4", positive=True)
XX = (sp.ones(3, 1).row_join(sp.Matrix(xs))).T * sp.ones(3, 1).row_join(sp.Matrix(xs))
C = XX.adjugate()  # the inverse but for a positive factor
right = -sum(xs) / 3 / sp.sqrt(sum(x**2 for x in xs) / 3)
left = C[0, 1] / sp.sqrt(C[0, 0] * C[1, 1])
check("eq:errata-ols-correlation", left, right, "symbolic", "n = 3", text_only=True)
refute(right, 0)
of_days = -np.mean(days) / np.sqrt(np.mean(np.square(days)))
assert of_days < 0 < of.corr.iloc[1, 0]
print(f"estimates from days 0 to 9: {of_days:.3f}; subjects: {of.corr.iloc[1, 0]:.3f}")

# %% [markdown]
# ## 23.3: least-squares geometry does apply
#
# Said: it does not, beyond simple designs. For a given $\theta$ it does in full. Pythagoras'
# theorem holds in the metric $V_0^{-1}$ {eq}`eq:gls-square`, and the estimates are those of an
# *ordinary* regression, of $Y$ and $q$ pseudo-observations that are zero:
#
# $$
# \min_{\beta, u} \left| \begin{pmatrix} Y \\ 0 \end{pmatrix}
#   - \begin{pmatrix} X & Z\Lambda \\ 0 & I \end{pmatrix}
#     \begin{pmatrix} \beta \\ u \end{pmatrix} \right|^2 = r^2 .
# $$ (eq:errata-geometry)
#
# (For $r^2$ in general see {eq}`eq:pwrss`.) What has no closed form is $\theta$, unless the data
# are balanced. Those of Example 23.4, which is named as a case beyond sums of squares, are: there
# the REML estimates are sums of squares and products {eq}`eq:balanced-reml`, as used below for
# Example 23.7.

# %%
tau = R(2, 3)
A = sp.BlockMatrix([[X5, tau * Z5], [sp.zeros(2, 2), sp.eye(2)]]).as_explicit()
padded = Y5.col_join(sp.zeros(2, 1))
rest = padded - A * (A.T * A).LUsolve(A.T * padded)
V0_inv = (sp.eye(5) + tau**2 * Z5 * Z5.T).inv()
gls = (X5.T * V0_inv * X5).LUsolve(X5.T * V0_inv * Y5)
r2 = ((Y5 - X5 * gls).T * V0_inv * (Y5 - X5 * gls))[0]
check("eq:errata-geometry", rest.dot(rest), r2, "exact", "n = 5, p = q = 2", text_only=True)

# %% [markdown]
# ## 23.3.1 and Example 23.5: the marginal mean
#
# Said: marginally $Y \sim N(\beta^\top X + \gamma^\top Z, \dots)$. A marginal law has no $\gamma$
# in it: it has been integrated out. So it is in neither the mean, $X\beta$
# {eq}`eq:marginal-mean`, nor the likelihood. If $Z\gamma$ stayed in the mean, it would be counted
# twice. By the law of total variance,
#
# $$
# \operatorname{E}[V] + \operatorname{Cov}(X\beta + Z\gamma)
# = \sigma^2 I + 2 Z \Sigma Z^\top \ne V .
# $$ (eq:errata-counted-twice)

# %%
errors = sp.Matrix(sp.symbols("e_1:6"))
J = (Z5 * g).jacobian(g)  # Cov(Z gamma) = J Cov(gamma) J'
check(
    "eq:errata-counted-twice",
    V5 + J * (sg2 * sp.eye(2)) * J.T,
    s2 * sp.eye(5) + 2 * sg2 * sp.Matrix(5, 5, lambda i, j: int((i >= 3) == (j >= 3))),
    "symbolic",
    "n = 5, two groups",
    text_only=True,
)
J = (X5 * b + Z5 * g + errors).jacobian([*g, *errors])
total = J * sp.diag(sg2, sg2, *[s2] * 5) * J.T
check("eq:errata-counted-twice", total, V5, "symbolic", "the right V, n = 5", text_only=True)
refute(V5 + sg2 * Z5 * Z5.T, total)

# %% [markdown]
# ## Example 23.5: the covariance matrix
#
# Said: $Z\Sigma Z^\top$ is $\sigma_\gamma^2 I$, since each row of $Z$ has a single 1. Two rows of
# one group have it in the same column, and so
#
# $$
# (Z \Sigma Z^\top)_{ii'} = \sigma_\gamma^2\, [g_i = g_{i'}], \qquad
# V_j = \sigma^2 I + \sigma_\gamma^2 \mathbf{1}\mathbf{1}^\top \text{ for group } j .
# $$ (eq:errata-example-23-5)
#
# Only if every group had one member would it be diagonal; then no data could tell $\sigma^2$ from
# $\sigma_\gamma^2$. All that makes a mixed model is off the diagonal. See {eq}`eq:V-block`.
# (The groups of that example are counties; for a moment they are called teachers.)

# %%
same = sp.Matrix(5, 5, lambda i, j: sg2 * int((i < 3) == (j < 3)))
check("eq:errata-example-23-5", sg2 * Z5 * Z5.T, same, "symbolic", "n = 5", text_only=True)
blocks = sp.diag(*(s2 * sp.eye(k) + sg2 * sp.ones(k, k) for k in (3, 2)))
check("eq:errata-example-23-5", V5, blocks, "symbolic", "groups of 3 and 2", text_only=True)
refute((s2 + sg2) * sp.eye(5), V5)

# %% [markdown]
# Said next: the likelihood is a product of normal densities. Over groups it is, each of them
# multivariate, and not over observations:
#
# $$
# |V| = \prod_j |V_j|, \qquad r^\top V^{-1} r = \sum_j r_j^\top V_j^{-1} r_j .
# $$ (eq:errata-product)

# %%
V3, V2, r3, r2_ = blocks[:3, :3], blocks[3:, 3:], Y5[:3, :], Y5[3:, :]
quadratic = (Y5.T * V5.inv() * Y5)[0]
by_groups = [V3.det() * V2.det(), (r3.T * V3.inv() * r3)[0] + (r2_.T * V2.inv() * r2_)[0]]
check("eq:errata-product", [V5.det(), quadratic], by_groups, "symbolic", "3 and 2", text_only=True)
refute((s2 + sg2) ** 5, V5.det())
refute(Y5.dot(Y5) / (s2 + sg2), quadratic)

# %% [markdown]
# ## 23.3.2: how many parameters Sigma has
#
# Said: $q^2$. That many entries it has, as 23.3.1 says. But a covariance matrix is symmetric:
# $q(q + 1)/2$ are free {eq}`eq:symmetric-count`. And lmer never estimates an unstructured $\Sigma$
# for all effects: the covariance of the effects of one level is the same for each level
# {eq}`eq:parameter-count`. For the 36 effects of Example 23.4, free entries at most and in the
# model:
#
# $$
# \frac{36 \cdot 37}{2} = 666, \qquad \frac{2 \cdot 3}{2} = 3 .
# $$ (eq:errata-free-entries)


# %%
def distinct(q):
    """Distinct symbols in a symmetric matrix."""
    return len({(min(i, j), max(i, j)) for i in range(q) for j in range(q)})


q, k = sleep_fit.design.q, sleep_fit.design.terms[0].k
counts = [distinct(q), distinct(k)]
check("eq:errata-free-entries", counts, [666, 3], "exact", "q = 36, k = 2", text_only=True)
link("eq:errata-free-entries", distinct(k), len(sleep_fit.theta), rm.lmer)
refute(q**2, distinct(q))

# %% [markdown]
# ## 23.3.2: positive definite, and yet on the boundary
#
# Said: covariance matrices must be positive definite, and the estimate may be on the boundary. The
# positive definite matrices are an open set, and contain none of their boundary. Covariance
# matrices are positive *semi*definite; a zero variance and a correlation of one are allowed, and
# they happen: where the ratio of mean squares $\mathcal F \equiv M_B / M_W$ {eq}`eq:anova-slope` is
# below one, REML finds
#
# $$
# \hat\theta = 0, \qquad \hat\sigma^2 = \frac{SS_W + SS_B}{J\bar n - 1} .
# $$ (eq:errata-boundary)
#
# The slope of the criterion {eq}`eq:anova-slope` is then positive for all $\theta > 0$; the data
# Dyestuff2 are such. How the code proves a minimum there: {eq}`eq:kkt`.

# %%
table = rm.load_dataset("Dyestuff2").groupby("Batch", observed=True)["Yield"]
cells = sp.Matrix([[R(str(value)) for value in values] for _, values in table])
means = sp.Matrix([sum(cells[i, :]) / 5 for i in range(6)])
ssw = sum((cells[i, j] - means[i]) ** 2 for i in range(6) for j in range(5))
ssb = 5 * sum((mean - sum(means) / 6) ** 2 for mean in means)
total = sum((value - sum(means) / 6) ** 2 for value in cells)
left, right = total / 29, (ssw + ssb) / 29
check("eq:errata-boundary", left, right, "exact", "Dyestuff2", text_only=True)
assert ssb / 5 < ssw / 24
singular = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
found = [singular.sigma, singular.theta.iloc[0]]
link("eq:errata-boundary", [sp.sqrt(right), 0], found, rm.lmer)

# %% [markdown]
# ## 23.3.2: maximise over what?
#
# Said: over $\beta$, $\gamma$, $\sigma^2$ and $\Sigma$. (23.3.3 then says, rightly, that $\gamma$
# is no parameter.) The joint density of $Y$ and $\gamma$ has no maximum. Set $\gamma = 0$ and let
# $\sigma_\gamma$ go to zero: each time that it is divided by $\mathrm{e}$ the log-density gains
#
# $$
# \log p(y, \gamma = 0; \sigma_\gamma / \mathrm{e}) - \log p(y, \gamma = 0; \sigma_\gamma) = q ,
# $$ (eq:errata-joint)
#
# without end. One maximises the marginal density, over $\beta$, $\sigma$ and $\theta$; see
# {eq}`eq:joint-unbounded`.

# %%
sd = sp.Symbol("sigma_gamma", positive=True)


def joint(sd):
    """log p(y, gamma = 0): normal densities of five errors and two effects."""
    return -5 * sp.log(2 * sp.pi * s2) / 2 - Y5.dot(Y5) / s2 / 2 - sp.log(2 * sp.pi * sd**2)


gain = sp.expand_log(joint(sd / sp.E) - joint(sd), force=True)
check("eq:errata-joint", gain, 2, "symbolic", "n = 5, q = 2", text_only=True)

# %% [markdown]
# ## 23.3.2: the divisor n - p
#
# Said: $S^2 = RSS/(n - p)$ is unbiased, with $p$ the number of regressors. $p$ is the number of
# columns of $X$, the intercept's included. For a straight line $p$ is 2, and with one regressor
# counted the estimate is biased:
#
# $$
# \operatorname{E} \frac{RSS}{n - 2} = \sigma^2, \qquad
# \operatorname{E} \frac{RSS}{n - 1} = \sigma^2\, \frac{n - 2}{n - 1} .
# $$ (eq:errata-regressors)
#
# That $RSS/n$ is biased is right, by the factor $(n - p)/n$, see {eq}`eq:ml-bias`.

# %%
residual_maker = sp.eye(5) - X5 * (X5.T * X5).inv() * X5.T
expected = residual_maker.trace()
sides = [expected / 3, expected / 4], [1, R(3, 4)]
check("eq:errata-regressors", *sides, "exact", "a line, n = 5, sigma = 1", text_only=True)
refute(expected / 4, 1)

# %% [markdown]
# ## 23.3.2: not all variance components are biased
#
# Said: from $RSS/n$ in regression it follows that the estimates of all variance components are
# biased, and hence their proportions. A factor common to all would cancel from a proportion. But
# in $J$ groups of $\bar n$, where the estimates are not at the boundary, that of $\sigma^2$ is
# by a formula without bias. The bias is in that of $\sigma_\gamma^2$ {eq}`eq:one-way-ml-bias`:
#
# $$
# \hat\sigma^2_{ML} = \frac{SS_W}{J(\bar n - 1)}, \qquad
# \operatorname{E} \frac{SS_W}{J(\bar n - 1)} = \sigma^2 .
# $$ (eq:errata-within)

# %%
Z6 = sp.kronecker_product(sp.eye(3), sp.ones(2, 1))
within = sp.eye(6) - Z6 * Z6.T / 2
V6 = s2 * sp.eye(6) + sg2 * Z6 * Z6.T
unbiased = (within * V6).trace() / 3
check("eq:errata-within", unbiased, s2, "symbolic", "J = 3, n_bar = 2", text_only=True)
yields = dyes.groupby("Batch", observed=True)["Yield"]
ss_w, ss_b = yields.var().sum() * 4, 5 * yields.mean().var() * 5
by_ml = rm.lmer("Yield ~ 1 + (1 | Batch)", dyes, reml=False)
link("eq:errata-within", ss_w / 24, by_ml.sigma**2, rm.lmer)
refute(s2 * R(5, 6), unbiased)  # the factor (n - p) / n of a regression

# %% [markdown]
# ## 23.3.2: no one proportion
#
# Said: what is due to the random effects is a proportion of the variance. With random intercepts it
# is one number. With random slopes it depends on the covariate: on day $d$ of Example 23.4
#
# $$
# \operatorname{Var}(\gamma_1 + \gamma_{19} d) = \sigma_0^2 + 2 d \sigma_{01} + d^2 \sigma_1^2 ,
# $$ (eq:errata-proportion)
#
# and so does its proportion to itself plus $\sigma^2$. What is reported as one number is an average
# over the days of the data (`fit.icc()`), or is for an origin that somebody chose.

# %%
d, var0, var1, cov01 = sp.symbols("d sigma_0^2 sigma_1^2 sigma_01", positive=True)
pair = sp.Matrix([[1, d]])
left = (pair * sp.Matrix([[var0, cov01], [cov01, var1]]) * pair.T)[0]
right = var0 + 2 * d * cov01 + d**2 * var1
check("eq:errata-proportion", left, right, "symbolic", "k = 2", text_only=True)
refute(left, left.subs(d, 0))

cov = sleep_fit.varcorr["Subject"].cov.to_numpy()
for day in (0, 9):
    of_day = np.array([1, day]) @ cov @ [1, day]
    print(f"day {day}: {of_day / (of_day + sleep_fit.sigma**2):.2f} of the variance is subjects'")

# %% [markdown]
# ## 23.3.2: Neyman and Scott
#
# Said: if the number of fixed effects grows with $n$, the MLE is inconsistent. It depends on how
# fast they grow, and on which parameter is meant. The mean squared error of $\hat\sigma^2_{ML}$
# {eq}`eq:ml-mse` has the limits
#
# $$
# \lim_{n \to \infty} \operatorname{E} (\hat\sigma^2_{ML} - \sigma^2)^2
# = \begin{cases} 0 & p = \sqrt n \\ \sigma^4 / \bar n^2 & p = n/\bar n \end{cases}
# $$ (eq:errata-growth)
#
# In Neyman and Scott's problem the size of the groups stays $\bar n$, and then $\hat\sigma^2_{ML}$
# tends to $\sigma^2 (\bar n - 1)/\bar n$ {eq}`eq:neyman-scott-limit`. If the groups grow too, it is
# consistent. And a slope that is common to all groups is estimated consistently in either case: its
# variance is $\sigma^2$ over a sum of squares that grows with $n$.

# %%
n, n_bar = sp.symbols("n n_bar", positive=True)
mse = {}
for name, p in {"slow": sp.sqrt(n), "fast": n / n_bar}.items():
    bias, variance = (n - p) / n - 1, 2 * (n - p) / n**2  # of a chi-square over n
    mse[name] = sp.limit(s2**2 * sp.expand(variance + bias**2), n, sp.oo)
sides = [mse["slow"], mse["fast"]], [0, s2**2 / n_bar**2]
check("eq:errata-growth", *sides, "general", "sigma^2 and n_bar symbols", text_only=True)
refute(mse["slow"], s2**2)
assert sp.limit(mse["fast"], n_bar, sp.oo) == 0

# %% [markdown]
# ## 23.3.2: REML is not unbiased either
#
# Said: the solution to the bias is REML. It does repair the degrees of freedom. In balanced data
# that makes the estimates unbiased if they may be negative; REML's may not, and stop at zero. With
# $J = 3$ groups, $SS_B$ is exponential, and for $\nu = 3(\bar n - 1)$ and $\tau = \sigma^2 +
# \bar n \sigma_\gamma^2$,
#
# $$
# \operatorname{E} \hat\sigma_\gamma^2
# = \frac{\tau}{\bar n} \left( 1 + \frac{2\sigma^2}{\nu \tau} \right)^{-\nu/2}
# \quad \Bigl( > \sigma_\gamma^2 \Bigr) .
# $$ (eq:errata-reml-truncated)
#
# If the groups do not differ at all, this is what REML finds on average: not zero. For the proof,
# integrate $\max(0, M_B - M_W)/\bar n$, first over $M_B = SS_B/2$, then over $M_W = SS_W/\nu$.

# %%
t, c, w = sp.symbols("tau c w", positive=True)
over_between = sp.integrate((z - c) * sp.exp(-z / t) / t, (z, c, sp.oo))  # M_B of mean tau
expected = []
for nu in (3, 6, 9):  # n_bar = 2, 3, 4; w is SS_W / sigma^2, chi-square
    chi2 = w ** (R(nu, 2) - 1) * sp.exp(-w / 2) / (2 ** R(nu, 2) * sp.gamma(R(nu, 2)))
    integrand = sp.powsimp(over_between.subs(c, s2 * w / nu) * chi2)
    expected.append(sp.integrate(integrand, (w, 0, sp.oo)) / (nu / 3 + 1))
right = [t / (nu / 3 + 1) * (1 + 2 * s2 / (nu * t)) ** R(-nu, 2) for nu in (3, 6, 9)]
sizes = "J = 3, n_bar = 2, 3, 4"
check("eq:errata-reml-truncated", expected, right, "symbolic", sizes, text_only=True)
refute(right[0].subs(t, s2), 0)

# %% [markdown]
# ## 23.3.3: which estimates are plugged in
#
# Said: the posterior means are taken at the MLE. The random effects printed in Examples 23.6 and
# 23.7 are from lmer's default, which is REML. Either is empirical Bayes, but they are not the same
# numbers. In the balanced one-way model, with $\mathcal F$ as above and not less than $J/(J - 1)$,
#
# $$
# \hat\kappa_{REML} = 1 - \frac1{\mathcal F}, \qquad
# \hat\kappa_{ML} = 1 - \frac{J}{(J - 1)\, \mathcal F}
# $$ (eq:errata-plug-in)
#
# are the shares of a group's deviation that are kept {eq}`eq:shrinkage-factor`: ML shrinks more.

# %%
J, n_bar, F, omega = sp.symbols("J n_bar F omega", positive=True)
slopes = []
for groups, dof in ((J - 1, J * n_bar - 1), (J, J * n_bar)):  # REML, ML; SS_W = 1
    criterion = groups * sp.log(omega) + dof * sp.log(1 + (J - 1) * F / (J * (n_bar - 1)) / omega)
    (stationary,) = sp.solve(sp.numer(sp.together(criterion.diff(omega))), omega)
    slopes.append(1 - 1 / stationary)
right = [1 - 1 / F, 1 - J / ((J - 1) * F)]
check("eq:errata-plug-in", slopes, right, "general", "all J, n_bar", text_only=True)

F_dyes, away = (ss_b / 5) / (ss_w / 24), yields.mean() - yields.mean().mean()
for fit, kappa in zip((one_way, by_ml), right, strict=True):
    kept = fit.ranef()["Batch"].iloc[:, 0].to_numpy() / away.to_numpy()
    expected = np.full(6, float(kappa.subs({J: 6, F: F_dyes})))
    link("eq:errata-plug-in", expected, kept, rm.lmer)

# %% [markdown]
# So it is in Example 23.7. Subject 308 has these effects there, and by both criteria:

# %%
printed = np.array([2.2585509, 9.1989758])
sleep_ml = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep, reml=False)
by_both = [fit.ranef()["Subject"].loc["308"].to_numpy() for fit in (sleep_fit, sleep_ml)]
both = ["printed", "REML", "ML"]
print(pd.DataFrame([printed, *by_both], both, ["(Intercept)", "Days"]).round(4))
gaps = [np.abs(found / printed - 1).max() for found in by_both]
assert 1e-6 < gaps[0] < 1e-5 < 1e-2 < gaps[1]

# %% [markdown]
# ## Example 23.6: how many counties
#
# Said: 26, A to Z. The code makes a county of each capital and each small letter, and the output
# counts 52. Also, no income is transformed in the code: it is drawn from a normal law. The number
# of columns of $Z$ is the number of levels,
#
# $$
# q = \operatorname{rank} Z = 26 + 26 = 52 .
# $$ (eq:errata-counties)

# %%
letters = list(string.ascii_uppercase + string.ascii_lowercase)
people = pd.DataFrame({"income": np.arange(104.0) % 7, "county": letters * 2})
Z = rm.design("income ~ (1 | county)", people).Z
found = np.linalg.matrix_rank(Z)
check("eq:errata-counties", sp.Integer(int(found)), 52, "exact", "Z of the code", text_only=True)
refute(len(string.ascii_uppercase), int(found))

# %% [markdown]
# ## Example 23.6: a plot of another vector
#
# The code puts the true effects into a column `true` and then plots `county_effects` in its place,
# a vector outside the data frame. As long as nothing is sorted or left out the two are equal, and
# the picture is right. With $t$ for the truth, $r$ for the random effects and a frame whose rows
# are in the order $\pi$, the column $t_{\pi(j)}$ stays with its row and the vector $t_j$ does not:
#
# $$
# \sum_j t_{\pi(j)} r_{\pi(j)} = \sum_j t_j r_j, \qquad
# \sum_j t_j r_{\pi(j)} \ne \sum_j t_j r_j \text{ in general.}
# $$ (eq:errata-plot)
#
# (The next chunk sorts its frame, and numbers the rows, in a column that it does not use.)

# %%
t3, r3s = sp.Matrix(sp.symbols("t_1:4")), sp.Matrix(sp.symbols("r_1:4"))
order = [2, 0, 1]
column, ranefs = t3.extract(order, [0]), r3s.extract(order, [0])
sides = column.dot(ranefs), t3.dot(r3s)
check("eq:errata-plot", *sides, "symbolic", "three counties in another order", text_only=True)
refute(t3.dot(ranefs), t3.dot(r3s))

# %% [markdown]
# What can be left out are counties. The frame sets 52 effects beside the random effects of those
# counties that somebody answered from. The share of a county, one of 52 drawn from Dirichlet's
# distribution with weights of 2, is a beta variable of 2 and 102, and the expected number of
# counties without a respondent among 1000 is
#
# $$
# 52 \cdot \operatorname{E} (1 - p)^{1000}
# = 52 \cdot \frac{102 \cdot 103}{1102 \cdot 1103} \approx 0.449 .
# $$ (eq:errata-unreached)
#
# All were reached in the run that is printed. In more than a third of runs one or more is not, and
# R stops, as the two columns differ in length. For Example 23.1, with 3,200 counties, this is the
# rule, and the fixed effect of a county without a respondent has no estimate at all. Sets are to be
# joined by the names of the counties.

# %%
rest = sp.Symbol("q", positive=True)  # 1 - p
unreached = 52 * 102 * 103 * sp.integrate(sp.expand((1 - rest) * rest**1101), (rest, 0, 1))
right = 52 * R(102 * 103, 1102 * 1103)
check("eq:errata-unreached", unreached, right, "exact", "52 counties, 1000 people", text_only=True)
refute(unreached, 0)


def none_of(j):
    """The chance that nobody is from j counties; their share is beta of 2j and 104 - 2j."""
    return sp.rf(104 - 2 * j, 1000) / sp.rf(104, 1000)


some = -sum((-1) ** j * sp.binomial(52, j) * none_of(j) for j in range(1, 52))
assert none_of(1) * 52 == right
print(f"probability that a county or more is not reached: {float(some):.3f}")

# %% [markdown]
# ## Example 23.7: the last printed digit
#
# Said: the intercepts have the variance 612.10 and the standard deviation 24.741, with one more
# digit 24.7407. To these digits the REML estimates are
#
# $$
# \hat\sigma_0^2 = 612.09, \qquad \hat\sigma_0 = 24.740, \qquad \hat\sigma_0 = 24.7405 .
# $$ (eq:errata-digits)
#
# All other numbers of the summary and of `VarCorr` are right as printed.
# The days are the same for all subjects, so that the estimate is a rational number of the data
# {eq}`eq:balanced-reml`, and this is proved in fractions. The optimiser behind the printed numbers
# must have stopped early, on a criterion that is flat {eq}`eq:digits-of-theta`. Hence the printed
# effects of subject 308, above, have five right digits out of eight. Below: the rise of the
# criterion from its minimum to 612.10, and the Newton step that is left at the code's numbers, by
# Hessian and gradient ({eq}`eq:hessian`, {eq}`eq:gradient`).

# %%
decimals = [
    [R(str(v)) for v in rows] for _, rows in sleep.groupby("Subject", observed=True)["Reaction"]
]
own, x10 = sp.Matrix(decimals).T, sp.Matrix([[1, day] for day in range(10)])
lines = (x10.T * x10).inv() * x10.T * own
apart, rest = lines - lines * sp.ones(18, 18) / 18, own - x10 * lines
variance = sum(value**2 for value in rest) / (18 * 8)
exactly = (apart * apart.T / 17 - variance * (x10.T * x10).inv())[0, 0]
print("the exact variance:", sp.N(exactly, 15))


def to_digits(value, digits):
    """A positive number as it is printed."""
    return sp.floor(10**digits * value + R(1, 2)) / R(10) ** digits


sd = sp.sqrt(exactly)
rounded = [to_digits(exactly, 2), to_digits(sd, 3), to_digits(sd, 4)]
right = [R("612.09"), R("24.740"), R("24.7405")]
check("eq:errata-digits", rounded, right, "exact", "the data as printed", text_only=True)
of = sleep_fit.varcorr["Subject"]
link("eq:errata-digits", exactly, of.cov.iloc[0, 0], rm.lmer)
for said, best in zip((R("612.10"), R("24.741"), R("24.7407")), right, strict=True):
    refute(said, best)

as_printed = {  # and what the code finds
    "35.07 5.922 5.9221": [of.cov.iloc[1, 1], of.sd.iloc[1], of.sd.iloc[1]],
    "654.94 25.592 25.5918": [sleep_fit.sigma**2, sleep_fit.sigma, sleep_fit.sigma],
    "0.07 0.066": [of.corr.iloc[1, 0]] * 2,
    "251.405 10.467 6.825 1.546": [*sleep_fit.beta, *sleep_fit.se],
    "36.838 6.771 1743.6": [*(sleep_fit.beta / sleep_fit.se), sleep_fit.criterion],
    "-0.138": [sleep_fit.vcov.iloc[0, 1] / sleep_fit.se.prod()],
    "-3.9536 -0.4634 0.0231 0.4634 5.1793": np.quantile(
        sleep_fit.residuals("pearson", scaled=True), [0, 0.25, 0.5, 0.75, 1]
    ),
}
for words, values in as_printed.items():
    for word, value in zip(words.split(), values, strict=True):
        assert f"{value:.{len(word.partition('.')[2])}f}" == word

theta = sleep_fit.theta.to_numpy()
at = penalized.evaluate(sleep_fit.design, theta)
H, slope = derivatives.hessian(at), derivatives.gradient(at)
step = np.abs(np.linalg.solve(H, slope)).max()
off = np.sqrt(612.10) / sleep_fit.sigma - theta[0]
assert optimality.check(sleep_fit.design, theta, at).failures == []
assert step < 1e-9
print(f"rise to 612.10: {off**2 / np.linalg.inv(H)[0, 0] / 2:.0e}; step left: below 1e-9")

# %% [markdown]
# ## 23.4 and Example 23.6: two histograms on two scales
#
# Said, by putting them side by side: the coefficients of `lm(y ~ group)` and lmer's random effects
# show shrinkage. But lm has an intercept and treatment contrasts. Its coefficients are group A's
# mean and the other groups' *differences from A*; lmer's are deviations from the overall mean. With
# group means $\mu_j$, $\bar\mu$ their mean and $\gamma_j \equiv \mu_j - \bar\mu$, lm estimates
#
# $$
# (X^\top X)^{-1} X^\top \operatorname{E} Y = (\mu_A,\; \gamma_B - \gamma_A,\;
# \gamma_C - \gamma_A,\; \gamma_D - \gamma_A)^\top .
# $$ (eq:errata-contrasts)
#
# So the two differ in their targets, not only by shrinkage, and the differences from A also carry
# the error of A's mean. Compare group means with $\hat\beta_0 + \hat\gamma_j$, which
# `result.Fit.coef` adds up. The same goes for the error bars of Example 23.6, which are about
# differences from county A.

# %%
mu = sp.Matrix(sp.symbols("mu_A mu_B mu_C mu_D"))
Z8 = sp.kronecker_product(sp.eye(4), sp.ones(2, 1))
treatment = sp.ones(8, 1).row_join(Z8[:, 1:])
coefficients = (treatment.T * treatment).LUsolve(treatment.T * Z8 * mu)
gamma = mu - sp.ones(4, 1) * sum(mu) / 4
right = sp.Matrix([mu[0], *(gamma[j] - gamma[0] for j in (1, 2, 3))])
check("eq:errata-contrasts", coefficients, right, "symbolic", "4 groups of 2", text_only=True)

chosen = dict(zip(mu, [4 + R(2), 4 + R(3), 4 + R(1), 4 + R(5, 2)], strict=True))
refute(coefficients.subs(chosen)[1:, :], gamma.subs(chosen)[1:, :])
targets = {"lm": coefficients.subs(chosen), "lmer": gamma.subs(chosen)}
print(pd.DataFrame({name: list(map(float, v)) for name, v in targets.items()}, list("ABCD")))

# %% [markdown]
# ## Beside the chapter: lme4's vignette PLSvGLS
#
# Not the chapter's, but its readers go there next. The vignette of lme4 that compares penalized and
# generalized least squares (PLSvGLS; the same in versions 1.1-31 and 2.1-0) prints the profiled
# deviance as $\log|L|^2 + n (1 + \log(r^2) + 2\pi/n)$. The factor $2\pi/n$ belongs into the
# logarithm {eq}`eq:ml-criterion`:
#
# $$
# d(\theta) = \log|L|^2 + n \left( 1 + \log \frac{2 \pi r^2}{n} \right) .
# $$ (eq:errata-vignette)
#
# The difference, $2\pi - n \log(2\pi/n)$, has no $\theta$ in it. So the minimum is where it should
# be, and models of the same rows have the same differences. But the value is not minus twice the
# log-likelihood; it is off by more than six hundred for the 180 rows of the sleep study. lme4's
# code and its authors' paper have it right.

# %%
n, r2_, log_L = sp.symbols("n r^2 logdet_L", positive=True)
printed = log_L + n * (1 + sp.log(r2_) + 2 * sp.pi / n)
right = log_L + n * (1 + sp.log(2 * sp.pi * r2_ / n))
normal = n * sp.log(2 * sp.pi * s2) + log_L + r2_ / s2  # minus twice the log-density, V0 profiled
sides = sp.expand_log(normal.subs(s2, r2_ / n)), sp.expand_log(right)
check("eq:errata-vignette", *sides, "general", "all n", text_only=True)
refute(sp.expand_log(printed), sp.expand_log(right))
gap = sp.expand(sp.expand_log(printed - right))
assert gap.free_symbols == {n}

at = penalized.solve(sleep_ml.design, sleep_ml.theta.to_numpy())
values = [f.subs({n: 180, r2_: at.pwrss, log_L: at.logdet_V0}) for f in (right, printed)]
link("eq:errata-vignette", values[0], sleep_ml.criterion, rm.lmer)
print(f"sleepstudy by ML: {sleep_ml.criterion:.1f}; as printed there {float(values[1]):.1f}")

# %% [markdown]
# ## Not errata, but other conventions
#
# - The random effects $\alpha_i$ and $\beta_i$ of Example 23.2 have means of their own. From
#   Definition 23.1 on random effects have the mean zero, and $\beta$ is fixed, as in this book.
# - The columns of $Z$ in Example 23.4 are sorted by effect, those of lme4 and of this book by
#   level. The model is the same {eq}`eq:column-order`.
# - The chapter calls $\sigma_{01}$, $\sigma_0$, $\sigma_1$ what lme4 prints; the optimiser works on
#   $\theta$, relative to $\sigma$ {eq}`eq:theta`.
# - That random effects are a penalized regression is right, with the penalty
#   $\lambda = \sigma^2 / \sigma_\gamma^2$ for random intercepts, and with the fixed effects not
#   penalized ({eq}`eq:ridge`, {eq}`eq:joint-penalty`).
#
# ## What to take away
#
# - Write the model so that the shapes fit, and the law of $Y$ without $\gamma$: most slips are then
#   impossible.
# - Members of one group are correlated. What treats $V$ as diagonal is not a mixed model.
#
# The code: `r.design.design` and `marginal.criterion` hold the model as it should read,
# `result.Fit.nparameters` counts, `optimality.check` says what is left to gain.
