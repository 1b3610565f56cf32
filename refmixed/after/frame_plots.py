"""Pictures of tables that other functions return: intervals, and a power curve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..errors import OptionError
from .canvas import BLUE, GREY, INK, canvas

INTERVAL = ("estimate", "lower", "upper")


def intervals(table: pd.DataFrame, ax: Axes | None = None, unit: str | None = None) -> Axes:
    """Estimates with their intervals, such as those of variance components, a row each.

    table: columns estimate, lower, upper; a limit may be infinite or nan, and has no bar then.
    unit: of all rows, so that those of one unit should be drawn together.  Raises OptionError.
    """
    estimate, lower, upper = (column_of(table, name) for name in INTERVAL)
    rows = np.arange(len(table))[::-1]
    ax = canvas(ax, height=max(2.0, 0.45 * len(rows) + 1.0))
    reach = np.nan_to_num([estimate - lower, upper - estimate], nan=0.0, posinf=0.0)
    ax.errorbar(estimate, rows, xerr=reach, fmt="o", color=INK, ecolor=BLUE, capsize=3)
    if np.nanmin([estimate, lower], initial=np.inf) >= 0.0:
        ax.axvline(0.0, color=GREY, linewidth=1)
    ax.set_yticks(rows, list(map(str, table.index)))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel("estimate" if unit is None else f"estimate ({unit})")
    return ax


def power_curve(
    table: pd.DataFrame, x: str, ax: Axes | None = None, goal: float | None = 0.8
) -> Axes:
    """Power against a column x of a table, with Monte Carlo intervals lower and upper.

    table: columns x and power; lower and upper where it has them.  goal: a line.
    Raises OptionError.
    """
    table = table.sort_values(x) if x in table else table
    at, power = column_of(table, x), column_of(table, "power")
    ax = canvas(ax)
    if goal is not None:
        ax.axhline(goal, color=GREY, linewidth=1, linestyle="--")
    if {"lower", "upper"} <= set(table.columns):
        low, high = column_of(table, "lower"), column_of(table, "upper")
        ax.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0)
    ax.plot(at, power, "o-", color=BLUE, markersize=4)
    ax.set_ylim(0.0, 1.02)
    ax.set_xlabel(x)
    ax.set_ylabel("power")
    return ax


def column_of(table: pd.DataFrame, name: str) -> np.ndarray[Any, np.dtype[Any]]:
    """A column of numbers.  Raises OptionError."""
    if name not in getattr(table, "columns", ()):
        raise OptionError(f"the table to draw has no column {name!r}")
    return table[name].to_numpy(dtype=float)
