# %% [markdown]
# # Assignment 4: REML
#
# Maximum likelihood counts the coefficients as known. REML looks only at what they do not touch:
# combinations of the rows whose mean is zero whatever $\beta$ is. In this assignment you remove
# $X$, write down the criterion of what is left, and find variances with it.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import evaluation, marginal
from refmixed.design import from_arrays
from refmixed.marginal import Marginal
from validation.course.pages import agrees, box, four_rows

page("c04_reml")

# %% tags=["remove-input"]
box("hw4")

# %% [markdown]
# ## What to do, and why
#
# First write the matrix $P$, which removes $X$: $PX = 0$. Then write the criterion that REML
# minimises, whose value lme4 prints. The first formula says what changes with the choice of
# contrasts; it also shows why the choice does not matter. The second is a REML estimate that you
# can compute without a program. Last, find two variances from your own data, and give them as a
# list, `estimates = [..., ...]`.
#
# REML is the default of lme4 and most other programs. If you report a variance, or a standard error
# that rests on one, you should know what REML repairs, and which of its criteria may be compared.
#
# ## What you need
#
# The page `d04_reml`. {eq}`eq:error-contrasts` says what an error contrast is, {eq}`eq:P` what $P$
# makes of $y$, {eq}`eq:P-annihilates` and {eq}`eq:r2-P` what you can test it by.
# {eq}`eq:restricted-likelihood` is $-2$ times the logarithm of the density before $\sigma$ is put
# in; {eq}`eq:beta-integrated` gives the constants. {eq}`eq:K-free` compares two sets of contrasts;
# you need the determinant of one special $C$. {eq}`eq:anova-within` and {eq}`eq:anova-between` are
# for groups of any size; solve them for what you want, and write both sums of squares in terms of
# pairs. For the last task use any program that fits a mixed model, or a pocket calculator.
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b, `y ~ 1 +
# (1 | group)` at $\theta = 1$, weights one. You know the inverse of $V_0$, that
# $X^\top V_0^{-1} X = \frac43$, that $\hat\beta = 5$ and that $r^2 = 22$.
#
# **P.** Each row of $V_0^{-1}$ adds up to $\frac13$. So $V_0^{-1} X$ is a column of
# $\frac13$, and what is taken off is $\frac13 \cdot \frac34 \cdot \frac13 = \frac1{12}$ in every
# place:

# %%
R = sp.Rational
block = sp.Matrix([[2, -1], [-1, 2]]) / 3
V0inv, X, y = sp.diag(block, block), sp.ones(4, 1), sp.Matrix([1, 3, 6, 10])
P = V0inv - sp.ones(4, 4) / 12
link("eq:P", P, four_rows("hw4", "P").value, Marginal.P)
assert P[0, :].tolist() == [[R(7, 12), R(-5, 12), R(-1, 12), R(-1, 12)]]
P

# %% [markdown]
# Its rows add up to zero, so $PX = 0$, and $y^\top P y$ is 22 again.

# %%
assert sp.zeros(4, 1) == P * X
(y.T * P * y)[0]

# %% [markdown]
# **Contrasts.** Forget $P$. Take the difference in a, the difference in b, and the difference of
# the two means: 2, 4 and 6. None of them has $\beta$ in it. A difference in a group loses the
# group's effect and has the variance $2\sigma^2$. A mean has the variance
# $(1 + \frac12) \sigma^2$, so a difference of two has $3\sigma^2$. The three are independent. Their
# quadratic form is $\frac{4}{2} + \frac{16}{2} + \frac{36}{3} = 22$, and the determinant of their
# covariance over $\sigma^2$ is $2 \cdot 2 \cdot 3 = 12$.

# %%
K = sp.Matrix([[-1, 1, 0, 0], [0, 0, -1, 1], [R(-1, 2), R(-1, 2), R(1, 2), R(1, 2)]]).T
V0 = V0inv.inv()
assert (K.T * X).is_zero_matrix
assert (K.T * y).T.tolist() == [[2, 4, 6]]
assert sp.diag(2, 2, 3) == K.T * V0 * K
link("eq:P-contrasts", K * (K.T * V0 * K).inv() * K.T, four_rows("hw4", "P").value, Marginal.P)

# %% [markdown]
# Now take others: each row less the first, 2, 5 and 9. They are not independent. Yet the
# quadratic form is 22, and the determinant is 12 as well. (With $K^\top K$ of another determinant
# it would be another number; here both have 4.)

# %%
other = sp.Matrix([[-1, 1, 0, 0], [-1, 0, 1, 0], [-1, 0, 0, 1]]).T
covariance, contrasts = other.T * V0 * other, other.T * y
assert (contrasts.T * covariance.inv() * contrasts)[0] == 22
assert (covariance.det(), (K.T * K).det(), (other.T * other).det()) == (12, 4, 4)
covariance

# %% [markdown]
# **The criterion.** The three contrasts have a normal density with mean zero: $3 \log 2\pi$, the
# logarithm of the determinant 12, and $\sigma$ at its best, $\hat\sigma^2 = \frac{22}{3}$.

