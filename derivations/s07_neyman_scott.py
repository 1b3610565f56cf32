# %% [markdown]
# # Many small groups: Neyman and Scott
#
# Section 23.3.2 of the chapter warns that maximum likelihood can be wrong about a variance however
# many observations there are. Here it is, and the two ways out of it. The population is that of
# {doc}`s06_coverage`: $J$ groups of $\bar n$, $y_i = \mu + \gamma_{g_i} + e_i$ with
# $\sigma_\gamma^2 = 1/2$ and $\sigma^2 = 1$; $J$ = 5, 20 or 80 and $\bar n$ = 2, 5 or 10; 400
# samples of each. Two models are fitted to all of them, each by ML and by REML:
#
# - **fixed effects**: `lm(y ~ 0 + group)`, one unknown mean for each group;
# - **random effects**: `lmer(y ~ (1 | group))`, three unknowns, $\mu$, $\sigma^2$ and
#   $\sigma_\gamma^2$, however many groups.
#
# Nothing needs to be simulated: all that is found below is known exactly. The simulation checks
# this, and shows how far single estimates are from their mean. `refmixed study neyman-scott --out
# FOLDER` runs it, and writes the table, its rows and the picture. Numbers after ± are Monte Carlo
# standard errors.

# %%
import pandas as pd
from _book.shown import table, with_error
from IPython.display import display

from refmixed.studies import STUDIES, laws
from refmixed.studies.neyman_scott import FIXED, GROUPS, SIZES

study = STUDIES["neyman-scott"].run()


def shown(term, model):
    """For each layout and method, the mean estimate and what it is by theory."""
    own = study.table[(study.table["term"] == term) & (study.table["model"] == model)]
    own = own.assign(mean=with_error(own["mean"], own["mcse"]))
    wide = own.pivot(index=["size", "groups"], columns="method", values=["mean", "expected"])
    wide.columns = [f"{method}: {value}" for value, method in wide.columns]
    order = [f"{method}: {value}" for method in ("ML", "REML") for value in ("mean", "expected")]
    return wide[order].infer_objects().reset_index()


# %% [markdown]
# ## A mean for each group
#
# Each group spends one of its $\bar n$ observations on its own mean. So the sum of squares has
# $J(\bar n - 1)$ degrees of freedom, and by {eq}`eq:rss-law` its law is known:
#
# - ML divides it by all $J\bar n$ observations:
#   $\hat\sigma^2_{ML} \sim \sigma^2 \chi^2_{J(\bar n-1)} / J\bar n$, with the mean
#   $\sigma^2 (\bar n - 1)/\bar n$, {eq}`eq:neyman-scott-mean`;
# - REML divides it by $J(\bar n - 1)$:
#   $\hat\sigma^2_{REML} \sim \sigma^2 \chi^2_{J(\bar n-1)} / J(\bar n - 1)$, with the mean
#   $\sigma^2$, {eq}`eq:reml-neyman-scott`.
#
# Mean estimates of $\sigma^2$, where the truth is 1:

# %%
table(shown("sigma^2", FIXED))

# %% [markdown]
# ML's mean does not depend on the number of groups: one half for pairs, 0.8 for groups of five, 0.9
# for groups of ten. The number of groups only decides how closely the estimates lie around it. With
# 80 pairs ML is all but sure to be too low. The probability that its estimate is above the truth,
# and, for comparison, that REML's is:

# %%
above = [
    {"size": n_bar, "groups": J}
    | {
        name: float(laws.of_fixed_effects(J, n_bar, 1.0, reml).sf(1.0))
        for name, reml in {"ML": False, "REML": True}.items()
    }
    for n_bar in SIZES
    for J in GROUPS
]
table(pd.DataFrame(above), digits=6)

# %% [markdown]
# The estimates have not only the mean of the exact law but all of it. Tests of Kolmogorov and
# Smirnov compare the two. Under the law each $p$ is uniform between zero and one:

# %%
own = study.table[(study.table["model"] == FIXED) & (study.table["method"] == "ML")]
table(own.pivot(index="size", columns="groups", values="p").rename(columns=str).reset_index())

# %% [markdown]
# ## An effect drawn for each group
#
# REML is one way out; the other is to say that the groups are a sample. Then ML has no more
# unknowns as groups come, and $\hat\sigma^2$ is within reach of both:

# %%
table(shown("sigma^2", "random effects"))

# %% [markdown]
# What is missing at 5 pairs has another reason: $\hat\sigma_\gamma^2$ is zero where it would be
# negative, and the two mean squares are then averaged, {eq}`eq:anova-boundary`. The more groups, or
# members, the rarer that is, and it is rare already with five groups of ten. The share of samples
# with an estimate of zero, and the probability of it, {eq}`eq:one-way-edge`:

# %%
is_between = study.rows["term"] == "sigma_gamma^2"
zeros = (study.rows["estimate"] == 0)[is_between]
keys = [study.rows.loc[is_between, name] for name in ("size", "groups", "method")]
share = zeros.groupby(keys).mean().unstack()
for method, reml in {"ML": False, "REML": True}.items():
    share[f"{method}: exact"] = [
        laws.means_of_mixed_model(J, n_bar, 1.0, 0.5, reml)["zero"] for n_bar, J in share.index
    ]
table(share[["ML", "ML: exact", "REML", "REML: exact"]].reset_index())

# %% [markdown]
# The bias of ML has moved to the variance between groups, of which there are only $J$, and one
# mean, $\mu$, is to be paid for. Mean estimates, where the truth is 0.5:

# %%
table(shown("sigma_gamma^2", "random effects"))

# %% [markdown]
# Were it not for the zeros, ML would be short by $(\sigma_\gamma^2 + \sigma^2/\bar n)/J$,
# {eq}`eq:one-way-ml-bias`, and REML by nothing; with them both means are those of
# {eq}`eq:one-way-means`. This bias fades as groups are added: ML is consistent here. It does not
# fade as members are added: five groups of ten are worse for ML than five pairs, where the zeros
# make up for some of it.
#
# All means above, simulated less exact, in Monte Carlo errors: of 54, some two or three should be
# beyond 2. They are not independent, as the methods are given the same samples.

# %%
off = ((study.table["mean"] - study.table["expected"]) / study.table["mcse"]).abs()
print(f"beyond 2: {(off > 2).sum()} of {len(off)}; farthest: {off.max():.1f}")

# %% [markdown]
# ## All at a glance
#
# A column is a size of groups. Points are means of samples with two Monte Carlo errors, lines are
# exact. At the bottom: ML's estimates of $\sigma^2$ with fixed effects, and their exact densities.
# They close in, on the left on one half.

# %% mystnb={"image": {"alt": "ML with fixed effects stays below the truth, all else nears it"}}
display(study.figure())

# %% [markdown]
# ## What to take away
#
# - With a fixed effect for each of many small groups, do not take ML's $\sigma^2$. `lm` in R
#   divides by $n - p$, and so does `rm.lm` by default; what ML does is `lm(..., reml=False)`.
# - It is not many groups that do harm, but unknowns that come with them. Random effects are one
#   unknown variance in place of $J$ unknown means. The price is that they must be a sample.
# - In the mixed model ML's bias is in $\sigma_\gamma^2$ and counts groups, not observations. REML
#   takes it away, up to the zeros.
#
# ## The whole table

# %% tags=["hide-output"]
table(study.table)
