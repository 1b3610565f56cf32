"""What derivatives need, with the largest factor eliminated: sums over its levels, no q x q matrix.

With Q = Lambda2X (L L')^-1 Lambda2X' (R, R), where Lambda2X has the other factors' Lambda and ones
for X, D_i (k, R) of level i of the eliminated factor, and S of the other columns,

    Z1'PZ1 = E - D Q D',   Z1'PZ2 = D F,   Z2'PZ2 = S F,   F = [I 0]' - Q S

(eq:eliminated-blocks), where E has blocks on its diagonal alone.  By ML the columns of X are left
out of L.  A sum over all pairs of levels is one of products of N_ab = sum_i D_ia D_ib'.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..evaluation import spread
from ..linalg import Array
from .eliminate import Eliminated
from .forms import bend_of_own, bend_of_rest, bordered, same_level
from .levels import (
    Tall,
    along,
    apart,
    between,
    by_effect,
    gram,
    products_at_levels,
    turned,
    wide,
)
from .metric import Metric


@dataclass(frozen=True)
class Pieces:
    """Of the model at one theta, or at many."""

    at: Eliminated

    @property
    def k(self) -> int:
        """Effects a level of the eliminated factor."""
        return self.at.T1.shape[-1]

    @property
    def r(self) -> int:
        """Other random effects."""
        return self.at.products.r

    @property
    def R(self) -> int:
        """Other random effects, and fixed ones."""
        return self.at.L.shape[-1]

    @cached_property
    def D(self) -> Tall:
        """(G k, R): Z1'V1^-1 [Z2 X]."""
        return self.at.D[..., : self.R]

    @cached_property
    def of_P(self) -> Metric:
        """Z'PZ."""
        return Metric(self.at, self.R)

    @cached_property
    def of_C(self) -> Metric:
        """Z'PZ for REML, Z'V0^-1Z for ML, where X has no part."""
        return self.of_P if self.at.reml else Metric(self.at, self.r)

    @cached_property
    def a(self) -> list[Array]:
        """(levels, k): Z'Py of the eliminated factor, then of each other term."""
        here, known = self.at, self.at.coefficients  # (R, 1)
        first = here.D[..., -1:] - self.D @ known  # (G k, 1)
        rest = here.S[..., : self.r, -1:] - here.S[..., : self.r, :-1] @ known  # (r, 1)
        others = [rest[..., places, 0] for places in here.products.places]
        return [apart(np.asarray(first), self.k)[..., 0], *others]

    @cached_property
    def N(self) -> Array:
        """(k, k, R, R): sum_i D_ia D_ib'."""
        D = wide(self.D, self.k)  # (G, k R)
        sums = gram(D, D)
        return sums.reshape(*sums.shape[:-2], self.k, self.R, self.k, self.R).swapaxes(-2, -3)

    @cached_property
    def QN(self) -> Array:
        """(k, k, R, R): Q N_ab."""
        return self.of_C.Q[..., None, None, :, :] @ self.N

    @cached_property
    def rest(self) -> list[Array]:
        """(l, R levels) of each other term: its columns of F, effect by effect."""
        return [by_effect(self.of_C.F, places) for places in self.at.products.places]

    def C(self) -> list[Array]:
        """(k, k): the blocks C_ii, summed over levels, of each factor."""
        S, places = self.at.S[..., :-1, :], self.at.products.places
        own = self.at.E.sum(axis=-3) - self.QN.trace(axis1=-2, axis2=-1)
        pairs = zip(places, self.rest, strict=True)
        return [own, *(by_effect(S, here) @ turned(F) for here, F in pairs)]

    def spread(self) -> Array:
        """(N, N): sum_ij C_ij[a, b] C_ij[d, c] at [b c, d a].  eq:eliminated-spread"""
        places = self.at.products.places
        others = [[spread(between(self.of_C.C, t, s)) for t in places] for s in places]
        return bordered(self.spread_of_own(), self.spread_beside(), others)

    def spread_of_own(self) -> Array:
        """(k k, k k): of E - D Q D'."""
        every = self.QN.reshape(*self.QN.shape[:-4], self.k**2, self.R**2)
        other = turned(self.QN).reshape(every.shape)
        V = self.at_levels(self.of_C.Q)
        return every @ turned(other) + same_level(self.at.E - V) - same_level(V)

    def spread_beside(self) -> list[Array]:
        """(k k, l l) for each other term: of D F."""
        if not self.r:
            return []
        NF = self.of_C.product(self.N, self.QN)  # (k, k, R, r)
        NF = NF.reshape(*NF.shape[:-4], self.k**2, self.R, self.r)
        found = []
        for places, own in zip(self.at.products.places, self.rest, strict=True):
            sums = by_effect(NF, places) @ turned(own)[..., None, :, :]  # (k k, l, l)
            found.append(sums.reshape(*sums.shape[:-2], sums.shape[-1] ** 2))
        return found

    def bend(self) -> Array:
        """(N, N): sum_ij a_i[a] A_ij[b, c] a_j[d] at [a b, c d].  eq:eliminated-bend"""
        (first, *a), S = self.a, self.at.S[..., : self.r, :-1]
        moved = gram(wide(self.D, self.k), first)  # (k R, k)
        moved = turned(moved).reshape(*moved.shape[:-2], self.k**2, self.R)  # (k k, R)
        pairs = list(zip(self.at.products.places, a, strict=True))
        ends = [along(self.of_P.F, places, b) for places, b in pairs]  # (R, l l)
        own = bend_of_own(first, self.at.E, moved, self.of_P.Q)
        beside = [moved @ end for end in ends]
        others = [[bend_of_rest(turned(S @ end), places, b) for end in ends] for places, b in pairs]
        return bordered(own, beside, others)

    def at_levels(self, Q: Array) -> Array:
        """(G, k, k): V_i = D_i Q D_i'."""
        return products_at_levels(self.D @ Q, self.D, self.k)

    def own_given_y(self) -> Array:
        """(G, k, k): Cov(gamma_i | y, beta) / sigma^2 of the eliminated factor.

        Without the difference T1 - T1 C_ii T1; X is left out of V.  eq:eliminated-posterior
        """
        T1, R = self.at.T1, self.at.products.R
        A = R.transpose(0, 2, 1) @ R  # (G, k, k)
        alone = np.linalg.solve(np.eye(len(T1)) + T1 @ A, np.broadcast_to(T1, A.shape))
        return alone + T1 @ self.at_levels(Metric(self.at, self.r).Q) @ T1

    def rest_given_y(self, places: Array) -> Array:
        """(levels, k, k): the same of another factor, its effects at places among the r."""
        blocks = Metric(self.at, self.r).half[:, places]  # (r, levels, k)  eq:eliminated-posterior
        return np.einsum("rla,rlb->lab", blocks, blocks)
