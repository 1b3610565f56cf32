"""Neyman and Scott's problem: a fixed effect for each of m groups of k.

The residual sum of squares is sigma^2 chi^2 with m (k - 1) degrees of freedom.  Maximum
likelihood divides it by m k, so that its expectation is sigma^2 (k - 1) / k however many groups
there are; REML divides by m (k - 1).  The sum over data sets is chi^2 again, which makes the error
probability of these tests exact: 1e-10 each, with a fixed seed.  So it is of the study's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from counts import examples
from hypothesis import given
from hypothesis import strategies as st
from random_designs import one_way
from scipy.stats import binom, chi2, kstest

import refmixed as rm
from refmixed.studies import laws, neyman_scott
from refmixed.studies.neyman_scott import FIXED, RANDOM, NeymanScott

pytestmark = pytest.mark.numerical

ALPHA = 1e-10
SIZE = 2  # k, where the bias is worst
GROUPS = 1200  # m times the number of data sets


@examples(50)
@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.integers(2, 6))
def test_the_ml_variance_is_k_minus_1_over_k_of_reml_on_every_data_set(
    seed: int, m: int, k: int
) -> None:
    data = one_way(np.random.default_rng(seed), m, k, between=3.0)
    ml, reml = rm.lm("y ~ g", data, reml=False), rm.lm("y ~ g", data, reml=True)
    assert ml.sigma**2 == pytest.approx((k - 1) / k * reml.sigma**2, rel=1e-12)


def mean_variance(m: int, reml: bool) -> float:
    """The mean of the estimated variances (the true one is 1) over many data sets."""
    rng = np.random.default_rng(m)
    data = (one_way(rng, m, SIZE, between=3.0) for _ in range(GROUPS // m))
    return float(np.mean([rm.lm("y ~ g", d, reml=reml).sigma ** 2 for d in data]))


def acceptance() -> tuple[float, float]:
    """Where the mean of unbiased estimates lies, but for a probability of ALPHA."""
    dof = GROUPS * (SIZE - 1)
    low, high = chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], dof) / dof
    return low, high


@pytest.mark.parametrize("m", [5, 20, 60])
def test_reml_is_unbiased_however_many_groups(m: int) -> None:
    low, high = acceptance()
    assert low < mean_variance(m, reml=True) < high


@pytest.mark.parametrize("m", [5, 20, 60])
def test_maximum_likelihood_is_biased_however_many_groups(m: int) -> None:
    """Its mean is where (k - 1) / k says."""
    low, high = acceptance()
    mean, bias = mean_variance(m, reml=False), (SIZE - 1) / SIZE
    assert bias * low < mean < bias * high
    assert mean < low


def test_maximum_likelihood_in_place_of_reml_would_be_found_out() -> None:
    """Its mean is (k - 1) / k chi^2 / dof, which is in the interval with probability < ALPHA."""
    dof, (low, high) = GROUPS * (SIZE - 1), acceptance()
    unbiased = SIZE / (SIZE - 1)
    passes = chi2.cdf(unbiased * high * dof, dof) - chi2.cdf(unbiased * low * dof, dof)
    assert passes < ALPHA


@cache
def study() -> NeymanScott:
    """A hundred samples of 20 pairs, and of 5 groups of 5."""
    return neyman_scott.run(100, seed=5, layouts=((20, 2), (5, 5)))


def estimates(m: int, k: int, model: str, method: str, term: str = "sigma^2") -> np.ndarray:
    rows = study().rows.set_index(["groups", "size", "model", "method", "term"]).sort_index()
    return rows.loc[(m, k, model, method, term), "estimate"].to_numpy()


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize(("m", "k"), [(20, 2), (5, 5)])
def test_the_studys_estimates_have_their_exact_law(m: int, k: int, method: str) -> None:
    """Kolmogorov and Smirnov's p is below ALPHA with probability ALPHA."""
    own, other = (laws.of_fixed_effects(m, k, 1.0, r) for r in (method == "REML", method == "ML"))
    found = estimates(m, k, FIXED, method)
    assert kstest(found, own.cdf).pvalue > ALPHA
    if k == 2:  # the laws of ML and REML are far enough apart for a hundred samples
        assert kstest(found, other.cdf).pvalue < ALPHA


@pytest.mark.parametrize(("m", "k"), [(20, 2), (5, 5)])
def test_the_mean_of_the_studys_estimates_is_what_it_says(m: int, k: int) -> None:
    """The sum of a hundred is chi-square: outside the interval with probability ALPHA."""
    dof = 100 * m * (k - 1)
    low, high = chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], dof) / dof
    for method in ("ML", "REML"):
        expected = neyman_scott.expected((m, k), FIXED, method)["sigma^2"]
        assert low < estimates(m, k, FIXED, method).mean() / expected < high
    assert neyman_scott.expected((m, k), FIXED, "ML")["sigma^2"] == pytest.approx((k - 1) / k)


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_a_mixed_model_has_the_same_bias_however_large_its_groups_and_none_in_the_limit(
    method: str,
) -> None:
    """ML's variance between groups is short by (sigma_gamma^2 + sigma^2 / k) / m, REML's by 0."""
    for m, k in ((40, 10), (400, 10), (400, 100)):
        found = laws.means_of_mixed_model(m, k, 1.0, 0.5, method == "REML")
        short = (0.5 + 1.0 / k) / m if method == "ML" else 0.0
        assert found["sigma_gamma^2"] == pytest.approx(0.5 - short, rel=1e-6)
        assert found["sigma^2"] == pytest.approx(1.0, rel=1e-6)
        assert found["zero"] < 1e-6


@pytest.mark.parametrize(("m", "k"), [(20, 2), (5, 5)])
@pytest.mark.parametrize("method", ["ML", "REML"])
def test_the_mixed_models_estimates_are_as_often_zero_as_they_should_be(
    m: int, k: int, method: str
) -> None:
    """Outside the binomial's interval with probability ALPHA."""
    chance = laws.means_of_mixed_model(m, k, 1.0, 0.5, method == "REML")["zero"]
    zeros = (estimates(m, k, RANDOM, method, "sigma_gamma^2") == 0).sum()
    assert binom.ppf(ALPHA / 2, 100, chance) <= zeros <= binom.ppf(1 - ALPHA / 2, 100, chance)
