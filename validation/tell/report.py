"""What a run found, and the same as JSON by schema/report.json."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from math import floor
from pathlib import Path

from .. import mistakes
from ..adapters.messages import Json
from ..ask.run import Result
from ..suite import cases, schemas
from ..suite.compare import LEVELS
from ..suite.nested import at
from ..suite.text import down, gap, plain
from ..suite.tiers import REFERENCE, TIERS, meets
from ..suite.verdicts import SKIP, Outcome

YES, IN_PART, NO, NOTHING, NOT_WHOLE = (
    "yes", "in part", "no", "nothing answered", "not asked whole",
)  # fmt: skip
EVERYTHING: Json = {"levels": [], "cases": [], "form": None, "digits": REFERENCE}
LONG = 24  # characters of a double


def now() -> str:
    """The date and time, of the whole world."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


@dataclass(frozen=True)
class Report:
    """The results of one implementation."""

    about: Json
    results: Sequence[Result]
    sizes: Mapping[str, int]  # cases of each level in the whole suite
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()  # what is to be done, and is no failure
    settings: Json = field(default_factory=lambda: dict(EVERYTHING))
    command: str = ""  # what was typed
    date: str = field(default_factory=now)

    @property
    def failed(self) -> bool:
        """Whether anything is not as expected."""
        return bool(self.problems) or any(r.unexpected for r in self.results)

    @property
    def who(self) -> str:
        """The implementation in words."""
        return "{name} {version} ({language})".format(**self.about)

    @property
    def tier(self) -> int:
        """The digits at which the answers were judged; suite/tiers.py."""
        return int(self.settings.get("digits", REFERENCE))

    def conforms(self, tier: int | None = None) -> dict[str, str]:
        """Level -> whether the implementation conforms at it, at a tier or that of the run."""
        return self._conformance[self.tier if tier is None else tier]

    def conforms_whole(self) -> dict[str, str]:
        """The same of the levels that were asked whole."""
        return {level: v for level, v in self.conforms().items() if v != NOT_WHOLE}

    def tiers(self) -> dict[str, int | None]:
        """Level -> the highest tier at which the implementation conforms there, whole or in part.

        None where it does at no tier, and where the level was not asked whole or nothing answered.
        """
        met: dict[str, int | None] = dict.fromkeys(self.conforms())
        for tier in sorted(TIERS):
            met |= {level: tier for level, v in self.conforms(tier).items() if v in (YES, IN_PART)}
        return met

    @cached_property
    def _conformance(self) -> dict[int, dict[str, str]]:
        """The same of all tiers, looked at once."""
        levels = [level for level in LEVELS if self.sizes.get(level)]
        return {
            tier: {level: self._conforms(level, tier) for level in levels}
            for tier in sorted({*TIERS, self.tier})
        }

    def _conforms(self, level: str, tier: int) -> str:
        results = [r for r in self.results if r.case["level"] == level]
        outcomes = [(r.case, o) for r in results for o in r.outcomes]
        skipped = sum(o.verdict == SKIP for _, o in outcomes)
        if len(results) < self.sizes[level]:
            return NOT_WHOLE
        if not all(meets(case, o, tier) for case, o in outcomes):
            return NO
        if skipped == len(outcomes):
            return NOTHING
        return IN_PART if skipped else YES


def as_json(report: Report) -> Json:
    """The report as schema/report.json has it."""
    made = {
        "version": 1,
        "suite": cases.SUITE,
        "cases_sha256": cases.digest(),
        "date": report.date,
        **({"command": report.command} if report.command else {}),
        "implementation": report.about,
        "platform": platform.platform(),
        "settings": report.settings,
        "conforms": report.conforms(),
        "tiers": report.tiers(),
        "problems": list(report.problems),
        "notes": list(report.notes),
        "cases": {r.id: case_json(r) for r in report.results},
    }
    schemas.check("report.json", made)
    return made


def case_json(result: Result) -> Json:
    """One case."""
    return {
        "level": result.case["level"],
        "form": result.case["form"],
        "verdict": result.verdict,
        "seconds": round(result.seconds, 3),
        "quantities": {o.quantity: outcome_json(o) for o in result.outcomes},
    }


def outcome_json(outcome: Outcome) -> Json:
    """One quantity: the worst element stands for all."""
    made: Json = {"verdict": outcome.verdict}
    if outcome.digits is not None:
        made["digits"] = told(outcome.digits)
        made["required"] = outcome.required
    if outcome.before is not None:
        made["before"] = told(outcome.before)
    if outcome.mistake:
        made["class"] = mistakes.kind(outcome.mistake)
    for key in ("mistake", "note", "expected"):
        if getattr(outcome, key):
            made[key] = getattr(outcome, key)
    if outcome.digits is not None and not outcome.note:
        answer, value = worst(outcome)
        made |= {"place": list(outcome.place), "answer": answer, "value": value}
    return made


def worst(outcome: Outcome) -> tuple[str, str]:
    """The worst element of the answer, and the same of the reference."""
    pair = (at(nested, outcome.place) for nested in (outcome.answer, outcome.value))
    answer, value = (plain(str(x), 60) if not isinstance(x, list) else "[]" for x in pair)
    return answer, value


def write(report: Report, path: Path) -> None:
    """Write the JSON."""
    path.write_text(json.dumps(as_json(report), indent=1) + "\n", "utf-8")


def explain(outcome: Outcome) -> str:
    """What is wrong with one answer."""
    if outcome.note:
        return outcome.note
    answer, value = (cut(number) for number in worst(outcome))
    where = f" at {list(outcome.place)}" if outcome.place else ""
    return (
        f"{down(outcome.digits or 0.0)} digits where {outcome.required:g} are required: "
        f"{answer} for {value}{where}"
    )


def lost(outcome: Outcome) -> str:
    """How many digits a failure has lost; nothing where there were not more before."""
    if outcome.before is None:
        return ""
    now, then = outcome.digits or 0.0, outcome.before
    return f"{down(now)} digits where {down(then)} were: {gap(then, now)} lost"


def cut(number: str) -> str:
    """A number without the digits that a double does not have."""
    return number if len(number) <= LONG else f"{float(number):.17g}"


def told(digits: float) -> float:
    """Digits as a report has them: rounded down, so that what falls short of a tier does there."""
    return floor(100.0 * digits + 1e-6) / 100.0
