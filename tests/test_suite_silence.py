"""A program that answers no more is no program without failures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from suite import SLEEP, Fixed, Json, case_of, right

from validation.ask.run import Result
from validation.cli import main
from validation.suite import verdicts
from validation.tell import headline, silence
from validation.tell.expected import Expected
from validation.tell.report import EVERYTHING, Report
from validation.validate import reported

FIT, EVALUATE = f"{SLEEP}.fit", f"{SLEEP}.evaluate-1"
SUITE = [case_of(FIT), case_of(EVALUATE)]
ABOUT = Fixed().start()["implementation"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of answers to two cases, both right."""
    path = tmp_path / "a.json"
    write(path, {case["id"]: right(case) for case in SUITE})
    return path


def write(path: Path, answers: Json) -> None:
    path.write_text(json.dumps(Fixed().start() | {"answers": answers}), "utf-8")


def run(path: Path, *more: str, command: str = "run") -> int:
    """The exit status on the two cases."""
    return main([command, "--answers", str(path), "--case", FIT, "--case", EVALUATE, *more])


def skipping(*names: str, **quantities: str) -> Json:
    """Right answers, but for cases that are skipped, and for quantities."""
    answers = {case["id"]: right(case) for case in SUITE}
    for message in answers.values():
        for quantity, why in quantities.items():
            message["answers"].pop(quantity, None)
            message.setdefault("skipped", {})[quantity] = why
    return answers | {name: {"skip": "later"} for name in names}


def test_who_answers_nothing_is_not_as_expected(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(file, skipping(FIT, EVALUATE))
    assert run(file) == 1
    head = capsys.readouterr().out.splitlines()
    assert head[0] == "fixed 1 (Python): NOT AS EXPECTED: 1 problem"
    assert head[2] == "  The problem: nothing is answered: all 2 cases are skipped (later)"
    assert main(["run", "--answers", str(file), "--case", FIT]) == 1
    assert "nothing is answered: the one case is skipped (later)" in capsys.readouterr().out


def test_who_skips_some_is_as_expected(file: Path) -> None:
    write(file, skipping(FIT, sigma="later"))
    assert run(file) == 0


def test_who_skips_what_was_expected_to_fail_is_not_as_expected(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "e.toml"
    options = ("--expected-failures", str(path))
    wrong = skipping()
    wrong[FIT]["answers"]["sigma"] = 1.0
    write(file, wrong)
    assert run(file, *options, command="baseline") == 0
    assert run(file, *options) == 0
    text = path.read_text("utf-8").replace("TODO", "because")
    path.write_text(text, "utf-8")
    write(file, skipping(FIT))
    capsys.readouterr()
    assert run(file, *options) == 1
    assert f"1 answer of '{FIT}', sigma is skipped, and expected to fail" in capsys.readouterr().out
    assert run(file, *options, command="baseline") == 0
    assert "0 of 1 removed:\n  kept, though all of it is skipped" in capsys.readouterr().out
    assert path.read_text("utf-8").count("because") == 1


def test_an_entry_of_which_a_part_was_asked_or_answered_is_let_be() -> None:
    skipped = Fixed(skip="later").answer
    results = reported_on({FIT: skipped, EVALUATE: right(SUITE[1])}).results
    entries = [Expected((FIT,), "a", ("s*",)), Expected(("*",), "b"), Expected(("no*",), "c")]
    (line,) = silence.silent(results, entries, SUITE)
    assert line.startswith(f"2 answers of '{FIT}', s* are skipped")
    (alone,) = [r for r in results if r.id == FIT]
    assert list(silence.silent([alone], [Expected(("*",), "b")], SUITE)) == []


def reported_on(messages: Json) -> Report:
    """The report on some answers."""
    results = [Result(c, verdicts.judge(c, messages[c["id"]]), 0.0) for c in SUITE]
    return reported(ABOUT, results, SUITE, [], EVERYTHING)


def test_a_skip_where_an_old_report_passed_is_a_problem(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = str(tmp_path / "old.json")
    assert run(file, "--report", old) == 0
    assert run(file, "--track", old) == 0
    write(file, skipping(sigma="later"))
    capsys.readouterr()
    assert run(file, "--track", old) == 1
    head = capsys.readouterr().out.splitlines()
    problem = f"{EVALUATE}: sigma passed in the old report, now skipped"
    assert head[2] == f"  The first of 2 problems: {problem}"
    assert run(file, "--report", old) == 0
    assert run(file, "--track", old) == 0  # was skipped then, too


def test_a_problem_stands_beside_cases_only_where_there_are_some() -> None:
    fine = reported_on({c["id"]: right(c) for c in SUITE})
    assert headline.verdict(fine) == "nothing is wrong"
    two = Report(ABOUT, fine.results, {}, ["a", "b"])
    assert headline.verdict(two) == "NOT AS EXPECTED: 2 problems"
    assert next(headline.wrong(two)) == "The first of 2 problems: a"
