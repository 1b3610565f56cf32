"""Pictures of tables that other functions return: intervals, and power curves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ...errors import OptionError
from ...linalg import Array
from .canvas import BLUE, GREEN, GREY, INK, ORANGE, canvas

COLOURS = (BLUE, ORANGE, GREEN, INK)  # of curves, in turn


def intervals(
    table: pd.DataFrame, estimates: Any = None, ax: Axes | None = None, unit: str | None = None
) -> Axes:
    """Intervals, such as those of variance components, a row each, and the estimates within.

    table: columns lower and upper, or two columns of limits as of `Fit.confint`; estimate, unless
    estimates (rows,) are given.  A limit that is infinite or nan ends in the estimate.
    unit: of all rows: draw those of one unit together.  Raises OptionError.
    """
    lower, upper = limits(table)
    at = middle(table, estimates)
    rows = np.arange(len(table))[::-1]
    ax = canvas(ax, height=max(2.0, 0.45 * len(rows) + 1.0))
    low, high = (np.where(np.isfinite(limit), limit, at) for limit in (lower, upper))
    ax.errorbar(at, rows, xerr=[at - low, high - at], fmt="o", color=INK, ecolor=BLUE, capsize=3)
    if np.nanmin(low, initial=np.inf) >= 0.0:
        ax.axvline(0.0, color=GREY, linewidth=1)
    ax.set_yticks(rows, list(map(str, table.index)))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel("estimate" if unit is None else f"estimate ({unit})")
    return ax


def limits(table: pd.DataFrame) -> tuple[Array, Array]:
    """The lower and the upper limits (rows,).  Raises OptionError."""
    if {"lower", "upper"} <= set(getattr(table, "columns", ())):
        return column_of(table, "lower"), column_of(table, "upper")
    if getattr(table, "shape", ())[1:] != (2,):
        raise OptionError("the table to draw must have columns lower and upper, or two of limits")
    lower, upper = table.to_numpy(dtype=float).T
    return lower, upper


def middle(table: pd.DataFrame, estimates: Any) -> Array:
    """The estimates (rows,).  Raises OptionError."""
    if estimates is None:
        return column_of(table, "estimate")
    own = estimates.reindex(table.index) if isinstance(estimates, pd.Series) else estimates
    at = np.asarray(own, dtype=float)
    if at.shape != (len(table),):
        raise OptionError(f"estimates must be {len(table)} numbers, not of shape {at.shape}")
    return at


def power_curve(
    table: pd.DataFrame,
    x: str,
    by: str | None = None,
    ax: Axes | None = None,
    goal: float | None = 0.8,
) -> Axes:
    """Power against a column x of a table, with Monte Carlo intervals lower and upper.

    table: columns x and power; lower and upper where it has them.  by: a column, a curve for each
    of its values.  goal: a line.  Raises OptionError.
    """
    column_of(table, "power"), column_of(table, x)
    if by is not None and by not in table:
        raise OptionError(f"the table to draw has no column {by!r}")
    ax = canvas(ax)
    if goal is not None:
        ax.axhline(goal, color=GREY, linewidth=1, linestyle="--")
    parts = [(None, table)] if by is None else list(table.groupby(by, sort=False))
    for number, (value, part) in enumerate(parts):
        one_curve(ax, part.sort_values(x), x, value, COLOURS[number % len(COLOURS)])
    ax.set_ylim(0.0, 1.02)
    ax.set_xlabel(x)
    ax.set_ylabel("power")
    if by is not None:
        ax.legend(frameon=False, fontsize=8, title=by)
    return ax


def one_curve(ax: Axes, part: pd.DataFrame, x: str, value: Any, colour: str) -> None:
    """One curve with its band."""
    at = column_of(part, x)
    if {"lower", "upper"} <= set(part.columns):
        ax.fill_between(at, *limits(part), color=colour, alpha=0.2, linewidth=0)
    label = None if value is None else str(value)
    ax.plot(at, column_of(part, "power"), "o-", color=colour, markersize=4, label=label)


def column_of(table: pd.DataFrame, name: str) -> Array:
    """A column of numbers.  Raises OptionError."""
    if name not in getattr(table, "columns", ()):
        raise OptionError(f"the table to draw has no column {name!r}")
    return table[name].to_numpy(dtype=float)
