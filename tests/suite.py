"""What the tests of the suite share: cases, and answers to them."""

from __future__ import annotations

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

from validation.adapters.messages import Json
from validation.ask import run
from validation.ask.implementations import Command
from validation.suite import cases, verdicts

SLEEP = "sleepstudy-slopes-reml"


def case_of(name: str) -> Json:
    """A case, to be changed at will."""
    case: Json = json.loads(checked(name))
    return case


@cache
def checked(name: str) -> str:
    """The text of a case that is what the schema says."""
    return json.dumps(cases.read(cases.FOLDER / f"{name}.json"))


def right(case: Json) -> Json:
    """The answer that is the truth."""
    return {"answers": {q: want["value"] for q, want in case["expected"].items()}}


class Fixed:
    """An adapter with an answer for everything."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer

    def start(self) -> Json:
        who = {"name": "fixed", "version": "1", "language": "Python"}
        return {"version": 1, "implementation": who}

    def run(self, request: Json) -> Json:
        return {"id": request["id"], **self.answer}


def near(values: Json, name: str = "twice") -> Json:
    return {"mistake": name, "values": values}


def failing(fit_case: Json) -> list[run.Result]:
    """The results of a fit that is right but for sigma."""
    message = right(fit_case)
    message["answers"] |= {"sigma": 1.0}
    return [run.Result(fit_case, verdicts.judge(fit_case, message), 0.0)]


def hostile(name: str, timeout: float = 10.0) -> Command:
    """One of the programs that break the protocol."""
    return Command([sys.executable, str(Path(__file__).parent / "hostile.py"), name], timeout)
