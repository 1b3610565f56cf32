# %% [markdown]
# # Capstone: crossed subjects and raters
#
# A study from beginning to end: 33 subjects under three conditions, each judged by 25 raters. Do
# the conditions differ? You analyse data of your own, say how far wrong simpler models would have
# been and why, and write a report.

# %%
from itertools import product

import numpy as np
import pandas as pd
import sympy as sp
from checks import link, page

import refmixed as rm
from refmixed import penalized
from validation.course.assignments.crossed_ratings import FORMULAS
from validation.course.pages import box

page("c10_capstone")

# %% tags=["remove-input"]
box("capstone")

# %% [markdown]
# ## What to do, and why
#
# Your file has 2,475 rows with a condition (a, b, c), a subject, a rater and a rating: every rater
# judged every subject under every condition. Four models are to be compared:

# %% tags=["remove-input"]
print("\n".join(FORMULAS))

# %% [markdown]
# The tasks are graded by machine, as in the assignments: two formulas, and from your data three
# lists of numbers, which are to be right in three digits, so any program will do. Mean squares will
# do, too, as the design is balanced.
#
# **The report** has ten points more, so that there are thirty in all. `capstone_report.md` is its
# template: keep the headings, and put your text in the place of the sentences under them. It is
# read by your lecturer, by the rubric below.
#
# Ratings by several people of several people are common in psychology, medicine and linguistics.
# Random intercepts alone are quickly written, and so is a mean over the raters. The estimates are
# then the same. What differs is how sure one is of them.
#
# ## What you need
#
# Assignments 8 and 9; {eq}`eq:se` and {eq}`eq:satterthwaite` for the last task. For the formulas:
# {eq}`eq:group-mean` is the variance of a mean of rows that share an effect. {eq}`eq:balanced-vcov`
# shows that in a balanced design a fixed effect is estimated by the mean of what each subject alone
# would say. {eq}`eq:anova-within` and {eq}`eq:anova-between` give the means of sums of squares of
# one factor; here there are five parts, those of conditions, subjects, raters, subjects by
# conditions and raters by conditions, and what is left. The smaller model pools some of them.
#
# The page `s05_raters` is a simulation of this design with a tenth of the ratings missing. Read its
# first half now, and its section *Why*, which has numbers in the place of your first formula, when
# you have found that.
#
# ## Four rows by hand
#
# Two conditions, two subjects, one rater:
#
# | | condition a | condition b | b - a |
# |---|---|---|---|
# | subject 1 | 1 | 3 | 2 |
# | subject 2 | 6 | 10 | 4 |
#
# The estimate of b less a is 3 in every model. Its standard error is not.
#
# **No random effects.** Within the conditions the squares are $2 \cdot \frac{25}{4}$ and
# $2 \cdot \frac{49}{4}$, 37 in all, on two degrees of freedom. The variance of the difference of
# two means of two is $\frac{37}{2} (\frac12 + \frac12)$.
#
# **Subjects.** Take the mean of each subject off. The differences 2 and 4 are left, and their mean
# has the variance $\frac{2}{2} = 1$: this is the paired t test.

# %%
R = sp.Rational
y = sp.Matrix([[1, 3], [6, 10]])  # a row a subject
within = sum((y[s, c] - (y[0, c] + y[1, c]) / R(2)) ** 2 for s in (0, 1) for c in (0, 1))
plain = within / 2 * (R(1, 2) + R(1, 2))
differences = [y[s, 1] - y[s, 0] for s in (0, 1)]
paired = sum((d - R(3)) ** 2 for d in differences) / (2 - 1) / 2
four = pd.DataFrame({"rating": [1.0, 3, 6, 10], "condition": list("abab"), "subject": list("1122")})
fits = [rm.lm("rating ~ condition", four), rm.lmer("rating ~ condition + (1 | subject)", four)]
for variance, fit in zip((plain, paired), fits, strict=True):
    link("eq:se", np.sqrt(float(variance)), fit.se.iloc[1], rm.lmer)
plain, paired

# %% [markdown]
# With one rater, what a subject does under a condition is a part of the errors: it cannot be told
# from them, and need not be. The paired test is right.
#
# **A second rater who agrees.** Let a second rater give the same four ratings. Nothing new is known
# of the two subjects. A model with intercepts of subjects and raters now has eight rows. The
# squares beside conditions, subjects and raters double from 1 to 2, and have
# $8 - 1 - 1 - 1 - 1 = 4$ degrees of freedom; each mean is of four rows. So it reports the variance
# $\frac{2}{4} (\frac14 + \frac14) = \frac14$, a quarter of the right one. With 25 raters who agree
# it is far less still. That is what goes wrong, and effects of subjects under conditions repair it.

