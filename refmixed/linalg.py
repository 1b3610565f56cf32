"""Triangular factors and systems: LAPACK's, without scipy's checks, which cost more than the work;
and whether there is memory for a matrix.

A lower triangle L stands for L L'.  Arguments are finite.  Matrices may be stacked, (..., n, n).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import lapack

from .errors import MemoryLimitError

EPS = float(np.finfo(float).eps)
DUAL_STEPS = 100
FLAT = 1e-12  # a second derivative, over the largest, that counts as zero; rounding makes 1e-16
Array = np.ndarray[Any, np.dtype[Any]]  # the type of every array here


def cholesky(A: Array) -> Array:
    """Lower L with L L' = A.  Raises numpy's LinAlgError unless A is positive definite."""
    if A.ndim > 2:
        return np.linalg.cholesky(A)
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
    if L.ndim > 2:  # many systems at once
        return np.linalg.solve(L.swapaxes(-1, -2) if transposed else L, B)
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
    noise = len(A) * EPS * np.abs(values).max(initial=0.0)
    return (vectors * np.sqrt(np.where(values > noise, values, 0.0))) @ vectors.T


def least_positive(C: Array, goal: Array, noise: float) -> Array:
    """The positive semidefinite A (k, k) of least length with tr(C_j A) = goal_j, up to some noise.

    C (any, k, k) symmetric and orthonormal; some such A must exist.  Newton's method on the dual: A
    is the positive part of sum_j dual_j C_j, and dual = goal where that sum is positive.  Where few
    other A exist the dual is large, and its rounding errors are no eigenvalues of A.
    """

    def at(dual: Array) -> tuple[Array, Array, float]:
        values, vectors = np.linalg.eigh(np.tensordot(dual, C, 1))
        zero = len(values) * EPS * np.abs(values).max(initial=0.0)
        kept = np.where(values > zero, values, 0.0)
        A = (vectors * kept) @ vectors.T
        return A, np.tensordot(C, A) - goal, float(0.5 * kept @ kept - goal @ dual)

    dual = goal
    for _ in range(DUAL_STEPS):
        _, miss, height = at(dual)
        if np.abs(miss).max(initial=0.0) <= noise:
            break
        step = np.linalg.lstsq(dual_hessian(C, dual), miss, rcond=FLAT)[0]
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
    return np.tensordot(inside, slopes * inside, ((1, 2), (1, 2)))


def project(Q: Array, images: Array) -> Array:
    """What is left of (n,) or (..., n, any) beside orthonormal Q (n, p); twice is enough."""
    once = images - Q @ (Q.T @ images)
    return np.asarray(once - Q @ (Q.T @ once))


def logdet(L: Array) -> Any:
    """log det(L L')."""
    return 2.0 * np.log(np.diagonal(L, axis1=-2, axis2=-1)).sum(axis=-1)


TOLERANCE = 1e-7  # of R's qr() in lme4


def independent_columns(X: Array) -> list[int]:
    """The columns of X (n, p) that those before them do not determine, to R's tolerance."""
    sizes = np.abs(X).max(axis=0, initial=0.0)  # or squares might not be finite
    scaled = X / np.where(sizes > 0, sizes, 1.0)
    if are_independent(scaled):
        return list(range(X.shape[1]))
    basis = np.zeros((len(X), 0))  # orthonormal
    kept = []
    for j, column in enumerate(scaled.T):
        rest = project(basis, column)
        if np.linalg.norm(rest) > TOLERANCE * np.linalg.norm(column):
            kept.append(j)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept


def are_independent(X: Array) -> bool:
    """Whether each column of X (n, p) has a part beside those before, R's diagonal."""
    if not X.size or X.shape[0] < X.shape[1]:
        return False
    factored, _, _, _ = lapack.dgeqrf(X)
    R = np.triu(factored[: X.shape[1]])  # (p, p), its columns as long as those of X
    return bool((np.abs(np.diag(R)) > TOLERANCE * np.linalg.norm(R, axis=0)).all())


DENSE = "a fit by route='auto' makes none of these"
PART = "fit a part of the rows or levels, or a smaller model"
SMALL = 1e7  # numbers, for which nobody is asked
UNKNOWN = 8e9  # bytes: the limit where the system does not say what it has
MEMINFO, STATM = Path("/proc/meminfo"), Path("/proc/self/statm")
CONTAINER = Path("/sys/fs/cgroup/memory.max")


@contextmanager
def afford(
    n: int, p: int, q: int, numbers: float | None = None, advice: str = DENSE
) -> Iterator[None]:
    """Make the arrays of n rows, p fixed and q random effects; so many numbers, or Z and q x q.

    Raises MemoryLimitError, mostly before any is made, where the machine has no room for them.
    """
    arrays = 2.0 * n * (p + q) + 6.0 * q**2 if numbers is None else numbers  # Z and Z'W; systems
    limit = min(memory_limits(), default=UNKNOWN) if arrays > SMALL else np.inf
    if 8.0 * arrays > limit:
        raise MemoryLimitError(n, p, q, 8.0 * arrays, limit, advice)
    try:
        yield
    except MemoryLimitError:
        raise
    except MemoryError as error:
        raise MemoryLimitError(n, p, q, 8.0 * arrays, limit, advice) from error


def memory_limits() -> Iterator[float]:
    """Bytes that the system, the container and the process leave, those of them that are known."""
    if MEMINFO.exists():
        lines = dict(line.split(":") for line in MEMINFO.read_text().splitlines() if ":" in line)
        if "MemAvailable" in lines:
            yield 1024.0 * int(lines["MemAvailable"].split()[0])
    elif "SC_PHYS_PAGES" in getattr(os, "sysconf_names", ()):
        yield float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    if CONTAINER.exists() and (most := CONTAINER.read_text().strip()).isdigit():
        yield float(most)
    if sys.platform != "win32":
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            yield float(limit) - taken()


def taken() -> float:
    """Bytes of addresses that the process has; 0 where that is not known."""
    if not STATM.exists():
        return 0.0
    return float(STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
