# %% [markdown]
# # Assignment 5: the posterior of the random effects, and shrinkage
#
# The effects of groups are not parameters. They are random, nobody sees them, and what the data say
# about them is a distribution. Its mean is pulled towards zero, and its variance says how much is
# not known. In this assignment you compute both.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import marginal
from refmixed.marginal import Marginal
from validation.course.pages import agrees, box, four_rows

page("c05_posterior")

# %% tags=["remove-input"]
box("hw5")

# %% [markdown]
# ## What to do, and why
#
# First the matrix $G$ of the posterior mean, then the two covariances: where $\beta$ is known, and
# where it was estimated from the same rows. Then give a formula for two groups, in the standard
# deviations $\sigma$ of an error and $\sigma_\gamma$ of an effect, and in $n_1$ and $n_2$. Last
# come the shrunken means of the groups in your own data, a list of six numbers,
# `shrunken = [..., ...]`. The two standard deviations are given, so a pocket calculator is enough.
# Keep five digits.
#
# Rankings of schools, clinics and players rest on these means. If you take the groups' own means,
# small groups stand at both ends of the list, mostly by chance. And if you draw the means
# with error bars, you must say which of the two covariances is meant.
#
# ## What you need
#
# The page `d05_posterior`. {eq}`eq:orthogonal` says what $G$ must do; conditioning a joint normal
# distribution then gives {eq}`eq:posterior-mean`. {eq}`eq:total-variance` splits the variance of
# the effects into two parts, of which you want one; {eq}`eq:posterior-error` writes it as a sum of
# squares. {eq}`eq:blup-error` adds the error of $\hat\beta$, whose covariance is {eq}`eq:vcov`.
# {eq}`eq:group-square` is for one group of any size: precisions add. You need it for two groups,
# which are independent given $y$. For your own data see {eq}`eq:partial-pooling` on
# `d09_shrinkage`; there $\lambda$ is one over $\theta^2$. Which mean do the groups shrink to?
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b, `y ~ 1 +
# (1 | group)` at $\theta = 1$, weights one. So $T$ is the identity. You know the inverse of $V_0$,
# and that $\hat\beta = 5$ has the covariance $\frac34 \sigma^2$.
#
# **G.** Row a of $Z^\top V_0^{-1}$ adds up the two rows of $V_0^{-1}$ that belong to a:

# %%
block = sp.Matrix([[2, -1], [-1, 2]]) / 3
V0inv, Z, X = sp.diag(block, block), sp.Matrix([[1, 0], [1, 0], [0, 1], [0, 1]]), sp.ones(4, 1)
G = sp.Matrix([[1, 1, 0, 0], [0, 0, 1, 1]]) / 3
assert Z.T * V0inv == G
link("eq:posterior-mean", G, four_rows("hw5", "G").value, Marginal.G)
G

# %% [markdown]
# The residuals $y - 5$ are $(-4, -2, 1, 5)$. $G$ turns them into $-2$ and $2$. The groups' own
# means are 3 below and 3 above, and $-2$ is two thirds of $-3$: that is the shrinkage factor of two
# rows at $\theta = 1$. The shrunken means are 3 and 7, for 2 and 8.

# %%
gamma = G * sp.Matrix([-4, -2, 1, 5])
assert list(gamma) == [-2, 2]
model = four_rows("hw5", "G").arguments
assert np.allclose(model["T"], np.eye(2))
gamma.T

# %% [markdown]
# **The covariance, beta known.** $GZ = \frac23 I$, so a third of each effect is not found: this
# part has the variance $\frac13 \cdot 1 \cdot \frac13 = \frac19$. And $G$ takes a third of each of
# two errors for effects: $\frac19 + \frac19$. Together $\frac13$, for each group; between groups
# there is nothing.

# %%
third = sp.eye(2) / 3
unfound = sp.eye(2) - G * Z
assert unfound == third
assert 2 * sp.eye(2) / 9 == G * G.T
known = unfound * unfound.T + G * G.T
assert agrees("hw5", "gamma_cov", known)
link("eq:posterior-error", third, four_rows("hw5", "gamma_cov").value, Marginal.gamma_cov)
known

