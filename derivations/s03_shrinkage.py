# %% [markdown]
# # Shrinkage in many samples
#
# Four groups with means 6, 7, 5 and 6.5, a hundred observations, normal errors with variance 1. The
# chapter (23.4) draws a thousand samples and sets two histograms side by side. Here are the same
# samples, and a comparison of like with like. `refmixed study shrinkage --out FOLDER` writes the
# numbers and the first picture; the book reads the file that `make studies` wrote in the same way.

# %%
from pathlib import Path

import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.figure import Figure
from shown import table, with_error

import refmixed as rm
from refmixed.population import sample_x, sample_y
from refmixed.studies import STUDIES, shrinkage
from refmixed.studies.shared import COLOURS, COMPLETE, NONE, PARTIAL, plain

# %% [markdown]
# ## One estimand
#
# Estimates can be compared if they estimate the same thing. On one sample:

# %% tags=["hide-input"]
rng = np.random.default_rng(234)
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
# The number after ± is the Monte Carlo standard error, of a thousand samples. With some 25
# observations a group and means as different as these there is little to gain: partial pooling
# differs from no pooling in the second digit, with a bias towards the mean of all for the groups at
# the ends. Complete pooling has the smallest variance and is absurd.
#
# ## Four times the error
#
# The same with errors of standard deviation 4, so that the groups can hardly be told apart.

# %% mystnb={"image": {"alt": "partial pooling is narrower than no pooling"}}
noisy = shrinkage.run(nsim=200, seed=234, error_scale=4.0)
display(noisy.figure())

# %%
errors = with_error(noisy.table["rmse"], noisy.table["rmse_mcse"], 2)
wide = noisy.table.assign(rmse=errors).pivot(index="group", columns="estimator", values="rmse")
table(wide[[NONE, PARTIAL, COMPLETE]].reset_index())

# %% [markdown]
# Root mean square errors of 200 samples. Partial pooling now beats no pooling in each group but the
# one farthest out, C. That group pays, in bias, for what the others gain.
#
# ## From one extreme to the other
#
# If the variances are known, the error of each estimator has a formula, {eq}`eq:mse-total`: the
# curves below, for four groups of 25, with the true variance of the four means. The points are the
# two simulations above, in which the variances are estimated and the groups are of unequal size.

# %% mystnb={"image": {"alt": "error by noise: partial pooling is below the others"}}
scale = np.geomspace(0.3, 12, 60)
v, s2, m = scale**2 / 25, truth.var(), len(truth)
factors = {NONE: np.ones_like(v), COMPLETE: np.zeros_like(v), PARTIAL: s2 / (s2 + v)}

figure = Figure(figsize=(7, 4.2), layout="constrained")
axes = plain(figure.subplots())
for name, kappa in factors.items():
    total = v + (m - 1) * ((1 - kappa) ** 2 * s2 + kappa**2 * v)
    axes.loglog(scale, np.sqrt(total / m), color=COLOURS[name], label=name)
    for at, found in ((1.0, study.table), (4.0, noisy.table)):
        squares = found.loc[found["estimator"] == name, "rmse"] ** 2
        axes.plot(at, np.sqrt(squares.mean()), "o", color=COLOURS[name])
axes.set(xlabel="standard deviation of the errors", ylabel="root mean square error, all groups")
axes.legend(frameon=False)
display(figure)

# %% [markdown]
# Partial pooling goes from the one to the other, below both. That the points of the mixed model lie
# a little above the curve is the price of estimating the variance between groups from four of them.
