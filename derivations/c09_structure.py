# %% [markdown]
# # Assignment 9: choosing the random structure
#
# A formula is quickly written, and a program takes almost any. Does it fit the labels of your data?
# Does it have the effects that the design asks for? And can the data tell its variances apart? In
# this assignment you answer all three before anything is fitted.

# %%
from itertools import product

import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import identifiability, marginal
from refmixed.blocked import tree
from refmixed.coordinates import behaved
from refmixed.design import RandomTerm, from_arrays
from refmixed.marginal import Marginal
from validation.course.assignments import school_day
from validation.course.pages import agrees, box, four_rows

page("c09_structure")

# %% tags=["remove-input"]
box("hw9")

# %% [markdown]
# ## What to do, and why
#
# First two functions about labels. In a file, the classes of each school may be called 1, 2, 3;
# then class 1 is many classes, and `(1 | class)` is a wrong model that runs without a word. Then
# count the parameters of a maximal model. Then two programs that disagree and are both right. Last,
# look at your own data, and say of seven models how many of their variances can be told apart, as a
# list of seven numbers, `told = [..., ...]`:

# %% tags=["remove-input"]
print("\n".join(school_day.FORMULAS))

# %% [markdown]
# Which factor has labels that are used again, what changes within a pupil, and where a pupil has
# more than one row, is different in your data and in your neighbour's. The response does not
# matter.
#
# Reviewers ask for maximal models, and programs answer with warnings about singular fits, or
# refuse. Who can count what a design tells knows which of them to heed.
#
# ## What you need
#
# **Crossed or nested.** A factor is *nested* in another where each of its levels lies in one level
# of the other, as classes in schools {eq}`eq:nested`. Two factors are *crossed* where levels of
# each meet several of the other. This is a fact of the rows, not of the formula, as long as each
# class has a label of its own. If labels are used again the formula must say so:
# `(1 | school:class)` has an effect for each combination that occurs, and `(1 | school/class)`
# stands for `(1 | school) + (1 | school:class)`. With codes $s$ of the school and $c$ of the label,
# of which there are $C$, a combination has the number $C s + c$. Those that do not occur get no
# column of $Z$.
#
# **Within or between.** A factor is *within* subjects where each subject has rows at several of its
# levels, and *between* them where each has one. A level can have a random effect of its own of
# what varies within it. The *maximal* model gives subjects an effect for each factor that is within
# them, and for the interactions of these factors, all correlated; and likewise items.
# {eq}`eq:parameter-count` counts. And if a subject has only one row under each condition, its
# effect there and the error of that row are one number.
#
# **What is told.** The page `d12_identifiability`, with {eq}`eq:linear-v` for the matrices $M_j$
# and {eq}`eq:kernel` for what cannot be told: it is enough to ask which of these matrices are
# equal, zero, or sums of others. {eq}`eq:slope-covariance` has them for an intercept and a slope.
#
# ## Four rows by hand
#
# The rows of the assignments before: $y = (1, 3, 6, 10)$ in the groups a, a, b, b. Say that the
# groups are schools, and that a second column has the labels of classes:
#
# | row | school | class | y |
# |---|---|---|---|
# | 1 | a | 1 | 1 |
# | 2 | a | 2 | 3 |
# | 3 | b | 2 | 6 |
# | 4 | b | 3 | 10 |
#
# **Where levels lie.** Class 1 has a row in a only, and class 3 in b only. Class 2 has rows in
# both: either the class goes to two schools, or two classes are called 2. With a and b as 0 and 1:

# %%
by_hand = [0, -1, 1]
assert agrees("hw9", "homes", by_hand)
by_hand

# %% [markdown]
# **School and class together.** With $C = 3$ labels, the rows have the numbers $3 \cdot 0 + 0$,
# $3 \cdot 0 + 1$, $3 \cdot 1 + 1$ and $3 \cdot 1 + 2$, of six that might be. Four occur:

# %%
schools, classes = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 2])
numbers = 3 * schools + classes
assert agrees("hw9", "without_gaps", [0, 1, 2, 3])
assert four_rows("hw9", "without_gaps").arguments["codes"].tolist() == numbers.tolist()
numbers

# %% [markdown]
# So `(1 | school:class)` has one row a level here, and $M_1$ is the unit matrix, as that of the
# errors: its variance cannot be told from $\sigma^2$. `(1 | class)` has three levels, and its
# matrix has a pair besides.

# %%
four = pd.DataFrame({"y": [1.0, 3, 6, 10], "school": list("aabb"), "class": [1, 2, 2, 3]})
four["class"] = four["class"].astype(str)


def matrices(formula, data):
    """The unit matrix, and Z Z' of each term with one effect."""
    made = rm.design(formula, data, allow_saturated=True)
    return [sp.eye(made.n), *(sp.Matrix((t.Z @ t.Z.T).astype(int)) for t in made.terms)]


def rank(found):
    """How many of some matrices are independent."""
    return sp.Matrix.hstack(*(M.reshape(len(M), 1) for M in found)).rank()


