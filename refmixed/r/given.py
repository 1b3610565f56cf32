"""What is given beside the data, weights and an offset: a column's name, or numbers.

Numbers that have row labels, as pandas' Series have, belong to the rows of the data by label, as
everything in pandas does; others, and all where the data have no labels, by position.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from ..checks import by_label, row_labels
from ..errors import DataError, nth
from ..linalg import Array
from .data import holds_numbers, require_columns


def beside(data: Any, *given: Any) -> list[Any]:
    """What is given, without its row labels where the data, of any maker, have none."""
    has_labels = row_labels(nw.to_native(data, pass_through=True)) is not None
    found = [pd.Series(g) if isinstance(g, dict) else g for g in given]
    return [g if has_labels or row_labels(g) is None else g.reset_index(drop=True) for g in found]


def per_row(given: Any, data: pd.DataFrame, what: str, error: type[DataError]) -> Array:
    """Numbers (n,): those of a column's name or of a vector.  Raises `error`."""
    n = len(data)
    if isinstance(given, str):
        require_columns([given], data)
        given = data[given]
    try:
        column = pd.Series(by_label(what, given, data.index, "the data", error))
    except (TypeError, ValueError) as cause:
        if isinstance(cause, error):
            raise
        raise error(f"{what} must be numbers, one a row of the data") from cause
    if not holds_numbers(column):
        raise error(f"{what} must be numbers, one a row of the data")
    if len(column) != n:
        raise error(f"{what} must be {n} numbers, one a row of the data, not {len(column)}")
    numbers = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    if (infinite := np.isinf(numbers)).any():
        row = int(infinite.argmax())
        raise error(f"{what} must be finite, and row {nth(data.index, row)} has {numbers[row]:g}")
    return numbers
