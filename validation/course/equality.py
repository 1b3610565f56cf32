"""Whether a formula is the reference: their values at exact points are.

Values come from the child as texts, `p/q` or `m +/- r`.  Two that do not meet are different, which
is a proof; two that do, both known to fifty digits, are taken as equal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

from .expressions import answers
from .points import Asked

DECIMAL = r"-?[0-9]{1,80}(?:\.[0-9]{1,200})?(?:E[+-]?[0-9]{1,5})?"
VALUE = re.compile(rf"(-?[0-9]{{1,4200}}(?:/[0-9]{{1,4200}})?)|({DECIMAL}) \+/- ({DECIMAL})")
SHARP = Fraction(1, 10**50)  # of the reference
LONGEST = 300  # characters of a sentence
ZERO = Fraction(1, 10**200)  # what is known so far to be zero, is


@dataclass(frozen=True)
class Compared:
    """How an answer compares: equal, unequal, refused or undecided; why."""

    status: str
    text: str = ""


def compare(asked: Asked, given: Sequence[Mapping[str, Any]]) -> Compared:
    """What the child answered, against the reference; no answer at all leaves it undecided."""
    return compared(asked.values, given, asked.needed)


def mistake(
    asked: Asked, given: Sequence[Mapping[str, Any]], wrong: Mapping[str, str]
) -> str | None:
    """The name of the first wrong formula that the answer equals."""
    points = asked.points[: len(given)]
    for name, formula in wrong.items():
        found = [answer.get("value") for answer in answers(formula, asked.names, points)]
        if compared(found, given, asked.needed).status == "equal":
            return name
    return None


def compared(values: Sequence[Any], given: Sequence[Mapping[str, Any]], needed: int) -> Compared:
    """Answers against values, point by point."""
    given = [answer if isinstance(answer, Mapping) else {} for answer in given]
    refused = [str(answer["refused"]) for answer in given if "refused" in answer]
    if refused:
        return Compared("refused", refused[0][:LONGEST])
    pairs = [(v, a["value"]) for v, a in zip(values, given, strict=False) if "value" in a]
    verdicts = [same(value, answer) for value, answer in pairs]
    if False in verdicts:
        return Compared("unequal")
    reasons = [str(answer["undefined"]) for answer in given if "undefined" in answer]
    if given and len(reasons) == len(given):
        return Compared("unequal", f"The answer has no value: {reasons[0][:LONGEST]}.")
    elsewhere_undefined = len(reasons) + verdicts.count(True) == len(values)
    if verdicts.count(True) >= (needed / 2 if elsewhere_undefined else needed):
        return Compared("equal")
    return Compared("undecided", "Whether the answer is right could not be decided.")


def same(value: Any, answer: Any) -> bool | None:
    """Whether two values are equal, numbers or matrices; None where that is not known."""
    mine, others = numbers(value), numbers(answer)
    if mine is None or others is None:
        return None
    if [len(row) for row in mine] != [len(row) for row in others]:
        return False
    pairs = zip(chain(*mine), chain(*others), strict=True)
    verdicts = {same_number(a, b) for a, b in pairs}
    return False if False in verdicts else None if None in verdicts else True


Range = tuple[Fraction, Fraction]


def numbers(value: Any) -> list[list[Range]] | None:
    """Rows of ranges; None of what is no value."""
    rows = value if isinstance(value, list) else [[value]]
    if not all(isinstance(row, list) for row in rows):
        return None
    read = [[number(entry) for entry in row] for row in rows]
    known = [[entry for entry in row if entry is not None] for row in read]
    return known if [*map(len, known)] == [*map(len, read)] and any(known) else None


def number(text: Any) -> Range | None:
    """The range that a text tells; None of what is none, for a child may say anything."""
    read = VALUE.fullmatch(text) if isinstance(text, str) else None
    if read is None or (read[1] and set(read[1].partition("/")[2]) == {"0"}):
        return None
    if read[1]:
        return Fraction(read[1]), Fraction(read[1])
    middle, radius = Fraction(read[2]), abs(Fraction(read[3]))
    return middle - radius, middle + radius


def same_number(value: Range, answer: Range) -> bool | None:
    """Whether two numbers are one; None where they are not known well enough."""
    if answer[1] < value[0] or value[1] < answer[0]:
        return False
    width = max(value[1] - value[0], answer[1] - answer[0])
    near_zero = value[0] <= 0 <= value[1]
    allowed = ZERO if near_zero else SHARP * min(abs(value[0]), abs(value[1]))
    return True if width <= allowed else None
