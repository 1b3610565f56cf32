"""Two scalar effects of each row, the levels of the first within those of the second.

Of (1 | b/a) the first is that of a in b and the second that of b; of (x | g) both vary at the same
levels.  Given the second effects v what is left is a model of one scalar effect a level: eta is
offset + X beta + a_2 v, as an offset, + a_1 u.  eq:nested-given
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ..design import Design, RandomTerm
from ..linalg import Array
from .families import Family
from .model import At, Model
from .rows import Rows


@dataclass(frozen=True)
class Pair:
    """Which of the two columns of A is the inner one, and the levels of each row."""

    columns: tuple[int, int]  # inner, outer
    inner: Array  # (n,)
    outer: Array  # (n,)
    within: Array  # (inner levels,)  the outer level of each

    @classmethod
    def of(cls, rows: Rows) -> Pair | None:
        """None where a row has another number of effects, or neither factor lies in the other.

        A factor lies in another if as many pairs of levels occur as it has levels.
        """
        if rows.K != 2:
            return None
        codes = [np.unique(column, return_inverse=True)[1] for column in rows.places.T]
        for inner, outer in ((0, 1), (1, 0)):
            pairs = np.unique(np.column_stack([codes[inner], codes[outer]]), axis=0)
            if len(pairs) == codes[inner].max() + 1:
                return cls((inner, outer), codes[inner], codes[outer], pairs[:, 1])
        return None

    @property
    def levels(self) -> int:
        """Of the outer effect."""
        return int(self.within.max()) + 1

    def by_level(self, values: Array) -> Array:
        """(..., n) -> (..., levels): sums over the rows of each outer level."""
        found = summed(self.outer, np.atleast_2d(values), self.levels)
        return found.reshape(*values.shape[:-1], self.levels)

    def over_inner(self, values: Array) -> Array:
        """(N, inner levels) -> (N, levels): sums over those within each outer level."""
        return summed(self.within, values, self.levels)

    def outer_of(self, u: Array, places: Array) -> Array:
        """(levels,): the outer effects among u (q,), whose places are those of `Rows`."""
        found = np.empty(self.levels)
        found[self.outer] = u[places[:, self.columns[1]]]
        return found

    def given(self, at: At, V: Array) -> At:
        """The model of the inner effects at N values V (N, levels) of the outer ones: N n rows."""
        N, n, levels = len(V), len(self.inner), len(self.within)
        a = at.loaded.a[:, self.columns]  # (n, 2)
        codes = self.inner + levels * np.arange(N)[:, None]  # (N, n)
        offset = at.fixed + a[:, 1] * V[:, self.outer]  # (N, n)  eq:nested-given
        x = np.tile(a[:, 0], N)[:, None]
        term = RandomTerm("", "", ("",), ("",) * (N * levels), x, codes.ravel())
        none, ones = np.zeros((N * n, 0)), np.ones(N * n)
        design = Design(ones, none, (), (term,), ones, offset.ravel(), range(N * n))
        family = repeated(at.family, N)
        model = Model(design, family, at.model.dialect)
        return At(model, np.zeros(0), np.ones(1), family, model.rows.loaded(np.ones(1)))


def summed(codes: Array, values: Array, levels: int) -> Array:
    """(N, any) -> (N, levels): each row of values added up by its codes (any,)."""
    N = len(values)
    places = codes + levels * np.arange(N)[:, None]
    return np.bincount(places.ravel(), values.ravel(), N * levels).reshape(N, levels)


def repeated(family: Family, times: int) -> Family:
    """The family of the same responses so many times, one after another."""
    own = {f.name: getattr(family, f.name) for f in fields(family) if f.init}
    arrays: dict[str, Any] = {k: np.tile(v, times) for k, v in own.items() if np.ndim(v)}
    return replace(family, **arrays)
