"""What arguments must be: one of several, whole numbers, numbers, columns that are there."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from .errors import OptionError, PopulationError, RefmixedError, one_line
from .linalg import Array


def one_of(option: str, value: object, allowed: Iterable[str]) -> None:
    """Refuse a value that is not admissible for an option."""
    choices = list(allowed)
    if not isinstance(value, str) or value not in choices:
        raise not_one_of(option, value, choices)


def not_one_of(option: str, value: object, choices: Iterable[str]) -> OptionError:
    """What to say where a value is not admissible for an option."""
    return OptionError(f"{option} must be one of {', '.join(map(repr, choices))}, not {value!r}")


def whole_number(name: str, value: object, least: int, error: type[RefmixedError]) -> int:
    """A number that counts something.  Raises `error` unless it is whole, and not below `least`."""
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < least:
        raise error(f"{name} must be a whole number, {least} or more, not {value!r}")
    return int(value)


def numbers(given: Any, what: str) -> Array:
    """Finite numbers as an array.  Raises PopulationError."""
    values = as_floats(given)
    if values is None:
        raise PopulationError(f"{what} must be numbers, not {one_line(repr(given))}")
    if not np.isfinite(values).all():
        raise PopulationError(f"{what} must be finite numbers")
    return values


def as_floats(given: Any) -> Array | None:
    """Numbers as an array; None where they are no numbers, texts of digits among them."""
    try:
        values = np.asarray(given)
        is_number = given is not None and values.dtype.kind in "biufO"
        if values.dtype.kind == "O" and any(isinstance(v, str | bytes) for v in values.flat):
            return None
        return values.astype(float) if is_number else None
    except (TypeError, ValueError):
        return None


def vector(name: str, given: Any, n: int, error: type[RefmixedError] = OptionError) -> Array:
    """n finite numbers (n,).  Raises `error`."""
    return finite(f"{name} must be {n} finite numbers", given, n, 1, error)


def matrix(name: str, given: Any, n: int) -> Array:
    """Finite numbers (n, k); n of them are one column.  Raises OptionError."""
    values = finite(f"{name} must be finite numbers in {n} rows", given, n, 2, OptionError)
    return values.reshape(n, -1) if values.ndim == 1 else values


def finite(demand: str, given: Any, n: int, most: int, error: type[RefmixedError]) -> Array:
    """Numbers in n rows, of `most` dimensions at most.  Raises `error`, with what is demanded."""
    values = as_floats(given)
    if values is None:
        raise error(demand)
    if values.shape[:1] != (n,) or values.ndim > most:
        raise error(f"{demand}, not of shape {values.shape}")
    if not np.isfinite(values).all():
        raise error(f"{demand}, and one is {values[~np.isfinite(values)][0]}")
    return values


def length(given: Any) -> int:
    """How many there are; of what has no length, one."""
    return len(given) if hasattr(given, "__len__") else 1


def a_list(name: str, given: Any) -> list[Any]:
    """A list.  Raises OptionError."""
    if not isinstance(given, tuple | list):
        raise OptionError(f"{name} must be a list, not {type(given).__name__}")
    return list(given)


def a_pair(name: str, given: Any) -> tuple[Any, Any]:
    """Labels and columns.  Raises OptionError."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise OptionError(f"{name} must be a pair (labels, columns), not {type(given).__name__}")
    labels, columns = given
    return labels, columns


def coded(name: str, labels: Any, n: int) -> tuple[tuple[str, ...], Array]:
    """The levels in order, as text, and codes (n,) of n labels.  Raises OptionError."""
    values = np.asarray(labels, dtype=object if isinstance(labels, list | tuple) else None)
    if values.shape != (n,) or pd.isna(values).any():
        raise OptionError(f"{name} must be {n}, none of them missing")
    try:
        levels, codes = np.unique(values, return_inverse=True)
    except TypeError as error:
        raise OptionError(f"{name} must be of one kind, texts say or whole numbers") from error
    return tuple(map(str, levels)), codes
