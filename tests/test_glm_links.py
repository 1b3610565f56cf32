"""Families and links, beside their definitions in fifty digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy.special import gammaln

from refmixed.glm.families import Binomial, Family, Gamma, Poisson
from refmixed.glm.links import CLOGLOG, LOGIT, PROBIT, Probability

ETA = np.array([-20.0, -8.0, -2.5, -1.0, -1e-3, 0.0, 0.4, 1.7, 3.0])
PROBABILITIES: dict[str, Callable[[Any], tuple[Any, Any]]] = {  # p and 1 - p
    "logit": lambda e: (1 / (1 + mpmath.exp(-e)), 1 / (1 + mpmath.exp(e))),
    "probit": lambda e: tuple(mpmath.erfc(s * e / mpmath.sqrt(2)) / 2 for s in (-1, 1)),
    "cloglog": lambda e: (-mpmath.expm1(-mpmath.exp(e)), mpmath.exp(-mpmath.exp(e))),
}
LINKS = [LOGIT, PROBIT, CLOGLOG]
FAMILIES: list[Family] = [
    *(Binomial(link, np.array([0.0, 2.0, 5.0]), np.array([3.0, 4.0, 5.0])) for link in LINKS),
    Poisson(np.array([0.0, 2.0, 9.0]), np.array([1.0, 2.0, 1.0])),
    Gamma(np.array([0.2, 1.0, 7.0]), np.array([1.0, 2.0, 0.5]), 0.7),
]
NAMES = ["logit", "probit", "cloglog", "poisson", "Gamma"]


def log_density(family: Any, i: int, eta: Any) -> Any:
    """log f of observation i at a complex eta, by its definition; a weight repeats a count."""
    if isinstance(family, Binomial):
        p, q = PROBABILITIES[family.link.name](eta)
        s, m = int(family.successes[i]), int(family.trials[i])
        return mpmath.log(mpmath.binomial(m, s)) + s * mpmath.log(p) + (m - s) * mpmath.log(q)
    if isinstance(family, Poisson):
        y = int(family.counts[i])
        one = y * eta - mpmath.exp(eta) - mpmath.log(mpmath.factorial(y))
        return int(family.weights[i]) * one
    y, shape = mpmath.mpf(family.y[i]), mpmath.mpf(family.weights[i]) / mpmath.mpf(0.7)
    rate = shape * mpmath.exp(-eta)
    return (
        shape * mpmath.log(rate) - mpmath.loggamma(shape) + (shape - 1) * mpmath.log(y) - rate * y
    )


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.name)
@pytest.mark.parametrize("side", [0, 1], ids=["p", "1 - p"])
def test_log_probabilities_and_three_slopes_have_their_digits(link: Probability, side: int) -> None:
    """Relative to their sizes; the third, of a probit far out, is right beside the second's 1."""
    jet = (link.log_yes, link.log_no)[side](ETA)
    with mpmath.workdps(120):  # 1 - p is 1e-89
        for k, eta in enumerate(ETA):
            right = mpmath.taylor(lambda e: mpmath.log(PROBABILITIES[link.name](e)[side]), eta, 3)
            for order in range(4):
                true = float(right[order] * mpmath.factorial(order))
                off = 1e-11 if order == 3 else 1e-280
                assert jet[order, k] == pytest.approx(true, rel=2e-12, abs=off), (eta, order)


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_a_density_and_its_slopes_are_those_of_the_definition(family: Family) -> None:
    for eta in (-1.3, 0.2, 1.1):
        local = family.at(np.full(3, eta))
        assert family.log_density(np.full(3, eta)) == pytest.approx(local.log, rel=1e-14)
        with mpmath.workdps(50):
            for i in range(3):
                jet = mpmath.taylor(lambda e, i=i: log_density(family, i, e), eta, 3)
                right = [float(c * mpmath.factorial(k)) for k, c in enumerate(jet)]
                W = local.observed
                mine = [local.log[i], local.score[i], -W.W[i], -W.slope[i]]
                assert mine == pytest.approx(right, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.name)
