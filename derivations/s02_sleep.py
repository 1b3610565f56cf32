# %% [markdown]
# # Eighteen subjects
#
# Example 23.7 of the chapter: reaction times of 18 subjects on ten days, on most of them after
# short nights. Each subject has a line of its own, and the lines vary about a common one. `refmixed
# study sleep --out FOLDER` writes what is on this page.

# %%
from IPython.display import display
from shown import table

from refmixed import plots
from refmixed.studies import STUDIES

# %% [markdown]
# ## The data and three kinds of lines

# %% mystnb={"image": {"alt": "eighteen subjects, each with its points and three lines"}}
display(plots.pooling())

# %% [markdown]
# ## The model

# %%
study = STUDIES["sleep"].run()
print(study.fit.summary())

# %% [markdown]
# The common line starts at 251 ms and rises by 10.5 ms a day. Subjects differ in both: the standard
# deviation of their slopes, 5.9 ms a day, is more than half of the common slope, so that a subject
# with a slope of zero is within two of them. Intercept and slope of a subject are nearly
# uncorrelated, 0.07. `Correlation of Fixed Effects` is something else: of the errors of the two
# estimates, not of the subjects.

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
# gives it, in the plane of intercept and slope. Not all arrows point at the centre: intercept and
# slope of a subject are estimated with correlated errors, and the model knows it,
# {doc}`d09_shrinkage`.

# %% mystnb={"image": {"alt": "arrows from each subject's own line to the model's"}}
display(study.figure())

# %% [markdown]
# All numbers behind the arrows, with standard errors: alone from the subject's own ten observations
# (with the residual variance of all), together the posterior standard deviation given the fixed
# effects.

# %% tags=["hide-output"]
table(study.table, 2)
