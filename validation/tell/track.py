"""What changed since an old report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..adapters.messages import Json
from ..ask.run import Result
from ..suite import schemas
from ..suite.text import down, gap
from ..suite.verdicts import PASS, Outcome

STEP = 0.5  # digits; smaller changes are noise of the last bits


class TrackError(ValueError):
    """An old report that is none; the text says why."""


def read(path: Path) -> Json:
    """An old report.  Raises TrackError."""
    try:
        report: Json = json.loads(path.read_bytes())
        schemas.check("report.json", report)
    except OSError as error:
        raise TrackError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise TrackError(f"{path} is not a report: {error}") from error
    return report


def changes(old: Json, new: Json) -> list[str]:
    """What changed, a line each; the last says how many did not."""
    lines = [
        f"{key}: {old_text} -> {new_text}"
        for key in ("suite", "cases_sha256", "implementation", "platform")
        if (old_text := show(old[key])) != (new_text := show(new[key]))
    ]
    lines += levels(old, new)
    before, after = flat(old), flat(new)
    lines += [f"gone: {name}" for name in sorted(set(old["cases"]) - set(new["cases"]))]
    lines += [f"new: {name}" for name in sorted(set(new["cases"]) - set(old["cases"]))]
    shared = sorted(set(before) & set(after))
    moved = [(pair, change(before[pair], after[pair])) for pair in shared]
    lines += [f"{case}, {quantity}: {text}" for (case, quantity), text in moved if text]
    same = sum(not text for _, text in moved)
    return [*lines, f"{same} of {len(shared)} quantities as before"]


def levels(old: Json, new: Json) -> list[str]:
    """The levels that conform at another tier than they did, of two reports that say at which."""
    then, now = old.get("tiers", {}), new.get("tiers", {})
    return [
        f"{level}: conforms at {then[level] or 'no'} -> {now[level] or 'no'} digits"
        for level in now
        if level in then and then[level] != now[level]
    ]


def flat(report: Json) -> dict[tuple[str, str], Json]:
    """(case, quantity) -> outcome."""
    return {
        (name, quantity): outcome
        for name, case in report["cases"].items()
        for quantity, outcome in case["quantities"].items()
    }


def change(old: Json, new: Json) -> str:
    """How one outcome changed; nothing where it did not."""
    fall = loss(old, new)
    fallen = f": {gap(old['digits'], new['digits'])} lost" if fall > 0 else ""
    if old["verdict"] != new["verdict"] or old.get("mistake") != new.get("mistake"):
        return f"{words(old)} -> {words(new)}{fallen}"
    if abs(fall) >= STEP:
        return f"{down(old['digits'])} -> {down(new['digits'])} digits{fallen}"
    return ""


def loss(old: Json, new: Json) -> float:
    """The digits that are lost, less than zero where some were won."""
    if not {"digits"} <= old.keys() & new.keys():
        return 0.0
    return float(old["digits"] - new["digits"])


def marked(results: Iterable[Result], old: Json) -> list[Result]:
    """The results with the digits of an old report at each failure that has lost some."""
    then = flat(old)
    return [
        replace(r, outcomes=tuple(mark(o, then.get((r.id, o.quantity), {})) for o in r.outcomes))
        for r in results
    ]


def mark(outcome: Outcome, old: Json) -> Outcome:
    """One outcome with the digits that it had, where it is a failure that has lost some."""
    if not outcome.failed or "digits" not in old:
        return outcome
    fall = old["digits"] - (outcome.digits or 0.0)
    least = 0.0 if old["verdict"] == PASS else STEP
    return replace(outcome, before=old["digits"]) if fall > least else outcome


def words(outcome: Json) -> str:
    """An outcome in words."""
    mistake = f" ({outcome['mistake']})" if "mistake" in outcome else ""
    digits = f" with {down(outcome['digits'])} digits" if "digits" in outcome else ""
    return f"{outcome['verdict']}{mistake}{digits}"


def show(entry: Any) -> str:
    """An entry of the head of a report."""
    return " ".join(entry.values()) if isinstance(entry, dict) else str(entry)
