"""What may be said after a run: statements, badges, regressions, exit statuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from suite import SLEEP, Fixed, case_of, right

from validation.ask import run
from validation.cli import main
from validation.suite import cases, verdicts
from validation.suite.tiers import TIERS
from validation.tell import (
    badge,
    expected,
    headline,
    junit,
    page,
    report,
    statement,
    terminal,
    track,
)
from validation.tell.report import Report

ABOUT = Fixed().start()["implementation"]
TWO = (f"{SLEEP}.evaluate-1", f"{SLEEP}.fit")


def result(name: str, digits: float, *skipped: str) -> run.Result:
    """A case answered to so many digits, some quantities skipped."""
    case = case_of(name)
    outcomes = verdicts.judge(case, right(case))
    return run.Result(
        case,
        tuple(
            verdicts.Outcome(o.quantity, verdicts.SKIP, note="later")
            if o.quantity in skipped
            else replace(o, digits=digits, verdict=verdict(digits, o.required))
            for o in outcomes
        ),
        0.0,
    )


def verdict(digits: float, required: float | None) -> str:
    return verdicts.PASS if digits >= (required or 0) else verdicts.FAIL


def of(*results: run.Result, **more: Any) -> Report:
    sizes = {r.case["level"]: 1 for r in results}
    return Report(ABOUT, results, sizes | more.pop("sizes", {}), **more)


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (of(result(TWO[1], 8.4)), "fit at 8 digits"),
        (of(result(TWO[1], 8.4, "corr")), "fit at 8 digits, in part"),
        (of(result(TWO[0], 15), result(TWO[1], 10)), "evaluate and fit at 10 digits"),
        (
            of(result(TWO[0], 15), result(TWO[1], 6, "sd")),
            "evaluate at 10 digits; fit at 6 digits, in part",
        ),
        (of(result(TWO[0], 15), result(TWO[1], 3)), "evaluate at 10 digits"),
        (of(result(TWO[1], 3)), "no level conforms"),
        (of(result(TWO[1], 10), sizes={"fit": 2}), "no level asked whole"),
    ],
)
def test_a_statement_claims_what_was_asked_whole_and_met(found: Report, says: str) -> None:
    assert statement.statement(found) == f"refmixed-suite {cases.SUITE}, {says}"


@pytest.mark.parametrize(
    ("digits", "says"),
    [
        (11, "fit: yes at 10 digits"),
        (8.4, "fit: no at 10 digits, yes at 8 (converged)"),
        (3, "fit: no at 10 digits, nor at 4, where 1 of 1 case fails"),
    ],
)
def test_terminal_and_page_say_the_highest_tier(digits: float, says: str) -> None:
    found = of(result(TWO[1], digits))
    assert f"Conforms: {says}\n{statement.statement(found)}\n" in terminal.table(found)
    for line in (says, statement.statement(found)):
        assert line in page.html(found)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"form": "matrices"}, "not said, as no level was asked whole (only form matrices)"),
        ({"cases": ["a*", "b"]}, "not said, as no level was asked whole (only cases a*, b)"),
        ({"form": "formula", "cases": ["a*"]}, "(only form formula and cases a*)"),
        ({}, "Conforms: not said, as no level was asked whole\n"),
    ],
)
def test_a_run_of_a_part_says_why_it_says_nothing(settings: dict[str, Any], says: str) -> None:
    found = of(result(TWO[1], 11), sizes={"fit": 2}, settings=report.EVERYTHING | settings)
    text = terminal.table(found)
    assert says in text
    for option, setting in (("--form", "form"), ("--case", "cases")):
        assert (option in text) == (setting in settings)
    assert says.strip() in page.html(found)


def test_the_least_digits_stand_beside_those_required() -> None:
    assert " 6.7 (10 required)  " in terminal.table(of(result(TWO[1], 6.7)))


# --- badges ---------------------------------------------------------------------------------------


def test_a_badge_is_what_an_endpoint_of_shields_reads(tmp_path: Path) -> None:
    path = tmp_path / "b.JSON"
    badge.write(of(result(TWO[1], 8.4)), path)
    assert json.loads(path.read_text("utf-8")) == {
        "schemaVersion": 1,
        "label": f"refmixed-suite {cases.SUITE}",
        "message": "fit at 8 digits",
        "color": "green",
    }


@pytest.mark.parametrize("digits", [3, *TIERS])
def test_a_badge_is_svg_that_fetches_nothing_and_can_be_read(digits: int, tmp_path: Path) -> None:
    path = tmp_path / "b.svg"
    badge.write(of(result(TWO[1], digits)), path)
    text = path.read_text("utf-8")
    root = ET.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert text.count("http") == 1  # the name space
    fills = {rect.get("fill") for rect in root.iter("{http://www.w3.org/2000/svg}rect")} - {None}
    assert len(fills) == 2
    assert min(contrast(str(fill)) for fill in fills) > 4.5


def test_a_badge_has_room_for_its_texts() -> None:
    short, long_ = (badge.width(text) for text in ("fit at 8 digits", "fit at 8 digits, in part"))
    assert 75 < short < long_ < 160


def contrast(color: str) -> float:
    """Of white on a color, as WCAG counts it."""
    parts = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    light = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (light + 0.05)


# --- regressions ----------------------------------------------------------------------------------


def test_a_regression_is_named_by_the_digits_lost() -> None:
    old = report.as_json(of(result(TWO[1], 10.24)))
    now = result(TWO[1], 9.87)
    (line,) = [x for x in track.changes(old, report.as_json(of(now))) if ", theta: " in x]
    assert line.endswith("pass with 10.2 digits -> fail with 9.8 digits: 0.4 lost")
    assert "fit: conforms at 10 -> 8 digits" in track.changes(old, report.as_json(of(now)))
    (marked,) = track.marked([now], old)
    says = "9.8 digits where 10.2 were: 0.4 lost"
    worst = next(line for line in headline.wrong(of(marked)) if "regression" in line)
    assert worst.endswith(f" regressions, the worst 0.4 digits lost: {TWO[1]}, theta")
    assert f"Regressions:\n  {TWO[1]}, theta: {says}\n" in terminal.table(of(marked))
    top = junit.suite(of(marked, settings=report.EVERYTHING | {"digits": 8}))
    assert str(top.get("name")).startswith(f"refmixed-suite {cases.SUITE} at 8 digits: fixed 1")
    failure = top.find("testcase/failure")
    assert failure is not None
    assert str(failure.text).splitlines()[0].endswith(f"({says})")
    made = report.as_json(of(marked))["cases"][TWO[1]]["quantities"]["theta"]
    assert made["before"] == 10.24


def test_a_failure_that_was_one_before_is_a_regression_only_by_half_a_digit() -> None:
    old = report.as_json(of(result(TWO[1], 9.0)))
    for digits, before in ((8.6, None), (8.4, 9.0)):
        (marked,) = track.marked([result(TWO[1], digits)], old)
        assert {o.before for o in marked.outcomes} == {before}


def test_fewer_digits_than_an_entry_expects_are_a_regression() -> None:
    entry = expected.Expected((TWO[1],), "stops early", least="7.5")
    (far,) = expected.marked([result(TWO[1], 7.1)], [entry])
    text = terminal.table(of(far))
    assert f"{TWO[1]}, sd: 7.1 digits where 7.5 were: 0.4 lost" in text
    assert of(far).failed
    (near,) = expected.marked([result(TWO[1], 7.6)], [entry])
    assert not of(near).failed


# --- at a tier ------------------------------------------------------------------------------------


def test_what_is_expected_to_fail_at_ten_digits_may_pass_at_six() -> None:
    entry = expected.Expected((TWO[1],), "stops early")
    passed = [result(TWO[1], 10.5)]
    for tier, problems in ((10, 6), (6, 0)):
        entries = expected.at([entry], tier)
        marked = expected.marked(passed, entries)
        assert len(expected.problems(marked, entries, [case_of(TWO[1])])) == problems


def test_reasons_to_be_written_are_noted_and_no_failure() -> None:
    reasons = ("known", "TODO: why", "TODO: why")
    entries = [expected.Expected(("*",), reason) for reason in reasons]
    notes = expected.notes(entries)
    assert notes == ["1 of 2 reasons for expected failures begin with TODO: say why they fail"]
    found = of(result(TWO[1], 11), notes=notes)
    assert not found.failed
    assert notes[0] in terminal.table(found)
    assert expected.notes(entries[:1]) == []


# --- the command line -----------------------------------------------------------------------------


def answers(path: Path, sigma: float) -> list[str]:
    """The options of a run on a file with one answer."""
    case = case_of(TWO[1])
    message = right(case)
    message["answers"]["sigma"] = float(message["answers"]["sigma"]) * (1 + sigma)
    path.write_text(json.dumps(Fixed().start() | {"answers": {TWO[1]: message}}), "utf-8")
    return ["--answers", str(path), "--case", TWO[1]]


def test_a_run_at_a_tier_is_judged_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    which = answers(tmp_path / "a.json", 1e-9)
    path = tmp_path / "r.json"
    assert main(["run", *which]) == 1
    assert main(["run", *which, "--digits", "8", "--report", str(path)]) == 0
    made = track.read(path)
    assert made["settings"]["digits"] == 8
    assert made["cases"][TWO[1]]["quantities"]["sigma"]["required"] == 8
    assert main(["run", *which, "--digits", "7"]) == 2
    assert "'7' is not one of '4', '6', '8', '10'" in capsys.readouterr().err


def test_other_cases_than_those_expected_are_not_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    which = answers(tmp_path / "a.json", 0.0)
    assert main(["run", *which, "--expect-digest", cases.digest()[:12].upper()]) == 0
    capsys.readouterr()
    assert main(["run", *which, "--expect-digest", "0123abc" * 2]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert f"have the digest {cases.digest()}, not 0123abc0123abc" in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("digest", ["", "8", "0123456789a", "0123456789ag", "0" * 65])
def test_a_digest_has_enough_digits(
    digest: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    which = answers(tmp_path / "a.json", 0.0)
    assert main(["run", *which, "--expect-digest", digest]) == 2
    assert f"{digest!r} is no digest: give the 12 to 64" in capsys.readouterr().err


def test_a_badge_must_have_a_known_ending(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    which = answers(tmp_path / "a.json", 0.0)
    assert main(["run", *which, "--badge", str(tmp_path / "b.png")]) == 2
    assert "must end in .svg or .json" in capsys.readouterr().err
    files = [tmp_path / "b.svg", tmp_path / "b.json"]
    assert main(["run", *which, *(f"--badge={path}" for path in files)]) == 0
    assert all(path.stat().st_size for path in files)


def test_help_tells_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--help"]) == 0
    assert "Exit status: 0 where all is as expected; 1 where" in capsys.readouterr().out
