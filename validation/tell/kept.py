"""What is kept of a report on an implementation, reports/NAME.json: results.py writes of it."""

from __future__ import annotations

import json
import platform
import statistics
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..adapters.messages import Json
from ..suite.compare import LEVELS, QUANTITIES
from ..suite.tiers import TIERS, capped
from ..suite.verdicts import ERROR, FAIL, NEAR_MISS, SKIP

FOLDER = Path(__file__).parents[1] / "reports"
HEAD = ("suite", "cases_sha256", "implementation", "conforms", "tiers")


def keep(name: str, full: Json) -> None:
    """Write the sum of a report."""
    write(name, summed(full))


def leave_out(name: str, about: Json, why: str) -> None:
    """Write why an implementation could not be asked."""
    write(name, {"implementation": about, "left_out": why})


def write(name: str, kept: Json) -> None:
    """Write what is kept."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def read() -> list[Json]:
    """All that is kept, by the names of the implementations."""
    found = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    kept = [one for one in found if "implementation" in one]  # bench.json is of another kind
    return sorted(kept, key=lambda one: str(one["implementation"]["name"]).lower())


def summed(full: Json) -> Json:
    """What is kept of a report: counts, digits, names of mistakes and reasons."""
    found = list(full["cases"].values())
    outcomes = [o for case in found for o in case["quantities"].values()]
    return {key: full[key] for key in HEAD} | {
        "platform": f"{platform.system()} on {platform.machine()}",
        "verdicts": {
            level: dict(Counter(c["verdict"] for c in found if c["level"] == level))
            for level in LEVELS
        },
        "passed": {level: passed(found, level) for level in LEVELS},
        "digits": {level: digits(found, level) for level in LEVELS if level != "invariance"},
        "failed": sum(o["verdict"] in (FAIL, NEAR_MISS, ERROR) for o in outcomes),
        "skipped": counted(o["note"] for o in outcomes if o["verdict"] == SKIP),
        "mistakes": counted(o["mistake"] for o in outcomes if "mistake" in o),
        "expected": counted(o["expected"] for o in outcomes if "expected" in o),
    }


def passed(found: Iterable[Json], level: str) -> dict[str, int]:
    """Tier -> the cases of a level that pass there, of those in which anything is answered."""
    asked = [c for c in found if c["level"] == level and c["verdict"] != SKIP]
    return {
        str(tier): sum(all(meets(level, o, tier) for o in c["quantities"].values()) for c in asked)
        for tier in TIERS
    }


def meets(level: str, outcome: Json, tier: int) -> bool:
    """Whether an answer is no failure at a tier."""
    if "digits" not in outcome or "note" in outcome:  # an error, NaN, a wrong shape
        return bool(outcome["verdict"] == SKIP)
    return bool(outcome["digits"] >= capped(level, outcome["required"], tier))


def digits(found: Iterable[Json], level: str) -> dict[str, dict[str, float]]:
    """The digits of each quantity of a level that is answered; an error there counts as zero."""
    cases = [case["quantities"] for case in found if case["level"] == level]
    table: dict[str, dict[str, float]] = {}
    for quantity in QUANTITIES:
        asked = [case[quantity] for case in cases if quantity in case]
        tried = [outcome for outcome in asked if outcome["verdict"] != SKIP]
        if any(outcome["verdict"] != ERROR for outcome in tried):
            values = [max(outcome.get("digits", 0.0), 0.0) for outcome in tried]
            least, median = min(values), statistics.median(values)
            table[quantity] = {"cases": len(values), "least": least, "median": median}
    return table


def counted(texts: Iterable[Any]) -> dict[str, int]:
    """How often each text comes, the most frequent first."""
    return dict(Counter(texts).most_common())
