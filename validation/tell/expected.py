"""Expected failures: a TOML file that belongs to the implementation; baseline.py writes one.

    digits = 8                # the tier at which they fail; 10, where left out

    [[expected]]
    case = "*-ml.inference"   # patterns of *, ? and [...], one or a list of them
    quantity = "vcov"         # the same; all, where left out
    reason = "divides by n - p, see issue 12"
    least = "5"               # only answers with so many digits; 0, where left out
    passes = "sometimes"      # where the digits are barely enough; "never", where left out

A pass where a failure is expected is a problem, and so is an entry that fits nothing.  A reason
that is still to be written begins with TODO: the report says so, and it is no problem.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from refmixed.errors import nearest

from ..adapters.messages import Json
from ..ask.run import Result
from ..suite import cases
from ..suite.text import count
from ..suite.tiers import REFERENCE, TIERS
from ..suite.verdicts import PASS, Outcome

SEVERAL = ("case", "quantity")  # may be lists of strings
KEYS = {*SEVERAL, "reason", "least", "passes"}
PASSES = NEVER, SOMETIMES = ("never", "sometimes")
ALL = ("*",)
TODO = "TODO"  # begins a reason that is still to be written


class ExpectedError(ValueError):
    """A file of expected failures that is none; the text says why."""


@dataclass(frozen=True)
class Expected:
    """One entry."""

    case: tuple[str, ...]
    reason: str
    quantity: tuple[str, ...] = ALL
    least: str = "0"
    passes: str = NEVER
    digits: int = REFERENCE

    def covers(self, case: str, outcome: Outcome) -> bool:
        """Whether it is about an outcome: a failure that is near enough, or a pass that is none."""
        if not self.fits(case, outcome.quantity):
            return False
        near = (outcome.digits or 0.0) >= float(self.least)
        return near if outcome.failed else self.passes == NEVER

    def fits(self, case: str, quantity: str) -> bool:
        """Whether it is about a quantity of a case."""
        return cases.fits_any(case, self.case) and cases.fits_any(quantity, self.quantity)

    @property
    def unwritten(self) -> bool:
        """Whether the reason is still to be written."""
        return self.reason.strip().startswith(TODO)


# --- reading --------------------------------------------------------------------------------------


def read(path: Path) -> list[Expected]:
    """The entries of a file.  Raises ExpectedError."""
    digits, entries = tier(path), content(path).get("expected", [])
    if not isinstance(entries, list):
        raise ExpectedError(f"{path}: entries begin with [[expected]]")
    found = [entry(given, f"{path}, entry {k}") for k, given in enumerate(entries, 1)]
    return [replace(e, digits=digits) for e in found]


def tier(path: Path) -> int:
    """The tier at which the entries of a file fail.  Raises ExpectedError."""
    digits = content(path).get("digits", REFERENCE)
    if digits not in TIERS:
        raise ExpectedError(f"{path}: digits must be one of {', '.join(map(str, TIERS))}")
    return int(digits)


def content(path: Path) -> dict[str, Any]:
    """What stands in a file.  Raises ExpectedError."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ExpectedError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ExpectedError(f"{path} is not TOML: {error}") from error
    if set(found) - {"digits", "expected"}:
        raise ExpectedError(f"{path}: only digits and entries [[expected]] may stand there")
    return found


def entry(given: Any, where: str) -> Expected:
    """One entry.  Raises ExpectedError."""
    if not isinstance(given, dict) or not all(readable(*item) for item in given.items()):
        lists = f"of which {' and '.join(SEVERAL)} may be lists"
        raise ExpectedError(f"{where}: {', '.join(sorted(KEYS))} must be strings, {lists}")
    if unknown := sorted(set(given) - KEYS):
        raise ExpectedError(f"{where}: {unknown[0]} is not one of {', '.join(sorted(KEYS))}")
    several = {key: patterns(given[key]) for key in SEVERAL if key in given}
    for key in ("case", "reason"):
        if not "".join(several.get(key) or given.get(key, "")).strip():
            raise ExpectedError(f"{where}: a {key} is required")
    if not given.get("least", "0").replace(".", "", 1).isdigit():
        raise ExpectedError(f"{where}: least must be a number of digits")
    if given.get("passes", NEVER) not in PASSES:
        raise ExpectedError(f"{where}: passes must be one of {', '.join(PASSES)}")
    return Expected(**(given | several))


def readable(key: str, value: Any) -> bool:
    """Whether a value is a string, or a list of strings where there may be one."""
    if key in SEVERAL and isinstance(value, list):
        return all(isinstance(text, str) for text in value)
    return isinstance(value, str)


def patterns(value: str | list[str]) -> tuple[str, ...]:
    """One or several patterns."""
    return (value,) if isinstance(value, str) else tuple(value)


# --- a run with them ------------------------------------------------------------------------------


def at(entries: Iterable[Expected], run_tier: int) -> list[Expected]:
    """The same for a run at a tier: what passes at fewer digits may still fail at its own."""
    return [replace(e, passes=SOMETIMES) if run_tier < e.digits else e for e in entries]


def marked(results: Iterable[Result], entries: Sequence[Expected]) -> list[Result]:
    """The results with the reason of an expected failure at each outcome that has one."""
    return [replace(r, outcomes=tuple(mark(r.id, o, entries) for o in r.outcomes)) for r in results]


def mark(case: str, outcome: Outcome, entries: Sequence[Expected]) -> Outcome:
    """One outcome with its reason, or with the digits that were expected of its failure."""
    about = [e for e in entries if e.fits(case, outcome.quantity)]
    reason = next((e.reason for e in about if e.covers(case, outcome)), "")
    if reason or not about or not outcome.failed:
        return replace(outcome, expected=reason)
    return replace(outcome, before=max(float(e.least) for e in about))


def problems(
    results: Iterable[Result], entries: Sequence[Expected], suite: Iterable[Json]
) -> list[str]:
    """Failures that were expected and did not come, and entries that fit nothing in the suite."""
    passed = [
        f"{r.id}, {o.quantity}: passes, though it was expected to fail ({o.expected})"
        for r in results
        for o in r.outcomes
        if o.expected and o.verdict == PASS
    ]
    asked = {case["id"]: cases.asked(case) for case in suite}
    return passed + [
        f"no case and quantity fit {case!r}, {', '.join(e.quantity)!r} of the expected failures"
        f"{meant(case, e.quantity, asked)}"
        for e in entries
        for case in e.case
        if not fits_some(case, e.quantity, asked)
    ]


def fits_some(case: str, quantity: tuple[str, ...], asked: dict[str, list[str]]) -> bool:
    """Whether a case fits a pattern and asks for one of some quantities."""
    names = [name for name in asked if cases.fits_any(name, (case,))]
    return any(cases.fits_any(q, quantity) for name in names for q in asked[name])


def meant(case: str, quantity: tuple[str, ...], asked: dict[str, list[str]]) -> str:
    """The name nearest to a case or quantity that is none, as the end of a message."""
    names = {q for quantities in asked.values() for q in quantities}
    for given, known in ((case, set(asked)), *((q, names) for q in quantity)):
        if not (cases.SIGNS & set(given) or cases.fits_any(given, tuple(known))):
            return nearest(given, sorted(known))
    return ""


def notes(entries: Sequence[Expected]) -> list[str]:
    """What is still to be written."""
    reasons = {e.reason: e.unwritten for e in entries}
    unwritten = sum(reasons.values())
    text = f"{unwritten} of {count(len(reasons), 'reason')} for expected failures begin with {TODO}"
    return [f"{text}: say why they fail"] if unwritten else []
