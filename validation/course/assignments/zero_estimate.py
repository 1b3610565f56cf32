"""When a variance is estimated as zero, and what students make of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmixed.after.ratio.one_variance import OneVariance
from refmixed.design import from_arrays
from refmixed.linalg import Array

from ..models import four_rows
from ..records import Mistake, Random, near_miss


@near_miss("criterion", "eq:lrt-mass")
def squares_left_out(**arrays: Any) -> Array:
    """This is a bound of the total over |a|^2: b is what is left without |a|^2."""
    return zero_bound(**arrays) + 1.0


@near_miss("structure", "eq:lrt-law")
def eigenvalues_once(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    """Equal eigenvalues are counted once: each has its logarithm in the determinant."""
    return zero_bound(N, shares, mu, xi, np.ones(len(xi)))


@near_miss("divisor", "eq:lrt-law")
def dimensions_of_groups(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    """The logarithm of the sum of squares has all degrees of freedom, not those of groups."""
    return zero_bound(int(counts.sum()), shares, mu, xi, counts)


@near_miss("sign", "eq:lrt-mass")
def upside_down(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    """The quotient is upside down: squares along large eigenvalues speak for a variance."""
    return (xi @ counts) / (N * (shares @ mu)) - 1.0


@near_miss("structure", "eq:lrt-law")
def eigenvalues_not_weighted(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    """All directions count alike here: it matters along which eigenvalues the squares lie."""
    return zero_bound(N, np.full_like(shares, 1.0 / shares.shape[1]), mu, xi, counts)


def zero_bound(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    """What is right."""
    return np.asarray(OneVariance(mu, counts, xi, counts, 0, N).at_zero(shares))


OF_ZERO = (
    Mistake("restricted", "criterion", "This is for the restricted likelihood: by ML the estimate "
            "is zero up to a larger ratio of mean squares.", "eq:lrt-mass",
            "1 - (1 + 2/(3*(m - 1)))**(-3*(m - 1)/2)"),
    Mistake("complement", "sign", "This is the probability of an estimate above zero.",
            "eq:lrt-zero", "((m - 1)/m)**(3*(m - 1)/2)", 0.75),
    Mistake("half", "method", "One half is the limit for many groups: there are three.",
            "eq:lrt-zero", "1/2", 0.25),
    Mistake("all-rows", "divisor", "The means of the groups are not counted: the squares within "
            "have fewer degrees of freedom than rows.", "eq:lrt-one-way",
            "1 - (1 + 1/m)**(-3*m/2)"),
    Mistake("limit-upside-down", "sign", "The limit of the ratio of mean squares is upside down: "
            "by ML it is above one.", "eq:lrt-mass", "1 - (1 + 4/(9*(m - 1)))**(-3*(m - 1)/2)"),
    Mistake("rows-for-groups", "criterion", "The limit of the ratio of mean squares is made of the "
            "number of groups, not of rows.", "eq:lrt-mass",
            "1 - (1 + 2*m/((3*m - 1)*(m - 1)))**(-3*(m - 1)/2)"),
    Mistake("power", "divisor", "In Fisher's law with 2 and nu degrees of freedom the power is "
            "half of nu.", "eq:lrt-zero", "1 - ((m - 1)/m)**(3*(m - 1))"),
)  # fmt: skip


def some_eigenvalues(random: Random) -> dict[str, Any]:
    """Those of groups of different sizes, and shares of squares."""
    g = np.repeat(np.arange(6), random.choice([1, 2, 3, 3, 4, 5, 5], 6))
    X = np.column_stack([np.ones(len(g)), random.normal(size=len(g))])
    law = OneVariance.of(from_arrays(X[:, 1], X, [(g, None)]), reml=bool(random.integers(2)))
    return {"self": law, "u": random.dirichlet(np.ones(len(law.mu)), 4)}


def eigenvalues_by_hand() -> dict[str, Any]:
    """The four rows, REML: one eigenvalue, and so one share, of all."""
    return {"self": OneVariance.of(four_rows(), reml=True), "u": np.ones((1, 1))}


OF_BOUND = (
    squares_left_out,
    eigenvalues_once,
    dimensions_of_groups,
    upside_down,
    eigenvalues_not_weighted,
)
