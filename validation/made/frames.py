"""What data tools lose on the way: an order of levels, labels that look alike, large products."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ..suite.tables import Table
from .columns import Codes, correlated, decimals, labels, table


def declared_order() -> Table:
    """A grade and groups in an order that no sorting gives, and the rows neither."""
    rng = RandomState(31)
    grades = ("none", "Low", "mid", "high")
    groups = ("north", "South", "east", "B2", "b10", "West", "a1", "A9")
    g, grade, x = shuffled(rng, 8, 5), shuffled(rng, 4, 10), rng.randint(-9, 10, size=40) / 10
    y = 20 + np.array([0, 1, 3, 7])[grade] + 2 * x + 3 * rng.normal(size=8)[g]
    columns = {
        "g": labels(groups, g),
        "grade": labels(grades, grade),
        "x": decimals(x, 1),
        "y": decimals(y + rng.normal(size=40), 2),
    }
    return table(columns, g=groups, grade=grades)


def declared_arms() -> Table:
    """Two arms: the one that is declared second comes first in the alphabet, and in the rows."""
    rng = RandomState(36)
    arms = ("placebo", "Drug")
    groups = ("9", "10", "c", "B", "a", "D", "11", "8", "E", "f")
    order = rng.permutation(40)
    g, arm = np.repeat(np.arange(10), 4)[order], (np.arange(40) % 2)[order]
    effects = correlated(rng, 10, [2.0], [0.8, 1.5])[g]
    y = 20 + effects[:, 0] + (2 + effects[:, 1]) * arm + rng.normal(size=40)
    columns = {"g": labels(groups, g), "arm": labels(arms, arm), "y": decimals(y, 2)}
    return table(columns, g=groups, arm=arms)


def text_numbers() -> Table:
    """A dose whose labels are numbers, the control last; lots of which three are 1 as numbers."""
    rng = RandomState(32)
    doses, lots = ("10", "5", "20", "0"), ("2", "01", "1", "10", "1.0", "3", "02")
    lot, dose = shuffled(rng, 7, 4), shuffled(rng, 4, 7)
    y = 12 + np.array([4, 1, 3, 0])[dose] + 2.5 * rng.normal(size=7)[lot] + rng.normal(size=28)
    columns = {"lot": labels(lots, lot), "dose": labels(doses, dose), "y": decimals(y, 2)}
    return table(columns, lot=lots, dose=doses)


def labels_alike() -> Table:
    """Groups whose labels differ in their case alone, or that a reader takes for something else."""
    rng = RandomState(33)
    groups = ("b", "B", "NA", "TRUE", "true", "a", "A", "nan")
    g, x = shuffled(rng, 8, 4), rng.randint(0, 8, size=32)
    y = 8 + 0.5 * x + 3 * rng.normal(size=8)[g] + rng.normal(size=32)
    columns = {"g": labels(groups, g), "x": decimals(x, 0), "y": decimals(y, 2)}
    return table(columns, g=groups)


def unused_reference() -> Table:
    """Factors whose first level no row has."""
    rng = RandomState(34)
    sites, arms = ("shut", "Rome", "Bath", "oslo", "Lyon", "york", "Bonn"), ("none", *"bDaC")
    site, arm = 1 + shuffled(rng, 6, 4), 1 + shuffled(rng, 4, 6)
    y = 30 + np.array([0, 0, 3, -2, 1])[arm] + 2 * rng.normal(size=7)[site] + rng.normal(size=24)
    columns = {"site": labels(sites, site), "arm": labels(arms, arm), "y": decimals(y, 2)}
    return table(columns, site=sites, arm=arms)


def whole_numbers() -> Table:
    """Whole numbers that 8, 16 and 32 bits hold, while they do not hold their products."""
    rng = RandomState(35)
    groups = ("g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8")
    g = shuffled(rng, 8, 4)
    numbers = {
        "count": rng.randint(2, 126, size=32),
        "dose": np.array([0, 5, 20, 60, 100])[rng.randint(0, 5, size=32)],
        "steps": rng.randint(130, 700, size=32),
        "grams": rng.randint(33_000, 90_000, size=32),
    }
    mean = 0.05 * numbers["count"] - 0.02 * numbers["dose"] + 0.0005 * numbers["grams"]
    y = 5 + mean + 4 * rng.normal(size=8)[g] + 1.5 * rng.normal(size=32)
    columns = {name: decimals(values, 0) for name, values in numbers.items()}
    return table({"g": labels(groups, g), **columns, "y": decimals(y, 1)}, g=groups)


def shuffled(rng: RandomState, levels: int, times: int) -> Codes:
    """The codes of so many levels, each so often, in no order."""
    return rng.permutation(np.repeat(np.arange(levels), times))
