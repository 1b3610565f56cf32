# %% [markdown]
# # Bias and coverage
#
# How good are variance estimates and intervals when there are few groups? Balanced groups,
# $y_i = \mu + \gamma_{g_i} + e_i$, with $\sigma_\gamma^2 = 1/2$ and $\sigma^2 = 1$; $J$ groups of
# $\bar n$, $J$ = 5, 10 or 30 and $\bar n$ = 3 or 10; a thousand samples of each. Three methods:
#
# - **ML** and **REML**: the mixed model. Intervals for $\gamma_j$ and $\mu + \gamma_j$ are
#   posterior mean ± 1.96 posterior standard deviations, which take the variances and $\mu$ for
#   known.
# - **no pooling**: a mean for each group and one residual variance for all, `lm(y ~ 0 + group)`.
#   For $\sigma_\gamma^2$ it has the variance of the group means, for $\mu$ their mean with the
#   standard error $\hat\sigma / \sqrt{n}$, as if every observation were independent.
#
# `refmixed study coverage --out FOLDER` runs it, and writes the whole table, its rows and the
# picture; the book reads the rows that `make studies` wrote in the same way. Numbers after ± are
# Monte Carlo standard errors.

# %%
from pathlib import Path

import numpy as np
from _book.shown import table, with_error
from IPython.display import display
from scipy.stats import t as student

from refmixed.studies import STUDIES
from refmixed.studies.coverage import SIGMA2, SIGMA_GAMMA2
from refmixed.studies.shared import NONE, Z

study = STUDIES["coverage"].read(Path("results/coverage.parquet"))


def wide(*terms, column="mean", digits=3):
    """A row for each layout, a column for each method and quantity."""
    found = study.table[study.table["term"].isin(terms)]
    found = found.assign(text=with_error(found[column], found["mcse"], digits))
    found = found.assign(label=found["method"] + (": " + found["term"] if len(terms) > 1 else ""))
    layouts = found.pivot(index=["groups", "size"], columns="label", values="text")
    return layouts[found["label"].unique()].reset_index()


# %% [markdown]
# ## Bias of the variances
#
# Between groups, where the truth is 0.5, mean estimate less truth:

# %%
table(wide("sigma_gamma^2", column="bias"))

# %% [markdown]
# If negative estimates were allowed, ML would be short by
# $(\sigma_\gamma^2 + \sigma^2 / \bar n) / J$, what the estimated mean takes away
# {eq}`eq:one-way-ml-bias`, and REML by nothing. But they become zero, which lifts both, most with
# few small groups. The share of samples with an estimate of zero:

# %%
variances = study.rows[study.rows["term"] == "sigma_gamma^2"]
zeros = (variances["estimate"] == 0).groupby([variances[c] for c in ("groups", "size", "method")])
table(zeros.mean().unstack()[["ML", "REML"]].reset_index())

# %% [markdown]
# Without pooling the variance of the group means is no estimate of the variance between groups; it
# is too large by $\sigma^2 / \bar n$, for any number of groups. This is a check of the simulation:

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
# observation on its mean, {eq}`eq:anova-within`. It is estimated as zero where the mean square
# within groups is by chance large and that between them small. The mixed models then average the
# two. That takes away high values and puts nothing in place of low ones, so that over all samples
# they are too low where zeros are frequent. ML divides by $J \bar n$, REML by $J \bar n - 1$.
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
# layout it is exact, but for samples with an estimate of zero, which make intervals too wide. ML's
# standard errors are too small; at 5 × 3 the two errors cancel. Without pooling no quantile can
# mend what is left out; the larger the groups the worse it is. This, too, can be computed:

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
# their random effect $\gamma_j$:

# %%
table(wide("covers gamma"))

# %% [markdown]
# And for the mean of a group, $\mu + \gamma_j$, beside the interval of its own observations:

# %%
table(wide("covers group mean"))

# %% [markdown]
# With five groups the variance between them may be estimated as zero, and then every interval has
# the width zero. With thirty the harm is small but to be seen. The mean of a group is better off
# than its random effect here. The error of $\hat\mu$ is left out of both intervals; it comes into
# $\hat\gamma_j$ with the factor $-\kappa$ and into the sum with $1 - \kappa$,
# {eq}`eq:partial-pooling`, and $\kappa$ is 0.60 for three observations and 0.83 for ten. Below 1/2
# it would be the other way round.
#
# The interval of a group's own mean does not depend on the other groups' means and keeps its level,
# up to the normal quantile where the residuals have few degrees of freedom. Its price is its width.
# With known variances it is wider by the factor $1 / \sqrt{\kappa}$: 1.29 for three observations,
# 1.10 for ten.
#
# ## All at a glance
#
# Each panel is a quantity, each line a method and a size of groups, over the number of groups. The
# dashed line is the truth, or for intervals the nominal 0.95. The estimates of $\mu$ have no panel:
# in a balanced layout they are the mean of all, by any method.

# %% mystnb={"image": {"alt": "seven quantities by method, number and size of groups"}}
display(study.figure())


# %% [markdown]
# ## The whole table

# %% tags=["hide-output"]
table(study.table.drop(columns="replicates"))
