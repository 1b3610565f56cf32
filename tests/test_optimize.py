"""The search for the optimum, and what it says when it did not get there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_designs import random_data

import refmixed as rm
from refmixed import optimality, optimize, penalized
from refmixed.errors import ConvergenceWarning, PerfectFitError
from validation.suite import tables

pytestmark = pytest.mark.numerical

SLEEP = "Reaction ~ Days + (Days | Subject)"


def groups(y: np.ndarray, size: int) -> pd.DataFrame:
    """Balanced groups of a size."""
    g = np.repeat(np.arange(len(y) // size), size)
    return pd.DataFrame({"y": y, "g": g, "x": np.tile(np.arange(float(size)), len(y) // size)})


def test_at_the_optimum_all_conditions_hold() -> None:
    reached = rm.lmer(SLEEP, rm.load_dataset("sleepstudy")).optimum.optimality
    assert reached.failures == []
    assert reached.gain < 1e-15
    assert reached.slope > -1e-12


@pytest.mark.parametrize(
    ("theta", "what"),
    [
        ([1.0, 0.1, 0.3], "a further step would lower the criterion"),
        ([0.0, 0.0, 0.0], "a variance at zero should be positive"),
        ([1.0, 0.0, 0.0], "a variance at zero should be positive"),
    ],
)
def test_elsewhere_the_condition_that_fails_is_named(theta: list[float], what: str) -> None:
    fit = rm.lmer(SLEEP, rm.load_dataset("sleepstudy"), theta=theta)
    assert any(what in failure for failure in fit.optimum.optimality.failures)


def test_a_negative_eigenvalue_is_named() -> None:
    saddle = optimality.Optimality(gain=0.0, curvature=-1.0, slope=0.0)
    assert saddle.failures == ["the Hessian has a negative eigenvalue (-1.0e+00)"]


def test_nan_fails_every_condition() -> None:
    assert len(optimality.Optimality(np.nan, np.nan, np.nan).failures) == 3


def test_a_search_cut_short_warns_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimize, "STEPS", 1)
    monkeypatch.setattr(optimize, "ROUNDS", 1)
    with pytest.warns(ConvergenceWarning, match="a further step would lower the criterion by"):
        rm.lmer(SLEEP, rm.load_dataset("sleepstudy")[17:])


def test_of_balanced_data_the_first_step_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of MINQUE from unit factors: nothing is left for Newton's method."""
    monkeypatch.setattr(optimize, "STEPS", 0)
    fit = rm.lmer(SLEEP, rm.load_dataset("sleepstudy"))
    assert fit.optimum.optimality.gain < 1e-15


