"""Data as R has them: frames of any maker, and columns that are numbers, truths or levels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from formulaic.transforms.contrasts import PolyContrasts, TreatmentContrasts

from ..errors import (
    DataError,
    EmptyDataError,
    RefmixedError,
    UnknownColumnError,
    nearest,
    one_line,
)
from ..linalg import Array


@dataclass(frozen=True, eq=False)
class Coded:
    """A categorical variable: codes (n,), -1 where missing, of levels, and its contrasts."""

    codes: Array
    levels: tuple[str, ...]
    contrasts: Any

    @classmethod
    def of(cls, values: Any, levels: Any = None, ordered: bool = False) -> Coded:
        """Strings, numbers, booleans or a pandas categorical; levels sorted where none are given.

        Strings sort by code point (R's C locale), numbers by size; an ordered factor has R's
        polynomial contrasts, others have treatment contrasts.
        """
        if isinstance(values, Coded):
            ordered = ordered or isinstance(values.contrasts, PolyContrasts)
            values = pd.Categorical.from_codes(values.codes, pd.Index(values.levels))
        values = getattr(values, "array", values)  # of a Series
        if levels is not None:
            values = pd.Categorical(np.asarray(values), categories=np.asarray(levels))
        if not isinstance(values, pd.Categorical):
            values = pd.Categorical(values, categories=sorted_levels(values))
        contrasts = PolyContrasts() if ordered or values.ordered else TreatmentContrasts()
        labels = list(map(label, values.categories))
        levels = {name: k for k, name in enumerate(dict.fromkeys(labels))}  # R's are texts
        codes = np.append([levels[name] for name in labels], -1).astype(int)[values.codes]
        return cls(codes, tuple(levels), contrasts)

    def __len__(self) -> int:
        return len(self.codes)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        if not np.isscalar(other):
            raise TypeError("a categorical variable can be compared with one of its levels only")
        return np.asarray(self.levels)[self.codes] == label(other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return ~(self == other)

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("a categorical variable is no number")


def sorted_levels(values: Any) -> Any:
    """The levels of what is not a pandas categorical already."""
    if pd.api.types.is_bool_dtype(pd.Series(values).dtype):
        return [False, True]
    return sorted(pd.unique(pd.Series(values).dropna()))


def label(level: Any) -> str:
    """A level as R writes it: TRUE, 308, 1.5, text."""
    if isinstance(level, bool | np.bool_):
        return "TRUE" if level else "FALSE"
    if isinstance(level, float):
        return f"{level + 0.0:.15g}"  # -0.0 + 0.0 is 0.0
    return str(level)


def as_frame(data: Any) -> pd.DataFrame:
    """A pandas frame of any data frame that narwhals reads.  Raises DataError, EmptyDataError."""
    if is_plain(data):
        return data
    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError as error:
        kind = type(data).__name__
        raise DataError(
            f"data must be a data frame, of pandas or polars say, not {kind}"
        ) from error
    except (ValueError, nw.exceptions.NarwhalsError) as error:
        raise DataError(f"the data cannot be read: {one_line(error)}") from error
    native = nw.to_native(frame)
    if not isinstance(native, pd.DataFrame):
        native = pd.DataFrame({name: as_series(frame[name]) for name in frame.columns})
    if len(native) == 0:
        raise EmptyDataError("the data have no rows")
    native = native.set_axis([str(name) for name in native.columns], axis=1)
    if not native.columns.is_unique:
        twice = native.columns[native.columns.duplicated()][0]
        raise DataError(f"two columns of the data are called {twice!r}")
    return native


def is_plain(data: Any) -> bool:
    """Whether it is a pandas frame with rows, and each column has a name of its own."""
    is_frame = isinstance(data, pd.DataFrame) and len(data) > 0 and data.columns.is_unique
    return is_frame and all(isinstance(name, str) for name in data)


def as_series(column: Any) -> Any:
    """A column of another library's frame, its categories and their order kept."""
    if column.dtype == nw.Enum:
        return pd.Categorical(column.to_list(), categories=list(column.dtype.categories))
    if column.dtype == nw.Categorical and column.implementation.is_pyarrow():
        return column.to_native().to_pandas()
    return column.to_list()  # polars' Categorical has no order of its own


def as_variable(column: pd.Series[Any], name: str) -> Any:
    """A column as numbers or booleans (n,) or Coded; what is not these or strings is refused."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return as_coded(column)
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype=bool)
    if is_real(column.dtype):
        return column.to_numpy(dtype=float)
    if all(isinstance(v, str) for v in column):
        return as_coded(column)
    if all(isinstance(v, bool | np.bool_) for v in column):
        return column.to_numpy(dtype=bool)
    kind = type(next(v for v in column if not isinstance(v, str))).__name__
    raise DataError(f"column {name!r} holds {kind} values; make it numbers or strings")


def as_group(column: pd.Series[Any], name: str) -> Coded:
    """A grouping column; integers keep all their digits, with which people number subjects."""
    whole = pd.api.types.is_integer_dtype(column.dtype)
    return as_coded(column if whole else as_variable(column, name))


def as_coded(values: Any) -> Coded:
    """A categorical variable."""
    return Coded.of(values)


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
    return bool(pd.api.types.is_numeric_dtype(dtype) and dtype.kind != "c")
