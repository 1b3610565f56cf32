"""Verdicts on the answers to a case, and the names of mistakes; SPEC.md, sections 5 and 6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..adapters.messages import Json
from . import compare
from .telltale import ROUNDED, telltale

PASS, FAIL, NEAR_MISS, SKIP, ERROR = VERDICTS = ("pass", "fail", "near miss", "skip", "error")
NEAR, NEARER = 4.0, 1.0  # digits shared with a near miss, and how many more than with the truth
APART = 6.0  # near misses have seven digits; one that shares six with the truth tells nothing
UNSAID = "neither answered nor skipped"


@dataclass(frozen=True)
class Outcome:
    """The verdict on one quantity of a case."""

    quantity: str
    verdict: str
    digits: float | None = None  # of the worst element; None where there was nothing to compare
    required: float | None = None
    note: str = ""  # the reason of a skip, the text of an error, what is wrong with the shape
    mistake: str = ""
    place: tuple[int, ...] = ()  # of the worst element
    answer: Any = None
    value: Any = None
    expected: str = ""  # why this failure was expected
    before: float | None = None  # digits that there were, where more than this failure has

    @property
    def failed(self) -> bool:
        """Anything but a pass or a skip."""
        return self.verdict in (FAIL, NEAR_MISS, ERROR)

    @property
    def unexpected(self) -> bool:
        """A failure nobody expected, or a pass where a failure was expected."""
        return self.failed != bool(self.expected) and self.verdict != SKIP


def judge(case: Json, message: Json) -> tuple[Outcome, ...]:
    """Outcomes of a case with reference values, of an answer as the protocol has it."""
    expected = case["expected"]
    outcomes = [
        outcome(quantity, message, want["value"], want["required"], want["digits"])
        for quantity, want in expected.items()
    ]
    return told(named(case.get("near_misses", []), outcomes))


def outcome(
    quantity: str, message: Json, value: Any, required: float, proven: float | None = None
) -> Outcome:
    """The verdict on one quantity, no mistake named yet."""
    for key, verdict in (("skip", SKIP), ("error", ERROR)):
        if key in message:
            return Outcome(quantity, verdict, note=message[key])
    answers, skipped = message["answers"], message.get("skipped", {})
    if quantity not in answers:
        reason = skipped.get(quantity)
        return Outcome(quantity, SKIP if reason else ERROR, note=reason or UNSAID)
    found = compare.agreement(quantity, answers[quantity], value, proven)
    return Outcome(
        quantity,
        PASS if found.digits >= required and not found.note else FAIL,
        found.digits,
        required,
        found.note,
        place=found.place,
        answer=answers[quantity],
        value=value,
    )


def named(near_misses: Iterable[Json], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same with failures called by the mistake that explains most of them, and most closely."""
    failed = [o for o in outcomes if o.verdict == FAIL and not o.note]
    best: tuple[int, float] = (0, 0.0)
    explained: dict[str, Any] = {}
    for near_miss in near_misses:
        shared = closeness(near_miss["values"], failed)
        score = (len(shared), min(shared.values(), default=0.0))
        if score > best:
            best, explained = score, dict.fromkeys(shared, near_miss["mistake"])
    return [
        replace(o, verdict=NEAR_MISS, mistake=explained[o.quantity])
        if o.quantity in explained
        else o
        for o in outcomes
    ]


def told(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The same with failures without a name called by what the answers tell by themselves."""
    first = tuple(told_by_itself(o) for o in outcomes)
    seen = any(o.mistake == ROUNDED for o in first)
    return tuple(told_by_itself(o, seen) for o in first)


def told_by_itself(o: Outcome, seen: bool = False) -> Outcome:
    """One outcome; seen: whether others of the case are rounded."""
    if o.verdict != FAIL or o.note:
        return o
    name = telltale(o.quantity, o.answer, o.value, seen)
    return replace(o, verdict=NEAR_MISS, mistake=name) if name else o


def closeness(values: Mapping[str, Any], failed: Iterable[Outcome]) -> dict[str, float]:
    """Digits shared with a near miss in what failed and it changes; nothing where one is far."""
    shared = {}
    for o in failed:
        if o.quantity not in values:
            continue
        if compare.digits(o.quantity, values[o.quantity], o.value) >= APART:
            continue
        near = compare.digits(o.quantity, o.answer, values[o.quantity])
        if near < NEAR or near < (o.digits or 0.0) + NEARER:
            return {}
        shared[o.quantity] = near
    return shared


def overall(outcomes: Sequence[Outcome]) -> str:
    """The verdict on a case: a pass needs one that passed and all others to pass or be skipped.

    A case with a near miss is one, whatever else fails: the mistake that has a name comes first.
    """
    found = {o.verdict for o in outcomes}
    return next((v for v in (NEAR_MISS, FAIL, ERROR, PASS) if v in found), SKIP)
