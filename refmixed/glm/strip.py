"""The trapezoidal rule on the line, and how few nodes give so many digits of the likelihood.

An integrand that is analytic in the strip |Im z| < Y, its modulus there integrating to M at most,
is integrated with an error of 2 M / (exp(2 pi Y / step) - 1) at most (eq:trapezoid-error).  Off the
line, |f(eta + i y)| is at most exp(kappa) times a density with a smaller slope, `softened`, which
is log-concave, so that M follows from its mode (eq:strip-modulus).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import OptionError
from ..linalg import Array
from .pirls import Mode, mode
from .quadrature import Quadrature, Rule, trapezoid

SHARES = np.arange(1, 20) / 20  # of the strip's width that are tried
WIDEST = 12.0  # strips, in conditional standard deviations
MOST = 20_000  # nodes
FIRST = trapezoid(0.25, 40, 40)  # which tells how large the integrals are
NEARLY = 0.9  # of a step: what a rule with a step so much wider says of the integrals is proven


def rule(at: Mode, digits: float) -> Rule:
    """The trapezoidal rule that gives the log-likelihood with an error below 10^-digits.

    Half of it is for the step and half for the ends.  Raises OptionError: too many nodes.
    """
    error, found = 0.5 * 10.0**-digits / at.at.model.rows.q, FIRST
    while True:
        last, found = found, finer(Quadrature(at, found), error)
        if len(found.z) > MOST:
            raise OptionError(f"{digits:g} digits of the likelihood take {len(found.z)} nodes")
        if found.z[1] - found.z[0] > NEARLY * (last.z[1] - last.z[0]):
            return found


def finer(rough: Quadrature, error: float) -> Rule:
    """The rule with a relative error of each integral below one, their size being known roughly."""
    step = float(steps(rough, error).min())
    return trapezoid(step, reach(rough, step, error, -1.0), reach(rough, step, error, 1.0))


def steps(rough: Quadrature, error: float) -> Array:
    """(levels,): the widest steps with a relative error of each integral below one."""
    found = [step_in(rough, share, error) for share in SHARES]
    return np.max(found, axis=0)


def step_in(rough: Quadrature, share: float, error: float) -> Array:
    """(levels,): the same from a strip that is a share of the widest."""
    at, family = rough.mode, rough.mode.at.family
    turn = np.abs(rough.a) * rough.c[rough.codes]  # (n,)  Im eta a unit of Im z
    order, starts = at.at.model.rows.sorted_levels
    steepest = np.maximum.reduceat(turn[order], starts)
    Y = share * np.minimum(family.half_width / np.maximum(steepest, 1e-300), WIDEST)
    kappa, soft = family.softened(turn * Y[rough.codes])
    lowest = mode(replace(at.at, family=soft), at.u)
    h = lowest.u**2 / 2.0 - rough.by_level(lowest.local.log)  # (levels,)
    log_M = (rough.c * Y) ** 2 / 2.0 + rough.by_level(kappa) - h  # eq:strip-modulus
    ratio = np.log(2.0 / error) + log_M - rough.by_levels
    return 2.0 * np.pi * Y / np.logaddexp(0.0, ratio)  # eq:trapezoid-step


def reach(rough: Quadrature, step: float, error: float, side: float) -> int:
    """How many steps to a side leave a relative error below one beyond.  eq:trapezoid-ends

    -log of the integrand is convex: beyond a node it grows as fast as there, or faster.
    """
    count = 8
    while count <= MOST:
        end = replace(rough, rule=Rule(np.array([side * count * step]), np.zeros(1)))
        slope = side * rough.c * (end.U - end.by_level(end.a * end.local.score))[0]  # (levels,)
        h = -end.logs[0]
        log_I = rough.by_levels - np.log(rough.c) + np.log(np.sqrt(2.0 * np.pi) / step)
        rise = np.maximum(slope, 1e-300) * step
        beyond = -h - rise - np.log(-np.expm1(-rise))  # (levels,)  -h - log(exp(rise) - 1)
        if (np.where(slope > 0, beyond - log_I, np.inf) <= np.log(error / 2.0)).all():
            break
        count += 1 + count // 8
    return count
