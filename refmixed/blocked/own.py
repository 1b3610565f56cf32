"""What derivatives need of the eliminated factor: sums over its levels.

Z'PZ has E on its diagonal, and everywhere - D Q D'.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..linalg import Array
from .eliminate import Eliminated
from .levels import Tall, apart, gram, products_at_levels, rows_times, turned, wide
from .metric import Metric


@dataclass(frozen=True)
class Own:
    """The eliminated factor, the model at one theta, or at many; `Under` is one of several."""

    at: Eliminated
    of_bend: Metric  # P
    of_spread: Metric  # P for REML, V0^-1 for ML
    s: int = 0  # which factor of the tree

    @property
    def T(self) -> Array:
        """(k, k)."""
        return self.at.T1

    @cached_property
    def k(self) -> int:
        """Effects a level."""
        return self.T.shape[-1]

    @cached_property
    def R(self) -> int:
        """Random effects that are not eliminated, and fixed ones."""
        return self.at.L.shape[-1]

    @property
    def A(self) -> Array:
        """(G, k, k): Z'WZ."""
        return turned(self.at.products.R) @ self.at.products.R

    @property
    def E(self) -> Array:
        """(G, k, k): Z'V1^-1 Z."""
        return self.at.E

    @cached_property
    def D(self) -> Tall:
        """(G k, R): Z'V1^-1 [Z2 X]."""
        return self.at.D[..., : self.R]

    @cached_property
    def a(self) -> Array:
        """(G, k): Z'Py."""
        moved = self.at.D[..., -1:] - self.D @ self.at.coefficients  # (G k, 1)
        return apart(np.asarray(moved), self.k)[..., 0]

    @cached_property
    def N(self) -> Array:
        """(k, k, R, R): sum_i D_ia D_ib'."""
        D = wide(self.D, self.k)  # (G, k R)
        sums = gram(D, D)
        return sums.reshape(*sums.shape[:-2], self.k, self.R, self.k, self.R).swapaxes(-2, -3)

    @cached_property
    def QN(self) -> Array:
        """(k, k, R, R): Q N_ab."""
        return self.of_spread.Q[..., None, None, :, :] @ self.N

    @cached_property
    def moved(self) -> Array:
        """(k k, R): sum_i a_ia D_ib at [a b]."""
        sums = turned(gram(wide(self.D, self.k), self.a))  # (k, k R)
        return sums.reshape(*sums.shape[:-2], self.k**2, self.R)

    def at_levels(self, Q: Array) -> Array:
        """(G, k, k): D_i Q D_i'."""
        return products_at_levels(self.D, Q, self.k)

    def taken(self, Q: Array) -> Array:
        """(G, k, k): E - C_ii."""
        return self.at_levels(Q)

    def C(self) -> Array:
        """(k, k): the blocks C_ii, summed."""
        return self.E.sum(axis=-3) - self.QN.trace(axis1=-2, axis2=-1)

    def spread_of_all(self, other: Own) -> Array:
        """(k k, l l): of - D Q D' between the levels of this factor and those of another."""
        every = self.QN.reshape(*self.QN.shape[:-4], self.k**2, self.R**2)
        return every @ turned(turned(other.QN).reshape(*every.shape[:-2], other.k**2, self.R**2))

    def spread_at_level(self) -> Array:
        """(k k, k k): of a level and itself, what `spread_of_all` and `branches` leave."""
        if self.at.products.is_sparse and self.k == 1 and not self.at.stages:
            E = self.E[
                :, 0, 0
            ]  # (E - V)^2 - V^2 = E^2 - 2 E V, and sum_i E_i V_i = tr(Q sum_i ...)
            weighted = gram(self.D, rows_times(E, self.D))  # (R, R)
            return np.array([[E @ E - 2.0 * np.vdot(self.of_spread.Q, weighted)]])
        V = self.taken(self.of_spread.Q)
        return same_level(self.E - V) - same_level(V)

    def bend_of_all(self, other: Own) -> Array:
        """(k k, l l): of - D Q D' between the levels of this factor and those of another."""
        pairs = self.moved @ self.of_bend.Q @ turned(other.moved)  # (a b, d c)
        parts = pairs.reshape(*pairs.shape[:-1], other.k, other.k)
        return -turned(parts).reshape(pairs.shape)

    def bend_at_level(self) -> Array:
        """(k k, k k): sum_i a_i[a] E_i[b, c] a_i[d] at [a b, c d]."""
        k, a = self.k, self.a
        inside = a[..., :, None, None] * self.E[..., None, :, :]  # (G, k, k, k)  a, b, c
        sums = turned(inside.reshape(*a.shape[:-1], k**3)) @ a  # (a b c, d)
        return sums.reshape(*a.shape[:-2], k * k, k * k)

    def given_y(self, metric: Metric) -> Array:
        """(G, k, k): Cov(gamma_i | y, beta) / sigma^2, by V0^-1; by P that of gamma-hat - gamma.

        Without the difference T - T C_ii T.  eq:eliminated-posterior
        """
        T, A = self.T, self.A
        alone = np.linalg.solve(np.eye(len(T)) + T @ A, np.broadcast_to(T, A.shape))
        return alone + T @ self.taken(metric.Q) @ T


def same_level(C: Array) -> Array:
    """(k k, k k): sum_i C_i[a, b] C_i[d, c] at [b c, d a]; each C_i is symmetric."""
    k = C.shape[-1]
    rows = C.reshape(*C.shape[:-2], k * k)  # (G, k k)
    sums = (turned(rows) @ rows).reshape(*C.shape[:-3], k, k, k, k)  # b, a, d, c
    return np.moveaxis(sums, -1, -3).swapaxes(-1, -2).reshape(*C.shape[:-3], k * k, k * k)
