"""Triangular factors and systems: LAPACK's, without scipy's checks, which cost more than the work.

A lower triangle L stands for L L'.  Arguments are finite (`r.frame` refuses others).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

EPS = float(np.finfo(float).eps)
DUAL_STEPS = 100
Array = np.ndarray[Any, np.dtype[Any]]  # the type of every array here


def cholesky(A: Array) -> Array:
    """Lower L with L L' = A.  Raises numpy's LinAlgError unless A is positive definite."""
    L, info = lapack.dpotrf(A, lower=1, clean=1) if A.size else (A, 0)
    if info:
        raise np.linalg.LinAlgError("the matrix is not positive definite")
    return np.asarray(L)


def solve_lower(L: Array, B: Array) -> Array:
    """L^-1 B."""
    return triangular(L, B, transposed=False)


def solve_upper(L: Array, B: Array) -> Array:
    """L'^-1 B, for the upper triangle L'."""
    return triangular(L, B, transposed=True)


def triangular(L: Array, B: Array, transposed: bool) -> Array:
    """Both of the above; an empty system has an empty solution."""
    if L.size == 0 or B.size == 0:
        return np.zeros(B.shape)
    solution, info = lapack.dtrtrs(L, B, lower=1, trans=int(transposed))
    if info:
        raise np.linalg.LinAlgError("the triangle is singular")
    return np.asarray(solution)


def symmetric_root(A: Array) -> Array:
    """The R = R' with R R = A, for A (k, k) positive semidefinite up to rounding.

    Eigenvectors of repeated eigenvalues are arbitrary, and their signs always; R is not.
    """
    values, vectors = np.linalg.eigh(A)
    noise = len(A) * np.finfo(float).eps * np.abs(values).max(initial=0.0)
    return (vectors * np.sqrt(np.where(values > noise, values, 0.0))) @ vectors.T


def root(A: Array, noise: float) -> Array:
    """B (k, any) with B B' = A, eigenvalues up to some noise taken as zeros."""
    values, vectors = np.linalg.eigh(A)
    kept = values > noise
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))


def least_positive(C: Array, goal: Array, noise: float) -> Array:
    """The positive semidefinite A (k, k) of least length with tr(C_j A) = goal_j, up to some noise.

    C (any, k, k) symmetric and orthonormal; some such A must exist.  Newton's method on the dual: A
    is the positive part of sum_j dual_j C_j, and dual = goal where that sum is positive.
    """

    def at(dual: Array) -> tuple[Array, Array, float]:
        values, vectors = np.linalg.eigh(np.tensordot(dual, C, 1))
        kept = values.clip(min=0.0)
        A = (vectors * kept) @ vectors.T
        return A, np.tensordot(C, A) - goal, float(0.5 * kept @ kept - goal @ dual)

    dual = goal
    for _ in range(DUAL_STEPS):
        _, miss, height = at(dual)
        if np.abs(miss).max(initial=0.0) <= noise:
            break
        step = np.linalg.lstsq(dual_hessian(C, dual), miss)[0]
        for scale in 0.5 ** np.arange(30):
            _, left, there = at(dual - scale * step)
            closer = np.abs(left).max() < np.abs(miss).max()
            if closer or there < height - 1e-4 * scale * (step @ miss):
                break
        else:
            break
        dual = dual - scale * step
    return at(dual)[0]


def dual_hessian(C: Array, dual: Array) -> Array:
    """(any, any): divided differences of max(value, 0) weigh the C_j in the eigenvectors' basis."""
    values, vectors = np.linalg.eigh(np.tensordot(dual, C, 1))
    kept, gaps = values.clip(min=0.0), values[:, None] - values
    slopes = np.broadcast_to(values > 0, gaps.shape).astype(float)
    np.divide(kept[:, None] - kept, gaps, out=slopes, where=gaps != 0)
    inside = vectors.T @ C @ vectors
    H = np.tensordot(inside, slopes * inside, ((1, 2), (1, 2)))
    return np.asarray(H + EPS * np.trace(H) * np.eye(len(H)))


def logdet(L: Array) -> float:
    """log det(L L')."""
    return 2.0 * float(np.log(np.diag(L)).sum())


TOLERANCE = 1e-7  # of R's qr() in lme4


def independent_columns(X: Array) -> list[int]:
    """The columns of X (n, p) that those before them do not determine, to R's tolerance."""
    basis = np.zeros((len(X), 0))  # orthonormal
    kept = []
    for j, column in enumerate(X.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # twice is enough
        if np.linalg.norm(rest) > TOLERANCE * np.linalg.norm(column):
            kept.append(j)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept
