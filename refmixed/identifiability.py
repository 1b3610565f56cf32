"""Which covariance parameters of a model can be told from data at all.

V = sigma^2 W^-1 + sum_j psi_j M_j is linear in sigma^2 and in the entries psi of sigma^2 T.  They
are determined if these matrices, or by REML K'W^-1K and the K'M_jK with K'X = 0, are linearly
independent (eq:linear-v).  Here are the directions in which they are not, and the point that
stands for all that such directions lead to.  Designs are in the coordinates of the search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy.linalg import block_diag

from .covariance import canonical, entries, factors, flatten, packed, unpacked
from .design import Design, RandomTerm
from .linalg import EPS, Array, least_positive, project

NUMBERS, FEWEST = 200_000, 2  # of all of them in a large design; and vectors there at least
DRAWS = 40  # vectors that the matrices are multiplied by; up to so many rows all unit vectors
ROUNDING = 1e-12  # of a column of images, relative to its length before X is projected out
MISS = 1e-13  # of T: a flat set with so little room that no point of it is found is a point


@dataclass(frozen=True)
class Parameters:
    """Images of W^-1 and the M_j, and what depends on what among them."""

    images: Array  # (any, 1 + m)  of length one, or zero where K'M_jK is zero
    sizes: Array  # (1 + m,)  what they were divided by
    noise: Array  # (1 + m,)  how far a rounding error may move each image

    def told(self, columns: Array | list[int]) -> tuple[Array, Array, Array]:
        """Singular values of some images, their combinations (any, any), and which are not zero.

        A value is zero up to the noise of the images in its own combination: that of one which is
        nearly within X says nothing of others.
        """
        _, values, rows = np.linalg.svd(self.images[:, columns])
        values = np.append(values, np.zeros(len(rows) - len(values)))
        return values, rows, values > np.abs(rows) @ self.noise[columns]

    def flat(self, columns: Array | list[int]) -> Array:
        """Orthonormal (1 + m, any): the combinations of some of the matrices that are zero."""
        _, rows, is_told = self.told(columns)
        null = rows[~is_told].T / self.sizes[columns][:, None]
        found = np.zeros((len(self.sizes), null.shape[1]))
        found[columns] = np.linalg.qr(null)[0]
        return found

    @cached_property
    def kernel(self) -> Array:
        """(1 + m, any): the combinations of all of them that are zero."""
        return self.flat(np.arange(len(self.sizes)))

    @cached_property
    def condition(self) -> float:
        """The largest over the least singular value that is not a rounding error."""
        values, _, is_told = self.told(np.arange(len(self.sizes)))
        kept = values[is_told]
        return float(kept.max(initial=1.0) / kept.min(initial=1.0))


def parameters(design: Design, reml: bool) -> Parameters:
    """What W^-1 and the M_j of a design do to vectors.  eq:linear-v

    A combination is zero if and only if it takes every vector to zero, and almost surely if it
    takes a few random ones there: no matrix is formed, and no condition squared.
    """
    Q, root, G = whitened(design)
    Q = Q if reml else Q[:, :0]
    more = left_out(design, G)
    before = np.hstack([stacked(design, root, G), more])
    after = np.hstack([project(Q, stacked(design, root, project(Q, G))), more])
    sizes = [np.linalg.norm(image, axis=(1, 2)) for image in (before, after)]
    relative = sizes[1] / np.where(sizes[0] > 0, sizes[0], 1.0)
    alive = relative > ROUNDING
    scale = np.where(alive, sizes[1], sizes[0])
    flat = (after * (alive / np.where(scale > 0, scale, 1.0))[:, None, None]).reshape(
        len(scale), -1
    )
    R = np.linalg.qr(flat.T, mode="r")  # (1 + m, 1 + m)
    noise = ROUNDING / np.where(alive, relative, 1.0)
    return Parameters(np.asarray(R), np.where(scale > 0, scale, 1.0), noise)


def whitened(design: Design) -> tuple[Array, Array, Array]:
    """X (n, p) with its rows times the roots (n, 1) of the weights; vectors (n, draws)."""
    root = np.sqrt(design.weights)[:, None]
    n = len(design.y)
    if n <= DRAWS:
        return root * design.X, root, np.eye(n)
    draws = min(DRAWS, max(FEWEST, NUMBERS // n))
    return root * design.X, root, np.random.default_rng(12).normal(size=(n, draws))


def stacked(design: Design, root: Array, G: Array) -> Array:
    """(1 + m, n, draws): the weighted W^-1 and M_j, times G (n, draws).  eq:linear-v"""
    images = [G]
    for term in design.terms:
        x = root * term.x  # (n, k)
        ZtG = level_sums(term, x[:, :, None] * G[:, None, :])  # (levels, k, draws)
        for row, column in zip(*entries(term.k), strict=True):
            moved = np.zeros_like(ZtG)
            moved[:, row] = ZtG[:, column]
            if row != column:  # a unit of T has length one
                moved[:, column] = ZtG[:, row]
                moved /= np.sqrt(2.0)
            images.append(np.einsum("nk,nkd->nd", x, moved[term.codes]))
    return np.array(images)


def left_out(design: Design, G: Array) -> Array:
    """(1 + m, 1, draws): of rows of zeros that were left out W^-1 alone has an image.

    One row stands for all of them, as long as vectors G (n, draws) are there.  eq:cell-images
    """
    images = np.zeros((1 + design.m, int(design.left_out > 0), G.shape[1]))
    images[0] = np.linalg.norm(G) * np.sqrt(design.left_out / G.size)
    return images


def level_sums(term: RandomTerm, values: Array) -> Array:
    """(levels, ...): values (n, ...) summed over the rows of each level."""
    columns = values.reshape(len(values), -1).T
    sums = [np.bincount(term.codes, column, len(term.levels)) for column in columns]
    shape = len(term.levels), *values.shape[1:]
    return np.array(sums).T.reshape(shape)


def Zt_times(term: RandomTerm, B: Array) -> Array:
    """(levels, k, any): Z'B of one term, of B (n, any)."""
    return level_sums(term, term.x[:, :, None] * B[:, None, :])


