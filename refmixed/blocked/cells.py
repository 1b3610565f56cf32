"""Rows of one cell, a combination of levels of all grouping factors: their mean, their products.

Within a cell a row of Z is known from the effects' columns, so that the criterion sees products of
columns alone, summed cell by cell.  A cell has the sum w of its weights, the mean m of its rows v
and the products G about it; of two parts of a cell, d = m2 - m1,

    w = w1 + w2,    m = m1 + d w2 / w,    G = G1 + G2 + d d' w1 w2 / w     (eq:cell-merge)

The columns v are those of `Basis`: less their means, orthonormal in all rows, so that neither a far
origin nor columns that nearly depend on one another cost digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..linalg import Array, project, solve_upper
from .chunks import Chunk, Triangle

DEPENDENT = 1e-13  # of a column, over its length: what the columns before leave of it is rounding
ROUNDING = 1e-13  # of an eigenvalue of correlations within a cell
AT_ONCE = 2**15  # cells whose roots are made together
FEW = 4  # times as many whole numbers as rows are counted, not sorted
NOISE = 1e-14  # of what a column varies within a cell, over what it does in all rows


@dataclass(frozen=True)
class Basis:
    """Columns N and e of the second pass, a root mean square of one each.

    columns = 1 origin' + N slopes,    y = 1 center + N c + size e     (eq:cell-basis)
    """

    own: Array  # (d,)  the columns that those before do not give
    origin: Array  # (c,)  means of the columns
    slopes: Array  # (d, c)
    is_one: Array  # (c,)
    center: float
    c: Array  # (d,)
    size: float
    T: Array  # (d + 1, d + 1)  [columns y], less their means, times T are [N e]
    kept: tuple[int, ...]  # columns of X that the model has
    p: int  # of N those that give these columns

    def rows(self, chunk: Chunk) -> Array:
        """(d + 1, n): N and e of some rows."""
        columns = chunk.columns
        V = np.array([*(columns[j] for j in self.own), chunk.y_less_offset])
        V -= np.append(self.origin[self.own], self.center)[:, None]
        return np.asarray(self.T.T @ V)


def basis(told: Triangle, kept: Sequence[int], p: int) -> Basis:
    """The columns of the second pass; kept are those of the first p, of X, that the model has."""
    R, root = told.weighted, np.sqrt(told.n)
    means, R1 = R[0, 1:] / R[0, 0], R[1:, 1:]  # (c + 1,), (c + 1, c + 1)
    candidates = [*kept, *range(p, len(told.same))]
    own, Q = independent(R1, np.linalg.norm(R[:, 1:], axis=0), candidates)
    S = Q.T @ R1  # (d, c + 1)
    rest = project(Q, R1[:, -1])
    size = float(np.linalg.norm(rest)) or 1.0
    whole = np.block([[S[:, own], S[:, -1:]], [np.zeros((1, len(own))), np.array([[size]])]])
    slopes, is_one = S[:, :-1][:, told.same] / root, told.is_one  # of which R has but roundings
    return Basis(
        own=np.array(own, dtype=int),
        origin=np.where(is_one, 1.0, means[:-1][told.same]),
        slopes=np.where(is_one, 0.0, slopes),
        is_one=is_one,
        center=float(means[-1]),
        c=S[:, -1] / root,
        size=size / root,
        T=root * solve_upper(whole.T, np.eye(len(whole))),
        kept=tuple(kept),
        p=sum(j in kept for j in own),
    )


def independent(R: Array, lengths: Array, candidates: Sequence[int]) -> tuple[list[int], Array]:
    """Columns of R (k, k) that those before do not give, and an orthonormal basis of them."""
    own: list[int] = []
    Q = np.zeros((len(R), 0))
    for j in candidates:
        rest = project(Q, R[:, j])
        if np.linalg.norm(rest) > DEPENDENT * lengths[j]:
            own.append(j)
            Q = np.column_stack([Q, rest / np.linalg.norm(rest)])
    return own, Q


@dataclass(frozen=True)
class Cells:
    """Sums over the rows of each cell."""

    codes: Array  # (f, C)  its level of each factor
    count: Array  # (C,)  rows
    weight: Array  # (C,)  the sum of their weights
    means: Array  # (d + 1, C)
    products: Array  # (pairs, C)  about the means: the upper triangle, row by row

    def __add__(self, other: Cells) -> Cells:
        pairs = [np.hstack(p) for p in zip(self.arrays, other.arrays, strict=True)]
        return gathered(*pairs)

    @property
    def arrays(self) -> tuple[Array, ...]:
        """All of them."""
        return self.codes, self.count, self.weight, self.means, self.products


def cells(chunk: Chunk, basis: Basis) -> Cells:
    """The cells of the rows of a chunk."""
    codes = np.array(chunk.factors, dtype=int).reshape(len(chunk.factors), len(chunk.y))
    return gathered(codes, np.ones(len(chunk.y)), chunk.weights, basis.rows(chunk), None)


def gathered(
    codes: Array, count: Array, weight: Array, means: Array, products: Array | None
) -> Cells:
    """Cells of parts of them; of single rows, whose products are zero, None.  eq:cell-merge"""
    where, first = numbered(codes)
    C = len(first)
    total = np.bincount(where, weight, C)
    mean = summed(where, means * weight, C) / total
    left = means - mean[:, where]
    weighted = weight * left
    pairs = zip(*np.triu_indices(len(means)), strict=True)
    about = np.array([np.bincount(where, weighted[i] * left[j], C) for i, j in pairs])
    if products is not None:
        about += summed(where, products, C)
    return Cells(codes[:, first], np.bincount(where, count, C), total, mean, about)


def summed(where: Array, values: Array, C: int) -> Array:
    """(any, C): values (any, n) summed over the rows of each cell."""
    return np.array([np.bincount(where, row, C) for row in values]).reshape(len(values), C)


def numbered(codes: Array) -> tuple[Array, Array]:
    """The cell (n,) of each row, in the order of codes (f, n), and a row (C,) of each."""
    key = np.zeros(codes.shape[1], dtype=int)
    for row in codes:
        key = in_order(key * (row.max(initial=0) + 1) + row)
    first = np.zeros(key.max(initial=-1) + 1, dtype=int)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return key, first


def in_order(key: Array) -> Array:
    """(n,): the place of each whole number among the different ones that there are."""
    most = key.max(initial=0) + 1
    if most > FEW * len(key):
        return pd.factorize(key, sort=True)[0]
    is_there = np.zeros(most, dtype=bool)
    is_there[key] = True
    return np.asarray((np.cumsum(is_there) - 1)[key])


def roots(cells: Cells) -> tuple[Array, Array]:
    """Rows (P, 1 + d + 1) of [1 N e] with the products of all cells, and the cell (P,) of each.

    One for the mean of a cell, then those of a root of G, what is zero left out.  eq:cell-mean
    """
    every = [slice(k, k + AT_ONCE) for k in range(0, len(cells.count), AT_ONCE)]
    parts = [rows_of(Cells(*(array[..., some] for array in cells.arrays))) for some in every]
    rows, counts = zip(*parts, strict=True)
    return np.vstack(rows), np.repeat(np.arange(len(cells.count)), np.concatenate(counts))


def rows_of(cells: Cells) -> tuple[Array, Array]:
    """The same of some cells, and how many rows (C,) each has.  eq:cell-mean"""
    C, k = len(cells.count), len(cells.means)
    G = np.zeros((C, k, k))
    upper = np.triu_indices(k)
    G[:, upper[0], upper[1]] = G[:, upper[1], upper[0]] = cells.products.T
    unit = np.sqrt(np.einsum("cii->ci", G))  # (C, k)
    is_noise = unit <= NOISE * np.sqrt(cells.weight * (1.0 + cells.means**2)).T
    unit = np.where(is_noise, np.inf, unit)  # a column that is constant in the cell: zeros
    values, vectors = np.linalg.eigh(G / unit[:, :, None] / unit[:, None, :])
    kept = values > ROUNDING * k
    kept &= np.arange(k)[::-1] < cells.count[:, None] - 1  # the largest: n rows have n - 1 about
    root = np.sqrt(np.where(kept, values, 0.0))[:, :, None] * vectors.transpose(0, 2, 1)
    unit = np.where(is_noise, 0.0, unit)
    about = np.concatenate([np.zeros((C, k, 1)), root * unit[:, None, :]], axis=2)
    mean = np.sqrt(cells.weight)[:, None] * np.column_stack([np.ones(C), cells.means.T])
    every = np.concatenate([mean[:, None, :], about], axis=1)  # (C, 1 + k, 1 + k)
    kept = np.column_stack([np.ones(C, dtype=bool), kept])
    return every[kept], kept.sum(axis=1)
