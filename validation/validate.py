"""What `make validate` runs: the whole suite on refmixed by each route, and on lme4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from . import chapter
from .adapters.messages import Json
from .ask import processes, shares
from .ask.implementations import Implementation
from .ask.run import Result, run
from .ask.shares import LME4, SLOW, Answered
from .suite import cases, tiers
from .suite.text import count
from .tell import expected, page, silence, terminal, track, verdict
from .tell.report import EVERYTHING, Report

EXPECTED = Path(__file__).parent / "expected"
OUT = Path("build", "validate")
TABLES = "tables.txt"
ROUTES = ("refmixed", "refmixed_penalized", "refmixed_marginal")


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
    asked = zip(run(lowered, implementation), chosen, strict=True)
    results = [replace(result, case=case) for result, case in asked]
    return reported(implementation.about, results, suite, entries, settings, before, command)


def reported(
    about: Json,
    results: Iterable[Result],
    suite: Sequence[Json],
    entries: Sequence[expected.Expected],
    settings: Json,
    before: Json | None = None,
    command: str = "",
) -> Report:
    """The report on results; as of `examine`."""
    marked = expected.marked(results, expected.at(entries, settings["digits"]))
    marked = track.marked(marked, before) if before else marked
    sizes = Counter(case["level"] for case in suite)
    problems = [
        *silence.problems(marked, entries, suite, before),
        *expected.problems(marked, entries, suite),
    ]
    notes = expected.notes(entries)
    return Report(about, marked, sizes, problems, notes, settings, command)


def own_failures(name: str | None) -> list[expected.Expected]:
    """The failures that the suite itself expects of an adapter: those of expected/<name>.toml."""
    path = EXPECTED / f"{name}.toml"
    return expected.read(path) if path.is_file() else []


def validate(
    live: bool = False, anew: bool = False, jobs: int | None = None, out: Path = OUT,
    command: str = "",
) -> bool:  # fmt: skip
    """Examine all, print the verdict, write the rest, and say whether all is as expected.

    live: lme4 is asked all questions, where a record of the same versions holds some answers;
    anew: so is refmixed.  jobs: processes, as many as processors unless given.  out: a folder.
    command: what was typed.
    """
    suite, names = cases.everything(), (LME4, *ROUTES)
    again = names if anew else (LME4,) if live else ()
    numbers = chapter.printed_numbers()  # loads refmixed, before it is copied into processes
    answered = shares.whole(names, suite, jobs or processes.usable(), again)
    reports = {
        name: reported(
            answered[name].about, answered[name].results, suite, own_failures(name), EVERYTHING,
            command=command,
        )
        for name in (*ROUTES, LME4)
    }  # fmt: skip
    write(reports, chapter.table(numbers), out)
    print("\n".join(verdict.folded(said(reports, answered, chapter.tally(numbers), out))))
    return not any(report.failed for report in reports.values())


def said(
    reports: Mapping[str, Report], answered: Mapping[str, Answered], chapters: str, out: Path
) -> list[str]:
    """All that is printed: who was asked, what passed, where the rest is, and the verdict."""
    ours, last = [reports[name] for name in ROUTES], reports[LME4]
    asked = count(len(last.results), "case")
    by = f"refmixed {ours[0].about['version']} by {len(ROUTES)} routes"
    pages = ", ".join(f"{name}.html" for name in reports)
    return [
        f"{by} and {last.who}: {asked} of suite {cases.SUITE}, {cases.digest()[:12]}",
        source(answered),
        "",
        *verdict.counts(reports),
        "",
        *verdict.surprises(reports),
        f"All tables are in {out / TABLES}, and there are pages: {pages}.",
        "",
        *verdict.conformance(ours, last, chapters),
        *verdict.why(last),
        verdict.ending(reports),
    ]


def source(answered: Mapping[str, Answered]) -> str:
    """Where answers come from."""
    if reason := answered[LME4].reason:
        return f"lme4's answers are recorded ones (no live lme4: {reason})."
    theirs = len(answered[LME4].kept)
    ours = sum(len(found.kept) for found in answered.values()) - theirs
    if not ours + theirs:
        return "All answers are live."
    return (
        f"All answers are live but {theirs} of lme4, at levels {' and '.join(SLOW)}, from a "
        f"record of the same versions (--live asks it) and {ours} of refmixed, kept since this "
        "very code was asked (--anew asks all)."
    )


def write(reports: Mapping[str, Report], chapters: str, out: Path) -> None:
    """All tables in one file, and a page for each implementation."""
    out.mkdir(parents=True, exist_ok=True)
    tables = [*(terminal.table(report) for report in reports.values()), chapters]
    (out / TABLES).write_text("\n\n".join(tables) + "\n", "utf-8")
    for name, report in reports.items():
        page.write(report, out / f"{name}.html")
