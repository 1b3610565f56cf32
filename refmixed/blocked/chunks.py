"""Rows that come in chunks, too many to be held: sums over them that know no order.

Two passes are needed.  The first (`Triangle`) sums squares of columns, as a triangle R with
R'R = [1 columns y]'W[1 columns y]: where columns lie, how large they are, which depend on which,
and what least squares leave of y.  With that the second (`cells`) sums in coordinates where no
digits are lost.  Each is a record that `+` merges, so that chunks may be added up in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..linalg import Array


@dataclass(frozen=True)
class Chunk:
    """Some rows of a model: the columns of X first, then the effects of one term after another."""

    y: Array  # (n,)
    offset: Array  # (n,)
    parts: tuple[Array, ...]  # (n, any)  side by side the columns, c of them
    factors: tuple[Array, ...]  # (n,) the level of each row, of each grouping factor
    weights: Array  # (n,)

    @property
    def y_less_offset(self) -> Array:
        """(n,)."""
        return self.y - self.offset

    @property
    def columns(self) -> list[Array]:
        """(n,) each."""
        return [column for part in self.parts for column in part.T]


@dataclass(frozen=True)
class Triangle:
    """What rows tell of their columns."""

    n: int
    plain: Array  # (c + 2, c + 2)  of [1 columns y], y less the offset, the rows not weighted
    weighted: Array  # (c + 2, c + 2)  the rows weighted
    same: Array  # (c,)  of each column the first that is equal to it
    is_binary: Array  # (c,)  whether it has zeros and ones alone
    is_one: Array  # (c,)  whether it has ones alone
    ends: Array  # (2,)  the least and the largest y
    largest: float  # y less the offset, times the root of its weight
    log_weights: float  # summed

    def __add__(self, other: Triangle) -> Triangle:
        pairs = np.stack([self.same, other.same])
        return Triangle(
            self.n + other.n,
            stacked(self.plain, other.plain),
            stacked(self.weighted, other.weighted),
            first_alike(pairs.T),
            self.is_binary & other.is_binary,
            self.is_one & other.is_one,
            np.array([min(self.ends[0], other.ends[0]), max(self.ends[1], other.ends[1])]),
            max(self.largest, other.largest),
            self.log_weights + other.log_weights,
        )


def triangle_of(chunk: Chunk) -> Triangle:
    """What the rows of one chunk tell."""
    columns, y, w = chunk.columns, chunk.y_less_offset, chunk.weights
    same = first_alike(columns)
    own = np.unique(same)
    A = np.array([np.ones(len(y)), *(columns[j] for j in own), y])  # (any, n)
    place = np.array([0, *(1 + np.searchsorted(own, same)), len(own) + 1])
    root = np.sqrt(w)
    plain = stacked(A.T)[:, place]
    weighted = plain if (w == 1.0).all() else stacked((A * root).T)[:, place]
    return Triangle(
        len(y),
        stacked(plain),
        stacked(weighted),
        same,
        np.array([((a == 0) | (a == 1)).all() for a in A[1:-1]], bool)[place[1:-1] - 1],
        np.array([(a == 1).all() for a in A[1:-1]], bool)[place[1:-1] - 1],
        np.array([chunk.y.min(initial=np.inf), chunk.y.max(initial=-np.inf)]),
        float(np.abs(root * y).max(initial=0.0)),
        float(np.log(w).sum()),
    )


def first_alike(columns: Iterable[Array]) -> Array:
    """(c,): of each of c vectors the number of the first that is equal to it."""
    found: dict[bytes, int] = {}
    return np.array([found.setdefault(a.tobytes(), j) for j, a in enumerate(columns)], dtype=int)


def stacked(*parts: Array) -> Array:
    """(k, k) the triangle of rows (any, k) above one another."""
    k = parts[0].shape[1]
    R = np.linalg.qr(np.vstack([*parts, np.zeros((k, k))]), mode="r")
    return np.asarray(R)


def total(parts: Iterable[Any]) -> Any:
    """Records added up by pairs, pairs of pairs and so on: few are held, and few roundings.

    None stands for a chunk that says nothing, and for a sum of such.
    """
    held: list[Any] = []
    for k, part in enumerate((part for part in parts if part is not None), start=1):
        while k % 2 == 0:
            part, k = held.pop() + part, k // 2
        held.append(part)
    while len(held) > 1:
        last = held.pop()
        held.append(held.pop() + last)
    return held[0] if held else None
