"""Generalized models in the suite: models, requests of both forms, values, mistakes, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from suite import Json, case_of, right

from refmixed.glm.result import GlmerFit
from validation.adapters import answers, generalized_arrays, refmixed, refmixed_marginal
from validation.ask import finding, run
from validation.mistakes.generalized_problem import generalized_problem, own_of
from validation.models import GENERALIZED, GeneralizedModel
from validation.proof import certify, separation
from validation.proof.generalized_certified import GeneralizedCertified
from validation.proof.matrices import ProofError
from validation.proof.writing import dumped
from validation.suite import cases, requests, verdicts
from validation.suite.generalized import is_generalized
from validation.suite.verdicts import NEAR_MISS, PASS, SKIP

BY_ID = {model.id: model for model in GENERALIZED}
CANONICAL = {("binomial", "logit"), ("poisson", "log")}


@pytest.fixture(scope="module")
def suite() -> list[Json]:
    return [case for case in cases.everything() if is_generalized(case)]


# --- models ---------------------------------------------------------------------------------------


def test_there_are_enough_models_and_data_sets() -> None:
    assert len(BY_ID) == len(GENERALIZED) >= 30
    assert len({model.data for model in GENERALIZED}) >= 20
    assert {model.likelihood for model in GENERALIZED} == {"laplace", "agq", "exact"}


@pytest.mark.parametrize("model", GENERALIZED, ids=lambda model: model.id)
def test_a_generalized_model_is_as_it_says(model: GeneralizedModel) -> None:
    d = own_of(model).design
    for point in model.points:
        assert (len(point.beta), len(point.theta)) == (d.p, d.m)
        assert (point.dispersion is not None) == (model.family == "Gamma")
    has_dialect = model.likelihood == "laplace" and (model.family, model.link) not in CANONICAL
    assert (model.dialect in ("observed", "expected")) == has_dialect
    assert (model.nodes > 1) == (model.likelihood == "agq")
    has = {
        "blocks": any(term.k > 1 for term in d.terms),
        "offset": model.offset is not None,
        "trials": model.trials is not None,
        "dispersion": model.family == "Gamma",
        "large": d.n > 300,
        "tiny": d.n == 4,
    }
    assert {flag for flag, holds in has.items() if holds} == set(model.flags) & set(has)
    assert model.why.endswith(".")


def test_each_model_has_its_cases_in_both_forms(suite: list[Json]) -> None:
    found = {case["id"] for case in suite}
    for model in GENERALIZED:
        evaluated = [f"{model.id}.glmm-evaluate-{k + 1}" for k in range(len(model.points))]
        fits = [f"{model.id}.glmm-fit"] * ("glmm-fit" in model.levels)
        for name in (*evaluated, *fits):
            assert {name, f"{name}.matrices"} <= found
    assert all(case["model"]["formula"] == BY_ID[case["model"]["id"]].formula for case in suite)


def test_values_have_the_digits_that_are_promised(suite: list[Json]) -> None:
    least = {"glmm-evaluate": 25, "glmm-fit": 15}
    for case in suite:
        assert all(v["digits"] >= least[case["level"]] for v in case["expected"].values())


def test_lme4s_example_has_the_values_that_are_known() -> None:
    value = {
        name: float(case_of(f"{name}.glmm-fit")["expected"]["loglik"]["value"])
        for name in ("cbpp-laplace", "cbpp-exact", "cbpp-probit-observed", "cbpp-probit-expected")
    }
    assert list(value.values()) == pytest.approx(
        [-92.0262818647571, -91.98336903731, -92.583338, -92.621223], abs=1e-6
    )


# --- requests and answers -------------------------------------------------------------------------


def test_the_arrays_of_a_request_are_those_of_its_formula() -> None:
    for name in ("schizophrenia2-slopes-laplace", "exposure-laplace", "nested-laplace"):
        asked = requests.request(case_of(f"{name}.glmm-fit.matrices"))
        d, arrays = own_of(BY_ID[name]).design, asked["arrays"]
        assert floats(arrays["X"]).tolist() == d.X.tolist()
        assert floats(arrays["offset"]).tolist() == d.offset.tolist()
        assert (floats(arrays["y"]) / floats(arrays["trials"])).tolist() == d.y.tolist()
        for term, z, places in zip(d.terms, arrays["z"], arrays["places"], strict=True):
            assert floats(z).tolist() == term.x.tolist()
            assert places == term.codes.tolist()


@pytest.mark.parametrize("name", ["cbpp-laplace", "exposure-laplace", "nested-laplace"])
def test_packages_are_given_the_arrays_of_either_form(name: str) -> None:
    d = own_of(BY_ID[name]).design
    for form in ("", ".matrices"):
        asked = requests.request(case_of(f"{name}.glmm-fit{form}"))
        made = generalized_arrays.in_arrays(asked)
        assert made.y.tolist() == d.y.tolist()
        assert made.X.tolist() == d.X.tolist()
        assert made.offset.tolist() == d.offset.tolist()
        assert (made.weights is None) == (d.weights == 1).all()
        for term, block in zip(d.terms, made.blocks, strict=True):
            assert block.x.tolist() == term.x.tolist()
            assert (block.codes.tolist(), block.levels) == (term.codes.tolist(), len(term.levels))


def floats(nested: Any) -> Any:
    return np.array(nested, dtype=object).astype(float)


@pytest.mark.parametrize("route", ["auto", "penalized"])
def test_refmixed_passes_with_digits_to_spare(suite: list[Json], route: str) -> None:
    """All cases at given parameters, and the maxima of small models."""
    quick = [c for c in suite if "large" not in c["flags"] and "exact" not in c["id"]]
    for case in quick[:: 3 if route == "auto" else 5]:
        answer = refmixed.run(requests.request(case), route)
        failed = [o for o in verdicts.judge(case, answer) if o.verdict != PASS]
        assert failed == [], case["id"]


def test_other_routes_and_packages_skip_with_a_reason() -> None:
    asked = requests.request(case_of("tiny-poisson.glmm-fit"))
    assert "normal responses" in refmixed_marginal.run(asked)["skip"]
    package = answers.linear(lambda request: {"id": request["id"], "answers": {}})
    assert "linear mixed models" in package(asked)["skip"]
    assert "answers" in package(requests.request(case_of("tiny-reml.fit")))


def test_a_program_that_finds_a_maximum_where_there_is_none_is_told_so() -> None:
    case = case_of("separated-laplace.glmm-fit")
    (outcome,) = verdicts.judge(case, {"answers": {"maximum": 1}})
    assert (outcome.verdict, outcome.mistake) == (NEAR_MISS, "separation-unseen")
    (result,) = run.run([case], finding.adapter("refmixed"), progress=False)
    assert result.verdict == PASS


def test_adapters_need_not_know_the_levels() -> None:
    case = case_of("cbpp-laplace.glmm-fit")
    outcomes = verdicts.judge(case, {"skip": "not offered"})
    assert {o.verdict for o in outcomes} == {SKIP}


# --- mistakes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mistake", "value"),
    [
        ("cbpp-nodes-9", "saturated-taken-off", -50.0),  # as lme4 prints with nAGQ = 9
        ("cbpp-laplace", "no-binomial-coefficients", -277.5),
        ("cbpp-probit-observed", "expected-for-observed", -92.62122),
        ("cbpp-probit-expected", "observed-for-expected", -92.58334),
        ("cbpp-exact", "laplace-for-integral", -92.02628),
    ],
)
def test_a_mistake_gives_the_number_that_programs_print(
    name: str, mistake: str, value: float
) -> None:
    case = case_of(f"{name}.glmm-fit")
    (miss,) = (m for m in case["near_misses"] if mistake in verdicts.names(m))
    assert float(miss["values"]["loglik"]) == pytest.approx(value, abs=0.03)


@pytest.mark.numerical
@pytest.mark.parametrize(
    "name",
    ["tiny-poisson.glmm-fit", "cbpp-probit-observed.glmm-evaluate-1", "zero-laplace.glmm-fit"],
)
def test_near_misses_of_generalized_models_are_the_same_on_every_processor(name: str) -> None:
    case = case_of(name)
    made = certify.missed_of(BY_ID[case["model"]["id"]], case)
    assert made["near_misses"] == case["near_misses"]


def test_theta_is_that_of_the_standard_deviations_and_correlations() -> None:
    case = case_of("binary-slopes-laplace.glmm-fit")
    truth = {q: floats(want["value"]) for q, want in case["expected"].items()}
    problem = generalized_problem(BY_ID["binary-slopes-laplace"], "glmm-fit", {}, truth)
    assert problem.kind.at(problem.own, problem.psi).value == pytest.approx(-truth["loglik"])
    assert np.abs(problem.kind.at(problem.own, problem.psi).gradient).max() < 1e-9


# --- proofs ---------------------------------------------------------------------------------------


def test_the_cases_are_what_is_proved() -> None:
    for case in certify.cases_of(BY_ID["tiny-poisson"]):
        assert dumped(case) == (cases.FOLDER / f"{case['id']}.json").read_text("utf-8")


def test_separation_is_not_proved_where_there_is_none() -> None:
    with pytest.raises(ProofError, match="no column of X tells"):
        separation.require_separated(GeneralizedCertified(BY_ID["rare-laplace"]))


def test_a_higher_maximum_is_told_where_one_is_known_and_refused_elsewhere() -> None:
    certified = GeneralizedCertified(BY_ID["tiny-poisson"])
    found: GlmerFit = certified.found
    with pytest.raises(ProofError, match="5 times as large leads higher"):
        certified.higher(5.0, found)
    says = case_of("guImmun-laplace.glmm-fit")["optimum"]["evidence"]
    assert "leads to a higher one, of -195.44" in says


def test_what_is_right_passes(suite: list[Json]) -> None:
    for case in suite:
        assert {o.verdict for o in verdicts.judge(case, right(case))} == {PASS}
