"""What the rows of a data frame may be called."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

Labels = Callable[[int], pd.Index]  # of so many rows
EACH_ITS_OWN: dict[str, Labels] = {
    "texts": lambda n: pd.Index([f"row {k}" for k in range(n)]),
    "numbers": lambda n: pd.RangeIndex(n),
    "other numbers": lambda n: pd.Index([1000 - 7 * k for k in range(n)]),
    "doubles": lambda n: pd.Index([k / 3 for k in range(n)]),
    "texts and numbers": lambda n: pd.Index([f"row {k}" if k % 2 else k for k in range(n)]),
    "categories": lambda n: pd.CategoricalIndex([f"row {k}" for k in range(n)]),
    "times": lambda n: pd.date_range("2020-01-01", periods=n),
    "times of a zone": lambda n: pd.date_range("2024-03-30", periods=n, freq="h", tz="Asia/Tokyo"),
    "months": lambda n: pd.period_range("2020-01", periods=n, freq="M"),
    "intervals": lambda n: pd.interval_range(0, n),
    "pairs": lambda n: pd.MultiIndex.from_tuples([(k // 7, "abcdefg"[k % 7]) for k in range(n)]),
}
SHARED: dict[str, Labels] = {
    "numbers that repeat": lambda n: pd.Index([k % 7 for k in range(n)]),
    "texts that repeat": lambda n: pd.Index(["ab"[k % 2] for k in range(n)]),
    "pairs that repeat": lambda n: pd.MultiIndex.from_tuples([(k % 3, k % 2) for k in range(n)]),
    "one number": lambda n: pd.Index([0] * n),
}
