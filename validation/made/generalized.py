"""Responses that are no sums of normal effects: yes or no, counts, waiting times.

Chances and rates are rounded before anything is drawn, since the last bit of an exponential is not
that of every processor.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ..suite.tables import Table
from .columns import Codes, Numbers, coded, correlated, decimals


def rare() -> Table:
    """Thirty groups of six, most of them without a single event."""
    rng = RandomState(41)
    g, x = np.repeat(np.arange(30), 6), rng.randint(-10, 11, size=180) / 10
    y = events(rng, -3.5 + x + 1.5 * rng.normal(size=30)[g])
    return coded({"x": decimals(x, 1), "y": decimals(y, 0)}, g=g)


def separated() -> Table:
    """Whoever is above zero in x answers yes, and nobody else: the slope has no maximum."""
    rng = RandomState(42)
    g = np.repeat(np.arange(8), 5)
    x = rng.permutation([*range(-20, 0), *range(1, 21)]) / 10
    return coded({"x": decimals(x, 1), "y": decimals(x > 0, 0)}, g=g)


def zero() -> Table:
    """Six groups with the same number of trials and of successes: their variance is exactly zero.

    The likelihood of each is highest at the same logit, which all reach without random effects.
    """
    successes = [(4, 3, 5, 4), (5, 2, 6, 3), (3, 4, 4, 5), (6, 3, 4, 3), (2, 4, 7, 3), (4, 2, 5, 5)]
    columns = {
        "successes": decimals(np.ravel(successes), 0),
        "size": decimals(np.tile([10, 8, 12, 10], 6), 0),
    }
    return coded(columns, g=np.repeat(np.arange(6), 4))


def nested() -> Table:
    """Four b in each of six a, the labels of b repeated; successes of 3 to 12 trials."""
    rng = RandomState(43)
    a, b = np.repeat(np.arange(6), 12), np.tile(np.repeat(np.arange(4), 3), 6)
    x, size = np.tile(np.arange(3), 24), rng.randint(3, 13, size=72)
    effects = rng.normal(size=6)[a] + 0.7 * rng.normal(size=(6, 4))[a, b]
    successes = rng.binomial(size, chances(0.5 - 0.6 * x + effects))
    columns = {"x": x, "successes": successes, "size": size}
    return coded({name: decimals(column, 0) for name, column in columns.items()}, a=a, b=b)


def crossed() -> Table:
    """Eight raters judge ten items, twice: yes or no."""
    rng = RandomState(44)
    rater, item = np.repeat(np.arange(8), 20), np.tile(np.repeat(np.arange(10), 2), 8)
    x = rng.randint(0, 2, size=160)
    y = events(rng, 0.8 * x + rng.normal(size=8)[rater] + 1.2 * rng.normal(size=10)[item])
    return coded({"x": decimals(x, 0), "y": decimals(y, 0)}, rater=rater, item=item)


def binary_slopes() -> Table:
    """Yes or no, an intercept and a slope for each of twenty groups, correlated."""
    rng = RandomState(45)
    g, x = np.repeat(np.arange(20), 10), rng.randint(-20, 21, size=200) / 10
    effects = correlated(rng, 20, [1.2], [0.4, 0.8])[g]
    y = events(rng, 0.3 + effects[:, 0] + (1 + effects[:, 1]) * x)
    return coded({"x": decimals(x, 1), "y": decimals(y, 0)}, g=g)


def single() -> Table:
    """Counts in forty groups of one observation each."""
    rng = RandomState(46)
    x = rng.randint(-10, 11, size=40) / 10
    y = rng.poisson(rates(1 + 0.7 * x + 0.8 * rng.normal(size=40)))
    return coded({"x": decimals(x, 1), "y": decimals(y, 0)}, g=np.arange(40))


def huge() -> Table:
    """Counts of 1e5 to 1e6, whose standard deviations are a thousandth of them."""
    rng = RandomState(47)
    g, x = np.repeat(np.arange(8), 5), np.tile(np.arange(-2, 3), 8)
    y = rng.poisson(rates(12.7 + 0.2 * x + 0.3 * rng.normal(size=8)[g]))
    return coded({"x": decimals(x, 0), "y": decimals(y, 0)}, g=g)


def olre() -> Table:
    """Counts with more variance than Poisson's: observations have effects, as groups have."""
    rng = RandomState(48)
    g, x = np.repeat(np.arange(12), 6), rng.randint(-10, 11, size=72) / 10
    effects = 0.6 * rng.normal(size=12)[g] + 0.8 * rng.normal(size=72)
    y = rng.poisson(rates(1.2 + 0.5 * x + effects))
    return coded({"x": decimals(x, 1), "y": decimals(y, 0)}, g=g, row=np.arange(72))


def exposure() -> Table:
    """Counts per unit of exposure, which goes from 1 to 400; groups of 1 to 16."""
    rng = RandomState(49)
    g = rng.permutation(np.repeat(np.arange(12), [1, 2, 2, 3, 5, 6, 8, 9, 10, 12, 14, 16]))
    x = rng.randint(-10, 11, size=len(g)) / 10
    o = np.log(rng.randint(1, 401, size=len(g))).round(3)
    y = rng.poisson(rates(o - 3 + 0.6 * x + 0.5 * rng.normal(size=12)[g]))
    columns = {"x": decimals(x, 1), "logexposure": decimals(o, 3), "y": decimals(y, 0)}
    return coded(columns, g=g)


def gammas() -> Table:
    """Positive responses, thirtyfold apart, their spread in proportion to their means."""
    rng = RandomState(50)
    g, x = np.repeat(np.arange(12), 6), rng.randint(-10, 11, size=72) / 10
    means = rates(2 + 0.8 * x + 0.6 * rng.normal(size=12)[g])
    return coded({"x": decimals(x, 1), "y": decimals(rng.gamma(4, means / 4), 3)}, g=g)


def rates(eta: Numbers) -> Numbers:
    """exp(eta), to six decimals."""
    return np.exp(eta).round(6)


def chances(eta: Numbers) -> Numbers:
    """1 / (1 + exp(-eta)), to six decimals."""
    return np.asarray(1 / (1 + np.exp(-eta))).round(6)


def events(rng: RandomState, eta: Numbers) -> Codes:
    """0 or 1, with these logits of the chance of 1."""
    return np.asarray(rng.uniform(size=len(eta)) < chances(eta)).astype(int)
