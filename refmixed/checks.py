"""What arguments must be: one of several, whole numbers, numbers, columns that are there."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from .errors import (
    OptionError,
    PopulationError,
    RefmixedError,
    UnknownColumnError,
    nearest,
    one_line,
)
from .linalg import Array


def require_columns(names: Iterable[str], data: pd.DataFrame) -> None:
    """Raises UnknownColumnError with the nearest name."""
    for name in names:
        if name not in data.columns:
            raise UnknownColumnError(
                f"the data have no column {name!r}{nearest(name, data.columns)}"
            )


def is_real(dtype: Any) -> bool:
    """Whether a column of this type holds numbers, and not complex ones."""
    return bool(pd.api.types.is_numeric_dtype(dtype) and dtype.kind != "c")


def one_of(option: str, value: object, allowed: Iterable[str]) -> None:
    """Refuse a value that is not admissible for an option."""
    choices = list(allowed)
    if not isinstance(value, str) or value not in choices:
        raise OptionError(f"{option} must be one of {', '.join(map(repr, choices))}, not {value!r}")


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
