"""Numbers in nested lists, JSON numbers or decimal strings, read as the nearest doubles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from refmixed.linalg import Array  # which loads scipy

LONGEST = 1000  # characters of a number
NUMBER = re.compile(  # nothing is tried twice: there are millions
    r"[+-]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:e[+-]?[0-9]++)?|nan|[+-]?inf", re.IGNORECASE
)


def array(nested: Any, ndim: int) -> Array:
    """Nested lists of numbers, or an array, as an array.  Raises ValueError for anything else."""
    if isinstance(nested, np.ndarray):
        return nested
    if ndim == 0:
        return np.array(number(nested))
    if not isinstance(nested, list | tuple):
        raise ValueError(f"{short(nested)} where a list is expected")
    if ndim == 1:
        return np.array([number(x) for x in nested], dtype=float)
    parts = [array(part, ndim - 1) for part in nested]
    if len({part.shape for part in parts}) > 1:
        raise ValueError("lists of different lengths where an array is expected")
    return np.array(parts, dtype=float) if parts else np.zeros((0,) * ndim)


def number(x: Any) -> float:
    """One number.  Raises ValueError for what is none; null is NaN."""
    if x is None:
        return float("nan")
    if isinstance(x, str) and len(x) <= LONGEST and NUMBER.fullmatch(x):
        return float(x)
    if isinstance(x, int | float) and not isinstance(x, bool):
        try:
            return float(x)
        except OverflowError:
            return float("inf") if x > 0 else float("-inf")
    raise ValueError(f"{short(x)} where a number is expected")


def short(x: Any) -> str:
    """A value in a message: a list by its name, what is long cut."""
    if isinstance(x, list | tuple | dict):
        return "an object" if isinstance(x, dict) else "a list"
    text = repr(x)
    return text if len(text) <= 40 else text[:37] + "..."


def outline(nested: Any, ndim: int) -> tuple[int, ...]:
    """The shape of nested lists as their first elements have it; zeros within an empty list."""
    if isinstance(nested, np.ndarray):
        return nested.shape
    if ndim == 0 or not isinstance(nested, list | tuple):
        return ()
    inner = outline(nested[0], ndim - 1) if nested else (0,) * (ndim - 1)
    return (len(nested), *inner)


def at(nested: Any, place: tuple[int, ...]) -> Any:
    """The element of nested lists at a place; None where there is none."""
    for k in place:
        if not isinstance(nested, list | tuple) or k >= len(nested):
            return None
        nested = nested[k]
    return nested
