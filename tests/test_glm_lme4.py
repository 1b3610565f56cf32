"""Generalized models beside lme4's, live: its optimum is not above ours, its likelihood is ours."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from random_glms import loglik, random_data
from scipy.special import xlogy

import refmixed as rm
from refmixed.glm.likelihoods import Kind
from validation.adapters import r

# lme4 stops its search of the mode where a step gains little: by default 3e-4 too early in cbpp.
TIGHT = """function(formula, data, family, link, nagq) {
  control <- lme4::glmerControl(
    optimizer = "bobyqa", tolPwrss = 1e-14, calc.derivs = FALSE,
    optCtrl = list(rhobeg = 0.02, rhoend = 1e-9, maxfun = 1e5))
  law <- get(family, asNamespace("stats"))(link)
  m <- suppressWarnings(
    lme4::glmer(as.formula(formula), data, law, nAGQ = nagq, control = control))
  list(theta = unname(lme4::getME(m, "theta")), beta = unname(lme4::fixef(m)),
       loglik = as.numeric(logLik(m)), names = names(lme4::fixef(m)))
}"""

CBPP = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
TICKS = "TICKS ~ YEAR + HEIGHT + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)"
COUNT = "count ~ x + "


def frame(name: str) -> pd.DataFrame:
    """Data of lme4, or random ones."""
    if name == "random":
        return random_data(np.random.default_rng(4), 80)
    data = rm.load_dataset(name)
    if name == "grouseticks":
        data = data.assign(HEIGHT=(data["HEIGHT"] - 460) / 35)
    return data


def asked(name: str, formula: str, family: str, link: str, nagq: int = 1) -> Any:
    """What lme4 says."""
    return r.ask(TIGHT, formula, frame(name), family, link, nagq)


@pytest.mark.parametrize(
    ("name", "formula", "family", "link"),
    [
        ("cbpp", CBPP, "binomial", "logit"),
        ("grouseticks", TICKS, "poisson", "log"),
        ("random", "cbind(yes, no) ~ x + (x | g)", "binomial", "logit"),
        ("random", "cbind(yes, no) ~ x + (1 | g) + (1 | h)", "binomial", "logit"),
        ("random", COUNT + "(1 | h/k)", "poisson", "log"),
        ("random", COUNT + "(x || g)", "poisson", "log"),
    ],
)
def test_lme4s_maximum_is_not_higher_and_its_likelihood_there_is_ours(
    lme4: ModuleType, name: str, formula: str, family: str, link: str
) -> None:
    theirs = asked(name, formula, family, link)
    fit = rm.glmer(formula, frame(name), family)
    assert list(fit.beta.index) == list(theirs["names"])
    there = loglik(fit.model, np.append(theirs["beta"], theirs["theta"]), Kind())
    right = float(theirs["loglik"][0])
    assert there == pytest.approx(right, abs=5e-8)
    assert right - 1e-9 <= fit.loglik <= right + 1e-7


@pytest.mark.parametrize("link", ["probit", "cloglog"])
@pytest.mark.parametrize(
    ("name", "formula"),
    [("cbpp", CBPP), ("random", "cbind(yes, no) ~ x + (1 | g) + (1 | h)")],
)
def test_of_other_links_lme4s_likelihood_has_the_expected_weights(
    lme4: ModuleType, name: str, formula: str, link: str
) -> None:
    theirs = asked(name, formula, "binomial", link)
    right = float(theirs["loglik"][0])
    psi = np.append(theirs["beta"], theirs["theta"])
    values = {
        dialect: loglik(
            rm.glmer(formula, frame(name), f"binomial({link})", dialect=dialect).model, psi, Kind()
        )
        for dialect in ("expected", "observed")
    }
    assert values["expected"] == pytest.approx(right, abs=5e-8)
    assert values["observed"] > right + 1e-3


@pytest.mark.parametrize("nagq", [2, 9, 25])
def test_by_nodes_lme4_leaves_out_what_the_data_alone_would_have(
    lme4: ModuleType, nagq: int
) -> None:
    """Its log-likelihood is ours less that of a probability of each row."""
    theirs = asked("cbpp", CBPP, "binomial", "logit", nagq)
    fit = rm.glmer(CBPP, frame("cbpp"), nagq=nagq)
    yes, size = frame("cbpp")["incidence"], frame("cbpp")["size"]
    own = xlogy(yes, yes / size) + xlogy(size - yes, 1 - yes / size)
    saturated = own.sum() + fit.model.family.constant.sum()
    there = loglik(fit.model, np.append(theirs["beta"], theirs["theta"]), Kind(nagq))
    assert there - saturated == pytest.approx(float(theirs["loglik"][0]), abs=1e-7)
    assert fit.loglik >= there - 1e-9
