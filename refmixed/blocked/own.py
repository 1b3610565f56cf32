"""What derivatives need of one eliminated factor: sums over its levels.

Z'PZ of the first has E on its diagonal, and everywhere - D Q D'.  Of a factor in which others lie,
or which lies in others, there are parts between levels below one level too: `branches`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..linalg import Array
from .eliminate import Eliminated
from .levels import Tall, apart, by_level, gram, products_at_levels, times, turned, wide
from .metric import Metric
from .nested import Stage, reach


@dataclass(frozen=True)
class Own:
    """A factor of the tree, the model at one theta, or at many if there is no other."""

    at: Eliminated
    s: int  # which
    of_bend: Metric  # P
    of_spread: Metric  # P for REML, V0^-1 for ML

    @property
    def later(self) -> list[Stage]:
        """The factors in which it lies."""
        return self.at.stages[self.s :]

    @property
    def T(self) -> Array:
        """(k, k)."""
        return self.at.T1 if self.s == 0 else self.at.stages[self.s - 1].T

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
        """(G, k, k): Z'V^-1 Z of the factors before."""
        if self.s:
            return self.at.stages[self.s - 1].A
        return turned(self.at.products.R) @ self.at.products.R

    @property
    def E(self) -> Array:
        """(G, k, k): Z'V^-1 Z, of the factors up to it."""
        return self.at.E if self.s == 0 else self.at.stages[self.s - 1].E

    @cached_property
    def reached(self) -> tuple[list[Array], Tall]:
        """Z'V^-1 of the columns of each factor above, of those before it; and of the rest, of all.

        (G, k, l) each, and (G k, R + 1).  eq:nested-reach
        """
        here, tree = self.at, self.at.products.tree
        if self.s == 0:
            return reach(tree, 0, here.beside, here.D, here.stages) if here.stages else ([], here.D)
        stage = here.stages[self.s - 1]
        J = [by_level(turned(stage.through), B) for B in stage.beside]
        return reach(tree, self.s, J, times(turned(stage.through), stage.tail), self.later)

    @cached_property
    def D(self) -> Tall:
        """(G k, R): Z'V^-1 [Z X], V of the whole tree, Z of the rest."""
        return self.reached[1][..., : self.R]

    @cached_property
    def a(self) -> Array:
        """(G, k): Z'Py."""
        moved = self.reached[1][..., -1:] - self.D @ self.at.coefficients  # (G k, 1)
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
        """(G, k, k): V_i = D_i Q D_i'."""
        return products_at_levels(self.D @ Q, self.D, self.k)

    @cached_property
    def within(self) -> Array:
        """(G, k, k): - sum_s J_i K J_i' of the factors above."""
        parts = [
            by_level(by_level(J, stage.K[self.at.products.tree.above(self.s, t)]), turned(J))
            for t, (J, stage) in self.above
        ]
        return -sum(parts[1:], parts[0])

    @property
    def above(self) -> list[tuple[int, tuple[Array, Stage]]]:
        """Each factor in which it lies, with J (G, k, l) and its stage."""
        pairs = zip(self.reached[0], self.later, strict=True)
        return list(enumerate(pairs, start=self.s + 1))

    def taken(self, Q: Array) -> Array:
        """(G, k, k): E - C_ii."""
        V = self.at_levels(Q)
        return V + self.within if self.later else V

    def C(self) -> Array:
        """(k, k): the blocks C_ii, summed."""
        found = self.E.sum(axis=-3) - self.QN.trace(axis1=-2, axis2=-1)
        return found - self.within.sum(axis=-3) if self.later else found

    def spread_of_all(self, other: Own) -> Array:
        """(k k, l l): of - D Q D' between the levels of this factor and those of another."""
        every = self.QN.reshape(*self.QN.shape[:-4], self.k**2, self.R**2)
        return every @ turned(turned(other.QN).reshape(*every.shape[:-2], other.k**2, self.R**2))

    def spread_at_level(self) -> Array:
        """(k k, k k): of a level and itself, what `spread_of_all` and `branches` leave."""
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

    def given_y(self) -> Array:
        """(G, k, k): Cov(gamma_i | y, beta) / sigma^2.

        Without the difference T - T C_ii T; X is left out of V.  eq:eliminated-posterior
        """
        T, A = self.T, self.A
        alone = np.linalg.solve(np.eye(len(T)) + T @ A, np.broadcast_to(T, A.shape))
        return alone + T @ self.taken(Metric(self.at, self.at.products.r).Q) @ T


def same_level(C: Array) -> Array:
    """(k k, k k): sum_i C_i[a, b] C_i[d, c] at [b c, d a]; each C_i is symmetric."""
    k = C.shape[-1]
    rows = C.reshape(*C.shape[:-2], k * k)  # (G, k k)
    sums = (turned(rows) @ rows).reshape(*C.shape[:-3], k, k, k, k)  # b, a, d, c
    return np.moveaxis(sums, -1, -3).swapaxes(-1, -2).reshape(*C.shape[:-3], k * k, k * k)
