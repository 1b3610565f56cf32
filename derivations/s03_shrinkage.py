# %% [markdown]
# # Shrinkage in many samples
#
# Four groups with means 6, 7, 5 and 6.5, a hundred observations, normal errors with variance 1. The
# chapter (23.4) draws a thousand samples and sets two rows of histograms one below the other. Here
# are as many samples of the same population, and a comparison of like with like. `refmixed study
# shrinkage --out FOLDER` runs it, and writes the table, its rows and the first picture; the book
# reads the rows that `make studies` wrote in the same way.

# %%
from pathlib import Path

import numpy as np
import pandas as pd
from _book.shown import table, with_error
from IPython.display import display
from matplotlib.figure import Figure

import refmixed as rm
from refmixed.population import sample_x, sample_y
from refmixed.studies import STUDIES, shrinkage
from refmixed.studies.shared import COLOURS, COMPLETE, NONE, PARTIAL, plain

# %% [markdown]
# ## One estimand
#
# Estimates can be compared if they estimate the same thing. On one sample:

# %% tags=["hide-input"]
rng = np.random.default_rng(7)
data = sample_y(sample_x(shrinkage.groups(), 100, rng), rng).frame
alone = rm.lm("y ~ group", data)
mixed = rm.lmer("y ~ (1 | group)", data)
truth = pd.Series(shrinkage.EFFECTS) + shrinkage.MEAN
table(
    pd.DataFrame(
        {
            "group": truth.index,
            "coefficient of lm(y ~ group)": alone.beta.to_numpy(),
            "it estimates": [truth["A"], *(truth[1:] - truth["A"])],
            "ranef()": mixed.ranef()["group"]["(Intercept)"].to_numpy(),
            "it predicts": truth.to_numpy() - truth.mean(),
            "coef()": mixed.coef()["group"]["(Intercept)"].to_numpy(),
            "mean of the group": data.groupby("group")["y"].mean().to_numpy(),
            "they estimate": truth.to_numpy(),
        }
    )
)

# %% [markdown]
# A coefficient of lm is a mean in the first row and a difference from it in the others; a random
# effect is a difference from the mean of all. The last three columns are of one kind, and that is
# what the study compares:
#
# - **no pooling**: the group's own mean, the coefficient of `lm(y ~ 0 + group)`;
# - **complete pooling**: the mean of all observations;
# - **partial pooling**: fixed plus random effect, `coef()` of the mixed model.
#
# ## A thousand samples
#
# The groups of the observations are the same in each sample, the errors are drawn anew.

# %% mystnb={"image": {"alt": "three estimators in four groups; complete pooling is far off"}}
study = STUDIES["shrinkage"].read(Path("results/shrinkage.parquet"))
display(study.figure())

# %%
shown = study.table.assign(
    bias=with_error(study.table["bias"], study.table["bias_mcse"]),
    rmse=with_error(study.table["rmse"], study.table["rmse_mcse"]),
)
table(shown[["group", "estimator", "truth", "mean", "bias", "sd", "rmse"]])

# %% [markdown]
# The number after ± is the Monte Carlo standard error. With some 25 observations a group there is
# little to gain: partial pooling differs from no pooling in the second digit, with a bias towards
# the mean of all. Complete pooling has by far the smallest standard deviation, which helps group A,
# near the mean of all, and no other.
#
# In total partial pooling even loses a little. The difference of the summed squared errors, sample
# by sample:

# %%
squares = study.rows.assign(square=(study.rows["estimate"] - study.rows["term"].map(truth)) ** 2)
totals = squares.pivot_table(index="replicate", columns="estimator", values="square", aggfunc="sum")
difference = totals[PARTIAL] - totals[NONE]
error = difference.std() / np.sqrt(len(difference))
print(f"no pooling {totals[NONE].mean():.4f}, partial pooling {totals[PARTIAL].mean():.4f}")
print(f"difference {difference.mean():.4f} ± {error:.4f}")

