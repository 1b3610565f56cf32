"""The model at one covariance, from its cross products: one solve a block.

With T = Lambda Lambda', V0 = W^-1 + Z T Z' and H = I + Z'WZ T,

    [ Z'V0^-1 Z   Z'V0^-1 X   Z'V0^-1 Y ] = H^-1 [ Z'WZ   Z'WX   Z'WY ],
    X'V0^-1 X = X'WX - (Z'WX)' T Z'V0^-1 X  (and so on),    det V0 = det H / det W

(the identities of Woodbury and Sylvester in their form for any T, singular or not: eq:woodbury,
eq:sylvester).  The same lines run on rationals and on balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb

from ..suite.columns import Row
from .matrices import Matrix, Number, ball, beside, eye, inverse, part, solve
from .problem import Block, Blocks


@dataclass(frozen=True)
class Local:
    """One block at T."""

    T: Matrix  # (q_c, q_c)
    D: Matrix  # (q_c, q_c)  Z'V0^-1 Z
    U: Matrix  # (p, q_c)    X'V0^-1 Z
    v: Matrix  # (q_c, s)    Z'V0^-1 Y
    a: Matrix  # (q_c, s)    Z'P Y


@dataclass(frozen=True)
class At:
    """The model at T.  P = V0^-1 - V0^-1 X N X' V0^-1."""

    problem: Blocks
    det: Number  # det V0 det W
    XVX: Matrix  # (p, p)  X'V0^-1 X
    N: Matrix  # (p, p)  its inverse
    beta: Matrix  # (p, s)
    r2: Matrix  # (s, s)  Y'P Y
    locals: tuple[Local, ...]

    def C(self, local: Local) -> Matrix:
        """The block of the slope of the log determinants in T."""
        if not self.problem.reml:
            return local.D
        return self.A(local)

    def A(self, local: Local) -> Matrix:
        """The block of Z'PZ."""
        return local.D - local.U.transpose() * (self.N * local.U)


def at(problem: Blocks, T: Sequence[Matrix]) -> At:
    """The model where the effects of each level of term t have covariance sigma^2 T[t]."""
    XVX, XVY, YVY, det = problem.XX, problem.XY, problem.YY, 1
    solved = []
    for block in problem.blocks:
        here = spread_out(problem, block, T)  # (q_c, q_c)
        H = eye(block.G, block.G.nrows()) + block.G * here
        all_three = solve(H, beside([block.G, block.B, block.b]))
        D, U, v = split(all_three, block)
        TB = (here * block.B).transpose()  # (p, q_c)
        XVX = XVX - TB * U
        XVY = XVY - TB * v
        YVY = YVY - (here * block.b).transpose() * v
        det = det * H.det()
        solved.append((here, D, U.transpose(), v))
    N = inverse(XVX)
    beta = N * XVY
    r2 = YVY - XVY.transpose() * beta
    every = tuple(Local(here, D, U, v, v - U.transpose() * beta) for here, D, U, v in solved)
    return At(problem, det, XVX, N, beta, r2, every)


def split(joined: Matrix, block: Block) -> tuple[Matrix, Matrix, Matrix]:
    """The three parts of the solution of a block's system."""
    q, p = block.G.nrows(), block.B.ncols()
    rows = range(q)
    ends = [range(q), range(q, q + p), range(q + p, joined.ncols())]
    D, U, v = (part(joined, rows, columns) for columns in ends)
    return D, U, v


def spread_out(problem: Blocks, block: Block, T: Sequence[Matrix]) -> Matrix:
    """T (q_c, q_c) of a block: a term's (k, k) matrix at each of its levels."""
    q = block.G.nrows()
    wide = type(block.G)(q, q)
    for start, (t, _) in zip(problem.starts(block), block.cells, strict=True):
        for i in range(problem.sizes[t]):
            for j in range(problem.sizes[t]):
                wide[start + i, start + j] = T[t][i, j]
    return wide


def factors(problem: Blocks, theta: Sequence[Number]) -> list[Matrix]:
    """The lower triangle (k, k) of each term.  eq:theta"""
    kind = type(problem.XX)
    triangles = [kind(k, k) for k in problem.sizes]
    for (t, i, j), value in zip(problem.entries, theta, strict=True):
        triangles[t][i, j] = value
    return triangles


def covariances(triangles: Sequence[Matrix]) -> list[Matrix]:
    """T = Lambda Lambda' of each term."""
    return [triangle * triangle.transpose() for triangle in triangles]


def criterion(here: At, weights: Row) -> arb:
    """The profiled criterion, in balls.  eq:ml-criterion, eq:reml-criterion"""
    dof, r2 = here.problem.dof, ball(here.r2[0, 0])
    return determinants(here, weights) + dof * (1 + (2 * arb.pi() * r2 / dof).log())


def determinants(here: At, weights: Row) -> arb:
    """log|V0|, and for REML + log|X'V0^-1 X|."""
    size = ball(here.det).log()
    for w in weights:
        size -= ball(w).log()
    return size + ball(here.XVX.det()).log() if here.problem.reml else size


def gathered(problem: Blocks, vectors: Sequence[Matrix]) -> list[Number]:
    """Vectors (q_c, 1) of the blocks as one (q,) in the order of Z's columns."""
    places: dict[tuple[int, int], list[Number]] = {}
    for block, vector in zip(problem.blocks, vectors, strict=True):
        for start, cell in zip(problem.starts(block), block.cells, strict=True):
            k = problem.sizes[cell[0]]
            places[cell] = [vector[start + i, 0] for i in range(k)]
    return [value for cell in sorted(places) for value in places[cell]]