def shadow(design: Design, combinations: Array) -> Array:
    """(p, any): what combinations (1 + m, any) of W^-1 and the M_j do to X.  eq:shadow

    X'W M WG in the coordinates of the search: zero for those that are zero by ML, too.
    """
    Q, root, G = whitened(design)
    images = stacked(design, root, G)  # (1 + m, n, draws)
    return np.asarray(np.hstack([Q.T @ np.tensordot(c, images, 1) for c in combinations.T]))


def flat_moves(design: Design, kernel: Array, theta: Array) -> Array:
    """Orthonormal (m, any): the moves of T at theta that change nothing.  eq:flat-moves

    A combination with W^-1 in it changes sigma^2 too, and T is what is over sigma^2.
    """
    T = packed(t @ t.T for t in factors(design, theta))
    return np.asarray(np.linalg.qr(kernel[1:] - np.outer(T, kernel[0]))[0])


def representative(design: Design, kernel: Array, theta: Array) -> Array:
    """The theta (m,) of least |T| among all that lead to one criterion.  eq:representative"""
    if not kernel.size:
        return theta
    flat = flat_moves(design, kernel, theta)
    old = factors(design, theta)
    C = np.linalg.qr(np.hstack([flat, np.eye(len(flat))]))[0][:, flat.shape[1] :]  # (m, any)
    ends = np.cumsum([0, *(term.k for term in design.terms)])
    whole = np.zeros((C.shape[1], ends[-1], ends[-1]))
    whole[:] = [block_diag(*unpacked(design, c)) for c in C.T] or 0.0
    before = packed(t @ t.T for t in old)
    size = float(np.abs(before).max(initial=0.0))
    goal = C.T @ before
    T = least_positive(whole, goal, 4 * EPS * size)
    if np.abs(np.tensordot(whole, T) - goal).max(initial=0.0) > MISS * size:
        return theta
    moved = np.split(
        np.abs(flat).max(axis=1) > ROUNDING, np.cumsum([t.m for t in design.terms])[:-1]
    )
    roots = [thin_root(T[a:b, a:b], ROUNDING * size) for a, b in pairwise(ends)]
    blocks = [canonical(B, ROUNDING * np.abs(B).max(initial=0.0)) for B in roots]
    return flatten(n if move.any() else o for o, n, move in zip(old, blocks, moved, strict=True))


def thin_root(A: Array, noise: float) -> Array:
    """B (k, any) with B B' = A, eigenvalues up to some noise taken as zeros."""
    values, vectors = np.linalg.eigh(A)
    kept = values > noise
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))
