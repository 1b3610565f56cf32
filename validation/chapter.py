"""The numbers that the chapter prints for sleepstudy (Example 23.7), held against refmixed's.

lme4's default optimiser stopped before theta had more than five digits; the table shows how many of
the printed digits are right, and which ones are the optimiser's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import refmixed as rm

from .suite.compare import lre

FILE = Path(__file__).parent / "data" / "chapter.json"
OPTIMISER = "the others end in digits of lme4's optimiser"
NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True)
class Printed:
    """One printed number and what it should have been."""

    place: str
    printed: str
    right: float

    @property
    def corrected(self) -> str:
        """The right value, to as many decimals as were printed."""
        return f"{self.right:.{len(self.printed.split('.')[1])}f}"

    @property
    def digits(self) -> float:
        """How many of the printed digits are right."""
        return lre(float(self.printed), self.right)


def printed_numbers() -> list[Printed]:
    """Every number of the printed summary, variances and random effects, beside the right one."""
    fit = rm.lmer("Reaction ~ Days + (Days | Subject)", rm.load_dataset("sleepstudy"))
    chapter = json.loads(FILE.read_text("ascii"))
    return [
        *in_text("summary", chapter["summary"], str(fit.summary()).split("\n")),
        *in_text("VarCorr", chapter["varcorr"], str(fit.varcorr).split("\n")),
        *in_ranef(chapter["ranef"], fit.ranef()["Subject"]),
    ]


def in_text(what: str, printed: list[str], ours: list[str]) -> Iterator[Printed]:
    """The numbers of printed lines, beside those in the same places of ours."""
    for theirs, line in zip(printed, ours, strict=True):
        label = line.split("  ")[0].strip() or (line.split() or [""])[0]
        pairs = zip(NUMBER.findall(theirs), NUMBER.findall(line), strict=True)
        for number, right in pairs:
            yield Printed(f"{what}, {label}", number, float(right))


def in_ranef(printed: dict[str, list[str]], ours: Any) -> Iterator[Printed]:
    """The table of random effects."""
    for level, numbers in printed.items():
        for effect, number in zip(ours.columns, numbers, strict=True):
            yield Printed(f"ranef, {level} {effect}", number, float(ours.loc[level, effect]))


def wrong(numbers: Sequence[Printed]) -> list[Printed]:
    """Those whose last printed digit is not right."""
    return [n for n in numbers if n.printed != n.corrected]


def tally(numbers: Sequence[Printed]) -> str:
    """How many printed numbers are right, in a line."""
    right = len(numbers) - len(wrong(numbers))
    return f"{right} of {len(numbers)} printed numbers are right to the last digit; {OPTIMISER}"


def table(numbers: Sequence[Printed]) -> str:
    """What was printed, what is right, and how many of its digits are."""
    others = wrong(numbers)
    lines = [
        "The chapter's output for sleepstudy: printed digits that are the optimiser's",
        f"{len(numbers) - len(others)} of {len(numbers)} are right to the last digit; the others:",
        f"{'':28}{'printed':>14}{'right':>14}{'digits right':>14}",
    ]
    lines += [f"{n.place:28}{n.printed:>14}{n.corrected:>14}{n.digits:>14.1f}" for n in others]
    return "\n".join(lines)
