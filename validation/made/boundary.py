"""Optima on the boundary, near it, far from it, and two of them."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ..suite.tables import Table
from .columns import coded, decimals, line


def tiny() -> Table:
    """Two groups of two; theta is 2 by ML, theta^2 17/2 by REML, sigma^2 2, beta 5."""
    return coded({"y": ("1", "3", "7", "9")}, g=np.array([0, 0, 1, 1]))


def zero_variance() -> Table:
    """Group means that are all equal: their variance is estimated as exactly zero."""
    errors = [(-3, 1, 2, 0), (4, -1, -1, -2), (0, 0, 5, -5), (2, 2, -3, -1), (1, -6, 3, 2)]
    y = 20 + np.concatenate([np.array(group) for group in errors])
    return coded({"y": decimals(y, 0)}, g=np.repeat(np.arange(5), 4))


def one_of_two_zero() -> Table:
    """Crossed a and b; the means of b vary less than errors alone would make them."""
    rng = RandomState(1)
    a, b = np.repeat(np.arange(6), 5), np.tile(np.arange(5), 6)
    errors = rng.normal(size=(6, 5))
    errors -= 0.9 * errors.mean(axis=0)
    y = 50 + 3 * rng.normal(size=6)[a] + errors.ravel()
    return coded({"y": decimals(y, 2)}, a=a, b=b)


def correlation_plus_one() -> Table:
    """The estimated covariance of intercept and slope has rank one and a correlation of 1."""
    return rank_one(5, 0.5)


def correlation_minus_one() -> Table:
    """The same with a correlation of -1."""
    return rank_one(2, -0.4)


def near_correlation_one() -> Table:
    """An estimated correlation a hair below 1: near the boundary, not on it."""
    return rank_one(107, 0.5)


def rank_one(seed: int, slope: float) -> Table:
    """Intercepts v and slopes v * slope in nine groups at x = 0, ..., 4, and errors."""
    rng = RandomState(seed)
    g, x = np.repeat(np.arange(9), 5), np.tile(np.arange(5.0), 9)
    v = rng.normal(scale=3, size=9)
    y = line(rng, g, x, np.column_stack([v, slope * v]), 1.0)
    return coded({"x": decimals(x, 0), "y": decimals(y, 2)}, g=g)


def near_zero_variance() -> Table:
    """A group variance of a ten-thousandth of the residual one: theta is near 0.01.

    With mean squares A between groups of four and B within, theta^2 = (A / B - 1) / 4; here
    B = 20/3 and A = 4 m^2, so that m is chosen a hair above the root of 5/3.
    """
    errors = np.tile([-3.0, -1.0, 1.0, 3.0], 5)
    means = np.repeat([1.29125, -1.29125, 1.29125, -1.29125, 0.0], 4)
    return coded({"y": decimals(20 + means + errors, 5)}, g=np.repeat(np.arange(5), 4))


def large_ratio() -> Table:
    """Groups that differ ten thousand times as much as the observations within them."""
    rng = RandomState(5)
    g = np.repeat(np.arange(6), [3, 4, 5, 3, 4, 5])
    y = 5e3 * rng.normal(size=6)[g] + 0.5 * rng.normal(size=len(g))
    return coded({"y": decimals(y, 3)}, g=g)


def two_minima() -> Table:
    """Seven unequal groups, heavy tails: the ML criterion falls again after it rose from zero."""
    return heavy_tails(525, covariates=0)


def two_minima_zero() -> Table:
    """The same, and the lower of the two minima is the one at zero."""
    return heavy_tails(5861, covariates=2)


def two_minima_reml() -> Table:
    """The REML criterion has a minimum at zero and a lower one at a large variance."""
    x = [2, 3, 10, 12, 4, 5, 9, 6, 6, 9, 9, 7, 11, 4, 4, -4, 4, 5, -4, 18]
    y = "0.6 1.3 0.2 0.8 -4.3 0.4 2.9 -0.1 0.7 1.6 0.8 2.1 0.4 -1.6 1.2 10.2 2.8 1.6 11.1 -14.3"
    return explicit([2, 1, 12, 1, 2, 1, 1], x, y)


def two_minima_inside() -> Table:
    """The REML criterion has two minima at positive variances; the lower is the one near zero."""
    x = [16, 11, 7, 10, 15, 8, 12, 14, 15, 14, 9, 7, 2, -7, -7, -12, -7, -9, -10, -13, -10, -7]
    x += [-10, -9, -12, -9, -16, -10, -9, -12, -9, -10, -10]
    y = (
        "0.7 -0.4 -0.4 1 -2.4 1.4 0.9 -0.2 -1.1 -1.6 1.4 -0.4 -0.1 -8 -6.1 2.2 -7.8 -3.5 -6 13.2 "
        "-6.8 -5.7 -5.1 -4.3 -5.6 -1.6 0.4 -5.2 -3.2 -2.7 0.1 0.7 -6.6"
    )
    return explicit([12, 1, 12, 8], x, y)


def explicit(sizes: list[int], x: list[int], y: str) -> Table:
    """Groups of these sizes, and their numbers."""
    columns = {"x": decimals(x, 0), "y": tuple(y.split())}
    return coded(columns, g=np.repeat(np.arange(len(sizes)), sizes))


def heavy_tails(seed: int, covariates: int) -> Table:
    """Groups of 1 to 12, t distributed effects and errors, covariates x and z."""
    rng = RandomState(seed)
    sizes = [1, 1, 1, 2, 2, 9, 12]
    g = np.repeat(np.arange(7), sizes)
    x = rng.randint(-5, 6, size=len(g))
    z = rng.randint(0, 2, size=7)[g] if covariates == 2 else np.zeros(len(g))
    effects = rng.standard_t(1, size=7) * 3
    y = effects[g] + rng.standard_t(2, size=len(g)) + 0.5 * x
    columns = {"x": decimals(x, 0), "z": decimals(z, 0), "y": decimals(y, 1)}
    return coded(columns if covariates else {"y": columns["y"]}, g=g)
