"""The command line: `refmixed fit`, those of a fit (`after.commands`), `study`, and the suite's."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from .after import suites
from .after.commands import COMMANDS, Command
from .after.printed import in_options, write
from .datasets import list_datasets
from .errors import DataError, ExtraError, RefmixedError, RefmixedWarning, one_line
from .fit import lmer
from .r.convert import convert
from .ranef import summed
from .result import Fit
from .search import CHOICES
from .studies.command import add_parser as add_study_parser

AS_TEXT: dict[str, Any] = {"dtype": str, "keep_default_na": False, "na_values": ["", "NA"]}


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    top = argparse.ArgumentParser(
        prog="refmixed",
        description="Linear mixed models by the book.",
        epilog="A message ends with its name; the book's page of messages explains it by that.",
    )
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
    command.add_argument("--json", action="store_true", help="every number at full precision")


def fitted(args: argparse.Namespace) -> Fit:
    """The model that the arguments ask for."""
    in_chunks = args.chunks or args.file.endswith(".parquet")
    data = Path(args.file) if in_chunks else read_csv(args.file)
    return lmer(args.formula, data, reml=not args.ml, route=args.route, weights=args.weights)


def run_command(command: Command, args: argparse.Namespace) -> None:
    """Fit, and print the table of a command, if it makes one."""
    with warnings.catch_warnings():
        warnings.showwarning = partial(show_in_options, args)
        try:
            table = command.run(fitted(args), args, read_csv)
        except RefmixedError as error:
            error.args = (in_options(str(error), args), *error.args[1:])
            raise
    if table is not None:
        write(table, args)


def show_in_options(args: argparse.Namespace, message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning in one line, in words of the command line."""
    said = in_options(str(message), args)
    show_warning(said if isinstance(message, str) else type(message)(said))


def run_fit(args: argparse.Namespace) -> None:
    """Fit and print."""
    fit = fitted(args)
    certificate = fit.certify() if args.certify else None
    if args.json:
        more = {} if certificate is None else {"certificate": certificate.as_json()}
        print(json.dumps(as_json(fit) | more, indent=2, allow_nan=False))
        return
    print(fit.summary())
    if certificate is not None:
        print("", certificate, sep="\n")


def run_datasets(_args: argparse.Namespace) -> None:
    """Name, size and description of each data set."""
    print(list_datasets().to_string())


def run_suite(command: str, arguments: Sequence[str]) -> int:
    """A command of the conformance suite."""
    try:
        return suites.run(command, arguments)
    except ExtraError as error:
        print(f"refmixed: error: {named(error)}", file=sys.stderr)
        return 2


def read_csv(path: str) -> pd.DataFrame:
    """The data of a CSV file.  Raises DataError where there is none to read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # more cells than names
            text = pd.read_csv(path, index_col=False, compression=None, **AS_TEXT)
    except (OSError, ValueError, pd.errors.ParserWarning) as error:
        reason = getattr(error, "strerror", None) or one_line(error)
        raise DataError(f"cannot read {path} as CSV: {reason}") from error
    data = pd.DataFrame({name: convert(text[name]) for name in text})
    data.attrs["name"] = Path(path).stem
    return data


def as_json(fit: Fit) -> dict[str, Any]:
    """Every number of a fit, by name; what is not a number is null."""
    return {
        "formula": fit.formula,
        "reml": fit.reml,
        "route": fit.route,
        "nobs": fit.nobs,
        "criterion": fit.criterion,
        "loglik": fit.loglik,
        "aic": fit.aic,
        "bic": fit.bic,
        "sigma": fit.sigma,
        "theta": fit.theta.to_list(),
        "beta": fit.beta.to_dict(),
        "se": fit.se.to_dict(),
        "varcorr": {
            name: {"sd": term.sd.to_dict(), "corr": nulls(term.corr.to_numpy().tolist())}
            for name, term in fit.varcorr.items()
        },
        "ranef": {group: summed(frame).to_dict("index") for group, frame in fit.ranef().items()},
        "singular": fit.is_singular,
        "messages": list(fit.messages),
    }


def nulls(rows: list[list[float]]) -> list[list[float | None]]:
    """A correlation with a variance of zero does not exist: null."""
    return [[None if math.isnan(x) else x for x in row] for row in rows]


def show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A warning in one line."""
    print(f"refmixed: warning: {named(message)}", file=sys.stderr)


def named(message: Exception | str) -> str:
    """A message with the name of its class after its first line, to look it up by."""
    first, *rest = str(message).split("\n")  # the rest shows a place in a formula
    return "\n".join([f"{first} [{type(message).__name__}]", *rest])


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 2 where the formula or the data are at fault, which stderr says."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given and given[0] in suites.COMMANDS:
        return run_suite(given[0], given[1:])
    args = parser().parse_args(given)
    with warnings.catch_warnings():
        warnings.simplefilter("always", RefmixedWarning)
        warnings.showwarning = show_warning
        try:
            args.run(args)
        except RefmixedError as error:
            print(f"refmixed: error: {named(error)}", file=sys.stderr)
            return 2
        except BrokenPipeError:  # `refmixed ... | head` has read what it wanted
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except KeyboardInterrupt:
            print("refmixed: interrupted", file=sys.stderr)
            return 130
    return 0
