"""What became of the entries of an old file of expected failures, when it was written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..adapters.messages import Json
from ..suite import cases
from ..suite.verdicts import PASS, SKIP
from .baseline import Cases, Entry, Pair
from .expected import Expected
from .silence import where
from .track import flat

NOTHING = "removed, as no case and quantity of the suite fit"
PASSES = "removed, as what was asked of it passes now"
OTHERS = "removed, as what fails has too few digits for it, or another entry explains it"
SILENT = "kept, though all of it is skipped now: take it out where that is on purpose"


def lines(
    old: Iterable[Expected], new: Sequence[Entry], report: Json, suite: Iterable[Json]
) -> list[str]:
    """A line an old entry that was removed, or kept though nothing of it is answered, and why."""
    asked = {case["id"]: cases.asked(case) for case in suite}
    reasons = {entry.expected.reason for entry in new}
    found = [(entry, fate(entry, reasons, flat(report), asked)) for entry in old]
    told = [f"  {why}: {where(entry)} ({entry.reason})" for entry, why in found if why]
    removed = sum(why not in ("", SILENT) for _, why in found)
    head = f"Entries of the old file, {removed} of {len(found)} removed:"
    return [head, *told] if told else []


def fate(entry: Expected, reasons: set[str], outcomes: Mapping[Pair, Json], asked: Cases) -> str:
    """What became of one entry; nothing where it is kept as usual, or its TODO was written anew."""
    pairs = [(name, q) for name, qs in asked.items() for q in qs if entry.fits(name, q)]
    verdicts = {outcomes[pair]["verdict"] for pair in pairs if pair in outcomes}
    if not pairs:
        return NOTHING
    if verdicts == {SKIP}:
        return SILENT
    if entry.reason in reasons:
        return ""
    if verdicts <= {PASS}:
        return PASSES
    return "" if entry.unwritten else OTHERS
