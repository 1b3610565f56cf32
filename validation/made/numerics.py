"""Numbers that are hard to compute with: scales, offsets, dependent columns, weights."""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ..suite.tables import Table
from .columns import coded, correlated, decimals, line


def scales() -> Table:
    """One covariate of the order of 1e-6, one of 1e6."""
    rng = RandomState(1)
    g = np.repeat(np.arange(10), 6)
    small, large = rng.randint(1, 100, size=60), rng.randint(1, 100, size=60)
    effects = correlated(rng, 10, [8], [0.1, 0.3])
    y = line(rng, g, large - 50.0, effects, 4.0) - 0.5 * small
    columns = {"small": decimals(small * 1e-7, 7), "large": decimals(large * 1e5, 0)}
    return coded({**columns, "y": decimals(y, 1)}, g=g)


def far_from_zero() -> Table:
    """A response of 1e9 and some eighths: doubles hold it, its square they do not."""
    rng = RandomState(16)
    g = np.repeat(np.arange(8), [3, 4, 5, 6, 3, 4, 5, 6])
    x = np.tile(np.arange(6), 6)
    y = np.rint(8 * (0.5 * x + 2 * rng.normal(size=8)[g] + rng.normal(size=36))) / 8
    return coded({"x": decimals(x, 0), "y": decimals(1e9 + y, 3)}, g=g)


def dependent_columns() -> Table:
    """x3 = x1 + x2, exactly."""
    rng = RandomState(17)
    g = np.repeat(np.arange(8), 5)
    x1, x2 = rng.randint(-9, 10, size=(2, 40))
    y = 3 + 0.5 * x1 - 0.2 * x2 + 1.5 * rng.normal(size=8)[g] + rng.normal(size=40)
    columns = {"x1": x1, "x2": x2, "x3": x1 + x2}
    numbers = {name: decimals(x, 0) for name, x in columns.items()}
    return coded({**numbers, "y": decimals(y, 2)}, g=g)


def empty_cell() -> Table:
    """Two factors, one combination of which was not observed: a column of X is zero."""
    rng = RandomState(18)
    g = np.repeat(np.arange(9), 5)
    a, b = rng.randint(0, 2, size=45), rng.randint(0, 3, size=45)
    b[(a == 1) & (b == 2)] = 1
    y = 12 + 2 * a - b + a * b + 2 * rng.normal(size=9)[g] + rng.normal(size=45)
    return coded({"y": decimals(y, 2)}, g=g, a=a, b=b)


def nearly_dependent_columns() -> Table:
    """x2 is x1 and a hundred-thousandth of something else."""
    rng = RandomState(19)
    g = np.repeat(np.arange(8), 5)
    x1, d = rng.randint(-9, 10, size=(2, 40))
    y = 3 + 0.5 * x1 + 0.4 * d + 1.5 * rng.normal(size=8)[g] + rng.normal(size=40)
    columns = {"x1": decimals(x1, 0), "x2": decimals(x1 + 1e-5 * d, 5)}
    return coded({**columns, "y": decimals(y, 2)}, g=g)


def weighted() -> Table:
    """Weights from 1/4 to 9, which are no mean 1, and an offset that is no multiple of x."""
    rng = RandomState(3)
    g = rng.permutation(np.repeat(np.arange(9), [4, 5, 6, 7, 4, 5, 6, 7, 4]))
    x = rng.uniform(-2, 2, size=48).round(2)
    w = np.array([0.25, 0.5, 1, 2, 4, 9])[rng.randint(0, 6, size=48)]
    o = rng.uniform(0, 30, size=48).round(1)
    effects = correlated(rng, 9, [2], [0.5, 1])
    y = line(rng, g, x, effects, 0.0) + rng.normal(size=48) / np.sqrt(w) * 1.5 + o
    columns = {"x": decimals(x, 2), "w": decimals(w, 2), "o": decimals(o, 1)}
    return coded({**columns, "y": decimals(y, 2)}, g=g)
