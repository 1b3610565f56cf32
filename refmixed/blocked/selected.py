"""Fronts eliminated one after the other, and what is asked of the inverse: a few of its entries.

Each goes as the first factor did.  Of its pivots, with A (s, s) the products of their columns that
are left when those before are gone, and B (s, any) those with later columns,

    E = (I + A T)^-1 A,   D = (I + A T)^-1 B,   and of later ones  C - B' T D  is left;

and back again, with the blocks Q = T - T Z'V^-1 Z T of later ones,

    Z'V^-1 Z = E - D Q D',   Q of pivots beside later ones  - T D Q

(eq:fronts-down, eq:fronts-up).  Nothing is divided by T, which may be complex too: a derivative in
T is what an imaginary part leads to (`sparse_rest`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import get_lapack_funcs

from ..linalg import Array
from .fronts import Front, Fronts
from .levels import LEVELS, Tall


@dataclass(frozen=True)
class Step:
    """A front at one T: s pivots, m - s later columns."""

    front: Front
    T: Array  # (s, s)
    through: Array  # (s, s)  (I + A T)^-1
    E: Array  # (s, s)
    D: Array  # (s, m - s)
    logdet: float  # of I + A T


@dataclass(frozen=True)
class Selected:
    """Products S (r, r) of other factors' columns, at T (K, K) of one level of each term."""

    fronts: Fronts
    steps: tuple[Step, ...]

    @property
    def logdet(self) -> float:
        """log det (I + S T)."""
        return sum(step.logdet for step in self.steps)

    def solve(self, B: Array) -> tuple[Array, Array]:
        """U = (I + S T)^-1 B and T U, (r, any) each.  eq:fronts-solve"""
        left, found = B.astype(self.steps[0].T.dtype), []
        moved = left.copy()
        for step in self.steps:
            pivots, later = parts(step.front)
            found.append(step.through @ left[pivots])
            left[later] -= step.D.T @ (step.T @ left[pivots])
        for step, own in zip(self.steps[::-1], found[::-1], strict=True):
            pivots, later = parts(step.front)
            left[pivots] = own - step.D @ moved[later]
            moved[pivots] = step.T @ left[pivots]
        return left, moved

    @cached_property
    def inverse(self) -> tuple[list[Array], list[Array]]:
        """Of each front Z'V^-1 Z (s, s), and Q (s, m) of its pivots and all.  eq:fronts-up"""
        C, Q = [], []
        inside: dict[int, Array] = {}  # what a front needs of its parent
        children = self.fronts.children
        for f in range(len(self.steps))[::-1]:
            step, size = self.steps[f], self.steps[f].front.size
            whole = np.empty((len(step.front.columns),) * 2, dtype=step.T.dtype)  # (m, m)
            whole[size:, size:] = later = inside.pop(f, whole[size:, size:])
            DQ = step.D @ later  # (s, m - s)
            V = DQ @ step.D.T  # (s, s)
            whole[:size, size:] = -step.T @ DQ
            whole[size:, :size] = whole[:size, size:].T
            whole[:size, :size] = step.T @ (step.through + V @ step.T)
            for child in children[f]:
                place = self.fronts.each[child].place
                inside[child] = whole[np.ix_(place, place)]
            C.append(step.E - V)
            Q.append(whole[:size].copy())
        return C[::-1], Q[::-1]

    @cached_property
    def Q(self) -> Any:
        """(r, r), sparse: T - T Z'V^-1 Z T, its entries in the fronts alone."""
        return self.fronts.matrix_of(self.inverse[1])

    def at_levels(self, D: Tall, k: int) -> Array:
        """(G, k, k): D_i Q D_i', of D (G k, r): D_i meets what is tied alone, where Q is known."""
        found = []
        for start in range(0, D.shape[0], k * LEVELS):
            some = D[start : start + k * LEVELS]
            rows = [some[a::k] for a in range(k)]
            moved = [row @ self.Q for row in rows]
            sums = [[x.multiply(y).sum(axis=1) for y in rows] for x in moved]
            found.append(np.moveaxis(np.array(sums), -1, 0))
        return np.concatenate(found)

    def sums(self, K: int) -> Array:
        """(K, K): the blocks of Z'V^-1 Z of one level each, summed."""
        found = np.zeros((K, K), dtype=self.steps[0].T.dtype)
        for front, C in zip(self.fronts.each, self.inverse[0], strict=True):
            np.add.at(found, self.fronts.places(front), C[front.rows, front.beside])
        return found


def parts(front: Front) -> tuple[Array, Array]:
    """The pivots of a front, and later columns."""
    return front.columns[: front.size], front.columns[front.size :]


def select(fronts: Fronts, S: Any, T: Array) -> Selected:
    """All fronts eliminated, of S (r, r) sparse.  eq:fronts-down"""
    left: list[list[tuple[Array, Array]]] = [[] for _ in fronts.each]  # what comes from each child
    steps = []
    for f, (front, rows) in enumerate(zip(fronts.each, fronts.rows_of(S), strict=True)):
        products = np.zeros((len(front.columns),) * 2, dtype=T.dtype)  # (m, m)
        products[: front.size] = rows
        for place, part in left[f]:
            products[np.ix_(place, place)] += part
        left[f].clear()
        step, rest = eliminated(front, products, fronts.T_of(front, T))
        steps.append(step)
        if front.parent >= 0:
            left[front.parent].append((front.place, rest))
    return Selected(fronts, tuple(steps))


def eliminated(front: Front, products: Array, T: Array) -> tuple[Step, Array]:
    """A front with T (s, s), and what is left of the products (m, m) of later columns."""
    s, one = front.size, np.eye(front.size)
    A, B = products[:s, :s], products[:s, s:]
    found, logdet = solved(one + A @ T, np.hstack([one, A, B]))
    D = found[:, 2 * s :]  # (s, m - s)  eq:fronts-down
    step = Step(front, T, found[:, :s], found[:, s : 2 * s], D, logdet)
    return step, products[s:, s:] - B.T @ (T @ D)


def solved(M: Array, B: Array) -> tuple[Array, float]:
    """M^-1 B and log |det M|.  Raises numpy's LinAlgError."""
    factor, solve = get_lapack_funcs(("getrf", "getrs"), (M, B))
    LU, pivots, singular = factor(M)
    if singular:
        raise np.linalg.LinAlgError("a front is singular")
    found, _ = solve(LU, pivots, B)
    return found, float(np.log(np.abs(np.diag(LU))).sum())
