"""One factor of a term (`Days`, `log(x)`, `poly(x, 2)`, `recipe`) as numbers or levels.

It is evaluated by formulaic, which remembers what it learned (means, knots) for new rows.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from formulaic.utils.stateful_transforms import stateful_eval

from ..errors import (
    DataError,
    FormulaError,
    InfiniteValueError,
    NewDataError,
    OrderedWarning,
    UnknownLevelError,
    nearest,
    one_line,
)
from ..linalg import Array
from .data import Coded, as_coded, as_variable, require_columns
from .deparse import deparse, function_name, to_python
from .functions import CONTRASTS, FUNCTIONS, NAMES, logical, number
from .levels import positions
from .parse import Node

ENVIRONMENT = NAMES | {function_name(name): f for name, f in FUNCTIONS.items()}
ENVIRONMENT |= {"number_": number, "logical_": logical}


@dataclass
class Variable:
    """One factor of a term: how to evaluate it, and what was learned from the data of the fit."""

    node: Node
    levels: tuple[str, ...] | None = None  # of a categorical variable
    identities: tuple[str, ...] = ()  # of the levels: the values with all their digits
    contrasts: Any = None  # formulaic's, for a categorical variable
    width: int = 1  # columns of a numeric variable
    reads: tuple[str, ...] = ()  # columns of the data
    state: dict[str, Any] = field(default_factory=dict)
    learned: bool = False

    @cached_property
    def name(self) -> str:
        """R's name."""
        return deparse(self.node)

    def evaluate(self, data: pd.DataFrame) -> Array:
        """Numbers (n, width), NaN where missing; or codes (n,) of the levels, -1 where missing.

        Raises UnknownColumnError, FormulaError (unknown function, wrong arguments),
        InfiniteValueError, and for rows after those of the fit UnknownLevelError and NewDataError.
        """
        value, present = self.compute(data)
        value = self.conform(value) if self.learned else value
        self.learned = True
        if isinstance(value, Coded):
            return self.codes(value, present)
        numbers = np.asarray(value, dtype=float)
        numbers = numbers.reshape(len(numbers), -1 if numbers.size else self.width)
        if (infinite := np.isinf(numbers).any(axis=1)).any():
            row = data.index[np.flatnonzero(present)[infinite.argmax()]]
            raise InfiniteValueError(f"{self.name} is infinite in row {row!r} of the data")
        self.width = numbers.shape[1]
        spread = np.full((len(data), self.width), np.nan)
        spread[present] = numbers
        return spread

    def compute(self, data: pd.DataFrame) -> tuple[Any, Array]:
        """The value in the rows where all of its columns are there, and which rows those are."""
        is_column = self.node.kind == "name"
        if not self.learned:
            self.reads = (self.node.text,) if is_column else column_names(self.node, data)
        names = list(self.reads)
        require_columns(names, data)
        present = data[names].notna().all(axis=1).to_numpy() if names else np.full(len(data), True)
        columns = {name: as_variable(data[name][present], name) for name in names}
        if not present.any():
            return np.zeros(0), present
        value = columns[self.node.text] if is_column else self.call({**ENVIRONMENT, **columns})
        if not isinstance(value, Coded):
            value = self.per_row(value, present.sum())
        if len(value) != present.sum():
            raise FormulaError(f"{self.name} has {len(value)} values for {present.sum()} rows")
        return value, present

    def per_row(self, value: Any, n: int) -> Any:
        """Numbers (n,) or (n, width), or Coded, of what an expression gave; one number is n."""
        if isinstance(value, dict):  # of a spline: its columns
            value = np.column_stack(list(value.values()))
        value = np.asarray(value)
        if value.ndim == 0:
            value = np.full(n, value)
        if value.dtype.kind in "bU":
            return as_coded(value)
        if value.dtype.kind not in "iuf" or value.ndim > 2 or 0 in value.shape[1:]:
            raise FormulaError(f"{self.name} is neither numeric nor categorical")
        return value

    def call(self, environment: Mapping[str, Any]) -> Any:
        """The expression, with formulaic's memory of what the fit's data were like."""
        for call in self.node.walk():
            if call.kind == "call" and call.text not in FUNCTIONS:
                hint = nearest(call.text, FUNCTIONS)
                raise FormulaError(f"{call.text}() is not a function of formulas{hint}")
        try:
            with np.errstate(all="ignore"):
                return stateful_eval(to_python(self.node), environment, {}, self.state, None)
        except Exception as error:  # whatever formulaic's and numpy's functions raise
            raise FormulaError(f"{self.name} cannot be evaluated: {one_line(error)}") from error

    def conform(self, value: Any) -> Any:
        """The value of new rows as the kind of variable that the fit learned."""
        if self.levels is not None and not isinstance(value, Coded):
            return as_coded(value)
        if self.levels is None and isinstance(value, Coded) and len(value):
            raise NewDataError(f"{self.name} was numeric in the fit and is not in the new data")
        return value

    def codes(self, value: Coded, present: Array) -> Array:
        """Codes of the levels; the levels are learned once, later data have to keep to them."""
        if self.levels is None:
            self.levels, self.contrasts = value.levels, value.contrasts
            self.identities = value.identities
        known = positions(self.levels, self.identities)
        translate = np.array([*(known.get(exact, -1) for exact in value.identities), -1])
        used = np.unique(value.codes[value.codes >= 0])
        unseen = [value.identities[k] for k in used if translate[k] < 0]
        if unseen:
            raise UnknownLevelError(
                f"{self.name} has the level {unseen[0]!r}, which the fit has not seen"
                f"{nearest(unseen[0], self.levels)}"
            )
        codes = np.full(len(present), -1)
        codes[present] = translate[value.codes]
        return codes

    def drop_unused(self, codes: Array) -> Array:
        """Forget the levels that no row has, as R does; TRUE and FALSE stay."""
        if self.levels is None or self.levels == ("FALSE", "TRUE"):
            return codes
        used, codes = np.unique(codes, return_inverse=True)
        self.levels = tuple(self.levels[k] for k in used)
        self.identities = tuple(self.identities[k] for k in used)
        return codes

    def columns(self, values: Array, full: bool) -> tuple[Array, list[str]]:
        """Columns (n, k) and their names; `full` means a column a level instead of contrasts."""
        if self.levels is None:
            many = self.width > 1
            return values, [f"{self.name}{k + 1 if many else ''}" for k in range(self.width)]
        if full:
            return np.eye(len(self.levels))[values], [self.name + level for level in self.levels]
        if len(self.levels) < 2:
            raise DataError(
                f"{self.name} has the single level {self.levels[0]!r}: leave it out of the formula"
            )
        coding = np.asarray(self.contrasts.get_coding_matrix(self.levels), dtype=float)
        labels = CONTRASTS[type(self.contrasts)](self.contrasts, self.levels)
        return coding[values], [self.name + label for label in labels]


def column_names(node: Node, data: pd.DataFrame) -> tuple[str, ...]:
    """The columns that an expression reads; a column hides a constant of its name."""
    names = dict.fromkeys(n.text for n in node.walk() if n.kind == "name")
    constants = {"TRUE", "FALSE", "NULL"} | NAMES.keys() - set(data.columns)
    return tuple(name for name in names if name not in constants)


def tell_of_cuts(nodes: Iterable[Node], data: pd.DataFrame) -> None:
    """Warn where a variable is a column of intervals that have an order: pandas.cut() made it."""
    types = {n.text: data[n.text].dtype for n in nodes if n.kind == "name"}
    for name, kind in types.items():
        if isinstance(kind, pd.CategoricalDtype) and kind.ordered and is_cut(kind):
            warnings.warn(
                f"{name} is ordered, as pandas.cut() makes it, and gets polynomial contrasts; for "
                f"a coefficient a level take {name}.cat.as_unordered()",
                OrderedWarning,
                stacklevel=5,
            )


def is_cut(kind: pd.CategoricalDtype) -> bool:
    """Whether the categories are intervals."""
    return isinstance(kind.categories.dtype, pd.IntervalDtype)