def test_a_search_led_astray_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its steps are off by a constant: where it stops, a right step still promises a gain."""
    right = optimality.newton_step

    def astray(*args: Any) -> tuple[np.ndarray, np.ndarray]:
        step, values = right(*args)
        return step + 0.01, values

    monkeypatch.setattr(optimize, "newton_step", astray)
    with pytest.warns(ConvergenceWarning, match="a further step would lower the criterion by"):
        rm.lmer(SLEEP, rm.load_dataset("sleepstudy")[17:])


def test_the_lower_of_two_minima_is_found() -> None:
    """Derivatives of the criterion vanish at both; the higher is that at zero."""
    made = tables.load("two-minima").frame()
    fit = rm.lmer("y ~ 1 + (1 | g)", made, reml=False)
    at_zero = rm.lmer("y ~ 1 + (1 | g)", made, reml=False, theta=[0.0])
    assert at_zero.optimum.optimality.failures == []
    assert fit.optimum.optimality.failures == []
    assert fit.criterion < at_zero.criterion - 1e-3


def test_the_search_leaves_a_saddle_at_zero() -> None:
    """At theta = 0 the gradient vanishes always; the slope in T tells whether to stay."""
    design = rm.design(SLEEP, rm.load_dataset("sleepstudy"))
    search = optimize.Search(design, True, penalized)
    zero = np.zeros(3)
    assert not rm.derivatives.gradient(search.at(zero)).any()
    away = optimize.escape(search, zero, search.at(zero))
    assert away is not None
    assert search.criterion(away) < search.criterion(zero)


def test_a_zero_that_is_right_is_not_left() -> None:
    design = rm.design("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
    search = optimize.Search(design, True, penalized)
    assert optimize.escape(search, np.zeros(1), search.at(np.zeros(1))) is None


def test_of_two_minima_the_lower_one_is_taken() -> None:
    """23 rows with a minimum inside (75.2158) and a lower one with a correlation of one."""
    data = pd.DataFrame(
        {
            "g": [0, 1, 2, 3, 3, 1, 2, 2, 3, 1, 2, 1, 1, 0, 0, 1, 2, 0, 1, 1, 0, 0, 1],
            "x": [1.2, 0.7, -0.3, 0.3, 0.7, -0.5, 1.0, 0.6, 0.7, 0.0, 0.6, -2.0, 0.8, 1.7, -0.3,
                  2.0, 1.2, -1.5, -0.9, -2.0, 0.0, -0.4, 0.4],
            "y": [0.5, -4.6, 0.3, -0.3, 2.7, 1.8, 2.0, 2.4, 1.6, -0.4, 0.0, 5.9, -3.7, 0.3, 3.0,
                  -7.5, 1.1, 2.5, 0.8, 5.5, 1.5, 1.7, -2.1],
        }
    )  # fmt: skip
    fit = rm.lmer("y ~ x + (x | g)", data)
    assert fit.criterion == pytest.approx(75.09360, abs=1e-5)
    assert fit.theta.iloc[2] == 0.0


@pytest.mark.parametrize("route", ["penalized", "marginal"])
def test_a_pivot_of_zero_is_found_beside_one_that_is_only_small(route: str) -> None:
    """To set all of them to zero would cost something; the least alone cost nothing."""
    data = random_data(np.random.default_rng(4))
    data["lone"] = np.where(data["h"] == min(data["h"]), data["x"], 0.0)
    fit = rm.lmer("y ~ x + (lone + z | h) + (x | g)", data, reml=False, route=route)
    theta = fit.optimum.work_theta
    assert 1e-4 < theta[3] < max(optimize.NEARLY_ZERO)
    assert (theta[[2, 6, 7, 8]] == 0.0).all()


@pytest.mark.parametrize("ratio", [1e-3, 1e-2, 10.0, 1e3])
def test_a_very_small_or_large_variance_ratio_is_found(ratio: float) -> None:
    rng = np.random.default_rng(5)
    y = ratio * np.repeat(rng.normal(size=30), 6) + rng.normal(size=180)
    fit = rm.lmer("y ~ 1 + (1 | g)", groups(y, 6))
    means = y.reshape(30, 6).mean(axis=1)
    within = ((y.reshape(30, 6) - means[:, None]) ** 2).sum() / 150
    expected = max(0.0, means.var(ddof=1) / within - 1 / 6)
    assert fit.theta.iloc[0] == pytest.approx(np.sqrt(expected), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("theta", [6e-4, 9e-4, 2e-3])
def test_a_pivot_is_not_given_up_for_a_zero_that_does_not_hold(theta: float) -> None:
    """The criterion is as low there up to rounding, but the slope leads away, to a known theta."""
    rng = np.random.default_rng(0)
    within, means = rng.normal(size=(8, 5)), rng.normal(size=8)
    within -= within.mean(axis=1, keepdims=True)
    square = (within**2).sum() / 32
    means *= np.sqrt(square * (theta**2 + 1 / 5) / means.var(ddof=1))
    fit = rm.lmer("y ~ 1 + (1 | g)", groups((within + means[:, None]).ravel(), 5))
    assert fit.theta.iloc[0] == pytest.approx(theta, rel=1e-8)


@pytest.mark.parametrize("reml", [True, False])
def test_a_response_without_residuals_is_refused(reml: bool) -> None:
    constant_in_groups = groups(np.repeat([1.0, 4.0, 2.0, 8.0], 5), 5)
    with pytest.raises(PerfectFitError, match="reproduces the response exactly"):
        rm.lmer("y ~ 1 + (1 | g)", constant_in_groups, reml)
    with pytest.raises(PerfectFitError, match="reproduces the response exactly"):
        rm.lm("y ~ x", constant_in_groups.assign(y=lambda d: 3 + 2 * d["x"]), reml)


def test_the_origin_of_a_covariate_costs_no_digits() -> None:
    """Days counted from a million: lme4 returns theta = (1, 0, 0) there."""
    data = rm.load_dataset("sleepstudy")
    near = rm.lmer(SLEEP, data)
    data["Days"] = data["Days"] + 1e6
    far = rm.lmer(SLEEP, data)
    assert far.criterion == pytest.approx(near.criterion, rel=1e-10)
    assert far.fitted.to_numpy() == pytest.approx(near.fitted.to_numpy(), rel=1e-8)
    assert far.varcorr["Subject"].sd["Days"] == pytest.approx(
        near.varcorr["Subject"].sd["Days"], rel=1e-7
    )


def test_a_response_far_from_zero_costs_no_more_digits_than_its_decimals() -> None:
    data = rm.load_dataset("sleepstudy")
    near = rm.lmer(SLEEP, data)
    data["Reaction"] = data["Reaction"] + 1e9  # leaves 7 decimals
    far = rm.lmer(SLEEP, data)
    assert far.sigma == pytest.approx(near.sigma, rel=1e-7)
    assert far.theta.to_numpy() == pytest.approx(near.theta.to_numpy(), rel=1e-6)
