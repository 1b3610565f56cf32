"""Groups of unequally many rows: a student's data, shrunken means, and how well they are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from refmixed.fit import lmer
from refmixed.linalg import Array

from ..records import Mistake, Random, near_miss

SIZES = (2, 3, 4, 6, 9, 14)
SIGMA, SIGMA_GAMMA = 2.0, 1.0  # the model's, as the task says
RATIO = (SIGMA_GAMMA / SIGMA) ** 2  # theta^2

OF_DIFFERENCE = (
    Mistake("one-known", "variance", "Both effects are unknown, and this has the variance of one.",
            "eq:shrinkage-factor", "sigma**2*sigma_gamma**2/(sigma**2 + n1*sigma_gamma**2)"),
    Mistake("other-known", "variance", "Both effects are unknown, and this has the variance of "
            "one.", "eq:shrinkage-factor",
            "sigma**2*sigma_gamma**2/(sigma**2 + n2*sigma_gamma**2)"),
    Mistake("subtracted", "sign", "A variance of a difference is no difference of variances.",
            "eq:group-square", "sigma**2*sigma_gamma**2/(sigma**2 + n1*sigma_gamma**2)"
            " - sigma**2*sigma_gamma**2/(sigma**2 + n2*sigma_gamma**2)"),
    Mistake("no-shrinkage", "prediction", "This is the variance of the difference of two means: "
            "that the effects come from one distribution is known, too.", "eq:group-square",
            "sigma**2/n1 + sigma**2/n2"),
    Mistake("of-the-means", "variance", "This is how the posterior means vary: you are asked for "
            "what is left around them.", "eq:total-variance",
            "n1*sigma_gamma**4/(sigma**2 + n1*sigma_gamma**2)"
            " + n2*sigma_gamma**4/(sigma**2 + n2*sigma_gamma**2)"),
    Mistake("over-sigma", "units", "This is over sigma squared, as in the code: the variance "
            "itself is asked for.", "eq:shrinkage-factor",
            "sigma_gamma**2/(sigma**2 + n1*sigma_gamma**2)"
            " + sigma_gamma**2/(sigma**2 + n2*sigma_gamma**2)", 0.75),
    Mistake("one-group", "structure", "The rows of both groups are taken together: they tell about "
            "two effects.", "eq:group-square",
            "2*sigma**2*sigma_gamma**2/(sigma**2 + (n1 + n2)*sigma_gamma**2)"),
)  # fmt: skip


def unequal_groups(random: Random) -> pd.DataFrame:
    """Six groups of 2 to 14 rows, the rows in no order."""
    g = random.permutation(np.repeat(random.permutation(len(SIZES)), SIZES))
    effects = 1.5 * random.permutation(np.linspace(-1, 1, len(SIZES)))
    y = 10 + effects[g] + SIGMA * random.normal(size=len(g))
    return pd.DataFrame({"g": np.array(list("abcdef"))[g], "y": y.round(2)})


def shrunken(data: pd.DataFrame) -> list[float]:
    """mu-hat + gamma-hat of each group, in the order of their names."""
    fit = lmer("y ~ 1 + (1 | g)", data, theta=[SIGMA_GAMMA / SIGMA])
    return [float(one) for one in fit.coef()["g"]["(Intercept)"].sort_index()]


def parts(data: pd.DataFrame) -> tuple[Array, Array, float]:
    """Of each group its mean and its factor; and the estimate of mu."""
    groups = data.groupby("g")["y"]
    means, n = groups.mean().to_numpy(), groups.size().to_numpy()
    kappa = n * RATIO / (1 + n * RATIO)
    return means, kappa, float(kappa @ means / kappa.sum())


@near_miss("prediction", "eq:no-pooling", credit=0.25)
def no_shrinkage(data: pd.DataFrame) -> Array:
    """These are the groups' own means: nothing is drawn to the mean of all."""
    return parts(data)[0]


@near_miss("prediction", "eq:posterior-mean")
def effects_alone(data: pd.DataFrame) -> Array:
    """These are the effects, how far a group is from the mean of all: add that mean."""
    means, kappa, mu = parts(data)
    return kappa * (means - mu)


@near_miss("sign", "eq:shrinkage-factor")
def other_part(data: pd.DataFrame) -> Array:
    """The factor is the part that is lost, not the one that is kept: large groups keep most."""
    means, kappa, mu = parts(data)
    return mu + (1 - kappa) * (means - mu)


@near_miss("units", "eq:shrinkage-factor")
def deviations_in_the_factor(data: pd.DataFrame) -> Array:
    """The factor has standard deviations where variances belong."""
    n = data.groupby("g").size().to_numpy()
    means, _, _ = parts(data)
    kappa = n * RATIO**0.5 / (1 + n * RATIO**0.5)
    mu = kappa @ means / kappa.sum()
    return mu + kappa * (means - mu)


@near_miss("units", "eq:partial-pooling")
def ratio_upside_down(data: pd.DataFrame) -> Array:
    """The ratio of the two variances is upside down: large errors call for more shrinkage."""
    n = data.groupby("g").size().to_numpy()
    means, _, _ = parts(data)
    kappa = n / (n + RATIO)
    mu = kappa @ means / kappa.sum()
    return mu + kappa * (means - mu)


@near_miss("method", "eq:partial-pooling")
def towards_the_mean_of_rows(data: pd.DataFrame) -> Array:
    """They are drawn to the mean of all rows: rows of one group do not count as independent."""
    means, kappa, _ = parts(data)
    return data["y"].mean() + kappa * (means - data["y"].mean())


@near_miss("method", "eq:partial-pooling")
def towards_the_mean_of_means(data: pd.DataFrame) -> Array:
    """They are drawn to the plain mean of the groups' means: a large group knows its own better."""
    means, kappa, _ = parts(data)
    return means.mean() + kappa * (means - means.mean())


@near_miss("inputs", "eq:shrinkage-factor")
def one_factor(data: pd.DataFrame) -> Array:
    """All groups have one factor here, that of a mean size: each has its own."""
    means, _, _ = parts(data)
    n = len(data) / len(means)
    kappa = n * RATIO / (1 + n * RATIO)
    return means.mean() + kappa * (means - means.mean())


@near_miss("order", "eq:partial-pooling", credit=0.75)
def as_they_come(data: pd.DataFrame) -> list[float]:
    """The groups are in the order in which the rows have them: go by their names."""
    of = dict(zip(sorted(data["g"].unique()), shrunken(data), strict=True))
    return [of[name] for name in data["g"].unique()]


MISTAKES = (
    no_shrinkage,
    effects_alone,
    other_part,
    deviations_in_the_factor,
    ratio_upside_down,
    towards_the_mean_of_rows,
    towards_the_mean_of_means,
    one_factor,
    as_they_come,
)
