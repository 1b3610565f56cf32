"""Gradient and Hessian of the profiled criterion, exact, from the pieces of an Evaluation.

With T = Lambda Lambda' the slope of the criterion is F = C - dof a a' / pwrss, that is,
d criterion = tr(F dT).
"""

from __future__ import annotations

import numpy as np

from .covariance import entries, flatten
from .design import Design
from .evaluation import Evaluation
from .linalg import Array


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
