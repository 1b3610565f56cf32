"""The adapter asks lme4 what it says it asks."""

from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from refmixed.datasets import load_dataset
from validation.adapters.r import RError

MODELS = [
    ("sleepstudy", "Reaction ~ Days + (Days | Subject)", True),
    ("sleepstudy", "Reaction ~ Days + (Days || Subject)", False),
    ("Dyestuff", "Yield ~ 1 + (1 | Batch)", False),
    ("Dyestuff2", "Yield ~ 1 + (1 | Batch)", True),
    ("Penicillin", "diameter ~ 1 + (1 | plate) + (1 | sample)", True),
    ("Pastes", "strength ~ 1 + (1 | batch/cask)", True),
    ("cake", "angle ~ recipe * temperature + (1 | recipe:replicate)", False),
    ("cake", "angle ~ temp + (temp || replicate) + (1 | recipe:replicate)", True),
]
SLEEP = "Reaction ~ Days + (Days | Subject)"
PROVEN = (
    1743.6282719584907607,
    [0.966732951864803427, 0.0151690542704846886, 0.230909594760483349],
)


@pytest.mark.parametrize(("name", "formula", "reml"), MODELS)
def test_the_answers_fit_together(lme4: ModuleType, name: str, formula: str, reml: bool) -> None:
    data = load_dataset(name)
    facts = lme4.fit(formula, data, reml).facts
    there = lme4.at(formula, data, facts["theta"], reml)
    design = lme4.design(formula, data, reml)
    assert lme4.devfun(formula, data, facts["theta"], reml) == pytest.approx(
        facts["criterion"], 1e-14
    )
    assert there.facts["criterion"] == pytest.approx(facts["criterion"], 1e-14)
    np.testing.assert_allclose(there.facts["fitted"], facts["fitted"], rtol=1e-12)
    np.testing.assert_allclose(lme4.predict(there, data), facts["fitted"], rtol=1e-12)
    np.testing.assert_allclose(
        design["X"] @ list(facts["beta"].values()), lme4.predict(there, population=True), rtol=1e-9
    )
    assert design["Z"].shape == (len(data), len(design["Lambdat"]))
    assert [len(v["levels"]) for v in facts["ranef"].values()] == [
        len(v) for v in design["levels"].values()
    ]


def test_tight_is_the_proven_optimum(lme4: ModuleType) -> None:
    criterion, theta = PROVEN
    tight = lme4.fit(SLEEP, load_dataset("sleepstudy")).facts
    assert tight["criterion"] == pytest.approx(criterion, abs=1e-11)
    np.testing.assert_allclose(tight["theta"], theta, atol=5e-7)
    assert (
        lme4.fit(SLEEP, load_dataset("sleepstudy"), tight=False).facts["criterion"]
        > criterion + 1e-10
    )


def test_summary_reads_like_a_session(lme4: ModuleType) -> None:
    data = load_dataset("sleepstudy").assign(w=1.0)
    data.attrs["name"] = "sleepstudy"
    lines = lme4.summary_lines(lme4.fit(SLEEP, data, weights="w"))
    assert lines[1:4] == [f"Formula: {SLEEP}", "   Data: sleepstudy", "Weights: w"]
    assert not any(line.startswith("Control") for line in lines)


def test_a_singular_fit_says_so(lme4: ModuleType) -> None:
    fit = lme4.fit("Yield ~ 1 + (1 | Batch)", load_dataset("Dyestuff2"))
    assert fit.facts["singular"]
    assert fit.messages == ("boundary (singular) fit: see help('isSingular')",)
    assert "optimizer (nloptwrap) convergence code: 0 (OK)" in lme4.summary_lines(fit)


def test_no_convergence_is_a_message(lme4: ModuleType) -> None:
    fit = lme4.fit("angle ~ recipe * temp + (temp | replicate)", load_dataset("cake"), tight=False)
    assert any(m.startswith("Model failed to converge with max|grad|") for m in fit.messages)


def test_several_terms_of_a_group(lme4: ModuleType) -> None:
    facts = lme4.fit("Reaction ~ Days + (Days || Subject)", load_dataset("sleepstudy")).facts
    assert [list(v["sd"]) for v in facts["varcorr"].values()] == [["(Intercept)"], ["Days"]]
    assert list(facts["varcorr"]) == ["Subject", "Subject.1"]
    assert facts["ranef"]["Subject"]["effects"] == ["(Intercept)", "Days"]
    assert [a.shape for a in facts["ranef"]["Subject"]["condvar"]] == [(1, 1, 18)] * 2


def test_predictions_for_new_groups(lme4: ModuleType) -> None:
    fit = lme4.fit(SLEEP, load_dataset("sleepstudy"))
    new = pd.DataFrame({"Days": [0.0, 1.0], "Subject": pd.Categorical(["308", "999"])})
    with pytest.raises(RError, match=r"^new levels detected in newdata: 999$"):
        lme4.predict(fit, new)
    population = lme4.predict(fit, new, population=True)
    known, unknown = lme4.predict(fit, new, allow_new_levels=True)
    assert unknown == population[1]
    assert known != population[0]
