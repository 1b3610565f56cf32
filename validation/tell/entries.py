"""The file of expected failures, written; expected.py reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tomlkit
from tomlkit.items import Array, Table

from ..suite import cases
from ..suite.text import count, down
from ..suite.tiers import REFERENCE
from .baseline import Entry
from .expected import ALL, NEVER, TODO, Expected

HEAD = f"""What is expected to fail of suite {cases.SUITE}, by `refmixed validate baseline`.
Say in each reason why it fails; those that begin with {TODO} are still to be written. When this
is written anew, reasons that you wrote are kept, and other comments are not."""


def write(entries: Sequence[Entry], tier: int, path: Path) -> None:
    """Write the file."""
    document = tomlkit.document()
    for line in HEAD.splitlines():
        document.add(tomlkit.comment(line))
    if tier != REFERENCE:
        document.add(tomlkit.nl())
        document.add("digits", tomlkit.item(tier))
    array = tomlkit.aot()
    for entry in entries:
        array.append(table(entry))
    if entries:
        document.add(tomlkit.nl())
        document.add("expected", array)
    path.write_text(tomlkit.dumps(document), "utf-8")


def table(entry: Entry) -> Table:
    """One entry."""
    made, expected = tomlkit.table(), entry.expected
    made.add(tomlkit.comment(size(entry)))
    made.add("case", several(expected.case))
    if expected.quantity != ALL:
        made.add("quantity", several(expected.quantity))
    made.add("reason", tomlkit.string(expected.reason))
    for key, usual in (("least", Expected.least), ("passes", NEVER)):
        if (value := getattr(expected, key)) != usual:
            made.add(key, tomlkit.string(value))
    return made


def size(entry: Entry) -> str:
    """How many answers an entry is about, and their digits."""
    found = count(entry.failures, "answer")
    if not entry.digits:
        return found
    return f"{found}, {down(min(entry.digits))} to {down(max(entry.digits))} digits"


def several(patterns: Sequence[str]) -> Array | str:
    """One pattern, or a list of them, a line each where they are many."""
    if len(patterns) == 1:
        return patterns[0]
    array = tomlkit.array()
    array.extend(patterns)
    return array.multiline(len(patterns) > 3)


def told(entries: Sequence[Entry], path: Path) -> str:
    """What was written, and what is to be done."""
    failures = count(sum(entry.failures for entry in entries), "failure")
    reasons = {entry.expected.reason: entry.expected.unwritten for entry in entries}
    unwritten = sum(reasons.values())
    todo = f", {unwritten} of them to be written: they begin with {TODO}" * bool(unwritten)
    return f"{path}: {failures}, {count(len(reasons), 'reason')}{todo}"
