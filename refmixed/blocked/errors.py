"""How far off predictions of rows are: level by level, the same joint covariance of all errors.

With the effects of later factors and beta known, those of a level of factor s have the covariance
-K_s, over sigma^2, and means that move with what is known.  A row that asks for them asks for so
much more, or less, of the later ones.  What is left of it asks for the other random effects and
beta, whose errors have the covariance Q = half'half: its error is a sum of independent parts.
eq:eliminated-error
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from ..design import Design, RandomTerm
from ..linalg import Array
from .crossproducts import CrossProducts, crossproducts
from .eliminate import Eliminated, solve
from .levels import Tall, by_level, inverse_and_logdet_of, on_diagonal, times, turned
from .metric import Metric

AT_ONCE = 4e6  # numbers of the rows that are taken together


def error_variances(design: Design, theta: Array, rows: Design) -> Array:
    """(r,): the variances of the errors of predictions, over sigma^2.  eq:eliminated-error"""
    errors = Errors(solve(crossproducts(design), theta, reml=False))
    size = max(1, int(AT_ONCE / (1 + errors.R)))
    starts = range(0, len(rows.X), size)
    parts = [errors.variances(rows, slice(start, start + size)) for start in starts]
    return np.concatenate([np.zeros(0), *parts])


def error_covariance(design: Design, theta: Array, rows: Design) -> Array:
    """(r, r): their covariances, over sigma^2."""
    errors = Errors(solve(crossproducts(design), theta, reml=False))
    found = np.zeros((len(rows.X), len(rows.X)))
    for row, M in errors.parts(rows, slice(None)):
        found += row @ row.T if M is None else (row @ M @ row.T).toarray()
    return found


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
        at = self.at
        own = at.products.own[0]
        Lambda1 = at.Lambda[own[:, None], own]  # (k, k)
        inverse, _ = inverse_and_logdet_of(turned(by_level(at.products.R, Lambda1)))  # (G, k, k)
        first = by_level(by_level(Lambda1, inverse), Lambda1.T)
        return [on_diagonal(block) for block in (first, *(-stage.K for stage in at.stages))]

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
        tree, rest = products.tree, columns_of_rest(products, rows, some) @ self.half.T  # (b, R)
        own = [columns(rows.terms, terms, some) for terms in tree.factors]
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


def columns(terms: Sequence[RandomTerm], which: Sequence[int], some: slice) -> Any:
    """(b, G k), sparse: rows of terms of one factor, their effects side by side at each level."""
    k, G = sum(terms[t].k for t in which), len(terms[which[0]].levels)
    n, ends = len(terms[which[0]].x[some]), np.cumsum([0, *(terms[t].k for t in which)])
    places = [
        terms[t].codes[some, None] * k + first + np.arange(terms[t].k)
        for t, first in zip(which, ends, strict=False)
    ]
    x = np.hstack([terms[t].x[some] for t in which])
    starts = np.arange(0, n * k + 1, k)
    return sparse.csr_array((x.ravel(), np.hstack(places).ravel(), starts), shape=(n, G * k))


def columns_of_rest(products: CrossProducts, rows: Design, some: slice) -> Any:
    """(b, R), sparse: those of the other terms, then X."""
    parts = [columns(rows.terms, [t], some) for t in products.rest]
    return sparse.hstack([*parts, sparse.csr_array(rows.X[some])]).tocsr()
