"""Columns of a sparse symmetric matrix in fronts, which are eliminated one after the other.

Two levels of other factors are tied where one level of the first meets both.  Eliminating a level
ties all that it is tied to.  An order that ties few is scipy's, of least degree; levels that go one
after the other and are tied to the same later ones make a front, a small dense matrix.  The later
ones of a front are all in the next, its parent: fronts are a forest.  eq:fronts
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from ..linalg import Array

COST = 1e5  # multiplications in the time that a front takes, however small
LEAST_DEGREE = {"permc_spec": "MMD_AT_PLUS_A", "options": {"SymmetricMode": True}}


@dataclass(frozen=True)
class Front:
    """Columns that are eliminated together, its pivots, and those that they are tied to."""

    columns: Array  # (m,)  the pivots first
    size: int  # how many they are
    parent: int  # the front that has all the others; -1 where there are none
    place: Array  # (m - size,)  where it has them
    rows: Array  # (any,)  entries of pivots with those of the same level: rows and columns
    beside: Array  # (any,)


@dataclass(frozen=True)
class Fronts:
    """All of them, those that bring before that to which they bring."""

    each: tuple[Front, ...]
    effect: Array  # (r,)  of each column its effect, among all of one level of each term

    @property
    def r(self) -> int:
        """Columns."""
        return len(self.effect)

    @cached_property
    def of(self) -> tuple[Array, Array]:
        """(r,): the front of each column, and which of its pivots it is."""
        front, pivot = np.empty(self.r, dtype=int), np.empty(self.r, dtype=int)
        for f, one in enumerate(self.each):
            front[one.columns[: one.size]], pivot[one.columns[: one.size]] = f, range(one.size)
        return front, pivot

    @cached_property
    def starts(self) -> Array:
        """Where the rows of each front are in an array of those of all, and how many there are."""
        return np.cumsum([0, *(one.size * len(one.columns) for one in self.each)])

    @cached_property
    def keys(self) -> tuple[Array, Array]:
        """Each front's columns, all in order, and where they are in it."""
        keys = np.concatenate([f * self.r + one.columns for f, one in enumerate(self.each)])
        places = np.concatenate([np.arange(len(one.columns)) for one in self.each])
        order = np.argsort(keys)
        return keys[order], places[order]

    @cached_property
    def children(self) -> list[list[int]]:
        """The fronts that bring to each."""
        found: list[list[int]] = [[] for _ in self.each]
        for f, one in enumerate(self.each):
            if one.parent >= 0:
                found[one.parent].append(f)
        return found

    def places(self, front: Front) -> tuple[Array, Array]:
        """Of entries of pivots of the same level the effects that they belong to."""
        effect = self.effect[front.columns]
        return effect[front.rows], effect[front.beside]

    def T_of(self, front: Front, T: Array) -> Array:
        """(s, s): T (K, K) of one level of each term at the levels of the pivots."""
        found = np.zeros((front.size, front.size), dtype=T.dtype)
        found[front.rows, front.beside] = T[self.places(front)]
        return found

    @property
    def numbers(self) -> float:
        """How many numbers their arrays hold, at one complex T."""
        return float(sum(len(one.columns) * (12 * one.size + 50) for one in self.each))

    @property
    def work(self) -> float:
        """About how many multiplications their elimination takes, and what each front costs."""
        return float(sum(one.size * len(one.columns) ** 2 + COST for one in self.each))

    def rows_of(self, S: Any) -> list[Array]:
        """(size, m) of each front: the rows of its pivots, of S (r, r) sparse."""
        entries, (front, pivot), (keys, places) = S.tocoo(), self.of, self.keys
        here = front[entries.row] <= front[entries.col]  # the others are in an earlier front
        row, column = entries.row[here], entries.col[here]
        f = front[row]
        width = np.array([len(one.columns) for one in self.each])[f]
        place = places[np.searchsorted(keys, f * self.r + column)]
        values = np.zeros(self.starts[-1], dtype=S.dtype)
        values[self.starts[f] + pivot[row] * width + place] = entries.data[here]
        parts = zip(self.each, np.split(values, self.starts[1:-1]), strict=True)
        return [part.reshape(one.size, -1) for one, part in parts]

    def matrix_of(self, rows: Sequence[Array]) -> Any:
        """(r, r), sparse and symmetric: the inverse of `rows_of`."""
        values = np.concatenate([part.ravel() for part in rows])
        row, column, is_later = self.entries
        later = values[is_later], (column[is_later], row[is_later])
        shape = self.r, self.r
        above = sparse.coo_array((values, (row, column)), shape=shape)
        return (above + sparse.coo_array(later, shape=shape)).tocsr()

    @cached_property
    def entries(self) -> tuple[Array, Array, Array]:
        """Row and column of each entry of all rows, and whether the column is no pivot."""
        rows = [np.repeat(one.columns[: one.size], len(one.columns)) for one in self.each]
        columns = [np.tile(one.columns, one.size) for one in self.each]
        later = [np.tile(np.arange(len(o.columns)) >= o.size, o.size) for o in self.each]
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(later)