# %%
one = sum((d - R(3)) ** 2 for d in differences) / 2  # squares beside conditions and subjects
freedom = 8 - 1 - 1 - 1 - 1
reported = 2 * one / freedom * (R(1, 4) + R(1, 4))
twice = pd.concat([four.assign(rater="1"), four.assign(rater="2")], ignore_index=True)
fixed = rm.lm("rating ~ condition + subject + rater", twice)  # with the same residuals
link("eq:se", np.sqrt(float(reported)), fixed.se.iloc[1], rm.lm)
reported / paired

# %% [markdown]
# Your second formula has sizes for 2, 2 and 2, and must be $\sigma^2 + \frac12 (\alpha^2 + \tau^2)$
# there.
#
# ## The report
#
# | section | points | what earns them |
# |---|---|---|
# | 1 Summary | 1 | an estimate with an interval, and a claim that does not exceed it |
# | 2 Design | 1 | crossed, nested and within are right; the population is named |
# | 3 Model | 2 | formula and symbols agree; the design is the reason for each random effect |
# | 4 Results | 1 | numbers with units and sensible digits; a picture that shows what it should |
# | 5 How far wrong | 2 | what each model takes for independent; formulas compared with the table |
# | 6 Checks | 1 | one check that could have changed the conclusion, and what came of it |
# | 7 What next | 1 | three plans by the formula, and a choice |
# | 8 How to run this again | 1 | somebody else can, and gets the numbers of the report |
#
# For the lecturer: a report with a wrong model, consistently explained, may earn sections 1, 2, 4,
# 6 and 8. "Significant" without an estimate earns nothing in section 1. Reports differ in their
# numbers, as data do; `refmixed course make capstone --student NAME --out FOLDER` makes a student's
# data again.
#
# ## Three exercises to check yourself
#
# **1.** Subjects under conditions have the standard deviation 0.6, raters under conditions 0.4,
# errors 1. Does it help more to have 66 subjects instead of 33, or 50 raters instead of 25?
#
# :::{dropdown} Solution
# The standard error of a contrast is 0.192, as your formula must say. With 66 subjects it is 0.158,
# with 50 raters 0.172. More subjects help more, because theirs is the largest part.
# :::
#
# **2.** A colleague takes the mean of the 25 ratings of each subject under each condition, and does
# a paired t test with the 33 differences between b and a. For which question is this right?
#
# :::{dropdown} Solution
# For what these 25 raters would say of other subjects. Subjects are a sample in it, and raters are
# not: what a rater has against a condition is the same in all 33 differences, and does not show in
# how they vary. With the numbers above the standard error is 0.156, and not 0.192.
# :::
#
# **3.** In another study each subject is under one condition only, eleven under each. Which random
# effect can no longer be told from another one? Is the standard error of b less a larger or
# smaller?
#
# :::{dropdown} Solution
# Subjects and subjects under conditions have the same groups of rows: one of the two terms is left.
# The error is larger. The whole difference between two subjects is in the contrast now, and there
# are eleven for a mean, not 33.
# :::


# %% tags=["hide-input"]
def frame_of(subjects, raters):
    """Every rater with every subject under every condition."""
    rows = product(map(str, range(subjects)), "abc", map(str, range(raters)))
    frame = pd.DataFrame(rows, columns=["subject", "condition", "rater"])
    return frame.assign(rating=np.arange(len(frame)) % 7)


def error(subjects, raters, by_rater=0.4):
    """The standard error of a contrast where sigma is 1, from the matrices of the last model."""
    made = rm.design(FORMULAS[-1], frame_of(subjects, raters))
    theta = {"subject": 1.0, "rater": 1.0, "subject:condition": 0.6, "rater:condition": by_rater}
    at = penalized.solve(made, np.array([theta[term.name] for term in made.terms]))
    return np.sqrt(np.linalg.inv(at.RX.T @ at.RX)[1, 1])


assert [round(error(*n), 3) for n in ((33, 25), (66, 25), (33, 50))] == [0.192, 0.158, 0.172]
assert round(error(33, 25, by_rater=0.0), 3) == 0.156

frame = frame_of(6, 3)
own = frame["subject"].astype(int) % 3 == frame["condition"].map({"a": 0, "b": 1, "c": 2})
between = frame[own].reset_index(drop=True)
both = rm.design("rating ~ condition + (1 | subject) + (1 | subject:condition)", between)
assert np.array_equal(both.terms[0].Z, both.terms[1].Z)

# %% [markdown]
# ## To discuss
#
# Raters know the conditions or they do not; subjects take part once under each condition, in some
# order; a rater grows tired. Each of these is in the errors or in an effect of your model. Which
# can make the interval too short? Which could you have seen in the data, if the file had one more
# column?
