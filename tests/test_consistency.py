"""Where maximum likelihood goes wrong as the parameters grow with the data, and REML does not.

`test_neyman_scott` has the case of one size of group.  Here are exact statements for all sizes, the
limits as groups grow, and variance components beside many fixed effects.  A right program fails a
random test with probability ALPHA at most, a program with the planted error passes it with no more:
both are computed from the chi-square law, and the seeds are fixed.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from counts import examples
from hypothesis import given
from hypothesis import strategies as st
from random_designs import one_way
from scipy.stats import chi2, kstest

import refmixed as rm
from refmixed.design import Design

pytestmark = pytest.mark.numerical

ALPHA = 1e-10
seeds = st.integers(0, 2**32 - 1)


def residual_variance(data: pd.DataFrame, reml: bool) -> float:
    """sigma^2 of the model with a fixed effect for each group; the true one is 1."""
    return rm.lm("y ~ g", data, reml=reml).sigma ** 2


def interval(dof: int) -> tuple[float, float]:
    """Where an unbiased variance with these degrees of freedom lies, but for ALPHA."""
    low, high = chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], dof) / dof
    return low, high


@examples(30)
@given(seeds, st.integers(8, 40), st.integers(1, 6))
def test_ml_is_n_minus_p_over_n_of_reml_for_any_design(seed: int, n: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"y": rng.normal(size=n)} | {f"x{k}": rng.normal(size=n) for k in range(p)})
    formula = "y ~ 0 + " + " + ".join(f"x{k}" for k in range(p))
    ml, reml = (rm.lm(formula, data, reml=reml).sigma ** 2 for reml in (False, True))
    assert ml == pytest.approx((n - p) / n * reml, rel=1e-12)


def quadratic_form(m: int, k: int, reml: bool) -> np.ndarray:
    """Q (n, n), where y'Q y is the estimated variance: from its values at a few y."""
    n = m * k
    group = pd.Categorical(np.repeat(np.arange(m), k).astype(str))

    def at(y: np.ndarray) -> float:
        return residual_variance(pd.DataFrame({"y": y, "g": group}), reml)

    unit = np.eye(n)
    Q = np.diag([at(e) for e in unit])
    for i, j in combinations(range(n), 2):
        Q[i, j] = Q[j, i] = (at(unit[i] + 2 * unit[j]) - Q[i, i] - 4 * Q[j, j]) / 4
    return Q


@examples(6)
@given(st.integers(2, 4), st.integers(2, 4))
def test_expectation_and_law_of_the_variance_are_exact(m: int, k: int) -> None:
    """E y'Q y = sigma^2 tr Q; and dof Q is a projection off the group means, so chi-square."""
    for reml, dof, mean in ((False, m * k, (k - 1) / k), (True, m * (k - 1), 1.0)):
        Q = quadratic_form(m, k, reml)
        assert np.trace(Q) == pytest.approx(mean, rel=1e-12)
        assert dof * Q @ Q == pytest.approx(Q, abs=1e-12)
        assert np.kron(np.eye(m), np.ones(k)) @ Q == pytest.approx(0, abs=1e-12)


def test_the_variance_is_chi_square_for_any_number_and_size_of_groups() -> None:
    """m k times the ML estimate has m (k - 1) degrees of freedom: its quantiles are uniform."""
    rng = np.random.default_rng(1)
    uniform = []
    for _ in range(100):
        m, k = (int(x) for x in rng.integers(2, 9, 2))
        estimate = residual_variance(one_way(rng, m, k, between=2.0), reml=False)
        uniform.append(chi2.cdf(m * k * estimate, m * (k - 1)))
    assert kstest(uniform, "uniform").pvalue > ALPHA


MANY = 780  # groups of two


@pytest.fixture(scope="module")
def estimates() -> dict[bool, float]:
    """{reml: sigma^2} of one data set with many groups."""
    return {reml: residual_variance(many_groups(), reml) for reml in (True, False)}


def many_groups() -> pd.DataFrame:
    """One data set."""
    return one_way(np.random.default_rng(2), MANY, 2, between=2.0)


