"""Between no pooling and complete pooling: what the model becomes where theta is extreme."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from counts import examples
from hypothesis import given
from hypothesis import strategies as st
from random_designs import Case, cases, one_way

import refmixed as rm
from refmixed import marginal, penalized

pytestmark = pytest.mark.numerical

ROUTES = [marginal, penalized]
INTERCEPTS = ("y ~ 1 + (1 | g)", "y ~ x + (1 | g)", "y ~ x + f + (1 | g)")
layouts = st.tuples(st.integers(0, 2**32 - 1), st.integers(3, 12), st.integers(2, 8))


@pytest.mark.parametrize("route", ROUTES)
@examples(25)
@given(case=cases())
def test_theta_zero_is_ordinary_least_squares(route: object, case: Case) -> None:
    fixed = case.design.recipe.formula  # type: ignore[union-attr]
    terms = " + ".join(":".join(n.text for n in term) for term in fixed.fixed.terms) or "1"
    pooled = rm.lm(f"y ~ {terms}", case.data, case.reml, weights=case.weights)
    at = route.evaluate(case.design, np.zeros(case.design.m), case.reml)  # type: ignore[attr-defined]
    assert at.criterion == pytest.approx(pooled.criterion, rel=1e-12)
    assert at.beta == pytest.approx(pooled.beta.to_numpy(), rel=1e-9, abs=1e-10)
    assert at.sigma == pytest.approx(pooled.sigma, rel=1e-12)
    posterior = route.posterior(case.design, np.zeros(case.design.m))  # type: ignore[attr-defined]
    assert not posterior.gamma.any()
    assert not posterior.gamma_cov.any()


@pytest.mark.parametrize("route", ROUTES)
@examples(25)
@given(case=cases(INTERCEPTS))
def test_theta_to_infinity_tends_to_no_pooling(route: object, case: Case) -> None:
    """The distance to a fit with a fixed effect a group falls as 1 / theta^2.

    It is seen as far as V0 can be inverted: to its condition, some 1e7, times eps, times y.
    """
    separate = rm.lm(case.formula.replace("(1 | g)", "g"), case.data, weights=case.weights)
    distance = []
    for theta in (30.0, 300.0):
        at = route.evaluate(case.design, np.array([theta]))  # type: ignore[attr-defined]
        gamma = route.posterior(case.design, np.array([theta])).gamma  # type: ignore[attr-defined]
        fitted = case.design.X @ at.beta + case.design.Z @ gamma
        distance.append(np.abs(fitted - separate.fitted.to_numpy()).max())
    condition = np.linalg.cond(
        marginal.relative_covariance(case.design, np.eye(case.design.q) * theta)
    )
    noise = condition * np.finfo(float).eps * np.abs(case.design.y).max()
    assert noise < 0.1 * distance[0] / 100
    assert distance[1] == pytest.approx(distance[0] / 100, rel=0.05, abs=noise)


@examples(50)
@given(cases(INTERCEPTS))
def test_a_random_intercept_is_its_groups_mean_residual_shrunk_by_a_known_factor(
    case: Case,
) -> None:
    fit = case.fit()
    residual = fit.design.y - fit.design.X @ fit.beta.to_numpy()
    w = pd.Series(fit.design.weights).groupby(fit.design.terms[0].codes)
    total = w.sum().to_numpy()
    mean = (
        pd.Series(residual * fit.design.weights).groupby(fit.design.terms[0].codes)
    ).sum() / total
    shrink = total * fit.theta.iloc[0] ** 2 / (1 + total * fit.theta.iloc[0] ** 2)
    ranef = fit.ranef()["g"]["(Intercept)"].to_numpy()
    assert ranef == pytest.approx(shrink * mean.to_numpy(), abs=1e-8)
    assert (np.abs(ranef) <= np.abs(mean.to_numpy()) + 1e-12).all()
    assert (ranef * mean.to_numpy() >= -1e-12).all()


@examples(50)
@given(layouts, st.sampled_from([0.0, 0.5, 2.0]))
def test_balanced_one_way_reml_is_the_anova_estimator(
    layout: tuple[int, int, int], between: float
) -> None:
    """Where ANOVA's estimate is negative, REML's is zero and the sums of squares are pooled."""
    seed, groups, size = layout
    data = one_way(np.random.default_rng(seed), groups, size, between)
    fit = rm.lmer("y ~ 1 + (1 | g)", data)
    y = data["y"].to_numpy().reshape(groups, size)
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (groups * (size - 1))
    among = size * y.mean(axis=1).var(ddof=1)
    if among > within:
        assert fit.sigma**2 == pytest.approx(within, rel=1e-9)
        sd = np.sqrt((among - within) / size)
        assert fit.varcorr["g"].sd["(Intercept)"] == pytest.approx(sd, rel=1e-7)
    else:
        assert fit.sigma**2 == pytest.approx(y.var(ddof=1), rel=1e-9)
        assert fit.varcorr["g"].sd["(Intercept)"] == 0.0
        assert fit.is_singular


@examples(25)
@given(layouts)
def test_a_zero_variance_is_an_ordinary_answer(layout: tuple[int, int, int]) -> None:
    """Groups that differ less than chance would have it: exactly the fit without groups."""
    seed, groups, size = layout
    data = one_way(np.random.default_rng(seed), groups, size, 0.0)
    data["y"] -= data.groupby("g", observed=True)["y"].transform("mean")
    mixed, pooled = rm.lmer("y ~ 1 + (1 | g)", data), rm.lm("y ~ 1", data)
    assert mixed.theta.iloc[0] == 0.0
    assert mixed.criterion == pytest.approx(pooled.criterion, rel=1e-12)
    assert not mixed.ranef()["g"].to_numpy().any()
    assert mixed.is_singular


def test_a_correlation_of_one_is_an_ordinary_answer() -> None:
    """Slopes that are twice the intercepts: T has rank one, its second pivot is zero."""
    rng = np.random.default_rng(3)
    g, x = np.repeat(np.arange(12), 5), np.tile(np.arange(5.0), 12)
    b = rng.normal(size=12)
    data = pd.DataFrame({"y": b[g] + 2 * b[g] * x + rng.normal(size=60), "x": x, "g": g})
    fit = rm.lmer("y ~ x + (x | g)", data)
    assert fit.theta.iloc[2] == 0.0
    assert fit.varcorr["g"].corr.iloc[1, 0] == pytest.approx(1.0, abs=1e-12)
    assert fit.is_singular
    assert fit.optimum.optimality.failures == []
