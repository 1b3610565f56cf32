"""Averages of the cells of a reference grid: how much of each cell a marginal mean is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...linalg import Array
from .grid import ReferenceGrid

WEIGHTS = ("equal", "proportional", "cells")


def averages(grid: ReferenceGrid, names: Sequence[str], weights: str) -> tuple[Array, pd.DataFrame]:
    """Shares (g, c) of the cells in each mean, and the combinations (g, names) they are for.

    weights: "equal"; "proportional" to how often the combinations of the other predictors occur;
    "cells" to how often a cell occurs.  A mean of which no cell occurs is NaN.  eq:mean-of-cells
    """
    group, where = grid.places(names)  # (c,), (g, names)
    others, _ = grid.places([name for name in grid.axes if name not in names])  # (c,)
    share = {
        "equal": np.ones(len(group)),
        "proportional": np.bincount(others, grid.counts)[others],
        "cells": grid.counts,
    }[weights]
    A = (group == np.arange(len(where))[:, None]) * share  # (g, c)
    with np.errstate(invalid="ignore"):
        A = A / A.sum(axis=1, keepdims=True)  # (g, c)  eq:mean-of-cells
    columns = {
        name: grid.axes[name].values.iloc[where[:, k]].reset_index(drop=True)
        for k, name in enumerate(names)
    }
    return A, pd.DataFrame(columns, index=range(len(where)))
