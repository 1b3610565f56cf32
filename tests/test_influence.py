"""What a fit becomes without some rows: algebra gives what a fit to the other rows gives."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_designs import FORMULAS, random_data

import refmixed as rm
from refmixed.errors import OptionError, RefmixedWarning
from validation.adapters import r

pytestmark = pytest.mark.numerical

SLEEP = rm.load_dataset("sleepstudy")
FORMULA = "Reaction ~ Days + (Days | Subject)"
FIT = rm.lmer(FORMULA, SLEEP)
DATA = random_data(np.random.default_rng(11)).assign(w=lambda d: d["x"] ** 2 + 0.5)


def quietly(call: Any, *args: Any, **kwargs: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RefmixedWarning)
        return call(*args, **kwargs)


def unbalanced() -> pd.DataFrame:
    return SLEEP.drop(index=[0, 3, 14, 15, 16, 17, 18, 77, 178])


def agree(found: Any, whole: rm.Fit, label: Any, without: rm.Fit, rel: float = 1e-9) -> None:
    """A row of the record is what the fit without those rows says, beside the whole fit."""
    p = len(whole.beta)
    moved = (whole.beta - without.beta).to_numpy()
    size = float(np.abs(whole.se).max())
    vcov, other = whole.vcov.to_numpy(), without.vcov.to_numpy()
    series = (found.cook, found.mdffits, found.covratio, found.covtrace)
    values = [one.loc[label] for one in series]
    cook, mdffits = (moved @ np.linalg.solve(cov, moved) / p for cov in (vcov, other))
    determinants = np.linalg.det(other) / np.linalg.det(vcov)
    trace = abs(np.trace(np.linalg.solve(vcov, other)) - p)
    np.testing.assert_allclose(found.beta.loc[label], without.beta, rtol=rel, atol=rel * size)
    np.testing.assert_allclose(found.dfbeta.loc[label], moved, rtol=rel, atol=rel * size)
    np.testing.assert_allclose(found.se.loc[label], without.se, rtol=rel)
    np.testing.assert_allclose(found.dfbetas.loc[label], moved / without.se, rtol=rel, atol=rel)
    assert found.sigma.loc[label] == pytest.approx(without.sigma, rel=rel)
    np.testing.assert_allclose(
        values, [cook, mdffits, determinants, trace], rtol=10 * rel, atol=rel
    )
    assert found.messages.loc[label] == ""


# --- theta kept -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "formula"), list(enumerate(FORMULAS)))
def test_deleted_rows_and_groups_leave_what_the_other_rows_give(number: int, formula: str) -> None:
    given = {"reml": number % 2 == 0, "weights": "w", "offset": "z"}
    theta = 0.6 * quietly(rm.lmer, formula, DATA, **given).theta.to_numpy() + 0.2
    fit = rm.lmer(formula, DATA, theta=theta, **given)
    by_row = fit.influence()
    for row in (0, len(DATA) - 1):
        agree(by_row, fit, row, rm.lmer(formula, DATA.drop(index=row), theta=theta, **given))
    term = fit.design.terms[0]
    by_group = fit.influence(term.group)
    for code in (0, len(term.levels) - 1):
        rest = DATA[term.codes != code]
        agree(by_group, fit, term.levels[code], rm.lmer(formula, rest, theta=theta, **given))


@pytest.mark.parametrize(("route", "group"), [("penalized", "g"), ("marginal", "h")])
def test_every_route_gives_the_same(route: str, group: str) -> None:
    formula, theta = "y ~ x + f + (x | g) + (1 | h)", [0.7, 0.2, 0.4, 0.5]
    found = rm.lmer(formula, DATA, theta=theta, route=route).influence(group)
    level = found.beta.index[1]
    fit = rm.lmer(formula, DATA, theta=theta)
    agree(found, fit, level, rm.lmer(formula, DATA[DATA[group] != level], theta=theta))


def test_groups_may_be_any_labels() -> None:
    labels = pd.Series(np.where(SLEEP["Days"] < 3, "early", "late"), SLEEP.index, name="time")
    shuffled = FIT.influence(labels.sample(frac=1, random_state=1))
    assert shuffled.groups == "time"
    late = SLEEP[SLEEP["Days"] >= 3]
    theta = FIT.theta.to_numpy()
    agree(shuffled, FIT, "early", rm.lmer(FORMULA, late, theta=theta))
    pd.testing.assert_frame_equal(shuffled.dfbeta, FIT.influence(labels.to_numpy()).dfbeta)


def test_a_singular_fit_is_no_exception() -> None:
    data = rm.load_dataset("Dyestuff2")
    fit = rm.lmer("Yield ~ 1 + (1 | Batch)", data)
    assert fit.is_singular
    found = fit.influence("Batch")
    agree(
        found, fit, "A", rm.lmer("Yield ~ 1 + (1 | Batch)", data[data["Batch"] != "A"], theta=[0])
    )
    again = fit.influence("Batch", theta="estimated")
    assert (again.theta.to_numpy() >= 0).all()


def test_an_origin_far_off_costs_few_digits() -> None:
    data = unbalanced()
    far = data.assign(Days=data["Days"] + 1e5)
    near, there = (rm.lmer("Reaction ~ Days + (1 | Subject)", d) for d in (data, far))
    for options in ({}, {"groups": "Subject"}, {"groups": "Subject", "theta": "estimated"}):
        one, other = near.influence(**options), there.influence(**options)
        np.testing.assert_allclose(one.cook, other.cook, rtol=1e-6)
        np.testing.assert_allclose(one.dfbeta["Days"], other.dfbeta["Days"], rtol=1e-6, atol=1e-9)


# --- lm: the classical formulas -------------------------------------------------------------------

LM = """function(formula, data, weights) {
  environment(formula) <- environment()
  m <- lm(formula, data, weights = weights)
  list(hat = hatvalues(m), cook = cooks.distance(m), dfbeta = dfbeta(m), dfbetas = dfbetas(m),
       covratio = covratio(m), standard = rstandard(m), sigma = influence(m)$sigma)
}"""


def test_without_random_terms_they_are_the_classical_ones(lme4: ModuleType) -> None:
    formula = "y ~ x * f"
    fit = rm.lm(formula, DATA, weights="w")
    source = f"function(data) ({LM})({formula}, data, data$w)"
    theirs = r.ask(source, DATA)
    found, table = fit.influence(), fit.residual_table()
    pairs = {
        "hat": table["hat"],
        "cook": found.cook,
        "dfbeta": found.dfbeta,
        "dfbetas": found.dfbetas_lm,
        "covratio": found.covratio,
        "standard": table["conditional_standardized"],
        "sigma": found.sigma,
    }
    for name, ours in pairs.items():
        np.testing.assert_allclose(ours, theirs[name], rtol=1e-9, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(table["cook"], found.cook, rtol=1e-9)


# --- lme4 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [None, "w"])
def test_hat_values_and_cook_are_lme4_s(lme4: ModuleType, weights: str | None) -> None:
    formula = "y ~ x + (x | g) + (1 | h)"
    fit = quietly(rm.lmer, formula, DATA, weights=weights)
    model = lme4.at(formula, DATA, fit.theta, weights=weights).model
    table = fit.residual_table()
    theirs = r.ask("function(m) list(hatvalues(m), cooks.distance(m))", model)
    np.testing.assert_allclose(table["hat"], theirs[0], rtol=1e-9)
    np.testing.assert_allclose(table["cook"], theirs[1], rtol=1e-8)


@pytest.mark.parametrize("group", ["g", "h"])
def test_with_theta_kept_lme4_says_the_same_of_the_other_rows(lme4: ModuleType, group: str) -> None:
    formula = "y ~ x + f + (x | g) + (1 | h)"
    fit = quietly(rm.lmer, formula, DATA, weights="w")
    found = fit.influence(group)
    for level in found.beta.index[:2]:
        rest = DATA[DATA[group] != level]
        rest = rest.assign(**{group: rest[group].cat.remove_unused_categories()})
        theirs = lme4.at(formula, rest, fit.theta, weights="w").facts
        np.testing.assert_allclose(found.beta.loc[level], list(theirs["beta"].values()), rtol=1e-9)
        np.testing.assert_allclose(found.se.loc[level], list(theirs["se"].values()), rtol=1e-9)
        assert found.sigma[level] == pytest.approx(theirs["sigma"], rel=1e-9)


INFLUENCE = """function(data) {
  m <- lmer(Reaction ~ Days + (Days | Subject), data)
  i <- influence(m, groups = "Subject")
  thetas <- sapply(levels(factor(data$Subject)), function(level)
    getME(update(m, data = data[data$Subject != level, ], start = list(theta = getME(m, "theta")),
                 control = lmerControl(optCtrl = list(maxfun = 1000))), "theta"))
  list(theta = getME(m, "theta"), thetas = t(thetas), beta = i[["fixed.effects[-Subject]"]],
       dfbeta = dfbeta(i), dfbetas = dfbetas(i), cook = cooks.distance(i),
       order = as.character(i$deleted))
}"""


@pytest.fixture(scope="module")
def theirs(lme4: ModuleType) -> dict[str, Any]:
    """lme4's influence of the subjects of an unbalanced sleepstudy."""
    found: dict[str, Any] = r.ask(INFLUENCE, unbalanced())
    return found


