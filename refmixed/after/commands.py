"""Commands of a fitted model: `refmixed predict`, `refmixed plot`.

To add one: a function that adds its options to a parser, a function of the fit and the arguments
that returns a table to print, or nothing, and a row of COMMANDS.  `cli` fits and prints.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import OptionError
from .pictures.kinds import KINDS, options_of, plot

Read = Callable[[str], pd.DataFrame]  # reads a CSV file as `fit` does
PICTURE = ("group", "effect", "effects", "x", "levels", "level", "theta", "which", "units")
PNG, PDF, SVG = ".png", ".pdf", ".svg"


@dataclass(frozen=True)
class Command:
    """A command: what it is for, its options, and what it does with a Fit."""

    help: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Any, argparse.Namespace, Read], pd.DataFrame | None]


def predict_options(parser: argparse.ArgumentParser) -> None:
    """What to predict, and with which random effects."""
    parser.add_argument("--new", metavar="FILE", help="CSV of rows to predict, else the fit's own")
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--population", action="store_true", help="without random effects")
    whose.add_argument("--random", metavar="GROUP", nargs="+", help="with those of some groups")
    unseen = "what to do with groups that the fit has not seen: refuse, or no random effects"
    parser.add_argument(
        "--new-levels", choices=["error", "population"], default="error", help=unseen
    )
    parser.add_argument("--se", action="store_true", help="standard errors of the means")
    what = "of the mean, or of a new observation"
    parser.add_argument("--interval", choices=["confidence", "prediction"], help=what)
    parser.add_argument("--level", type=float, default=0.95, help="of the intervals, else .95")
    parser.add_argument("--new-weights", metavar="COLUMN", help="of new observations, in --new")


def run_predict(fit: Any, args: argparse.Namespace, read: Read) -> pd.DataFrame:
    """A row for each one predicted: its number in the file, from 1, and what `predict` says."""
    if args.new is None and fit.design.coordinates is not None:
        raise OptionError("rows read in chunks are not kept: name those to predict by --new")
    new = None if args.new is None else read(args.new)
    random = not args.population if args.random is None else args.random
    errors = (args.se, args.interval, args.level, args.new_weights)
    found = fit.predict(new, random, args.new_levels, *errors)
    table = found if isinstance(found, pd.DataFrame) else found.to_frame("fit")
    rows = [number + 1 for number in table.index]
    return table.reset_index(drop=True).assign(row=rows)[["row", *table]]


def plot_options(parser: argparse.ArgumentParser) -> None:
    """Which picture, of what, and where to."""
    parser.add_argument("kind", choices=list(KINDS), help="which picture")
    where = f"the file, its name ending in {PNG}, {PDF} or {SVG}"
    parser.add_argument("--out", metavar="FILE", required=True, help=where)
    parser.add_argument("--group", help="a grouping factor, else the first")
    parser.add_argument("--effect", help="a random effect, else the first")
    parser.add_argument("--effects", nargs=2, metavar="EFFECT", help="two, for shrinkage")
    parser.add_argument("--x", help="a column of X, for lines")
    parser.add_argument("--levels", nargs="+", metavar="LEVEL", help="some levels, for lines")
    parser.add_argument("--level", type=float, help="of the intervals of a caterpillar, as .95")
    parser.add_argument("--theta", choices=["kept", "estimated"], help="of deletions, for cook")
    parser.add_argument("--which", choices=["conditional", "marginal"], help="residuals")
    unit = "units for the labels, such as Reaction=ms Days=d"
    parser.add_argument("--units", nargs="+", metavar="NAME=UNIT", help=unit)


def run_plot(fit: Any, args: argparse.Namespace, _: Read) -> None:
    """Write the picture."""
    suffix = Path(args.out).suffix.lower()
    if suffix not in (PNG, PDF, SVG):
        raise OptionError(f"--out must end in {PNG}, {PDF} or {SVG}, and {args.out!r} does not")
    given = {name: getattr(args, name) for name in PICTURE if getattr(args, name) is not None}
    known = [name for name in PICTURE if name in options_of(args.kind)]
    for name in given:
        if name not in known:
            choices = ", ".join(f"--{name}" for name in known)
            raise OptionError(f"the picture {args.kind} takes no --{name}; it takes {choices}")
    if "units" in given:
        given["units"] = dict(map(pair, given["units"]))
    axes = plot(fit, args.kind, **given)
    figure = next(iter(getattr(axes, "flat", [axes]))).figure
    try:
        figure.savefig(args.out, dpi=150)
    except OSError as error:
        raise OptionError(f"cannot write --out {args.out}: {error.strerror}") from error


def pair(text: str) -> tuple[str, str]:
    """A name and its unit.  Raises OptionError."""
    name, sign, unit = text.partition("=")
    if not (name and sign and unit):
        raise OptionError(f"--units takes NAME=UNIT, not {text!r}")
    return name, unit


COMMANDS = {
    "predict": Command("fit a model and predict rows, as CSV", predict_options, run_predict),
    "plot": Command("fit a model and draw a picture of it", plot_options, run_plot),
}


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV, every number at full precision, NA for what has no value."""
    return table.to_csv(index=False, na_rep="NA")


def as_json(table: pd.DataFrame) -> str:
    """A table as a list of objects; null for what has no value, "inf" as a text."""
    rows = [{name: plain(value) for name, value in row.items()} for row in table.to_dict("records")]
    return json.dumps(rows, indent=2, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """A value that JSON has."""
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)


def in_options(message: str, args: argparse.Namespace) -> str:
    """A message about Python's arguments as one about the options of the command."""
    for name, value in vars(args).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            message = re.sub(rf"\b{name}=True\b", option, message)
        message = re.sub(rf"\b{name}='?([\w-]+)'?", rf"{option} \1", message)
        message = re.sub(rf"^{name} must\b", f"{option} must", message)
    return message
