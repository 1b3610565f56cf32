"""Ask an implementation about cases."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..adapters.messages import Json
from ..invariance import pairs
from ..invariance.requests import requests
from ..suite import cases, consistent, verdicts
from ..suite.nested import number
from ..suite.requests import request
from ..suite.telltale import told
from ..suite.text import plain
from ..suite.verdicts import ERROR, FAIL, Outcome
from .implementations import Implementation
from .progress import Progress

WRONG = (ArithmeticError, LookupError, TypeError, ValueError)  # what answers of wrong shapes raise
NAN = "NaN where a number is expected"


@dataclass(frozen=True)
class Result:
    """A case and the verdicts on it."""

    case: Json
    outcomes: tuple[Outcome, ...]
    seconds: float

    @property
    def id(self) -> str:
        """The case's id."""
        return str(self.case["id"])

    @property
    def verdict(self) -> str:
        """The verdict on the case."""
        return verdicts.overall(self.outcomes)

    @property
    def unexpected(self) -> bool:
        """Whether any verdict is not as expected."""
        return any(o.unexpected for o in self.outcomes)


def run(
    chosen: Sequence[Json], implementation: Implementation, progress: bool = True
) -> list[Result]:
    """All results, in the order of the cases."""
    if not progress:
        return renamed(list(results(chosen, implementation)))
    found = []
    with Progress(len(chosen), implementation.about["name"]) as bar:
        for result in results(chosen, implementation):
            found.append(result)
            bar.more()
    return renamed(found)


def renamed(found: Sequence[Result]) -> list[Result]:
    """The same, with the mistakes that a whole run makes likely; suite/consistent.py."""
    named = consistent.renamed((r.case, r.outcomes) for r in found)
    return [replace(r, outcomes=told(o)) for r, o in zip(found, named, strict=True)]


def results(chosen: Iterable[Json], implementation: Implementation) -> Iterator[Result]:
    """The results one by one."""
    for case in chosen:
        begin = time.perf_counter()
        ask = transformed if case["level"] == "invariance" else untouched
        outcomes = ask(case, implementation)
        yield Result(case, outcomes, time.perf_counter() - begin)


def untouched(case: Json, implementation: Implementation) -> tuple[Outcome, ...]:
    """The verdicts on a case with reference values; `renamed` names mistakes, over a run."""
    return verdicts.compared(case, implementation.answer(request(case)))


def transformed(case: Json, implementation: Implementation) -> tuple[Outcome, ...]:
    """The verdicts on two answers of the same implementation."""
    messages = [implementation.answer(asked) for asked in requests(case)]
    for message in messages:
        if "answers" not in message:
            return tuple(verdicts.outcome(q, message, None, 0.0) for q in cases.asked(case))
    try:
        answered = pairs.pairs(case, *(message["answers"] for message in messages))
        return tuple(compared(case, q, answered, messages) for q in cases.asked(case))
    except WRONG as error:
        note = plain(f"the two answers cannot be compared: {error}")
        return tuple(Outcome(q, ERROR, note=note) for q in cases.asked(case))


def compared(case: Json, quantity: str, answered: Json, messages: Sequence[Json]) -> Outcome:
    """The verdict on one quantity of two answers; without a pair of them, the reason why."""
    if quantity in answered:
        answer, value = answered[quantity]
        message: Json = {"answers": {quantity: answer}}
        judged = verdicts.outcome(quantity, message, value, case["required"])
        return replace(judged, verdict=FAIL, digits=0.0, note=NAN) if has_nan(value) else judged
    return verdicts.outcome(
        quantity, {"answers": {}, "skipped": reason(quantity, messages)}, None, 0.0
    )


def reason(quantity: str, messages: Sequence[Json]) -> dict[str, str]:
    """Why there is no pair of a quantity: it is skipped, or what it is compared by is."""
    skips = [message.get("skipped", {}) for message in messages]
    if all(quantity in message["answers"] for message in messages) and any(skips):
        return {quantity: f"what it is compared by needs {' or '.join(skips[0])}, which is skipped"}
    return next((skipped for skipped in skips if quantity in skipped), {})


def has_nan(nested: Any) -> bool:
    """Whether nested lists have a NaN somewhere: two of them agree, but not as answers."""
    if isinstance(nested, list | tuple):
        return any(has_nan(part) for part in nested)
    return math.isnan(number(nested))
