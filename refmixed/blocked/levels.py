"""Small matrices, one for each level of the eliminated factor, and tall ones that they multiply.

A tall matrix (G k, any) has k rows for each of G levels.  It may be sparse: of a level only those
columns of the other factors are not zero whose levels it meets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from ..linalg import Array

LARGE = 30.0  # an entry of J, the square of which costs three digits
TINY = 1e-30  # a product of columns, over their squares, that is no angle
Tall = Any  # an Array, or a sparse array of scipy
LEVELS = 4096  # at once, where a sparse array makes a dense one


def by_level(left: Array, right: Array) -> Array:
    """(..., k, k) times (..., k, any); one effect a level needs no product of matrices."""
    return left * right if left.shape[-1] == 1 else left @ right


def times(blocks: Array, tall: Tall) -> Tall:
    """The blocks (..., G, k, k) on a diagonal, times a tall matrix (..., G k, any)."""
    if sparse.issparse(tall):
        one = blocks.shape[-1] == 1
        return rows_times(blocks[:, 0, 0], tall) if one else on_diagonal(blocks) @ tall
    return flat(by_level(blocks, apart(tall, blocks.shape[-1])))


def rows_times(sizes: Array, tall: Any) -> Any:
    """A sparse matrix (G, any), its rows times numbers (G,)."""
    values = tall.data * np.repeat(sizes, np.diff(tall.indptr))
    return sparse.csr_array((values, tall.indices, tall.indptr), shape=tall.shape)


def on_diagonal(blocks: Array) -> Any:
    """(G k, G k), sparse, of blocks (G, k, k)."""
    G = np.arange(len(blocks) + 1)
    size = blocks.shape[0] * blocks.shape[1]
    return sparse.bsr_array((blocks, G[:-1], G), shape=(size, size)).tocsr()


def apart(tall: Array, k: int) -> Array:
    """(..., G k, any) -> (..., G, k, any)."""
    return tall.reshape(*tall.shape[:-2], tall.shape[-2] // k, k, tall.shape[-1])


def flat(blocks: Array) -> Array:
    """(..., G, k, any) -> (..., G k, any)."""
    *outer, G, k, any_ = blocks.shape
    return blocks.reshape(*outer, G * k, any_)


def gram(left: Tall, right: Tall) -> Array:
    """left' right, dense."""
    if sparse.issparse(left):
        product = left.T @ right
        return product.toarray() if sparse.issparse(product) else product
    return left.swapaxes(-1, -2) @ right


def wide(tall: Tall, k: int) -> Tall:
    """(..., G k, any) -> (..., G, k any): a row a level."""
    G, columns = tall.shape[-2] // k, tall.shape[-1]
    if sparse.issparse(tall):
        return tall.reshape((G, k * columns)).tocsr()
    return tall.reshape(*tall.shape[:-2], G, k * columns)


