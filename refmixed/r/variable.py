"""One factor of a term (`Days`, `log(x)`, `poly(x, 2)`, `recipe`) as numbers or levels.

It remembers what it learned from the data of the fit (levels, means, knots) for new rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..errors import (
    DataError,
    FormulaError,
    InfiniteValueError,
    NewDataError,
    UnknownLevelError,
    nearest,
    one_line,
)
from ..linalg import Array
from .arithmetic import Columns
from .contrasts import coding
from .data import Coded, as_variable, part, require_columns, there
from .deparse import deparse
from .evaluate import Rows, column_names, function_of, with_words
from .levels import positions, renumbered
from .parse import Node


@dataclass
class Variable:
    """One factor of a term: how to evaluate it, and what was learned from the data of the fit."""

    node: Node
    levels: tuple[str, ...] | None = None  # of a categorical variable
    identities: tuple[str, ...] = ()  # of the levels: the values with all their digits
    contrasts: Any = None  # formulaic's, for a categorical variable
    width: int = 1  # columns of a numeric variable
    reads: tuple[str, ...] = ()  # columns of the data
    labels: tuple[str, ...] = ()  # of columns that have names of their own
    memory: dict[Node, dict[str, Any]] = field(default_factory=dict)  # of the calls inside
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
        numbers = np.array(value, dtype=float, order="C")  # not the data's own, which may change
        numbers = numbers.reshape(len(numbers), -1 if numbers.size else self.width)
        if (infinite := np.isinf(numbers)).any():
            row = data.index[np.flatnonzero(present)[infinite.any(axis=1).argmax()]]
            raise InfiniteValueError(f"{self.name} is infinite in row {row!r} of the data")
        self.width = numbers.shape[1]
        if len(numbers) == len(data):
            return numbers
        spread = np.full((len(data), self.width), np.nan)
        spread[present] = numbers
        return spread

    def compute(self, data: pd.DataFrame) -> tuple[Any, Array]:
        """The value in the rows that have what it needs, and which rows those are."""
        is_column = self.node.kind == "name"
        if not self.learned:
            self.reads = (self.node.text,) if is_column else column_names(self.node, data)
        require_columns(self.reads, data)
        present, value = self.column(data) if is_column else self.call(data)
        n = int(np.count_nonzero(present))
        if not isinstance(value, Coded):
            value = self.per_row(value, n)
        if len(value) != n:
            raise FormulaError(f"{self.name} has {len(value)} values for {n} rows")
        return value, present

    def per_row(self, value: Any, n: int) -> Any:
        """Numbers (n,) or (n, width), or Coded, of what an expression gave; one number is n."""
        if isinstance(value, Columns):
            self.labels, value = value.labels if len(value.labels) > 1 else (), value.values
        value = np.asarray(value)
        if value.ndim == 0:
            value = np.full(n, value)
        if value.dtype.kind in "bU" and value.ndim == 1:
            return Coded.of(value)
        if value.dtype.kind not in "iuf" or value.ndim > 2 or 0 in value.shape[1:]:
            raise FormulaError(f"{self.name} is neither numeric nor categorical")
        return value

    def column(self, data: pd.DataFrame) -> tuple[Array, Any]:
        """The rows in which a column has a value, and what is there."""
        name = self.node.text
        column = data[name]
        present = there(column)
        return present, as_variable(part(column, present), name)

    def call(self, data: pd.DataFrame) -> tuple[Array, Any]:
        """The rows that have what the expression needs, and its value in them."""
        node = with_words(self.node)
        for call in node.walk():
            if call.kind == "call":
                function_of(call)
        rows = Rows(data, self.reads, self.memory)
        try:
            with np.errstate(all="ignore"):
                present = rows.present(node)
                return present, rows.value(node, present) if present.any() else np.zeros(0)
        except DataError:
            raise
        except Exception as error:  # whatever numpy's functions raise
            raise FormulaError(f"{self.name} cannot be evaluated: {one_line(error)}") from error

    def conform(self, value: Any) -> Any:
        """The value of new rows as the kind of variable that the fit learned."""
        if self.levels is not None and not isinstance(value, Coded):
            return Coded.of(value)
        if self.levels is None and isinstance(value, Coded):
            if len(value):
                raise NewDataError(f"{self.name} was numeric in the fit and is not in the new data")
            return np.zeros(0)  # of no value at all it cannot be told what they are
        return value

    def codes(self, value: Coded, present: Array) -> Array:
        """Codes of the levels; the levels are learned once, later data have to keep to them."""
        if self.levels is None:
            self.levels, self.contrasts = value.levels, value.contrasts
            self.identities = value.identities
        known = positions(self.levels, self.identities)
        translate = np.array([*(known.get(exact, -1) for exact in value.identities), -1])
        placed = translate[value.codes]
        if (new := value.codes[(placed < 0) & (value.codes >= 0)]).size:
            unseen = value.identities[new.min()]
            raise UnknownLevelError(
                f"{self.name} has the level {unseen!r}, which the fit has not seen"
                f"{nearest(unseen, self.levels)}"
            )
        codes = np.full(len(present), -1)
        codes[present] = placed
        return codes

    def drop_unused(self, codes: Array) -> Array:
        """Forget the levels that no row has, as R does; TRUE and FALSE stay."""
        if self.levels is None or self.levels == ("FALSE", "TRUE"):
            return codes
        codes, used = renumbered(codes, len(self.levels))
        self.levels = tuple(self.levels[k] for k in used)
        self.identities = tuple(self.identities[k] for k in used)
        return codes

    def columns(self, values: Array, full: bool) -> tuple[Array, list[str]]:
        """Columns (n, k) and their names; `full` means a column a level instead of contrasts."""
        if self.levels is None:
            many = self.width > 1
            names = self.labels or [str(k + 1) if many else "" for k in range(self.width)]
            return values, [f"{self.name}{label}" for label in names]
        if full:
            return np.eye(len(self.levels))[values], [self.name + level for level in self.levels]
        if len(self.levels) < 2:
            raise DataError(
                f"{self.name} has the single level {self.levels[0]!r}: leave it out of the formula"
            )
        matrix, labels = coding(self.contrasts, self.levels)
        return matrix[values], [self.name + label for label in labels]


def no_rows(variable: Variable) -> Array:
    """The values of a variable in no rows."""
    return np.zeros((0, variable.width)) if variable.levels is None else np.zeros(0, dtype=int)