apart = matrices("y ~ 1 + (1 | school:class)", four)
alike = matrices("y ~ 1 + (1 | class)", four)
assert (rank(apart), rank(alike)) == (1, 2)
by_class = rm.design("y ~ 1 + (1 | class)", four).terms[0]
link("eq:random-intercepts-Z", np.eye(3)[classes], by_class.Z, RandomTerm.Z)
alike[1]

# %% [markdown]
# **Effects and parameters.** Give the four rows to a subject: school is then a factor A with two
# levels, and each level occurs within the subject. Two effects, an intercept and a difference, have
# two variances and one covariance.
#
# **Two programs.** A pair at $x = -1$ and $x = 1$, with independent intercepts and slopes that have
# the variances $\alpha^2$ and $\tau^2$. Both rows have the variance $\sigma^2 + \alpha^2 + \tau^2$,
# and their covariance is $\alpha^2 - \tau^2$. Three parameters, two numbers. The parameters
# $(\alpha^2, \tau^2, \sigma^2) = (3, 1, 2)$ and $(2, 0, 4)$ give the same:

# %%
one, x = sp.ones(2, 1), sp.Matrix([-1, 1])


def covariance_of_pair(intercepts, slopes, errors):
    """V of one pair."""
    return intercepts * one * one.T + slopes * x * x.T + errors * sp.eye(2)


assert covariance_of_pair(3, 1, 2) == covariance_of_pair(2, 0, 4)
pair = from_arrays([1.0, 3.0], np.ones(2), [(["g", "g"], None), (["g", "g"], [-1.0, 1.0])])
of_code = 2 * marginal.at(pair, np.sqrt([3 / 2, 1 / 2])).V0
link("eq:V", covariance_of_pair(3, 1, 2), of_code, Marginal.V0)
covariance_of_pair(3, 1, 2)

# %% [markdown]
# ## Three exercises to check yourself
#
# **1.** Thirty subjects judge twenty faces, each face once. Half of the faces smile; half of the
# subjects were paid. Which random slopes has the maximal model?
#
# :::{dropdown} Solution
# Smiling is within subjects and between faces; payment is between subjects and within faces. So it
# is `(1 + smile | subject) + (1 + paid | face)`. The interaction of both is in the fixed effects
# only.
# :::
#
# **2.** Schools 1 to 5 have classes 1 to 4 each, and the formula is `y ~ 1 + (1 | class)`. How many
# effects does it have, how many were meant, and what do the four stand for?
#
# :::{dropdown} Solution
# Four, where twenty were meant. Each is common to the five classes of one label, which have nothing
# else in common. The variance between classes goes into the errors.
# :::
#
# **3.** Each of 12 subjects has one row under each of three conditions: `y ~ condition +
# (1 + condition | subject)`. How many variances and covariances are there, with $\sigma^2$, and how
# many can be told? And what if each has two rows under each condition?
#
# :::{dropdown} Solution
# Six and $\sigma^2$. The rows of a subject have a $3 \times 3$ covariance, six numbers, and
# $\sigma^2$ is a part of its diagonal that may be as small as one likes: six of seven can be told.
# With two rows the difference of these tells $\sigma^2$: seven of seven.
# :::

# %% tags=["hide-input"]
faces = pd.DataFrame(list(product(range(30), range(20))), columns=["subject", "face"])
faces["smile"], faces["paid"] = faces["face"] % 2, faces["subject"] % 2
for factor, group, within in (
    ("smile", "subject", True),
    ("smile", "face", False),
    ("paid", "subject", False),
    ("paid", "face", True),
):
    lie_in_one = (tree.homes(faces[group].to_numpy(), faces[factor].to_numpy(), 30) >= 0).all()
    assert within != lie_in_one

rows = list(product("12345", "1234", range(3)))
reused = pd.DataFrame(rows, columns=["school", "class", "child"])
reused["y"] = np.arange(60) % 7
counts = [rm.design(f"y ~ 1 + (1 | {g})", reused).q for g in ("class", "school:class")]
assert counts == [4, 20]

for times, expected in ((1, 6), (2, 7)):
    rows = list(product(range(12), "abc", range(times)))
    seen = pd.DataFrame(rows, columns=["subject", "condition", "time"])
    seen["y"] = np.arange(len(seen)) % 7
    made = rm.design("y ~ condition + (1 + condition | subject)", seen, allow_saturated=True)
    known = identifiability.parameters(behaved(made).design, True)
    assert (1 + made.m, 1 + made.m - known.kernel.shape[1]) == (7, expected)

# %% [markdown]
# ## To discuss
#
# A colleague begins with the maximal model and leaves terms out until the program gives no warning.
# Another begins with random intercepts and adds terms whose likelihood-ratio test is significant. A
# third fits what the design asks for, and keeps a singular fit. When do they end with the same
# standard errors? Whose standard errors would you trust if the study has eight subjects?
