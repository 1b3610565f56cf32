# %% [markdown]
# # Assignment 7: prediction and its errors
#
# A prediction without an error is half of an answer. In this assignment you work out how far off
# predictions are, for the population, for a group with data, and for one without.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import marginal
from refmixed.marginal import Marginal
from validation.course.pages import agrees, box, four_rows

page("c07_prediction")

# %% tags=["remove-input"]
box("hw7")

# %% [markdown]
# ## What to do, and why
#
# First the covariance of two errors, that of $\hat\beta$ and that of $\hat\gamma$. Then the errors
# of any predictions, in which both occur. Two formulas are for groups of one size, with known
# variances. Last, three intervals from your own data: `half_widths = [..., ..., ...]`.
#
# Many programs print a standard error of $\hat\beta$ and one of $\hat\gamma$, and nothing that says
# how the two errors go together. If you add the squares of the two, intervals for groups with data
# are far too long. If you take the first alone, intervals for groups without data are far too
# short.
#
# ## What you need
#
# The page `d08_prediction`. $\hat\gamma$ is {eq}`eq:blup`, a matrix $G$ times the residuals, so an
# error of $\hat\beta$ goes through $G$ into $\hat\gamma$. What $\gamma$ does when $\beta$ is known
# is in {eq}`eq:posterior-covariance`. {eq}`eq:new-group` is all that is known of a group without
# data, and {eq}`eq:blup-weights` says how a prediction depends on the responses. {eq}`eq:interval`
# is the step from a variance to an interval, and the table below it says which variance belongs to
# which interval. For your own data take any program that fits a mixed
# model and gives its variances; with these, the functions that you wrote do the rest.
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b, the model
# `y ~ 1 + (1 | group)` at $\theta = 1$. From assignment 2 you know that $V_0$ has the diagonal 2,
# and 1 within a group. Its inverse has $\frac23$ and $-\frac13$ there. All variances are over
# $\sigma^2$.
#
# **The two errors.** $X^\top V_0^{-1} X$ is $4 \cdot \frac23 - 4 \cdot \frac13 = \frac43$, so the
# variance of $\hat\beta$ is $\frac34$. A row of $G$ has $\frac23 - \frac13 = \frac13$ for each row
# of its group. If $\hat\beta$ is too large by 1, both residuals of a group are too small by 1, and
# the effect is too small by $\frac23$. So the covariance of the two errors is $-\frac23$ times
# $\frac34$, for both groups.

# %%
third = sp.Rational(1, 3)
Z = sp.Matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
one = sp.ones(4, 1)
V0 = sp.eye(4) + Z * Z.T
assert V0.inv() == sp.eye(4) - third * Z * Z.T
beta_var = (one.T * V0.inv() * one).inv()[0]
G = Z.T * V0.inv()
assert (beta_var, G[0, 0]) == (sp.Rational(3, 4), third)
cross = -sp.Rational(2, 3) * beta_var * sp.ones(1, 2)
link("eq:joint-covariance", cross, four_rows("hw7", "cross_cov").value, Marginal.cross_cov)
cross

# %% [markdown]
# **A group's mean.** When $\beta$ is known, $\gamma_a$ has the precision $1 + 2 = 3$ and the
# variance $\frac13$. The mean of group a is $\beta + \gamma_a$. Of an error of $\hat\beta$ only
# $1 - \frac23 = \frac13$ is left in it, since $\hat\gamma_a$ makes up for the rest. Together
# $\frac13 + \frac19 \cdot \frac34 = \frac5{12}$. That is less than the $\frac34$ of the
# population's mean: the data tell more about this group than about all groups there might be.
#
# **The difference of the two groups.** In $\gamma_b - \gamma_a$ the error of $\hat\beta$ drops out.
# There remain two independent parts of $\frac13$.
#
# The table of covariances has the population's mean, the mean of a, and this difference. What
# stands beside the diagonal is found in the same way: the two means share $\frac34 \cdot \frac13$,
# the error of $\hat\beta$ that is left in both, and the mean of a shares $-\frac13$ with the
# difference.

