# %% [markdown]
# # Fifty-two counties
#
# A survey asks a thousand people for their county and their income. What is the mean income of each
# county? Here the truth is known, because the survey is simulated: Example 23.6 of the chapter,
# with a population drawn in the same way. `refmixed study counties --out FOLDER` runs it, and
# writes the table, the respondents and the picture.

# %%
from _book.shown import table
from IPython.display import display

from refmixed.studies import STUDIES

# %% [markdown]
# ## The population
#
# The counties differ by normal effects and in size: their shares of the respondents are drawn once
# from a Dirichlet distribution. A respondent is from a county with these probabilities, and has its
# mean income plus a normal error. A population is described, not drawn; `sample_x` then draws the
# counties of the respondents, and `sample_y` their incomes.
#
# ```{literalinclude} ../refmixed/studies/counties.py
# :pyobject: survey
# ```
#
# ```{literalinclude} ../refmixed/studies/counties.py
# :pyobject: run
# ```

# %%
study = STUDIES["counties"].run()
table(study.rows.head())

# %% [markdown]
# ## The model, and how to read its summary
#
# The mean of all is a fixed effect, the counties' differences from it are random effects.

# %%
print(study.fit.summary())

# %% [markdown]
# From the top:
#
# - The **title** says that the variances are REML estimates, **Formula** and **Data** what was
#   fitted to what.
# - **REML criterion**: minus twice the restricted log-likelihood at its maximum,
#   {eq}`eq:reml-criterion`. By itself the number says nothing; between models of the same rows with
#   the same fixed effects its differences do.
# - **Scaled residuals**: what is left of an income after fixed and random effects, over the
#   residual standard deviation. The least and the largest of a thousand standard normal numbers are
#   about -3.2 and 3.2.
# - **Random effects**: two variances, and under `Std.Dev.` their roots, in the units of the income.
#   The true standard deviations are 0.25 between counties and 0.5 within them. They describe the
#   population; they are no standard errors.
# - **Number of obs, groups**: respondents, and counties that were reached.
# - **Fixed effects**: the `Estimate` of the mean over counties, in which a county has a weight
#   in proportion to its $\kappa_j$, {eq}`eq:partial-pooling`. That is far from a weight in
#   proportion to its respondents:

# %%
ratio = study.fit.theta.iloc[0] ** 2
n = study.table["n"]
kappa = n * ratio / (1 + n * ratio)
print(f"respondents: {n.min()} to {n.max()};  kappa: {kappa.min():.2f} to {kappa.max():.2f}")

# %% [markdown]
# Its **standard error** knows that only 52 counties were drawn: it is more than twice the residual
# standard deviation over $\sqrt{1000}$. The **t value** is their ratio, for the hypothesis of a
# mean of zero, which nobody asked about.

# %%
print(f"residual sd / sqrt(n): {study.fit.sigma / study.fit.nobs**0.5:.4f}")

# %% [markdown]
# ## Estimates and truth
#
# Two estimates of a county's mean: the mean of its own respondents (no pooling, the coefficients of
# `lm(income ~ 0 + county)`), and the fixed effect plus the posterior mean of the county's random
# effect (partial pooling, what `coef()` of a mixed model adds up).
#
# Above each is set against the truth. No pooling lies about the dashed line; the line of the mixed
# model is flatter, because it pulls the extremes in. Below are both with their errors, the counties
# with the fewest respondents first. The bars of small counties are wide alone and narrow together;
# for large counties the two are nearly one. The errors are of two kinds: a standard error alone,
# and the posterior standard deviation, which takes the variances and the mean of all for known.

# %% mystnb={"image": {"alt": "small counties are estimated better with partial pooling"}}
display(study.figure())

# %%
table(study.rmse.rename("root mean square error").rename_axis("estimator").reset_index())

# %%
errors = study.table[["no pooling", "partial pooling"]].sub(study.table["truth"], axis=0).abs()
nearer = (errors["partial pooling"] < errors["no pooling"]).sum()
print(f"partial pooling is nearer to the truth in {nearer} of {len(errors)} counties")

# %% [markdown]
# All counties, with the random effects that `ranef()` gives:

# %% tags=["hide-output"]
table(study.table)

# %% [markdown]
# ## What not to compare
#
# The chapter goes on with the coefficients of `lm(income ~ county)`, with an intercept. They are
# other quantities: differences from county A, whose own error is in each of them. Nor are random
# effects the means of counties; they are differences from the mean of all. Beside each other they
# differ in what they estimate, and not by shrinkage alone: {eq}`eq:errata-contrasts`.
#
# Why pulling in helps is derived in {doc}`d09_shrinkage`. How much, is measured on 3,200 counties
# in {doc}`s04_small_areas`, and over many samples of four groups, where it can fail, in
# {doc}`s03_shrinkage`.
