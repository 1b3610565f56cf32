# %% [markdown]
# # What Laplace costs
#
# Laplace's approximation {eq}`eq:laplace` has one node where the integrand may not look like a
# normal density at all: a cluster of two yes-or-no answers says little about its effect. How wrong
# is the standard deviation of clusters that comes of it? Clusters of 2, 4, 8 and 16 ones and zeros,
# with effects of standard deviation 1 on the log odds, and a probability of a one, where the effect
# is 0, of 0.05, 0.2 or 0.5; a hundred samples of 500 clusters each. (A cluster of a single
# answer tells nothing of an effect: its law has one parameter, the mean over clusters.)
#
# `refmixed study laplace --out FOLDER` runs it, and writes the table, its rows and the picture; the
# book reads the rows that `make studies` wrote in the same way.

# %%
from pathlib import Path

import numpy as np
import pandas as pd
from _book.shown import table, with_error
from IPython.display import display
from scipy.special import logit

from refmixed.glm.pirls import mode
from refmixed.glm.quadrature import Quadrature, gauss_hermite
from refmixed.studies import STUDIES, laplace

study = STUDIES["laplace"].read(Path("results/laplace.parquet"))

# %% [markdown]
# ## The limit is known
#
# The clusters are alike: a cluster comes to its number of ones $k$, and a sample to how many
# clusters have 0, 1, ... ones. As clusters are added these shares tend to their probabilities
# $\pi_k$, and the estimates tend to the maximum of $\sum_k \pi_k \, l_k(\beta, \theta)$, whatever
# approximation $l_k$ is of the log-likelihood of a cluster. The true one has its maximum at the
# truth, by the inequality of Kullback and Leibler; another need not. So what Laplace's estimate is
# of with any number of clusters takes no simulation, only this maximum:

# %%
limits = study.table.pivot(index=["p", "size"], columns="method", values="limit")
table(limits[list(laplace.NODES)].reset_index())

# %% [markdown]
# By 25 nodes the limit is the truth, 1, to all digits shown, as it should be. Five nodes are off by
# little more than one percent. Laplace's estimate is too small where ones are as frequent as zeros,
# by 30 percent in pairs, and by one percent in clusters of 16. Where ones are rare it is too large,
# and in pairs it is no estimate at all.
#
# ## A likelihood that is none
#
# What happens in rare pairs? Here is $\sum_k \pi_k l_k$ over the standard deviation, at the best
# intercept for each, and the sum of the "probabilities" $e^{l_k}$ of the three numbers of ones.

# %%
pi = laplace.probabilities(2, 0.05)
rows = []
for sd in (0.5, 1.0, 2.0, 4.0, 6.0, 8.0):
    for name, nodes in (("Laplace", 1), ("25 nodes", 25)):
        by_intercept = [
            Quadrature(
                mode(laplace.numbers(2).at(np.array([b, sd]))), gauss_hermite(nodes)
            ).by_levels
            for b in np.linspace(logit(0.05) - 8, logit(0.05) + 1, 91)
        ]
        best = max(by_intercept, key=lambda l_k: pi @ l_k)
        rows.append({"sd": sd, "method": name, "log": pi @ best, "sum": np.exp(best).sum()})
wide = pd.DataFrame(rows).pivot(index="sd", columns="method", values=["log", "sum"])
wide.columns = [f"{method}: {value}" for value, method in wide.columns]
table(wide.reset_index(), digits=4)

# %% [markdown]
# No law of the number of ones can have a mean log-likelihood above
# $\sum_k \pi_k \log \pi_k$, which is the value by 25 nodes at the truth. Laplace's goes above, as
# its probabilities sum to more than one. With a large effect and rare ones the integrand of a
# cluster without ones is half a normal density, with its mode near its edge: a parabola at the mode
# takes it for a whole one. Nearly all clusters are of this kind.
#
# ## In samples
#
# Medians of the estimates with two Monte Carlo errors, and the limits as lines:

# %% mystnb={"image": {"alt": "Laplace is too low for frequent ones, and too high for rare ones"}}
display(study.figure())

# %%
found = study.table.assign(median=with_error(study.table["median"], study.table["error"], 2))
both = found.pivot(index=["p", "size"], columns="method", values=["median", "zero"])
both.columns = [f"{method}: {value}" for value, method in both.columns]
order = [f"{method}: {value}" for value in ("median", "zero") for method in ("Laplace", "25 nodes")]
table(both[order].reset_index(), digits=2)

# %% [markdown]
# `zero` is the share of samples whose estimate is zero. With rare ones the estimates by 25 nodes
# vary much, as five hundred pairs have some five with two ones in them, and the whole information
# on clusters is in these. That is the likelihood's own doubt. Laplace's estimates have less of it,
# and are far from the truth.
#
# ## How fast it fades
#
# The relative error of Laplace's approximation of one integral is of the order of one over the size
# of the cluster, once that is large. The error of the limit, times the size:

# %%
scaled = limits.reset_index()[["p", "size", "Laplace"]]
scaled["error x size"] = (scaled["Laplace"] - laplace.SD) * scaled["size"]
table(scaled.pivot(index="p", columns="size", values="error x size").reset_index(), digits=2)

# %% [markdown]
# At $p$ = 0.2 the product is nearly constant: twice the answers, half the error. At 0.5 the error
# falls faster yet, to a third. At 0.05, where 16 answers have one success on average, the error
# has not even settled on a sign.
#
# ## What to take away
#
# - Count the answers of a cluster, and the rarer of the two kinds. With several of each Laplace's
#   approximation is good; with pairs, or rare events, take more nodes. Nine cost little
#   ({doc}`g04_quadrature`).
# - The error does not fade as clusters are added. A large study of small clusters has small
#   standard errors about the wrong number.
# - A log-likelihood by Laplace's approximation can be higher than any likelihood.
#
# ## The whole table

# %% tags=["hide-output"]
table(study.table)
