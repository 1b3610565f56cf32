"""A CSV file, read whole: its columns as R's `read.csv` would have them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import DataError, one_line
from .convert import convert

AS_TEXT: dict[str, Any] = {"dtype": str, "keep_default_na": False, "na_values": ["", "NA"]}


def read_csv(path: str) -> pd.DataFrame:
    """The data of a CSV file.  Raises DataError where there is none to read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # more cells than names
            text = pd.read_csv(path, index_col=False, compression=None, **AS_TEXT)
    except (OSError, ValueError, pd.errors.ParserWarning) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise DataError(f"cannot read {path} as CSV: {reason}") from error
    data = pd.DataFrame({name: convert(text[name]) for name in text})
    data.attrs["name"] = Path(path).stem
    return data
