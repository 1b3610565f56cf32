"""Factors in which the eliminated one lies, eliminated again: one after the other, level by level.

What the first leaves of the others, Z'V1^-1 Z, has a block for each level of the factor t in which
it lies, if that of u lies in it: C_tu (H, k, l).  So factor t goes as the first did, from the
blocks that are left instead of from rows.  Sums over the levels below are all that this takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..linalg import Array
from .levels import Tall, by_level, gram, inverse_and_logdet, times, turned
from .tree import Tree


@dataclass(frozen=True)
class Row:
    """The products of one factor, all columns less the share of what is eliminated."""

    blocks: tuple[Array, ...]  # (H, k, l)  with itself, and with each factor in which it lies
    tail: Tall  # (H k, R + 1)  with the columns of all other factors, of X, and y


@dataclass(frozen=True)
class Stage:
    """A factor in which others lie, eliminated after them, at one theta."""

    T: Array  # (k, k)
    A: Array  # (H, k, k)  Z'V^-1 Z, V of the factors before
    beside: tuple[Array, ...]  # (H, k, l)  with each factor in which it lies
    tail: Tall  # (H k, R + 1)
    K: Array  # (H, k, k)  -T (I + A T)^-1
    logdet: Array  # ()  of all I + A T

    @cached_property
    def K_beside(self) -> list[Array]:
        """(H, k, l)."""
        return [by_level(self.K, B) for B in self.beside]

    @cached_property
    def K_tail(self) -> Tall:
        """(H k, R + 1)."""
        return times(self.K, self.tail)

    @cached_property
    def through(self) -> Array:
        """(H, k, k): (I + T A)^-1.  eq:nested-stage"""
        one = np.eye(len(self.T))
        system = one + by_level(self.T, self.A)
        return 1.0 / system if len(one) == 1 else np.linalg.solve(system, one[None] + 0.0 * system)

    @cached_property
    def E(self) -> Array:
        """(H, k, k): (I + A T)^-1 A.  eq:nested-stage"""
        return by_level(turned(self.through), self.A)


def stage(row: Row, Lambda: Array) -> Stage:
    """A factor eliminated, Lambda (k, k) its own."""
    A, *beside = row.blocks
    H = np.eye(len(Lambda)) + by_level(by_level(Lambda.T, A), Lambda)  # (H, k, k)  eq:nested-det
    inverse, logdets = inverse_and_logdet((H + turned(H)) / 2)
    K = -by_level(by_level(Lambda, inverse), Lambda.T)  # (H, k, k)  eq:nested-stage
    return Stage(Lambda @ Lambda.T, A, tuple(beside), row.tail, K, logdets.sum())


def shared(
    tree: Tree, s: int, rows: Sequence[Row], B: Sequence[Array], KB: Sequence[Array], K_tail: Tall
) -> list[Row]:
    """The rows of the factors above s with B'KB added, the share of s.  eq:nested-left"""
    found = []
    for j, row in enumerate(rows):
        t = s + 1 + j
        pairs = zip(row.blocks, KB[j:], strict=True)
        blocks = tuple(C + tree.up_blocks(B[j], s, t, other) for C, other in pairs)
        found.append(Row(blocks, row.tail + tree.up(B[j], s, t, K_tail)))
    return found


def stages(
    tree: Tree, rows: Sequence[Row], factors: Sequence[Array], S: Array
) -> tuple[Array, list[Stage]]:
    """What is left of S, and each factor of the rows eliminated, factors (k, k) their Lambda."""
    found: list[Stage] = []
    for s, Lambda in enumerate(factors, start=1):
        here = stage(rows[0], Lambda)
        S = S + gram(here.tail, here.K_tail)  # (R + 1, R + 1)  eq:nested-left
        rows = shared(tree, s, rows[1:], here.beside, here.K_beside, here.K_tail)
        found.append(here)
    return S, found


def reach(tree: Tree, s: int, J: Sequence[Array], later: Sequence[Stage]) -> list[Array]:
    """(G, k, l): Z_s'V^-1 of the columns of each factor above s, with V of all before that one.

    J (G, k, l): the same with V of the factors up to s.  later: those above.  eq:nested-reach
    """
    found = list(J)
    for j, here in enumerate(later):
        where = tree.above(s, s + 1 + j)
        for i, KB in enumerate(here.K_beside, start=j + 1):
            found[i] = found[i] + by_level(found[j], KB[where])
    return found