def fronts_of(tied: Any, effects: Sequence[Array]) -> Fronts:
    """The fronts of nodes (N,) that are tied, (N, N) sparse; effects (k,) of each: its columns."""
    order = least_degree(tied)
    sizes = np.array([len(own) for own in effects])
    ends = np.cumsum([0, *sizes])
    columns = [np.arange(ends[j], ends[j + 1]) for j in order]
    chains = chains_of(tied[order][:, order].tocsr())
    home = {node: f for f, (nodes, _) in enumerate(chains) for node in nodes}
    parents = [home[min(later)] if later else -1 for _, later in chains]
    wide = [
        np.concatenate([columns[j] for j in (*nodes, *sorted(later))]) for nodes, later in chains
    ]
    local, each = np.empty(ends[-1], dtype=int), []
    for (nodes, _), mine, parent in zip(chains, wide, parents, strict=True):
        within = sizes[order[nodes]]
        local[wide[parent]] = np.arange(len(wide[parent]))
        place = local[mine[within.sum() :]]
        each.append(Front(mine, int(within.sum()), parent, place, *pairs_within(within)))
    return Fronts(tuple(each), np.concatenate(list(effects)))


def least_degree(tied: Any) -> Array:
    """(N,): an order of nodes that leaves few ties."""
    from scipy.sparse.linalg import splu  # no other fit needs it

    degrees = np.diff(tied.indptr) + 1.0
    ones = sparse.csc_array((np.ones(tied.nnz), tied.indices, tied.indptr), shape=tied.shape)
    heavy = sparse.diags_array(2.0 * degrees) - ones
    return np.argsort(splu(heavy.tocsc(), diag_pivot_thresh=0.0, **LEAST_DEGREE).perm_c)


def chains_of(tied: Any) -> list[tuple[list[int], set[int]]]:
    """Nodes in the order that they go in, those of a front together, and the later ones of each.

    A front joins the next where that makes less work, zeros and all, than a front more.
    """
    found: dict[int, tuple[list[int], set[int]]] = {}  # by the last node
    before: list[list[int]] = [[] for _ in range(tied.shape[0])]  # fronts whose next node it is
    for j, bring in enumerate(before):
        near = tied.indices[tied.indptr[j] : tied.indptr[j + 1]]
        later = set(near[near > j].tolist()).union(*(found[f][1] for f in bring)) - {j}
        nodes = [j]
        for f in bring:
            mine, others = found[f]
            whole = len(mine) + len(nodes) + len(later)
            if len(mine) * (whole**2 - (len(mine) + len(others)) ** 2) <= COST:
                nodes = [*mine, *nodes]
                del found[f]
        found[j] = nodes, later
        if later:
            before[min(later)].append(j)
    return list(found.values())


def pairs_within(sizes: Array) -> tuple[Array, Array]:
    """Rows and columns of blocks (k, k) of so many k on a diagonal."""
    node = np.repeat(np.arange(len(sizes)), sizes)
    rows, columns = np.nonzero(node[:, None] == node)
    return rows, columns
