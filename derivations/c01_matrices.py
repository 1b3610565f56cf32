# %% [markdown]
# # Assignment 1: the matrices X, Z and Lambda
#
# A formula such as `y ~ time + (1 + time | group)` is three matrices and a short vector. In this
# assignment you make them yourself.

# %%
import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import covariance, marginal
from refmixed.design import RandomTerm
from validation.course.pages import agrees, box, four_rows

page("c01_matrices")

# %% tags=["remove-input"]
box("hw1")

# %% [markdown]
# ## What to do, and why
#
# Write the functions of the table. Each gets arrays or numbers and returns an array, or two. You
# may use numpy and loops; nobody counts lines. Then derive the formula of the last task on paper.
#
# Programs for mixed models have much the same algebra, but they order columns in different ways. If
# you have built $Z$ and $\Lambda$ once, you can read the output of any of them. All later
# assignments begin with these matrices.
#
# ## What you need
#
# The page `d01_model` has all but one thing. Row $i$ of $Z$ is {eq}`eq:Z`: it shows which columns a
# row fills, and in which order the columns stand. Some programs use another order,
# {eq}`eq:column-order`. {eq}`eq:theta` says where the entries of $\theta$ stand in the factor of
# one level, {eq}`eq:Lambda` how the factor of all levels is made of it, and {eq}`eq:Sigma` what the
# covariance of the effects is.
#
# The one thing is the interaction. Its columns are all products of a column of one factor and a
# column of the other. They stand in R's order: the columns of the first factor vary fastest.
#
# ## Four rows by hand
#
# Two groups, two times, and a treatment with three levels, 1, 2 and 3:
#
# | row | group | time | treatment | y |
# |---|---|---|---|---|
# | 1 | a | 0 | 2 | 1 |
# | 2 | a | 1 | 3 | 3 |
# | 3 | b | 0 | 3 | 6 |
# | 4 | b | 1 | 2 | 10 |
#
# **The interaction.** Treatment has the columns $t_2$ and $t_3$, which say whether a row has level
# 2, or level 3. The other side has the columns $b$ (the row is of group b) and time. Go along each
# row and multiply: $t_2 b$, $t_3 b$, $t_2 \cdot$ time, $t_3 \cdot$ time. Row 3 has $t_3 = b = 1$
# and all else zero, so it has a one in the second place only.

# %%
by_hand = sp.Matrix([[0, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 1, 0]])
assert agrees("hw1", "products", by_hand)
by_hand

# %% [markdown]
# **Z.** The term `(1 + time | group)` has $k = 2$ effects a level, so $q = 4$ columns: the
# intercept and the slope of a, then those of b. Row 2 is in group a at time 1. It has $(1, 1)$ in
# the columns of a, and zeros in those of b.

# %%
Z = sp.Matrix([[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]])
link("eq:Z", Z, four_rows("hw1", "Z").value, RandomTerm.Z)
Z

# %% [markdown]
# **The places of theta.** A factor of two effects has three entries. Counted from 0, as Python
# counts, they stand in the rows 0, 1, 1 and in the columns 0, 0, 1: first the first column from top
# to bottom, then the second. So $\theta = (1, \frac12, 1)$ is the factor

# %%
rows, columns = [0, 1, 1], [0, 0, 1]
link("eq:theta", [rows, columns], four_rows("hw1", "entries").value, covariance.entries)
factor = sp.Matrix([[1, 0], [sp.Rational(1, 2), 1]])
factor

# %% [markdown]
# **Lambda.** Both groups have the same factor. Nothing connects them, so $\Lambda$ has two copies
# of it on its diagonal.

# %%
half = sp.Rational(1, 2)
Lambda = sp.Matrix([[1, 0, 0, 0], [half, 1, 0, 0], [0, 0, 1, 0], [0, 0, half, 1]])
link("eq:Lambda", Lambda, four_rows("hw1", "repeated").value, covariance.repeated)
Lambda

# %% [markdown]
# **The variance of a line.** The factor times its transpose is the covariance of intercept and
# slope over $\sigma^2$: the variances are $1$ and $\frac14 + 1$, the covariance is $\frac12$. At
# time 0 the line of group a is its intercept, with the variance $1$. At time 1 it is intercept plus
# slope: add the two variances and twice the covariance, $1 + \frac54 + 1 = \frac{13}{4}$. These are
# the first two entries on the diagonal of $Z \Lambda \Lambda^\top Z^\top$:

# %%
variances = (Z * Lambda * Lambda.T * Z.T).diagonal()
assert list(variances) == [1, sp.Rational(13, 4)] * 2
variances

# %% [markdown]
# ## Three exercises to check yourself
#
# **1.** Forty teachers in ten schools, and the formula `y ~ 1 + (1 + x + z | school) +
# (1 | teacher)`. How many columns has $Z$? How many entries has $\theta$?
#
# :::{dropdown} Solution
# Three effects for each of ten schools and one for each of forty teachers: $30 + 40 = 70$ columns.
# A triangle of three has six entries, and the teachers have one: seven.
# :::
#
# **2.** What model is `(1 + time | group)` at $\theta = (2, 0, 0)$?
#
# :::{dropdown} Solution
# The slopes have variance zero, so all groups share one slope. It is `(1 | group)` at $\theta = 2$,
# with the same covariance of $y$.
# :::
#
# **3.** A factor with three levels has two columns in $X$ beside an intercept. What happens if it
# has three? And why may $Z$ have a column for each level?
#
# :::{dropdown} Solution
# The three columns add up to the intercept, so $X$ has rank 3 and not 4: infinitely many $\beta$
# fit equally well. In $Z$ nothing goes wrong, because the effects are not free. They have a
# distribution with mean zero, and that makes the answer unique.
# :::

# %% tags=["hide-input"]
rng = np.random.default_rng(1)
teachers = pd.DataFrame({"teacher": np.repeat(np.arange(40), 3), "school": np.arange(120) // 12})
for name in ("y", "x", "z"):
    teachers[name] = rng.normal(size=120)
schools = rm.design("y ~ 1 + (1 + x + z | school) + (1 | teacher)", teachers)
assert (schools.q, schools.m) == (70, 7)

six = {"y": rng.normal(size=6), "time": [0, 1, 2, 0, 1, 2], "group": list("aaabbb")}
small = pd.DataFrame(six)
slopes, intercepts = (
    rm.design(f"y ~ time + ({effects} | group)", small) for effects in ("1 + time", "1")
)
with_slopes = marginal.at(slopes, np.array([2.0, 0.0, 0.0])).V0
assert np.allclose(with_slopes, marginal.at(intercepts, np.array([2.0])).V0)

dummies = np.eye(3)[[0, 1, 2, 0, 1]]
assert np.linalg.matrix_rank(np.column_stack([np.ones(5), dummies])) == 3

# %% [markdown]
# ## To discuss
#
# Nothing says that the intercept comes first: `(0 + time + intercept | group)`, with a column of
# ones called `intercept`, is the same model. Which of $Z$, $\theta$, $\Lambda$, the covariance of
# the effects, and the covariance of $y$ change, and which do not? Which of them would you print in
# a paper?
