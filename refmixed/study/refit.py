"""The same model for many responses: a design that is made once, for samples with the same x."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from ..design import Design
from ..errors import DataError, FormulaError
from ..linalg import Array
from ..r.data import as_frame, is_real, require_columns
from ..r.design import design
from ..r.formula import parse_formula
from ..r.matrices import call_labels
from ..r.parse import parse
from ..result import Fit


@dataclass(frozen=True)
class Refit:
    """A function of a data frame: the fit of `formula`, as lmer() or lm() would make it."""

    formula: str
    reml: bool
    response: str
    design: Design = field(repr=False)
    read: pd.DataFrame = field(repr=False)  # the columns that the formula reads, but the response

    def __call__(self, data: pd.DataFrame) -> Fit:
        """The fit to other values of the response.  Raises DataError unless the rows are alike."""
        data = as_frame(data)
        require_alike(self, data)
        y = finite_numbers(data[self.response], self.response)
        labels = call_labels(str(data.attrs.get("name", "data")), None, None)
        return Fit.of(replace(self.design, y=y), self.reml, labels=labels)


def require_alike(refit: Refit, data: pd.DataFrame) -> None:
    """Raises DataError unless the rows of data are those that a refitter was made for."""
    require_columns([refit.response, *refit.read], data)
    if len(data) != refit.design.n:
        raise DataError(f"{len(data)} rows of data for a design of {refit.design.n}")
    for name, column in refit.read.items():
        if not same_values(column, data[name]):
            raise DataError(
                f"{name} has other values than when the refitter was made: "
                "use lmer() or lm() where x is new"
            )


def same_values(before: pd.Series[Any], now: pd.Series[Any]) -> bool:
    """Whether two columns hold the same, row by row, whatever the index says."""
    if is_real(before.dtype) and is_real(now.dtype):
        return bool((before.to_numpy() == now.to_numpy()).all())
    return [*before] == [*now]


def finite_numbers(column: pd.Series[Any], name: str) -> Array:
    """(n,).  Raises DataError where a value is missing, infinite or no number."""
    if not is_real(column.dtype):
        raise DataError(f"the response {name} is not numeric")
    y = column.to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(y).all():
        raise DataError(f"the response {name} has a value that is missing or infinite")
    return y


def refitter(formula: str, data: pd.DataFrame, reml: bool = True) -> Refit:
    """The model of a formula, ready for responses other than that of `data`.

    Raises FormulaError where the response is more than a column, DataError where a value of the
    data is missing, and whatever `design` raises.
    """
    node = parse_formula(formula).response
    if node.kind != "name":
        raise FormulaError(f"the response of {formula!r} must be a column, to be exchanged")
    made = design(formula, data)
    if made.dropped:
        raise DataError(f"{made.dropped} rows of the data lack a value, and none may")
    data = as_frame(data)
    names = {n.text for n in parse(formula).walk() if n.kind == "name"}
    read = [c for c in data.columns if c != node.text and (c in names or "." in names)]
    return Refit(formula, reml, node.text, made, data[sorted(read)].copy())
