"""What the command line prints of a generalized model: `--family` with each of its commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd

from ...after.commands import numbered
from ...after.inference_commands import TYPES, Read, contrasts_of, labelled, limits, reported
from ...after.printed import estimates_of
from ...after.switches import a_level
from ...checks import one_of
from ...errors import OptionError

Usual = dict[str, Any]  # options, and what they are when not given
NORMAL: dict[str, Usual] = {  # those of normal responses, by command
    "fit": {"certify": False},
    "predict": {"new_weights": None},
    "test": {"df": None},
    "anova": {"no_refit": False, "boundary": False},
    "profile": {"reml": False},
    "bootstrap": {"kind": None, "group": None},
}


def refuse_normal(args: argparse.Namespace) -> None:
    """Raises OptionError where an option, or a command, is of normal responses."""
    if args.command not in NORMAL:
        raise OptionError(f"refmixed {args.command} is of normal responses: leave --family out")
    for name, usual in (NORMAL[args.command] | {"ml": False, "allow_saturated": False}).items():
        if getattr(args, name) != usual:
            option = f"--{name.replace('_', '-')}"
            raise OptionError(f"{option} is of normal responses: leave it out, or --family")


def all_of(fit: Any) -> dict[str, Any]:
    """Every number of a fit, by name; what is not a number is null."""
    first = {
        "formula": fit.formula,
        "family": fit.family,
        "link": fit.link,
        "nagq": fit.kind.nagq,
        "likelihood": "laplace" if fit.kind.digits is None else "exact",
        "dialect": fit.model.dialect,
        "route": fit.model.route,
    }
    return first | estimates_of(fit) | {"dispersion": fit.dispersion}


def run_predict(fit: Any, args: argparse.Namespace, read: Read) -> pd.DataFrame:
    """A row for each one predicted."""
    new = None if args.new is None else read(args.new)
    random: Any = not args.population if args.random is None else args.random
    if args.random is not None and len(args.random) == 1:
        (random,) = args.random  # bars, "~ (1 | g)", come as one text
    random = "marginal" if args.marginal else random
    errors = (args.se, args.interval, args.level)
    return numbered(fit.predict(new, random, args.scale or "link", args.new_levels, *errors))


def run_test(fit: Any, args: argparse.Namespace, _: Read) -> pd.DataFrame:
    """A row a test."""
    if args.contrasts is None:
        if args.joint:
            raise OptionError("--joint is of contrasts: name them by --contrasts")
        one_of("type", args.type, ("3", "marginal", "none"))
        found = fit.test_fixed(type=TYPES[args.type])
        return labelled("coefficient" if args.type == "none" else "term", found)
    return labelled("contrast", fit.test_fixed(contrasts_of(args)))


def run_anova(fit: Any, args: argparse.Namespace, read: Read) -> pd.DataFrame:
    """A row a model, by number of parameters."""
    data = read(args.file)
    others = [fit.update(formula, data) for formula in args.others]
    names = [fit.formula, *(other.formula for other in others)]
    if len(set(names)) < len(names):
        raise OptionError(f"--others must be models that differ, and these are {', '.join(names)}")
    found = fit.anova(*others, names=names)
    for note in found.notes:
        print(f"refmixed: note: {note}", file=sys.stderr)
    return labelled("model", found.table)


def run_profile(fit: Any, args: argparse.Namespace, _: Read) -> pd.DataFrame:
    """Estimates and limits, a row a parameter; or the profiles."""
    found = fit.profile(args.which, args.level)
    return found.table if args.table else limits(found.estimates, found.confint(args.level))


def run_bootstrap(fit: Any, args: argparse.Namespace, _: Read) -> pd.DataFrame:
    """Estimates, what the replicates say of them, and limits; or the replicates."""
    a_level(args.level)  # before the work
    names = ("nsim", "seed", "random", "jobs", "progress")
    return reported(fit.bootstrap(**{name: getattr(args, name) for name in names}), args)


RUN: dict[str, Callable[[Any, argparse.Namespace, Read], pd.DataFrame]] = {
    "predict": run_predict,
    "test": run_test,
    "anova": run_anova,
    "profile": run_profile,
    "bootstrap": run_bootstrap,
}
