"""Commands of a fitted model: `refmixed predict`, `test`, `anova`, `profile`, `bootstrap`, `plot`.

To add one: a function that adds its options to a parser, a function of the fit and the arguments
that returns a table to print, or nothing, and a row of COMMANDS.  `line` fits and prints.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..errors import OptionError
from .inference_commands import (
    Read,
    anova_options,
    bootstrap_options,
    profile_options,
    run_anova,
    run_bootstrap,
    run_profile,
    run_test,
    test_options,
)
from .plot_command import plot_options, run_plot


@dataclass(frozen=True)
class Command:
    """A command: what it is for, its options, and what it does with a Fit."""

    help: str
    options: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Any, argparse.Namespace, Read], pd.DataFrame | None]
    has_out: bool = True  # its table may go to --out; a picture's has a --out of its own


def predict_options(parser: argparse.ArgumentParser) -> None:
    """What to predict, and with which random effects."""
    parser.add_argument("--new", metavar="FILE", help="CSV of rows to predict, else the fit's own")
    some = "with those of some groups, or of bars such as '~ (1 | g)'"
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--population", action="store_true", help="without random effects")
    whose.add_argument("--random", metavar="GROUP", nargs="+", help=some)
    over = "with --family: the mean over all random effects"
    whose.add_argument("--marginal", action="store_true", help=over)
    scale = "with --family: of the linear predictor (unless given), or of the response"
    parser.add_argument("--scale", choices=["link", "response"], help=scale)
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
    if args.random is not None and len(args.random) == 1:
        (random,) = args.random  # bars, "~ (1 | g)", come as one text
    errors = (args.se, args.interval, args.level, args.new_weights)
    return numbered(fit.predict(new, random, args.new_levels, *errors))


def numbered(found: Any) -> pd.DataFrame:
    """Predictions, each beside the number of its row."""
    table = found if isinstance(found, pd.DataFrame) else found.to_frame("fit")
    rows = [number + 1 for number in table.index]
    return table.reset_index(drop=True).assign(row=rows)[["row", *table]]


COMMANDS = {
    "predict": Command("predicted rows", predict_options, run_predict),
    "test": Command("tests of fixed effects", test_options, run_test),
    "anova": Command("likelihood ratio tests beside other models", anova_options, run_anova),
    "profile": Command("profile limits, or profiles", profile_options, run_profile),
    "bootstrap": Command("bootstrap intervals, or replicates", bootstrap_options, run_bootstrap),
    "plot": Command("a picture", plot_options, run_plot, has_out=False),
}
