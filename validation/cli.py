"""The command line of the suite: `python -m validation`, or `refmixed validate`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from .ask import check, finding, record
from .ask.implementations import ImplementationError
from .ask.options import WHICH, WHO, Output, implementation
from .invariance.requests import requests
from .suite import cases
from .tell import catalogue, expected, junit, page, report, terminal, track
from .validate import examine, own_failures, validate

REFUSED = (
    cases.CaseError,
    catalogue.MistakeError,
    expected.ExpectedError,
    ImplementationError,
    track.TrackError,
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def top(context: click.Context) -> int | None:
    """Hold an implementation of linear mixed models against proven values.

    Without a command: all cases, on refmixed by each of its routes and on lme4.  Exit status: 1
    where something is not as expected, 2 where there was nothing to run.
    """
    return None if context.invoked_subcommand else int(not validate())


@top.command()
@WHO
@WHICH
@click.option("--report", "json_", type=Output(), help="write JSON")
@click.option("--junit", "xml", type=Output(), help="write JUnit XML")
@click.option("--html", type=Output(), help="write one static page")
@click.option("--track", "old", type=click.Path(path_type=Path), help="what changed since a report")
@click.option("--expected-failures", "failures", type=click.Path(path_type=Path), help="TOML")
def run(
    adapter: str | None, levels: Sequence[str], patterns: Sequence[str], form: str | None,
    json_: Path | None, xml: Path | None, html: Path | None, old: Path | None,
    failures: Path | None, **who: Any,
) -> int:  # fmt: skip
    """Run cases on one implementation."""
    before = track.read(old) if old else None
    entries = expected.read(failures) if failures else own_failures(adapter)
    settings = {"levels": list(levels), "cases": list(patterns), "form": form}
    with closing(implementation(adapter, **who)) as asked:
        suite = cases.everything()
        chosen = cases.choose(suite, levels, patterns, form)
        command = str(click.get_current_context().obj)
        result = examine(asked, suite, chosen, entries, settings, command)
    print(terminal.table(result))
    for path, write in ((json_, report.write), (xml, junit.write), (html, page.write)):
        if path:
            write(result, path)
    if before:
        print("\n" + terminal.changes(track.changes(before, report.as_json(result))))
    return int(result.failed)


@top.command("check-adapter")
@WHO
def check_adapter(**who: Any) -> int:
    """Try one request of each kind, and say what is wrong with the answers."""
    lines = []
    for right, text in check.check(implementation(**who)):
        lines.append((right, text))
        print(f"{'ok   ' if right else 'WRONG'} {text}", flush=True)
    print(check.verdict(lines))
    return int(not all(right for right, _ in lines))


@top.command("list")
@WHICH
def list_(**which: Any) -> None:
    """List the cases, with why they are there."""
    for case in cases.choose(cases.everything(), **which):
        print(f"{case['id']:45} {case['why']}")


@top.command()
@click.argument("name", metavar="ID")
@click.option("--request", is_flag=True, help="what an implementation is asked")
def show(name: str, request: bool) -> None:
    """Print one case."""
    case = cases.one(name)
    print(json.dumps(requests(case) if request else case, indent=1, ensure_ascii=False))


@top.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="print JSON")
def mistakes(name: str | None, as_json: bool) -> None:
    """List the mistakes that have names; of one the cases that can tell."""
    found = catalogue.entries(cases.everything(), name)
    print(json.dumps(found, indent=1) if as_json else "\n".join(catalogue.lines(found)))


@top.command()
@click.argument("models", nargs=-1)
@click.option("--near-misses", is_flag=True, help="write the near misses alone; prove nothing anew")
def certify(models: Sequence[str], near_misses: bool) -> None:
    """Prove the reference values of some models, or of all, and write their cases."""
    from .proof import certify

    try:
        certify.chosen(list(models))
    except ValueError as error:
        raise cases.CaseError(str(error)) from error
    (certify.near_misses if near_misses else certify.certify)(list(models))


@top.command()
def witnesses() -> None:
    """Ask other implementations for the values that stand beside the proven ones."""
    from .proof import certify

    certify.witnesses()


@top.command("record")
def record_() -> None:
    """Write down what lme4 answers, for machines without R."""
    record.record(finding.adapter("lme4"), cases.everything())


@top.command()
def chapter() -> None:
    """Print the chapter's numbers that are its optimiser's."""
    from . import chapter

    print(chapter.table())


@top.command()
def simulate() -> None:
    """Write the simulated data sets."""
    from .made import simulated

    simulated.write()


def main(arguments: Sequence[str] | None = None, name: str = "python -m validation") -> int:
    """Run a command; `run` where only its options are given.  The exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0].startswith("-") and given[0] not in ("-h", "--help"):
        given.insert(0, "run")
    try:
        command = f"{name} {shlex.join(given)}"
        return top.main(given, prog_name=name, standalone_mode=False, obj=command) or 0
    except click.ClickException as error:
        print(f"{name}: {error.format_message()}", file=sys.stderr)
    except REFUSED as error:
        print(f"{name}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"{name}: this needs {error.name}, which is not installed", file=sys.stderr)
    except (KeyboardInterrupt, click.Abort):
        print(f"{name}: interrupted", file=sys.stderr)
    return 2
