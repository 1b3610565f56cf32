"""The exact likelihood has the digits that it promises, as ball arithmetic shows."""

from __future__ import annotations

from math import comb, factorial

import numpy as np
import pandas as pd
import pytest
from flint import acb, arb, ctx
from scipy.special import expit

import refmixed as rm
from refmixed.errors import OptionError
from refmixed.glm import strip
from refmixed.glm.families import Binomial, Family, Poisson
from refmixed.glm.links import LOGIT
from refmixed.glm.model import Model
from refmixed.glm.pirls import Mode, mode
from refmixed.glm.quadrature import Quadrature, trapezoid

BITS = 64
ROWS = 6  # two groups of three


def drawn(kind: str, intercept: float, theta: float) -> Mode:
    """The mode of a model of two groups, with responses of such parameters."""
    rng = np.random.default_rng(6)
    data = pd.DataFrame({"y": np.arange(float(ROWS)), "g": list("aaabbb")})
    eta = intercept + theta * np.repeat(rng.normal(size=2), 3)
    trials = rng.integers(1, 4, ROWS).astype(float)
    family: Family = Binomial(LOGIT, rng.binomial(trials.astype(int), expit(eta)) * 1.0, trials)
    if kind == "poisson":
        family = Poisson(rng.poisson(np.exp(np.minimum(eta, 8.0))) * 1.0, np.ones(ROWS))
    return mode(Model(rm.design("y ~ 1 + (1 | g)", data), family).at(np.array([intercept, theta])))


def by_balls(at: Mode) -> arb:
    """The log-likelihood, enclosed.  Beyond |u| = 16 the integrand is below exp(-128)."""
    ctx.prec = BITS
    total = arb(0)
    for rows in (range(3), range(3, 6)):
        inside = acb.integral(lambda u, _, rows=rows: integrand(at, rows, u), -16, 16).real
        total += ((inside + arb(0, 1) * arb(-120).exp()) / (2 * arb.pi()).sqrt()).log()
    return total


def integrand(at: Mode, rows: range, u: acb) -> acb:
    """exp(-h)."""
    family, product = at.at.family, (-u * u / 2).exp()
    for i in rows:
        eta = acb(float(at.at.fixed[i])) + acb(float(at.at.theta[0])) * u
        if isinstance(family, Poisson):
            count = int(family.counts[i])
            product *= (count * eta - eta.exp()).exp() / factorial(count)
        else:
            s, m = int(family.successes[i]), int(family.trials[i])
            p = 1 / (1 + (-eta).exp())
            product *= comb(m, s) * p**s * (1 - p) ** (m - s)
    return product


def error(at: Mode, digits: float, truth: arb) -> float:
    """Of the log-likelihood by the rule for so many digits."""
    return abs(float(arb(-Quadrature(at, strip.rule(at, digits)).value) - truth))


CASES = [
    ("logit", 0.0, 0.5),
    ("logit", -6.0, 5.0),
    ("logit", 1.0, 20.0),
    ("poisson", 0.0, 0.5),
    ("poisson", -6.0, 5.0),
]


@pytest.mark.parametrize(("kind", "intercept", "theta"), CASES)
def test_the_digits_are_there(kind: str, intercept: float, theta: float) -> None:
    """Also where effects are so large that the first sum has three digits."""
    at = drawn(kind, intercept, theta)
    truth = by_balls(at)
    assert error(at, 4, truth) < 1e-4
    assert error(at, 9, truth) < 1e-9


def test_a_first_sum_that_is_too_coarse_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    at = drawn("poisson", -6.0, 5.0)
    expected = strip.rule(at, 6)
    monkeypatch.setattr(strip, "FIRST", trapezoid(4.0, 2, 2))
    found = strip.rule(at, 6)
    assert error(at, 6, by_balls(at)) < 1e-6
    assert found.z[1] - found.z[0] == pytest.approx(expected.z[1] - expected.z[0], rel=1e-3)


def test_digits_that_would_take_too_many_nodes_are_refused() -> None:
    at = drawn("logit", 0.0, 5e3)
    with pytest.raises(OptionError, match=r"so many digits of the likelihood take [0-9]+ nodes"):
        strip.rule(at, 10)
