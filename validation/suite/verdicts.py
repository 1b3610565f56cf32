"""Verdicts on the answers to a case, and the names of mistakes; SPEC.md, sections 5 and 6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..adapters.messages import Json
from . import compare

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
    also: tuple[str, ...] = ()  # other mistakes that explain it as well
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
    return tuple(named(case.get("near_misses", []), compared(case, message)))


def compared(case: Json, message: Json) -> tuple[Outcome, ...]:
    """The same, no mistake named yet."""
    return tuple(
        outcome(quantity, message, want["value"], want["required"], want["digits"])
        for quantity, want in case["expected"].items()
    )


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


# --- names of mistakes ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Explanation:
    """What a mistake explains of a case."""

    mistake: str
    shared: Mapping[str, float]  # digits shared with its near misses, of what failed
    contradicted: bool  # whether it changes something that passed

    @property
    def nearness(self) -> float:
        """The digits shared in the quantity that shares least."""
        return min(self.shared.values())


def named(near_misses: Iterable[Json], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The same with failures called by the mistake that explains most of them, and most closely.

    Of two that explain as much, one that changes nothing that passed goes before the other.
    """
    found = explanations(near_misses, outcomes)
    best = max(found, key=lambda e: (len(e.shared), not e.contradicted, e.nearness), default=None)
    return called(outcomes, best) if best else list(outcomes)


def called(
    outcomes: Iterable[Outcome], by: Explanation, also: tuple[str, ...] = ()
) -> list[Outcome]:
    """The same with the failures that an explanation covers called by its name."""
    return [
        replace(o, verdict=NEAR_MISS, mistake=by.mistake, also=also)
        if o.quantity in by.shared
        else o
        for o in outcomes
    ]


def explanations(near_misses: Iterable[Json], outcomes: Sequence[Outcome]) -> list[Explanation]:
    """The mistakes that explain failures of a case, in the order of its near misses.

    A mistake may have several near misses; what each explains adds up.
    """
    misses = list(near_misses)
    wrong = [read(o) for o in outcomes if misses and o.verdict == FAIL and not o.note]
    right = {o.quantity for o in outcomes if o.verdict == PASS}
    found: dict[str, Explanation] = {}
    for near_miss in misses if wrong else ():
        if shared := closeness(near_miss, wrong):
            contradicted = any(quantity in right for quantity in quantities(near_miss))
            for name in names(near_miss):
                before = found.get(name, Explanation(name, {}, False))
                found[name] = replace(
                    before,
                    shared={**before.shared, **shared},
                    contradicted=before.contradicted or contradicted,
                )
    return list(found.values())


def read(outcome: Outcome) -> Outcome:
    """The same with arrays: each near miss is held against them."""
    answer, value = (compare.parsed(outcome.quantity, x) for x in (outcome.answer, outcome.value))
    return replace(outcome, answer=answer, value=value)


def names(near_miss: Json) -> tuple[str, ...]:
    """The mistakes that give a near miss; the verdict names the first."""
    return (near_miss["mistake"], *near_miss.get("also", []))


def quantities(near_miss: Json) -> list[str]:
    """The quantities that a near miss changes."""
    return [*near_miss["values"], *near_miss.get("columns", {})]


def closeness(near_miss: Json, failed: Iterable[Outcome]) -> dict[str, float]:
    """Digits shared with a near miss in what failed and it changes; nothing where most is far.

    Answers and values are arrays.
    """
    shared, far = {}, 0
    for o in failed:
        wrong = value_of(near_miss, o)
        if wrong is None or compare.digits(o.quantity, wrong, o.value) >= APART:
            continue
        near = compare.digits(o.quantity, o.answer, wrong)
        if near < NEAR or near < (o.digits or 0.0) + NEARER:
            far += 1
        else:
            shared[o.quantity] = near
    return shared if len(shared) > far else {}


def value_of(near_miss: Json, outcome: Outcome) -> Any:
    """What a near miss has for a quantity, as an array; None where it does not change it."""
    places = near_miss.get("columns", {}).get(outcome.quantity)
    if places is not None:
        return outcome.value[:, places]
    value = near_miss["values"].get(outcome.quantity)
    return None if value is None else compare.parsed(outcome.quantity, value)


def overall(outcomes: Sequence[Outcome]) -> str:
    """The verdict on a case: a pass needs one that passed and all others to pass or be skipped.

    A case with a near miss is one, whatever else fails: the mistake that has a name comes first.
    """
    found = {o.verdict for o in outcomes}
    return next((v for v in (NEAR_MISS, FAIL, ERROR, PASS) if v in found), SKIP)
