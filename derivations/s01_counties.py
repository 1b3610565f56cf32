# %% [markdown]
# # Fifty-two counties
#
# A survey asks a thousand people for their county and their income. What is the mean income of each
# county? Here the truth is known, because the survey is simulated: Example 23.6 of the chapter,
# with the same population. `refmixed study counties --out FOLDER` writes what is on this page.

# %%
from IPython.display import display
from shown import table

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
# - **REML criterion**: minus twice the restricted log-likelihood at its maximum,
#   {eq}`eq:reml-criterion`. By itself the number says nothing; between models with the same fixed
#   effects its differences do.
# - **Scaled residuals**: what is left of an income after county and mean, over the residual
#   standard deviation. With a thousand normal errors a smallest and a largest of about 3 are what
#   one expects.
# - **Random effects**: two variances, and below `Std.Dev.` their roots, in the units of the income.
#   Between counties the truth is 0.25, within them it is 0.5. The column describes the population
#   of counties; it is no standard error of anything.
# - **Number of obs, groups**: the counties that the survey reached. One of the 52 had so small a
#   share that nobody in the sample is from there.
# - **Fixed effects**: the mean over counties, each counting about alike whatever its number of
#   respondents, {eq}`eq:partial-pooling`. Its standard error knows that only so many counties were
#   drawn: it is far above the residual standard deviation over $\sqrt{1000}$. There is no p-value;
#   whether the mean income is zero was not the question.

# %%
print(f"residual sd / sqrt(n): {study.fit.sigma / study.fit.nobs**0.5:.4f}")

# %% [markdown]
# ## Estimates and truth
#
# Two estimates of a county's mean: the mean of its own respondents (no pooling, the coefficients of
# `lm(income ~ 0 + county)`), and the fixed effect plus the posterior mean of the county's random
# effect (partial pooling, what `coef()` of a mixed model adds up).
#
# On the left each is set against the truth. No pooling lies about the dashed line; the line of the
# mixed model is flatter, because it pulls the extremes in. On the right are both with two standard
# errors, the counties with the fewest respondents first, the truth as a dash. The intervals of
# small counties are wide alone and narrow together; for large counties the two estimates are nearly
# one. A county without respondents has no mean of its own. The mixed model gives it the mean of
# all, and the spread between counties as its error.

# %% mystnb={"image": {"alt": "small counties are estimated better with partial pooling"}}
display(study.figure())

# %%
table(study.rmse.rename("root mean square error").rename_axis("estimator").reset_index())

# %% [markdown]
# All counties, in the order of the letters:

# %% tags=["hide-output"]
table(study.table)

# %% [markdown]
# ## What not to compare
#
# The coefficients of `lm(income ~ county)`, with its intercept, are other quantities: differences
# from county A, whose own error is in each of them. Nor are the random effects of `ranef()` means
# of counties; they are differences from the mean of all. Set side by side, the two columns seem to
# differ by more than shrinkage: see {eq}`eq:errata-contrasts`.
#
# Why pulling in helps is derived in {doc}`d09_shrinkage`; how often it does, over many samples, is
# counted in {doc}`s03_shrinkage`.
