"""`refmixed explain` of generalized models: what is read, what is recomputed, what is not named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import refmixed as rm
from refmixed.glm.after.commands import all_of
from refmixed.glm.named import named as law_of
from refmixed.glm.result import GlmerFit
from validation.explain import command
from validation.explain.account import Account
from validation.explain.explanation import Explanation
from validation.explain.generalized import near, ways
from validation.explain.generalized.dimensions import DIALECT, LAW, LIKELIHOOD
from validation.explain.generalized.loose import Loose
from validation.explain.generalized.setup import GeneralizedSetup
from validation.explain.generalized.worlds import GeneralizedWorlds
from validation.explain.numbers import exact
from validation.explain.read import read
from validation.explain.search import explain

COWS = rm.load_dataset("cbpp")
ROW = " x | 1.5 .5 3.0 .003 .5 2.5"  # of Stata's table
MODEL = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
# lme4 1.1-31, glmer(MODEL, cbpp, binomial), its defaults: fixef, getME(, "theta"), logLik, vcov
LME4 = (-1.398342864471, -0.991924974976, -1.128216215943, -1.579745413649, 0.642069927729)
LME4_LOGLIK = -92.0265663895
LME4_SE = (0.231214048094, 0.303150644541, 0.322830153226, 0.422049159426)


@pytest.fixture(scope="module")
def fit() -> GlmerFit:
    return rm.glmer(MODEL, COWS)


@pytest.fixture(scope="module")
def worlds() -> GeneralizedWorlds:
    return GeneralizedWorlds(GeneralizedSetup(MODEL, COWS))


def account(fit: GlmerFit, name: str, **other: Any) -> Account:
    """What `refmixed fit --family --json` says, with other quantities."""
    return read(json.dumps(all_of(fit) | other), name)


def named(e: Explanation) -> list[str]:
    return sorted({found.cause for found in e.causes})


# --- reading --------------------------------------------------------------------------------------


def test_a_printed_summary_is_the_fit(fit: GlmerFit) -> None:
    told = read(str(fit.summary()), "a")
    assert told.says == {LAW: "binomial(logit)", LIKELIHOOD: "Laplace"}
    assert told.is_generalized
    assert told.n == 56
    assert told.one("sigma") is None
    z = fit.beta / fit.se
    for effect in fit.beta.index:
        assert told.numbers["beta", effect].apart(exact(fit.beta[effect])) == 0
        assert told.numbers["t", effect].apart(exact(z[effect])) == 0


SAID: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "meprobit": (
        "Mixed-effects probit regression\nIntegration method: laplace\n",
        {LAW: "binomial(probit)", LIKELIHOOD: "Laplace"},
    ),
    "nodes of mode and curvature": (
        "Mixed-effects Poisson regression\nIntegration method: mcaghermite Integration pts. = 7\n",
        {LAW: "poisson(log)", LIKELIHOOD: "7 nodes"},
    ),
    "nodes of mean and variance": (
        "Mixed-effects logistic regression\nIntegration method: mvaghermite Integration pts. = 7\n",
        {LAW: "binomial(logit)"},
    ),
    "GLIMMIX": (
        "Response Distribution  Binary\nLink Function  Complementary Log-Log\n"
        "Likelihood Approximation  Laplace\n Fit Statistics\n-2 Log Likelihood  184.05",
        {LAW: "binomial(cloglog)", LIKELIHOOD: "Laplace"},
    ),
    "JSON": (
        '{"family": "poisson", "nagq": 9, "dialect": "observed", "loglik": -1.5}',
        {LAW: "poisson(log)", LIKELIHOOD: "9 nodes", DIALECT: "observed"},
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_a_program_says_of_its_model_is_read(name: str) -> None:
    text, says = SAID[name]
    told = read(text + ROW if text.startswith("Mixed") else text, "a")
    assert told.is_generalized
    assert told.says == says


def test_a_normal_model_of_glmmtmb_is_a_linear_one() -> None:
    text = (
        " Family: gaussian  ( identity )\nConditional model:\n  Estimate Std. Error\nx  1.5  0.2\n"
    )
    told = read(text, "a")
    assert (told.is_generalized, told.program) == (False, "glmmTMB")


# --- what is recomputed ---------------------------------------------------------------------------


def test_iterations_that_end_early_give_what_lme4_prints(fit: GlmerFit) -> None:
    """Its differences lose six of their digits to a step of 1e-4."""
    early = Loose.of(fit.model)
    assert early is not None
    psi = np.array(LME4)
    assert -early.criterion(psi) / 2 == pytest.approx(LME4_LOGLIK, abs=1e-6)
    cov = early.covariance(psi)
    assert cov is not None
    assert np.sqrt(np.diag(cov))[:4] == pytest.approx(LME4_SE, rel=1e-4)
    assert np.abs(fit.se.to_numpy() / LME4_SE - 1).max() > 5e-3


@pytest.mark.parametrize(
    ("program", "aside", "count"), [("lme4", 0.0, 1), ("lme4", 0.01, 0), ("JSON", 0.0, 0)]
)
def test_iterations_end_early_in_lme4_where_that_criterion_is_least(
    program: str, aside: float, count: int, fit: GlmerFit, worlds: GeneralizedWorlds
) -> None:
    """aside: how many standard errors from there."""
    beta = np.array(LME4[:4]) + aside * np.array(LME4_SE)
    varcorr = {"herd": {"sd": {"(Intercept)": LME4[4]}}}
    told = account(fit, "a", beta=dict(zip(fit.beta.index, beta, strict=True)), varcorr=varcorr)
    bases = [base for base in worlds.plain() if ways.is_usual(base.traits)]
    found = [near.loose(base, replace(told, program=program)) for base in bases]
    assert [len(list(one)) for one in found] == [count]


def test_each_likelihood_is_told_from_the_others(worlds: GeneralizedWorlds) -> None:
    fits = {k: rm.glmer(MODEL, COWS, nagq=k) for k in (0, 1, 2, 9)}
    for k, causes in {
        0: ["beta-of-joint-mode"],
        2: ["approximation"],
        9: ["approximation"],
    }.items():
        a, b = account(fits[1], "a"), account(fits[k], "b", nagq=None)
        assert named(explain(a, b, worlds)) == causes


def test_a_dialect_is_none_where_the_weights_are_the_same() -> None:
    some = {
        law: ways.Way(ways.Kind(), law_of(law)).matters
        for law in ("binomial", "binomial(probit)", "Gamma", "poisson")
    }
    assert some == {"binomial": False, "binomial(probit)": True, "Gamma": True, "poisson": False}


def test_without_data_what_the_two_say_is_a_hint() -> None:
    a, b = (read(f"Family: binomial ( {link} )\n Estimate Std. Error\nx  {beta}  0.2", link)
            for link, beta in (("logit", "1.51"), ("probit", "0.92")))  # fmt: skip
    found = explain(a, b)
    assert found.status == "cannot tell"
    assert found.hints[0] == (
        "of the family and link logit says binomial(logit), probit says binomial(probit)"
    )


# --- the command ----------------------------------------------------------------------------------


def test_the_command_reads_the_family_or_takes_it(
    fit: GlmerFit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, a = tmp_path / "cows.csv", tmp_path / "a.txt"
    COWS.to_csv(data, index=False)
    a.write_text(str(rm.glmer(MODEL, COWS, nagq=9).summary()))
    asked = [str(a), "live", "--data", str(data)]
    assert command.main(asked) == 0  # the formula and the family are those of a.txt
    assert "a.txt is by adaptive quadrature of 9 nodes" in capsys.readouterr().out
    assert command.main([*asked, "--family", "binomial(sqrt)"]) == 2
    assert "the link 'sqrt' of binomial is not fitted" in capsys.readouterr().err
