"""Small data sets of whole numbers on which a criterion has several minima, often far apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

SHAPES = {
    "intercepts": "y ~ x + (1 | g)",
    "slopes": "y ~ x + (x | g)",
    "independent slopes": "y ~ x + (x || g)",
    "crossed": "y ~ x + (1 | g) + (1 | h)",
    "a factor": "y ~ f + (f | g)",
    "slopes and crossed": "y ~ x + (x | g) + (1 | h)",
    "three crossed": "y ~ x + (1 | g) + (1 | h) + (1 | f)",
    "slopes by two": "y ~ x + (x | g) + (x | h)",
}


def small_set(seed: int) -> pd.DataFrame:
    """7 to 22 rows in 3 to 5 groups of very unequal size; effects of heavy tails, x and y whole."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(3, 6)
    sizes = rng.integers(1, 5, levels)
    sizes[0] += 2
    g = np.repeat(np.arange(levels), sizes)
    n = len(g)
    x, f, h = rng.integers(-3, 4, n), rng.integers(0, 3, n), rng.integers(0, rng.integers(2, 5), n)
    scale = np.exp(1.2 * rng.normal(size=4))
    y = scale[0] * rng.standard_t(2, levels)[g] + scale[1] * rng.normal(size=levels)[g] * x
    y += scale[2] * rng.standard_t(2, 4)[h] * (rng.random() < 0.5)
    y += scale[1] * rng.normal(size=(levels, 3))[g, f] * (rng.random() < 0.5)
    y += 0.3 * scale[3] * rng.normal(size=n)
    named = {"g": [f"g{k}" for k in g], "h": [f"h{k}" for k in h], "f": [*np.array(list("abc"))[f]]}
    return pd.DataFrame({"y": np.round(5 * y).astype(int), "x": x, **named})
