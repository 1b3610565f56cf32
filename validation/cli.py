"""The command line of the suite: `python -m validation`, or `refmixed validate`."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from refmixed import __version__

from . import running
from .ask import check, finding, protocol, record
from .ask.implementations import ImplementationError
from .ask.options import WHICH, WHO, implementation
from .invariance.requests import requests
from .suite import archive, cases
from .tell import catalogue, expected, track
from .validate import OUT, validate

REFUSED = (
    archive.ArchiveError,
    cases.CaseError,
    catalogue.MistakeError,
    expected.ExpectedError,
    ImplementationError,
    track.TrackError,
)


FOLDER = click.Path(file_okay=False, path_type=Path)
OWN = ("-h", "--help", "--version", "--live", "--anew", "--jobs", "--out")  # not those of `run`


def version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print which package, suite and cases these are."""
    if asked:
        print(f"refmixed {__version__}, suite {cases.SUITE}, cases {cases.digest()}")
        context.exit()


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=version,
    help="which suite this is, and the digest of its cases",
)  # fmt: skip
@click.option("--live", is_flag=True, help="ask lme4 what a record of the same versions holds, too")
@click.option("--anew", is_flag=True, help="ask refmixed, too, what this very code has answered")
@click.option(
    "--jobs", type=click.IntRange(1), help="processes; as many as processors unless given"
)
@click.option(
    "--out", type=FOLDER, default=OUT, show_default=True, help="tables and pages go there"
)
@click.pass_context
def top(context: click.Context, /, **options: Any) -> int | None:
    """Hold an implementation of linear mixed models against proven values.

    Without a command: all cases, on refmixed by each of its routes and on lme4.  Exit status: 1
    where something is not as expected, 2 where there was nothing to run.
    """
    if context.invoked_subcommand:
        return None
    return int(not validate(**options, command=str(context.obj or "")))


top.add_command(running.run)
top.add_command(running.baseline_)


@top.command("check-adapter")
@WHO
def check_adapter(**who: Any) -> int:
    """Try one request of each kind, and say what is wrong with the answers.

    Exit status: 1 where something breaks the protocol. Numbers that are not right are notes.
    """
    lines = []
    for kind, text in check.check(implementation(**who)):
        lines.append((kind, text))
        print(f"{kind:5} {text}", flush=True)
    print(check.verdict(lines))
    return int(any(kind == check.WRONG for kind, _ in lines))


@top.command("list")
@WHICH
def list_(**which: Any) -> None:
    """List the cases, with why they are there."""
    for case in cases.choose(cases.everything(), **which):
        print(f"{case['id']:45} {case['why']}")


@top.command()
@click.argument("name", metavar="ID")
@click.option("--request", is_flag=True, help="what an implementation is asked, line by line")
def show(name: str, request: bool) -> None:
    """Print one case."""
    case = cases.one(name)
    if request:
        print("\n".join(protocol.line(asked) for asked in requests(case)))
    else:
        print(json.dumps(case, indent=1, ensure_ascii=False))


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
@click.option("--anew", is_flag=True, help="ask also what the record has of the same versions")
def record_(anew: bool) -> None:
    """Write down what lme4 answers, for machines without R and for a second call."""
    theirs = finding.adapter("lme4")
    record.record(theirs, cases.everything(), theirs.software(), anew=anew)


@top.command("archive")
@click.option("--out", type=click.Path(path_type=Path), default=Path("dist"), show_default=True)
def archive_(out: Path) -> None:
    """Write the archive of this version of the suite, and print its digests."""
    path = archive.write(out)
    print(f"{archive.digest(path)}  {path}\n{cases.digest()}  its cases")


@top.command()
def chapter() -> None:
    """Print the chapter's numbers that are its optimiser's."""
    from . import chapter

    print(chapter.table(chapter.printed_numbers()))


@top.command()
def simulate() -> None:
    """Write the simulated data sets."""
    from .made import simulated

    simulated.write()


def main(arguments: Sequence[str] | None = None, name: str = "python -m validation") -> int:
    """Run a command; `run` where only its options are given.  The exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0].startswith("-") and given[0].partition("=")[0] not in OWN:
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
