"""A design of what is left of chunks: a few rows a cell, in the place of all.

The rows are known as [1 N e], coordinates in which they have all their digits.  The design's own
arrays are in the user's units and have as many as fit there; the coordinates of the search, made
of [1 N e] and not of those, come with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..coordinates import Coordinates, positive_qr
from ..design import Design, RandomTerm
from ..linalg import Array, project
from .cells import Basis, Cells, roots
from .chunks import Triangle

INSIDE = 1e-10  # what X leaves of a column of ones that it gives, over its length


@dataclass(frozen=True)
class Place:
    """A term, without rows, and where it is in chunks."""

    term: RandomTerm
    columns: Array  # (k,)
    factor: int


@dataclass(frozen=True)
class Rows:
    """Rows K = Q R of [1 N e], and what columns of the model are in these."""

    Q: Array  # (P, any)
    R: Array  # (any, 1 + d + 1)
    M: Array  # (1 + d + 1, c)  columns = K M
    h: Array  # (1 + d + 1,)  y = K h
    basis: Basis

    @property
    def X(self) -> Array:
        """(any, p): Q'X."""
        return self.R @ self.M[:, list(self.basis.kept)]


def rows_of(K: Array, basis: Basis) -> Rows:
    """The rows of cells.  eq:cell-basis"""
    Q, R = positive_qr(K)
    zero = np.zeros((1, len(basis.origin)))
    M = np.vstack([basis.origin, basis.slopes, zero])
    return Rows(Q, R, M, np.array([basis.center, *basis.c, basis.size]), basis)


def design_of(
    told: Triangle, sums: Cells, basis: Basis, names: tuple[str, ...], places: Sequence[Place]
) -> Design:
    """The design of cells."""
    K, cell = roots(sums)
    rows = rows_of(K, basis)
    pairs = [in_units(rows.R @ rows.M[:, place.columns], told.n) for place in places]
    one = np.ones(len(K))
    made = Design(
        y=K @ rows.h,
        X=K @ rows.M[:, list(basis.kept)],
        names=names,
        terms=tuple(
            replace(at.term, x=K @ rows.M[:, at.columns], codes=sums.codes[at.factor][cell])
            for at in places
        ),
        weights=one,
        offset=0.0 * one,
        index=np.arange(len(K)),
        left_out=told.n - len(K),
        log_left=told.log_weights,
    )
    return replace(made, coordinates=coordinates(made, rows, pairs, told))


def coordinates(
    made: Design, rows: Rows, pairs: Sequence[tuple[Array, Array]], told: Triangle
) -> Coordinates:
    """Behaved coordinates, as `coordinates.behaved` makes them of rows that are all there."""
    QX, RX = positive_qr(rows.X)  # (any, p), (p, p)
    c, left = least_squares(rows, QX, RX)
    size = float(np.linalg.norm(left) / np.sqrt(told.n)) or 1.0
    terms = [replace(t, x=rows.Q @ x) for t, (x, _) in zip(made.terms, pairs, strict=True)]
    work = replace(made, y=rows.Q @ left / size, X=rows.Q @ QX, terms=tuple(terms))
    return Coordinates(work, RX.T, c, size, tuple(S for _, S in pairs), told.largest)


def least_squares(rows: Rows, QX: Array, RX: Array) -> tuple[Array, Array]:
    """QX'y (p,), and what is left of Q'y (any,): without the differences of what is far off."""
    basis = rows.basis
    beside = np.arange(len(rows.h)) > basis.p  # what X does not give of y
    ones = rows.R[:, 0]  # Q'1
    given = rows.R[:, 1:] @ np.where(beside, 0.0, rows.h)[1:]
    rest = rows.R @ np.where(beside, rows.h, 0.0)
    left = project(QX, rest)
    if np.linalg.norm(project(QX, ones)) > INSIDE * np.linalg.norm(ones):
        left = left + project(QX, given + basis.center * ones)  # X does not give the means
    own = basis.is_one[list(basis.kept)]
    ones = RX[:, own.argmax()] if own.any() else QX.T @ ones  # exact, were the center far off
    return basis.center * ones + QX.T @ (given + rest), left


def in_units(x: Array, n: int) -> tuple[Array, Array]:
    """Effects (any, k) with x'x / n = I, and their S, as `coordinates.scaled` has them."""
    Q, R = positive_qr(x)
    S, sizes = R.T / np.sqrt(n), np.linalg.norm(x, axis=0) / np.sqrt(n)
    if S.shape[1] < S.shape[0] or (np.diag(S) <= 1e-7 * sizes).any():  # each in its own unit
        sizes = np.where(sizes > 0, sizes, 1.0)
        return x / sizes, np.diag(sizes)
    return Q * np.sqrt(n), S
