"""What `make validate` runs: the whole suite on refmixed by each route, and on lme4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import refmixed as rm

from . import chapter
from .adapters import r
from .adapters.messages import Json
from .ask import finding, implementations, record, run
from .ask.implementations import Implementation
from .suite import cases, tiers
from .tell import expected, terminal, track
from .tell.report import EVERYTHING, Report

EXPECTED = Path(__file__).parent / "expected"
ROUTES = ("refmixed", "refmixed_penalized", "refmixed_marginal")


def lme4() -> tuple[Implementation, str]:
    """lme4, live or as recorded, and a sentence on which it is."""
    live, reason = r.available()
    if live:
        theirs: Implementation = finding.adapter("lme4")
        return theirs, f"lme4 {theirs.about['version']}, live"
    theirs = implementations.Answers(record.FILE)
    return theirs, f"recorded answers of lme4 {theirs.about['version']} (no live lme4: {reason})"


def examine(
    implementation: Implementation,
    suite: Sequence[Json],
    chosen: Sequence[Json],
    entries: Sequence[expected.Expected],
    settings: Json | None = None,
    before: Json | None = None,
    command: str = "",
) -> Report:
    """The report on some cases of the suite, with failures that are expected.

    before: an old report, whose digits are told beside failures that have fewer.
    """
    settings = EVERYTHING | (settings or {})
    lowered = [tiers.lowered(case, settings["digits"]) for case in chosen]
    asked = zip(run.run(lowered, implementation), chosen, strict=True)
    results = [replace(result, case=case) for result, case in asked]
    marked = expected.marked(results, expected.at(entries, settings["digits"]))
    marked = track.marked(marked, before) if before else marked
    sizes = Counter(case["level"] for case in suite)
    problems, notes = expected.problems(marked, entries, suite), expected.notes(entries)
    return Report(implementation.about, marked, sizes, problems, notes, settings, command)


def own_failures(name: str | None) -> list[expected.Expected]:
    """The failures that the suite itself expects of an adapter: those of expected/<name>.toml."""
    path = EXPECTED / f"{name}.toml"
    return expected.read(path) if path.is_file() else []


def validate() -> bool:
    """Examine all, print what was found, and whether all is as expected."""
    suite = cases.everything()
    theirs, which = lme4()
    print(f"refmixed {rm.__version__} by {len(ROUTES)} routes, and {which}\n", flush=True)
    ours = [(finding.adapter(name), own_failures(name)) for name in ROUTES]
    right = True
    for implementation, entries in [*ours, (theirs, own_failures("lme4"))]:
        report = examine(implementation, suite, suite, entries)
        print(terminal.table(report) + "\n", flush=True)
        right = right and not report.failed
    print(chapter.table())
    return right
