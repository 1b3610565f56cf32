"""How far off predictions of rows are: level by level, the same joint covariance of all errors.

With the effects of later factors and beta known, those of a level of factor s have the covariance
-K_s, over sigma^2, and means that move with what is known.  A row that asks for them asks for so
much more, or less, of the later ones.  What is left of it asks for the other random effects and
beta, whose errors have the covariance Q = half'half: its error is a sum of independent parts.
eq:eliminated-error

Where the others are left sparse, Q is theirs alone, known for columns that are in one front, as are
those that a row of the data meets; else a solve gives Q times a row.  eq:fronts-error
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..design import Design
from ..linalg import Array
from .columns import of_rest, of_rows
from .crossproducts import crossproducts
from .eliminate import Eliminated
from .levels import Tall, by_level, inverse_and_logdet_of, on_diagonal, times, turned
from .metric import Metric
from .route import solve
from .sparse_rest import Sparse

AT_ONCE = 4e6  # numbers of the rows that are taken together


def error_variances(design: Design, theta: Array, rows: Design) -> Array:
    """(r,): the variances of the errors of predictions, over sigma^2.  eq:eliminated-error

    Where the others are sparse, a row with levels that no front has together takes a solve.
    """
    errors = errors_of(design, theta)
    parts = [errors.variances(rows, some) for some in together(len(rows.X), errors.R)]
    return np.concatenate([np.zeros(0), *parts])


def error_covariance(design: Design, theta: Array, rows: Design) -> Array:
    """(r, r): their covariances, over sigma^2; a solve for each row where the others are sparse."""
    return errors_of(design, theta).covariance(rows)


def errors_of(design: Design, theta: Array) -> Errors | SparseErrors:
    """The errors of the model at theta (m,)."""
    at = solve(crossproducts(design), theta, reml=False)
    return SparseErrors(at) if isinstance(at, Sparse) else Errors(at)


def together(rows: int, R: int) -> list[slice]:
    """Rows of R numbers, so many at once."""
    size = max(1, int(AT_ONCE / (1 + R)))
    return [slice(start, start + size) for start in range(0, rows, size)]


@dataclass(frozen=True)
class Errors:
    """The parts of the errors of rows, of the model at one theta."""

    at: Eliminated

    @property
    def R(self) -> int:
        """Random effects that are not eliminated, and fixed ones."""
        return int(self.at.L.shape[-1])

    @cached_property
    def half(self) -> Array:
        """(R, R): its square is Q."""
        return Metric(self.at, self.R).half

    @cached_property
    def alone(self) -> list[Any]:
        """(G k, G k), sparse: -K of each eliminated factor, its blocks.  eq:eliminated-error"""
        stages = self.at.stages
        return [first_alone(self.at), *(on_diagonal(-stage.K) for stage in stages)]

    @cached_property
    def moves(self) -> list[tuple[list[Array], Tall]]:
        """What each eliminated factor takes off the later ones, (G, k, l), and the rest, (G k, R).

        K Z'V^-1 of their columns, V of the factors before.  eq:eliminated-error
        """
        at = self.at
        first = [-by_level(at.T1, B) for B in at.beside]
        found = [(first, -times(by_level(at.T1, at.Rt), at.Hb))]
        found += [(stage.K_beside, stage.K_tail) for stage in at.stages]
        return [(beside, tail[..., : self.R]) for beside, tail in found]

    def parts(self, rows: Design, some: slice) -> Iterator[tuple[Any, Any]]:
        """Independent parts of the errors of some rows: (b, any) and a covariance; None: I."""
        products = self.at.products
        tree, rest = products.tree, of_rest(rows, products.rest, some) @ self.half.T  # (b, R)
        own = [of_rows(rows.terms, terms, some) for terms in tree.factors]
        for s, (alone, (beside, tail)) in enumerate(zip(self.alone, self.moves, strict=True)):
            yield own[s], alone
            for t, block in enumerate(beside, start=s + 1):
                own[t] = own[t] + own[s] @ tree.branches(block, s, t).tocsr()
            met = np.flatnonzero(np.bincount(own[s].indices))  # few levels, or few rows
            rest = rest + own[s][:, met] @ np.asarray(tail[met] @ self.half.T)
        yield rest, None

    def variances(self, rows: Design, some: slice) -> Array:
        """(b,): the sums of squares of the parts."""
        found: Any = 0.0
        for row, M in self.parts(rows, some):
            found = found + (row**2 if M is None else row * (row @ M)).sum(axis=1)
        return np.asarray(found)

    def covariance(self, rows: Design) -> Array:
        """(r, r): the sums of their products."""
        found = np.zeros((len(rows.X), len(rows.X)))
        for row, M in self.parts(rows, slice(None)):
            found += row @ row.T if M is None else (row @ M @ row.T).toarray()
        return found


@dataclass(frozen=True)
class SparseErrors:
    """The same of a model whose others are left sparse: Q of what is in a front is known."""

    at: Sparse

    @property
    def R(self) -> int:
        """Random effects of other factors, and fixed ones."""
        return self.at.products.r + self.at.products.design.p

    @cached_property
    def alone(self) -> Any:
        """(G k, G k), sparse: that of the first factor."""
        return first_alone(self.at)

    @cached_property
    def move(self) -> Tall:
        """(G k, R), sparse: what the first factor takes off the rest."""
        T1, G = self.at.T1, len(self.at.inverse)
        return -times(np.broadcast_to(T1, (G, *T1.shape)), self.at.D[:, : self.R])

    @cached_property
    def in_fronts(self) -> Any:
        """(r, r), sparse: 1 where two columns are in a front."""
        return self.at.rest.fronts.matrix_of([np.ones_like(Q) for Q in self.at.rest.inverse[1]])

    def asked(self, rows: Design, some: slice) -> tuple[Any, Any, Array]:
        """Of some rows z1 (b, G k); of the others m (b, r), sparse; and of X what these leave.

        x - X'V0^-1 Z T z (b, p).  eq:fronts-error
        """
        products, r = self.at.products, self.at.products.r
        own = of_rows(rows.terms, products.tree.factors[0], some)
        rest = (of_rest(rows, products.rest, some) + own @ self.move).tocsr()  # (b, R)
        m = rest[:, :r]
        return own, m, rest[:, r:].toarray() - m @ self.at.moved[:, :-1]

    def variances(self, rows: Design, some: slice) -> Array:
        """(b,): z1'(-K)z1 + m'Q m, and the share of beta."""
        own, m, left = self.asked(rows, some)
        found = (own * (own @ self.alone)).sum(axis=1) + ((left @ self.at.beta_cov) * left).sum(1)
        known = self.are_known(m)
        found[known] += (m[known] * (m[known] @ self.at.rest.Q)).sum(axis=1)
        found[~known] += (m[~known].toarray() * self.times_Q(m[~known]).T).sum(axis=1)
        return np.asarray(found)

    def covariance(self, rows: Design) -> Array:
        """(r, r): the same of each two."""
        own, m, left = self.asked(rows, slice(None))
        found = (own @ self.alone @ own.T).toarray() + left @ self.at.beta_cov @ left.T
        for some in together(len(rows.X), self.R):
            found[:, some] += m @ self.times_Q(m[some])
        return np.asarray(found)

    def are_known(self, m: Any) -> Array:
        """(b,) whether each two columns that a row (b, r) meets are in a front."""
        met = (m != 0).astype(float)
        return np.asarray((met * (met @ self.in_fronts)).sum(axis=1) == met.sum(axis=1) ** 2)

    def times_Q(self, m: Any) -> Array:
        """(r, b): Q m' of rows m (b, r).  eq:fronts-error"""
        return self.at.rest.solve(m.T.toarray())[1]


def first_alone(at: Eliminated | Sparse) -> Any:
    """(G k, G k), sparse: -K of the first factor, its blocks.  eq:eliminated-error"""
    own = at.products.own[0]
    Lambda1 = at.Lambda[own[:, None], own]  # (k, k)
    inverse, _ = inverse_and_logdet_of(turned(by_level(at.products.R, Lambda1)))  # (G, k, k)
    return on_diagonal(by_level(by_level(Lambda1, inverse), Lambda1.T))
