"""R2 and ICC are shares of three variances, whatever the units and the order of rows."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.errors import IdentifiabilityWarning, OptionError
from validation.adapters import r

pytestmark = pytest.mark.numerical

SLEEP = rm.load_dataset("sleepstudy")
SLOPES = rm.lmer("Reaction ~ Days + (Days | Subject)", SLEEP)
CROSSED = rm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", rm.load_dataset("Penicillin"))


def shares(fit: rm.Fit) -> list[float]:
    """The four of them."""
    return [fit.r2().marginal, fit.r2().conditional, fit.icc().adjusted, fit.icc().unadjusted]


def by_definition(fit: rm.Fit) -> list[float]:
    """The same, with the covariance of the response written down."""
    fixed = np.var(fit.design.X @ fit.beta, ddof=1)
    V = fit.sigma**2 * rm.marginal.at(fit.design, fit.theta.to_numpy(), fit.reml).V0
    residual = fit.sigma**2 * np.mean(1 / fit.design.weights)
    random = np.mean(np.diag(V)) - residual
    total = fixed + random + residual
    return [fixed / total, (fixed + random) / total, random / (random + residual), random / total]


WEIGHTED = rm.lmer(
    "Reaction ~ Days + (Days | Subject)", SLEEP.assign(w=1 + SLEEP["Days"]), weights="w"
)


@pytest.mark.parametrize("fit", [SLOPES, CROSSED, WEIGHTED], ids=["slopes", "crossed", "weighted"])
def test_shares_are_those_of_the_variances_of_the_response(fit: rm.Fit) -> None:
    np.testing.assert_allclose(shares(fit), by_definition(fit), rtol=1e-11, atol=1e-14)


def test_the_published_figures_of_sleepstudy() -> None:
    # package performance 0.10 prints so many digits, in its examples of r2() and icc()
    np.testing.assert_allclose(shares(SLOPES), [0.279, 0.799, 0.722, 0.521], atol=5e-4)


BY_LME4 = """function(m) {
  fixed <- var(as.vector(model.matrix(m) %*% fixef(m)))
  random <- sum(sapply(names(VarCorr(m)), function(g) {
    x <- lme4::getME(m, "mmList")[[match(g, names(lme4::getME(m, "cnms")))]]
    sum(diag(x %*% VarCorr(m)[[g]] %*% t(x))) / nobs(m) }))
  c(fixed, random, sigma(m)^2) }"""


@pytest.mark.parametrize(
    ("fit", "data"), [(SLOPES, SLEEP), (CROSSED, rm.load_dataset("Penicillin"))]
)
def test_variances_are_those_of_lme4s_parts(
    lme4: ModuleType, fit: rm.Fit, data: pd.DataFrame
) -> None:
    there = lme4.at(fit.formula, data, fit.theta.to_numpy())
    ours = fit.r2().variances
    theirs = r.ask(BY_LME4, there.model)
    found = [ours.fixed, ours.random, ours.residual]
    np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=1e-14)


BY_PERFORMANCE = """function(m) {
  r2 <- performance::r2(m); icc <- performance::icc(m)
  unname(c(r2$R2_marginal, r2$R2_conditional, icc$ICC_adjusted, icc$ICC_unadjusted)) }"""


@pytest.mark.parametrize(
    ("fit", "data"), [(SLOPES, SLEEP), (CROSSED, rm.load_dataset("Penicillin"))]
)
def test_shares_are_those_of_performance(
    lme4: ModuleType, performance: None, fit: rm.Fit, data: pd.DataFrame
) -> None:
    there = lme4.at(fit.formula, data, fit.theta.to_numpy())
    found = r.ask(BY_PERFORMANCE, there.model)
    np.testing.assert_allclose(shares(fit), found, rtol=1e-9, atol=1e-14)


def test_performance_takes_sigma2_for_the_residual_variance_whatever_the_weights(
    lme4: ModuleType, performance: None
) -> None:
    """Its shares depend on the unit of weights; ours have the mean of sigma^2 / w."""
    data = SLEEP.assign(w=1 + SLEEP["Days"])
    there = lme4.at(WEIGHTED.formula, data, WEIGHTED.theta.to_numpy(), weights="w")
    ours = WEIGHTED.r2().variances
    total = ours.fixed + ours.random + WEIGHTED.sigma**2
    found = r.ask(BY_PERFORMANCE, there.model)[:2]
    expected = [ours.fixed / total, (ours.fixed + ours.random) / total]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert abs(WEIGHTED.r2().marginal - found[0]) > 0.1


def test_units_origins_and_weights_times_a_thousand_change_nothing() -> None:
    other = SLEEP.assign(Reaction=SLEEP["Reaction"] / 1000 + 5, Days=24 * (SLEEP["Days"] + 1000))
    moved = rm.lmer("Reaction ~ Days + (Days | Subject)", other.sample(frac=1.0, random_state=1))
    np.testing.assert_allclose(shares(moved), shares(SLOPES), rtol=1e-6)
    heavy = SLEEP.assign(w=1000 * (1 + SLEEP["Days"]))
    again = rm.lmer("Reaction ~ Days + (Days | Subject)", heavy, weights="w")
    np.testing.assert_allclose(shares(again), shares(WEIGHTED), rtol=1e-7)


def test_an_offset_is_no_fixed_effect() -> None:
    plain = rm.lmer(
        "Reaction ~ 1 + (1 | Subject)",
        SLEEP.assign(Reaction=SLEEP["Reaction"] - 10 * SLEEP["Days"]),
    )
    shifted = rm.lmer("Reaction ~ 1 + offset(10 * Days) + (1 | Subject)", SLEEP)
    np.testing.assert_allclose(shares(shifted), shares(plain), rtol=1e-9, atol=1e-12)


def test_without_random_effects_both_are_those_of_a_regression() -> None:
    flat = rm.lm("Reaction ~ Days", SLEEP)
    n, found = len(SLEEP), shares(flat)
    ordinary = np.corrcoef(SLEEP["Reaction"], SLEEP["Days"])[0, 1] ** 2
    explained = ordinary / (ordinary + (1 - ordinary) * (n - 1) / (n - 2))
    np.testing.assert_allclose(found, [explained, explained, 0, 0], rtol=1e-12)
    singular = rm.lmer("Yield ~ 1 + (1 | Batch)", rm.load_dataset("Dyestuff2"))
    np.testing.assert_allclose(shares(singular), 0.0, atol=1e-12)


def test_shares_that_data_do_not_determine_are_refused() -> None:
    data = SLEEP.assign(row=[f"r{k}" for k in range(len(SLEEP))])
    with pytest.warns(IdentifiabilityWarning):
        fit = rm.lmer("Reaction ~ Days + (1 | row) + (1 | Subject)", data, allow_saturated=True)
    for ask in (fit.r2, fit.icc):
        with pytest.raises(OptionError, match="do not tell the residual variance"):
            ask()
    with pytest.warns(IdentifiabilityWarning):
        twice = rm.lmer("Reaction ~ Days + (1 | Subject) + (Days | Subject)", SLEEP)
    np.testing.assert_allclose(shares(twice), shares(SLOPES), rtol=1e-5)


def test_rows_in_chunks_are_refused() -> None:
    fit = rm.lmer("Reaction ~ Days + (1 | Subject)", [SLEEP[:90], SLEEP[90:]])
    with pytest.raises(OptionError, match="chunks are not kept"):
        fit.r2()
