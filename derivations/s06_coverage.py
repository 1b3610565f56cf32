# %% [markdown]
# # Bias and coverage
#
# How good are variance estimates and intervals when there are few groups? Balanced groups,
# $y = \mu + \gamma_g + e$, with $\sigma_\gamma^2 = 1/2$ and $\sigma^2 = 1$; 5, 10
# or 30 groups of 3 or 10; a thousand samples of each, fitted by ML, by REML, and without pooling.
# `refmixed study coverage --out FOLDER` writes what is on this page; the book reads the file that
# `make studies` wrote in the same way. Numbers after ± are Monte Carlo standard errors.

# %%
from pathlib import Path

import numpy as np
from IPython.display import display
from scipy.stats import t as student
from shown import table, with_error

from refmixed.studies import STUDIES
from refmixed.studies.coverage import SIGMA2, SIGMA_GAMMA2, Z
from refmixed.studies.shared import NONE

study = STUDIES["coverage"].read(Path("results/coverage.parquet"))


def wide(*terms, column="mean", digits=3):
    """A row for each layout, a column for each method and quantity."""
    found = study.table[study.table["term"].isin(terms)]
    found = found.assign(text=with_error(found[column], found["mcse"], digits))
    found = found.assign(label=found["method"] + (": " + found["term"] if len(terms) > 1 else ""))
    layouts = found.pivot(index=["groups", "size"], columns="label", values="text")
    return layouts[found["label"].unique()].reset_index()


# %% [markdown]
# ## All at a glance
#
# Each panel is a quantity, each line a method and a size of groups, over the number of groups. The
# dashed line is the truth, or for intervals the nominal 0.95.

# %% mystnb={"image": {"alt": "seven quantities by method, number and size of groups"}}
display(study.figure())

# %% [markdown]
# ## Bias of the variances
#
# Between groups, where the truth is 0.5, mean estimate less truth:

# %%
table(wide("sigma_gamma^2", column="bias"))

# %% [markdown]
# Maximum likelihood is short by about the share $1/m$ of $\sigma_\gamma^2 +
# \sigma^2 / k$ that the estimated mean takes away, for $m$ groups of $k$. REML is not, up to
# the samples in which its estimate would be negative and is zero: cutting off at zero lifts the
# mean, most for few small groups. Without pooling the variance of the group means is no estimate of
# the variance between groups; it is too large by $\sigma^2 / k$, for any number of groups.
# That can be computed, and is a check of the simulation:

# %%
none = study.table[(study.table["method"] == NONE) & (study.table["term"] == "sigma_gamma^2")]
off = (none["mean"] - SIGMA_GAMMA2 - SIGMA2 / none["size"]) / none["mcse"]
print("distance from theory, in Monte Carlo errors:", *(f"{z:.1f}" for z in off))

# %% [markdown]
# Within groups, where the truth is 1:

# %%
table(wide("sigma^2", column="bias"))

# %% [markdown]
# Where the variance between groups is estimated as positive all three agree: each group spends one
# observation on its mean, {eq}`eq:anova-within`. Where it is estimated as zero, as often happens
# with few small groups, the mixed models take all differences for errors, and when these
# differences are small their estimate is low; ML divides by one more on top of it.
#
# ## Coverage of the mean
#
# The share of samples in which a 95 % Wald interval, estimate ± width × standard error, holds
# $\mu$. With a normal quantile, 1.96:

# %%
table(wide("covers mu, normal"))

# %% [markdown]
# With the quantile of Student's t, with one degree of freedom less than there are groups for the
# mixed models, and the residual ones without pooling:

# %%
table(wide("covers mu, t"))

# %% [markdown]
# With five groups the normal quantile is far too small. With t, REML keeps the level: in a balanced
# layout it is exact, but for samples with an estimate of zero. ML's standard errors are too small
# on top of it. Without pooling every observation counts as independent, and no quantile can mend
# that; the larger the groups the worse it is. This too can be computed:

# %%
rows = study.table.query("method == @NONE and term == 'covers mu, normal'")
n = rows["groups"] * rows["size"]
ratio = np.sqrt((SIGMA2 / n) / (SIGMA2 / n + SIGMA_GAMMA2 / rows["groups"]))
expected = 2 * student.cdf(Z * ratio, n - rows["groups"]) - 1  # estimate over its error is t
table(rows[["groups", "size", "mean", "mcse"]].assign(expected=expected))

# %% [markdown]
# ## Coverage of the groups
#
# The share of groups whose interval, posterior mean ± 1.96 posterior standard deviations, holds
# their random effect $\gamma_g$:

# %%
table(wide("covers gamma"))

# %% [markdown]
# And for the mean of a group, $\mu + \gamma_g$, beside the interval of its own observations:

# %%
table(wide("covers group mean"))

# %% [markdown]
# Posterior intervals take the variances, and here also $\mu$, for known. With thirty groups that
# does little harm. With five the variance between groups may be estimated as zero, and then every
# interval has the width zero. The mean of a group is better off than its random effect: where
# $\hat\mu$ is too high, $\hat\gamma_g$ is too low, and the sum loses less than either. The interval
# of the group's own observations keeps its level whatever the other groups do, up to the normal
# quantile where the residuals have few degrees of freedom. It is wider; that is what it pays.
#
# ## The whole table

# %% tags=["hide-output"]
table(study.table.drop(columns="replicates"))
