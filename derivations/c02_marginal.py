# %% [markdown]
# # Assignment 2: the marginal model and its likelihood
#
# A mixed model has effects that nobody sees. Average over them, and a normal distribution of the
# responses is left: its mean is $X\beta$, and its covariance has all that is random. In this
# assignment you compute that covariance, estimate $\beta$ with it, and write down the likelihood.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import marginal
from refmixed.marginal import Marginal
from validation.course.pages import agrees, box, four_rows

page("c02_marginal")

# %% tags=["remove-input"]
box("hw2")

# %% [markdown]
# ## What to do, and why
#
# Write the three functions. Each gets everything that it needs: a mistake in one of them does not
# spoil the next. Then derive the two formulas on paper, and give each as a text, such as
# `correlation = "theta**2 / 2"`. Your formulas must hold for all values of the symbols.
#
# All that a mixed model says about data is in this likelihood. Estimates, standard errors and tests
# come from it.
#
# ## What you need
#
# The page `d02_marginal`. {eq}`eq:V` is the covariance, with weights, and {eq}`eq:log-density` the
# density. The estimate of $\beta$ is {eq}`eq:gls`; {eq}`eq:vcov` is its covariance.
# {eq}`eq:intraclass` is the correlation of two rows of equal weight; you need it for other weights.
# {eq}`eq:block-determinant` shows how to find a determinant from eigenvectors, for weights one; you
# need it for any weight.
#
# ## Four rows by hand
#
# Four rows in two groups, $y = (1, 3, 6, 10)$, the groups a, a, b, b. The model is `y ~ 1 +
# (1 | group)` at $\theta = 1$, with weights one.
#
# **The covariance.** $T$ is the identity. $Z Z^\top$ has ones where two rows share a group, and the
# errors add one to the diagonal:

# %%
V0 = sp.Matrix([[2, 1, 0, 0], [1, 2, 0, 0], [0, 0, 2, 1], [0, 0, 1, 2]])
link("eq:V", V0, four_rows("hw2", "V0").value, Marginal.V0)
V0

# %% [markdown]
# **The mean.** A block has twos on its diagonal and ones beside it. Its inverse has $\frac23$ on
# the diagonal and $-\frac13$ beside it; multiply the two to check.

# %%
block = sp.Matrix([[2, -1], [-1, 2]]) / 3
V0inv = sp.diag(block, block)
assert V0 * V0inv == sp.eye(4)
inverse = four_rows("hw2", "beta").arguments["V0inv"]
assert np.allclose(np.array(V0inv, dtype=float), inverse)
V0inv

# %% [markdown]
# Each row of it adds up to $\frac13$. So all rows count the same, $X^\top V_0^{-1} X = \frac43$,
# $X^\top V_0^{-1} y = \frac{20}{3}$, and $\hat\beta = 5$, the plain mean. (It is not always so:
# groups of different sizes have different weights.)

# %%
X, y = sp.ones(4, 1), sp.Matrix([1, 3, 6, 10])
information, right = (X.T * V0inv * X)[0], (X.T * V0inv * y)[0]
assert (information, right) == (sp.Rational(4, 3), sp.Rational(20, 3))
link("eq:gls", [right / information], four_rows("hw2", "beta").value, Marginal.beta)
right / information

# %% [markdown]
# **The density** at $\sigma = 1$ and $\beta = 5$. The residuals are $(-4, -2, 1, 5)$. For a group
# with residuals $s, t$ the quadratic form is $\frac23 (s^2 - st + t^2)$: $\frac23 \cdot 12 = 8$ in
# a and $\frac23 \cdot 21 = 14$ in b, 22 together. Each block has the determinant 3, so the
# determinant of $V$ is 9. The logarithm of the density is half of
# $-(4 \log 2\pi + \log 9 + 22)$:

# %%
r = y - 5 * X
assert V0.det() == 9
assert (r.T * V0inv * r)[0] == 22
by_hand = -(4 * sp.log(2 * sp.pi) + sp.log(9) + 22) / 2
assert agrees("hw2", "log_density", by_hand)
link("eq:log-density", float(by_hand), four_rows("hw2", "log_density").value, marginal.log_density)
by_hand

# %% [markdown]
# **The formulas.** At $\theta = 1$ with weights one your correlation must be $\frac12$, as in $V_0$
# above, and the logarithm of the determinant of a group of two must be $\log 3$.
#
# ## Three exercises to check yourself
#
# **1.** A group has nine rows, and the intraclass correlation is $\frac12$. How many independent
# rows, of the same variance, would give the mean of the group the same variance?
#
# :::{dropdown} Solution
# The variance of the mean is $1 + 8 \cdot \frac12 = 5$ times larger than for independent rows, so
# nine rows count as $\frac95$: less than two.
# :::
#
# **2.** In `y ~ 1 + (1 | g) + (1 | h)` let $\theta = (1, 2)$. What is the correlation of two rows
# that share a level of h, but not of g?
#
# :::{dropdown} Solution
# They share one effect, with variance $4\sigma^2$. A row has the variance $(1 + 4 + 1)\sigma^2$. So
# the correlation is $\frac46 = \frac23$.
# :::
#
# **3.** You multiply all weights by 2. What becomes of the ML estimates of $\sigma$, of $\theta$,
# and of the standard deviation of the groups? What becomes of the likelihood?
#
# :::{dropdown} Solution
# The responses are the same. So the covariance that fits them best is the same, and so is the
# likelihood. The variance of an error is $\sigma^2 / w$, so $\sigma$ becomes $\sqrt2$ times larger.
# The standard deviation of the groups is $\theta\sigma$. It stays, so $\theta$ is divided by
# $\sqrt2$.
# :::

# %% tags=["hide-input"]
nine = sp.eye(9) + sp.ones(9, 9)  # theta = 1
assert (sp.ones(1, 9) * nine * sp.ones(9, 1))[0] / 81 == 5 * sp.Rational(2, 9)

rng = np.random.default_rng(2)
data = pd.DataFrame({"g": np.repeat(list("abcdef"), 4), "h": list("uvwx") * 6})
data["y"] = rng.normal(size=24) + np.repeat(2 * rng.normal(size=6), 4)
crossed = marginal.at(rm.design("y ~ 1 + (1 | g) + (1 | h)", data), np.array([1.0, 2.0])).V0
correlation = crossed[0, 4] / np.sqrt(crossed[0, 0] * crossed[4, 4])
link("eq:V", 2 / 3, correlation, Marginal.V0)

once, twice = (
    rm.lmer("y ~ 1 + (1 | g)", data, reml=False, weights=np.full(24, w)) for w in (1.0, 2.0)
)
assert np.isclose(twice.sigma / once.sigma, np.sqrt(2))
assert np.isclose(once.theta.iloc[0] / twice.theta.iloc[0], np.sqrt(2))
assert np.isclose(twice.loglik, once.loglik)

# %% [markdown]
# ## To discuss
#
# A colleague says: "Every row of my data has the same distribution, so I take the plain mean and
# its usual standard error. The groups do not matter." Which part of this is right? What do groups
# do to the mean, and what to its standard error? When would it hardly matter?