def test_influence_is_lme4_s_at_its_own_thetas(theirs: dict[str, Any]) -> None:
    """Its Cook's distances are of refits, times (N - p)/N with N groups; its dfbeta is turned."""
    data = unbalanced()
    fit = rm.lmer(FORMULA, data, theta=theirs["theta"])
    N, p = 18, 2
    levels = sorted(data["Subject"].unique())
    for level, theta in zip(levels, theirs["thetas"], strict=True):
        i = list(theirs["order"]).index(level)
        rest = rm.lmer(FORMULA, data[data["Subject"] != level], theta=theta)
        moved = (fit.beta - rest.beta).to_numpy()
        cook = moved @ np.linalg.solve(fit.vcov, moved) / p
        np.testing.assert_allclose(rest.beta, theirs["beta"][i], rtol=1e-10)
        np.testing.assert_allclose(-moved, theirs["dfbeta"][i], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(-moved / rest.se, theirs["dfbetas"][i], rtol=1e-8, atol=1e-10)
        assert cook * (N - p) / N == pytest.approx(theirs["cook"][i], rel=1e-8)


def test_influence_is_lme4_s_up_to_its_optimiser(theirs: dict[str, Any]) -> None:
    """lme4 stops at 4 to 8 digits of theta."""
    found = rm.lmer(FORMULA, unbalanced()).influence("Subject", theta="estimated")
    order = list(theirs["order"])
    np.testing.assert_allclose(found.cook_lme4.loc[order], theirs["cook"], rtol=1e-3)
    np.testing.assert_allclose(-found.dfbetas.loc[order], theirs["dfbetas"], atol=1e-3)


# --- theta estimated ------------------------------------------------------------------------------


def test_estimated_theta_is_that_of_a_refit() -> None:
    fit = rm.lmer(FORMULA, unbalanced())
    found = fit.influence("Subject", theta="estimated")
    for level in ("308", "337"):
        rest = unbalanced()
        without = rm.lmer(FORMULA, rest[rest["Subject"] != level])
        agree(found, fit, level, without, rel=1e-8)
        np.testing.assert_allclose(found.theta.loc[level], without.theta, rtol=1e-8)


def test_in_a_balanced_design_kept_and_estimated_theta_move_beta_alike() -> None:
    """There beta is least squares whatever theta; so the issue could take one for the other."""
    kept, again = FIT.influence("Subject"), FIT.influence("Subject", theta="estimated")
    np.testing.assert_allclose(kept.dfbeta, again.dfbeta, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(kept.cook, again.cook, rtol=1e-9)
    assert (kept.theta == FIT.theta).all(axis=None)
    assert (again.theta.std() > 0.01).all()


def test_a_model_without_fixed_effects_has_no_cook_but_sigma() -> None:
    fit = rm.lmer("Reaction ~ 0 + (1 | Subject)", SLEEP)
    for options in ({}, {"groups": "Subject"}, {"groups": "Subject", "theta": "estimated"}):
        found = fit.influence(**options)
        assert found.cook.isna().all()
        assert found.sigma.between(30, 60).all()


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize("theta", ["kept", "estimated"])
def test_where_a_deletion_makes_columns_of_x_dependent_there_is_no_value(theta: str) -> None:
    data = DATA.assign(only=(DATA["g"] == "g1") * DATA["z"])
    fit = quietly(rm.lmer, "y ~ x + only + (1 | g)", data)
    found = fit.influence("g", theta=theta)
    assert found.cook.isna().to_list() == [level == "g1" for level in found.cook.index]
    assert found.dfbetas.loc["g1"].isna().all()
    assert "linearly dependent" in found.messages["g1"]
    one = data.assign(only=(data.index == 5) * 1.0)
    rows = quietly(rm.lmer, "y ~ x + only + (1 | g)", one).influence(theta=theta)
    assert rows.cook.isna().sum() == 1
    assert np.isnan(rows.cook[5])
    assert "linearly dependent" in rows.messages[5]


@pytest.mark.parametrize("theta", ["kept", "estimated"])
def test_a_row_without_which_the_fit_is_exact_leaves_no_sigma(theta: str) -> None:
    data = pd.DataFrame({"x": np.arange(6.0), "y": 2 * np.arange(6.0) + 1})
    data.loc[2, "y"] += 1
    found = rm.lm("y ~ x", data).influence(theta=theta)
    assert found.sigma.isna().to_list() == [False, False, True, False, False, False]
    assert found.messages[2] != ""
    assert found.messages[3] == ""


def test_a_group_that_leaves_no_model_says_so() -> None:
    data = DATA[DATA["g"].isin(["g1", "g2"])].reset_index(drop=True)
    data = data.assign(g=data["g"].cat.remove_unused_categories())
    fit = quietly(rm.lmer, "y ~ x + (1 | g)", data)
    found = fit.influence("g", theta="estimated")
    assert found.beta.isna().all(axis=None)
    assert found.messages.str.contains("single level").all()
    assert (
        fit.influence("g").beta.notna().all(axis=None)
    )  # theta kept: there is nothing to estimate


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": "Subjekt"}, "did you mean 'Subject'"),
        ({"groups": ["a", "b"]}, "labels in groups must be 180"),
        ({"theta": "fixed"}, "theta must be one of 'kept', 'estimated'"),
        (
            {"groups": SLEEP["Subject"].iloc[1:]},
            "labels in groups must be 180, none of",
        ),
        ({"groups": SLEEP["Subject"].set_axis(["row"] * 180)}, "row labels of groups or of the"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        FIT.influence(**options)
