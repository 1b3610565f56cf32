"""Sums over pairs of levels, as forms of two directions of T."""

from __future__ import annotations

import numpy as np

from ..evaluation import side_by_side
from ..linalg import Array
from .levels import along, turned


def bordered(own: Array, beside: list[Array], others: list[list[Array]]) -> Array:
    """Forms of all pairs, of those of the first factor and of the others: symmetric."""
    if not beside:
        return own
    rows = [[turned(one), *row] for one, row in zip(beside, others, strict=True)]
    return side_by_side([[own, *beside], *rows])


def same_level(C: Array) -> Array:
    """(k k, k k): sum_i C_i[a, b] C_i[d, c] at [b c, d a]; each C_i is symmetric."""
    k = C.shape[-1]
    rows = C.reshape(*C.shape[:-2], k * k)  # (G, k k)
    sums = (turned(rows) @ rows).reshape(*C.shape[:-3], k, k, k, k)  # b, a, d, c
    return np.moveaxis(sums, -1, -3).swapaxes(-1, -2).reshape(*C.shape[:-3], k * k, k * k)


def bend_of_own(a: Array, E: Array, moved: Array, Q: Array) -> Array:
    """(k k, k k): of E - D Q D', with sum_i a_ia D_ib in moved (k k, R)."""
    k = a.shape[-1]
    inside = a[..., :, None, None] * E[..., None, :, :]  # (G, k, k, k)  a, b, c
    alone = turned(inside.reshape(*a.shape[:-1], k**3)) @ a  # (a b c, d)
    pairs = moved @ Q @ turned(moved)  # (a b, d c)
    pairs = turned(pairs.reshape(*pairs.shape[:-1], k, k))
    return (alone.reshape(pairs.shape) - pairs).reshape(*moved.shape[:-1], k * k)


def bend_of_rest(ends: Array, places: Array, a: Array) -> Array:
    """(k k, l l): sum_i a_i[a] ends[c d, ib] at [a b, c d], of ends (l l, r)."""
    k = places.shape[1]
    sums = turned(along(ends, places, a))  # (b a, c d)
    return sums.reshape(*sums.shape[:-2], k, k, -1).swapaxes(-2, -3).reshape(sums.shape)
