"""The trapezoidal rule on the line, and how few nodes give so many digits of the likelihood.

An integrand that is analytic in the strip |Im z| < Y, its modulus there integrating to M at most,
is integrated with an error of 2 M / (exp(2 pi Y / step) - 1) at most (eq:trapezoid-error).  Off the
line, |f(eta + i y)| is at most exp(kappa) times a density with a smaller slope, `softened`, which
is log-concave, and so is what is left of it after other effects are integrated out: with the
prior's curvature, 1 at least, M follows from one point (eq:strip-modulus).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import OptionError
from ..linalg import Array
from .nested import Nested, parts
from .pirls import Mode, mode
from .quadrature import Quadrature, Rule, trapezoid

SHARES = np.arange(1, 10) / 10  # of the strip's width that are tried
WIDEST = 12.0  # strips, in conditional standard deviations
MOST = 20_000  # nodes
FIRST = trapezoid(0.25, 40, 40)  # which tells how large the integrals are
FEWER = trapezoid(0.5, 20, 20)  # the same, of two integrals
HERE = Rule(np.zeros(1), np.zeros(1))  # the mode
NEARLY = 0.9  # of a step: what a rule with a step so much wider says of the integrals is proven


def rule(at: Mode, digits: float) -> Rule:
    """The trapezoidal rule that gives the log-likelihood with an error below 10^-digits.

    Of one scalar effect a row.  Raises OptionError: too many nodes.
    """
    return rule_from(Quadrature(at, FIRST), 10.0**-digits)


def nested_rules(rough: Nested, digits: float) -> tuple[Rule, Rule]:
    """The outer rule and the inner one, each with half of the error.  Raises OptionError.

    An error of the inner integrals, relative, is a mean over the outer nodes of theirs.
    """
    half = 0.5 * 10.0**-digits
    outer = rule_from(rough, half)
    V = replace(rough, rule=outer).V
    modes = parts(rough.mode.at, rough.pair, V, FEWER)
    return outer, widest([rule_from(Quadrature(found, FEWER), half) for found in modes])


def rule_from(rough: Quadrature | Nested, error: float) -> Rule:
    """The rule whose error is below one, half of it for the step and half for the ends."""
    error = 0.5 * error / rough.levels
    while True:
        found = finer(rough, error)
        if len(found.z) > MOST:
            raise OptionError(f"so many digits of the likelihood take {len(found.z)} nodes a level")
        if width(found) > NEARLY * width(rough.rule):
            return found
        rough = replace(rough, rule=found)  # it knew too little of how large the integrals are


def finer(rough: Quadrature | Nested, error: float) -> Rule:
    """The rule with a relative error of each integral below one, their size being known roughly."""
    step = float(steps(rough, error).min())
    return trapezoid(step, reach(rough, step, error, -1.0), reach(rough, step, error, 1.0))


def width(rule: Rule) -> float:
    """The step of a trapezoidal rule."""
    return float(rule.z[1] - rule.z[0])


def widest(rules: list[Rule]) -> Rule:
    """As short steps as of any of the rules, as far as any of them."""
    step = min(map(width, rules))
    left, right = min(float(r.z[0]) for r in rules), max(float(r.z[-1]) for r in rules)
    return trapezoid(step, int(np.ceil(-left / step)), int(np.ceil(right / step)))


def steps(rough: Quadrature | Nested, error: float) -> Array:
    """(levels,): the widest steps with a relative error of each integral below one.

    eq:trapezoid-error
    """
    found = [step_in(rough, share, error) for share in SHARES]
    return np.max(found, axis=0)


def step_in(rough: Quadrature | Nested, share: float, error: float) -> Array:
    """(levels,): the same from a strip that is a share of the widest."""
    turn = np.abs(rough.turn) * rough.c[rough.codes]  # (n,)  Im eta a unit of Im z
    steepest = np.zeros(rough.levels)
    np.maximum.at(steepest, rough.codes, turn)
    half_width = rough.mode.at.family.half_width
    Y = share * np.minimum(half_width / np.maximum(steepest, 1e-300), WIDEST)
    ratio = np.log(2.0 / error) + log_modulus(rough, Y) - rough.by_levels
    return 2.0 * np.pi * Y / np.logaddexp(0.0, ratio)  # eq:trapezoid-step


def log_modulus(rough: Quadrature | Nested, Y: Array) -> Array:
    """(levels,): log M, of Im z up to Y (levels,), in the units of the integrals.

    eq:strip-modulus
    """
    at, y = rough.mode.at, rough.c * Y  # (levels,)  Im u
    kappa, soft = at.family.softened(np.abs(rough.turn) * y[rough.codes])
    lowest = replace(rough, mode=mode(replace(at, family=soft), rough.mode.u), rule=HERE)
    height = lowest.logs[0] + lowest.slopes[0] ** 2 / 2.0
    return height + rough.length * y**2 / 2.0 + rough.by_level(kappa)


def reach(rough: Quadrature | Nested, step: float, error: float, side: float) -> int:
    """How many steps to a side leave a relative error below one beyond.  eq:trapezoid-ends

    -log of the integrand is convex: beyond a node it grows as fast as there, or faster.
    """
    count = 8
    while count <= MOST:
        end = replace(rough, rule=Rule(np.array([side * count * step]), np.zeros(1)))
        slope = side * rough.c * end.slopes[0]  # (levels,)
        log_I = rough.by_levels - np.log(rough.c) + np.log(np.sqrt(2.0 * np.pi) / step)
        rise = np.maximum(slope, 1e-300) * step  # of -log, to the next node at least
        tail = end.logs[0] - rise - np.log(-np.expm1(-rise))  # log of a geometric series
        if (np.where(slope > 0, tail, np.inf) - log_I <= np.log(error / 2.0)).all():
            break
        count += 1 + count // 8
    return count
