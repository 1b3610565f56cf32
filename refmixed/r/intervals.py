"""R's cut(): numbers as intervals, named as R names them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from ..linalg import Array
from .arithmetic import number, texts
from .data import made
from .factors import Memory

MOST = 10_000  # intervals


def cut(
    memory: Memory,
    x: Any,
    breaks: Any,
    labels: Any = None,
    include_lowest: Any = False,
    right: Any = True,
    dig_lab: Any = 3,
    ordered_result: Any = False,
) -> Any:
    """R's cut(): numbers as intervals; breaks that are a number are of the data of the fit."""
    x = number(x)
    if "breaks" not in memory:
        memory["breaks"] = breaks_of(x[~np.isnan(x)], number(breaks))
    points = memory["breaks"]
    inner = np.searchsorted(points, x, side="left" if right else "right") - 1
    if include_lowest:
        inner = np.where(x == points[0 if right else -1], 0 if right else len(points) - 2, inner)
    codes = np.where((inner < 0) | (inner > len(points) - 2) | np.isnan(x), -1, inner)
    if labels is False:
        return np.where(codes < 0, np.nan, codes + 1.0)
    if labels is None:
        names = interval_names(points, bool(right), bool(include_lowest), int(dig_lab))
    else:
        names = texts(np.atleast_1d(labels)).tolist()
    if len(names) != len(points) - 1 or len(set(names)) < len(names):
        raise ValueError(f"cut() needs {len(points) - 1} different labels, one an interval")
    return made(codes, tuple(names), ordered_result)


def breaks_of(x: Array, breaks: Any) -> Array:
    """The points at which R cuts: those given, or so many intervals over the range of x."""
    if np.size(breaks) > 1:
        points = np.sort(breaks)
        if not (np.diff(points) > 0).all():
            raise ValueError("two breaks are equal, or one is missing")
        return points
    if not 2 <= breaks <= MOST:
        raise ValueError(f"cut() makes two intervals at least, and {MOST} at most")
    low, high = x.min(), x.max()
    step = high - low
    if step == 0:
        step = abs(low) or 1.0
        return np.linspace(low - step / 1000, high + step / 1000, int(breaks) + 1)
    points = np.linspace(low, high, int(breaks) + 1)
    points[0], points[-1] = low - step / 1000, high + step / 1000
    return points


def as_c(point: float, digits: int) -> str:
    """A number as C's %g shows it; R's formatC() sets a blank before infinity."""
    return " Inf" if point == np.inf else f"{point + 0.0:.{digits}g}".replace("inf", "Inf")


def interval_names(points: Array, right: bool, lowest: bool, digits: int) -> list[str]:
    """(0,1], with as many digits as tell the points apart, three at least."""
    for precise in range(digits, max(12, digits) + 1):
        shown = [as_c(point, precise) for point in points]
        if all(a != b for a, b in pairwise(shown)):
            break
    else:
        return [f"Range_{k}" for k in range(1, len(points))]
    opening, closing = "(]" if right else "[)"
    names = [f"{opening}{a},{b}{closing}" for a, b in pairwise(shown)]
    if lowest and right:
        names[0] = "[" + names[0][1:]
    elif lowest:
        names[-1] = names[-1][:-1] + "]"
    return names
