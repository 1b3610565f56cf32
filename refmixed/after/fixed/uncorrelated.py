"""Contrasts as combinations that are not correlated, in the units that the contrasts have.

The eigenvectors of their covariance give such combinations, and depend on the units, as in
lmerTest.  Units may be far apart: Jacobi's rotations give each eigenvector its own digits.
"""

from __future__ import annotations

import numpy as np

from ...linalg import EPS, Array, cholesky, independent_columns
from .information import Information
from .slopes import Slopes

ALIKE = 1e-8  # eigenvalues that differ by less, relatively, and df, count as equal
SWEEPS = 40


def orthonormal_rows(C: Array) -> tuple[Array, Array]:
    """Q (r, p) with QQ' = I and W (l, r) with C = W Q, of contrasts C (l, p) of rank r."""
    Q = np.linalg.qr(C[independent_columns(C.T)].T)[0].T  # (r, p)
    return Q, C @ Q.T


def uncorrelated(of: Slopes, known: Information, weights: Array) -> Slopes:
    """Combinations of contrasts, `weights` (l, r) times those of `of`, that are not correlated.

    Eigenvectors of equal eigenvalues are arbitrary: those are taken of which the variances' own
    slopes are not correlated either.
    """
    vectors, values = eigenvectors(cholesky(of.cov).T @ weights.T)  # (l, l), (l,)
    order = np.argsort(values)[len(values) - len(of.cov) :]
    rows, values = vectors[:, order].T @ weights, values[order]  # (r, r)
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    rotated = of.combined(rows)
    spread = np.einsum("aij,ajk->ik", known.moved(rotated), known.moved(rotated))
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > ALIKE * values)
    for here in np.split(np.arange(len(values)), starts[1:]):
        rows[here] = np.linalg.eigh(spread[np.ix_(here, here)])[1].T @ rows[here]
    return of.combined(rows)


def eigenvectors(M: Array) -> tuple[Array, Array]:
    """Of M'M its eigenvectors (l, l) and eigenvalues (l,), M (r, l): Jacobi's rotations of M.

    Columns of M may have any sizes: an eigenvector has its digits in the unit of each.
    """
    M, vectors = M.copy(), np.eye(M.shape[1])
    for _ in range(SWEEPS):
        turns = [turn(M, vectors, i, j) for i in range(len(vectors)) for j in range(i)]
        if not any(turns):
            break
    return vectors, (M**2).sum(axis=0)


def turn(M: Array, vectors: Array, i: int, j: int) -> bool:
    """Turn columns i and j in place so that they are orthogonal; False where they were."""
    one, two = M[:, i], M[:, j]
    product, sizes = one @ two, (one @ one, two @ two)
    if abs(product) <= len(M) * EPS * np.sqrt(sizes[0] * sizes[1]):
        return False
    apart = sizes[1] - sizes[0]
    tangent = 2.0 * product / (apart + np.copysign(np.hypot(apart, 2.0 * product), apart))
    cosine = 1.0 / np.hypot(1.0, tangent)
    rotation = cosine * np.array([[1.0, tangent], [-tangent, 1.0]])
    M[:, [i, j]] = M[:, [i, j]] @ rotation
    vectors[:, [i, j]] = vectors[:, [i, j]] @ rotation
    return True
