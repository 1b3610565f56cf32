"""Processes that share work, and what is said meanwhile."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from typing import Any

import pytest
from suite import SLEEP, Fixed, Json, case_of, right

from validation.adapters import refmixed_models
from validation.ask import finding, processes, progress, run, shares
from validation.ask.implementations import InProcess
from validation.ask.processes import Lost, share
from validation.suite import cases


def squared(number: int) -> tuple[int, int]:
    return number**2, os.getpid()


def deadly(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 5:
        sys.exit(7)
    return number


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_task_has_its_result_and_the_work_is_shared(number: int) -> None:
    results = list(share(list(range(20)), squared, number))
    assert sorted((task, square) for task, (square, _) in results) == [(k, k**2) for k in range(20)]
    pids = {pid for _, (_, pid) in results}
    assert os.getpid() not in pids
    assert len(pids) == number


def test_a_process_that_ends_takes_its_task_with_it_and_no_other() -> None:
    results = dict(share(list(range(8)), deadly, 2))
    why = {task: result.why for task, result in results.items() if isinstance(result, Lost)}
    assert why == {
        3: "the process that asked was ended by signal 9 (Killed)",
        5: "the process that asked ended with exit status 7",
    }
    assert [results[k] for k in (0, 1, 2, 4, 6, 7)] == [0, 1, 2, 4, 6, 7]


def test_no_process_outlives_the_run() -> None:
    work = share(list(range(20)), squared, 2)
    pids = {next(work)[1][1], next(work)[1][1]}
    work.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


class Crashing(Fixed):
    """An implementation that takes its process with it."""

    def run(self, request: Json) -> Json:
        os._exit(9)


def test_a_crash_is_an_error_of_the_cases_that_were_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(f"{SLEEP}.fit")

    def implementation(name: str, records: Any) -> Any:
        adapter = Crashing() if name == "crashing" else Fixed(**right(case))
        return InProcess(adapter, name), "", {}

    monkeypatch.setattr(cases, "everything", lambda: [case])
    monkeypatch.setattr(shares, "implementation", implementation)
    shares.suite.cache_clear()
    answered = shares.whole(["crashing", "fixed"], [case], 2)
    notes = {o.note for r in answered["crashing"].results for o in r.outcomes}
    assert notes == {"the process that asked ended with exit status 9"}
    assert [r.verdict for r in answered["crashing"].results] == ["error"]
    assert [r.verdict for r in answered["fixed"].results] == ["pass"]


# --- progress -------------------------------------------------------------------------------------


class Slow(Fixed):
    """An implementation that takes its time."""

    def run(self, request: Json) -> Json:
        time.sleep(0.02)
        return super().run(request)


def test_off_a_terminal_a_line_says_how_far_a_run_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = case_of(f"{SLEEP}.fit")
    slow = InProcess(Slow(**right(case)), "slow")
    monkeypatch.setattr(progress, "EVERY", 0.01)
    run.run([case] * 4, slow)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.match(r"fixed: 1 of 4 cases, \d+ s\n", captured.err)
    run.run([case] * 4, slow, progress=False)
    assert capsys.readouterr().err == ""


def test_what_is_short_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    case = case_of(f"{SLEEP}.fit")
    run.run([case] * 3, InProcess(Fixed(**right(case)), "fixed"))
    assert capsys.readouterr().err == ""


def test_processors_are_counted() -> None:
    assert 1 <= processes.usable() <= (os.cpu_count() or 1)


# --- what is remembered ---------------------------------------------------------------------------


def test_questions_about_one_model_have_one_fit_but_where_two_answers_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """ "The same question has the same answer" would say nothing of an answer that is kept."""
    fits = []

    class Counted(refmixed_models.Fit):
        @classmethod
        def of(cls, *args: Any) -> Any:
            fits.append(args)
            return super().of(*args)

    monkeypatch.setattr(refmixed_models, "Fit", Counted)
    refmixed_models.remembered.cache_clear()
    adapter = finding.adapter("refmixed")

    def fitted(name: str) -> int:
        fits.clear()
        (result,) = run.run([case_of(name)], adapter, progress=False)
        assert result.verdict == "pass"
        return len(fits)

    assert [fitted("Rail-reml.fit"), fitted("Rail-reml.inference")] == [1, 0]
    assert [fitted("Rail-reml.levels-reversed"), fitted("Machines-blocks-reml.same-again")] == [
        2,
        2,
    ]
    refmixed_models.remembered.cache_clear()
