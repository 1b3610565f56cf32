"""What derivatives need of an eliminated factor under others, or above others.

Rows of U = Z'V^-1 [Z2 X], V of all eliminated factors, are sums of what each level that they lie in
brings: U = D + sum_t J_t K_t B_t.  They are left in parts, since a level meets few levels of other
factors, and one in which many lie meets many.  eq:nested-reach
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..linalg import Array
from .levels import Tall, by_level, gram, products_across, products_at_levels, times, turned
from .nested import Stage, reach
from .own import Own


@dataclass(frozen=True)
class Under(Own):
    """Factor s of the tree, of several, the model at one theta."""

    @property
    def stage(self) -> Stage:
        """Its own, of a factor that is not the first."""
        return self.at.stages[self.s - 1]

    @property
    def later(self) -> list[Stage]:
        """The factors in which it lies."""
        return self.at.stages[self.s :]

    @property
    def T(self) -> Array:
        """(k, k)."""
        return self.stage.T if self.s else super().T

    @property
    def A(self) -> Array:
        """(G, k, k): Z'V^-1 Z of the factors before."""
        return self.stage.A if self.s else super().A

    @property
    def E(self) -> Array:
        """(G, k, k): Z'V^-1 Z of the factors up to it."""
        return self.stage.E if self.s else super().E

    @cached_property
    def J(self) -> dict[int, Array]:
        """(G, k, l) of each factor in which it lies; of itself a one.  eq:nested-reach"""
        beside = self.at.beside
        if self.s:
            beside = [by_level(turned(self.stage.through), B) for B in self.stage.beside]
        found = reach(self.at.products.tree, self.s, beside, self.later)
        one = np.broadcast_to(np.eye(self.k), self.E.shape)
        return dict(enumerate([one, *found], start=self.s))

    @cached_property
    def tails(self) -> dict[int, Tall]:
        """(H l, R + 1) of each of these: what J brings of the columns of the rest, and of y."""
        own = times(turned(self.stage.through), self.stage.tail) if self.s else self.at.D
        return dict(enumerate([own, *(here.K_tail for here in self.later)], start=self.s))

    @cached_property
    def rest(self) -> dict[int, Tall]:
        """(H l, R): the same without y."""
        return {t: tail[..., : self.R] for t, tail in self.tails.items()}

    @cached_property
    def lifts(self) -> dict[tuple[int, int], Any]:
        """(G, H l), sparse, of each of these and an effect: J in the columns of the level."""
        tree, effects = self.at.products.tree, range(self.k)
        return {
            (t, a): tree.branches(J[:, [a]], self.s, t).tocsr()
            for t, J in self.J.items()
            for a in effects
        }

    def times(self, x: Array) -> Array:
        """(G, k, any): U x, x (R + 1, any) of y too."""
        parts = {t: tail @ x for t, tail in self.tails.items()}
        rows = [sum(self.lifts[t, a] @ part for t, part in parts.items()) for a in range(self.k)]
        return np.stack(rows, axis=1)

    @cached_property
    def a(self) -> Array:
        """(G, k): Z'Py."""
        return self.times(np.vstack([-self.at.coefficients, np.ones((1, 1))]))[..., 0]

    def joined(self, s: int, a: int, t: int, b: int) -> Any:
        """(H l, H' m), sparse: sums of J_ia J_ib' over the levels that lie in both."""
        return self.lifts[s, a].T @ self.lifts[t, b]

    @cached_property
    def N(self) -> Array:
        """(k, k, R, R): sum_i U_ia U_ib'."""
        found = np.zeros((self.k, self.k, self.R, self.R))
        for a, b in np.ndindex(self.k, self.k):
            for s, t in ((s, t) for s in self.J for t in self.J if s <= t):
                part = gram(self.rest[s], self.joined(s, a, t, b) @ self.rest[t])
                found[a, b] += part
                if s < t:
                    found[b, a] += part.T
        return found

    @cached_property
    def moved(self) -> Array:
        """(k k, R): sum_i a_ia U_ib at [a b]."""
        found = np.zeros((self.k, self.k, self.R))
        for (t, b), lift in self.lifts.items():
            found[:, b] += gram(lift.T @ self.a, self.rest[t])
        return found.reshape(self.k**2, self.R)

    def at_levels(self, Q: Array) -> Array:
        """(G, k, k): U_i Q U_i'."""
        found = products_at_levels(self.rest[self.s], Q, self.k)
        for t in list(self.J)[1:]:
            dense = np.asarray(self.rest[t] @ Q)  # (H l, R)
            for s in (s for s in self.J if s <= t):
                part = self.part_at_levels(s, t, dense)
                found = found + (part if s == t else part + turned(part))
        return found

    def part_at_levels(self, s: int, t: int, dense: Array) -> Array:
        """(G, k, k): of the part of s and that of t, above s or s itself."""
        k, columns, tree = self.J[s].shape[-1], self.J[t].shape[-1], self.at.products.tree
        inside = products_across(self.rest[s], dense, tree.above(s, t), k, columns)
        left = by_level(self.J[s], inside[tree.above(self.s, s)])
        return by_level(left, turned(self.J[t]))

    @cached_property
    def within(self) -> Array:
        """(G, k, k): sum_t J_i K J_i' of the factors above."""
        found, tree = np.zeros(self.E.shape), self.at.products.tree
        for t, stage in enumerate(self.later, start=self.s + 1):
            KJ = by_level(stage.K[tree.above(self.s, t)], turned(self.J[t]))
            found = found + by_level(self.J[t], KJ)
        return found

    def taken(self, Q: Array) -> Array:
        """(G, k, k): E - C_ii."""
        return self.at_levels(Q) - self.within

    def C(self) -> Array:
        """(k, k): the blocks C_ii, summed."""
        return super().C() + self.within.sum(axis=-3)
