"""A data frame of any maker -> one of pandas."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import pandas as pd

from ..errors import DataError, EmptyDataError, one_line


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