def test_reml_is_near_the_truth_when_there_are_many_groups(estimates: dict[bool, float]) -> None:
    low, high = interval(MANY)
    assert low < estimates[True] < high


def test_maximum_likelihood_is_near_half_the_truth(estimates: dict[bool, float]) -> None:
    low, high = interval(MANY)
    assert low < 2 * estimates[False] < high


def test_a_program_that_divides_by_n_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted error fails here, and on a random data set passes with probability < ALPHA."""
    monkeypatch.setattr(Design, "dof", lambda self, reml: self.n)
    low, high = interval(MANY)
    assert not low < residual_variance(many_groups(), reml=True) < high
    passes = chi2.cdf(high * 2 * MANY, MANY) - chi2.cdf(low * 2 * MANY, MANY)
    assert passes < ALPHA


def test_the_interval_closes_in_on_the_truth_as_groups_grow() -> None:
    """So that REML is consistent; that of ML closes in on (k - 1) / k."""
    widths = [np.subtract(*interval(m)[::-1]) for m in (100, 10_000, 1_000_000)]
    assert widths[0] > 5 * widths[1] > 25 * widths[2]
    assert widths[2] < 0.02


def many_covariates(rng: np.random.Generator, m: int, k: int, p: int) -> pd.DataFrame:
    """m groups of k, p - 1 covariates that are constant in a group; sigma_gamma = 30, sigma = 1."""
    group = np.repeat(np.arange(m), k)
    x = {f"x{j}": rng.normal(size=m)[group] for j in range(1, p)}
    y = 30.0 * rng.normal(size=m)[group] + rng.normal(size=m * k)
    return pd.DataFrame(x | {"y": y, "g": pd.Categorical(group.astype(str))})


def between(data: pd.DataFrame, p: int, k: int, reml: bool) -> float:
    """k sigma_gamma^2 + sigma^2, the variance that the group means show, k times."""
    formula = "y ~ " + " + ".join(["1", *(f"x{j}" for j in range(1, p))]) + " + (1 | g)"
    fit = rm.lmer(formula, data, reml)
    return float(k * fit.varcorr["g"].sd.iloc[0] ** 2 + fit.sigma**2)


@examples(15)
@given(seeds, st.integers(8, 15), st.integers(2, 4), st.integers(1, 5))
def test_ml_has_m_minus_p_over_m_of_the_variance_between_groups(
    seed: int, m: int, k: int, p: int
) -> None:
    """For every balanced data set whose variance between groups is not estimated as zero."""
    data = many_covariates(np.random.default_rng(seed), m, k, p)
    ml, reml = (between(data, p, k, reml) for reml in (False, True))
    assert ml == pytest.approx((m - p) / m * reml, rel=1e-7)


REPEATS, GROUPS, SIZE, FIXED = 40, 20, 3, 16


@pytest.fixture(scope="module")
def components() -> dict[bool, float]:
    """{reml: mean over data sets of the estimate over the truth}."""
    rng = np.random.default_rng(3)
    sets = [many_covariates(rng, GROUPS, SIZE, FIXED) for _ in range(REPEATS)]
    truth = SIZE * 900.0 + 1.0
    return {
        reml: float(np.mean([between(d, FIXED, SIZE, reml) for d in sets])) / truth
        for reml in (True, False)
    }


def test_reml_components_are_unbiased_beside_many_fixed_effects(
    components: dict[bool, float],
) -> None:
    low, high = interval(REPEATS * (GROUPS - FIXED))
    assert low < components[True] < high


def test_ml_components_are_short_by_p_over_m(components: dict[bool, float]) -> None:
    low, high = interval(REPEATS * (GROUPS - FIXED))
    share = (GROUPS - FIXED) / GROUPS
    assert low < components[False] / share < high


def test_ml_components_in_place_of_reml_would_be_found_out(components: dict[bool, float]) -> None:
    dof, all_groups = REPEATS * (GROUPS - FIXED), REPEATS * GROUPS
    low, high = interval(dof)
    assert not low < components[False] < high
    assert chi2.cdf(high * all_groups, dof) - chi2.cdf(low * all_groups, dof) < ALPHA
