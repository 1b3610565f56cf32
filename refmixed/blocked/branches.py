"""Sums over pairs of levels of two eliminated factors that lie in one level of a third, or in none.

Of levels i and j of factors f and g the block of Z'PZ is a sum over the factors s in which both lie

    C_ij = [i = j] E_i + sum_s [same level of s] J_i G J_j' - D_i Q D_j'

where G of that level of s is K, or through where s is g itself.  Same at s and same at t is same at
the first of them: the sum over all pairs of products of two such terms has become one over levels
of that factor, of products of what is below.  eq:nested-blocks, eq:nested-spread, eq:nested-bend
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..linalg import Array
from .levels import turned, wide
from .own import Own


@dataclass(frozen=True)
class Below:
    """What of a factor lies in each level of the factors from `first` on.  At one theta."""

    own: Own
    first: int

    @cached_property
    def J(self) -> dict[int, Array]:
        """(G, k, l) of each factor from the first on, a one of the factor itself."""
        found = {t: J for t, (J, _) in self.own.above if t >= self.first}
        if self.first == self.own.s:
            found[self.own.s] = np.broadcast_to(np.eye(self.own.k), self.own.E.shape)
        return found

    def rows(self, s: int) -> Array:
        """(G, 1, k l): J of factor s, a row a level."""
        return self.J[s].reshape(len(self.J[s]), 1, -1)

    def pairs(self, s: int, t: int | None) -> Array:
        """(H, k, l, k, m): sums of J_s J_t below each level of s; D for J_t where t is None."""
        k, tree = self.own.k, self.own.at.products.tree
        other = wide(self.own.D, k) if t is None else self.rows(t)[:, 0]  # (G, k m)
        sums = tree.up(self.rows(s), self.own.s, s, other)  # (H k l, k m)
        dense = sums.toarray() if hasattr(sums, "toarray") else sums
        return dense.reshape(tree.levels[s], k, self.J[s].shape[-1], k, dense.shape[-1] // k)

    def ends(self, s: int) -> Array:
        """(H, k, l, k): sum of J_ib a_ia below each level of s, at [b, :, a]."""
        k, tree = self.own.k, self.own.at.products.tree
        sums = tree.up(self.rows(s), self.own.s, s, self.own.a)
        return sums.reshape(tree.levels[s], k, -1, k)


def middle(f: Own, g: Own, s: int) -> Array:
    """(H, l, l): what is between J_i and J_j at a level of factor s above f, g or above."""
    stage = f.at.stages[s - 1]
    return stage.through if s == g.s else stage.K


def spread_between(f: Own, g: Own) -> Array:
    """(k k, l l): sum_ij C_ij[a, b] C_ij[d, c] at [a d, b c], f before g.

    Where f is g, of two terms that are both above it.  eq:nested-spread
    """
    first = g.s if f.s < g.s else f.s + 1
    left, right = Below(f, first), Below(g, first)
    found = np.zeros((f.k, f.k, g.k, g.k))
    for s, t in ordered(range(first, len(f.at.stages) + 1)):
        part = spread_at(left, right, s, t)
        found += part if s == t else part + part.transpose(1, 0, 3, 2)
    return found.reshape(f.k**2, g.k**2)


def ordered(above: range) -> Iterator[tuple[int, int | None]]:
    """Each factor with itself, those above it, and None for what all levels share."""
    for s in above:
        yield from ((s, t) for t in above if t >= s)
        yield s, None


def spread_at(left: Below, right: Below, s: int, t: int | None) -> Array:
    """(k, k, l, l): of a term of s and one of t, at or above it, at [a, d, b, c]."""
    f, g = left.own, right.own
    one, two = left.pairs(s, t), right.pairs(s, t)  # (H, k, l, k, m)
    H, k, l_, _, m = one.shape
    if t is None:
        inner = -(one @ f.of_spread.Q)
    else:
        above = f.at.products.tree.above(s, t)
        inner = one.reshape(H, k * l_ * k, m) @ middle(f, g, t)[above]
    moved = turned(middle(f, g, s))[:, None] @ inner.reshape(H, k, l_, k * m)
    return np.tensordot(moved.reshape(one.shape), two, axes=((0, 2, 4), (0, 2, 4)))


def bend_between(f: Own, g: Own) -> Array:
    """(k k, l l): sum_ij a_i[a] A_ij[b, c] a_j[d] at [a b, c d], f before g or g itself.

    Of levels in one level of a factor above both, or which is g; f is g: above it.  eq:nested-bend
    """
    first = g.s if f.s < g.s else f.s + 1
    left, right = Below(f, first), Below(g, first)
    found = np.zeros((f.k, f.k, g.k, g.k))
    for s in range(first, len(f.at.stages) + 1):
        one, two = left.ends(s), right.ends(s)  # (H, k, l, k)
        inner = turned(middle(f, g, s))[:, None] @ one
        found += np.tensordot(inner, two, axes=((0, 2), (0, 2))).swapaxes(0, 1)
    return found.reshape(f.k**2, g.k**2)
