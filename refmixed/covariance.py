"""theta <-> Lambda(theta): the relative covariance factors of the random terms.

theta holds, term by term, the lower triangle of a (k, k) factor, column by column; Lambda is block
diagonal with one copy of a term's factor for each level.  Cov(gamma) = sigma^2 Lambda Lambda'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np

from .design import Design
from .errors import OptionError
from .linalg import Array, afford


@cache
def entries(k: int) -> tuple[Array, Array]:
    """Rows and columns (m,) of a lower triangle, column by column.  eq:theta"""
    columns, rows = np.triu_indices(k)
    return rows, columns


@dataclass(frozen=True)
class Layout:
    """Where theta stands in a factor (K, K) of one level of each term; N pairs within terms."""

    sizes: tuple[int, ...]  # effects a level of each term
    rows: Array  # (m,)  of the entries of theta
    columns: Array  # (m,)
    left: Array  # (N,)  the pairs, term by term, row by row
    right: Array  # (N,)

    def factor(self, theta: Array) -> Array:
        """theta (..., m) -> the factor (..., K, K).  eq:theta"""
        theta, K = np.asarray(theta, dtype=float), sum(self.sizes)
        filled = np.zeros((*theta.shape[:-1], K, K))
        filled[..., self.rows, self.columns] = theta
        return filled

    def entries(self, M: Array) -> Array:
        """(..., K, K) -> (..., m): what of it is in the place of theta."""
        return M[..., self.rows, self.columns]

    def pairs(self, M: Array) -> Array:
        """(..., K, K) -> (..., N)."""
        return M[..., self.left, self.right]

    @cached_property
    def units(self) -> Array:
        """(m, N): the symmetric matrix that has ones in the place of an entry of theta."""
        i, j = self.rows[:, None], self.columns[:, None]
        lower = (self.left == i) & (self.right == j)
        return (lower | (self.left == j) & (self.right == i)).astype(float)

    def symmetric(self, lower: Array) -> Array:
        """(..., m) -> (..., K, K): a symmetric matrix with these in the place of theta."""
        half = self.factor(lower)
        half[..., self.columns, self.rows] = lower
        return half

    @cached_property
    def places(self) -> list[slice]:
        """The effects of each term among the K."""
        ends = np.cumsum([0, *self.sizes]).tolist()
        return [slice(a, b) for a, b in pairwise(ends)]

    def blocks(self, M: Array) -> list[Array]:
        """(..., K, K) -> the block (..., k, k) of each term."""
        return [M[..., here, here] for here in self.places]


@cache
def layout_of(sizes: tuple[int, ...]) -> Layout:
    """The layout of terms with so many effects a level."""
    starts = np.cumsum([0, *sizes])
    lower = [start + np.array(entries(k)) for start, k in zip(starts, sizes, strict=False)]
    square = [
        start + np.indices((k, k)).reshape(2, -1) for start, k in zip(starts, sizes, strict=False)
    ]
    none = np.zeros((2, 0), int)
    return Layout(sizes, *np.hstack([none, *lower]), *np.hstack([none, *square]))


def layout(design: Design) -> Layout:
    """The layout of the terms of a design."""
    return layout_of(tuple(term.k for term in design.terms))


def factors(design: Design, theta: Array) -> list[Array]:
    """The (k, k) factor of each term.  eq:theta  Raises OptionError for another length of theta."""
    if np.shape(theta) != (design.m,):
        raise OptionError(f"theta must be {design.m} numbers, not of shape {np.shape(theta)}")
    of = layout(design)
    return of.blocks(of.factor(theta))


def flatten(triangles: Iterable[Array]) -> Array:
    """The inverse of `factors`: theta (m,)."""
    return np.concatenate([np.zeros(0), *(t[entries(len(t))] for t in triangles)])


def relative_factor(design: Design, theta: Array) -> Array:
    """Lambda (q, q).  eq:Lambda"""
    with afford(len(design.y), design.p, design.q):
        Lambda = np.zeros((design.q, design.q))
    start = 0
    for term, triangle in zip(design.terms, factors(design, theta), strict=True):
        here = slice(start, start + term.q)
        Lambda[here, here] = repeated(triangle, len(term.levels))
        start += term.q
    return Lambda


def repeated(factor: Array, levels: int) -> Array:
    """(levels k, levels k): a factor (k, k) for each level, on the diagonal.  eq:Lambda"""
    k, each = len(factor), np.arange(levels)
    blocks = np.zeros((levels, k, levels, k))
    blocks[each, :, each, :] = factor
    return blocks.reshape(levels * k, levels * k)


def theta_names(design: Design) -> list[str]:
    """The names (m,) of theta, as of lme4's getME(, "theta"): Subject.Days.(Intercept)."""
    names = []
    for term in design.terms:
        for row, column in zip(*entries(term.k), strict=True):
            pair = [term.effects[row], term.effects[column]][int(row == column) :]
            names.append(".".join([term.group, *pair]))
    return names


def start(design: Design) -> Array:
    """theta (m,) of unit factors: every random effect as variable as the residuals."""
    return is_diagonal(design).astype(float)


def is_diagonal(design: Design) -> Array:
    """(m,) whether an entry of theta is on the diagonal of its factor."""
    return layout(design).rows == layout(design).columns


def canonical(columns: Array, tolerance: float = 0.0) -> Array:
    """The lower triangle (k, k) with the same covariance T = columns columns', columns (k, any).

    Its diagonal is >= 0, and a zero pivot (one up to `tolerance`) has zeros below it, so that a
    covariance has one factor only, a singular one too.  Reflections keep the digits that forming T
    would lose.  eq:canonical-factor
    """
    rest = np.array(columns, dtype=float)
    k = len(rest)
    if rest.shape == (k, k) and (np.diag(rest) > tolerance).all() and not np.triu(rest, 1).any():
        return rest
    out = np.zeros((k, k))
    for j in range(k):
        if np.linalg.norm(rest[j]) <= tolerance:
            rest[j] = 0.0
            continue
        rest = rest @ reflection(rest[j])  # row j becomes (length, 0, ..., 0)
        out[j:, j] = rest[j:, 0]
        rest = rest[:, 1:]
    return out


def tidy(design: Design, theta: Array, tolerance: float = 0.0) -> Array:
    """theta (m,) with canonical factors, pivots up to a tolerance taken as zero."""
    if (theta[is_diagonal(design)] > tolerance).all():
        return theta
    return flatten(canonical(t, tolerance) for t in factors(design, theta))


def reflection(row: Array) -> Array:
    """The orthogonal H with row H = (length of row, 0, ..., 0), after Householder."""
    sign = -1.0 if row[0] < 0 else 1.0
    mirror = row.copy()
    mirror[0] += sign * np.linalg.norm(row)
    H = np.eye(len(row)) - 2.0 * np.outer(mirror, mirror) / (mirror @ mirror)
    H[:, 0] *= -sign
    return H


def packed(blocks: Iterable[Array]) -> Array:
    """Symmetric (k, k) blocks as one vector (m,) of the same length (Frobenius' norm)."""
    return flatten(block * np.sqrt(2.0 - np.eye(len(block))) for block in blocks)


def unpacked(design: Design, vector: Array) -> list[Array]:
    """The inverse of `packed`."""
    lower = [t / np.sqrt(2.0 - np.eye(len(t))) for t in factors(design, vector)]
    return [t + np.tril(t, -1).T for t in lower]
