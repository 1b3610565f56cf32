"""Z Lambda by its rows: each has K entries that are not zero, those of all terms at a level.

    eta = offset + X beta + Z Lambda u,    u ~ N(0, I),    gamma = Lambda u
theta holds standard deviations here, not ratios of them: there is no sigma.  eq:glmm
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..covariance import Layout, layout
from ..design import Design
from ..evaluation import places
from ..linalg import Array


@dataclass(frozen=True)
class Rows:
    """The rows of Z: what stands in them, and where."""

    z: Array  # (n, K)
    places: Array  # (n, K)  columns of Z
    layout: Layout
    levels: int  # of the first term
    q: int

    @classmethod
    def of(cls, design: Design) -> Rows:
        """The rows of the random terms of a design."""
        n = len(design.y)
        z = np.hstack([np.zeros((n, 0)), *(term.x for term in design.terms)])
        levels = len(design.terms[0].levels) if design.terms else 0
        pairs = zip(design.terms, places(design), strict=True)
        found = [here[term.codes] for term, here in pairs]
        return cls(z, np.hstack([np.zeros((n, 0), int), *found]), layout(design), levels, design.q)

    @property
    def K(self) -> int:
        """Effects of all terms at one level each."""
        return self.z.shape[1]

    @cached_property
    def sorted_levels(self) -> tuple[Array, Array]:
        """An order of the rows by the level of the first term, and where each level starts."""
        codes = self.places[:, 0]
        order = np.argsort(codes, kind="stable")
        return order, np.searchsorted(codes[order], np.unique(codes))

    def loaded(self, theta: Array) -> Loaded:
        """The rows of Z Lambda."""
        Lambda = self.layout.factor(theta)  # (K, K)  eq:theta
        return Loaded(self, Lambda, self.z @ Lambda)


@dataclass(frozen=True)
class Loaded:
    """The rows of A = Z Lambda (n, q) at one theta."""

    rows: Rows
    Lambda: Array  # (K, K)
    a: Array  # (n, K)

    def times(self, u: Array) -> Array:
        """A u (n,) of u (q,)."""
        return np.einsum("nk,nk->n", self.a, u[self.rows.places])

    def transposed_times(self, r: Array) -> Array:
        """A' r (q,) of r (n,)."""
        return scattered(self.rows.places, self.a * r[:, None], self.rows.q)

    def columns(self, B: Array) -> Array:
        """A' B (q, any) of B (n, any)."""
        found = [self.transposed_times(column) for column in B.T]
        return np.array(found).reshape(B.shape[1], self.rows.q).T

    def products(self, W: Array) -> Array:
        """(n, K, K): a_i W_i a_i', which A'WA sums."""
        return np.einsum("n,nk,nl->nkl", W, self.a, self.a)

    @cached_property
    def pairs(self) -> Array:
        """(n, K, K): where these go in a matrix (q, q) laid out row by row."""
        return self.rows.q * self.rows.places[:, :, None] + self.rows.places[:, None, :]


def scattered(places: Array, values: Array, size: int) -> Array:
    """(size,): values added up by their places."""
    return np.bincount(places.ravel(), values.ravel(), size)