def products_at_levels(tall: Tall, Q: Array, k: int) -> Array:
    """(..., G, k, k): D_i Q D_i' of each level, tall (..., G k, any)."""
    if not sparse.issparse(tall):
        return apart(tall @ Q, k) @ turned(apart(tall, k))
    own = np.arange(min(LEVELS, tall.shape[0] // k))
    starts = range(0, tall.shape[0], k * LEVELS)  # no more of D Q at once than of so many levels
    parts = (tall[start : start + k * LEVELS] for start in starts)
    return np.concatenate(
        [products_across(D, D @ Q, own[: D.shape[0] // k], k, k) for D in parts]
        or [np.zeros((0, k, k))]
    )


def products_across(tall: Tall, dense: Array, where: Array, k: int, columns: int) -> Array:
    """(G, k, l): D_i M_j', tall (G k, any), of dense (H l, any) the level j where (G,) it lies."""
    found = np.zeros((len(where), k, columns))
    for a in range(k):
        for b in range(columns):
            found[:, a, b] = row_products(tall[a::k], dense[b::columns], where)
    return found


def row_products(tall: Tall, dense: Array, where: Array) -> Array:
    """(G,): each row of tall (G, any) times the row where (G,) of dense (H, any)."""
    if not sparse.issparse(tall):
        return np.einsum("gr,gr->g", tall, dense[where])
    here = tall.tocoo()
    sizes = here.data * dense[where[here.row], here.col]
    return np.bincount(here.row, sizes, minlength=len(where))


def inverse_and_logdet_of(J: Array) -> tuple[Array, Array]:
    """(I + J J')^-1 (..., k, k) and its log determinant (...), of J (..., k, k).

    J J' is not formed where there is one effect, or where there are two and J is large: if it is
    nearly singular, too, twice as many digits would be lost.
    """
    k = J.shape[-1]
    if k == 1:
        return 1.0 / (1.0 + J**2), np.log1p(J[..., 0, 0] ** 2)
    if k > 2 or np.abs(J).max(initial=0.0) < LARGE:
        return inverse_and_logdet(np.eye(k) + J @ turned(J))
    (x, y), large, small = principal(J)
    inverse, a, b = np.empty(J.shape), 1.0 / (1.0 + large), 1.0 / (1.0 + small)
    inverse[..., 0, 0] = a * x**2 + b * y**2
    inverse[..., 1, 1] = a * y**2 + b * x**2
    inverse[..., 0, 1] = inverse[..., 1, 0] = (a - b) * x * y
    return inverse, np.log1p(large) + np.log1p(small)


def principal(J: Array) -> tuple[tuple[Array, Array], Array, Array]:
    """Of J J' (..., 2, 2) the first eigenvector, (x, y), and both eigenvalues.

    Jacobi's rotation makes the columns of J orthogonal; the shorter is measured across the longer.
    """
    one, two = J[..., 0], J[..., 1]  # (..., 2)
    product, apart_ = (one * two).sum(axis=-1), (two**2 - one**2).sum(axis=-1)
    is_turned = np.abs(product) > TINY * ((one**2).sum(axis=-1) + (two**2).sum(axis=-1))
    ratio = np.where(is_turned, apart_, 0.0) / np.where(is_turned, 2.0 * product, 1.0)
    tangent = np.copysign(1.0, ratio) / (np.abs(ratio) + np.hypot(1.0, ratio))
    tangent = np.where(is_turned, tangent, 0.0)[..., None]
    one, two = one - tangent * two, two + tangent * one
    cosine2 = 1.0 / (1.0 + tangent[..., 0] ** 2)
    sizes = (one**2).sum(axis=-1), (two**2).sum(axis=-1)
    is_first = (sizes[0] >= sizes[1])[..., None]
    longer, shorter = np.where(is_first, one, two), np.where(is_first, two, one)
    length = np.sqrt(np.maximum(*sizes))
    is_zero, length = length == 0.0, np.where(length > 0.0, length, 1.0)
    x, y = np.where(is_zero, 1.0, longer[..., 0] / length), longer[..., 1] / length
    across = shorter[..., 1] * x - shorter[..., 0] * y
    return (x, y), np.maximum(*sizes) * cosine2, across**2 * cosine2


def inverse_and_logdet(H: Array) -> tuple[Array, Array]:
    """H^-1 (..., k, k) and log det H (...), of symmetric H without an eigenvalue below 1."""
    k = H.shape[-1]
    if k == 1:
        return 1.0 / H, np.log(H[..., 0, 0])
    if k > 2:
        return np.linalg.inv(H), np.linalg.slogdet(H)[1]
    first, ratio = H[..., 0, 0], H[..., 0, 1] / H[..., 0, 0]
    second = np.maximum(H[..., 1, 1] - ratio * H[..., 0, 1], 1.0)  # the pivot, 1 or more
    inverse = np.empty(H.shape)
    inverse[..., 1, 1] = 1.0 / second
    inverse[..., 0, 1] = inverse[..., 1, 0] = -ratio / second
    inverse[..., 0, 0] = 1.0 / first + ratio**2 / second
    return inverse, np.log(first) + np.log(second)


def turned(M: Array) -> Array:
    """The transpose."""
    return M.swapaxes(-1, -2)


def of_term(M: Array, places: Array) -> Array:
    """(..., R, levels, k): the columns of a term."""
    part = M[..., places[0, 0] : places[-1, -1] + 1]
    return part.reshape(*part.shape[:-1], *places.shape)


def by_effect(M: Array, places: Array) -> Array:
    """(..., k, R levels): the same, a row an effect."""
    part = np.moveaxis(of_term(M, places), -1, -3)
    return part.reshape(*part.shape[:-2], -1)


def along(F: Array, places: Array, a: Array) -> Array:
    """(R, k k): sum_j F_jc a_j[d] at [c d]."""
    part = np.moveaxis(of_term(F, places), -2, -1)  # (R, k, levels)
    return (part @ a[..., None, :, :]).reshape(*F.shape[:-1], -1)


def between(C: Array, one: Array, other: Array) -> Array:
    """(levels, k, levels, l): of C (r, r) the blocks of two terms."""
    part = of_term(C[..., one[0, 0] : one[-1, -1] + 1, :], other)
    return part.reshape(*C.shape[:-2], *one.shape, *other.shape)
