# %% [markdown]
# # Describing a population
#
# What does an estimator do in many samples? To answer, one describes a population, draws samples
# from it, and applies the estimator to each. This page shows how that is written; the pages after
# it are studies that do it. Who knows the R package regressinator will find its words again:
#
# | regressinator | refmixed |
# |---|---|
# | `predictor(rnorm, sd = 2)` | `predictor("normal", scale=2)`, or a distribution of scipy |
# | `predictor(rfactor, levels = c("A", "B"), prob = p)` | `factor("AB", p)` |
# | `by_level(group, A = 2, B = 3)` | the same, in a text or in a function |
# | `response(4 + 2 * x, error_scale = 1)` | `response("4 + 2 * x", error_scale=1)` |
# | `response(x, family = binomial())` | `response("x", family="binomial")` |
# | `sample_x(n = 100)`, `sample_y()` | `sample_x(population, 100, rng)`, `sample_y(sample, rng)` |
# | `sampling_distribution(fit, data, fn)` | `sampling_distribution(function, sample, nsim, seed)` |
#
# New are random effects and errors that are correlated within a group; and no randomness comes from
# anywhere but the generator or the seed that one hands over.

# %% tags=["imports"]
import numpy as np
import pandas as pd
import scipy.stats
from _book.shown import table

import refmixed as rm
from refmixed.population import (
    Sample,
    ar1,
    dirichlet,
    factor,
    population,
    predictor,
    random_effects,
    response,
    sample_x,
    sample_y,
    student_t,
)
from refmixed.study import failures, sampling_distribution

# %% [markdown]
# ## Parts
#
# A population has a part for each column. Predictors and factors are drawn first, each on its own.
# Then random effects and responses follow in their order, and may read every column that is there
# by then.

# %%
school = population(
    age=predictor(scipy.stats.uniform(6, 5)),  # a distribution of scipy, with its parameters
    group=factor("ABC", [0.5, 0.3, 0.2]),
    teacher=factor([f"t{k}" for k in range(8)], dirichlet(2)),  # shares drawn anew for each sample
    b=random_effects("teacher", "1 + age", [[4.0, -0.3], [-0.3, 0.05]]),
    score=response(
        "20 + 3 * age + by_level(group, A = 0, B = 2, C = 5) + b",
        error_scale="0.5 + 0.1 * age",  # errors that grow with age
        family=student_t(5),
    ),
)
rng = np.random.default_rng(1)
sample = sample_y(sample_x(school, 200, rng), rng)
table(sample.frame.head())

# %% [markdown]
# The column `b` is the sum over the teacher's effects in each row, intercept and slope. A predictor
# of several dimensions fills several columns. Errors are the error scale times a draw of the
# family: standard normal if nothing is said, or of any other distribution as it is, so that those
# of `student_t(5)` have a standard deviation of 1.29 times the scale. They may be autoregressive
# within groups, and a response may be a count instead: see `refmixed.population.families`.
#
# ## The same predictors, other responses
#
# `sample_y` on a sample keeps the predictors and draws random effects and responses again. For a
# designed experiment there is nothing to draw but these: a `Sample` is made of a data frame and a
# population.

# %%
design = rm.load_dataset("sleepstudy")[["Days", "Subject"]]
sleepers = population(
    b=random_effects("Subject", "1", 600),
    Reaction=response("250 + 10 * Days + b", error_scale=25, family=ar1(0.6, "Subject")),
)
again = sample_y(Sample(design, sleepers), rng)
table(again.frame.head(3))

# %% [markdown]
# The errors of a subject are correlated, 0.6 from one day to the next and 0.6 to the power of the
# lag between others.
#
# ## A sampling distribution
#
# A function of a data frame, which returns a fit, a number, a mapping of names to numbers or a data
# frame; where the samples come from; how many, and a seed. The result has a row for each replicate
# and term. What is the standard error of a slope worth if the errors are autoregressive and the
# model does not know it?


# %%
def slope(data: pd.DataFrame) -> pd.DataFrame:
    """Estimate and standard error of the slope."""
    fit = rm.lmer("Reaction ~ Days + (1 | Subject)", data)
    return pd.DataFrame({"term": ["Days"], "estimate": fit.beta["Days"], "se": fit.se["Days"]})


rows = sampling_distribution(slope, again, nsim=100, seed=1)
table(rows.head(3))

# %%
sd, se = rows["estimate"].std(), rows["se"].mean()
print(f"standard deviation of the estimates: {sd:.2f} ± {sd / np.sqrt(2 * (len(rows) - 1)):.2f}")
print(f"mean of the standard errors:         {se:.2f}")

# %% [markdown]
# Too little: the estimates scatter more than the model says. (The number after ± is the error of a
# standard deviation of a hundred normal numbers.)
#
# - Replicate `k` is a function of the seed and of `k` alone: the rows are the same, to the last
#   bit, for any number of `jobs`, in any order, and for any `nsim` that reaches `k`.
# - With `keep="file.parquet"` what is done is on disk after every 20 replicates. The same call
#   after an interruption goes on from there, and refuses to go on with something else.
# - From a population predictors are drawn anew for each replicate, from a sample with `new_x=True`.
# - What a function warns of is in the column `warning`. If it fails, the replicate has the text of
#   its error instead of an estimate, and the study ends with a warning:

# %%
import warnings


def fragile(data: pd.DataFrame) -> float:
    """Fails now and then."""
    if data["Reaction"].max() > 440:
        raise ValueError("too slow")
    return float(data["Reaction"].mean())


with warnings.catch_warnings(record=True) as given:
    warnings.simplefilter("always")
    rows = sampling_distribution(fragile, again, nsim=100, seed=1)
print(given[-1].message)
print(failures(rows))

# %% [markdown]
# The description of a study is kept with its rows: seed, number of replicates, versions of what it
# depends on, and what was sampled.

# %%
for name, value in rows.attrs["study"]["versions"].items():
    print(name, value)
