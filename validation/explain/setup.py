"""A formula and data, and what else they may have been: changes of the data or of the design."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

import refmixed as rm
from refmixed.design import Design

from .base import Traits

OFFSET = r"offset\([^()]*(?:\([^()]*\)[^()]*)*\)"


@dataclass(frozen=True, eq=False)
class Setup:
    """What a model is made of.

    weights: a column, None for none.  is_coded: whether C() in the formula is no part of names, as
    contrasts by R's options are not.
    """

    formula: str
    data: pd.DataFrame
    weights: str | None = None
    is_coded: bool = False

    @cached_property
    def design(self) -> Design:
        """The arrays.  Raises RefmixedError."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rm.RefmixedWarning)
            design = self.read()
        names = tuple(re.sub(r"C\((\S+), contr\.\w+\)", r"\1", name) for name in design.names)
        return replace(design, names=names) if self.is_coded else design

    def read(self) -> Design:
        """The arrays, names as refmixed gives them.  Raises RefmixedError."""
        return rm.design(self.formula, self.data, weights=self.weights, allow_saturated=True)

    @property
    def response(self) -> str:
        """What stands before the tilde."""
        return self.formula.partition("~")[0].strip()

    @property
    def fixed(self) -> str:
        """What stands after the tilde, without the random terms."""
        return re.sub(
            r"\([^()]*(?:\([^()]*\)[^()]*)*\|[^()]*\)", "", self.formula.partition("~")[2]
        )

    def has(self, column: str, text: str) -> bool:
        """Whether a text names a column."""
        return bool(re.search(rf"(?<![\w.]){re.escape(column)}(?![\w.])", text))

    @property
    def covariates(self) -> list[str]:
        """The columns of the fixed part, and of the effects that are random; offsets are none."""
        groups = {name for term in self.design.terms for name in term.group.split(":")}
        right = re.sub(OFFSET, "", self.formula.partition("~")[2])
        inside = [c for c in self.data.columns if self.has(c, right)]
        return [c for c in inside if c not in groups or self.has(c, self.fixed)]

    @property
    def factors(self) -> dict[str, list[str]]:
        """Those of them that are factors, and their levels in order."""
        return {c: levels(self.data[c]) for c in self.covariates if not is_number(self.data[c])}

    @property
    def numbers(self) -> list[str]:
        """Those of them that are numbers."""
        return [c for c in self.covariates if is_number(self.data[c])]

    def with_column(self, column: str, values: Any) -> Setup:
        """The same with another column."""
        return replace(self, data=self.data.assign(**{column: values}))


@dataclass(frozen=True)
class Change:
    """A change of a setup: what it is, and the design that it leads to.

    setup: the formula and data that it leads to; None where it changes the arrays alone.
    """

    traits: Traits
    design: Callable[[], Design]
    setup: Callable[[], Setup] | None = None


def of_setup(traits: Traits, setup: Callable[[], Setup]) -> Change:
    """A change of the formula or the data."""
    return Change(traits, lambda: setup().design, setup)


def of_column(traits: Traits, setup: Setup, column: str, values: Any) -> Change:
    """A change of one column."""
    return of_setup(traits, lambda: setup.with_column(column, values))


Changes = Iterator[Change]


def is_number(column: pd.Series) -> bool:
    """Whether a column is numbers."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def levels(column: pd.Series) -> list[str]:
    """The levels of a factor that occur, in their order."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [level for level in column.cat.categories if (column == level).any()]
    return sorted(column.dropna().unique())
