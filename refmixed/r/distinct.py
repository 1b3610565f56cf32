"""The different values of columns that come in chunks: from them a formula learns its levels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..blocked.cells import numbered
from ..errors import DataError, EmptyDataError
from ..linalg import Array
from .data import holds_numbers

FEW = 2  # values of a column of numbers, from which nothing is learned


@dataclass(frozen=True)
class Distinct:
    """Of each column its different values, or a few where they are numbers; and combinations."""

    values: dict[str, pd.Series[Any]]
    numeric: frozenset[str]  # columns that are numbers to the formula
    combinations: dict[tuple[str, ...], pd.DataFrame]

    def __add__(self, other: Distinct) -> Distinct:
        return Distinct(
            {name: self.both(other, name) for name in self.values},
            self.numeric | other.numeric,
            {
                names: unique(pd.concat([mine, other.combinations[names]]))
                for names, mine in self.combinations.items()
            },
        )

    def both(self, other: Distinct, name: str) -> pd.Series[Any]:
        """The values of a column in both.  Raises DataError where they are of two kinds."""
        one, two = self.values[name], other.values[name]
        if not len(one) or not len(two):
            return one if len(one) else two
        kinds = {is_categorical(one), is_categorical(two)}
        if (name in self.numeric) != (name in other.numeric) or len(kinds) > 1:
            raise DataError(f"column {name!r} is of another kind in some chunks than in others")
        if name in self.numeric:
            return pd.concat([one, two]).iloc[:FEW]
        return categories(one, two, name) if True in kinds else unique(pd.concat([one, two]))

    @property
    def coded(self) -> frozenset[str]:
        """The columns whose values are all here."""
        return frozenset(self.values) - self.numeric

    def frame(self) -> pd.DataFrame:
        """All values in one frame, each column's repeated until it has as many rows as the longest.

        Raises EmptyDataError where a column has no value.
        """
        n = max(map(len, self.values.values()), default=0)
        if not all(map(len, self.values.values())):
            raise EmptyDataError("every row of the data has a missing value")
        rows = {k: v.iloc[np.arange(n) % len(v)].array for k, v in self.values.items()}
        return pd.DataFrame(rows)

    def groups(self, names: tuple[str, ...]) -> pd.DataFrame:
        """The combinations of values of some columns that occur."""
        if len(names) == 1:
            return pd.DataFrame({names[0]: self.values[names[0]].array})
        found = self.combinations[names].reset_index(drop=True)
        kinds = {k: self.values[k].dtype for k in names if is_categorical(self.values[k])}
        return found.astype(kinds)


def distinct(
    data: pd.DataFrame, coded: Collection[str], groups: Collection[tuple[str, ...]]
) -> Distinct:
    """The different values of a chunk; coded: columns that are levels even as numbers."""
    values: dict[str, pd.Series[Any]] = {}
    numeric: set[str] = set()
    for name, column in ((str(name), data[name]) for name in data):
        if is_categorical(column):
            values[name] = pd.Series(column.cat.categories, dtype=column.dtype)
        elif name not in coded and holds_numbers(column) and column.dtype.kind != "b":
            numeric.add(name)
            values[name] = column.dropna().iloc[:FEW]
        else:
            values[name] = unique(column.dropna())
    several = {names: unique(data[list(names)].dropna()) for names in groups if len(names) > 1}
    return Distinct(values, frozenset(numeric), several)


def is_categorical(column: pd.Series[Any]) -> bool:
    """Whether it is a pandas categorical."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def unique(rows: Any) -> Any:
    """The different values of a column, or rows of a frame."""
    return rows.drop_duplicates()


def categories(one: pd.Series[Any], two: pd.Series[Any], name: str) -> pd.Series[Any]:
    """The categories of two columns.  Raises DataError where both have an order, and another."""
    if one.dtype == two.dtype:
        return one
    if one.cat.ordered or two.cat.ordered:
        raise DataError(f"the categories of {name!r} are others in some chunks than in others")
    return pd.Series(pd.Categorical(one.cat.categories.append(two.cat.categories).unique()))


def combinations(data: pd.DataFrame, names: Collection[str]) -> tuple[pd.DataFrame, Array]:
    """The different rows of some columns, and which of them (n,) each row of the data is."""
    codes = [pd.factorize(data[name])[0] + 1 for name in names]
    where, first = numbered(np.array(codes))
    return data[list(names)].iloc[first], where
