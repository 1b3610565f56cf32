"""Expected failures: a TOML file that belongs to the implementation.

    [[expected]]
    case = "*-ml.inference"   # patterns of *, ? and [...]
    quantity = "vcov"         # all, where left out
    reason = "divides by n - p, see issue 12"
    least = "5"               # only answers with so many digits; 0, where left out
    passes = "sometimes"      # where the digits are barely enough; "never", where left out

A pass where a failure is expected is a problem, and so is an entry that fits nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..adapters.messages import Json
from ..ask.run import Result
from ..suite import cases
from ..suite.verdicts import PASS, Outcome

KEYS = {"case", "quantity", "reason", "least", "passes"}
PASSES = ("never", "sometimes")


class ExpectedError(ValueError):
    """A file of expected failures that is none; the text says why."""


@dataclass(frozen=True)
class Expected:
    """One entry."""

    case: str
    reason: str
    quantity: str = "*"
    least: str = "0"
    passes: str = "never"

    def covers(self, case: str, outcome: Outcome) -> bool:
        """Whether it is about an outcome: a failure that is near enough, or a pass that is none."""
        if not self.fits(case, outcome.quantity):
            return False
        near = (outcome.digits or 0.0) >= float(self.least)
        return near if outcome.failed else self.passes == "never"

    def fits(self, case: str, quantity: str) -> bool:
        """Whether it is about a quantity of a case."""
        return cases.fits(case, self.case) and cases.fits(quantity, self.quantity)


def read(path: Path) -> list[Expected]:
    """The entries of a file.  Raises ExpectedError."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ExpectedError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ExpectedError(f"{path} is not TOML: {error}") from error
    entries = content.get("expected", [])
    if set(content) - {"expected"} or not isinstance(entries, list):
        raise ExpectedError(f"{path}: only entries [[expected]] may stand there")
    return [entry(given, f"{path}, entry {k}") for k, given in enumerate(entries, 1)]


def entry(given: Any, where: str) -> Expected:
    """One entry.  Raises ExpectedError."""
    if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
        raise ExpectedError(f"{where}: {', '.join(sorted(KEYS))} must be strings")
    if unknown := sorted(set(given) - KEYS):
        raise ExpectedError(f"{where}: {unknown[0]} is not one of {', '.join(sorted(KEYS))}")
    for key in ("case", "reason"):
        if not given.get(key, "").strip():
            raise ExpectedError(f"{where}: a {key} is required")
    if not given.get("least", "0").replace(".", "", 1).isdigit():
        raise ExpectedError(f"{where}: least must be a number of digits")
    if given.get("passes", "never") not in PASSES:
        raise ExpectedError(f"{where}: passes must be one of {', '.join(PASSES)}")
    return Expected(**given)


def marked(results: Iterable[Result], entries: Sequence[Expected]) -> list[Result]:
    """The results with the reason of an expected failure at each outcome that has one."""
    return [replace(r, outcomes=tuple(mark(r.id, o, entries) for o in r.outcomes)) for r in results]


def mark(case: str, outcome: Outcome, entries: Sequence[Expected]) -> Outcome:
    """One outcome with its reason."""
    reason = next((e.reason for e in entries if e.covers(case, outcome)), "")
    return replace(outcome, expected=reason)


def problems(
    results: Iterable[Result], entries: Sequence[Expected], suite: Iterable[Json]
) -> list[str]:
    """Failures that were expected and did not come, and entries that fit nothing in the suite."""
    found = [
        f"{r.id}, {o.quantity}: passes, though it was expected to fail ({o.expected})"
        for r in results
        for o in r.outcomes
        if o.expected and o.verdict == PASS
    ]
    pairs = [(case["id"], quantity) for case in suite for quantity in cases.asked(case)]
    found += [
        f"no case and quantity fit {e.case!r}, {e.quantity!r} of the expected failures"
        for e in entries
        if not any(e.fits(*pair) for pair in pairs)
    ]
    return found
