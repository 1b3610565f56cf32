"""What a predictor takes in a reference grid: a factor its levels, a covariate its mean.

As emmeans has it: a number of two values, or one that the formula makes a factor of, stands at all
its values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...checks import vector
from ...errors import OptionError, nearest
from ...linalg import Array
from ...r.data import Coded, as_variable
from ...r.levels import identity, positions, renumbered
from ...r.newrows import values_of
from ...r.recipe import Recipe
from ...r.variable import Variable

FEW = 2  # values of a number that are not averaged


@dataclass(frozen=True)
class Axis:
    """What one predictor takes in the grid."""

    values: pd.Series  # (d,)
    codes: Array | None  # (n,) which of them a row of the data has, -1 none; None of a covariate

    def __len__(self) -> int:
        return len(self.values)


def fixed(recipe: Recipe) -> list[Variable]:
    """The variables of the fixed effects."""
    nodes = dict.fromkeys(node for term in recipe.formula.fixed.terms for node in term)
    return [recipe.variables[node] for node in nodes]


def axis_of(recipe: Recipe, column: pd.Series, name: str, given: Any) -> Axis:
    """What a predictor takes.  Raises OptionError."""
    values = as_variable(column, name)
    is_number = not isinstance(values, Coded) and values.dtype.kind != "b"
    makers = list(coercing(recipe, name)) if is_number else []
    if is_number and not makers and given is not None:
        numbers = vector(f"at[{name!r}]", list(given), len(given))
        return Axis(pd.Series(numbers, name=name), None)
    if is_number and not makers and len(np.unique(values)) > FEW:
        mean = math.fsum(values) / len(values)  # whatever the order of the rows
        return Axis(pd.Series([mean], name=name), None)
    codes, levels, identities, column = levels_of(values, column)
    for maker in makers:
        require_one_to_one(maker, column)
    if given is not None:
        return chosen(given, codes, levels, identities, column)
    return Axis(column, codes)


def levels_of(values: Any, column: pd.Series) -> tuple[Array, list[str], list[str], pd.Series]:
    """Codes (n,) of the levels that occur, their names, identities and values as in the data."""
    coded = Coded.of(values)
    codes, used = renumbered(coded.codes, len(coded.levels))
    _, first = np.unique(codes, return_index=True)
    names = [coded.levels[k] for k in used], [coded.identities[k] for k in used]
    return codes, *names, column.iloc[first].reset_index(drop=True)


def chosen(
    given: Any, codes: Array, levels: list[str], identities: list[str], values: pd.Series
) -> Axis:
    """Some of the levels of a factor.  Raises OptionError."""
    known = positions(levels, identities)
    for level in given:
        if identity(level) not in known:
            raise OptionError(f"{values.name} has no level {level!r}{nearest(str(level), levels)}")
    which = [known[identity(level)] for level in given]
    place = np.full(len(levels), -1)
    place[which] = np.arange(len(which))
    return Axis(values.iloc[which].reset_index(drop=True), place[codes])


def coercing(recipe: Recipe, name: str) -> Iterator[Variable]:
    """What makes levels of a number, as factor(x) does; of x > 1, a truth, the mean is taken."""
    for v in fixed(recipe):
        is_factor = v.levels is not None and v.node.kind == "call"
        if is_factor and v.reads == (name,):
            yield v


def require_one_to_one(maker: Variable, values: pd.Series) -> None:
    """Raises OptionError where several values of a number are one level."""
    made = values_of(maker, values.to_frame())
    if len(np.unique(made)) < len(made):
        raise OptionError(
            f"several values of {values.name} are one level of {maker.name}: "
            "make a column of it, of which the levels are averaged, or give values with at="
        )
