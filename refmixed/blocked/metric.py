"""P, or V0^-1, as the columns of the other factors and of X see it: R = r + p of them.

    Q = Lambda2X (L L')^-1 Lambda2X',   F = [I 0]' - Q S,   Z2'PZ2 = S F

Where T2 is far from singular F = Q T2^-1, and Z2'PZ2 = T2^-1 (I - F), which takes no product of
matrices: of many effects these are what costs.  eq:eliminated-metric, eq:eliminated-inverse
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..linalg import Array
from .eliminate import Eliminated, inverse_of, scaled
from .levels import turned

MANY = 100  # effects, from which on products of their matrices cost more than all else
FAR = 1e-2  # of T2 times a diagonal entry of S: below it 1 - F loses digits


@dataclass(frozen=True)
class Metric:
    """With the first columns of [Z2 X], so many, in L: all of them for P, r for V0^-1."""

    at: Eliminated
    columns: int

    @property
    def r(self) -> int:
        """Other random effects."""
        return self.at.products.r

    @cached_property
    def half(self) -> Array:
        """(columns, columns): L^-1 Lambda2X'."""
        inverse = inverse_of(self.at.L[..., : self.columns, : self.columns])
        return scaled(self.at.products, turned(self.at.Lambda), inverse)

    @cached_property
    def Q(self) -> Array:
        """(R, R), zeros for columns that are left out."""
        inside = turned(self.half) @ self.half
        if self.columns == self.at.L.shape[-1]:
            return inside
        Q = np.zeros(self.at.L.shape)
        Q[..., : self.columns, : self.columns] = inside
        return Q

    @cached_property
    def T2_inverse(self) -> Array | None:
        """(K, K): inverse T of the other terms, for many effects, where it is far from singular."""
        if self.r < MANY:
            return None
        found, S = np.zeros(self.at.Lambda.shape), np.diag(self.at.S)
        for here, places in zip(self.at.products.others, self.at.products.places, strict=True):
            T = self.at.Lambda[here, here] @ self.at.Lambda[here, here].T  # (k, k)
            if np.linalg.eigvalsh(T)[0] * S[places].min() < FAR:
                return None
            found[here, here] = np.linalg.solve(T, np.eye(len(T)))
        return found

    def times_inverse(self, M: Array) -> Array:
        """M (..., any, r) times T2^-1."""
        assert self.T2_inverse is not None
        return scaled(self.at.products, self.T2_inverse, M)

    @cached_property
    def F(self) -> Array:
        """(R, r)."""
        if self.T2_inverse is not None:
            return self.times_inverse(self.Q[:, : self.r])
        F = -self.Q @ self.at.S[..., :-1, : self.r]
        F[..., range(self.r), range(self.r)] += 1.0
        return F

    @cached_property
    def C(self) -> Array:
        """(r, r): Z2'PZ2, or Z2'V0^-1Z2."""
        if self.T2_inverse is not None:
            return self.times_inverse(np.eye(self.r) - turned(self.F[: self.r]))
        return self.at.S[..., : self.r, :-1] @ self.F if self.r else self.F

    def product(self, N: Array, QN: Array) -> Array:
        """(..., R, r): N_ab F, of N (k, k, R, R) and Q N_ab."""
        if self.T2_inverse is not None:
            return self.times_inverse(turned(QN.swapaxes(-3, -4))[..., : self.r])
        return N @ self.F[..., None, None, :, :]