def test_the_expected_weight_of_a_binomial_is_a_mean_over_its_values(link: Probability) -> None:
    m, eta = 6.0, np.linspace(-2.0, 1.5, 8)
    weights = [Binomial(link, np.array(s), np.array(m)).at(eta) for s in np.arange(m + 1)]
    share = np.exp([local.log for local in weights])
    assert share.sum(axis=0) == pytest.approx(np.ones(8), rel=1e-13)
    mean = (share * [local.observed.W for local in weights]).sum(axis=0)
    assert mean == pytest.approx(weights[0].expected.W, rel=1e-12)
    assert (share * [local.score for local in weights]).sum(axis=0) == pytest.approx(0, abs=1e-13)


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_the_slope_of_the_expected_weight_is_its_difference(family: Family) -> None:
    eta, h = np.array([-1.0, 0.3, 0.9]), 1e-5
    slope = (family.at(eta + h).expected.W - family.at(eta - h).expected.W) / (2 * h)
    assert family.at(eta).expected.slope == pytest.approx(slope, abs=1e-8)


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_canonical_links_have_one_weight(family: Family) -> None:
    local = family.at(np.array([-1.0, 0.3, 0.9]))
    same = np.allclose(local.observed.W, local.expected.W, rtol=1e-13, atol=0)
    assert same == family.is_canonical


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_off_the_line_a_density_is_below_its_bound(family: Family, share: float) -> None:
    y = np.full(3, share * min(family.half_width, 3.0))
    kappa, soft = family.softened(y)
    for eta in np.linspace(-4.0, 2.0, 13):
        bound = kappa + soft.log_density(np.full(3, eta))
        for i in range(3):
            here = log_density(family, i, mpmath.mpc(eta, y[i])).real
            assert here <= bound[i] + 1e-10 * (1 + abs(bound[i]))


def test_gamma_moves_with_its_dispersion_as_a_difference_says() -> None:
    eta, h = np.array([-0.5, 0.3, 2.0]), 1e-5
    family = Gamma(np.array([0.2, 1.0, 7.0]), np.array([1.0, 2.0, 0.5]))
    values = [family.with_dispersion(0.7 * np.exp(s)).log_density(eta) for s in (-h, h)]
    slope = family.with_dispersion(0.7).slope_in_log_dispersion(eta)
    assert slope == pytest.approx((values[1] - values[0]) / (2 * h), abs=1e-8)


def test_of_one_trial_there_is_no_coefficient() -> None:
    family = Binomial(LOGIT, np.array([2.0, 1.0]), np.array([4.0, 1.0]))
    assert family.constant == pytest.approx([np.log(6.0), gammaln(1.0)], abs=1e-15)


@pytest.mark.parametrize("count", [0.0, 1.0, 7.0, 15.0, 16.0, 300.0, 1e6, 1e12])
def test_log_densities_of_large_responses_keep_their_digits(count: float) -> None:
    """Absolutely, though y log y is 1e13; of Gamma the count is the shape."""
    y, eta = np.array([count]), np.log([count + 0.5])
    found = Poisson(y, np.ones(1)).log_density(eta)[0]
    shaped = Gamma(y + 0.25, y + 0.5, 1.0).log_density(eta)[0]
    with mpmath.workdps(40):
        e, k, x = mpmath.mpf(eta[0]), mpmath.mpf(count), mpmath.mpf(count) + 0.25
        right = k * e - mpmath.exp(e) - mpmath.loggamma(k + 1)
        rate = (k + 0.5) * mpmath.exp(-e)
        other = (k + 0.5) * mpmath.log(rate) - mpmath.loggamma(k + 0.5) - rate * x
        other += (k - 0.5) * mpmath.log(x)
    assert found == pytest.approx(float(right), abs=3e-14 * (1 + np.log1p(count) ** 2))
    assert shaped == pytest.approx(float(other), abs=3e-14 * (1 + np.log1p(count) ** 2))
