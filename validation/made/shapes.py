"""Designs of unusual shape, and labels of unusual kind."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ..suite.tables import Table
from . import simulated
from .columns import coded, correlated, decimals, labels, line, numbered, table


def slopes() -> Table:
    """24 groups of 2 to 20 observations; see `simulated`."""
    data = simulated.slopes()
    levels = sorted(set(data["group"]))
    numbers = {name: decimals(data[name], 6) for name in ("x", "y")}
    return table({"group": tuple(data["group"]), **numbers}, group=levels)


def nearly_saturated() -> Table:
    """16 random effects for 17 observations."""
    rng = RandomState(4)
    g = np.array([*np.repeat(np.arange(8), 2), 7])
    x = np.array([-4, 3, -1, 2, 0, 5, -3, -2, 1, 4, -5, 5, -2, 2, 0, 1, 3]) / 2
    y = line(rng, g, x, correlated(rng, 8, [3], [0.5, 1]), 0.5)
    return coded({"x": decimals(x, 1), "y": decimals(y, 2)}, g=g)


def singletons() -> Table:
    """14 groups, five of which have one observation; rows not sorted by group."""
    rng = RandomState(7)
    g = rng.permutation(np.repeat(np.arange(14), [1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8]))
    x = rng.uniform(-3, 3, size=len(g)).round(2)
    y = line(rng, g, x, correlated(rng, 14, [2], [0.3, 0.6]), 1.0)
    return coded({"x": decimals(x, 2), "y": decimals(y, 2)}, g=g)


def twins() -> Table:
    """40 pairs, a covariate between them and one within."""
    rng = RandomState(8)
    pair = np.repeat(np.arange(40), 2)
    age, dose = rng.randint(20, 60, size=40)[pair], rng.randint(0, 5, size=80)
    y = 100 + 0.3 * age - 2 * dose + 4 * rng.normal(size=40)[pair] + 3 * rng.normal(size=80)
    columns = {"age": decimals(age, 0), "dose": decimals(dose, 0), "y": decimals(y, 1)}
    return coded(columns, pair=pair)


def three_effects() -> Table:
    """Three effects a group, with a covariance well inside the cone."""
    rng = RandomState(9)
    g = np.repeat(np.arange(16), 8)
    x, z = rng.uniform(-2, 2, size=(2, 128)).round(2)
    effects = correlated(rng, 16, [2], [0.5, 1.3], [-0.3, 0.3, 0.9])[g]
    y = 5 + x - z + effects[:, 0] + effects[:, 1] * x + effects[:, 2] * z + rng.normal(size=128)
    return coded({"x": decimals(x, 2), "z": decimals(z, 2), "y": decimals(y, 2)}, g=g)


def nested_deep() -> Table:
    """Three levels of nesting, unbalanced, the inner labels repeated."""
    rng = RandomState(10)
    cells = [(a, b, c) for a in range(6) for b in range(2 + a % 2) for c in range(2 + (a + b) % 2)]
    rows = np.array([cell for i, cell in enumerate(cells) for _ in range(2 + i % 3)])
    a, b, c = rows.T
    effects = rng.normal(size=6)[a] * 3 + rng.normal(size=(6, 3))[a, b] * 2
    effects += rng.normal(size=(6, 3, 3))[a, b, c] * 1.5
    y = 30 + effects + rng.normal(size=len(rows))
    return coded({"y": decimals(y, 2)}, a=a, b=b, c=c)


def crossed_sparse() -> Table:
    """Raters and items crossed, each rater sees a part of the items; a slope for each rater."""
    rng = RandomState(21)
    pairs = [(r, i) for r in range(10) for i in range(12) if (2 * r + 5 * i + r * i) % 7 < 4]
    rater, item = np.array(pairs).T
    x = rng.randint(0, 5, size=12)[item]
    effects = correlated(rng, 10, [1.5], [0.2, 0.7])
    y = line(rng, rater, x, effects, 1.0) + 1.2 * rng.normal(size=12)[item]
    return coded({"x": decimals(x, 0), "y": decimals(y, 1)}, rater=rater, item=item)


def incomplete_blocks() -> Table:
    """Seven treatments in seven blocks of three, each pair of them once together (Fano's plane)."""
    rng = RandomState(12)
    lines = np.array([(i, (i + 1) % 7, (i + 3) % 7) for i in range(7)])
    block, treatment = np.repeat(np.arange(7), 3), lines.ravel()
    y = 40 + treatment + 2 * rng.normal(size=7)[block] + rng.normal(size=21)
    return coded({"y": decimals(y, 1)}, block=block, treatment=treatment)


def odd_labels() -> Table:
    """Groups named by numbers, neither in the order of numbers nor of text; so is the dose."""
    rng = RandomState(13)
    names, doses = ("10", "9", "100", "2", "1", "20", "-3", "07"), ("low", "high", "control")
    g = rng.permutation(np.repeat(np.arange(8), [4, 5, 6, 4, 5, 6, 4, 5]))
    dose = rng.permutation(np.arange(len(g)) % 3)
    y = 15 + np.array([0, 3, -2])[dose] + 2 * rng.normal(size=8)[g] + rng.normal(size=len(g))
    columns = {"g": labels(names, g), "dose": labels(doses, dose), "y": decimals(y, 2)}
    return table(columns, g=names, dose=doses)


def empty_levels() -> Table:
    """Both factors have levels, in their midst, that no row has."""
    rng = RandomState(14)
    groups, arms = numbered(9, "g"), ("a", "b", "c", "d")
    g = np.repeat([0, 1, 2, 4, 5, 7, 8], 4)
    arm = np.tile([0, 2, 3], 10)[: len(g)]
    y = 7 + arm + 1.5 * rng.normal(size=9)[g] + rng.normal(size=len(g))
    columns = {"g": labels(groups, g), "arm": labels(arms, arm), "y": decimals(y, 2)}
    return table(columns, g=groups, arm=arms)
