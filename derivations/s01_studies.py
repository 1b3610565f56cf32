# %% [markdown]
# # The chapter's simulations
#
# A population is described once and sampled as often as one likes. Each study below is a function
# of its seed: `refmixed study NAME --out FOLDER` writes the same table and the same picture again,
# byte for byte. The page runs the large ones with fewer replicates than the command does.

# %% tags=["hide-input"]
from IPython.display import display

from refmixed.studies import STUDIES, shrinkage

# %% [markdown]
# ## Fifty-two counties
#
# A thousand respondents live in 52 counties of unequal size, whose true mean incomes are known.
# Left: each estimate against the truth; an estimator without shrinkage lies along the dashed line,
# and the mixed model's line is flatter, because it pulls the extremes in. Right: both estimates
# with two standard errors, the counties with the fewest respondents first; a dash is the truth.

# %% tags=["hide-input"]
counties = STUDIES["counties"].run()
display(counties.figure())
display(counties.rmse.rename("root mean square error").to_frame())

# %% [markdown]
# Both columns estimate the mean of a county. The coefficients of a model with an intercept would
# not: they are differences from the first county, and their standard errors are those of
# differences.
#
# ## Eighteen subjects
#
# An arrow leads from the line of a subject alone to its line in the mixed model, in the plane of
# intercept and slope.

# %% tags=["hide-input"]
display(STUDIES["sleep"].run().figure())

# %% [markdown]
# ## Shrinkage
#
# Four groups, 100 observations, the groups the same in each replicate. The three estimators have
# one estimand, the mean of a group: without pooling it is the group's own mean, with complete
# pooling the mean of all, and with partial pooling the fixed effect plus the group's random effect.
# Partial pooling takes on a little bias towards the mean of all for a little less variance; with
# 25 observations a group there is little to gain, which is why the second picture has four times
# the error.

# %% tags=["hide-input"]
display(shrinkage.run(nsim=200).figure())
noisy = shrinkage.run(nsim=200, error_scale=4.0)
display(noisy.figure())
display(noisy.table.pivot(index="group", columns="estimator", values="rmse").round(3))

# %% [markdown]
# ## Three thousand two hundred counties
#
# A survey of 25,600 reaches most counties with a few respondents and some with none. The posterior
# mean has the smallest error in every row of the table; where nobody answered it is the mean of
# all. The counties are independent, so that the likelihood is a sum over parts of 40 counties:
# the same numbers as one fit, without a matrix of 3,200 rows and columns.

# %% tags=["hide-input"]
areas = STUDIES["small-areas"].run()
display(areas.figure())
display(areas.table.round(3))

# %% [markdown]
# The last column is the share of counties whose 95 % posterior interval holds the truth.
#
# ## Crossed raters
#
# Three conditions, 33 subjects, 25 raters, a tenth of the cells missing. The conditions do not
# differ; their effects vary by subject and by rater. A model with random intercepts alone reports
# standard errors of less than half of what they should be.

# %% tags=["hide-input"]
raters = STUDIES["raters"].run(nsim=8)
display(raters.figure())
display(raters.table.round(3))

# %% [markdown]
# The column `false` is the share of samples in which the difference of two equal conditions is more
# than 1.96 standard errors; it should be 0.05.
#
# ## Bias and coverage
#
# Balanced groups, by number of groups and observations a group. `ML` underestimates the variance
# between groups, `REML` does not; without pooling, the variance of the group means contains that of
# the errors, and an interval that takes the groups for fixed does not cover the mean of the
# population. Posterior intervals take the variances for known, which few groups do not allow.

# %% tags=["hide-input"]
display(STUDIES["coverage"].run(nsim=25).figure())
