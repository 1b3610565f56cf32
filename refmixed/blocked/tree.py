"""Grouping factors that lie in one another, and sums over the levels below a level.

The first factor has the most levels.  Each of its levels lies in one level of the next, and so on:
pupils in classes in schools.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from ..design import RandomTerm
from ..errors import OptionError
from ..linalg import Array
from .fronts import Fronts
from .levels import Tall, apart, flat
from .ties import fronts_of_rest

MANY = 500  # random effects of the others, up to which a dense system is as well
FEW = 60  # levels, up to which a factor is as well left among the others


@dataclass(frozen=True)
class Tree:
    """The factors that are eliminated, one after the other: 0, 1, ..."""

    factors: tuple[tuple[int, ...], ...]  # the terms of each
    levels: tuple[int, ...]  # how many each has
    parents: tuple[Array, ...]  # (G,)  of each but the last: the level of the next it lies in

    def above(self, s: int, t: int) -> Array:
        """(G,): the level of factor t in which each level of factor s lies."""
        found = np.arange(self.levels[s])
        for parents in self.parents[s:t]:
            found = parents[found]
        return found

    def branches(self, blocks: Array, s: int, t: int) -> Any:
        """(G k, H l), sparse: blocks (G, k, l) of factor s in the columns of the level of t."""
        G, k, columns = blocks.shape
        shape = G * k, self.levels[t] * columns
        return sparse.bsr_array((blocks, self.above(s, t), np.arange(G + 1)), shape=shape)

    def down(self, blocks: Array, s: int, t: int, tall: Tall) -> Tall:
        """(G k, any): blocks (G, k, l) of factor s, times tall (H l, any) at the level of t."""
        return product(self.branches(blocks, s, t), tall)

    def up(self, blocks: Array, s: int, t: int, tall: Tall) -> Tall:
        """(H l, any): sums of blocks' tall, tall (G k, any), over what lies in a level of t."""
        return product(self.branches(blocks, s, t).T, tall)

    def up_blocks(self, left: Array, s: int, t: int, right: Array) -> Array:
        """(H, k, l): the same of left (G, any, k) and right (G, any, l), level by level."""
        return apart(self.up(left, s, t, flat(right)), left.shape[-1])


def product(matrix: Any, tall: Tall) -> Tall:
    """A sparse matrix times a tall one."""
    return matrix.tocsr() @ tall if sparse.issparse(tall) else matrix @ tall


def order(terms: Sequence[RandomTerm]) -> tuple[Tree, tuple[int, ...]]:
    """The factors to eliminate, and the numbers of the terms of all others.

    The factor with most levels, then the largest in which it lies, and so on, while they have more
    than a few.  Raises OptionError where there is no term.
    """
    if not terms:
        raise OptionError("route='blocked' needs a random term: take 'penalized'")
    groups = {term.group: term for term in terms}
    first, *others = sorted(groups.values(), key=lambda term: -len(term.levels))
    chain, parents = [first], []
    for term in others:
        found = lies_in(chain[-1], term) if len(term.levels) > FEW else None
        if found is not None:
            chain.append(term)
            parents.append(found)
    factors = tuple(tuple(t for t, o in enumerate(terms) if o.group == c.group) for c in chain)
    tree = Tree(factors, tuple(len(term.levels) for term in chain), tuple(parents))
    return tree, tuple(t for t in range(len(terms)) if not any(t in f for f in factors))


def arranged(terms: Sequence[RandomTerm]) -> tuple[Tree, tuple[int, ...], Fronts | None]:
    """The same, and the fronts of the others where these are many and left sparse.

    Factors in which the first lies are then among them.
    """
    tree, rest = order(terms)
    if sum(terms[t].q for t in rest) <= MANY:
        return tree, rest, None
    first = tree.factors[0]
    others = tuple(t for t in range(len(terms)) if t not in first)
    fronts = fronts_of_rest(terms, first, others)
    if fronts is None:
        return tree, rest, None
    return Tree((first,), tree.levels[:1], ()), others, fronts


def lies_in(term: RandomTerm, other: RandomTerm) -> Array | None:
    """(G,): the level of the other in which each level lies; None where one meets several."""
    found = homes(term.codes, other.codes, len(term.levels))
    return found if (found >= 0).all() else None


def homes(codes: Array, other: Array, levels: int) -> Array:
    """(levels,): the level of another factor in which each level lies, -1 where it meets several.

    codes, other: (n,) the levels of each row in the two factors.
    """
    found = np.zeros(levels, dtype=int)
    found[codes] = other
    found[codes[found[codes] != other]] = -1
    return found
