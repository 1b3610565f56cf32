"""R's functions that make several columns of one: poly, scale, bs, ns.

Each learns from the data of the fit (its memory) and means the same for new rows.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from formulaic.transforms import TRANSFORMS

from ..errors import ExtrapolationWarning
from ..linalg import Array
from .arithmetic import number

Memory = dict[str, Any]
MOST = 1000  # degrees and columns of one basis


def vector(x: Any) -> Array:
    """Numbers (n,).  Raises ValueError for a matrix."""
    values = np.asarray(number(x))
    if values.ndim != 1:
        raise ValueError("one column is needed")
    return values


def whole(value: Any, name: str, least: int) -> int:
    """A whole number.  Raises ValueError, TypeError."""
    value = number(value)
    if np.size(value) != 1 or value % 1 != 0 or not least <= value <= MOST:
        raise ValueError(f"{name} is a whole number, at least {least} and at most {MOST}")
    return int(value)


def poly(memory: Memory, x: Any, *more: Any, degree: Any = 1, raw: Any = False) -> Array:
    """R's poly(): orthogonal polynomials, or powers where raw."""
    if len(more) > 1 or (more and np.size(more[0]) != 1):
        raise ValueError("poly() takes one variable here")
    x, degree = vector(x), whole(more[0] if more else degree, "the degree", 1)
    if not (raw or memory) and degree >= len(np.unique(x)):
        raise ValueError("the degree must be less than the number of different values")
    return np.asarray(TRANSFORMS["poly"](x, degree, bool(raw), _state=memory))


def scale(memory: Memory, x: Any, center: Any = True, scale: Any = True) -> Array:
    """R's scale(): each column less its mean, over its standard deviation, or over those given."""
    x = np.asarray(number(x))
    if "center" not in memory:
        memory["center"] = per_column(np.nanmean(x, axis=0), center, 0.0, x)
    x = x - memory["center"]
    if "scale" not in memory:
        memory["scale"] = per_column(spread(x), scale, 1.0, x)
    return np.asarray(x / memory["scale"])


def spread(x: Array) -> Array:
    """The root of the sum of squares over n - 1, of each column."""
    return np.asarray(
        np.sqrt(np.nansum(x**2, axis=0) / np.maximum(1, (~np.isnan(x)).sum(axis=0) - 1))
    )


def per_column(own: Array, given: Any, without: float, x: Array) -> Array:
    """What scale() takes of each column: its own number where TRUE, or what is given."""
    if isinstance(given, bool):
        return own if given else np.full_like(own, without)
    values = np.asarray(number(given))
    if values.size != own.size:
        raise ValueError(f"scale() needs {own.size} numbers, one a column, not {values.size}")
    return values.reshape(own.shape)


def bs(
    memory: Memory,
    x: Any,
    df: Any = None,
    knots: Any = None,
    degree: Any = 3,
    intercept: Any = False,
    Boundary_knots: Any = None,
) -> Array:
    """splines::bs(): B-splines, beyond the boundary knots their outermost polynomials."""
    x, degree = vector(x), whole(degree, "the degree", 1)
    if not memory:
        free = None if df is None else whole(df, "df", 1) - degree - bool(intercept)
        place_knots(memory, x, knots, free, Boundary_knots)
    warn_beyond(memory, x)
    return splines(memory, x, degree)[:, 0 if intercept else 1 :]


def ns(
    memory: Memory,
    x: Any,
    df: Any = None,
    knots: Any = None,
    intercept: Any = False,
    Boundary_knots: Any = None,
) -> Array:
    """splines::ns(): natural cubic splines, straight lines beyond the boundary knots."""
    x = vector(x)
    if not memory:
        free = None if df is None else whole(df, "df", 1) - 1 - bool(intercept)
        place_knots(memory, x, knots, free, Boundary_knots)
    low, high = memory["boundary"]
    ends = np.clip(x, low, high)
    basis = splines(memory, ends, 3) + (x - ends)[:, None] * splines(memory, ends, 3, 1)
    bends = splines(memory, np.array([low, high]), 3, 2)  # second derivatives, which must vanish
    skip = 0 if intercept else 1
    Q, _ = np.linalg.qr(bends[:, skip:].T, mode="complete")
    return np.asarray(basis[:, skip:] @ Q[:, 2:])


def place_knots(memory: Memory, x: Array, knots: Any, free: int | None, boundary: Any) -> None:
    """Remember the boundary knots and the inner ones: those given, or `free` many quantiles."""
    x = x[~np.isnan(x)]
    ends = np.sort(np.atleast_1d(number([x.min(), x.max()] if boundary is None else boundary)))
    if ends.shape != (2,) or ends[0] == ends[1]:
        raise ValueError("boundary knots are two different numbers")
    if knots is None and free is not None and free < 0:
        raise ValueError(f"df is too small by {-free}")
    if knots is None:
        inside = x[(x >= ends[0]) & (x <= ends[1])]
        inner = np.quantile(inside, np.linspace(0, 1, (free or 0) + 2)[1:-1])
    else:
        inner = np.sort(np.atleast_1d(number(knots)))
        if len(inner) and not ends[0] < inner[0] <= inner[-1] < ends[1]:
            raise ValueError("knots lie between the boundary knots")
    memory.update(boundary=ends, inner=inner)


def splines(memory: Memory, x: Array, degree: int, derivative: int = 0) -> Array:
    """All B-splines (n, inner knots + degree + 1) at x, or their derivatives."""
    from scipy.interpolate import BSpline  # as long to load as all the rest of scipy

    low, high = memory["boundary"]
    ends = degree + 1
    knots = np.concatenate([[low] * ends, memory["inner"], [high] * ends])
    spline = BSpline(knots, np.eye(len(knots) - ends), degree)
    return np.asarray(spline(x, derivative))


def warn_beyond(memory: Memory, x: Array) -> None:
    """R's warning where a B-spline is carried beyond its boundary."""
    low, high = memory["boundary"]
    beyond = x[(x < low) | (x > high)]
    if beyond.size:
        warnings.warn(
            "bs() goes on beyond the data of the fit, or beyond the boundary knots: "
            f"{beyond[0]:g} is not between {low:g} and {high:g}",
            ExtrapolationWarning,
            stacklevel=2,
        )
