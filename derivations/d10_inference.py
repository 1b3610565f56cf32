# %% [markdown]
# # Reading the summary, and inference
#
# The first half goes through the summary of a fit, line by line, and computes each number anew from
# the formulas of this book. The second half asks how far to trust them: what standard errors leave
# out, what law the test statistics have, and why a variance needs a test of its own.

# %%
"""Imports, and the name of the page."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import sympy as sp
from checks import check, holds, link, page
from scipy import stats

import refmixed as rm

page("d10_inference")
R = sp.Rational
s2 = sp.Symbol("sigma^2", positive=True)

# %% [markdown]
# ## The summary
#
# Example 23.7: the reaction times of 18 subjects on ten days.

# %%
sleep = rm.load_dataset("sleepstudy")
fit = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep)
ml = rm.lmer("Reaction ~ Days + (Days | Subject)", sleep, reml=False)
print(fit.summary())

# %% [markdown]
# To compute it anew we take $\hat\theta$ from the code, and the rest from the definitions, with
# $n \times n$ matrices. $P$ is that of {eq}`eq:P`.


# %%
def definitions(fit):
    """V0, the inverse of X' V0^-1 X, and P, of a fit without weights."""
    X, Z, T = fit.design.X, fit.design.Z, relative_covariance(fit)
    V0 = np.eye(len(X)) + Z @ T @ Z.T
    V0_inv = np.linalg.inv(V0)
    Omega_inv = np.linalg.inv(X.T @ V0_inv @ X)
    return V0, Omega_inv, V0_inv - V0_inv @ X @ Omega_inv @ X.T @ V0_inv


