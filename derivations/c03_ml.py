# %% [markdown]
# # Assignment 3: maximum likelihood and its bias
#
# Maximum likelihood is a good habit. Here you see where it fails: each new group brings a new
# unknown, the estimate of $\sigma^2$ goes to the wrong number, and more data do not help.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import evaluation, marginal
from refmixed.design import from_arrays
from refmixed.evaluation import Evaluation
from validation.course.pages import agrees, box, four_rows

page("c03_ml")

# %% tags=["remove-input"]
box("hw3")

# %% [markdown]
# ## What to do, and why
#
# First write the criterion that programs minimise, with $\beta$ and $\sigma$ at their best. Then
# find the mean of the ML estimate of $\sigma^2$ where many coefficients are estimated, as a formula
# in $J$, $\bar n$ and $\sigma$, written `J`, `n_bar`, `sigma`. Next, find out whether the unbiased
# estimate is the best one. Last, compute both estimates from your own data, and give them as a list
# of two numbers, `variances = [..., ...]`.
#
# This bias is why mixed models are fitted by REML, the next assignment. It is also a warning: many
# people give each subject a column in a regression, and maximise the likelihood of that.
#
# ## What you need
#
# The page `d03_likelihood`. {eq}`eq:deviance` is $-2 \log p$ before $\sigma$ is put in, and
# {eq}`eq:sigma-stationary` where its slope in $\sigma^2$ is zero. {eq}`eq:rss-law` gives the law of
# the residual sum of squares: a chi-square variable has the mean $\nu$ and the variance $2\nu$.
# {eq}`eq:neyman-scott-mean` is the mean for groups with means of their own. Your task has a slope
# as well. For the last task use any program that fits a regression.
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b.
#
# **Sigma and the criterion** of `y ~ 1 + (1 | group)` at $\theta = 1$. You know from assignment 2
# that $\hat\beta = 5$, that the quadratic form of the residuals is 22, and that the determinant of
# $V_0$ is 9. So $\hat\sigma^2 = \frac{22}{4} = \frac{11}{2}$.

# %%
pwrss, n, determinant = sp.Integer(22), 4, 9
sigma = sp.sqrt(pwrss / n)
link("eq:sigma", float(sigma), four_rows("hw3", "sigma").value, Evaluation.sigma)
sigma

# %% [markdown]
# The criterion is $-2 \log p$ at this $\sigma$. So it is a sum of three terms of the normal density
# of four residuals: $4 \log 2\pi$, the log determinant of $V$, $\log 9 + 4 \log \frac{11}{2}$, and
# the quadratic form, $22 / \frac{11}{2} = 4$.

# %%
criterion = 4 * sp.log(2 * sp.pi) + sp.log(determinant) + 4 * sp.log(sigma**2) + pwrss / sigma**2
assert agrees("hw3", "profiled", criterion)
answer = four_rows("hw3", "profiled").value
link("eq:ml-criterion", float(criterion), answer, evaluation.profiled)
criterion

# %% [markdown]
# **Groups with means of their own, and a slope.** The times are 0, 1, 0, 1. Within each group take
# the deviations from the mean: of $y$ they are $-1, 1, -2, 2$, of time $-\frac12, \frac12,
# -\frac12, \frac12$. The slope is the sum of their products over the sum of squares of time,
# $3 / 1$. It leaves $\frac12, -\frac12, -\frac12, \frac12$, with the sum of squares 1. Two means
# and a slope were estimated from four rows, so the two estimates of $\sigma^2$ are $\frac14$ and 1.

# %%
half = sp.Rational(1, 2)
within_y, within_time = sp.Matrix([-1, 1, -2, 2]), half * sp.Matrix([-1, 1, -1, 1])
slope = within_y.dot(within_time) / within_time.dot(within_time)
left = within_y - slope * within_time
rss = left.dot(left)
assert (slope, rss) == (3, 1)
rows = pd.DataFrame({"y": [1.0, 3, 6, 10], "time": [0, 1, 0, 1], "group": list("aabb")})
for divisor, reml in ((4, False), (1, True)):
    fit = rm.lm("y ~ group + time", rows, reml=reml)
    link("eq:sigma", float(rss / divisor), fit.sigma**2, rm.lm)
[rss / 4, rss / 1]

# %% [markdown]
# Your formula for the mean must give $\frac14 \sigma^2$ for $J = \bar n = 2$.
#
# **Which divisor?** With one degree of freedom $RSS / \sigma^2$ has the mean 1 and the variance 2.
# So $RSS/c$ has a mean squared error of $2/c^2 + (1/c - 1)^2$, in units of $\sigma^4$:

# %%
errors = [sp.Rational(2, c**2) + (sp.Rational(1, c) - 1) ** 2 for c in (1, 2, 3, 4)]
assert errors == [2, sp.Rational(3, 4), sp.Rational(2, 3), sp.Rational(11, 16)]
errors

# %% [markdown]
# These are the errors for $c = 1, 2, 3, 4$. The unbiased estimate, $c = 1$, has the largest one.
# Find the best $c$ for any $n$ and $p$, and compare it with this list.
#
# ## Three exercises to check yourself
#
# **1.** A regression has a coefficient for every ten rows. By how much is the ML estimate of
# $\sigma^2$ too small on average? And what does this do to a standard error?
#
# :::{dropdown} Solution
# By the share $p/n$: ten per cent. Standard errors go with the root, $\sqrt{0.9} \approx 0.949$, so
# they are five per cent too short.
# :::
#
# **2.** A paper has two measurements of each of 30 patients, a mean for each patient, and reports
# the ML estimate $\hat\sigma^2 = 2$. What is the unbiased one? Does it help to double the number of
# patients?
#
# :::{dropdown} Solution
# There are 60 rows and 30 means, so the sum of squares is 120, and $120 / 30 = 4$. It does not
# help: with pairs the ML estimate goes to half of $\sigma^2$, however many patients there are.
# :::
#
# **3.** You give reaction times in seconds instead of milliseconds. What becomes of the criterion
# at a given $\theta$? May you compare the criteria of two models that have different units?
#
# :::{dropdown} Solution
# The sum of squares is divided by $10^6$, so the criterion falls by $2 n \log 1000$. For four rows
# that is 55.26. Models of the same rows in different units cannot be compared by it.
# :::

# %% tags=["hide-input"]
assert round(np.sqrt(1 - 0.1), 3) == 0.949
rng = np.random.default_rng(3)
pairs = pd.DataFrame({"g": np.repeat([f"p{j:02d}" for j in range(30)], 2)})
pairs["y"] = rng.normal(size=60)
ml, unbiased = (rm.lm("y ~ g", pairs, reml=reml).sigma ** 2 for reml in (False, True))
link("eq:ml-reml-ratio", 2 / 4, ml / unbiased, rm.lm)

values = [
    marginal.criterion(
        from_arrays(rows["y"] / unit, np.ones((4, 1)), [(rows["group"], None)]),
        np.ones(1),
        reml=False,
    )
    for unit in (1, 1000)
]
assert round(values[0] - values[1], 2) == round(8 * np.log(1000), 2) == 55.26

# %% [markdown]
# ## To discuss
#
# The unbiased estimate has not the smallest mean squared error. The ML estimate is not unbiased,
# and in general it has not the smallest error either. Which would you report, and for what purpose?
# Does your answer change when there are 500 groups of two, and the estimate is used for the
# standard errors of all of them?
