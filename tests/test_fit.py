"""Everything that a Fit says, beside what lme4 says at the same theta: no optimiser in between."""

from __future__ import annotations

import contextlib
import copy
import pickle
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed.ranef import placed

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)"),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)"),
    ("Dyestuff2", "Yield ~ 1 + (1 | Batch)"),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)"),
    ("Pastes", "strength ~ 1 + (1 | batch/cask)"),
    ("cake", "angle ~ recipe + (temp | replicate) + (1 | recipe:replicate)"),
]
both = pytest.mark.parametrize("reml", [True, False], ids=["REML", "ML"])
models = pytest.mark.parametrize(("name", "formula"), MODELS)


@both
@models
def test_every_number_is_lme4s(lme4: ModuleType, name: str, formula: str, reml: bool) -> None:
    data = rm.load_dataset(name)
    fit = rm.lmer(formula, data, reml)
    facts = lme4.at(formula, data, fit.theta.to_numpy(), reml).facts
    close = {"rel": 1e-9, "abs": 1e-10}
    for ours, theirs in (
        (fit.criterion, facts["criterion"]),
        (fit.loglik, facts["loglik"]),
        (fit.aic, facts["aic"]),
        (fit.bic, facts["bic"]),
        (fit.sigma, facts["sigma"]),
    ):
        assert ours == pytest.approx(theirs, rel=1e-12)
    assert fit.beta.to_dict() == pytest.approx(facts["beta"], **close)
    assert fit.se.to_dict() == pytest.approx(facts["se"], **close)
    assert fit.vcov.to_numpy() == pytest.approx(facts["vcov"], **close)
    assert list(fit.theta.index) == list(facts["theta_names"])
    assert fit.fitted.to_numpy() == pytest.approx(facts["fitted"], **close)
    for kind in ("response", "pearson"):
        assert fit.residuals(kind).to_numpy() == pytest.approx(facts["residuals"][kind], **close)
    scaled = fit.residuals("pearson", scaled=True)
    assert scaled.to_numpy() == pytest.approx(facts["residuals"]["scaled"], **close)
    assert fit.is_singular == facts["singular"]


@models
def test_random_effects_have_lme4s_names_shapes_and_values(
    lme4: ModuleType, name: str, formula: str
) -> None:
    data = rm.load_dataset(name)
    fit = rm.lmer(formula, data)
    facts = lme4.at(formula, data, fit.theta.to_numpy()).facts
    ranef, coef = fit.ranef(cond_var=True), fit.coef()
    assert ranef.cond_var is not None
    assert list(ranef) == list(facts["ranef"])
    for group, theirs in facts["ranef"].items():
        assert list(ranef[group].index) == list(np.atleast_1d(theirs["levels"]))
        assert list(ranef[group].columns) == list(np.atleast_1d(theirs["effects"]))
        assert ranef[group].to_numpy() == pytest.approx(theirs["values"], rel=1e-8, abs=1e-9)
        assert list(coef[group].columns) == list(np.atleast_1d(facts["coef"][group]["effects"]))
        assert coef[group].to_numpy() == pytest.approx(facts["coef"][group]["values"], rel=1e-8)
        whole = ranef.cond_var[group]
        assert whole.shape == (ranef[group].shape[1],) * 2 + (len(ranef[group]),)
        parts = theirs["condvar"] if isinstance(theirs["condvar"], list) else [theirs["condvar"]]
        start = 0
        for part in parts:  # one a term of the group; ours has the covariances between them too
            here = slice(start, start + part.shape[0])
            assert whole[here, here] == pytest.approx(part, rel=1e-9, abs=1e-12)
            start += part.shape[0]


@models
def test_variances_have_lme4s_names_and_values(lme4: ModuleType, name: str, formula: str) -> None:
    data = rm.load_dataset(name)
    fit = rm.lmer(formula, data)
    facts = lme4.at(formula, data, fit.theta.to_numpy()).facts
    assert list(fit.varcorr) == list(facts["varcorr"])
    assert fit.varcorr.sigma == fit.sigma
    for term, theirs in facts["varcorr"].items():
        ours = fit.varcorr[term]
        assert ours.sd.to_dict() == pytest.approx(theirs["sd"], rel=1e-12)
        assert ours.cov.to_numpy() == pytest.approx(theirs["cov"], rel=1e-12)
        below = np.tril_indices(len(ours.sd), -1)
        corr = ours.corr.to_numpy()[below]
        assert corr == pytest.approx(theirs["corr"][below], rel=1e-12, nan_ok=True)


