# %% [markdown]
# # Three thousand two hundred counties
#
# Example 23.1 of the chapter, at its full size: a survey of 25,600 people reaches most of 3,200
# counties with a few respondents, and some with none. `refmixed study small-areas --out FOLDER`
# writes what is on this page; the rows of its Parquet file are the counties.

# %%
from IPython.display import display
from shown import table

from refmixed.studies import STUDIES

# %% [markdown]
# ## Who is to be believed
#
# Three estimates for every county: the mean of its respondents, the mean of all respondents, and
# the mixed model's. By number of respondents in the county:

# %% mystnb={"image": {"alt": "error by respondents: partial pooling is always lowest"}}
study = STUDIES["small-areas"].run()
display(study.figure())

# %%
table(study.table.rename(columns={"covered": "95 % interval holds the truth"}))

# %% [markdown]
# A mean of one or two respondents is worse than no survey at all, and the mean of all does not know
# one county from another. The posterior mean is the best in every row. Where nobody answered it is
# the mean of all, and its error is the spread between counties; where many did it is the county's
# own mean. The last column is the share of counties whose posterior interval, mean ± 1.96 standard
# deviations, holds the truth. With so many counties the variances are as good as known, and the
# intervals keep their level in each class, up to chance: in the last class there are few counties.
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
# ## Without a matrix of 3,200 columns
#
# The counties are independent, so that the logarithm of the determinant and the sums of squares are
# sums over parts of 40 counties each, and given the variances so are the normal equations for the
# fixed effects. These are the same numbers as one fit gives; a test compares them.
#
# ```{literalinclude} ../refmixed/studies/independent.py
# :pyobject: at
# ```