# %% [markdown]
# **The covariance, beta estimated.** If $\hat\beta$ is too large by $\delta$, each group's effect
# comes out too small by $\frac23 \delta$, because $GX$ is $\frac23$ for both. So $\frac23 \cdot
# \frac34 \cdot \frac23 = \frac13$ is added in all four places:

# %%
by_beta = sp.Rational(3, 4) * (G * X) * (G * X).T
assert by_beta == sp.ones(2, 2) / 3
estimated = known + by_beta
answer = four_rows("hw5", "gamma_error_cov").value
link("eq:blup-error", estimated, answer, Marginal.gamma_error_cov)
estimated

# %% [markdown]
# **The formula.** At $\sigma = \sigma_\gamma = 1$ and $n_1 = n_2 = 2$ yours must give
# $\frac13 + \frac13 = \frac23$. With $\beta$ estimated the variance of the difference is
# $\frac23 + \frac23 - 2 \cdot \frac13$, the same: here both effects have the same error by
# $\hat\beta$, and it cancels.

# %%
contrast = sp.Matrix([1, -1])
assert [(contrast.T * of * contrast)[0] for of in (known, estimated)] == [sp.Rational(2, 3)] * 2

# %% [markdown]
# ## Three exercises to check yourself
#
# **1.** The groups have a standard deviation half as large as that of an error. How many rows must
# a group have to keep nine tenths of its own mean?
#
# :::{dropdown} Solution
# Rows count four to one: with $\theta^2 = \frac14$ the factor is $n/(n + 4)$, and this is
# $\frac{9}{10}$ at $n = 36$.
# :::
#
# **2.** School A has two pupils who are 10 points above the mean on average, school B has 32 who
# are 6 above. $\sigma$ is twice $\sigma_\gamma$, and the mean of all is known. Which school is
# better?
#
# :::{dropdown} Solution
# The factors are $\frac26$ and $\frac{32}{36}$, so the posterior means are $\frac{10}{3}$ and
# $\frac{16}{3}$. B is better by what we know: the 10 of two pupils are mostly chance.
# :::
#
# **3.** Thousands of groups of four, $\sigma = 2$, $\sigma_\gamma = 1$, and $\beta$ is known. What
# is the variance of the true effects, of the groups' own mean residuals, and of the posterior
# means?
#
# :::{dropdown} Solution
# One for the effects. The own means have an error variance of $\frac44$ besides, so theirs is 2.
# The factor is $\frac12$, and $\frac14 \cdot 2 = \frac12$. Own means are spread out too much and
# posterior means too little. Neither histogram is that of the effects.
# :::


# %% tags=["hide-input"]
def posterior_mean(rows, above, theta):
    """Of a group whose rows are all so far above a known mean."""
    V0 = np.eye(rows) + theta**2 * np.ones((rows, rows))
    return theta**2 * np.ones(rows) @ np.linalg.inv(V0) @ np.full(rows, above)


assert np.isclose(posterior_mean(36, 10, 0.5), 9)
assert np.allclose([posterior_mean(2, 10, 0.5), posterior_mean(32, 6, 0.5)], [10 / 3, 16 / 3])

rng = np.random.default_rng(5)
many = pd.DataFrame({"g": np.repeat(np.arange(50), 4), "y": rng.normal(size=200)})
of_fours = marginal.at(rm.design("y ~ 1 + (1 | g)", many), np.array([0.5]))
own = of_fours.design.Z.T @ of_fours.V0 @ of_fours.design.Z / 16  # of the mean residuals
means = of_fours.G @ of_fours.V0 @ of_fours.G.T
variances = 4 * np.array([of_fours.T[0, 0], own[0, 0], means[0, 0]])
assert np.allclose(variances, [1, 2, 0.5])

# %% [markdown]
# ## To discuss
#
# A newspaper prints a list of hospitals by their posterior means. A small hospital in the middle of
# the list complains: its own patients did far better than that. Is the list fair to it? Is it fair
# to its next patient? What would you print beside the mean, and what would change if small
# hospitals were known to be worse?
