"""A strict minimum, proved and described, whatever the order in which the effects of a term come.

On a face of the cone the engine takes the first columns of a factor as those that are not zero.
Where a variance is zero before one that is not, the effects are taken in another order, and the
factor is brought back: a variance of zero is a row of exact zeros in either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from flint import arb, arb_mat, ctx

from refmixed.covariance import canonical, factors, flatten
from refmixed.linalg import Array

from ..proof.engine import at, covariances
from ..proof.engine import factors as exact_factors
from ..proof.exact import Exact, Term
from ..proof.krawczyk import RADIUS
from ..proof.matrices import Matrix, ProofError, part
from ..proof.optimum import BITS, Optimum, prove
from ..proof.problem import problem
from ..suite.columns import Row
from .corner import corner

MORE_BITS = (BITS, 2 * BITS)


def strict_minimum(made: Exact, reml: bool, theta: Array) -> Optimum:
    """The minimum that a theta (m,) in floats is close to.  Raises ProofError."""
    for bits in MORE_BITS:
        try:
            with ctx.workprec(bits):
                return minimum(made, reml, theta)
        except ProofError as error:
            failed = error
    if theta.any():
        raise failed
    return corner(problem(made, reml))


def described(found: Optimum, made: Exact) -> str:
    """What is proved of a minimum."""
    if not found.theta:
        return "There are no covariance parameters: least squares has one solution."
    low = [
        f"{term.name}, {r} of {term.k}"
        for term, r in zip(made.design.terms, found.ranks, strict=True)
        if r < term.k
    ]
    if not low:
        return (
            "A strict local minimum, inside: a box about theta holds exactly one stationary point, "
            f"and the Hessian is positive definite all over it ({float(RADIUS):.0e} of its scale)."
        )
    return (
        f"A strict local minimum, exactly on the boundary (rank of a term's covariance: "
        f"{'; '.join(low)}): it is one among such covariances, and away from these the criterion "
        "rises."
    )


def minimum(made: Exact, reml: bool, theta: Array) -> Optimum:
    """The minimum to which Newton's method leads from theta (m,).  Raises ProofError."""
    orders = [order(triangle) for triangle in factors(made.design, theta)]
    turned = reordered(made, orders)
    start = flatten(
        canonical(triangle[places])
        for triangle, places in zip(factors(made.design, theta), orders, strict=True)
    )
    found = prove(problem(turned, reml).balls(), start, turned.design)
    if all(places == sorted(places) for places in orders):
        return found
    return brought_back(made, reml, found, orders)


def order(triangle: Array) -> list[int]:
    """The effects (k,), those of zero pivots last."""
    zero = np.diag(triangle) == 0
    return [*np.flatnonzero(~zero).tolist(), *np.flatnonzero(zero).tolist()]


def reordered(made: Exact, orders: Sequence[Sequence[int]]) -> Exact:
    """The arrays with the effects of each term in another order."""
    pairs = zip(made.terms, orders, strict=True)
    return replace(made, terms=tuple(turned(term, places) for term, places in pairs))


def turned(term: Term, places: Sequence[int]) -> Term:
    """A term with its effects in another order."""
    x: tuple[Row, ...] = tuple([row[j] for j in places] for row in term.x)
    return replace(term, x=x, effects=tuple(term.effects[j] for j in places))


def brought_back(
    made: Exact, reml: bool, found: Optimum, orders: Sequence[Sequence[int]]
) -> Optimum:
    """A proved minimum in the order of the model."""
    blocks = problem(made, reml).balls()
    triangles = [
        lower(back(triangle, places), r)
        for triangle, places, r in zip(
            exact_factors(found.problem, found.theta), orders, found.ranks, strict=True
        )
    ]
    theta = [triangles[t][i, j] for t, i, j in blocks.entries]
    return Optimum(theta, found.ranks, at(blocks, covariances(triangles)))


def back(triangle: Matrix, places: Sequence[int]) -> Matrix:
    """The rows of a factor where they were."""
    k = triangle.nrows()
    return part(triangle, [list(places).index(j) for j in range(k)], range(k))


def lower(M: Matrix, rank: int) -> Matrix:
    """The canonical lower triangle L with L L' = M M', for M (k, k) of a rank.

    Raises ProofError where a pivot is neither proved to be positive nor that of a row of zeros.
    """
    k, covariance = M.nrows(), M * M.transpose()
    L, pivots = arb_mat(k, k), 0
    for j in range(k):
        if pivots == rank or all(M[j, i] == 0 for i in range(k)):
            continue
        square = covariance[j, j] - sum((L[j, i] ** 2 for i in range(j)), arb(0))
        if not square > 0:
            raise ProofError("a pivot of the factor is not proved to be positive")
        L[j, j], pivots = square.sqrt(), pivots + 1
        for i in range(j + 1, k):
            rest = covariance[i, j] - sum((L[i, h] * L[j, h] for h in range(j)), arb(0))
            L[i, j] = rest / L[j, j]
    return L
