"""Sums over pairs of levels of two eliminated factors that lie in one level of a third, or in none.

Of levels i and j of factors f and g the block of Z'PZ is a sum over the factors s in which both lie

    C_ij = [i = j] E_i + sum_s [same level of s] J_i G J_j' - D_i Q D_j'

where G of that level of s is K, or through where s is g itself.  Same at s and same at t is same at
the first of them: the sum over all pairs of products of two such terms has become one over levels
of that factor, of products of what is below.  eq:nested-blocks, eq:nested-spread, eq:nested-bend
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from ..linalg import Array
from .levels import by_level, turned
from .under import Under


def pairs(own: Under, s: int, t: int) -> Array:
    """(H, k, l, k, m): sums of J_s J_t over what lies in each level of s."""
    tree, (left, right) = own.at.products.tree, (own.J[s], own.J[t])
    G, k, l_ = left.shape
    sums = tree.up(left.reshape(G, 1, k * l_), own.s, s, right.reshape(G, -1))  # (H k l, k m)
    return sums.reshape(tree.levels[s], k, l_, k, right.shape[-1])


def pairs_of_all(own: Under, s: int) -> Array:
    """(H, k, l, k, R): the same of J_s and U."""
    H, k, l_ = own.at.products.tree.levels[s], own.k, own.J[s].shape[-1]
    found = np.zeros((H, k, l_, k, own.R))
    for a, b in np.ndindex(k, k):
        for t, tail in own.rest.items():
            part = own.joined(s, a, t, b) @ tail  # (H l, R)
            dense = part.toarray() if sparse.issparse(part) else part
            found[:, a, :, b] += dense.reshape(H, l_, own.R)
    return found


def ends(own: Under, s: int) -> Array:
    """(H, k, l, k): sums of J_ib a_ia over what lies in each level of s, at [b, :, a]."""
    tree, J = own.at.products.tree, own.J[s]
    sums = tree.up(J.reshape(len(J), 1, -1), own.s, s, own.a)
    return sums.reshape(tree.levels[s], own.k, J.shape[-1], own.k)


def common(f: Under, g: Under) -> range:
    """The factors in whose levels those of f and g lie together: g or those above it."""
    return range(g.s if f.s < g.s else f.s + 1, len(f.at.stages) + 1)


def middle(f: Under, g: Under, s: int) -> Array:
    """(H, l, l): what is between J_i and J_j at a level of factor s above f, g or above."""
    stage = f.at.stages[s - 1]
    return stage.through if s == g.s else stage.K


def spread_between(f: Under, g: Under) -> Array:
    """(k k, l l): sum_ij C_ij[a, b] C_ij[d, c] at [a d, b c], f before g.

    Where f is g, of two terms that are both above it.  eq:nested-spread
    """
    found = np.zeros((f.k, f.k, g.k, g.k))
    for s, t in ordered(common(f, g)):
        part = spread_at(f, g, s, t)
        found += part if s == t else part + part.transpose(1, 0, 3, 2)
    return found.reshape(f.k**2, g.k**2)


def ordered(above: range) -> Iterator[tuple[int, int | None]]:
    """Each factor with itself, those above it, and None for what all levels share."""
    for s in above:
        yield from ((s, t) for t in above if t >= s)
        yield s, None


def spread_at(f: Under, g: Under, s: int, t: int | None) -> Array:
    """(k, k, l, l): of a term of s and one of t, at or above it, at [a, d, b, c]."""
    if t is None:
        one, two = pairs_of_all(f, s), pairs_of_all(g, s)  # (H, k, l, k, m)
        inner = -(one @ f.of_spread.Q)
    else:
        one, two = pairs(f, s, t), pairs(g, s, t)
        between = middle(f, g, t)[f.at.products.tree.above(s, t)]  # (H, m, m)
        inner = by_level(one, between[:, None, None])
    H, k, l_, _, m = one.shape
    moved = turned(middle(f, g, s))[:, None] @ inner.reshape(H, k, l_, k * m)
    return np.tensordot(moved.reshape(one.shape), two, axes=((0, 2, 4), (0, 2, 4)))


def bend_between(f: Under, g: Under) -> Array:
    """(k k, l l): sum_ij a_i[a] A_ij[b, c] a_j[d] at [a b, c d], f before g or g itself.

    Of levels in one level of a factor above both, or which is g; f is g: above it.  eq:nested-bend
    """
    found = np.zeros((f.k, f.k, g.k, g.k))
    for s in common(f, g):
        one, two = ends(f, s), ends(g, s)  # (H, k, l, k)
        inner = turned(middle(f, g, s))[:, None] @ one
        found += np.tensordot(inner, two, axes=((0, 2), (0, 2))).swapaxes(0, 1)
    return found.reshape(f.k**2, g.k**2)
