"""A case and its truth in floats: what the mistakes start from."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

import refmixed as rm
from refmixed.design import Design
from refmixed.linalg import Array
from refmixed.prediction import NewRows
from refmixed.r.newrows import new_rows

from ..models import Model, Stated
from ..suite import tables
from ..suite.tables import Table
from .answers import evaluated, fitted_parameters, inferred
from .inferences import tested
from .rounding import sure
from .textbook import Textbook, textbook

Values = Mapping[str, Any]  # quantity -> number or nested lists of numbers, as in SPEC section 3


@dataclass(frozen=True)
class Case:
    """One case: its level, its design, and what is true of it.

    theta (m,): where the truth was computed: given at level `evaluate`, else the optimum.
    """

    model: Stated
    level: str
    design: Design
    theta: Array
    truth: Values
    new: NewRows | None = None

    @property
    def reml(self) -> bool:
        """Restricted maximum likelihood?"""
        return isinstance(self.model, Model) and self.model.reml

    @cached_property
    def right(self) -> Textbook:
        """The model at theta, everything right.  Raises RoundingError."""
        return sure(textbook(self.design, self.theta, self.reml))

    def true(self, quantity: str) -> Array:
        """A true value as an array; for a quantity with one array a term, see `by_term`."""
        return np.asarray(self.truth[quantity], dtype=float)

    def by_term(self, quantity: str) -> list[Array]:
        """A true value, term by term."""
        return [np.asarray(part, dtype=float) for part in self.truth[quantity]]

    def answers(
        self, design: Design | None = None, reml: bool | None = None, theta: Array | None = None
    ) -> Values:
        """What would be answered to another design, or by the other likelihood.

        At level `evaluate` theta stays, at the others the fit is redone where none is given.
        Raises RoundingError.
        """
        design, reml = design or self.design, self.reml if reml is None else reml
        if theta is None:
            theta = self.theta if self.level == "evaluate" else refit(design, reml)
        return self.told(sure(textbook(design, theta, reml)), theta)

    def told(self, book: Textbook, theta: Array) -> Values:
        """The quantities of this case's level, read off a page of the textbook."""
        if self.level == "evaluate":
            return evaluated(book)
        if self.level == "fit":
            return fitted_parameters(book, theta)
        tests = tested(book.design, theta, book.reml, self.truth)
        return {**inferred(book, self.new), **tests}


def refit(design: Design, reml: bool) -> Array:
    """theta (m,) where the criterion of this design is least, by refmixed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        found = rm.Fit.of(design, reml)
    return found.theta.to_numpy(dtype=float)


def problem(model: Model, level: str, theta: Any, truth: Values) -> Case:
    """The problem of a case.  theta: numbers or strings.  truth: quantity -> nested numbers."""
    table = tables.load(model.data)
    design = arrays(model, table)
    asked = level == "inference" and model.newdata is not None
    groups = {term.group for term in design.terms}
    rows = tables.load(str(model.newdata)).frame() if asked else None
    new = new_rows(design, rows, groups, "population") if asked else None
    return Case(model, level, design, np.asarray(theta, dtype=float), truth, new)


def arrays(model: Stated, table: Table) -> Design:
    """The design of a model on some table."""
    return arrays_of(model, table.frame())


def arrays_of(model: Stated, frame: pd.DataFrame) -> Design:
    """The design of a model on a data frame."""
    formula = f"{model.formula} + offset({model.offset})" if model.offset else model.formula
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        return rm.design(formula, frame, weights=model.weights, allow_saturated=True)
