"""All that the criterion sees of a design: products of its columns, summed level by level.

The columns of the largest grouping factor come first, k of them at each of its G levels; then all
others, M: r columns of the other random effects, p of X, and the response.  Levels of one factor
share no row, so that the products A_i of the first with one another are G small blocks.  With the
first columns at each level as U_i R_i, U_i'WU_i = I, and their share of the others taken off,

    A_i = R_i'R_i,        b_i = U_i'W M (k, r + p + 1),        C = M'W M - sum_i b_i'b_i

what is left of X is computed from what is left of its columns, so that no digits are lost where a
column of X is nearly one of the first.  eq:crossproducts, eq:crossproducts-left

The factors in which the first lies are eliminated too (`nested`): of their columns there are blocks
alone, made of what is left of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import accumulate

import numpy as np
from scipy import sparse

from ..covariance import layout
from ..design import Design
from ..evaluation import log_weights
from ..linalg import Array
from .columns import (
    Columns,
    between,
    blocks,
    dense_left,
    merged,
    of_term,
    orthonormal,
    sparse_between,
    sparse_left,
    spread_out,
)
from .fronts import Fronts
from .levels import Tall
from .nested import Row
from .tree import Tree, arranged

ROUNDING = 1e-13  # of a sum of squares
DENSE, SPARSE = 100, 0.2  # columns that are always stored; and the share that may be sparse


Part = tuple[int, Array]  # a factor, the eliminated ones first, and effects of it


@dataclass(frozen=True)
class CrossProducts:
    """The products of a design, its rows weighted."""

    design: Design
    tree: Tree  # the factors that are eliminated
    rest: tuple[int, ...]  # the terms of the others
    R: Array  # (G, k, k)
    b: Tall  # (G k, r + p + 1)
    C: Tall  # (r + p + 1, r + p + 1)
    weights_logdet: float
    beside: tuple[Array, ...] = ()  # (G, k, l)  b of each factor in which the first lies
    above: tuple[Row, ...] = ()  # what is left of the products of each such factor
    fronts: Fronts | None = None  # of the others, where C is sparse

    @property
    def r(self) -> int:
        """Random effects of the other factors."""
        return self.C.shape[-1] - self.design.p - 1

    @property
    def is_sparse(self) -> bool:
        """Whether b is."""
        return sparse.issparse(self.b)

    @property
    def takes_one(self) -> bool:
        """Whether one theta at a time: sums over branches are of two axes."""
        return self.is_sparse or bool(self.above)

    def of(self, which: Array | None) -> CrossProducts:
        """Of the products of many responses those of some; of one response they are all its own."""
        if which is None or self.C.ndim == 2:
            return self
        above = tuple(replace(row, tail=row.tail[which]) for row in self.above)
        return replace(self, b=self.b[which], C=self.C[which], above=above)

    @cached_property
    def places(self) -> list[Array]:
        """Of each other term the places (levels, k) of its effects among the r."""
        terms = [self.design.terms[t] for t in self.rest]
        starts = np.cumsum([0, *(term.q for term in terms)])[:-1]
        pairs = zip(terms, starts, strict=True)
        return [start + np.arange(t.q).reshape(-1, t.k) for t, start in pairs]

    @cached_property
    def own(self) -> list[Array]:
        """(k,): of each eliminated factor the effects among those of all terms, K a level."""
        K = np.arange(sum(layout(self.design).sizes))
        return [np.concatenate([K[self.effects[t]] for t in f]) for f in self.tree.factors]

    @cached_property
    def others(self) -> list[slice]:
        """The effects of each other term among the K."""
        return [self.effects[t] for t in self.rest]

    @cached_property
    def effects(self) -> list[slice]:
        """The effects of each term among the K."""
        return layout(self.design).places

    @cached_property
    def factors(self) -> list[tuple[int, ...]]:
        """The terms of each eliminated factor, then each other term."""
        return [*self.tree.factors, *((t,) for t in self.rest)]

    @property
    def parts(self) -> list[Part]:
        """Of each term its factor, and which of the factor's effects are its own."""
        return arrangement(layout(self.design).sizes, tuple(self.factors))[0]

    @property
    def pairs(self) -> Array:
        """(N,): the pairs of effects of one term among those of effects of one factor."""
        return arrangement(layout(self.design).sizes, tuple(self.factors))[1]


@cache
def arrangement(
    k: tuple[int, ...], factors: tuple[tuple[int, ...], ...]
) -> tuple[list[Part], Array]:
    """`parts` and `pairs` of terms with so many effects: the terms of each factor are given."""
    found: dict[int, Part] = {}
    for f, terms in enumerate(factors):
        starts = accumulate((k[t] for t in terms), initial=0)
        found |= {t: (f, s + np.arange(k[t])) for t, s in zip(terms, starts, strict=False)}
    parts = [found[t] for t in sorted(found)]
    sizes = [sum(k[t] for t in terms) for terms in factors]
    before = list(accumulate((size * size for size in sizes), initial=0))
    pairs = ((before[f] + e[:, None] * sizes[f] + e).ravel() for f, e in parts)
    return parts, np.concatenate(list(pairs))


def crossproducts(design: Design) -> CrossProducts:
    """The products of a design with one random term or more."""
    tree, rest, fronts = arranged(design.terms)
    is_sparse = fronts is not None
    top, *higher = [merged([design.terms[t] for t in terms]) for terms in tree.factors]
    w = design.weights
    others = [of_term(design.terms[t]) for t in rest]
    basis, R = orthonormal(w, top)  # (G, k, k)
    dense = Columns(np.column_stack([design.X, design.y_less_offset]), 0, 1)
    left = less(dense, basis, blocks(w, basis, dense))  # (n, p + 1)
    b = tall(w, basis, [*others, dense], is_sparse or None)  # (G k, r + p + 1)
    r = b.shape[1] - dense.size
    C = (sparse_left if is_sparse else dense_left)(w, [*others, left], b[:, :r])
    beside = tuple(blocks(w, basis, alone(one)) for one in higher)  # (G, k, l)
    left_of = [less(one, basis, B) for one, B in zip(higher, beside, strict=True)]
    above = tuple(
        Row(
            tuple(blocks(w, one, alone(other)) for other in left_of[s:]),
            tall(w, one, [*others, left], sparse.issparse(b)),
        )
        for s, one in enumerate(left_of)
    )
    return CrossProducts(design, tree, rest, R, b, C, log_weights(design), beside, above, fronts)


def alone(columns: Columns) -> Columns:
    """The columns of all levels as one."""
    return Columns(columns.x, 0, 1)


def less(columns: Columns, top: Columns, share: Array) -> Columns:
    """Columns less the first ones' share (G, k, l) of them: rows of a level keep its columns."""
    return replace(columns, x=columns.x - spread_out(top, share))


def tall(w: Array, top: Columns, others: list[Columns], is_sparse: bool | None = None) -> Tall:
    """(G k, any): the products with all others, sparse where few of many are not zero.

    Or as it is said, since another is to be like it.
    """
    size = sum(other.size for other in others[:-1])  # the last are X and y
    met = len(w) * sum(other.x.shape[1] for other in others[:-1])  # at most
    if is_few(met, top.levels, size) if is_sparse is None else is_sparse:
        return sparse.hstack([sparse_between(w, top, other) for other in others]).tocsr()
    return np.hstack([between(w, top, other) for other in others])


def is_few(met: int, levels: int, size: int) -> bool:
    """Whether so many products at most, of many columns, are few enough to be stored alone."""
    return size > DENSE and met < SPARSE * levels * size
