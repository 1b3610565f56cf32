"""What derivatives need, with the largest factor eliminated: sums over its levels, no q x q matrix.

With U_i (k, R) of level i of the eliminated factor, and Q (r, R) of the other effects,

    Z1'PZ1 = E - U U',   Z1'PZ2 = D2 - U Q',   Z2'PZ2 = S22 - Q Q'

(eq:eliminated-blocks), where E has blocks on its diagonal alone.  By ML the columns of X are left
out of U and Q.  A sum over all pairs of levels of U_i U_j' is a product of sums over levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..evaluation import Pairs, bend, block, spread
from ..linalg import Array, solve_lower
from .eliminate import Eliminated, flat, scaled


@dataclass(frozen=True)
class Blocks:
    """Parts of a matrix (q, q), and the U that its own part has."""

    U: Array  # (G, k, any)
    own: Array  # (G, k, k)  the blocks on the diagonal, of the eliminated factor
    cross: Array  # (G, k, r)
    rest: Array  # (r, r)


@dataclass(frozen=True)
class Pieces:
    """Of the model at one theta."""

    at: Eliminated

    @property
    def R(self) -> int:
        """Other random effects, and fixed ones."""
        return len(self.at.L)

    @property
    def r(self) -> int:
        """Other random effects."""
        return self.at.products.r

    @property
    def places(self) -> list[Array]:
        """Of each other term the places (levels, k) of its effects among the r."""
        return self.at.products.places

    @cached_property
    def U(self) -> Array:
        """(G, k, R): Z1'V1^-1 [Z2 Lambda2, X] L'^-1.  eq:eliminated-blocks"""
        D = scaled(self.at.products, self.at.Lambdas, self.at.D)[..., : self.R]
        return solve_lower(self.at.L, flat(D).T).T.reshape(D.shape)

    @cached_property
    def Q(self) -> Array:
        """(r, R): Z2'V1^-1 [Z2 Lambda2, X] L'^-1."""
        S = scaled(self.at.products, self.at.Lambdas, self.at.S[: self.r])[:, : self.R]
        return solve_lower(self.at.L, S.T).T

    @cached_property
    def a(self) -> list[Array]:
        """(levels, k): Z'Py of the eliminated factor, then of each other term."""
        first = self.at.D[..., -1] - self.U @ self.at.c  # (G, k)
        rest = self.at.S[: self.r, -1] - self.Q @ self.at.c  # (r,)
        return [first, *(rest[here] for here in self.at.products.places)]

    @cached_property
    def of_P(self) -> Blocks:
        """Z'PZ."""
        return self.blocks(self.R)

    @cached_property
    def of_C(self) -> Blocks:
        """Z'PZ for REML, Z'V0^-1Z for ML, where X has no part."""
        return self.of_P if self.at.reml else self.blocks(self.r)

    def blocks(self, columns: int) -> Blocks:
        """The parts of a product with so many columns of U and Q.  eq:eliminated-blocks"""
        U, Q, r = self.U[..., :columns], self.Q[:, :columns], self.r
        own = self.at.E - U @ U.transpose(0, 2, 1)  # (G, k, k)
        cross = self.at.D[..., :r] - (flat(U) @ Q.T).reshape(*U.shape[:2], r)  # (G, k, r)
        return Blocks(U, own, cross, self.at.S[:r, :r] - Q @ Q.T)

    def C(self) -> list[Array]:
        """(k, k): the blocks C_ii, summed over levels, of each factor."""
        own, rest = self.of_C.own, self.of_C.rest
        return [own.sum(axis=0), *(block(rest, t, t).trace(axis1=0, axis2=2) for t in self.places)]

    def spread(self) -> Pairs:
        """(k k, l l) of each two factors: sum_ij C_ij C_ij.  eq:eliminated-spread"""
        C, places = self.of_C, self.places
        with_own = [spread(C.cross[:, :, t].transpose(2, 3, 0, 1)) for t in places]
        others = [[spread(block(C.rest, t, s)) for t in places] for s in places]
        return bordered(spread_of_blocks(C.own, C.U), with_own, others)

    def bend(self) -> Pairs:
        """(k k, l l) of each two factors: sum_ij a_i A_ij a_j.  eq:eliminated-bend"""
        A, (first, *a), places = self.of_P, self.a, self.places
        with_own = [bend(first, A.cross[:, :, t], b) for t, b in zip(places, a, strict=True)]
        pairs = list(zip(places, a, strict=True))
        others = [[bend(b, block(A.rest, s, t), c) for t, c in pairs] for s, b in pairs]
        return bordered(bend_of_blocks(first, self.at.E, A.U), with_own, others)

    def own_given_y(self) -> Array:
        """(G, k, k): Cov(gamma_i | y, beta) / sigma^2 of the eliminated factor.

        Without the difference T1 - T1 C_ii T1; X is left out of U.  eq:eliminated-posterior
        """
        T1, R = self.at.T1, self.at.products.R
        A = R.transpose(0, 2, 1) @ R  # (G, k, k)
        alone = np.linalg.solve(np.eye(len(T1)) + T1 @ A, np.broadcast_to(T1, A.shape))
        TU = T1 @ self.U[..., : self.r]
        return alone + TU @ TU.transpose(0, 2, 1)

    def rest_given_y(self, places: Array) -> Array:
        """(levels, k, k): the same of another factor, its effects at places among the r."""
        L = self.at.L[: self.r, : self.r]
        half = solve_lower(L, self.at.Lambda2.T)  # (r, r)  eq:eliminated-posterior
        blocks = half[:, places]  # (r, levels, k)
        return np.einsum("rla,rlb->lab", blocks, blocks)


def bordered(own: Array, beside: list[Array], others: Pairs) -> Pairs:
    """Forms of all pairs, of those of the first factor and of the others: symmetric."""
    return [[own, *beside], *([one.T, *row] for one, row in zip(beside, others, strict=True))]


def spread_of_blocks(C: Array, U: Array) -> Array:
    """(k k, k k): of E - U U' with C its diagonal blocks (G, k, k), U (G, k, R)."""
    k, R = U.shape[1:]
    V = U @ U.transpose(0, 2, 1)  # (G, k, k): counted twice
    flatU = U.transpose(1, 2, 0).reshape(k * R, len(U))  # (k R, G)
    M = (flatU @ flatU.T).reshape(k, R, k, R).transpose(0, 2, 1, 3).reshape(k * k, R * R)
    every = (M @ M.T).reshape(k, k, k, k).transpose(2, 3, 1, 0)  # a, d, b, c -> b, c, d, a
    return every.reshape(k * k, k * k) + same_level(C) - same_level(V)


def same_level(C: Array) -> Array:
    """(k k, k k): sum_i C_i[a, b] C_i[d, c] at [b c, d a]."""
    k = C.shape[1]
    flatC = C.reshape(-1, k * k)
    return (flatC.T @ flatC).reshape(k, k, k, k).transpose(1, 3, 2, 0).reshape(k * k, k * k)


def bend_of_blocks(a: Array, E: Array, U: Array) -> Array:
    """(k k, k k): of E - U U'."""
    k = a.shape[1]
    inside = (a[:, :, None, None] * E[:, None]).reshape(-1, k**3)  # (G, a b c)
    own = (inside.T @ a).reshape(k * k, k * k)
    moved = np.tensordot(a, U, ((0,), (0,))).reshape(k * k, U.shape[2])  # (a b, R)
    pairs = (moved @ moved.T).reshape(k * k, k, k).transpose(0, 2, 1)  # (a b, d c) -> (a b, c d)
    return own - pairs.reshape(k * k, k * k)
