"""Triangular factors and systems: LAPACK's, without scipy's checks, which cost more than the work.

A lower triangle L stands for L L'.  Arguments are finite (`r.frame` refuses others).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import lapack

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


def logdet(L: Array) -> float:
    """log det(L L')."""
    return 2.0 * float(np.log(np.diag(L)).sum())


TOLERANCE = 1e-7  # of R's qr() in lme4


def independent_columns(X: Array) -> list[int]:
    """The columns of X (n, p) that those before them do not determine, to R's tolerance."""
    basis = np.zeros((len(X), 0))  # orthonormal
    kept = []
    sizes = np.abs(X).max(axis=0, initial=0.0)  # or squares might not be finite
    for j, column in enumerate((X / np.where(sizes > 0, sizes, 1.0)).T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # twice is enough
        if np.linalg.norm(rest) > TOLERANCE * np.linalg.norm(column):
            kept.append(j)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept
