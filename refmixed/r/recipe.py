"""How the arrays of a design were made of a formula and data: new rows are made the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ..linalg import Array
from .bars import Bar, Grouping
from .formula import Formula
from .parse import Node
from .variable import Variable

SHARES = int(pd.__version__.split(".")[0]) >= 3  # a copy takes no memory until one is changed


@dataclass(frozen=True)
class Origin:
    """A data frame, and which of its rows became rows of a design."""

    data: pd.DataFrame  # a copy: the user's may change
    places: Array  # (n,)  positions in the data

    def columns(self, names: Iterable[str]) -> pd.DataFrame:
        """Some columns, in the rows of the design."""
        return self.data[list(names)].iloc[self.places]


@dataclass(frozen=True)
class Recipe:
    """The formula, what its variables learned, and the data, where they were all there."""

    formula: Formula
    variables: Mapping[Node, Variable]
    bars: tuple[Bar, ...]  # in the order of Design.terms
    kept: tuple[int, ...]  # the columns of X that are not linearly dependent on those before
    groups: Mapping[Grouping, Mapping[tuple[str, ...], int]]  # columns -> level -> code
    offset_given: bool  # as an argument, so that new rows have none
    origin: Origin | None = None