# %%
sigma2 = R(22, 3)
criterion = 3 * sp.log(2 * sp.pi) + sp.log(12) + 3 * sp.log(sigma2) + 22 / sigma2
assert agrees("hw4", "reml_criterion", criterion)
answer = four_rows("hw4", "reml_criterion").value
link("eq:reml-criterion", float(criterion), answer, evaluation.profiled)
criterion

# %% [markdown]
# Your function gets $\log 9$ and $\log \frac43$ and must give the same.
#
# **The formulas.** In units ten times smaller the contrasts are 20, 40 and 60. The determinant is
# $10^6$ times larger, and the quadratic form stays: your first formula must give $6 \log 10$ for
# $n = 4$, $p = 1$, $c = 10$. As pairs the rows have $D = 4 + 16 = 20$, and the means 2 and 8 have
# $B = 9 + 9 = 18$. The sum of squares within is $1 + 1 + 4 + 4 = 10$, with two degrees of freedom;
# between it is $2 \cdot 18 = 36$, with one. So $\hat\sigma^2 = 5$ and $5 + 2 \hat\sigma_\gamma^2 =
# 36$, hence $\hat\sigma_\gamma^2 = \frac{31}{2}$:

# %%
tens = 10 * K
assert (tens.T * V0 * tens).det() == 12 * 10**6
rows = pd.DataFrame({"y": [1.0, 3, 6, 10], "group": list("aabb")})
fit = rm.lmer("y ~ 1 + (1 | group)", rows)
assert np.allclose([fit.sigma**2, fit.varcorr["group"].sd.iloc[0] ** 2], [5, 15.5], rtol=1e-6)
[R(10, 2), (R(36, 1) - R(10, 2)) / 2]

# %% [markdown]
# ## Three exercises to check yourself
#
# **1.** Two rows, $y = (1, 3)$, and the model `y ~ 1` without groups. Which contrasts are there,
# and what is the REML estimate of $\sigma^2$?
#
# :::{dropdown} Solution
# One, up to its units: the difference, 2. Its variance is $2\sigma^2$, and the most likely variance
# of a single number with mean zero is its square, 4. So $\hat\sigma^2 = 2$, the sample variance.
# Maximum likelihood has 1.
# :::
#
# **2.** You fit `y ~ time + (1 | group)` twice, with time in seconds and in milliseconds. What
# becomes of the REML criterion at a given $\theta$? May REML criteria of `y ~ 1` and of `y ~ time`
# be compared?
#
# :::{dropdown} Solution
# A column of $X$ is 1000 times larger, so the determinant of $X^\top V_0^{-1} X$ is $10^6$ times
# larger, and the criterion rises by $2 \log 1000 = 13.8$. The model is the same. So the criterion
# has no meaning between two different $X$: by a choice of units either of them would win.
# :::
#
# **3.** Ten groups of three have the mean squares 5 within and 20 between groups. What does REML
# estimate, $\theta$ included? And what if the second is 4?
#
# :::{dropdown} Solution
# $\hat\sigma^2 = 5$ and $\hat\sigma_\gamma^2 = (20 - 5)/3 = 5$, so $\hat\theta = 1$. With 4 the
# difference is negative. Then $\hat\theta = 0$, and one variance is left, of all squares together:
# $(20 \cdot 5 + 9 \cdot 4)/29 = \frac{136}{29}$.
# :::

# %% tags=["hide-input"]
two = rm.lm("y ~ 1", rows.iloc[:2])
assert np.isclose(two.sigma**2, 2)
assert np.isclose(rm.lm("y ~ 1", rows.iloc[:2], reml=False).sigma ** 2, 1)

seconds, milliseconds = (
    from_arrays(rows["y"], np.column_stack([np.ones(4), unit * time]), [(rows["group"], None)])
    for unit, time in ((1, np.arange(4) % 2), (1000, np.arange(4) % 2))
)
rise = marginal.criterion(milliseconds, np.ones(1)) - marginal.criterion(seconds, np.ones(1))
link("eq:reml-units", 2 * np.log(1000), rise, marginal.criterion)
assert round(rise, 1) == 13.8

level = (np.arange(10) - 4.5) / np.sqrt(82.5)  # its sum of squares is 1
for between, expected in ((20, (5, 5)), (4, (136 / 29, 0))):
    means = level * np.sqrt(9 * between / 3)  # three times their sum of squares is 9 M_B
    values = means[:, None] + np.array([-1, 0, 1]) * np.sqrt(5)  # ten sums of squares of 10
    table = pd.DataFrame({"y": values.ravel(), "g": np.repeat(list("abcdefghij"), 3)})
    estimate = rm.lmer("y ~ 1 + (1 | g)", table)
    found = estimate.sigma**2, estimate.varcorr["g"].sd.iloc[0] ** 2
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-8)

# %% [markdown]
# ## To discuss
#
# Someone wants to know which of two treatments is the better model, fits both by REML, and takes
# the one with the smaller criterion. A friend has read that one must then "use ML". What exactly is
# wrong with the first, and is the second free of what REML repairs? Which of the two would you use
# to compare two models of the random effects with the same $X$?
