"""Data frames of any maker as pandas frames."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from ..errors import DataError, EmptyDataError, one_line


def read_table(data: Any) -> pd.DataFrame:
    """A pandas frame of any data frame that narwhals reads.  Raises DataError, EmptyDataError."""
    table = data if isinstance(data, pd.DataFrame) else from_another(data)
    if len(table) == 0:
        raise EmptyDataError("the data have no rows")
    table = table.set_axis([str(name) for name in table.columns], axis=1)
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise DataError(f"two columns of the data are called {twice!r}")
    return table


def from_another(data: Any) -> pd.DataFrame:
    """A pandas frame of what narwhals reads.  Raises DataError."""
    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError as error:
        kind = type(data).__name__
        raise DataError(
            f"data must be a data frame, of pandas or polars say, not {kind}"
        ) from error
    except ValueError as error:  # narwhals' own errors among them
        raise unreadable(error) from error
    native = nw.to_native(frame)
    if isinstance(native, pd.DataFrame):
        return native
    try:
        return pd.DataFrame({name: as_series(frame[name]) for name in frame.columns})
    except (ValueError, KeyError) as error:  # of two columns of one name
        raise unreadable(error) from error


def unreadable(error: Exception) -> DataError:
    """What to say where another library cannot read its own table."""
    return DataError(f"the data cannot be read: {one_line(error)}")


def as_series(column: Any) -> Any:
    """A column of another library's frame: categories in order, whole numbers with all digits."""
    if column.dtype == nw.Enum:
        return pd.Categorical(column.to_list(), categories=list(column.dtype.categories))
    if column.dtype == nw.Categorical and column.implementation.is_pyarrow():
        return from_dictionary(column.to_native())
    values = column.to_list()  # polars' Categorical has no order of its own
    if set(map(type, values)) == {int, type(None)}:
        return whole(values)  # pandas would make doubles of them
    return values


def from_dictionary(column: Any) -> pd.Categorical:
    """A column of Arrow's dictionary type, a null or a repeated value among its values or not."""
    chunks = (chunk.dictionary.to_pylist() for chunk in column.chunks)
    levels = dict.fromkeys(level for chunk in chunks for level in chunk if level is not None)
    return pd.Categorical(column.to_pylist(), list(levels), ordered=column.type.ordered)


def whole(values: list[Any]) -> Any:
    """Python's whole numbers, None where missing: 64 bits where these hold them, else objects."""
    try:
        return pd.array(values, dtype="Int64")
    except (OverflowError, TypeError, ValueError):
        return pd.Series(values, dtype=object)
