"""Columns of data as R has them: numbers, truths or levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from formulaic.transforms.contrasts import PolyContrasts, TreatmentContrasts

from ..errors import DataError, RefmixedError, UnknownColumnError, nearest
from ..linalg import Array
from .levels import (
    Exact,
    chosen,
    identity,
    is_number,
    labels,
    neither,
    positions,
    repeated,
    sorted_values,
)
from .tables import read_table


@dataclass(frozen=True, eq=False)
class Coded:
    """A categorical variable: codes (n,), -1 where missing, of levels, and its contrasts.

    levels: how R writes them (see `labels`).  identities: the same values with all their digits.
    """

    codes: Array
    levels: tuple[str, ...]
    contrasts: Any
    identities: tuple[str, ...] = ()  # the labels where none are given

    def __post_init__(self) -> None:
        """Labels of texts are what they are."""
        object.__setattr__(self, "identities", self.identities or self.levels)

    @classmethod
    def of(cls, values: Any, levels: Any = None, ordered: bool = False) -> Coded:
        """Strings, numbers, booleans or a pandas categorical; levels sorted where none are given.

        Strings sort by code point (R's C locale), numbers by size; an ordered factor has R's
        polynomial contrasts, others have treatment contrasts.  Raises DataError where two values
        cannot be told apart (1 and "1"), ValueError where a level is given twice.
        """
        coded = values if isinstance(values, Coded) else factor_of(values)
        coded = coded if levels is None else coded.among(levels)
        return replace(coded, contrasts=PolyContrasts()) if ordered else coded

    def among(self, levels: Any) -> Coded:
        """The same variable with these levels in this order; missing where it has another."""
        names, identities, place = chosen(levels, self.levels, self.identities)
        return Coded(place[self.codes], names, self.contrasts, identities)

    def __len__(self) -> int:
        return len(self.codes)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        if not np.isscalar(other):
            raise TypeError("a categorical variable can be compared with one of its levels only")
        k = positions(self.levels, self.identities).get(identity(other), -2)
        return self.codes == k

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return ~(self == other)

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("a categorical variable is no number")


def factor_of(values: Any) -> Coded:
    """The factor of strings, numbers, booleans or a pandas categorical."""
    values = getattr(values, "exact", values)
    values = getattr(values, "array", values)  # of a Series
    codes, found = distinct(values)
    plain = all(isinstance(level, str) or type(level) is int for level in found)
    names = tuple(map(str, found) if plain else labels(found))
    identities = names if plain else tuple(map(identity, found))
    if twice := repeated(identities):
        raise DataError(f"two levels read {twice!r}: rename one of them")
    ordered = isinstance(values, pd.Categorical) and values.ordered
    return made(codes, names, ordered, identities)


def made(
    codes: Array, levels: tuple[str, ...], ordered: Any = False, identities: tuple[str, ...] = ()
) -> Coded:
    """A factor with R's contrasts."""
    contrasts = PolyContrasts() if ordered else TreatmentContrasts()
    return Coded(codes, levels, contrasts, identities)


def distinct(values: Any) -> tuple[Array, list[Any]]:
    """Codes (n,), -1 where missing, and the different values in order: R's unique() and sort().

    A pandas categorical has its own; TRUE and FALSE are always both there.
    """
    if isinstance(values, pd.Categorical):
        return np.asarray(values.codes, dtype=int), values.categories.tolist()
    return sorted_values(values if hasattr(values, "dtype") else np.asarray(values))


def as_frame(data: Any) -> pd.DataFrame:
    """A pandas frame of any data frame that narwhals reads.  Raises DataError, EmptyDataError."""
    return data if is_plain(data) else read_table(data)


def is_plain(data: Any) -> bool:
    """Whether it is a pandas frame with rows, and each column has a name of its own."""
    is_frame = isinstance(data, pd.DataFrame) and len(data) > 0 and data.columns.is_unique
    return is_frame and all(isinstance(name, str) for name in data)


def there(column: pd.Series[Any]) -> Array:
    """(n,) Whether a row of a column has a value; pandas' own notna() is slow on short columns."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return np.asarray(column.array.codes >= 0)
    if not isinstance(kind, np.dtype) or kind.kind not in "biuf":
        return column.notna().to_numpy()
    return ~np.isnan(column.to_numpy()) if kind.kind == "f" else np.ones(len(column), dtype=bool)


def part(column: pd.Series[Any], keep: Array) -> pd.Series[Any]:
    """A column in some rows (n,); the column itself, not a copy, in all."""
    return column if keep.all() else column[keep]


def as_variable(column: pd.Series[Any], name: str) -> Any:
    """A column as numbers or booleans (n,) or Coded; what is not these or strings is refused."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return Coded.of(column)
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype=bool)
    if holds_texts(column):
        return Coded.of(column)
    if holds_numbers(column):
        return as_numbers(column, name)
    if all(isinstance(v, bool | np.bool_) for v in column):
        return column.to_numpy(dtype=bool)
    raise neither(column, name)


def as_numbers(column: pd.Series[Any], name: str) -> Array:
    """A column of numbers as doubles (n,); whole numbers and decimals stay with them as `exact`."""
    try:
        doubles = column.to_numpy(dtype=float)
    except OverflowError as error:
        raise DataError(f"column {name!r} holds a number that is too large") from error
    if pd.api.types.is_float_dtype(column.dtype):
        return doubles
    remembering = doubles.view(Exact)
    remembering.exact = column.array
    return remembering


def as_group(column: pd.Series[Any], name: str) -> Coded:
    """A grouping column: distinct values are distinct levels."""
    return Coded.of(as_variable(column, name))


def require_columns(
    names: Iterable[str],
    data: pd.DataFrame,
    error: type[RefmixedError] = UnknownColumnError,
    whose: str = "the data",
) -> None:
    """Raises `error` with the nearest name."""
    for name in names:
        if name not in data.columns:
            raise error(f"{whose} have no column {name!r}{nearest(name, data.columns)}")


def is_real(dtype: Any) -> bool:
    """Whether a column of this type holds numbers, and not complex ones."""
    return bool(pd.api.types.is_numeric_dtype(dtype) and dtype.kind not in "cO")


def holds_texts(column: pd.Series[Any]) -> bool:
    """Whether a column holds nothing but texts, of their own type or as objects."""
    if column.dtype == object:
        return len(column) == 0 or pd.api.types.infer_dtype(column, skipna=False) == "string"
    return column.dtype.type is str or all(isinstance(v, str) for v in column)


def holds_numbers(column: pd.Series[Any]) -> bool:
    """Whether a column holds numbers and nothing else, of their own type or as objects."""
    if column.dtype.kind != "O" or isinstance(column.dtype, pd.CategoricalDtype):
        return is_real(column.dtype)
    present = column.dropna()
    return len(present) > 0 and all(map(is_number, present))
