"""What `make validate` runs, with R and without, and lme4's answers as they were written down."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from suite import SLEEP, Fixed, Json, case_of, failing, right

from validation import chapter, validate
from validation.adapters import r
from validation.ask import finding, implementations, record, run
from validation.invariance.requests import requests
from validation.suite import cases
from validation.suite.compare import digits

FEW = (f"{SLEEP}.fit", f"{SLEEP}.evaluate-1", "Rail-reml.levels-reversed")


@pytest.fixture(scope="module")
def recorded() -> Json:
    content: Json = json.loads(record.FILE.read_text("ascii"))["answers"]
    return content


def test_every_request_of_the_suite_has_a_recorded_answer(recorded: Json) -> None:
    asked = {request["id"] for case in cases.everything() for request in requests(case)}
    assert sorted(asked - set(recorded)) == []
    assert sorted(set(recorded) - asked) == []


def test_what_is_recorded_is_what_lme4_answers(lme4: ModuleType, recorded: Json) -> None:
    """theta of an ill-conditioned fit changes in its seventh digit from process to process."""
    live = finding.adapter("lme4")
    for request in (request for name in FEW for request in requests(case_of(name))):
        answers = live.answer(request)["answers"]
        written = recorded[request["id"]]["answers"]
        assert answers.keys() == written.keys()
        for quantity, answer in answers.items():
            assert digits(quantity, answer, written[quantity]) > 5
        if "criterion" in answers:
            assert digits("criterion", answers["criterion"], written["criterion"]) > 12


def without_r(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """No R, and few cases."""
    monkeypatch.setattr(r, "available", lambda: (False, "no R here"))
    monkeypatch.setattr(cases, "everything", lambda: [case_of(name) for name in names])
    monkeypatch.setattr(chapter, "table", lambda: "the chapter's table")
    monkeypatch.setattr(validate, "own_failures", lambda name: [])


def test_without_r_the_recorded_answers_are_used_and_the_first_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_r(monkeypatch, f"{SLEEP}.design", "Rail-reml.levels-reversed")
    validate.validate()
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("refmixed 0.1.0 by 3 routes, and recorded answers of lme4 1.1")
    assert first.endswith("(no live lme4: no R here)")
    titles = [line for line in rest if line.startswith(("refmixed ", "lme4 ")) and "): " in line]
    assert [title.split()[0] for title in titles] == ["refmixed"] * 3 + ["lme4"]
    assert rest[-1] == "the chapter's table"


def test_all_must_be_as_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    without_r(monkeypatch, f"{SLEEP}.design")
    assert validate.validate()
    monkeypatch.setattr(run, "run", lambda chosen, asked: failing(case_of(f"{SLEEP}.fit")))
    assert not validate.validate()


def test_a_record_is_a_file_of_answers(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(f"{SLEEP}.fit")
    path = tmp_path / "fixed.json"
    record.record(implementations.InProcess(Fixed(**right(case)), "fixed"), [case], path)
    (result,) = run.run([case], implementations.Answers(path), progress=False)
    assert result.verdict == "pass"
