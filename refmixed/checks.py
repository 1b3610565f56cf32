"""What arguments must be: one of several, whole numbers, numbers, columns that are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from .errors import (
    OffsetError,
    OptionError,
    PopulationError,
    RefmixedError,
    WeightsError,
    nth,
    one_line,
)
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


def per_row(name: str, given: Any, n: int, usual: float, error: type[RefmixedError]) -> Array:
    """Numbers (n,), the usual one where none are given.  Raises `error`."""
    return np.full(n, usual) if given is None else vector(name, given, n, error)


def weighty(weights: Array) -> Array:
    """(n,) Whether a weight is not zero: such a row says nothing.  Raises WeightsError: none is."""
    if len(weights) and not weights.any():
        raise WeightsError("weights must be positive in some rows, and all of them are zero")
    return weights != 0


def matrix(name: str, given: Any, n: int) -> Array:
    """Finite numbers (n, k); n of them are one column.  Raises OptionError."""
    values = finite(f"{name} must be finite numbers in {n} rows", given, n, 2, OptionError)
    return values[:, None] if values.ndim == 1 else values


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


def a_pair(name: str, given: Any, of: str = "(labels, columns)") -> tuple[Any, Any]:
    """Two things.  Raises OptionError."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise OptionError(f"{name} must be a pair {of}, not {type(given).__name__}")
    first, second = given
    return first, second


def coded(name: str, labels: Any, n: int, gaps: bool = False) -> tuple[tuple[str, ...], Array]:
    """The levels in order, as text, and codes (n,) of labels, -1 for a gap.  Raises OptionError."""
    values = np.asarray(labels, dtype=object if isinstance(labels, list | tuple) else None)
    there = ~np.asarray(pd.isna(values))
    if values.shape != (n,) or not (gaps or there.all()):
        raise OptionError(f"{name} must be {n}, none of them missing")
    codes = np.full(n, -1)
    try:
        levels, codes[there] = np.unique(values[there], return_inverse=True)
    except TypeError as error:
        raise OptionError(f"{name} must be of one kind, texts say or whole numbers") from error
    return tuple(map(level_text, levels)), codes


def level_text(level: Any) -> str:
    """A level as text, a whole number without a decimal point whatever its type."""
    return str(int(level) if isinstance(level, float) and level.is_integer() else level)


def read_term(
    pair: Any, t: int, n: int, gaps: bool = False
) -> tuple[Array, Array, tuple[str, ...]]:
    """Columns (n, k), codes (n,) and levels of the t-th term of arrays.  Raises OptionError."""
    labels, columns = a_pair(f"term {t}", pair)
    levels, codes = coded(f"the labels of term {t}", labels, n, gaps)
    if columns is None:
        return np.ones((n, 1)), codes, levels
    return matrix(f"the columns of term {t}", columns, n), codes, levels


def names_of(columns: Any) -> tuple[str, ...]:
    """The names that columns bring; none of a bare array; of no columns at all the intercept's."""
    if columns is None:
        return ("(Intercept)",)
    return tuple(map(str, getattr(columns, "columns", ())))


def in_one_order(
    named: Mapping[str, Any], terms: Any
) -> tuple[dict[str, Any], list[tuple[Any, Any]], pd.Index | None]:
    """Arguments and pairs (labels, columns), their rows in one order, and the rows' labels.

    The first with row labels, as pandas' objects have, sets the order; others with labels are read
    by label, the rest by position.  Raises OptionError, WeightsError or OffsetError.
    """
    pairs = [a_pair(f"term {t}", p) for t, p in enumerate(a_list("terms", terms), start=1)]
    given = dict(named)
    for t, (labels, columns) in enumerate(pairs, start=1):
        given |= {f"the labels of term {t}": labels, f"the columns of term {t}": columns}
    first = next((name for name, value in given.items() if row_labels(value) is not None), "y")
    index = row_labels(given.get(first))
    errors = {"weights": WeightsError, "offset": OffsetError}
    found = [by_label(n, v, index, first, errors.get(n, OptionError)) for n, v in given.items()]
    rest = found[len(named) :]
    ordered = list(zip(rest[::2], rest[1::2], strict=True))
    return dict(zip(named, found, strict=False)), ordered, index


def row_labels(given: Any) -> pd.Index | None:
    """The index of pandas' objects; None for what has none."""
    return given.index if isinstance(given, pd.Series | pd.DataFrame) else None


def by_label(
    name: str, given: Any, index: pd.Index | None, whose: str, error: type[RefmixedError]
) -> Any:
    """What is given, in the order of an index (n,); as it is where there are no labels to go by.

    Raises `error` where the labels are others, or repeat, so that they do not say which is which.
    """
    own = row_labels(given)
    if own is None or index is None or len(own) != len(index) or own.equals(index):
        return given  # another length is refused for what it is
    way_out = "an array, which has none, is read by position"
    if not (own.is_unique and index.is_unique):
        raise error(f"row labels of {name} or {whose} repeat, in another order: {way_out}")
    places = own.get_indexer(index) if own.nlevels == index.nlevels else np.full(len(own), -1)
    if (places < 0).any():
        label = nth(index, int((places < 0).argmax()))
        raise error(f"{name} and {whose} have other row labels ({label} is one): {way_out}")
    return given.iloc[places]