# %%
left = sp.Matrix([1, third, 0])  # of an error of beta
of_gamma = sp.Matrix([[0, 0], [1, 0], [-1, 1]])
table = left * beta_var * left.T + of_gamma * third * of_gamma.T
twelfth = sp.Rational(1, 12)
assert table == twelfth * sp.Matrix([[9, 3, 0], [3, 5, -4], [0, -4, 8]])
assert agrees("hw7", "error_cov", table)
link("eq:prediction-variance", table, four_rows("hw7", "error_cov").value, Marginal.error_cov)
table

# %% [markdown]
# **A new group.** Its mean is predicted by $\hat\beta$, and is off by its own effect besides:
# $\frac34 + 1 = \frac74$. One row of it has an error more, $\frac{11}4$. So for $N = m = 2$,
# $r = 1$ and $\sigma = \sigma_g = 1$ your two formulas must give $\frac{11}4$ and $\frac23$.

# %%
y = pd.DataFrame({"y": [1.0, 3, 6, 10], "group": list("aabb")})
fit = rm.lmer("y ~ 1 + (1 | group)", y, theta=[1.0])
new = pd.DataFrame({"group": ["c"]})
found = fit.predict(new, new_levels="population", se=True)["se"].iloc[0] ** 2 / fit.sigma**2
link("eq:prediction-variance-new", [sp.Rational(7, 4)], [found], rm.Fit.predict)
[beta_var, beta_var + 1, beta_var + 2]

# %% [markdown]
# ## Three exercises to check yourself
#
# **1.** Add the squares of the two standard errors of the four rows, that of $\hat\beta$ and that
# of $\hat\gamma_a$, as if the errors were independent. How much longer is the interval for the mean
# of group a than it should be?
#
# :::{dropdown} Solution
# $\hat\gamma_a$ has the error variance $\frac13 + \frac49 \cdot \frac34 = \frac23$. The sum is
# $\frac34 + \frac23 = \frac{17}{12}$ in place of $\frac5{12}$, and the interval is
# $\sqrt{17/5} \approx 1.84$ times as long as it should be.
# :::
#
# **2.** A study has very many schools. Their standard deviation is 3 points and that of pupils in
# a school 4. How long is half of a 95 % interval for a pupil of a new school? And for the mean
# of a hundred pupils of it?
#
# :::{dropdown} Solution
# The population's mean is known. One pupil: $1.96 \sqrt{9 + 16} = 9.8$. The mean of a hundred:
# $1.96 \sqrt{9 + 0.16} \approx 5.93$. Averaging many pupils of one school does not help against
# the school.
# :::
#
# **3.** What is the error of a group's predicted mean where $\theta = 0$, and where $\theta$ is
# huge? Say it for $N$ groups of $m$ rows.
#
# :::{dropdown} Solution
# At $\theta = 0$ all rows count alike for all groups: $\sigma^2/(Nm)$, the variance of the grand
# mean. For a huge $\theta$ each group stands alone: $\sigma^2/m$, the variance of its own mean.
# :::

# %% tags=["hide-input"]
model = marginal.at(fit.design, np.ones(1))
independent = model.beta_cov[0, 0] + model.gamma_error_cov[0, 0]
assert np.isclose(independent, 17 / 12)
assert round(np.sqrt(17 / 5), 2) == 1.84
z = 1.959963984540054
assert [round(z * np.sqrt(v), 2) for v in (9 + 16, 9 + 16 / 100)] == [9.8, 5.93]
N, m, theta = sp.symbols("N m theta", positive=True)
kappa = m * theta**2 / (1 + m * theta**2)
v = kappa / m + (1 - kappa) / (N * m)  # eq:one-way-prediction
assert [sp.limit(v, theta, end) for end in (0, sp.oo)] == [1 / (N * m), 1 / m]
three = marginal.at(fit.design, np.array([3.0]))
found_v = three.error_cov(np.ones((1, 1)), np.array([[1.0, 0]]))
link("eq:one-way-prediction", [v.subs({N: 2, m: 2, theta: 3})], found_v[0], Marginal.error_cov)

# %% [markdown]
# ## To discuss
#
# A school asks for an interval for its own mean, and a parent for one for a child who will go to
# this school. A minister asks how a new school will do. Which variances belong in which interval?
# All take $\theta$ for known: for whom does that matter most, with twelve schools in the study?
