"""Slope, gradient and Hessian of the profiled criterion, exact, and Newton's step from them.

With T = Lambda Lambda' the slope of the criterion is F = C - dof a a' / pwrss, that is,
d criterion = tr(F dT).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.linalg import block_diag

from .covariance import entries, factors, flatten, packed, unpacked
from .design import Design
from .evaluation import Evaluation, Pairs
from .identifiability import flat_moves
from .linalg import Array, project

ARMIJO = 0.1  # share of the promised decrease that a step has to bring
LEAST = 1e-9  # of a slope of the log determinants where T = 0: relative to less, rounding counts
FLAT = 1e-12  # an eigenvalue of the Hessian this small, relatively, counts as zero


def slopes(at: Evaluation) -> list[Array]:
    """F (k, k) of each term: the derivative of the criterion in T, summed over levels.  eq:slope"""
    scale = at.dof / at.pwrss
    return [C - scale * (a.T @ a) for C, a in zip(at.C, at.a, strict=True)]


def gradient(at: Evaluation) -> Array:
    """d criterion / d theta, (m,).  eq:gradient"""
    FLambda = [F @ Lambda for F, Lambda in zip(slopes(at), at.Lambdas, strict=True)]  # (k, k)
    return 2.0 * flatten(FLambda)  # (m,)  eq:gradient


@cache
def unit_factors(k: int) -> Array:
    """(m, k, k): the derivative of a term's factor in each entry of its theta."""
    rows, columns = entries(k)
    units = np.zeros((len(rows), k, k))
    units[np.arange(len(rows)), rows, columns] = 1.0
    return units


def hessian(at: Evaluation) -> Array:
    """d^2 criterion / d theta d theta', (m, m).  eq:hessian"""
    dLambda = [unit_factors(len(Lambda)) for Lambda in at.Lambdas]  # (m, k, k) of each term
    half = [E @ Lambda.T for E, Lambda in zip(dLambda, at.Lambdas, strict=True)]
    dT = [vectors(h + h.transpose(0, 2, 1)) for h in half]  # (m, k k)
    squares = [(a.T @ a).ravel() for a in at.a]  # (k k,)
    dr2 = -np.concatenate([np.zeros(0), *(D @ aa for D, aa in zip(dT, squares, strict=True))])
    curvature = [
        2.0 * vectors(F @ E) @ vectors(E).T for F, E in zip(slopes(at), dLambda, strict=True)
    ]
    bend = 2.0 * paired(dT, at.bend) / at.pwrss - np.outer(dr2, dr2) / at.pwrss**2
    return block_diag(np.zeros((0, 0)), *curvature) - paired(dT, at.spread) + at.dof * bend


def vectors(matrices: Array) -> Array:
    """(m, k, k) -> (m, k k)."""
    return matrices.reshape(len(matrices), -1)


def paired(dT: list[Array], forms: Pairs) -> Array:
    """(m, m): what a form of each two terms makes of two directions of T."""
    rows = zip(dT, forms, strict=True)
    blocks = [[D @ M @ E.T for M, E in zip(row, dT, strict=True)] for D, row in rows]
    return np.block(blocks) if blocks else np.zeros((0, 0))


def free(design: Design, theta: Array) -> Array:
    """(m,) whether an entry of theta is in a column of its factor that is not zero."""
    moving = [np.broadcast_to(t.any(axis=0), t.shape) for t in factors(design, theta)]
    return np.asarray(flatten(moving), dtype=bool)


def directions(design: Design, theta: Array, kernel: Array | None = None) -> Array:
    """Orthonormal (m, any): moves of the free entries of theta, less those that change nothing.

    kernel (1 + m, any): what the model does not determine, `identifiability.Parameters.kernel`.
    """
    moving = np.eye(design.m)[:, free(design, theta)]  # (m, free)
    if kernel is None or not kernel.size:
        return moving
    dT = [
        packed(E @ t.T + t @ E.T for E, t in zip(unit, factors(design, theta), strict=True))
        for unit in (factors(design, entry) for entry in moving.T)
    ]
    seen = project(flat_moves(design, kernel, theta), np.array(dT).reshape(-1, design.m).T)
    _, size, rows = np.linalg.svd(seen)
    return moving @ rows[: (size > 1e-9 * np.linalg.norm(dT)).sum()].T


def newton_step(at: Evaluation, ways: Array) -> tuple[Array, Array]:
    """The Newton step (m,) in the span of orthonormal ways (m, any), and the eigenvalues there.

    Directions of negative curvature are turned round, so that the step goes down; along a direction
    in which theta slides without any effect it is zero.
    """
    g = ways.T @ gradient(at)
    H = ways.T @ hessian(at) @ ways
    values, vectors = np.linalg.eigh(H)
    size = np.abs(values)
    flat = size <= FLAT * size.max(initial=0.0)
    along = np.where(flat, 0.0, vectors.T @ g / np.where(flat, 1.0, size))
    return -ways @ (vectors @ along), values


def slope_scales(design: Design, at: Evaluation) -> list[Array]:
    """(k,) for each term: the root of the slope of the log determinants in each effect's variance.

    F is that slope less a positive part, so that over these scales no slope is above 1.
    """
    least = [design.weights @ term.x**2 for term in design.terms]  # of C where T = 0, X aside
    pairs = zip(at.C, least, strict=True)
    return [np.sqrt(np.maximum(np.diag(C), LEAST * M + 1e-300)) for C, M in pairs]


def relative_slopes(design: Design, at: Evaluation, flat: Array | None = None) -> list[Array]:
    """F (k, k) of each term, over the scales of its effects: 1 is the largest slope there is.

    Along flat moves (m, any) of T the slope is zero, and a rounding error is taken for zero.
    """
    found = slopes(at)
    if flat is not None and flat.size:
        found = unpacked(design, project(flat, packed(found)))
    scales = slope_scales(design, at)
    return [F / np.outer(s, s) for F, s in zip(found, scales, strict=True)]


def shorten(
    design: Design,
    evaluate: Callable[[Array], Evaluation],
    theta: Array,
    at: Evaluation,
    step: Array,
    noise: float,
) -> tuple[Array, Evaluation] | None:
    """The first of step, step/2, step/4, ... that meets Armijo's condition, up to noise."""
    longest = 1.0 + np.abs(theta).max()  # no entry moves by more than 1 + max |theta|
    promise = float(gradient(at) @ step)  # < 0
    for scale in min(1.0, longest / np.abs(step).max()) * 0.5 ** np.arange(30):
        closer = theta + scale * step
        try:
            there = evaluate(closer)
        except np.linalg.LinAlgError:
            continue
        if there.criterion <= at.criterion + ARMIJO * scale * promise + noise:
            return closer, there
    return None
