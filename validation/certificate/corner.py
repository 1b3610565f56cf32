"""A minimum at T = 0, where a score may be exactly zero: the conditions in rationals.

All that the criterion's derivatives in T need is rational there.  With F the slope of a term, the
point is a strict local minimum where F is positive semidefinite and, along the directions within
its null space, the second derivative is positive (eq:kkt, and second order in the critical cone).
"""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb, fmpq_mat

from ..proof.engine import At
from ..proof.matrices import Matrix, ProofError, is_positive_definite
from ..proof.optimum import Optimum
from ..proof.problem import Blocks
from ..proof.slopes import (
    Direction,
    bend,
    inner_products,
    moved,
    push,
    residual_products,
    slopes,
    spread,
)
from .flat import at_zero, is_semidefinite


def corner(problem: Blocks) -> Optimum:
    """The minimum at T = 0 of a model in rationals.  Raises ProofError."""
    here = at_zero(problem)
    a = residual_products(here)
    F = slopes(here, problem.dof / here.r2[0, 0], a)
    if not all(is_semidefinite(slope) for slope in F):
        raise ProofError("at zero the criterion falls into the cone: not a minimum")
    flat = [d for t, slope in enumerate(F) for d in within(t, null_space(slope))]
    if flat and not is_positive_definite(curvature(here, a, flat)):
        raise ProofError("a score at zero is exactly zero, and the curvature is not positive")
    balls = problem.balls()
    return Optimum([arb(0)] * len(problem.entries), (0,) * len(F), at_zero(balls))


def null_space(A: fmpq_mat) -> fmpq_mat:
    """(k, any): a basis of what a matrix (k, k) takes to zero."""
    reduced, rank = A.rref()
    k = A.ncols()
    pivots = [next(j for j in range(k) if reduced[i, j] != 0) for i in range(rank)]
    free = [j for j in range(k) if j not in pivots]
    N = fmpq_mat(k, len(free))
    for c, j in enumerate(free):
        N[j, c] = 1
        for i, pivot in enumerate(pivots):
            N[pivot, c] = -reduced[i, j]
    return N


def within(t: int, N: fmpq_mat) -> Iterator[Direction]:
    """Symmetric matrices whose range is that of N (k, any)."""
    r = N.ncols()
    for i in range(r):
        for j in range(i, r):
            unit = fmpq_mat(r, r)
            unit[i, j] = unit[j, i] = 1
            yield Direction(t, N * unit * N.transpose())


def curvature(here: At, a: list[Matrix], directions: list[Direction]) -> fmpq_mat:
    """Second derivatives of the profiled criterion along directions of T.  eq:hessian"""
    r2 = here.r2[0, 0]
    scale = here.problem.dof / r2
    pushed = [push(here, d) for d in directions]
    Ka = [moved(here, d, a) for d in directions]
    falls = [inner_products(a, x, here.N) for x in Ka]  # a'D a
    H = fmpq_mat(len(directions), len(directions))
    for i in range(len(directions)):
        for j in range(i, len(directions)):
            log_part = spread(here, pushed[i], pushed[j], here.problem.reml)
            value = (
                2 * scale * bend(here, Ka[i], Ka[j]) - log_part - scale / r2 * falls[i] * falls[j]
            )
            H[i, j] = H[j, i] = value
    return H
