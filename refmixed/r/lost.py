"""Values that an expression makes missing, in rows where its columns have some."""

from __future__ import annotations

import warnings

import pandas as pd

from ..errors import MissingValueWarning, nth


def warn_of_lost(name: str, lost: pd.DataFrame, n: int, count: int | None = None) -> None:
    """Warn of rows, those given or `count`, where an expression has no value and its columns do."""
    pairs = zip(lost.columns, lost.iloc[0].tolist(), strict=True)
    there = ", ".join(f"{column} = {value!r}" for column, value in pairs)
    warnings.warn(
        f"{name} has no value in {count or len(lost)} of {n} rows, which are left out: "
        f"in row {nth(lost.index, 0)}, say, where {there}",
        MissingValueWarning,
        stacklevel=8,
    )
