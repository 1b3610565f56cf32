"""Links of a probability: log p and log(1 - p) at eta, in balls or in power series of balls.

eq:binomial-jets
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from flint import arb

from ..matrices import Number

Function = Callable[[Any], Any]


class Link(NamedTuple):
    """log p and log(1 - p) at eta, with two slopes each."""

    name: str
    yes: Function  # log p
    up: Function  # its slope
    up_bends: Function  # and that one's
    no: Function  # log(1 - p)
    down: Function
    down_bends: Function


def mills(x: Number) -> Number:
    """phi(x) / Phi(x)."""
    return (-x * x / 2).exp() * (2 / arb.pi()).sqrt() / (-x / arb(2).sqrt()).erfc()


def mills_slope(x: Number) -> Number:
    """Its slope."""
    M = mills(x)
    return -M * (x + M)


def log_normal(x: Number) -> Number:
    """log Phi(x)."""
    return ((-x / arb(2).sqrt()).erfc() / 2).log()


def logistic(x: Number) -> Number:
    """1 / (1 + exp(-x))."""
    return 1 / ((-x).exp() + 1)


def logistic_bends(x: Number) -> Number:
    """-p (1 - p)."""
    p = logistic(x)
    return -p * (1 - p)


def extreme_up(x: Number) -> Number:
    """t / (exp(t) - 1), t = exp(x)."""
    t = x.exp()
    return t / (t.exp() - 1)


def extreme_bends(x: Number) -> Number:
    """Its slope."""
    up = extreme_up(x)
    return up * (1 - x.exp() - up)


def minus_exp(x: Number) -> Number:
    """-exp(x)."""
    return -x.exp()


LINKS = {
    "logit": Link(
        "logit",
        lambda x: logistic(x).log(),
        lambda x: logistic(-x),
        logistic_bends,
        lambda x: logistic(-x).log(),
        lambda x: -logistic(x),
        logistic_bends,
    ),
    "probit": Link(
        "probit",
        log_normal,
        mills,
        mills_slope,
        lambda x: log_normal(-x),
        lambda x: -mills(-x),
        lambda x: mills_slope(-x),
    ),
    "cloglog": Link(
        "cloglog",
        lambda x: (1 - minus_exp(x).exp()).log(),
        extreme_up,
        extreme_bends,
        minus_exp,
        minus_exp,
        minus_exp,
    ),
}
