"""The commands of the line that fit: `refmixed fit`, those of a fit (`after.commands`), `study`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from . import __version__
from .after import suites
from .after.commands import COMMANDS, Command
from .after.printed import all_of, in_options, write
from .datasets import list_datasets
from .errors import RefmixedError, RefmixedWarning
from .fit import lmer
from .glm import command_line as generalized
from .glm.after.commands import RUN
from .glm.after.commands import all_of as all_of_generalized
from .glm.command_line import add_family
from .glm.result import GlmerFit
from .r.csv_file import read_csv
from .result import Fit
from .search import CHOICES
from .studies.command import add_parser as add_study_parser


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    top = argparse.ArgumentParser(
        prog="refmixed",
        description="Linear mixed models by the book.",
        epilog="A message ends with its name; the book's page of messages explains it by that.",
    )
    top.add_argument("--version", action="version", version=f"refmixed {__version__}")
    commands = top.add_subparsers(dest="command", required=True)
    fit = commands.add_parser("fit", help="fit a model to a CSV file and print its summary")
    add_model(fit)
    fit.add_argument("--certify", action="store_true", help="prove the optimum, or say what is not")
    fit.set_defaults(run=run_fit)
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=f"fit a model and print or draw: {command.help}")
        add_model(own)
        if command.has_out:
            own.add_argument("--out", metavar="FILE", help="where to, else to standard output")
        command.options(own)
        own.set_defaults(run=partial(run_command, command))
    datasets = commands.add_parser("datasets", help="list the data sets that ship with refmixed")
    datasets.set_defaults(run=run_datasets)
    add_study_parser(commands)
    for name, (_, does) in suites.COMMANDS.items():  # they have parsers of their own
        commands.add_parser(name, help=f"{does} ({name} --help)", add_help=False)
    return top


def add_model(command: argparse.ArgumentParser) -> None:
    """The arguments that say which model is fitted, and how numbers are printed."""
    command.add_argument("formula", help='such as "Reaction ~ Days + (Days | Subject)"')
    command.add_argument("file", help="CSV with a header, or Parquet; texts become factors")
    command.add_argument("--ml", action="store_true", help="maximum likelihood instead of REML")
    command.add_argument("--route", choices=list(CHOICES), default="auto", help="how to compute it")
    part = "read a .csv a part at a time, for files larger than memory; a .parquet always is"
    command.add_argument("--chunks", action="store_true", help=part)
    command.add_argument("--weights", metavar="COLUMN", help="prior weights")
    many = "fit even where a term has as many random effects as there are observations"
    command.add_argument("--allow-saturated", action="store_true", help=many)
    add_family(command)
    command.add_argument("--json", action="store_true", help="every number at full precision")


def fitted(args: argparse.Namespace) -> Fit | GlmerFit:
    """The model that the arguments ask for."""
    if args.family is not None:
        return generalized.fitted(args, read_csv)
    generalized.refuse_own(args)
    in_chunks = args.chunks or args.file.endswith(".parquet")
    data = Path(args.file) if in_chunks else read_csv(args.file)
    how = {"reml": not args.ml, "route": args.route, "allow_saturated": args.allow_saturated}
    return lmer(args.formula, data, weights=args.weights, **how)


def run_command(command: Command, args: argparse.Namespace) -> None:
    """Fit, and print the table of a command, if it makes one."""
    run = command.run if args.family is None else RUN.get(args.command, command.run)
    table = run(fitted(args), args, read_csv)
    if table is not None:
        write(table, args)


def run_fit(args: argparse.Namespace) -> None:
    """Fit and print."""
    fit = fitted(args)
    certificate = fit.certify() if args.certify and isinstance(fit, Fit) else None
    if args.json:
        more = {} if certificate is None else {"certificate": certificate.as_json()}
        numbers = all_of(fit) if isinstance(fit, Fit) else all_of_generalized(fit)
        print(json.dumps(numbers | more, indent=2, allow_nan=False))
        return
    print(fit.summary())
    if certificate is not None:
        print("", certificate, sep="\n")


def run_datasets(_args: argparse.Namespace) -> None:
    """Name, size and description of each data set."""
    print(list_datasets().to_string())


def show_warning(args: argparse.Namespace, message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning in one line, in words of the command line."""
    kind = str if isinstance(message, str) else type(message)
    print(f"refmixed: warning: {named(in_options(str(message), args), kind)}", file=sys.stderr)


def named(message: str, kind: type) -> str:
    """A message with the name of its class after its first line, to look it up by."""
    first, *rest = message.split("\n")  # the rest shows a place in a formula
    return "\n".join([f"{first} [{kind.__name__}]", *rest])


def run(given: Sequence[str]) -> int:
    """Run a command; 2 where the formula or the data are at fault, which stderr says."""
    args = parser().parse_args(given)
    with warnings.catch_warnings():
        warnings.simplefilter("always", RefmixedWarning)
        warnings.showwarning = partial(show_warning, args)
        try:
            args.run(args)
        except RefmixedError as error:
            said = named(in_options(str(error), args), type(error))
            print(f"refmixed: error: {said}", file=sys.stderr)
            return 2
        except BrokenPipeError:  # `refmixed ... | head` has read what it wanted
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except KeyboardInterrupt:
            print("refmixed: interrupted", file=sys.stderr)
            return 130
    return 0
