"""A local minimum of the criterion, proved: in the interior, or on a face of the cone.

Where a term's T is singular, of rank r, its factor has r columns that are not zero: the face.  The
free entries of theta are those of such columns.  Krawczyk's test proves a strict minimum on the
face; off it, with N a basis of the null space of T, N'F N must be positive definite (eq:kkt).  Then
zero is exact: a variance of zero, a correlation of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, arb_mat

from refmixed.covariance import factors as float_factors
from refmixed.design import Design
from refmixed.linalg import Array

from .engine import At, Local, at, covariances, factors
from .krawczyk import System, Vector, newton, prove_minimum
from .matrices import Matrix, ProofError, is_positive_definite, part, solve, symmetric
from .problem import Blocks, Cell
from .slopes import residual_products, slopes
from .unprofiled import Criterion, embedded, face

BITS = 512  # of every proof


@dataclass(frozen=True)
class Optimum:
    """A proved minimum: theta in a box, the model on the box."""

    theta: Vector  # (m,), zero exactly off the face
    ranks: tuple[int, ...]  # of each term's T
    here: At

    @property
    def problem(self) -> Blocks:
        """The cross products, in balls."""
        return self.here.problem

    @property
    def interior(self) -> bool:
        """Whether every T has full rank."""
        return self.ranks == self.problem.sizes

    @property
    def sigma2(self) -> arb:
        """The residual variance.  eq:sigma"""
        return self.here.r2[0, 0] / self.problem.dof

    @cached_property
    def T(self) -> list[Matrix]:
        """The covariance of each term's effects, over sigma^2."""
        return covariances(factors(self.problem, self.theta))

    def cells(self) -> Iterator[tuple[int, Local, Cell, list[int]]]:
        """Each level of each term: its block's number, the block, and its places there."""
        blocks = zip(self.problem.blocks, self.here.locals, strict=True)
        for c, (block, local) in enumerate(blocks):
            for start, cell in zip(self.problem.starts(block), block.cells, strict=True):
                yield c, local, cell, list(range(start, start + self.problem.sizes[cell[0]]))


def prove(problem: Blocks, start: Array, design: Design) -> Optimum:
    """The minimum to which Newton's method leads from a start in floats.  Raises ProofError."""
    ranks = leading_ranks(design, start)
    free = face(problem, ranks)
    system = profiled(problem, ranks)
    middle = newton(system, [start[problem.entries.index(entry)] for entry in free])
    return prove_at(problem, ranks, middle)


def prove_at(problem: Blocks, ranks: tuple[int, ...], middle: Vector) -> Optimum:
    """The minimum in a box about the free entries of a face.  Raises ProofError."""
    free = face(problem, ranks)
    box = prove_minimum(profiled(problem, ranks), middle)
    if not all(x > 0 for (_, i, j), x in zip(free, box, strict=True) if i == j):
        raise ProofError("a pivot of the factor is not proved to be positive")
    theta = embedded(problem, free, box)
    triangles = factors(problem, theta)
    here = at(problem, covariances(triangles))
    F = slopes(here, problem.dof / here.r2[0, 0], residual_products(here))
    prove_off_face(F, triangles, ranks)
    return Optimum(theta, ranks, here)


def leading_ranks(design: Design, theta: Array) -> tuple[int, ...]:
    """The rank of each term's factor.  Raises ProofError unless its first columns are the ones."""
    ranks = []
    for triangle in float_factors(design, theta):
        pivots = np.flatnonzero(np.diag(triangle))
        if (pivots != np.arange(len(pivots))).any():
            raise ProofError("a variance is zero before one that is not: another order is needed")
        ranks.append(len(pivots))
    return tuple(ranks)


def profiled(problem: Blocks, ranks: tuple[int, ...]) -> System:
    """Gradient and Hessian of the profiled criterion in the free entries of theta.

    sigma at its best: its row and column of the Hessian are eliminated.
    """
    criterion = Criterion(problem, ranks)

    def system(values: Vector) -> tuple[Vector, arb_mat]:
        here, triangles = criterion.model(values)
        log_sigma = (here.r2[0, 0] / problem.dof).log() / 2
        point, m = criterion.derivatives(here, triangles, log_sigma), len(values)
        H = point.hessian
        return point.gradient[:m], symmetric(m, lambda i, j: H[i, j] - H[i, m] * H[j, m] / H[m, m])

    return system


def prove_off_face(F: Sequence[Matrix], triangles: Sequence[Matrix], ranks: Sequence[int]) -> None:
    """Raises ProofError unless N'F N is positive definite for every term.  eq:kkt"""
    for slope, triangle, r in zip(F, triangles, ranks, strict=True):
        N = null_space(triangle, r)
        if not is_positive_definite(N.transpose() * slope * N):
            raise ProofError("off the face the criterion is not proved to rise: not a minimum")


def null_space(triangle: Matrix, r: int) -> Matrix:
    """N (k, k - r) with N'Lambda = 0, for a factor whose first r columns are not zero."""
    k = triangle.nrows()
    pivots, others = list(range(r)), list(range(r, k))
    top = solve(
        part(triangle, pivots, pivots).transpose(), part(triangle, others, pivots).transpose()
    )
    N = type(triangle)(k, k - r)
    for c in range(k - r):
        N[r + c, c] = 1
        for i in pivots:
            N[i, c] = -top[i, c]
    return N
