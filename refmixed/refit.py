"""The same model for many responses: a design that is made once, for samples with the same x."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from .design import Design
from .errors import DataError, FormulaError
from .fit import Fit, call_labels, fit
from .formula import parse_formula
from .frame import design


@dataclass(frozen=True)
class Refit:
    """A function of a data frame: the fit of `formula`, as lmer() or lm() would make it."""

    formula: str
    reml: bool
    response: str
    design: Design = field(repr=False)

    def __call__(self, data: pd.DataFrame) -> Fit:
        """The fit to other values of the response.  Raises DataError unless the rows are alike."""
        if len(data) != self.design.n:
            raise DataError(f"{len(data)} rows of data for a design of {self.design.n}")
        y = data[self.response].to_numpy(dtype=float)
        labels = call_labels(data, None, None)
        return fit(replace(self.design, y=y), self.reml, "penalized", labels)


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
    return Refit(formula, reml, node.text, made)
