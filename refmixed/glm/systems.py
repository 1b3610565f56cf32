"""The matrix of the mode, H = A'WA + I with A = Z Lambda, factored: by two routes.

`Dense` is the textbook's: Cholesky's factor of the whole matrix.  `Eliminated` takes the first
term, whose levels do not meet one another, out by its (k, k) blocks:

    H = [ D  C' ]    det H = det D det S,    S = E - C D^-1 C'  (eq:schur-mode)
        [ C  E  ]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.sparse import bsr_array, coo_array

from ..linalg import Array, cholesky, logdet, solve_lower, solve_upper
from .rows import Loaded, scattered


class System(Protocol):
    """A factored H."""

    @property
    def logdet(self) -> float:
        """log det H."""
        ...

    def solve(self, b: Array) -> Array:
        """H^-1 b, of b (q,) or (q, any)."""
        ...

    def blocks(self) -> Array:
        """(n, K, K): of H^-1 what is at the places of each row."""
        ...


Route = Callable[[Loaded, Array], System]


@dataclass(frozen=True)
class Dense:
    """By Cholesky's factor L of the whole."""

    loaded: Loaded
    L: Array  # (q, q)

    @classmethod
    def of(cls, loaded: Loaded, W: Array) -> Dense:
        """At weights W (n,).  Raises LinAlgError where W has left a matrix without a factor."""
        q = loaded.rows.q
        AtWA = scattered(loaded.pairs, loaded.products(W), q * q).reshape(q, q)
        return cls(loaded, cholesky(AtWA + np.eye(q)))  # eq:mode-factor

    @property
    def logdet(self) -> float:
        """log det H."""
        return logdet(self.L)

    def solve(self, b: Array) -> Array:
        """H^-1 b."""
        return solve_upper(self.L, solve_lower(self.L, b))

    def blocks(self) -> Array:
        """(n, K, K)."""
        Linv = solve_lower(self.L, np.eye(self.loaded.rows.q))  # (q, q)
        here = self.loaded.rows.places
        return (Linv.T @ Linv)[here[:, :, None], here[:, None, :]]


@dataclass(frozen=True)
class Eliminated:
    """By the blocks of the first term, and Cholesky's factor of what is left, S."""

    loaded: Loaded
    Dinv: Array  # (levels, k, k)
    logdet_first: float
    rest: Rest | None  # of one term nothing is left

    @classmethod
    def of(cls, loaded: Loaded, W: Array) -> Eliminated:
        """At weights W (n,).  Raises LinAlgError where W has left a matrix without a factor."""
        k = loaded.rows.layout.sizes[0]
        products = loaded.products(W)  # (n, K, K)
        L = cholesky(first_blocks(loaded, products[:, :k, :k]))  # (levels, k, k)
        Linv = solve_lower(L, np.broadcast_to(np.eye(k), L.shape))
        Dinv = Linv.swapaxes(1, 2) @ Linv
        rest = Rest.of(loaded, products, Dinv) if k < loaded.rows.K else None
        return cls(loaded, Dinv, float(logdet(L).sum()), rest)

    @property
    def logdet(self) -> float:
        """log det H.  eq:schur-mode"""
        return self.logdet_first + (logdet(self.rest.L) if self.rest else 0.0)

    def solve(self, b: Array) -> Array:
        """H^-1 b."""
        levels, k, _ = self.Dinv.shape
        q1 = levels * k
        first = (self.Dinv @ b[:q1].reshape(levels, k, -1)).reshape(b[:q1].shape)
        if self.rest is None:
            return first
        second = self.rest.solve(b[q1:] - self.rest.C @ first)
        return np.concatenate([first - self.rest.DinvCt @ second, second])

    def blocks(self) -> Array:
        """(n, K, K)."""
        k = self.Dinv.shape[1]
        codes = self.loaded.rows.places[:, 0] // k
        if self.rest is None:
            return self.Dinv[codes]
        own, across, within = self.rest.inverse(self.Dinv)
        here, there = self.loaded.rows.places[:, :k], self.loaded.rows.places[:, k:] - self.rest.q1
        corner = across[here[:, :, None], there[:, None, :]]  # (n, k, K - k)
        far = within[there[:, :, None], there[:, None, :]]
        return np.block([[own[codes], corner], [corner.swapaxes(1, 2), far]])


@dataclass(frozen=True)
class Rest:
    """What is left of the other terms, q2 effects, after the first's q1 are taken out."""

    C: Any  # (q2, q1)  sparse
    DinvCt: Any  # (q1, q2)  sparse
    L: Array  # (q2, q2)

    @classmethod
    def of(cls, loaded: Loaded, products: Array, Dinv: Array) -> Rest:
        """From a_i W_i a_i' of the rows (n, K, K) and the inverses of D's blocks (levels, k, k)."""
        levels, k, _ = Dinv.shape
        q1, q = levels * k, loaded.rows.q
        here, there = loaded.rows.places[:, :k], loaded.rows.places[:, k:] - q1
        across = np.broadcast_arrays(there[:, :, None], here[:, None, :])  # (n, K - k, k)
        C = coo_array(
            (products[:, k:, :k].ravel(), (across[0].ravel(), across[1].ravel())), (q - q1, q1)
        ).tocsr()
        each = np.arange(levels + 1)
        DinvCt = bsr_array((Dinv, each[:-1], each), shape=(q1, q1)).tocsr() @ C.T
        pairs = (q - q1) * there[:, :, None] + there[:, None, :]
        E = scattered(pairs, products[:, k:, k:], (q - q1) ** 2).reshape(q - q1, q - q1)
        S = E + np.eye(q - q1) - (C @ DinvCt).toarray()  # eq:schur-mode
        return cls(C, DinvCt, cholesky(S))

    @property
    def q1(self) -> int:
        """Effects that were taken out."""
        return int(self.C.shape[1])

    def solve(self, b: Array) -> Array:
        """S^-1 b, of b (q2,) or (q2, any)."""
        return solve_upper(self.L, solve_lower(self.L, b))

    def inverse(self, Dinv: Array) -> tuple[Array, Array, Array]:
        """Of H^-1 the blocks (levels, k, k) on the first diagonal, (q1, q2) and (q2, q2)."""
        levels, k, _ = Dinv.shape
        Linv = solve_lower(self.L, np.eye(len(self.L)))
        Sinv = Linv.T @ Linv  # (q2, q2)
        G = self.DinvCt @ Sinv  # (q1, q2)
        both = G.reshape(levels, k, -1), self.DinvCt.toarray().reshape(levels, k, -1)
        own = Dinv + both[0] @ both[1].swapaxes(1, 2)  # eq:schur-inverse
        return own, -G, Sinv


def first_blocks(loaded: Loaded, products: Array) -> Array:
    """D (levels, k, k): sums of a_i W_i a_i' (n, k, k) by level, and I."""
    k, levels = products.shape[1], loaded.rows.levels
    within = loaded.rows.places[:, :1, None] * k + np.arange(k * k).reshape(1, k, k)
    D = scattered(within, products, levels * k * k).reshape(levels, k, k)
    return D + np.eye(k)
