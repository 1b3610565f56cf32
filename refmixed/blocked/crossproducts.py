"""All that the criterion sees of a design: products of its columns, summed level by level.

The columns of the largest grouping factor come first, k of them at each of its G levels; then all
others, M: r columns of the other random effects, p of X, and the response.  Levels of one factor
share no row, so that the products A_i of the first with one another are G small blocks.  With
A_i = R_i'R_i (a root of it, singular or not), and the first columns' share of the others taken off,

    b_i = R_i'^-1 B_i (k, r + p + 1),  B = first'W M,        C = M'W M - sum_i b_i'b_i

what is left of X is computed from what is left of its columns, so that no digits are lost where a
column of X is nearly one of the first.  eq:crossproducts, eq:crossproducts-left
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..design import Design, RandomTerm
from ..errors import OptionError
from ..linalg import Array

ROUNDING = 1e-13  # of an eigenvalue, over the largest of its level


@dataclass(frozen=True)
class Columns:
    """Columns of a model by level: row i has x[i] in those of its level, zeros elsewhere."""

    x: Array  # (n, k)
    codes: Array | int  # (n,) the level of each row; 0 where there is one
    levels: int

    @property
    def size(self) -> int:
        """How many columns there are in all."""
        return self.levels * self.x.shape[1]


@dataclass(frozen=True)
class CrossProducts:
    """The products of a design, its rows weighted."""

    design: Design
    first: tuple[int, ...]  # the terms of the factor with most levels
    rest: tuple[int, ...]  # the other terms
    R: Array  # (G, k, k)
    b: Array  # (G, k, r + p + 1)
    C: Array  # (r + p + 1, r + p + 1)

    @property
    def r(self) -> int:
        """Random effects of the other factors."""
        return len(self.C) - self.design.p - 1

    @property
    def places(self) -> list[Array]:
        """Of each other term the places (levels, k) of its effects among the r."""
        terms = [self.design.terms[t] for t in self.rest]
        starts = np.cumsum([0, *(term.q for term in terms)])[:-1]
        pairs = zip(terms, starts, strict=True)
        return [start + np.arange(t.q).reshape(-1, t.k) for t, start in pairs]


def crossproducts(design: Design) -> CrossProducts:
    """The products of a design with one random term or more."""
    first, rest = order(design.terms)
    top, w = merged([design.terms[t] for t in first]), design.weights
    others = [of_term(design.terms[t]) for t in rest]
    R, inverse = roots(blocks(w, top, Columns(top.x, 0, 1)))  # (G, k, k)
    dense = Columns(np.column_stack([design.X, design.y_less_offset]), 0, 1)
    share = inverse @ (inverse.transpose(0, 2, 1) @ blocks(w, top, dense))  # (G, k, p + 1)
    left = Columns(dense.x - spread_out(top, share), 0, 1)  # (n, p + 1)
    B = np.concatenate([blocks(w, top, other) for other in (*others, dense)], axis=2)
    b = inverse.transpose(0, 2, 1) @ B  # (G, k, r + p + 1)
    C = np.block([[between(w, one, other) for other in (*others, left)] for one in (*others, left)])
    r = C.shape[0] - left.size
    b2 = b[..., :r].reshape(b.shape[0] * b.shape[1], r)
    C[:r, :r] -= b2.T @ b2
    return CrossProducts(design, first, rest, R, b, C)


def roots(A: Array) -> tuple[Array, Array]:
    """R (G, k, k) with R'R = A, and its inverse; zeros where A has them, up to rounding."""
    values, vectors = np.linalg.eigh(A)
    kept = values > ROUNDING * values[:, -1:]
    sizes = np.sqrt(np.where(kept, values, 0.0))
    inverse = np.where(kept, 1.0 / np.where(kept, sizes, 1.0), 0.0)
    return sizes[:, :, None] * vectors.transpose(0, 2, 1), vectors * inverse[:, None, :]


def spread_out(columns: Columns, effects: Array) -> Array:
    """(n, any): each row of x times the effects (levels, k, any) of its level."""
    parts = (columns.x[:, [a]] * effects[columns.codes, a] for a in range(columns.x.shape[1]))
    return sum(parts, np.zeros((len(columns.x), effects.shape[2])))


def order(terms: Sequence[RandomTerm]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of the terms of the factor with most levels, and those of the others.

    Raises OptionError where there is no term.
    """
    if not terms:
        raise OptionError("route='blocked' needs a random term: take 'penalized'")
    largest = max(terms, key=lambda term: len(term.levels)).group
    first = tuple(t for t, term in enumerate(terms) if term.group == largest)
    return first, tuple(t for t in range(len(terms)) if t not in first)


def of_term(term: RandomTerm) -> Columns:
    """The columns of Z of a term."""
    return Columns(term.x, term.codes, len(term.levels))


def merged(terms: Sequence[RandomTerm]) -> Columns:
    """Those of several terms of one factor, level by level."""
    return Columns(np.hstack([t.x for t in terms]), terms[0].codes, len(terms[0].levels))


def products(w: Array, left: Columns, right: Columns) -> Array:
    """(L, k, M, l): sums over rows of w x z', where x is of a level of L and z of one of M."""
    shape = left.x.shape[1], right.x.shape[1], left.levels, right.levels
    if left.levels == right.levels == 1:
        return ((left.x.T * w) @ right.x)[None, :, None, :]
    pairs = left.codes * right.levels + right.codes  # (n,)
    sums = [
        np.bincount(pairs, w * x * z, left.levels * right.levels)
        for x in left.x.T
        for z in right.x.T
    ]
    return np.asarray(sums).reshape(shape).transpose(2, 0, 3, 1)


def blocks(w: Array, left: Columns, right: Columns) -> Array:
    """(levels, k, any): the same, a block for each level of the left."""
    return products(w, left, right).reshape(left.levels, left.x.shape[1], right.size)


def between(w: Array, left: Columns, right: Columns) -> Array:
    """The same as one matrix."""
    return products(w, left, right).reshape(left.size, right.size)
