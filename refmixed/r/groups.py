"""Grouping factors: the combinations of levels of their columns, in order."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np
import pandas as pd

from ..errors import DataError, RefmixedError, UnknownColumnError
from ..linalg import Array
from .bars import Grouping
from .data import Coded, as_group, part, require_columns, there
from .deparse import deparse
from .evaluate import column_names
from .levels import renumbered, repeated
from .parse import Node
from .variable import Variable

Labels = tuple[str, ...]  # one level of a grouping factor: the level of each of its columns


def group_codes(columns: Grouping, data: pd.DataFrame) -> tuple[Array, list[Labels], list[Labels]]:
    """Codes (n,) of the combinations of levels that occur, -1 where missing.

    And these levels, as R writes them and with all their digits; one list where both are the same.
    """
    data = grouping_columns(columns, data)
    given = [data[name] for name in columns]
    present = np.logical_and.reduce([there(column) for column in given])
    pairs = zip(columns, given, strict=True)
    coded = [as_group(part(column, present), group_name(name)) for name, column in pairs]
    inverse, places = combined(coded)
    levels = labelled([c.levels for c in coded], places)
    if alike := repeated(list(map(":".join, levels))):
        name = ":".join(map(group_name, columns))
        raise DataError(f"two levels of {name} read {alike!r}: rename one of them")
    same = all(c.identities == c.levels for c in coded)
    exact = levels if same else labelled([c.identities for c in coded], places)
    codes = np.full(len(data), -1)
    codes[present] = inverse
    return codes, levels, exact


def combined(factors: list[Coded]) -> tuple[Array, list[Array]]:
    """Codes (n,) of the combinations that occur, and the level of each factor in each of these.

    One factor after the other: their numbers of levels multiplied might be too large a number.
    """
    codes, used = renumbered(factors[0].codes, len(factors[0].levels))
    places = [used]
    for factor in factors[1:]:
        k = len(factor.levels)
        codes, used = renumbered(codes * k + factor.codes, len(used) * k)
        places = [*(place[used // k] for place in places), used % k]
    return codes, places


def labelled(names: Iterable[Labels], places: Iterable[Array]) -> list[Labels]:
    """The names of levels at some places, side by side."""
    pairs = zip(names, places, strict=True)
    return list(zip(*(map(own.__getitem__, place.tolist()) for own, place in pairs), strict=True))


def group_name(column: str | Node) -> str:
    """What a grouping column is called: its name, or the call that makes it."""
    return column if isinstance(column, str) else deparse(column)


def grouping_columns(
    columns: Grouping,
    data: pd.DataFrame,
    error: type[RefmixedError] = UnknownColumnError,
    whose: str = "the data",
) -> pd.DataFrame:
    """The data with a column for each call among the grouping columns.  Raises `error`."""
    made = {node: Variable(node) for node in columns if isinstance(node, Node)}
    plain = [column for column in columns if isinstance(column, str)]
    read = chain(*(column_names(node, data) for node in made))
    require_columns([*plain, *read], data, error, whose)
    data = data.copy(deep=False) if made else data
    for node, variable in made.items():
        codes = variable.evaluate(data)
        levels = pd.CategoricalDtype(list(variable.levels or ()))
        data[node] = pd.Categorical.from_codes(codes.tolist(), dtype=levels)
    return data


def codebook(levels: list[Labels], identities: list[Labels]) -> dict[Labels, int]:
    """The code of each level, by its labels and by its values."""
    book = {level: k for k, level in enumerate(levels)}
    same = identities is levels
    return book if same else book | {exact: k for k, exact in enumerate(identities)}


def some(levels: list[Labels], which: Array) -> list[Labels]:
    """Some of the levels, in order."""
    return levels if len(which) == len(levels) else [levels[k] for k in which]