# %% [markdown]
# With the true variances it could not lose, {eq}`eq:mse-total`. But the factor is estimated,
# {eq}`eq:estimated-factor`, and four groups are too few for that. In balanced data it is sure to
# win, whatever the means are, from six groups of three rows or seven of two on,
# {eq}`eq:james-stein-estimated`.
#
# ## Four times the error
#
# The same with errors of standard deviation 4, so that the groups can hardly be told apart.

# %% mystnb={"image": {"alt": "partial pooling is narrower than no pooling"}}
noisy = shrinkage.run(nsim=400, seed=234, error_scale=4.0)
display(noisy.figure())

# %%
errors = with_error(noisy.table["rmse"], noisy.table["rmse_mcse"], 2)
wide = noisy.table.assign(rmse=errors).pivot(index="group", columns="estimator", values="rmse")
table(wide[[NONE, PARTIAL, COMPLETE]].reset_index())

# %% [markdown]
# Root mean square errors of 400 samples. Partial pooling beats no pooling in each group but the one
# farthest out, C. That group pays, in bias, for what the others gain. For A and D, near the middle,
# complete pooling is better still; but to know which groups these are one would have to know the
# means.
#
# ## From one extreme to the other
#
# If the variances are known, the error of each estimator has a formula, {eq}`eq:mse-total`: the
# lines below, for four groups of 25 and the true variance of their means, over that of no pooling.
# If they are estimated, the balanced layout has one in terms of two mean squares,
# {eq}`eq:estimated-factor`, which is averaged here over 20,000 draws of them: the dashed line. The
# points are the two simulations above, in which the groups are of unequal size.

# %% tags=["hide-input"] mystnb={"image": {"alt": "error by noise: partial pooling is below"}}
scale = np.geomspace(0.3, 12, 60)
v, s2, m = scale**2 / 25, truth.var(), len(truth)
factors = {NONE: np.ones_like(v), COMPLETE: np.zeros_like(v), PARTIAL: s2 / (s2 + v)}


def estimated(sigma: float) -> float:
    """Mean squared error, in total, with the factor that REML estimates."""
    means = truth.to_numpy() + rng.normal(scale=sigma / 5, size=(20_000, m))
    within = sigma**2 * rng.chisquare(m * 24, size=(20_000, 1)) / (m * 24)
    center = means.mean(axis=1, keepdims=True)
    between = 25 * means.var(axis=1, ddof=1, keepdims=True)
    found = center + np.maximum(0, 1 - within / between) * (means - center)
    return float(((found - truth.to_numpy()) ** 2).sum(axis=1).mean())


figure = Figure(figsize=(7, 4.2), layout="constrained")
axes = plain(figure.subplots())
for name, kappa in factors.items():
    total = v + (m - 1) * ((1 - kappa) ** 2 * s2 + kappa**2 * v)
    axes.semilogx(scale, np.sqrt(total / (m * v)), color=COLOURS[name], label=name)
with_estimate = np.sqrt([estimated(sigma) / (m * sigma**2 / 25) for sigma in scale])
axes.semilogx(scale, with_estimate, "--", color=COLOURS[PARTIAL], label="variances estimated")
for at, found in ((1.0, study.table), (4.0, noisy.table)):
    rmse = (found["rmse"] ** 2).groupby(found["estimator"]).mean() ** 0.5
    for name in (COMPLETE, PARTIAL):
        axes.plot(at, rmse[name] / rmse[NONE], "o", color=COLOURS[name], markerfacecolor="none")
axes.set_xticks([0.5, 1, 2, 4, 8], ["0.5", "1", "2", "4", "8"])
axes.minorticks_off()
axes.set(xlabel="standard deviation of the errors", ylim=(0.4, 1.7))
axes.set_ylabel("root mean square error, over no pooling")
axes.legend(frameon=False)
display(figure)

# %% [markdown]
# With known variances partial pooling goes from the one to the other, below both. The space between
# the two orange lines is the price of estimating the variance between groups from four of them.
