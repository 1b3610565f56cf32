"""The file of expected failures that makes a run be as expected: its failures, grouped by reason.

No entry fits what passes, and a new one neither what is skipped nor what was not asked.  Where
there was a file, the reasons that people wrote in it are kept, and its entries on what was not
answered this time: skipped or not asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import mistakes
from ..adapters.messages import Json
from ..suite import cases
from ..suite.text import plain
from ..suite.tiers import REFERENCE, TIERS
from ..suite.verdicts import PASS, SKIP
from .expected import ALL, NEVER, SOMETIMES, TODO, Expected
from .patterns import patterns
from .track import STEP, flat

Pair = tuple[str, str]  # case and quantity
Cases = Mapping[str, Sequence[str]]  # case -> the quantities that it asks for
NUMBER = re.compile(r"[0-9]+")  # notes that differ in numbers alone are of one reason


@dataclass(frozen=True)
class Failure:
    """A failure that is to be expected."""

    reason: str
    passes: str
    least: float  # digits that will do
    digits: float | None = None  # those of the run


@dataclass(frozen=True)
class Entry:
    """Failures of one reason: an entry, and the digits that they had."""

    expected: Expected
    failures: int
    digits: tuple[float, ...]


def baseline(report: Json, suite: Iterable[Json], old: Sequence[Expected] = ()) -> list[Entry]:
    """The entries that make a run be as expected, those with the fewest digits first."""
    asked = {case["id"]: cases.asked(case) for case in suite}
    tier = report["settings"].get("digits", REFERENCE)
    groups: dict[tuple[str, str], dict[Pair, Failure]] = {}
    for pair, failure in failures(flat(report), asked, old):
        groups.setdefault((failure.reason, failure.passes), {})[pair] = failure
    found = [entry for group in groups.values() for entry in entries(group, asked, tier)]
    return sorted(found, key=lambda entry: float(entry.expected.least))


# --- what is to be expected -----------------------------------------------------------------------


def failures(
    outcomes: Mapping[Pair, Json], asked: Cases, old: Sequence[Expected]
) -> Iterator[tuple[Pair, Failure]]:
    """What fails, and what an old file says of what was not answered or only just passes."""
    for case, quantities in asked.items():
        for quantity in quantities:
            outcome = outcomes.get((case, quantity))
            about = (e for e in old if e.fits(case, quantity) and holds(e, outcome))
            if found := failure(outcome, next(about, None)):
                yield (case, quantity), found


def holds(entry: Expected, outcome: Json | None) -> bool:
    """Whether an old entry still holds: one that was near enough does not explain one far off."""
    if outcome is None or outcome["verdict"] == SKIP:
        return True
    return bool(outcome.get("digits", 0.0) >= float(entry.least))


def failure(outcome: Json | None, before: Expected | None) -> Failure | None:
    """What is to be expected of one quantity; nothing where it need not fail."""
    if outcome is None or outcome["verdict"] == SKIP:
        return kept(before)
    digits = outcome.get("digits", 0.0)
    spare = digits - outcome.get("required", math.inf)
    sometimes = before is not None and before.passes == SOMETIMES
    if outcome["verdict"] == PASS:
        return kept(before) if sometimes and spare < STEP else None
    written = before.reason if before and not before.unwritten else reason(outcome)
    passes = SOMETIMES if sometimes or spare >= -STEP else NEVER
    return Failure(written, passes, max(digits - STEP, 0.0), outcome.get("digits"))


def kept(before: Expected | None) -> Failure | None:
    """What an old entry says."""
    return Failure(before.reason, before.passes, float(before.least)) if before else None


def reason(outcome: Json) -> str:
    """The first reason of a failure: the mistake that it looks like, or what is to be found out."""
    if "mistake" in outcome:
        return f"looks like {mistakes.called(outcome['mistake'])}"
    if "note" in outcome:
        return f"{TODO}: why {NUMBER.sub('N', plain(outcome['note'], 80))!r}"
    unmet = [tier for tier in TIERS if tier > outcome["digits"]]
    return f"{TODO}: why not {min([outcome['required'], *unmet]):g} digits"


# --- entries --------------------------------------------------------------------------------------


def entries(group: Mapping[Pair, Failure], asked: Cases, tier: int) -> Iterator[Entry]:
    """The entries for failures of one reason."""
    for names, quantities in together(group, asked):
        found = [group[name, q] for name in names for q in quantities if (name, q) in group]
        least = math.floor(10 * min(f.least for f in found)) / 10
        relevant = {name for name, qs in asked.items() if {*quantities} & {*qs}}
        whole = all({*asked[name]} <= {*quantities} for name in names)
        made = Expected(
            case=tuple(patterns(names, frozenset(asked if whole else relevant))),
            quantity=ALL if whole else tuple(quantities),
            reason=found[0].reason,
            least=f"{least:g}",
            passes=found[0].passes,
            digits=tier,
        )
        yield Entry(made, len(found), tuple(f.digits for f in found if f.digits is not None))


def together(group: Mapping[Pair, Any], asked: Cases) -> list[tuple[set[str], list[str]]]:
    """Cases and quantities, all of which fail: whole cases, then what fails in the same cases."""
    whole = {name for name, _ in group if all((name, q) in group for q in asked[name])}
    by_quantity: dict[str, set[str]] = {}
    for name, quantity in group:
        if name not in whole:
            by_quantity.setdefault(quantity, set()).add(name)
    joined: dict[frozenset[str], list[str]] = {}
    for quantity, names in by_quantity.items():
        joined.setdefault(frozenset(names), []).append(quantity)
    first = [(whole, sorted({q for name in whole for q in asked[name]}))] if whole else []
    return first + [({*names}, quantities) for names, quantities in joined.items()]
