"""Columns of a model by level, and sums over rows of their products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from ..design import Design, RandomTerm
from ..linalg import Array
from .levels import Tall, gram, rows_times

MANY = 30  # columns, from which on one product of matrices is faster than sums of each
DEPENDENT = 1e-13  # of a column at a level, what others leave of it, that is rounding errors


@dataclass(frozen=True)
class Columns:
    """Columns of a model by level: row i has x[i] in those of its level, zeros elsewhere."""

    x: Array  # (n, k)
    codes: Array | int  # (n,) the level of each row; 0 where there is one
    levels: int

    @property
    def size(self) -> int:
        """How many columns there are in all."""
        return self.levels * self.x.shape[1]


def spread_out(columns: Columns, effects: Array) -> Array:
    """(n, any): each row of x times the effects (levels, k, any) of its level."""
    parts = (columns.x[:, [a]] * effects[columns.codes, a] for a in range(columns.x.shape[1]))
    return sum(parts, np.zeros((len(columns.x), effects.shape[2])))


def of_term(term: RandomTerm) -> Columns:
    """The columns of Z of a term."""
    return Columns(term.x, term.codes, len(term.levels))


def merged(terms: Sequence[RandomTerm]) -> Columns:
    """Those of several terms of one factor, level by level."""
    return Columns(np.hstack([t.x for t in terms]), terms[0].codes, len(terms[0].levels))


def orthonormal(w: Array, columns: Columns) -> tuple[Columns, Array]:
    """U and R (levels, k, k) with x = U R at each level, and U'WU = I.

    Gram's and Schmidt's, all levels at once; twice is enough.  A column that depends on those
    before at a level is zero there.  eq:crossproducts
    """
    codes, G, k = columns.codes, columns.levels, columns.x.shape[1]
    U, R = columns.x.copy(), np.zeros((G, k, k))
    for a in range(k):
        before = np.bincount(codes, w * U[:, a] ** 2, G)
        for b in [*range(a)] * 2:
            share = np.bincount(codes, w * U[:, b] * U[:, a], G)
            U[:, a] -= share[codes] * U[:, b]
            R[:, b, a] += share
        squares = np.bincount(codes, w * U[:, a] ** 2, G)
        R[:, a, a] = np.sqrt(np.where(squares > DEPENDENT**2 * before, squares, 0.0))
        size = R[codes, a, a]
        U[:, a] = np.where(size > 0.0, U[:, a] / np.where(size > 0.0, size, 1.0), 0.0)
    return replace(columns, x=U), R


def products(w: Array, left: Columns, right: Columns) -> Array:
    """(L, k, M, l): sums over rows of w x z', where x is of a level of L and z of one of M."""
    shape = left.x.shape[1], right.x.shape[1], left.levels, right.levels
    if left.levels == right.levels == 1:
        return ((left.x.T * w) @ right.x)[None, :, None, :]
    if right.levels == 1 and right.x.shape[1] > MANY:
        return (sparse_columns(left, w).T @ right.x).reshape(shape[2], shape[0], 1, shape[1])
    pairs = left.codes * right.levels + right.codes  # (n,)
    sums = [
        np.bincount(pairs, w * x * z, left.levels * right.levels)
        for x in left.x.T
        for z in right.x.T
    ]
    return np.asarray(sums).reshape(shape).transpose(2, 0, 3, 1)


def blocks(w: Array, left: Columns, right: Columns) -> Array:
    """(levels, k, any): the same, a block for each level of the left."""
    return products(w, left, right).reshape(left.levels, left.x.shape[1], right.size)


def between(w: Array, left: Columns, right: Columns) -> Array:
    """The same as one matrix."""
    return products(w, left, right).reshape(left.size, right.size)


def sparse_between(w: Array, left: Columns, right: Columns) -> Tall:
    """The products of two sets of columns, only those that are not zero."""
    return sparse_columns(left, w).T @ sparse_columns(right)


def sparse_columns(columns: Columns, w: Array | float = 1.0) -> Tall:
    """(n, any): the columns with zeros left out, weighted."""
    n, k = columns.x.shape
    rows = np.arange(0, n * k + 1, k)
    places = np.multiply(columns.codes, k)[..., None] + np.zeros((n, 1), dtype=int) + np.arange(k)
    values = (columns.x.T * w).T
    return sparse.csr_array((values.ravel(), places.ravel(), rows), shape=(n, columns.size))


def dense_left(w: Array, others: list[Columns], b: Tall) -> Array:
    """(R + 1, R + 1): the products of all others, less what b (G k, r) is of them."""
    C = np.block([[between(w, one, other) for other in others] for one in others])
    C[: b.shape[1], : b.shape[1]] -= gram(b, b)
    return C


def sparse_left(w: Array, others: list[Columns], b: Tall) -> Any:
    """The same, only what is not zero."""
    columns = sparse.hstack([sparse_columns(one) for one in others]).tocsr()
    share = sparse.csr_array((b.data, b.indices, b.indptr), shape=(b.shape[0], columns.shape[1]))
    weighted = rows_times(w, columns)
    return (weighted.T @ columns - share.T @ share).tocsr()


def of_rows(terms: Sequence[RandomTerm], which: Sequence[int], some: slice) -> Any:
    """(b, G k), sparse: some rows of terms of one factor, their effects side by side at each level.

    Rows to predict may have another level for each term.
    """
    k, G = sum(terms[t].k for t in which), len(terms[which[0]].levels)
    n, ends = len(terms[which[0]].x[some]), np.cumsum([0, *(terms[t].k for t in which)])
    places = [
        terms[t].codes[some, None] * k + first + np.arange(terms[t].k)
        for t, first in zip(which, ends, strict=False)
    ]
    x = np.hstack([terms[t].x[some] for t in which])
    starts = np.arange(0, n * k + 1, k)
    return sparse.csr_array((x.ravel(), np.hstack(places).ravel(), starts), shape=(n, G * k))


def of_rest(rows: Design, rest: Sequence[int], some: slice) -> Any:
    """(b, R), sparse: some rows of the other terms, then of X."""
    parts = [of_rows(rows.terms, [t], some) for t in rest]
    return sparse.hstack([*parts, sparse.csr_array(rows.X[some])]).tocsr()
