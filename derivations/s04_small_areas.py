# %% [markdown]
# # Three thousand two hundred counties
#
# Example 23.1 of the chapter, with as many counties as there are: a survey of 25,600 people, eight
# a county on average, reaches most with a few respondents and some with none. The population is
# that of {doc}`s01_counties`. `refmixed study small-areas --out FOLDER` runs it, and writes the
# table, a row for each county, and the picture.

# %%
from _book.shown import table
from IPython.display import display

from refmixed.studies import STUDIES
from refmixed.studies.shared import Z

# %% [markdown]
# ## Who is to be believed
#
# Three estimates for every county: the mean of its respondents, the mean of all respondents, and
# the mixed model's. By number of respondents in the county:

# %% mystnb={"image": {"alt": "error by respondents: partial pooling is always lowest"}}
study = STUDIES["small-areas"].run()
display(study.figure())

# %%
fit = study.fit
print(f"mean {fit.beta[0]:.4f} (truth 1), between {fit.theta * fit.sigma:.4f} (0.25),", end=" ")
print(f"within {fit.sigma:.4f} (0.5)")

# %%
table(study.table.rename(columns={"covered": "95 % interval holds the truth"}))

# %% [markdown]
# With fewer than $\sigma^2 / \sigma_\gamma^2 = 4$ respondents a county's own mean is worse than the
# mean of all. The posterior mean is the best in every row in which somebody answered. Where nobody
# did it is the fixed effect, and its error is the spread between counties; where many did it comes
# close to the county's own mean. The last column is the share of counties whose posterior interval,
# mean ± 1.96 standard deviations, holds the truth. With so many counties the variances are as good
# as known, and the share is near 0.95 in each class, up to chance: the last has few counties.
#
# ## A map's extremes
#
# The counties with the highest and the lowest estimates are those that a map shows first. Without
# pooling they are counties of a few respondents:

# %%
reached = study.rows.dropna()
extremes = {
    name: reached.loc[(reached[name] - reached[name].mean()).abs().nlargest(100).index]
    for name in ("no pooling", "partial pooling", "truth")
}
medians = [found["respondents"].median() for found in extremes.values()]
print(f"respondents in a county, median: {reached['respondents'].median():.0f}")
for name, median in zip(extremes, medians, strict=True):
    print(f"in the 100 most extreme by {name}: {median:.0f}")

# %% [markdown]
# The truly extreme counties are not especially small. The shrunken estimates err the other way:
# a county must bring evidence to be called extreme, {eq}`eq:group-size`.
#
# And the level of the intervals is an average over counties, not a promise to each of them:

# %%
for name in ("truth", "partial pooling"):
    found = study.rows.loc[extremes[name].index]
    inside = ((found["partial pooling"] - found["truth"]).abs() <= Z * found["sd"]).sum()
    print(f"of the 100 most extreme by {name} the intervals hold {inside}")

# %% [markdown]
# The truly extreme counties are pulled in too far. But one cannot know which they are, and of those
# that look extreme the intervals hold what they should.
#
# ## Without a matrix of 3,200 columns
#
# The counties are independent, so that the logarithm of the determinant and the sums of squares are
# sums over parts of 40 counties each, and given the variances so are the normal equations for the
# fixed effects: {doc}`d11_blocked`. These are the same numbers as one fit gives; a test compares
# them.
#
# ```{literalinclude} ../refmixed/studies/independent.py
# :pyobject: at
# ```
