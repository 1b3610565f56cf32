# %% [markdown]
# # Eighteen subjects
#
# Example 23.7 of the chapter: reaction times of 18 subjects on ten days, on most of them after
# short nights. Each subject has a line of its own, and the lines vary about a common one.
# `refmixed study sleep --out FOLDER` runs it, and writes the last table, the data and the last
# picture.

# %%
from _book.shown import table
from IPython.display import display

from refmixed import plots
from refmixed.studies import STUDIES

# %% [markdown]
# ## The data and three kinds of lines
#
# A panel for each subject, from the smallest slope in the mixed model to the largest, with the line
# of the subject's own ten points, the line of all subjects, and the mixed model's. Day 0 is the
# first day of the study, not of the short nights, {eq}`eq:errata-days`.

# %% mystnb={"image": {"alt": "eighteen subjects, each with its points and three lines"}}
display(plots.pooling())

# %% [markdown]
# ## The model

# %%
study = STUDIES["sleep"].run()
print(study.fit.summary())

# %% [markdown]
# The parts are explained in {doc}`s01_counties`. The common line starts at 251 ms and rises by 10.5
# ms a day. Subjects differ in both. Their slopes have a standard deviation of 5.9 ms a day, so that
# a slope of zero is less than two of them below the common one: the model's line of subject 335 is
# flat. Intercept and slope of a subject are nearly uncorrelated, 0.07; `Correlation of Fixed
# Effects` is something else, of the errors of the two estimates. The scaled residuals go from -4 to
# 5, which 180 normal numbers do not: a few reactions were much faster or slower than the day
# before.
#
# The last digits of the chapter's variances are those of an optimiser that stopped early,
# {eq}`eq:errata-digits`.

# %%
print(study.fit.varcorr)

# %% [markdown]
# ## Each subject
#
# The random effects, by subject. They are deviations from the common line.

# %%
table(study.fit.ranef()["Subject"].reset_index(names="Subject"), 2)

# %% [markdown]
# An arrow leads from the line that is fitted to a subject alone to the line that the mixed model
# gives it, in the plane of intercept and slope. Hardly any points at the centre. The slope of
# subject 337 even rises, away from the others: intercept and slope of its own line have errors with
# a correlation of -0.84, so that an intercept that was too high goes with a slope that was too low.
# The model knows it, {eq}`eq:shrinkage-matrix`.

# %% mystnb={"image": {"alt": "arrows from each subject's own line to the model's"}}
display(study.figure())

# %% [markdown]
# All numbers behind the arrows, with standard errors: alone from the subject's own ten observations
# (with the residual variance of all), together the posterior standard deviation given the fixed
# effects.

# %% tags=["hide-output"]
table(study.table, 2)
