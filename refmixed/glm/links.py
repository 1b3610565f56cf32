"""Links of a probability: log p and log(1 - p) at a linear predictor, and their slopes.

A jet is (4, ...): a function of eta, and its first three derivatives.  Both logarithms come from
eta itself, so that nothing is lost where p is nearly 0 or 1.  eq:binomial-jets
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.special import erfcx, expit, log_ndtr, logit, ndtr, ndtri

from ..linalg import Array

ROOT, RIGHT = np.sqrt(2.0), np.pi / 2.0
SMALL = 0.1  # t below which a series has all digits
SERIES = np.array([1 / 2, 1 / 12, 0, -1 / 720, 0, 1 / 30240, 0, -1 / 1209600])  # of (c - 1) / t
ORDERS = np.arange(1, 9)


@dataclass(frozen=True)
class Link:
    """Between a mean and a linear predictor."""

    name: str
    mean: Callable[[Array], Array]  # of eta
    slope: Callable[[Array], Array]  # of the mean, in eta
    eta: Callable[[Array], Array]  # of the mean


@dataclass(frozen=True)
class Probability(Link):
    """A link whose mean is a probability p."""

    log_yes: Callable[[Array], Array]  # eta (...,) -> the jet (4, ...) of log p
    log_no: Callable[[Array], Array]  # the jet of log(1 - p)
    half_width: float  # the largest |y| for which strip(y) is finite
    strip: Callable[[Array], Strip]


class Strip(NamedTuple):
    """Bounds off the line: |p(eta + i y)| <= exp(yes) p(eta), |1 - p| <= exp(no) (1 - p)^slower."""

    yes: Array
    no: Array
    slower: Array | float


def logistic(eta: Array) -> Array:
    """The jet of log p, p = 1 / (1 + exp(-eta))."""
    p, q = expit(eta), expit(-eta)
    return np.array([-np.logaddexp(0.0, -eta), q, -p * q, -p * q * (q - p)])


def normal(eta: Array) -> Array:
    """The jet of log Phi.  Its slope is Mills' ratio, the scaled complementary error function's."""
    mills = np.sqrt(2.0 / np.pi) / erfcx(-eta / ROOT)
    bend = -mills * (eta + mills)
    turn = mills * ((eta + mills) * (eta + 2.0 * mills) - 1.0)
    return np.array([log_ndtr(eta), mills, bend, turn])


def extreme_yes(eta: Array) -> Array:
    """The jet of log(1 - exp(-t)), t = exp(eta), by c = t / (1 - exp(-t)).  eq:cloglog-jet"""
    t = np.exp(eta)
    rest, falls = -np.expm1(-t), np.exp(-t)
    is_small = t < SMALL
    more = np.where(
        is_small, t * polyval(t, SERIES), (t - rest) / np.where(is_small, 1.0, rest)
    )  # c - 1
    c = 1.0 + more
    slope = np.where(is_small, t * polyval(t, SERIES * ORDERS), c * (1.0 - c * falls))  # dc / deta
    first = c * falls
    second = -first * more
    third = -second * more - first * slope
    large = np.log1p(-np.where(is_small, 0.0, falls))
    log = np.where(is_small, eta - np.log1p(more), large)
    return np.array([log, first, second, third])


def extreme_no(eta: Array) -> Array:
    """The jet of -t, t = exp(eta)."""
    return np.broadcast_to(-np.exp(eta), (4, *np.shape(eta)))


def mirrored(jet: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Of a symmetric law: log(1 - p) is log p at -eta."""
    signs = np.array([1.0, -1.0, 1.0, -1.0])
    return lambda eta: jet(-eta) * signs.reshape(4, *[1] * np.ndim(eta))


def density(eta: Array) -> Array:
    """That of the standard normal law."""
    return np.asarray(np.exp(-(eta**2) / 2.0) / np.sqrt(2.0 * np.pi))


def logistic_strip(y: Array) -> Strip:
    """|1 + exp(eta + i y)| >= cos(y / 2) (1 + exp(eta)).  eq:strip-logit"""
    both = -np.log(np.cos(y / 2.0))
    return Strip(both, both, 1.0)


def normal_strip(y: Array) -> Strip:
    """The density's modulus at t + i y is exp(y^2 / 2) times that at t.  eq:strip-probit"""
    return Strip(y**2 / 2.0, y**2 / 2.0, 1.0)


def extreme_strip(y: Array) -> Strip:
    """|1 - exp(-w)| <= |w| (1 - exp(-Re w)) / Re w.  eq:strip-cloglog"""
    return Strip(-np.log(np.cos(y)), np.zeros_like(y), np.cos(y))


LOGIT = Probability(
    "logit",
    expit,
    lambda e: expit(e) * expit(-e),
    logit,
    logistic,
    mirrored(logistic),
    np.pi,
    logistic_strip,
)
PROBIT = Probability("probit", ndtr, density, ndtri, normal, mirrored(normal), np.inf, normal_strip)
CLOGLOG = Probability(
    "cloglog",
    lambda eta: -np.expm1(-np.exp(eta)),
    lambda eta: np.exp(eta - np.exp(eta)),
    lambda mean: np.log(-np.log1p(-mean)),
    extreme_yes,
    extreme_no,
    RIGHT,
    extreme_strip,
)
LOG = Link("log", np.exp, np.exp, np.log)
