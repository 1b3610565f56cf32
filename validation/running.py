"""The commands `run` and `baseline`: cases on one implementation, and what is written of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from .adapters.messages import Json
from .ask.implementations import ImplementationError
from .ask.options import DIGITS, WHICH, WHO, Output, implementation, together
from .suite import cases
from .suite.tiers import REFERENCE
from .tell import badge, baseline, entries, expected, junit, page, renewed, report, terminal, track
from .tell.report import Report
from .validate import examine, own_failures

FILE = click.Path(path_type=Path)


class BadgeFile(Output):
    """A file to write a badge to."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        """The path, which says what kind of a badge it is to be."""
        path = super().convert(value, param, ctx)
        if path.suffix.lower() not in badge.WRITERS:
            self.fail(f"{path} must end in {' or '.join(badge.WRITERS)}", param, ctx)
        return path


FAILURES = click.option("--expected-failures", "failures", type=FILE, help="TOML; see baseline")
OUTPUTS = together(
    click.option("--report", "json_", type=Output(), help="write JSON"),
    click.option("--junit", "xml", type=Output(), help="write JUnit XML"),
    click.option("--html", type=Output(), help="write one static page"),
    click.option("--badge", "badges", type=BadgeFile(), multiple=True, help="write .svg or .json"),
    click.option("--track", "old", type=FILE, help="what changed since a report"),
)


@click.command()
@WHO
@WHICH
@DIGITS
@FAILURES
@OUTPUTS
@click.option(
    "--expect-digest", metavar="SHA256",
    help=f"refuse to run other cases than these; its first {cases.ENOUGH} digits will do",
)  # fmt: skip
def run(
    json_: Path | None, xml: Path | None, html: Path | None, badges: Sequence[Path],
    old: Path | None, expect_digest: str | None, **asked: Any,
) -> int:  # fmt: skip
    """Run cases on one implementation.

    Exit status: 0 where all is as expected; 1 where something is not, which is a failure that is
    not expected, a pass where a failure is, an expected failure that fits nothing or of which all
    is skipped, a skip where the report of --track has a pass, or no answer at all; 2 where nothing
    was run, since an option, a file or the implementation cannot be used.
    """
    if expect_digest is not None:
        cases.expect(expect_digest)
    before = track.read(old) if old else None
    command = str(click.get_current_context().obj)
    result = examined(before=before, typed=command, **asked)
    written = [(json_, report), (xml, junit), (html, page), *((path, badge) for path in badges)]
    for path, form in written:
        if path:
            form.write(result, path)
    print(terminal.table(result))
    if before:
        print("\n" + terminal.changes(track.changes(before, report.as_json(result))))
    return int(result.failed)


def examined(
    adapter: str | None, levels: Sequence[str], patterns: Sequence[str], form: str | None,
    digits: int | None, failures: Path | None, before: Json | None = None, typed: str = "",
    **who: Any,
) -> Report:  # fmt: skip
    """The report on what the options ask for."""
    known = expected.read(failures) if failures else own_failures(adapter)
    tier = digits or (expected.tier(failures) if failures else REFERENCE)
    settings = {"levels": list(levels), "cases": list(patterns), "form": form, "digits": tier}
    with closing(implementation(adapter, **who)) as asked:
        suite = cases.everything()
        chosen = cases.choose(suite, levels, patterns, form)
        return examine(asked, suite, chosen, known, settings, before, typed)


@click.command("baseline")
@WHO
@WHICH
@DIGITS
@click.option("--report", "json_", type=FILE, help="read a report that `run` wrote; run nothing")
@click.option("--expected-failures", "path", type=Output(), required=True, help="TOML to write")
def baseline_(json_: Path | None, path: Path, digits: int | None, **asked: Any) -> None:
    """Write the expected failures that make a run be as expected, reasons to be filled in.

    Of a file that is there, the reasons that people wrote are kept, and what is not asked or is
    skipped now; what was removed is printed, and why.
    """
    old, tier = [], None
    if path.is_file():
        old, tier = expected.read(path), expected.tier(path)
    found = reported(json_, digits=digits, tier=tier, **asked)
    run_tier = found["settings"].get("digits", REFERENCE)
    if tier not in (None, run_tier):
        raise expected.ExpectedError(f"{path} is of {tier} digits, and the run of {run_tier}")
    suite = cases.everything()
    written = baseline.baseline(found, suite, old)
    entries.write(written, run_tier, path)
    print("\n".join([*renewed.lines(old, written, found, suite), entries.told(written, path)]))


def reported(json_: Path | None, digits: int | None, tier: int | None, **asked: Any) -> Json:
    """A report that was written, or that of a run now, at the tier of a file that is there."""
    if json_ is None:
        return report.as_json(examined(failures=None, digits=digits or tier, **asked))
    given = ("adapter", "command", "answers", "levels", "patterns", "form")
    if digits or any(asked[key] for key in given):
        raise ImplementationError("--report says itself who was asked what: give it alone")
    found = track.read(json_)
    if found["cases_sha256"] != cases.digest():
        raise track.TrackError(f"{json_} is of other cases than those of suite {cases.SUITE}")
    return found
