# %% [markdown]
# # Assignment 8: degrees of freedom, and the test of a variance
#
# A t value needs degrees of freedom, and a variance cannot be below zero. Here you work out
# Satterthwaite's degrees of freedom with your own hands, and a test of a variance whose law is
# known for any number of groups.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page
from scipy import stats

import refmixed as rm
from refmixed.after.fixed import satterthwaite
from refmixed.after.ratio.one_variance import OneVariance
from validation.course.assignments.freedom import freedom, information
from validation.course.pages import agrees, box, four_rows

page("c08_inference")

# %% tags=["remove-input"]
box("hw8")

# %% [markdown]
# ## What to do, and why
#
# First what the data tell of the variances, then the degrees of freedom of one contrast. Then the
# test of one variance: when is its estimate zero, and how likely is that, by maximum likelihood in
# small data? Last, four numbers from your own data, in which half of the groups were treated:
# `tests = [p, p, p, df]`.
#
# Software prints degrees of freedom such as 17.3, and few readers know what they say: how well the
# *variance* of an estimate is known. And many papers test a variance by $\chi^2_1$, whose
# p-value is too large. Both are short calculations.
#
# ## What you need
#
# `d14_freedom` up to {eq}`eq:satterthwaite-balanced`: a variance $v$ and its slopes
# {eq}`eq:vcov-slope`, the variance of its estimate by the delta method, and the information. The
# last comes from {eq}`eq:information` on `d07_optimize`, which is for *minus twice* the
# log-likelihood. The $P$ has $V$ in place of $V_0$ here. The covariance of $y$ is
# $V = \sum_a \phi_a V_a$, one matrix for each variance: the errors, and each kind of groups.
#
# For the test: {eq}`eq:lrt-law`, the statistic in terms of eigenvalues; {eq}`eq:lrt-furthest`, a
# bound for the rest of the data, of which you want the limit at $\tau = 0$ and $c = 0$: expand the
# logarithms to first order in $\tau$. {eq}`eq:lrt-one-way` has the statistic for groups of one
# size, and says that it grows with the ratio of mean squares. {eq}`eq:lrt-zero` is Fisher's law for
# three groups. Both are for a model with one mean. In your own data there are two, with the
# treatment and without: count the contrasts between groups anew.
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b, and the model
# `y ~ 1 + (1 | group)`. Both variances are 1, $V = I + ZZ^\top$, and the mean has the variance
# $v = \frac34$.
#
# **The information.** $P$ takes the mean out. On the two contrasts within groups it is 1, on the
# one between the groups $\frac13$, as $V$ has 1 and 3 there. The matrices of the two variances are
# $I$, which is 1 everywhere, and $ZZ^\top$, which is 0 within groups and 2 between. So the three
# traces are $1 + 1 + \frac19$, then $\frac13 \cdot \frac23$, and $\frac23 \cdot \frac23$, and half
# of them is

# %%
ninth = sp.Rational(1, 9)
by_hand = sp.Matrix([[2 + ninth, 2 * ninth], [2 * ninth, 4 * ninth]]) / 2
assert agrees("hw8", "information", by_hand)
by_hand

# %% [markdown]
# **Degrees of freedom.** The mean of four rows has the variance
# $v = (\sigma^2 + 2 \sigma_g^2) / 4$. Its slopes in the two variances are $\frac14$ and $\frac12$.
# The estimated variances have the inverse of the information as their covariance, so that of
# $\hat v$ is $\frac98$. A multiple of $\chi^2_\nu$ with the mean $\frac34$ has the variance
# $2 \cdot \frac{9}{16} / \nu$. The two agree for $\nu = 1$: two groups, less one.

