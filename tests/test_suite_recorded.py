"""What `make validate` runs, with R and without, and lme4's answers as they were written down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from suite import SLEEP, Fixed, Json, case_of, right

from validation import validate
from validation.adapters import r, refmixed_software
from validation.ask import finding, implementations, record, run, shares
from validation.cli import main
from validation.invariance.requests import requests
from validation.suite import cases
from validation.suite.compare import digits
from validation.tell import expected

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


SCREEN, WIDTH = 24, 100
Few = Callable[..., None]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Few:
    """The suite with a few cases, no expected failures, and no R unless it is asked for."""

    def choose(*names: str, with_r: bool = False) -> None:
        monkeypatch.setattr(cases, "everything", lambda: [case_of(name) for name in names])
        monkeypatch.setattr(validate, "own_failures", lambda name: [])
        monkeypatch.chdir(tmp_path)
        shares.suite.cache_clear()
        shares.implementation.cache_clear()
        if not with_r:
            monkeypatch.setattr(r, "available", lambda: (False, "no R here"))

    return choose


def test_without_r_the_recorded_answers_are_used_and_a_line_says_so(
    few: Few, capsys: pytest.CaptureFixture[str]
) -> None:
    few(f"{SLEEP}.design", "Rail-reml.levels-reversed")
    validate.validate()
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith(
        "refmixed 0.1.0 by 3 routes and lme4 1.1.31 (R 4.2.2): 2 cases of suite"
    )
    assert second == "lme4's answers are recorded ones (no live lme4: no R here)."


def test_the_verdict_comes_last_and_all_is_less_than_a_screen(
    few: Few, capsys: pytest.CaptureFixture[str]
) -> None:
    few(f"{SLEEP}.design", f"{SLEEP}.evaluate-1")
    assert validate.validate()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= SCREEN
    assert max(map(len, lines)) <= WIDTH
    ours, theirs, chapters = [line.partition(": ")[0] for line in lines if ": " in line][-3:]
    assert (ours, theirs, chapters) == ("refmixed", "lme4", "the chapter")
    assert "refmixed: design and evaluate at 10 digits, by each of 3 routes" in lines
    assert lines[-1] == "All is as expected."
    tables = (validate.OUT / validate.TABLES).read_text("utf-8")
    assert [tables.count(title) for title in ("2 cases: ", "digits right")] == [4, 1]
    for name in (*validate.ROUTES, "lme4"):
        assert "<html" in (validate.OUT / f"{name}.html").read_text("utf-8")


def test_why_lme4_fails_is_one_sentence_and_a_failure_that_is_not_expected_is_shown(
    few: Few, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few(f"{SLEEP}.fit")  # which lme4 fails at ten digits
    assert not validate.validate()
    text = capsys.readouterr().out
    assert f"{SLEEP}.fit, theta: " in text
    assert text.endswith("NOT as expected: lme4.\n")
    toml = "[[expected]]\ncase = '*'\nreason = 'it stops early'\npasses = 'sometimes'\n"
    Path("why.toml").write_text(toml)
    entries = expected.read(Path("why.toml"))
    monkeypatch.setattr(validate, "own_failures", lambda name: entries if name == "lme4" else [])
    assert main(["--jobs", "2", "--out", "elsewhere"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "That lme4 fails at 10 digits is expected: it stops early (" in lines[-2]
    assert Path("elsewhere", validate.TABLES).is_file()
    monkeypatch.setattr(validate, "own_failures", lambda name: [])
    assert main(["--jobs", "1"]) == 1


def test_no_check_is_dropped() -> None:
    """Each implementation is asked each case once, and all that the case asks for."""
    suite = cases.everything()
    names = (shares.LME4, *validate.ROUTES)
    asked = [(part.name, case) for part in shares.parts(names, suite, ()) for case in part.ids]
    assert sorted(asked) == sorted((name, case["id"]) for name in names for case in suite)


def test_what_is_judged_is_all_that_is_asked(few: Few) -> None:
    names = (f"{SLEEP}.fit", f"{SLEEP}.evaluate-1", "Rail-reml.levels-reversed")
    few(*names)
    suite = cases.everything()
    for answered in shares.whole(validate.ROUTES, suite, 2).values():
        judged = [(r.id, o.quantity) for r in answered.results for o in r.outcomes]
        assert judged == [(case["id"], q) for case in suite for q in cases.asked(case)]
        assert {o.verdict for r in answered.results for o in r.outcomes} == {"pass"}


# --- records --------------------------------------------------------------------------------------


class Live(Fixed):
    """An implementation that counts how often it is asked."""

    asked = 0

    def run(self, request: Json) -> Json:
        self.asked += 1
        return super().run(request)


def remembered(live: Fixed, path: Path) -> record.Remembered:
    inner, known = implementations.InProcess(live, "live"), [record.Recorded(path)]
    return record.Remembered(inner, known, {"inference"})


def test_only_the_very_request_is_answered_from_a_record(tmp_path: Path) -> None:
    case, path = case_of(f"{SLEEP}.inference"), tmp_path / "fixed.json"
    record.record(implementations.InProcess(Live(**right(case)), "live"), [case], {}, path)
    live, (request,) = Live(**right(case)), requests(case)
    both = remembered(live, path)
    assert both.answer(request)["answers"] == right(case)["answers"]
    assert (live.asked, both.kept, both.fresh) == (0, [request["id"]], {})
    other = request | {"model": request["model"] | {"reml": False}}
    both.answer(other)
    assert (live.asked, len(both.kept), list(both.fresh)) == (1, 1, [request["id"]])
    assert record.Recorded(path).answer(other)["skip"] == record.ANOTHER


def test_other_levels_are_always_asked_live(tmp_path: Path) -> None:
    case, path = case_of(f"{SLEEP}.fit"), tmp_path / "fixed.json"
    record.record(implementations.InProcess(Live(**right(case)), "live"), [case], {}, path)
    live = Live(**right(case))
    both = remembered(live, path)
    both.answer(requests(case)[0])
    assert (live.asked, both.kept, both.fresh) == (1, [], {})


def test_a_record_is_written_again_without_asking_what_it_holds(tmp_path: Path) -> None:
    case, path = case_of(f"{SLEEP}.fit"), tmp_path / "fixed.json"
    live = Live(**right(case))
    for version, anew, asked in (("4", False, 1), ("4", False, 1), ("5", False, 2), ("5", True, 3)):
        record.record(implementations.InProcess(live, "live"), [case], {"R": version}, path, anew)
        assert live.asked == asked
    assert record.Recorded(path).answer(requests(case)[0])["answers"] == right(case)["answers"]


@pytest.mark.parametrize("changed", ["R", "lme4", "lmerTest", "pbkrtest", "adapter"])
def test_a_record_of_other_software_is_not_used(changed: str) -> None:
    software = record.Recorded().software
    assert len(record.matching([record.FILE], software)) == 1
    assert record.matching([record.FILE], software | {changed: "another"}) == []


def test_the_record_is_of_the_lme4_that_answers(lme4: ModuleType) -> None:
    theirs, reason, _ = shares.implementation("lme4", (record.FILE,))
    assert isinstance(theirs, record.Remembered)
    assert reason == ""


def test_a_second_run_asks_refmixed_nothing_that_this_very_code_has_answered(
    few: Few, monkeypatch: pytest.MonkeyPatch
) -> None:
    few("Rail-reml.inference", f"{SLEEP}.evaluate-1")
    suite = cases.everything()

    def kept(*again: str) -> set[tuple[str, ...]]:
        answered = shares.whole(validate.ROUTES, suite, 2, again).values()
        assert {r.verdict for found in answered for r in found.results} == {"pass"}
        return {tuple(sorted(found.kept)) for found in answered}

    assert kept() == {()}
    assert kept() == {("Rail-reml.inference", f"{SLEEP}.evaluate-1")}
    assert kept(*validate.ROUTES) == {()}
    monkeypatch.setattr(implementations.InProcess, "software", lambda self: {"code": "another"})
    assert kept() == {()}


def test_refmixed_is_other_software_when_a_line_of_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refmixed_software, "FOLDERS", (tmp_path,))
    digests = set()
    for text in ("x = 1", "x = 2", "x = 2"):
        (tmp_path / "module.py").write_text(text)
        refmixed_software.software.cache_clear()
        digests.add(refmixed_software.software()["code"])
    refmixed_software.software.cache_clear()
    assert len(digests) == 2


def test_a_line_says_what_was_not_asked_live() -> None:
    who: Json = {"name": "", "version": "", "language": ""}
    theirs, ours = (shares.Answered(who, [], kept=ids) for ids in (("a",), ("a", "b")))
    text = validate.source({"lme4": theirs, "refmixed": ours})
    assert (
        "1 of lme4, at levels inference and glmm-fit, from a record of the same versions (--live"
        in text
    )
    assert "2 of refmixed, kept since this very code was asked (--anew asks all)" in text
    live = shares.Answered(who, [])
    assert validate.source({"lme4": live, "refmixed": live}) == "All answers are live."


def test_the_record_is_of_the_requests_of_today() -> None:
    kept = record.Recorded()
    asked = [request for case in cases.everything() for request in requests(case)]
    assert [request["id"] for request in asked if not kept.holds(request)] == []


def test_a_record_is_a_file_of_answers(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(f"{SLEEP}.fit")
    path = tmp_path / "fixed.json"
    record.record(implementations.InProcess(Fixed(**right(case)), "fixed"), [case], {}, path)
    (result,) = run.run([case], implementations.Answers(path), progress=False)
    assert result.verdict == "pass"
