"""Peers: environments, answers that are kept, and what is kept of a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from suite import SLEEP, Fixed, Json, case_of, right

from validation import peers
from validation.ask import run
from validation.ask.implementations import ImplementationError, InProcess
from validation.ask.resumed import Resumed
from validation.suite import verdicts
from validation.tell import kept, report, results

OF = {"packages": ["mine==1"]}


class Asked:
    """An implementation that counts what it is asked."""

    about: Json = Fixed().start()["implementation"]

    def __init__(self) -> None:
        self.requests: list[str] = []

    def answer(self, request: Json) -> Json:
        self.requests.append(request["id"])
        extra = {"lost": True} if request["id"] == "lost" else {}
        return {"id": request["id"], "skip": "later"} | extra

    def close(self) -> str:
        return "closed"


def test_no_request_is_asked_twice(tmp_path: Path) -> None:
    first = Asked()
    known = Resumed(lambda: first, tmp_path / "a.jsonl", OF)
    for name in ("one", "two", "one"):
        assert known.answer({"id": name})["id"] == name
    assert first.requests == ["one", "two"]
    assert known.close() == "closed"


def test_kept_answers_need_no_implementation(tmp_path: Path) -> None:
    Resumed(Asked, tmp_path / "a.jsonl", OF).answer({"id": "one"})

    def gone() -> Any:
        raise AssertionError("started")

    again = Resumed(gone, tmp_path / "a.jsonl", OF)
    assert again.answer({"id": "one"}) == {"id": "one", "skip": "later"}
    assert (again.about, again.close()) == (Asked.about, "")
    with pytest.raises(AssertionError, match="started"):
        again.answer({"id": "one", "asked": ["sd"]})


def test_answers_of_another_version_and_of_a_lost_program_are_asked_for_anew(
    tmp_path: Path,
) -> None:
    path, second = tmp_path / "a.jsonl", Asked()
    Resumed(Asked, path, OF).answer({"id": "one"})
    other = Resumed(lambda: second, path, {"packages": ["mine==2"]})
    for name in ("one", "lost", "lost"):
        other.answer({"id": name})
    assert second.requests == ["one", "lost", "lost"]
    assert [json.loads(line).get("of") for line in path.read_text().splitlines()] == [
        {"packages": ["mine==2"]},
        None,
    ]


def test_a_peer_that_is_asked_in_two_ways_has_one_environment() -> None:
    known = peers.peers()
    assert known["bossanova_digits"] == known["bossanova"]
    assert {"bossanova.py", "frames.py"} <= peers.beside("bossanova_digits")
    assert peers.package("interlace") == {"name": "interlace-lme", "version": "0.3.2"}


def test_one_that_does_not_start_is_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)

    def start() -> InProcess:
        raise ImplementationError("glmm does not start: no such library")

    assert not peers.ask("glmm", start, [])
    (only,) = kept.read()
    assert only["implementation"] == {"name": "glmm", "version": "0.6.2"}
    assert "no such library" in results.skips(only)


def test_what_is_kept_counts_the_cases_that_pass_at_each_tier() -> None:
    case = case_of(f"{SLEEP}.fit")
    message = right(case)
    message["answers"]["sd"] = [repr(float(x) * (1 + 1e-7)) for x in message["answers"]["sd"]]
    message["answers"]["sigma"] = repr(float(message["answers"]["sigma"]) ** 2)
    exact, near = right(case), {**message, "answers": {**message["answers"]}}
    del near["answers"]["sigma"]
    near["skipped"] = {"sigma": "later"}
    found = [
        run.Result(case | {"id": f"{k}"}, verdicts.judge(case, given), 0.0)
        for k, given in enumerate((exact, near, message, {"skip": "later"}))
    ]
    whole = report.Report(Fixed().start()["implementation"], found, {"fit": 4})
    made = kept.summed(report.as_json(whole))
    assert made["passed"]["fit"] == {"4": 2, "6": 2, "8": 1, "10": 1}
    assert made["failed"] == sum(o.failed for r in found for o in r.outcomes)
    assert sum(made["mistakes"].values()) < made["failed"]
    assert results.counts(made, "fit") == "2, 2, 1, 1 of 3"
    assert results.tier(made, "fit") == "–"
    assert results.tier(made, "design") == ""
