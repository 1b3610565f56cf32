"""Derivatives of the criterion along directions of T, and from them along entries of theta.

A direction dT is a symmetric (k, k) matrix of one term, repeated at each of its levels.  With
F = C - scale a a', scale = dof / r^2 where sigma is profiled out and 1 / sigma^2 where it is held,

    d criterion = tr(F dT),    d^2 = tr(F d^2T) - tr(C dT C dT) + 2 scale a'dT A dT a - ...

as in refmixed's derivatives.py (eq:slope, eq:gradient, eq:hessian).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .engine import At, spread_out
from .matrices import Matrix, Number, dot, total, trace_of_product, zero
from .problem import Blocks

Entry = tuple[int, int, int]  # term, row, column


@dataclass(frozen=True)
class Direction:
    """A direction of T: a symmetric matrix of one term."""

    term: int
    matrix: Matrix  # (k, k)


def along(
    problem: Blocks, triangles: Sequence[Matrix], entries: Sequence[Entry]
) -> list[Direction]:
    """dT = E Lambda' + Lambda E' of each of these entries of theta."""
    found = []
    for t, i, j in entries:
        unit = type(problem.XX)(problem.sizes[t], problem.sizes[t])
        unit[i, j] = 1
        half = unit * triangles[t].transpose()
        found.append(Direction(t, half + half.transpose()))
    return found


def units(problem: Blocks) -> list[Direction]:
    """The symmetric unit matrices: T, and so V, is linear along them."""
    found = []
    for t, i, j in problem.entries:
        unit = type(problem.XX)(problem.sizes[t], problem.sizes[t])
        unit[i, j] = unit[j, i] = 1
        found.append(Direction(t, unit))
    return found


def level_sums(problem: Blocks, matrices: Sequence[Matrix]) -> list[Matrix]:
    """Of matrices (q_c, q_c), one a block, the (k, k) blocks summed over the levels of a term."""
    sums = [type(problem.XX)(k, k) for k in problem.sizes]
    for block, matrix in zip(problem.blocks, matrices, strict=True):
        for start, (t, _) in zip(problem.starts(block), block.cells, strict=True):
            for i in range(problem.sizes[t]):
                for j in range(problem.sizes[t]):
                    sums[t][i, j] = sums[t][i, j] + matrix[start + i, start + j]
    return sums


def log_slopes(here: At) -> list[Matrix]:
    """C summed over levels: the slope of the log determinants in the T of each term."""
    return level_sums(here.problem, [here.C(local) for local in here.locals])


def square_slopes(here: At, a: Sequence[Matrix]) -> list[Matrix]:
    """a a' summed over levels: r^2 falls by tr of it with dT."""
    return level_sums(here.problem, [x * x.transpose() for x in a])


def slopes(here: At, scale: Number, a: Sequence[Matrix]) -> list[Matrix]:
    """F = C - scale a a' of each term, summed over its levels.  eq:slope"""
    pairs = zip(log_slopes(here), square_slopes(here, a), strict=True)
    return [C - scale * square for C, square in pairs]


def residual_products(here: At, response: int = 0) -> list[Matrix]:
    """a = Z'Py of each block, for one column of Y."""
    return [
        type(x.a)(x.a.nrows(), 1, [x.a[i, response] for i in range(x.a.nrows())])
        for x in here.locals
    ]


def gradient(
    triangles: Sequence[Matrix], F: Sequence[Matrix], entries: Sequence[Entry]
) -> list[Number]:
    """The derivative in entries of theta.  eq:gradient"""
    products = [slope * triangle for slope, triangle in zip(F, triangles, strict=True)]
    return [2 * products[t][i, j] for t, i, j in entries]


def curvature(F: Sequence[Matrix], first: Entry, second: Entry) -> Number:
    """tr(F d^2T / d theta d theta') of two entries of theta."""
    (t, i, j), (other, k, column) = first, second
    return 2 * F[t][i, k] if (t, j) == (other, column) else 0


@dataclass(frozen=True)
class Pushed:
    """What a direction K = dT makes of the model's matrices, block by block, and in X."""

    DK: list[Matrix]  # (q_c, q_c)
    UK: list[Matrix]  # (p, q_c)
    W: Matrix  # (p, p)  U K U', summed over blocks: X'V0^-1 X falls by it


def push(here: At, direction: Direction) -> Pushed:
    """A direction's products."""
    problem = here.problem
    T = [type(problem.XX)(k, k) for k in problem.sizes]
    T[direction.term] = direction.matrix
    DK, UK, W = [], [], type(problem.XX)(problem.p, problem.p)
    for block, local in zip(problem.blocks, here.locals, strict=True):
        K = spread_out(problem, block, T)
        DK.append(local.D * K)
        UK.append(local.U * K)
        W = W + UK[-1] * local.U.transpose()
    return Pushed(DK, UK, W)


def inner(here: At, first: Pushed, second: Pushed) -> Matrix:
    """U K D L U' (p, p), summed over blocks."""
    parts = zip(first.UK, second.DK, here.locals, strict=True)
    return sum(
        (UK * DL * local.U.transpose() for UK, DL, local in parts), type(here.N)(*shape(here.N))
    )


def spread(here: At, first: Pushed, second: Pushed, reml: bool) -> Number:
    """tr(C K C L), with C = D - U'NU for REML and D for ML."""
    pairs = zip(first.DK, second.DK, strict=True)
    size = total((trace_of_product(K, L) for K, L in pairs), zero(here.N))
    if not reml:
        return size
    cross = trace_of_product(here.N, inner(here, first, second))
    return size - 2 * cross + trace_of_product(here.N * first.W, here.N * second.W)


def moved(here: At, direction: Direction, a: Sequence[Matrix]) -> list[Matrix]:
    """K a of each block."""
    problem = here.problem
    T = [type(problem.XX)(k, k) for k in problem.sizes]
    T[direction.term] = direction.matrix
    pairs = zip(problem.blocks, a, strict=True)
    return [spread_out(problem, block, T) * x for block, x in pairs]


def bend(here: At, first: Sequence[Matrix], second: Sequence[Matrix]) -> Number:
    """e'A f for vectors e and f in blocks.  eq:zpz"""
    e_in_X = type(here.N)(here.problem.p, 1)
    f_in_X = type(here.N)(here.problem.p, 1)
    size = zero(here.N)
    for local, e, f in zip(here.locals, first, second, strict=True):
        size = size + dot(e, local.D * f)
        e_in_X = e_in_X + local.U * e
        f_in_X = f_in_X + local.U * f
    return size - dot(e_in_X, here.N * f_in_X)


def inner_products(first: Sequence[Matrix], second: Sequence[Matrix], like: Matrix) -> Number:
    """e'f for vectors in blocks."""
    return total((dot(e, f) for e, f in zip(first, second, strict=True)), zero(like))


def shape(A: Matrix) -> tuple[int, int]:
    """Rows and columns."""
    return A.nrows(), A.ncols()
