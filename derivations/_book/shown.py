"""Tables of the pages of simulations, as Markdown, so that they look as the book does."""

from __future__ import annotations

import pandas as pd
from IPython.display import Markdown

ERROR = "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}"


def table(frame: pd.DataFrame, digits: int = 3) -> Markdown:
    """A data frame without its index; numbers that are not whole to so many digits."""
    whole = {name: int for name, column in frame.items() if is_whole(column)}
    cells = frame.astype(whole).astype(object).where(frame.notna(), None)
    sides = ["right" if is_numeric(column) else "left" for _, column in frame.items()]
    text = cells.to_markdown(index=False, floatfmt=f".{digits}f", missingval="", colalign=sides)
    return Markdown(text)  # type: ignore[no-untyped-call]


def is_whole(column: pd.Series) -> bool:
    """Whether a column holds floats without decimals, such as days."""
    return pd.api.types.is_float_dtype(column) and bool((column % 1 == 0).all())


def is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers, with their errors perhaps."""
    return pd.api.types.is_numeric_dtype(column) or ERROR in str(column.iloc[0])


def with_error(value: pd.Series, mcse: pd.Series, digits: int = 3) -> pd.Series:
    """Means with their Monte Carlo standard errors, as text: 0.912 ± 0.009."""
    pairs = zip(value, mcse, strict=True)
    return pd.Series([f"{v:.{digits}f}{ERROR}{e:.{digits}f}" for v, e in pairs], value.index)
