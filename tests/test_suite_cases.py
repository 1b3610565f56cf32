"""Cases, requests, files of answers and of expected failures."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from suite import SLEEP, Fixed, Json, case_of, failing, right
from wrong_implementations import floats

from validation.ask import run
from validation.ask.implementations import Answers, ImplementationError
from validation.invariance.requests import requests
from validation.suite import cases, schemas, tables
from validation.suite.compare import LEVELS
from validation.suite.requests import request
from validation.suite.verdicts import PASS, SKIP
from validation.tell import expected, report, terminal


@pytest.fixture(scope="module")
def fit_case() -> Json:
    return case_of(f"{SLEEP}.fit")


# --- requests and files ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def suite() -> list[Json]:
    return cases.everything()


def test_requests_are_what_the_specification_says(suite: list[Json]) -> None:
    """One of each level and form of some models."""
    seen: Counter[tuple[str, str]] = Counter()
    for case in suite:
        kind = (case["level"], case["form"])
        if seen[kind] < 3:
            seen[kind] += 1
            for asked in requests(case):
                schemas.check("message.json#/$defs/request", json.loads(json.dumps(asked)))
    assert {level for level, _ in seen} == set(LEVELS)


def test_a_request_of_matrices_has_them_all() -> None:
    case = case_of("weighted-offset-reml.evaluate-1.matrices")
    asked = request(case)
    arrays = {name: floats(values) for name, values in asked["arrays"].items()}
    columns = tables.load(case["model"]["data"]).columns
    assert arrays["weights"].tolist() == floats(columns[case["model"]["weights"]]).tolist()
    assert arrays["offset"].tolist() == floats(columns[case["model"]["offset"]]).tolist()
    q = sum(t["effects"] * t["levels"] for t in asked["model"]["terms"])
    assert arrays["Z"].shape == (len(arrays["y"]), q)
    assert "data" not in asked


def test_whole_cases_are_valid_and_not_only_their_beginnings() -> None:
    for name in (f"{SLEEP}.fit", "tiny-reml.inference", "Dyestuff-reml.evaluate-1"):
        schemas.check("case.json", case_of(name))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"level": "easy"}, "has the level easy, which is none"),
        ({"form": "verse"}, "form: 'verse' is not one of"),
        ({"why": ""}, "why: '' should be non-empty"),
        ({"expected": {"sigma": {"value": "1"}}}, "expected/sigma: 'digits' is a required"),
        ({"colour": "red"}, "'colour' was unexpected"),
        ({"id": "another.fit"}, "has the id another.fit, which must be its name"),
    ],
)
def test_a_broken_case_is_refused(fit_case: Json, change: Json, says: str, tmp_path: Path) -> None:
    path = tmp_path / f"{SLEEP}.fit.json"
    path.write_text(json.dumps(fit_case | change))
    with pytest.raises(cases.CaseError, match=says):
        cases.read(path)


def test_withdrawn_cases_are_not_asked(fit_case: Json, tmp_path: Path) -> None:
    (tmp_path / "a-b.fit.json").write_text(json.dumps(fit_case | {"id": "a-b.fit"}))
    gone = fit_case | {"id": "a-c.fit", "withdrawn": "its data were not those of the book"}
    (tmp_path / "a-c.fit.json").write_text(json.dumps(gone))
    found = [case["id"] for case in cases.everything(tmp_path)]
    assert "a-b.fit" in found
    assert "a-c.fit" not in found


def test_cases_are_chosen_by_level_pattern_and_form(suite: list[Json]) -> None:
    chosen = cases.choose(suite, ["fit", "evaluate"], ["dyestuff-*", "tiny*"], "matrices")
    assert {c["level"] for c in chosen} == {"fit", "evaluate"}
    assert {c["model"]["id"].split("-")[0] for c in chosen} == {"Dyestuff", "tiny"}
    with pytest.raises(cases.CaseError, match="no case has an id that fits 'no such case': `list`"):
        cases.choose(suite, [], ["no such case"])


def test_a_choice_that_leaves_no_case_repeats_what_was_asked(suite: list[Json]) -> None:
    says = "no case is of level fit or design and has an id that fits \"'tiny*'\" "
    says += "(leave out the quotes within) and is of form matrices: `list` shows all"
    with pytest.raises(cases.CaseError, match=f"^{re.escape(says)}$"):
        cases.choose(suite, ["fit", "design"], ["'tiny*'"], "matrices")


def test_answers_come_from_a_file(fit_case: Json, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    content = Fixed().start() | {"answers": {fit_case["id"]: right(fit_case)}}
    path.write_text(json.dumps(content))
    other = case_of(f"{SLEEP}.fit.matrices")
    results = run.run([fit_case, other], Answers(path), progress=False)
    assert [r.verdict for r in results] == [PASS, SKIP]
    path.write_text(json.dumps(content | {"answers": {"x": {}}}))
    with pytest.raises(ImplementationError, match="answers: answers/x: an answer has"):
        Answers(path)


# --- expected failures ----------------------------------------------------------------------------


def expectations(tmp_path: Path, text: str) -> list[expected.Expected]:
    path = tmp_path / "expected.toml"
    path.write_text(text)
    return expected.read(path)


def test_an_expected_failure_is_no_failure(fit_case: Json, tmp_path: Path) -> None:
    text = '[[expected]]\ncase = "sleepstudy-*"\nquantity = "sigma"\nreason = "issue 12"\n'
    entries = expectations(tmp_path, text)
    results = expected.marked(failing(fit_case), entries)
    found = report.Report(Fixed().start()["implementation"], results, {"fit": 1})
    assert not found.failed
    assert found.conforms() == {"fit": "no"}  # it is only expected
    assert expected.problems(results, entries, [fit_case]) == []
    assert "issue 12: sigma (1)" in terminal.table(found)


def test_a_failure_is_told_in_a_line(fit_case: Json) -> None:
    (line,) = terminal.failure_lines(failing(fit_case))
    where = f"{SLEEP}.fit, sigma"
    assert line.startswith(f"{where}: 0.0 digits where 10 are required: 1.0 for 25.59181562672525")


def test_an_unexpected_pass_is_a_problem(fit_case: Json, tmp_path: Path) -> None:
    entries = expectations(tmp_path, '[[expected]]\ncase = "*"\nquantity = "s*"\nreason = "why"\n')
    results = expected.marked(failing(fit_case), entries)
    (problem,) = expected.problems(results, entries, [fit_case])
    assert problem == f"{SLEEP}.fit, sd: passes, though it was expected to fail (why)"
    assert report.Report({}, results, {}, [problem]).failed


def test_a_pattern_that_fits_nothing_is_a_problem(fit_case: Json, tmp_path: Path) -> None:
    entries = expectations(tmp_path, '[[expected]]\ncase = "sleep-study*"\nreason = "why"\n')
    (problem,) = expected.problems(failing(fit_case), entries, [fit_case])
    assert problem.startswith("no case and quantity fit 'sleep-study*'")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('case = "*.fit"\nquantity = "sigmas"', "; did you mean 'sigma'?"),
        (f'case = "{SLEEP}.fi"\n', f"; did you mean '{SLEEP}.fit'?"),
    ],
)
def test_a_name_that_is_none_has_a_nearest(
    entry: str, says: str, fit_case: Json, tmp_path: Path
) -> None:
    entries = expectations(tmp_path, f'[[expected]]\nreason = "why"\n{entry}\n')
    (problem,) = expected.problems(failing(fit_case), entries, [fit_case])
    assert problem.endswith(says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[expected]]\ncase = "*"\n', "entry 1: a reason is required"),
        ('[[expected]]\ncase = "*"\nreason = " "\n', "entry 1: a reason is required"),
        ('[[expected]]\nreason = "why"\n', "entry 1: a case is required"),
        ('[[expected]]\ncase = "*"\nreason = "a"\nlevel = "fit"\n', "level is not one of"),
        ('[[expected]]\ncase = 3\nreason = "a"\n', "must be strings"),
        ('[[excepted]]\ncase = "*"\nreason = "a"\n', "only digits and entries"),
        ("digits = 5\n", "digits must be one of 4, 6, 8, 10"),
        ('[[expected]]\ncase = []\nreason = "a"\n', "entry 1: a case is required"),
        ('[[expected]]\ncase = "*"\nreason = ["a"]\n', "must be strings"),
        ('[expected]\ncase = "*"\n', "entries begin with"),
        ("case =", "is not TOML"),
    ],
)
def test_a_broken_file_of_expected_failures_is_refused(
    text: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(expected.ExpectedError, match=says):
        expectations(tmp_path, text)
