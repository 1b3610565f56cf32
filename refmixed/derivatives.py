"""Slope, gradient and Hessian of the profiled criterion, exact, and Newton's step from them.

With T = Lambda Lambda' the slope of the criterion is F = C - dof a a' / pwrss, that is,
d criterion = tr(F dT).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .covariance import factors, flatten, is_diagonal, packed, unpacked
from .design import Design
from .evaluation import Evaluation
from .identifiability import flat_moves
from .linalg import Array, project

ARMIJO = 0.1  # share of the promised decrease that a step has to bring
LEAST = 1e-9  # of a slope of the log determinants where T = 0: relative to less, rounding counts
FLAT = 1e-12  # an eigenvalue of the Hessian this small, relatively, counts as zero


def slope(at: Evaluation) -> Array:
    """F (K, K): the derivative of the criterion in T, summed over levels.  eq:slope"""
    scale = np.asarray(at.dof / at.pwrss)[..., None, None]
    return at.C - scale * at.aa


def slopes(at: Evaluation) -> list[Array]:
    """F (k, k) of each term."""
    return at.layout.blocks(slope(at))


def gradient(at: Evaluation) -> Array:
    """d criterion / d theta, (m,).  eq:gradient"""
    FLambda = slope(at) @ at.Lambda  # (K, K)
    return 2.0 * at.layout.entries(FLambda)  # (m,)  eq:gradient


def moves(at: Evaluation) -> Array:
    """dT / d theta, (m, N): E Lambda' + Lambda E', where E is 1 in one entry."""
    of, Lambda = at.layout, at.Lambda
    by_column = Lambda[..., :, of.columns].swapaxes(-1, -2)  # (m, K)
    i = of.rows[:, None]
    first = np.where(of.left == i, by_column[..., of.right], 0.0)  # (m, N)
    return first + np.where(of.right == i, by_column[..., of.left], 0.0)


def hessian(at: Evaluation) -> Array:
    """d^2 criterion / d theta d theta', (m, m).  eq:hessian"""
    of, dT = at.layout, moves(at)  # (m, N)
    dr2 = -(dT @ of.pairs(at.aa)[..., None])  # (m, 1)
    same_column = of.columns[:, None] == of.columns
    curvature = 2.0 * np.where(same_column, slope(at)[..., of.rows[:, None], of.rows], 0.0)
    pwrss = np.asarray(at.pwrss)[..., None, None]
    bend = 2.0 * paired(dT, at.bend) / pwrss - dr2 @ dr2.swapaxes(-1, -2) / pwrss**2
    return curvature - paired(dT, at.spread) + at.dof * bend


def paired(dT: Array, form: Array) -> Array:
    """(m, m): what a form (N, N) makes of two directions of T each."""
    return dT @ form @ dT.swapaxes(-1, -2)


def information(at: Evaluation) -> Array:
    """(m + 1, m + 1): twice the information on the entries of T and sigma^2, over sigma^2.

    By REML with P, by ML with V0^-1 in its place.  eq:minque, eq:minque-sigma
    """
    of, units = at.layout, at.layout.units  # (m, N)
    T, C = of.pairs(at.Lambda @ at.Lambda.swapaxes(-1, -2)), of.pairs(at.C)  # (N,)
    CTC = (at.spread @ T[..., None])[..., 0]  # (N,)
    found = np.zeros((*T.shape[:-1], len(units) + 1, len(units) + 1))
    found[..., :-1, :-1] = units @ at.spread @ units.T
    found[..., :-1, -1] = found[..., -1, :-1] = (C - CTC) @ units.T
    found[..., -1, -1] = at.dof + (T * (CTC - 2.0 * C)).sum(axis=-1)
    return found


def minque(at: Evaluation) -> Array:
    """(m + 1,): sigma^2 T and sigma^2 by a step of iterated MINQUE, from T with sigma^2 one.

    Raises numpy's LinAlgError where they are not determined.  eq:minque
    """
    of = at.layout
    T, aa = of.pairs(at.Lambda @ at.Lambda.swapaxes(-1, -2)), of.pairs(at.aa)  # (N,)
    sums = [aa @ of.units.T, np.asarray(at.pwrss - (aa * T).sum(axis=-1))[..., None]]
    squares = np.concatenate(sums, axis=-1)  # (m + 1,)
    return np.linalg.solve(information(at), squares[..., None])[..., 0]


def free(design: Design, theta: Array) -> Array:
    """(m,) whether an entry of theta is in a column of its factor that is not zero."""
    if theta[is_diagonal(design)].all():
        return np.ones(design.m, dtype=bool)
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
    step, values, _ = downhill(ways.T @ gradient(at), ways.T @ hessian(at) @ ways)
    return ways @ step, values


def downhill(g: Array, H: Array) -> tuple[Array, Array, Array]:
    """The step (m,) so turned for gradient and Hessian, eigenvalues (m,), what it promises ()."""
    values, vectors = np.linalg.eigh(H)
    size = np.abs(values)
    flat = size <= FLAT * size.max(axis=-1, initial=0.0, keepdims=True)
    down = (vectors.swapaxes(-1, -2) @ g[..., None])[..., 0]
    along = np.where(flat, 0.0, down / np.where(flat, 1.0, size))
    return -(vectors @ along[..., None])[..., 0], values, 0.5 * (down * along).sum(axis=-1)


def slope_scales(design: Design, at: Evaluation) -> list[Array]:
    """(k,) for each term: the root of the slope of the log determinants in each effect's variance.

    F is that slope less a positive part, so that over these scales no slope is above 1.
    """
    least = [design.weights @ term.x**2 for term in design.terms]  # of C where T = 0, X aside
    pairs = zip(at.layout.blocks(at.C), least, strict=True)
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