def relative_covariance(fit):
    """Lambda Lambda' of one term of two effects."""
    t1, t2, t3 = fit.theta
    factor = np.array([[t1, 0], [t2, t3]])
    return np.kron(np.eye(fit.design.q // 2), factor @ factor.T)


X, Z, y = fit.design.X, fit.design.Z, fit.design.y
n, p, J = 180, 2, 18
V0, Omega_inv, P = definitions(fit)

# %% [markdown]
# **Title and criterion.** REML or ML, the formula, and $d_R(\hat\theta)$ {eq}`eq:reml-criterion`:
# minus twice the restricted log-likelihood at its maximum. It has no meaning of its own;
# differences have, between models with the same $X$. A fit by ML prints instead, from its criterion
# {eq}`eq:ml-criterion` and the number of entries of $\beta$, $\theta$ and $\sigma$,
#
# $$
# \mathrm{AIC} = -2 \ell(\hat\beta, \hat\theta, \hat\sigma) + 2 (p + \dim\theta + 1)
#     = d(\hat\theta) + 2 (p + \dim\theta + 1),
# $$ (eq:aic)
#
# $$
# \mathrm{BIC} = -2 \ell(\hat\beta, \hat\theta, \hat\sigma) + (p + \dim\theta + 1) \log n
#     = d(\hat\theta) + (p + \dim\theta + 1) \log n.
# $$ (eq:bic)
#
# What $n$ means for BIC is a convention where observations are dependent: it is that of the rows.
# Beside them stand logLik, which is $\ell = -d/2$; deviance, which is $d$; and df.resid, $n$ less
# the number of parameters.

# %%
ns, det, r2, size = sp.symbols("n D r^2 d", positive=True)
for tag, price in (("eq:aic", 2 * size), ("eq:bic", size * sp.log(ns))):
    at_best = (ns * sp.log(2 * sp.pi * s2) + sp.log(det) + r2 / s2).subs(s2, r2 / ns)  # eq:deviance
    by_criterion = sp.log(det) + ns * (1 + sp.log(2 * sp.pi * r2 / ns))
    check(tag, at_best + price, by_criterion + price, "general", "all n, p", text_only=True)
V_ml = ml.sigma**2 * definitions(ml)[0]
ell = stats.multivariate_normal.logpdf(y, X @ ml.beta, V_ml)
link("eq:aic", -2 * ell + 2 * (2 + 3 + 1), ml.aic, rm.Fit.aic.fget)
link("eq:bic", -2 * ell + np.log(180) * (2 + 3 + 1), ml.bic, rm.Fit.bic.fget)
assert holds(np.array([ell, 180 - (2 + 3 + 1)]), np.array([ml.loglik, ml.df_residual]))

# %% [markdown]
# **Scaled residuals.** The five quantiles of $\sqrt{w_i}\, \hat e_i / \hat\sigma$. The residuals
# are conditional, that is, from the subject's own line. In terms of $P$ they are
#
# $$
# \hat e = Y - X\hat\beta - Z\hat\gamma = W^{-1} V_0^{-1} (Y - X\hat\beta) = W^{-1} P Y .
# $$ (eq:scaled-residual)
#
# This is {eq}`eq:fitted`, with $r = Y - X\hat\beta$ in the check. Their covariance is
# $\sigma^2 W^{-1} P W^{-1}$: they vary less than the errors, and are not independent.

# %%
V, Vw, r = sp.symbols("V_0 W^-1 r", commutative=False)
sides = sp.expand(r - (V - Vw) * V**-1 * r), Vw * V**-1 * r
check("eq:scaled-residual", *sides, "general", "all n", text_only=True)
scaled = P @ y / fit.sigma
link("eq:scaled-residual", scaled, fit.residuals("pearson", scaled=True), rm.Fit.residuals)
print("quantiles:", np.quantile(scaled, [0, 0.25, 0.5, 0.75, 1]).round(4))
print(f"variance of a residual over that of an error: at most {np.diag(P).max():.3f}")

# %% [markdown]
# **Random effects.** The column Variance is the diagonal of $\hat\Sigma_1 = \hat\sigma^2 \Lambda_1
# \Lambda_1^\top$ {eq}`eq:Sigma` and $\hat\sigma^2 = r^2/(n - p)$ {eq}`eq:sigma`. Std.Dev. is its
# root, **not** a standard error of the estimate. Corr is that of {eq}`eq:sd-and-correlation`. Then
# follow the rows of the data and the levels of each group.

# %%
sigma2 = y @ P @ y / (n - p)
Sigma1 = sigma2 * relative_covariance(fit)[:2, :2]
assert holds(Sigma1, fit.varcorr["Subject"].cov.to_numpy())
sd = np.sqrt(np.diag(Sigma1))
table = {"Variance": [*np.diag(Sigma1), sigma2], "Std.Dev.": [*sd, np.sqrt(sigma2)]}
print(pd.DataFrame(table, ["(Intercept)", "Days", "Residual"]).round(3))
print(f"Corr {Sigma1[0, 1] / sd.prod():.2f}, rows {n}, groups {J}")

# %% [markdown]
# **Fixed effects.** The estimates are {eq}`eq:gls`. The standard errors are roots of the diagonal
# of $\hat C \equiv \hat\sigma^2 (X^\top V_0^{-1} X)^{-1}$, the covariance {eq}`eq:vcov` with
# estimates in place of $\sigma$ and $\theta$. A t value is an estimate over its standard error:
#
# $$
# \mathrm{se}_j = \sqrt{\hat\sigma^2 \bigl[ (X^\top V_0^{-1} X)^{-1} \bigr]_{jj}} ,
# $$ (eq:se)
#
# $$
# t_j = \hat\beta_j / \mathrm{se}_j ,
# $$ (eq:t-value)
#
# and the last block of the summary is
#
# $$
# \widehat{\operatorname{Corr}}(\hat\beta_i, \hat\beta_j)
# = \hat C_{ij} / (\mathrm{se}_i\, \mathrm{se}_j) .
# $$ (eq:vcov-correlation)
#
# There is a way to see them without any matrix of size $n$. All subjects have the same $\bar n$
# days, with rows $x$ of one subject's $X$ and of its $Z$. Let $b_j$ be the least-squares line of
# subject $j$ alone. It has the covariance $\Psi \equiv \Sigma_1 + \sigma^2 (x^\top x)^{-1}$, and
# with $J$ subjects
#
# $$
# \sigma^2 (X^\top V_0^{-1} X)^{-1} = \frac1J \bigl(\Sigma_1 + \sigma^2 (x^\top x)^{-1}\bigr) .
# $$ (eq:balanced-vcov)
#
# So $\hat\beta$ is the mean of the $b_j$. They are a simple sample from $N(\beta, \Psi)$,
# independent of the residuals from the lines. With $S$ the sample's covariance of the $b_j$ and
# $RSS$ the sum of the squared residuals, $\bar n - 2$ free ones a subject, the REML estimates are
#
# $$
# \hat\sigma^2 = \frac{RSS}{J (\bar n - 2)}, \qquad
# \hat\Sigma_1 = S - \hat\sigma^2 (x^\top x)^{-1} ,
# $$ (eq:balanced-reml)
#
# if that is positive definite: they make the slopes of {eq}`eq:reml-score` zero. So they are
# rational numbers of the data, $\hat C$ is $S/J$, and the summary's t value is Student's: mean over
# standard deviation, times $\sqrt J$.

# %%
t1, t2, t3 = sp.symbols("t_1:4", positive=True)
x3 = sp.Matrix([[1, 0], [1, 1], [1, 3]])
S1 = sp.Matrix([[t1, t2], [t2, t3]])
V3 = s2 * sp.eye(3) + x3 * S1 * x3.T
product = x3.T * V3.adjugate() * x3 * (S1 + s2 * (x3.T * x3).inv())  # |V| times the identity
sides = product.applyfunc(sp.expand), sp.expand(V3.det(method="berkowitz")) * sp.eye(2)
check("eq:balanced-vcov", *sides, "symbolic", "J = 1, 3 days, any Sigma", text_only=True)


def variances(x, J, matrix, kron):
    """V_a of sigma^2, and of the two variances and the covariance of J subjects."""
    units = [[[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]]
    one = [x @ matrix(unit) @ x.T for unit in units]
    identity = matrix([[int(i == j) for j in range(x.shape[0])] for i in range(x.shape[0])])
    return [kron(J, identity), *(kron(J, o) for o in one)]


# %% [markdown]
# Exactly, for four subjects on three days:

# %%
X12 = sp.Matrix.vstack(*[x3] * 4)
parts = variances(x3, 4, sp.Matrix, lambda J, o: sp.kronecker_product(sp.eye(J), o))
Y12 = sp.Matrix([1, 4, 12, 9, 15, 20, 3, 2, 5, 10, 22, 41])
Q_inv, own = (x3.T * x3).inv(), Y12.reshape(4, 3).T  # a column a subject
lines = Q_inv * x3.T * own
mean = lines * sp.ones(4, 1) / 4
apart = lines - mean * sp.ones(1, 4)
S, rest = apart * apart.T / 3, own - x3 * lines
variance = sum(value**2 for value in rest) / 4
Sigma = S - variance * Q_inv
assert Sigma.is_positive_definite
phi = [variance, Sigma[0, 0], Sigma[0, 1], Sigma[1, 1]]
V_inv = sum((a * b for a, b in zip(phi, parts, strict=True)), sp.zeros(12)).inv()
C = (X12.T * V_inv * X12).inv()
P12 = V_inv - V_inv * X12 * C * X12.T * V_inv
beta = C * X12.T * V_inv * Y12
used = {"kind": "exact", "sizes": "J = 4, 3 days"}
of = used | {"text_only": True}
expected = [(P12 * part).trace() for part in parts]
check("eq:balanced-reml", expected, [(Y12.T * P12 * part * P12 * Y12)[0] for part in parts], **of)
check("eq:se", [sp.sqrt(C[j, j]) for j in (0, 1)], [sp.sqrt(S[j, j] / 4) for j in (0, 1)], **used)
t_values = [2 * mean[j] / sp.sqrt(S[j, j]) for j in (0, 1)]
check("eq:t-value", [beta[j] / sp.sqrt(C[j, j]) for j in (0, 1)], t_values, **used)
correlation = S[0, 1] / sp.sqrt(S[0, 0] * S[1, 1])
check("eq:vcov-correlation", C[0, 1] / sp.sqrt(C[0, 0] * C[1, 1]), correlation, **of)

# %% [markdown]
# And for the fit above:

# %%
lines = np.linalg.lstsq(X[:10], y.reshape(18, 10).T, rcond=None)[0].T  # (18, 2)
S = np.cov(lines.T)
rest = y - (X[:10] @ lines.T).T.ravel()
by_lines = S - rest @ rest / (18 * 8) * np.linalg.inv(X[:10].T @ X[:10])
link("eq:balanced-reml", by_lines, fit.varcorr["Subject"].cov, rm.lmer)
link("eq:balanced-vcov", S / 18, fit.vcov, rm.Fit.vcov.func)
link("eq:se", lines.std(axis=0, ddof=1) / np.sqrt(18), fit.se, rm.Fit.se.func)
link("eq:se", np.sqrt(sigma2 * np.diag(Omega_inv)), fit.se, rm.Fit.se.func)
t_values = [stats.ttest_1samp(column, 0).statistic for column in lines.T]
link("eq:t-value", t_values, fit.summary().coefficients["t value"], rm.Fit.summary)
link("eq:vcov-correlation", np.corrcoef(lines.T), fit.summary().correlation, rm.Fit.summary)

# %% [markdown]
# ## What the standard errors leave out
#
# $\hat C$ is the covariance of $X^+Y$, the estimate with the true $\theta$. In truth another
# $X_1^+$ is used, that of $\hat\theta$, which is random. What does it depend on? The criteria see
# $Y$ only in $r^2 = Y^\top P Y$ {eq}`eq:r2`, and so do not see what is added to $Y$ within the
# columns of $X$; nor does $X_1^+ - X^+$, as $X_1^+X = AX = I$:
#
# $$
# P\,(Y + Xb) = PY, \qquad (X_1^+ - X^+)(Y + Xb) = (X_1^+ - X^+)\, Y .
# $$ (eq:contrasts-alone)
#
# With $b$ taken from $Y$ itself, $b = -(X^\top X)^{-1} X^\top Y$, this says that $\hat\theta$, and
# with it $X_1^+$, and $(X_1^+ - X^+)Y$, are functions of the error contrasts $K^\top Y$ alone. They
# are independent of $X^+Y$ {eq}`eq:contrast-independence`, all functions of them: no approximation
# is made. And $\hat\theta$ is the same for $-Y$, so that $(X_1^+ - X^+)Y$ changes its sign with the
# contrasts, whose law is symmetric: its mean is zero, if there is one. So $X_1^+Y$ is unbiased, and
# $\operatorname{Cov}(X_1^+ Y) = X^+ V X^{+\top} + \operatorname{Cov}\bigl((X_1^+ - X^+)Y\bigr)$.
# For an $X_1^+$ that is held this reads
#
# $$
# X_1^+ V X_1^{+\top} = X^+ V X^{+\top} + (X_1^+ - X^+)\, V (X_1^+ - X^+)^\top .
# $$ (eq:kackar-harville)
#
# The last term is left out (Kackar and Harville, 1984): $\hat C$ is too small, even if $\theta$
# were estimated without bias. And $\hat C$ is itself an estimate, so that $t$ has more spread than
# a normal variable. In the balanced data above $X_1^+ = X^+$ is the mean; there, only the second
# matters. {doc}`d14_freedom` says how large both are, to first order.

# %%
Omega, Xs, Xt, X1_plus, X1_plus_t = sp.symbols("Omega X X^T X_1^+ X_1^{+T}", commutative=False)
X_plus, X_plus_t = Omega**-1 * Xt * V**-1, V**-1 * Xs * Omega**-1
rules = [(X1_plus * Xs, 1), (Xt * X1_plus_t, 1), (Xt * V**-1 * Xs, Omega)]
left = X1_plus * V * X1_plus_t
right = sp.expand(X_plus * V * X_plus_t + (X1_plus - X_plus) * V * (X1_plus_t - X_plus_t)).subs(
    rules
)
check("eq:kackar-harville", left, sp.expand(right), "general", "all n, p", text_only=True)
Y_, b_ = sp.symbols("Y b", commutative=False)
P_ = V**-1 - V**-1 * Xs * Omega**-1 * Xt * V**-1
rules = [(X1_plus * Xs, 1), (Xt * V**-1 * Xs, Omega)]
seen = [sp.expand(M * (Y_ + Xs * b_)).subs(rules) for M in (P_, X1_plus - X_plus)]
right = [sp.expand(M * Y_) for M in (P_, X1_plus - X_plus)]
check("eq:contrasts-alone", seen, right, "general", "all n, p", text_only=True)

V_true = sum((a * b for a, b in zip([2, 1, 0, 3], parts, strict=True)), sp.zeros(12))[:11, :11]
two = []
for V_used in (V_true, V_true + 2 * sp.eye(11)):  # X^+ and X_1^+
    V_inv = V_used.inv()
    two.append((X12[:11, :].T * V_inv * X12[:11, :]).LUsolve(X12[:11, :].T * V_inv))
left, extra = two[1] * V_true * two[1].T, (two[1] - two[0]) * V_true * (two[1] - two[0]).T
assert any(extra)
right = two[0] * V_true * two[0].T + extra
check("eq:kackar-harville", left, right, "exact", "n = 11, p = 2", text_only=True)

# %% [markdown]
# The picture draws new responses from the fit to sleepstudy, the same model with the estimates as
# the truth, and sets three intervals for the mean slope on each sample. All have the same centre.
# The regression without random effects takes the 180 rows for independent, and its standard error
# is too small. That of the mixed model is right on average, but it is estimated from 18 lines: with
# 1.96 its interval is a little too short, and with Student's quantile for 17 degrees of freedom it
# is exact. Fifty samples are shown, those that miss the truth drawn strongest; the shares are of
# all.

# %% mystnb={"image": {"alt": "intervals without random effects miss the truth most often"}}
samples, J = 4000, 18
x = np.column_stack([np.ones(10), np.arange(10.0)])  # of each subject
own = fit.varcorr["Subject"].cov.to_numpy()
draw = np.random.default_rng(10)
line = fit.beta.to_numpy() + draw.multivariate_normal([0, 0], own, (samples, J))  # (samples, J, 2)
new_Y = line @ x.T + fit.sigma * draw.normal(size=(samples, J, 10))
b_j = new_Y @ np.linalg.pinv(x).T  # (samples, J, 2)  the line of each subject alone
slope = b_j.mean(axis=1)[:, 1]
rest = new_Y - (b_j.mean(axis=1) @ x.T)[:, None, :]
alone = np.sqrt((rest**2).sum(axis=(1, 2)) / 178 / (J * 82.5))  # 82.5: squares of the days
mixed = b_j[:, :, 1].std(axis=1, ddof=1) / np.sqrt(J)  # eq:balanced-reml: S / J
normal, student = stats.norm.isf(0.025), stats.t.isf(0.025, J - 1)
half_widths = {
    "no random effects, 1.96": normal * alone,
    "mixed model, 1.96": normal * mixed,
    f"mixed model, $t_{{17}}$: {student:.2f}": student * mixed,
}
figure, panels = plt.subplots(1, 3, figsize=(9, 4.2), sharex=True, layout="constrained")
truth = fit.beta["Days"]
for axes, (title, half) in zip(panels, half_widths.items(), strict=True):
    misses = np.abs(slope - truth) > half
    for row in range(50):
        ends = slope[row] - half[row], slope[row] + half[row]
        axes.plot(ends, (row, row), color="k" if misses[row] else "0.65", linewidth=1.6)
    axes.axvline(truth, color="k", linewidth=0.8)
    axes.set(title=f"{title}\ncovers {1 - misses.mean():.1%}", yticks=[], xlabel="ms per day")

# %% [markdown]
# ## Wald's statistic
#
# A hypothesis $\mathcal L\beta = c$, of several rows. At given $\sigma$ and $\theta$, by how much
# does minus twice the log-likelihood rise when $\beta$ must obey it? With
# $\Omega \equiv X^\top V_0^{-1} X$,
#
# $$
# \min_{\mathcal L\beta = c} (Y - X\beta)^\top V_0^{-1} (Y - X\beta) - r^2
# = (\mathcal L\hat\beta - c)^\top (\mathcal L \Omega^{-1} \mathcal L^\top)^{-1}
#   (\mathcal L\hat\beta - c) .
# $$ (eq:wald)
#
# A step $s$ from $\hat\beta$ costs $s^\top \Omega s$ {eq}`eq:gls-square`. The step to take is
# $s = -\Omega^{-1} \mathcal L^\top (\mathcal L \Omega^{-1} \mathcal L^\top)^{-1}
# (\mathcal L\hat\beta - c)$:
# it obeys, and one that differs from it by $h$ with $\mathcal L h = 0$ costs $h^\top \Omega h$
# more, as $h^\top \Omega s = 0$.
#
# Over $\hat\sigma^2$ this is Wald's statistic; for one coefficient it is $t_j^2$. If $\sigma$ and
# $\theta$ were known its law would be $\chi^2$, with as many degrees of freedom as $\mathcal L$ has
# rows. As they are estimated, that is right for many groups only.

# %%
# M is contrasts Omega^-1 contrasts', and w is contrasts beta-hat - c
contrasts, contrasts_t, M, w, wt = sp.symbols("L L^T M w w^T", commutative=False)
step, step_t = -(Omega**-1) * contrasts_t * M**-1 * w, -wt * M**-1 * contrasts * Omega**-1
obeys, cost = (
    contrasts * step + w,
    (step_t * Omega * step).subs(contrasts * Omega**-1 * contrasts_t, M),
)
obeys = sp.expand(obeys.subs(contrasts * Omega**-1 * contrasts_t, M))
check("eq:wald", [obeys, cost], [0, wt * M**-1 * w], "general", "all n, p")

X6 = sp.Matrix([[1, 0, 2], [1, 1, 0], [1, 3, 1], [1, 2, 5], [1, 5, 0], [1, 4, 1]])
Z6 = sp.kronecker_product(sp.eye(3), sp.ones(2, 1))
Y6, V6 = sp.Matrix([1, 4, 2, 7, 6, 3]), sp.eye(6) + R(2, 3) * Z6 * Z6.T
contrasts, c = sp.Matrix([[0, 1, -1], [0, 1, 2]]), sp.Matrix([1, R(1, 2)])
b = sp.Matrix(sp.symbols("b_1:4"))
quadratic = sp.expand(((Y6 - X6 * b).T * V6.inv() * (Y6 - X6 * b))[0])
free, bound = (
    sp.solve(list(contrasts * b - c), list(b)),
    sp.solve([quadratic.diff(v) for v in b], list(b)),
)
on_line = quadratic.subs(free)
(last,) = on_line.free_symbols
least = on_line.subs(last, sp.solve(on_line.diff(last), last)[0])
off, Omega6 = contrasts * b.subs(bound) - c, X6.T * V6.inv() * X6
wald = (off.T * (contrasts * Omega6.inv() * contrasts.T).inv() * off)[0]
rise = least - quadratic.subs(bound)
check("eq:wald", rise, wald, "exact", "n = 6, p = 3, two hypotheses")
Hs, cs = np.array([[0.0, 1.0], [1.0, 4.5]]), np.array([9.0, 300.0])
off = Hs @ fit.beta - cs
wald = off @ np.linalg.solve(Hs @ Omega_inv @ Hs.T, off) / fit.sigma**2
chi = fit.test_fixed("chi-square", contrasts=Hs, rhs=cs)["Chisq"]
link("eq:wald", [wald], chi, rm.Fit.test_fixed)

# %% [markdown]
# ## The likelihood ratio, and its boundary
#
# The likelihood ratio statistic is the difference of two criteria, ML for fixed effects (REML
# criteria of different $X$ cannot be compared, see {eq}`eq:reml-units`); for variances either. Its
# usual $\chi^2$ law supposes that the true parameter has neighbours on all sides. A variance at
# zero has none below. Let $\tau$ be the variance tested. Near zero the criterion is, in large
# samples, a parabola, $d(\tau) = d(0) - 2 U \sqrt{h}\, \tau + h \tau^2$, with the standardised
# score $U \sim N(0, 1)$ and the information $h$. Its minimum over $\tau \ge 0$ is at
# zero if $U < 0$, and
#
# $$
# d(0) - \min_{\tau \ge 0} d(\tau) = \max(0, U)^2 .
# $$ (eq:lrt-boundary)
#
# So the statistic is zero half of the time, and else the square of a normal variable. Its law is
# half a point mass at zero and half a $\chi^2_1$ (Chernoff; Self and Liang): for $c > 0$
#
# $$
# \Pr\bigl(\max(0, U)^2 > c\bigr) = \tfrac12 \Pr(\chi^2_1 > c) .
# $$ (eq:lrt-mixture)
#
# A p-value from $\chi^2_1$ is too large by a factor of two.

# %%
U, tau, z = sp.symbols("U tau z", real=True)
h, c, up = sp.symbols("h c u", positive=True)
d = -2 * U * sp.sqrt(h) * tau + h * tau**2
(low,) = sp.solve(d.diff(tau), tau)
drops = [-d.subs(tau, sp.Max(0, low)).subs(U, value) for value in (up, -up)]
right = [up**2, 0]
check("eq:lrt-boundary", drops, right, "general", "any h, U of both signs", text_only=True)
tail = sp.integrate(sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi), (z, sp.sqrt(c), sp.oo))
w = sp.Symbol("w", positive=True)
chi2 = sp.integrate(sp.exp(-w / 2) / sp.sqrt(2 * sp.pi * w), (w, c, sp.oo)).rewrite(sp.erf)
check("eq:lrt-mixture", tail.rewrite(sp.erf), chi2 / 2, "general", "every c > 0", text_only=True)

# %% [markdown]
# How good is the limit? In $J$ groups of $\bar n$ the statistic is known exactly. With
# $\nu = J(\bar n - 1)$ and the ratio of mean squares $\mathcal F \equiv M_B / M_W$, REML has
# $\hat\omega = \max(1, \mathcal F)$ for $\omega \equiv 1 + \bar n\theta^2$ {eq}`eq:anova-slope`,
# and so
#
# $$
# d_R(0) - d_R(\hat\theta)
# = (J\bar n - 1) \log \frac{(J - 1) \mathcal F + \nu}{J\bar n - 1} - (J - 1) \log \mathcal F
# $$ (eq:lrt-one-way)
#
# if $\mathcal F > 1$, and zero if not. It grows with $\mathcal F$, so that the likelihood ratio
# test is the F test of the analysis of variance, and that one is exact: under the hypothesis
# $\mathcal F$ has Fisher's law. The statistic is zero with the probability of $\mathcal F \le 1$:
# for three groups
#
# $$
# \Pr(\mathcal F \le 1) = 1 - (1 + 2/\nu)^{-\nu/2},
# $$ (eq:lrt-zero)
#
# more than one half; it becomes one half as the number of groups grows, and not by larger groups.

# %%
J, n_bar, F, omega = sp.symbols("J n_bar F omega", positive=True)
nu = J * (n_bar - 1)
criterion = (J - 1) * sp.log(omega) + (J * n_bar - 1) * sp.log(nu + (J - 1) * F / omega)  # M_W = 1
(best,) = sp.solve(sp.numer(sp.together(criterion.diff(omega))), omega)
left = criterion.subs(omega, 1) - criterion.subs(omega, best)
right = (J * n_bar - 1) * sp.log(((J - 1) * F + nu) / (J * n_bar - 1)) - (J - 1) * sp.log(F)
for at in (
    {J: 4, n_bar: 3},
    {J: 2, n_bar: 2},
    {J: 7, n_bar: 5},
):  # logarithms of sums: size by size
    sizes = f"J = {at[J]}, n_bar = {at[n_bar]}"
    check("eq:lrt-one-way", left.subs(at), right.subs(at), "symbolic", sizes, text_only=True)
for size in (2, 3, 5):
    nu = 3 * (size - 1)
    law = w ** R(nu - 2, 2) * sp.exp(-w / 2) / (2 ** R(nu, 2) * sp.gamma(R(nu, 2)))
    below = sp.integrate(sp.expand((1 - sp.exp(-w / nu)) * law), (w, 0, sp.oo))  # SS_B / 2 < w / nu
    sides = below, 1 - (1 + R(2, nu)) ** R(-nu, 2)
    check("eq:lrt-zero", *sides, "exact", f"J = 3, n_bar = {size}", text_only=True)

assert sp.limit(1 - (1 + 2 / w) ** (-w / 2), w, sp.oo) == 1 - sp.exp(-1)  # three large groups

dyes = rm.load_dataset("Dyestuff")
none, some = rm.lm("Yield ~ 1", dyes), rm.lmer("Yield ~ 1 + (1 | Batch)", dyes)
found = none.criterion - some.criterion
F_dyes = stats.f_oneway(*(rows for _, rows in dyes.groupby("Batch", observed=True)["Yield"]))
link("eq:lrt-one-way", right.subs({J: 6, n_bar: 5, F: F_dyes.statistic}), found, rm.lmer)
tails = [F_dyes.pvalue, stats.chi2.sf(found, 1) / 2, stats.chi2.sf(found, 1)]
p_values = dict(zip(["F (exact)", "mixture", "chi-square"], tails, strict=True))
print(pd.Series(p_values, name="Dyestuff").round(5).to_string())
zero = {groups: stats.f.cdf(1, groups - 1, groups * 4) for groups in (3, 6, 20, 100, 1000)}
print("Pr(F < 1) by number of groups of 5:", {key: round(float(v), 3) for key, v in zero.items()})

# %% [markdown]
# ## What to take away
#
# - Every number of the summary is $\hat\theta$ and linear algebra. In balanced data the fixed part
#   is a t test of one number a subject.
# - Standard errors take $\theta$ for known. With few groups, use Student's law with Satterthwaite's
#   or Kenward and Roger's degrees of freedom: {doc}`d14_freedom`.
# - To test that a variance is zero, halve the p-value of $\chi^2_1$: right for many groups. In a
#   balanced one-way layout the F test is exact; {doc}`d15_likelihood_ratio` has the exact law for
#   any.
#
# The code: `result.Fit.vcov`, `result.Fit.se`, `result.Fit.aic`, `result.Fit.bic`,
# `result.Fit.residuals` and `result.Fit.summary`. It prints no degrees of freedom and no p-values,
# as lme4.