# %%
slopes = sp.Matrix([sp.Rational(1, 4), sp.Rational(1, 2)])
of_v = (slopes.T * by_hand.inv() * slopes)[0]
dof = 2 * sp.Rational(3, 4) ** 2 / of_v
assert (of_v, dof) == (sp.Rational(9, 8), 1)
assert agrees("hw8", "freedom", dof)
rows = pd.DataFrame({"y": [1.0, 3, 6, 10], "group": list("aabb")})
fit = rm.lmer("y ~ 1 + (1 | group)", rows)
found = fit.test_fixed("satterthwaite-expected", type=None)["df"]
link("eq:satterthwaite-profiled", [dof], found, satterthwaite.freedom)
[of_v, dof]

# %% [markdown]
# Your function must do the same for unequal groups, where the answer is no whole number. This is
# what the definition gives for the sleep study without every third row, beside refmixed, which
# takes another road:

# %%
sleep = rm.load_dataset("sleepstudy").drop(index=range(0, 100, 3))
some = rm.lmer("Reaction ~ Days + (1 | Subject)", sleep)
X, codes = some.design.X, some.design.terms[0].codes
parts = np.array([np.eye(len(X)), codes[:, None] == codes], dtype=float)
variances = some.sigma**2 * np.array([1.0, float(some.theta.to_numpy()[0]) ** 2])
Vinv = np.linalg.inv(np.tensordot(variances, parts, 1))
vcov = np.linalg.inv(X.T @ Vinv @ X)
known = information(X, Vinv, vcov, parts)
by_definition = [freedom(ell, X, Vinv, vcov, parts, known) for ell in np.eye(2)]
found = some.test_fixed("satterthwaite-expected", type=None)["df"]
link("eq:satterthwaite-profiled", by_definition, found, satterthwaite.freedom)
print(found)

# %% [markdown]
# **When is the variance estimated as zero?** Without it, $P$ takes the mean out, and $Z^\top P Z$
# has the diagonal 1 and $-1$ beside it: one eigenvalue is 2, the other 0. The squares of the data
# are $|a|^2 = 36$ between the groups and $b = 2 + 8 = 10$ within. There are 3 contrasts. To first
# order in $\tau$ the restricted likelihood gains $3 \cdot 2\tau \cdot 36 / 46$ and loses $2\tau$.
# It gains if $46 / 36 < 3$: the bound for $b / |a|^2$ is 2, and $\frac{10}{36}$ is far below.

# %%
Z = sp.Matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
P0 = sp.eye(4) - sp.ones(4, 4) / 4
assert sorted((Z.T * P0 * Z).eigenvals()) == [0, 2]
y = sp.Matrix([1, 3, 6, 10])
within = (sp.eye(4) - Z * Z.T / 2) * y
b, total = within.dot(within), (y.T * P0 * y)[0]
assert (b, total - b) == (10, 36)
tau = sp.Symbol("tau", positive=True)
gain = 3 * sp.log(total / ((total - b) / (1 + 2 * tau) + b)) - sp.log(1 + 2 * tau)
assert sp.diff(gain, tau).subs(tau, 0) == 3 * 2 * sp.Rational(36, 46) - 2
link("eq:lrt-mass", [2], four_rows("hw8", "at_zero").value, OneVariance.at_zero)

# %% [markdown]
# **Three p-values.** The mean squares are $36 / 1$ and $10 / 2$, and their ratio is
# $\mathcal F = 7.2$. By {eq}`eq:lrt-one-way` the statistic is
# $3 \log \frac{7.2 + 2}{3} - \log 7.2 \approx 1.388$. By $\chi^2_1$ that is $p = 0.239$, by the
# mixture half of it, $0.119$. Exactly it is the probability that Fisher's ratio with 1 and 2
# degrees of freedom is above 7.2, which is $1 - \sqrt{7.2 / 9.2} = 0.115$.

# %%
D = 3 * np.log(9.2 / 3) - np.log(7.2)
p = stats.chi2.sf(D, 1)
exact = 1 - np.sqrt(7.2 / 9.2)
assert [round(one, 3) for one in (D, p, p / 2, exact)] == [1.388, 0.239, 0.119, 0.115]
row = fit.test_random().table.iloc[1]
assert np.allclose([row[f"Pr({law})"] for law in (">Chisq", "mixture")], [p, p / 2])
link("eq:lrt-tail", [exact], [row["Pr(exact)"]], OneVariance.sf)
print(row[["LRT", "Pr(>Chisq)", "Pr(mixture)", "Pr(exact)"]])

