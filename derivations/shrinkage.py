# %% [markdown]
# # Shrinkage of county means: try it
#
# A survey asks $n_j$ people in county $j$. The mean answer of a county with few respondents is
# mostly noise. The posterior mean pulls it towards the mean of all counties, by how much the noise
# deserves: with $\sigma$ the standard deviation within counties and $\sigma_\gamma$ that between
# them, it keeps the part
# $\kappa_j \equiv \sigma_\gamma^2 / (\sigma_\gamma^2 + \sigma^2 / n_j)$ of the county's deviation.
# This is the shrinkage factor of {eq}`eq:shrinkage-factor`, written for variances.
#
# Each line below is a county. It starts at the mean of its respondents (no pooling) and goes to the
# posterior mean (partial pooling); a fainter line goes on to the truth, which only a simulation
# knows. The dashed line is the estimated mean of all; complete pooling gives it to each county.

# %% tags=["remove-input"]
import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, display

import refmixed as rm
from refmixed import penalized

START = {"sigma": 20, "sigma_gamma": 8, "size": 5, "counties": 30, "unequal": False}
MEAN, MOST = 50.0, 60
rng = np.random.default_rng(23)
draws = {
    "county": rng.normal(size=MOST).round(3).tolist(),  # gamma_j / sigma_gamma
    "noise": rng.normal(size=MOST).round(3).tolist(),  # of the mean of one respondent, by sigma
    "share": (4 ** rng.uniform(-1, 1, MOST)).round(3).tolist(),  # n_j by the size, if unequal
}
display(
    HTML(
        '<script type="application/json" id="shrinkage-data">'
        f"{json.dumps({'start': START, 'mean': MEAN, 'draws': draws})}</script>"
    )
)

# %% tags=["hide-input", "shrinkage-picture"]
m, size = START["counties"], START["size"]
truth = MEAN + START["sigma_gamma"] * np.array(draws["county"][:m])
means = truth + START["sigma"] / np.sqrt(size) * np.array(draws["noise"][:m])

# a county is one row with the weight of all its respondents
frame = pd.DataFrame({"mean": means, "county": [f"{j:02d}" for j in range(m)]})
design = rm.design("mean ~ 1 + (1 | county)", frame, weights=np.full(m, size), allow_saturated=True)
theta = np.array([START["sigma_gamma"] / START["sigma"]])
grand = penalized.solve(design, theta).beta[0]
partial = grand + penalized.posterior(design, theta).gamma

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.axvline(grand, color="0.5", linestyle="--", linewidth=1)
axes.plot([means, partial], [[2] * m, [1] * m], "-", color="0.5", linewidth=0.8)
axes.plot([partial, truth], [[1] * m, [0] * m], "-", color="0.8", linewidth=0.8)
for row, values in zip([2, 1, 0], [means, partial, truth], strict=True):
    axes.plot(values, [row] * m, "o", color="black", markersize=4)
axes.set_yticks([2, 1, 0], ["mean of the\nrespondents", "posterior\nmean", "truth"])
axes.set_xlabel(
    f"answer ($\\sigma$ = {START['sigma']}, $\\sigma_\\gamma$ = {START['sigma_gamma']},"
    f" {m} counties of {size})"
)
axes.spines[["top", "right", "left"]].set_visible(False)
plt.show()

# %% [markdown]
# <div id="shrinkage"></div>
# <script src="_static/shrinkage.js" defer></script>
#
# What to look for:
#
# - The more people a county has, the less its mean moves. With $\sigma_\gamma = 0$ all counties
#   get the same estimate, and with $\sigma = 0$ nothing moves.
# - Posterior means are less spread out than the truth, and county means more. Neither is a mistake:
#   see {eq}`eq:total-variance`.
# - Make the sizes unequal: small counties start at the far ends, and cross over large ones.
# - The errors below the picture are those of these very counties. Partial pooling is best on
#   average, not for each county, nor for every draw.
#
# The sliders move the same draws: every county keeps its luck. The browser computes the picture,
# and a test compares it with `penalized.posterior`. What is off the scale stays at its edge. Where
# scripts do not run there is a picture without sliders, made by `penalized.posterior` when the book
# was built.