def test_lm_is_r_lm_with_its_variance_by_ml_or_reml(lme4: ModuleType) -> None:
    from validation.adapters import r

    data = rm.load_dataset("sleepstudy")
    ask = """function(d) { m <- lm(Reaction ~ Days + Subject, d)
        list(beta = coef(m), vcov = vcov(m), sigma = sigma(m),
             ML = logLik(m), REML = logLik(m, REML = TRUE)) }"""
    theirs = r.ask(ask, data)
    fit = rm.lm("Reaction ~ Days + Subject", data)
    ml = rm.lm("Reaction ~ Days + Subject", data, reml=False)
    assert fit.beta.to_numpy() == pytest.approx(theirs["beta"], rel=1e-11)
    assert fit.vcov.to_numpy() == pytest.approx(theirs["vcov"], rel=1e-9)
    assert fit.sigma == pytest.approx(theirs["sigma"][0], rel=1e-12)
    assert ml.loglik == pytest.approx(theirs["ML"][0], rel=1e-12)
    assert fit.loglik == pytest.approx(theirs["REML"][0], rel=1e-12)
    assert fit.theta.empty
    assert not fit.ranef()
    assert not fit.is_singular


def test_a_given_theta_is_taken_as_it_is() -> None:
    data = rm.load_dataset("sleepstudy")
    fit = rm.lmer("Reaction ~ Days + (1 | Subject)", data, theta=[0.5])
    assert fit.theta.to_list() == [0.5]
    design = rm.design("Reaction ~ Days + (1 | Subject)", data)
    assert fit.criterion == pytest.approx(rm.marginal.criterion(design, np.array([0.5])), rel=1e-13)
    for wrong in ([0.5, 0.5], [np.nan], 0.5):
        with pytest.raises(rm.errors.OptionError, match="theta must be 1 finite numbers"):
            rm.lmer("Reaction ~ Days + (1 | Subject)", data, theta=wrong)


BEYOND = [
    ("Reaction ~ Days + (1 | Subject)", [1.0]),
    ("Reaction ~ 0 + Days + (1 | Subject)", [1.0]),
    ("Reaction ~ Days + (Days | Subject)", [1.0, -1.0, 0.0]),
    ("Reaction ~ Days + (Days | Subject)", [0.0, 0.0, 1.0]),
    ("Reaction ~ Days + (0 + vast | Subject)", [1e-100]),
]


@pytest.mark.parametrize("route", ["penalized", "blocked", "marginal"])
@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(("formula", "unit"), BEYOND)
def test_a_theta_too_large_for_doubles_is_refused_and_no_other(
    formula: str, unit: list[float], reml: bool, route: str
) -> None:
    """A warning of numpy's would be an error here."""
    data = rm.load_dataset("sleepstudy").assign(vast=lambda d: 1e100 * d["Days"])
    taken = []
    for power in [3, 6, 7, 8, 10, 50, 100, *range(150, 156), 200, 300, 308]:
        theta = (10.0**power * np.array(unit)).tolist()
        with contextlib.suppress(rm.errors.OptionError):
            taken.append(rm.lmer(formula, data, reml, route=route, theta=theta))
            continue
        with pytest.raises(rm.errors.OptionError) as refused:
            rm.lmer(formula, data, reml, route=route, theta=theta)
        assert str(refused.value) == f"theta {theta} is too large for doubles"
    assert 2 <= len(taken) <= 14
    for fit in taken:
        assert np.isfinite([fit.criterion, fit.sigma, *fit.se]).all()
        assert "Residual" in str(fit.summary())
        assert np.isfinite(fit.ranef(cond_var=True)["Subject"].to_numpy()).all()


def test_a_large_theta_is_no_pooling() -> None:
    """Of the penalized route: the definition has no digits left there."""
    data = rm.load_dataset("sleepstudy")
    effects = rm.lm("Reaction ~ 0 + Days + Subject", data)
    for theta in (1e5, 1e50, 1e153):
        fit = rm.lmer("Reaction ~ 0 + Days + (1 | Subject)", data, theta=[theta])
        assert fit.beta.to_numpy() == pytest.approx(effects.beta["Days"], rel=1e-9)


def test_ranef_frames_can_be_joined_like_any_other() -> None:
    fit = rm.lmer("diameter ~ 1 + (1 | plate) + (1 | sample)", rm.load_dataset("Penicillin"))
    assert pd.concat(fit.ranef(cond_var=True)).shape == (30, 1)


def test_places_of_random_effects_fit_the_columns_of_Z() -> None:
    """gamma[places] of a level and effect multiplies the column of Z for them."""
    design = rm.design("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    ((term, places),) = placed(design)
    row = 25  # of subject 310, day 5
    assert term.levels[term.codes[row]] == "310"
    assert design.Z[row, places[term.codes[row]]].tolist() == [1.0, 5.0]
    assert np.count_nonzero(design.Z[row]) == 2


@pytest.mark.parametrize("route", ["penalized", "blocked", "marginal"])
def test_a_fit_can_be_sent_to_another_process(route: str) -> None:
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"), route=route)
    for again in (pickle.loads(pickle.dumps(fit)), copy.deepcopy(fit)):
        assert str(again.summary()) == str(fit.summary())
        assert again.ranef()["Subject"].equals(fit.ranef()["Subject"])