# %% [markdown]
# Where the variance is zero, the restricted estimate for three groups of two is zero with a
# probability of $1 - (3/5)^{3/2} = 0.535$, by {eq}`eq:lrt-zero`. Your formula for maximum
# likelihood must give more than that: this estimate is smaller.

# %%
three = rm.lmer("y ~ 1 + (1 | g)", pd.DataFrame({"y": [1.0, 3, 6, 10, 4, 4], "g": list("aabbcc")}))
zero = OneVariance.of(three.design, reml=True).zero[0]
link("eq:lrt-zero", 1 - sp.Rational(3, 5) ** sp.Rational(3, 2), zero, OneVariance.zero)
assert round(zero, 3) == 0.535

# %% [markdown]
# ## Three exercises to check yourself
#
# **1.** A single row varies by $\sigma^2 + \sigma_g^2$. For groups of $m$ rows this is estimated by
# $(M_B + (m - 1) M_W) / m$, of two independent mean squares. How many degrees of freedom has the
# estimate for the four rows, by Satterthwaite's formula?
#
# :::{dropdown} Solution
# $M_B = 36$ has one degree of freedom, $M_W = 5$ has two, so the estimate is $\frac{41}2$. A mean
# square has the variance $2M^2 / \nu$: together $\frac14 (2 \cdot 36^2 + 5^2)$. So
# $\nu = 41^2 / (36^2 + \frac12 5^2) \approx 1.28$: hardly more than $M_B$ alone.
# :::
#
# **2.** A random intercept for six groups of five is tested, and the restricted statistic is 2.9. A
# paper reports $p = 0.089$. What would you report?
#
# :::{dropdown} Solution
# That is $\chi^2_1$. The mixture has half of it, 0.044. Six groups are few, and the exact law
# gives 0.035.
# :::
#
# **3.** Find Satterthwaite's degrees of freedom of the mean of $N$ groups of $m$ rows, for any
# variances. What do you get with the information of maximum likelihood?
#
# :::{dropdown} Solution
# $v = (\sigma^2 + m\sigma_g^2) / (Nm)$ is a multiple of what $M_B$ estimates, and $M_B$ has $N - 1$
# degrees of freedom. With $V^{-1}$ in place of $P$ the mean counts as known, and there are $N$.
# :::

# %% tags=["hide-input"]
found = 2 * sp.Rational(41, 2) ** 2 / (sp.Rational(2 * 36**2 + 5**2) / 4)
assert found == sp.Integer(41) ** 2 / (36**2 + sp.Rational(25, 2))
assert round(float(found), 2) == 1.28

six = pd.DataFrame({"y": np.arange(30.0) % 7, "g": np.repeat(list("abcdef"), 5)})
law = OneVariance.of(rm.design("y ~ 1 + (1 | g)", six), reml=True)
p = stats.chi2.sf(2.9, 1)
assert [round(one, 3) for one in (p, p / 2, law.sf(2.9)[0])] == [0.089, 0.044, 0.035]

ones, group = np.ones((6, 1)), np.kron(np.eye(3), np.ones((2, 1)))
parts = np.array([np.eye(6), group @ group.T])
Vinv = np.linalg.inv(1.5 * parts[0] + 0.4 * parts[1])
vcov = np.linalg.inv(ones.T @ Vinv @ ones)
for unknown, expected in ((vcov, 2), (0 * vcov, 3)):  # of a mean that is known nothing is unknown
    known = information(ones, Vinv, unknown, parts)
    assert np.isclose(freedom(np.ones(1), ones, Vinv, vcov, parts, known), expected)

# %% [markdown]
# ## To discuss
#
# The tests of a mean and of a variance both ask how many groups there are, and hardly how many
# rows. What follows for the plan of a study? And if the estimated variance of the groups is zero:
# do you take them out of the model and count all rows as independent?
