"""Slope, gradient and Hessian of the profiled criterion, exact, and Newton's step from them.

With T = Lambda Lambda' the slope of the criterion is F = C - dof a a' / pwrss, that is,
d criterion = tr(F dT).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .covariance import entries, factors, flatten, packed, unpacked
from .design import Design
from .evaluation import Evaluation
from .identifiability import flat_moves
from .linalg import Array, project

ARMIJO = 0.1  # share of the promised decrease that a step has to bring
LEAST = 1e-9  # of a slope of the log determinants where T = 0: relative to less, rounding counts
FLAT = 1e-12  # an eigenvalue of the Hessian this small, relatively, counts as zero


def slope(at: Evaluation) -> Array:
    """F (q, q): the derivative of the criterion in T.  eq:slope"""
    return at.C - (at.dof / at.pwrss) * np.outer(at.a, at.a)


def level_sums(design: Design, M: Array) -> list[Array]:
    """Of a (q, q) matrix, the (k, k) blocks on the diagonal, summed over the levels of a term."""
    sums, start = [], 0
    for term in design.terms:
        part = M[start : start + term.q, start : start + term.q]
        levels = len(term.levels)
        sums.append(np.einsum("iaib->ab", part.reshape(levels, term.k, levels, term.k)))
        start += term.q
    return sums


def gradient(design: Design, at: Evaluation) -> Array:
    """d criterion / d theta, (m,).  eq:gradient"""
    FLambda = slope(at) @ at.Lambda  # (q, q)
    return 2.0 * flatten(level_sums(design, FLambda))  # (m,)  eq:gradient


def unit_factors(design: Design) -> Array:
    """(m, q, q): the derivative of Lambda in each entry of theta."""
    units = np.zeros((design.m, design.q, design.q))
    entry, start = 0, 0
    for term in design.terms:
        first = np.arange(start, start + term.q, term.k)
        for row, column in zip(*entries(term.k), strict=True):
            units[entry, first + row, first + column] = 1.0
            entry += 1
        start += term.q
    return units


def hessian(design: Design, at: Evaluation) -> Array:
    """d^2 criterion / d theta d theta', (m, m).  eq:hessian"""
    m, q = design.m, design.q
    dLambda = unit_factors(design)  # (m, q, q)
    half = dLambda @ at.Lambda.T  # (m, q, q)
    dT = half + half.transpose(0, 2, 1)  # (m, q, q)
    CdT = at.C @ dT  # (m, q, q)
    dTa = dT @ at.a  # (m, q)
    dr2 = -dTa @ at.a  # (m,)  eq:dr2
    curvature = 2.0 * (slope(at) @ dLambda).reshape(m, q * q) @ dLambda.reshape(m, q * q).T
    spread = CdT.reshape(m, q * q) @ CdT.transpose(0, 2, 1).reshape(m, q * q).T  # tr(C dT_k C dT_l)
    bend = 2.0 * dTa @ at.A @ dTa.T / at.pwrss - np.outer(dr2, dr2) / at.pwrss**2
    return np.asarray(curvature - spread + at.dof * bend)  # (m, m)  eq:hessian


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


def newton_step(design: Design, at: Evaluation, ways: Array) -> tuple[Array, Array]:
    """The Newton step (m,) in the span of orthonormal ways (m, any), and the eigenvalues there.

    Directions of negative curvature are turned round, so that the step goes down; along a direction
    in which theta slides without any effect it is zero.
    """
    g = ways.T @ gradient(design, at)
    H = ways.T @ hessian(design, at) @ ways
    values, vectors = np.linalg.eigh(H)
    size = np.abs(values)
    flat = size <= FLAT * size.max(initial=0.0)
    along = np.where(flat, 0.0, vectors.T @ g / np.where(flat, 1.0, size))
    return -ways @ (vectors @ along), values


def slope_scales(design: Design, at: Evaluation) -> list[Array]:
    """(k,) for each term: the root of the slope of the log determinants in each effect's variance.

    F is that slope less a positive part, so that over these scales no slope is above 1.
    """
    least = [np.diag(M) for M in level_sums(design, design.ZtZ)]  # of C where T = 0, X aside
    pairs = zip(level_sums(design, at.C), least, strict=True)
    return [np.sqrt(np.maximum(np.diag(C), LEAST * M + 1e-300)) for C, M in pairs]


def relative_slopes(design: Design, at: Evaluation, flat: Array | None = None) -> list[Array]:
    """F (k, k) of each term, over the scales of its effects: 1 is the largest slope there is.

    Along flat moves (m, any) of T the slope is zero, and a rounding error is taken for zero.
    """
    slopes = level_sums(design, slope(at))
    if flat is not None and flat.size:
        slopes = unpacked(design, project(flat, packed(slopes)))
    scales = slope_scales(design, at)
    return [F / np.outer(s, s) for F, s in zip(slopes, scales, strict=True)]


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
    promise = float(gradient(design, at) @ step)  # < 0
    for scale in min(1.0, longest / np.abs(step).max()) * 0.5 ** np.arange(30):
        closer = theta + scale * step
        try:
            there = evaluate(closer)
        except np.linalg.LinAlgError:
            continue
        if there.criterion <= at.criterion + ARMIJO * scale * promise + noise:
            return closer, there
    return None
