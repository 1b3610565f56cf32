"""Neyman and Scott's problem: a fixed effect for each of m groups of k.

The residual sum of squares is sigma^2 chi^2 with m (k - 1) degrees of freedom.  Maximum
likelihood divides it by m k, so that its expectation is sigma^2 (k - 1) / k however many groups
there are; REML divides by m (k - 1).  The sum over data sets is chi^2 again, which makes the error
probability of these tests exact: 1e-10 each, with a fixed seed.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_designs import one_way
from scipy.stats import chi2

import refmixed as rm

pytestmark = pytest.mark.numerical

ALPHA = 1e-10
SIZE = 2  # k, where the bias is worst
GROUPS = 1200  # m times the number of data sets


@settings(max_examples=50)
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
