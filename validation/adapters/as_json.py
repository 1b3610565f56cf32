"""What an adapter answers, with arrays and numbers of any library, as JSON has it.

It needs nothing but Python: serve.py runs where an adapter runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from numbers import Complex, Real
from typing import Any

# What makes lists: of numpy, pandas and torch; polars; data frames; sparse matrices; Arrow.
WAYS = ("tolist", "to_list", "to_numpy", "toarray", "to_pandas")


def as_json(value: Any) -> Any:
    """Lists for arrays, doubles for numbers; SPEC.md's texts where they are not finite."""
    if isinstance(value, float):
        return float(value) if isfinite(value) else repr(float(value))
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): as_json(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | range):
        return [as_json(inner) for inner in value]
    for way in WAYS:
        inner = getattr(value, way)() if hasattr(value, way) else value
        if type(inner) is not type(value):  # numpy's long double is its own list
            return as_json(inner)
    return number(value)


def number(value: Any) -> Any:
    """The double nearest to a real number; of anything else its type, which no quantity accepts.

    A float32 is exactly a double.  Its shortest decimal would lend it digits that it lacks.
    """
    if not isinstance(value, Complex) or isinstance(value, Real):  # numpy's complex is a float, too
        try:
            return as_json(float(value))
        except (TypeError, ValueError, OverflowError):
            pass
    return f"<{type(value).__name__}>"
