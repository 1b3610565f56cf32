"""`refmixed test`, `anova`, `profile` and `bootstrap`: tables of tests and of limits."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from ..checks import one_of
from ..errors import OptionError
from .confint import FEW
from .draws.bootstrap import INTERVALS, KINDS
from .draws.simulate import RANDOM
from .limits.profile import BETWEEN, profile
from .switches import a_level

Read = Callable[[str], pd.DataFrame]
TYPES = {"1": 1, "2": 2, "3": 3, "sequential": "sequential", "marginal": "marginal", "none": None}
WHICH = "names, as sd_Days|Subject or Days; or sd_, cor_, sigma_, beta_, theta_ for all of a kind"


def test_options(parser: argparse.ArgumentParser) -> None:
    """Which hypotheses, and by which degrees of freedom."""
    df = "satterthwaite (the default), kenward-roger, residual, infinite, chi-square and others"
    parser.add_argument("--df", help=df)
    what = parser.add_mutually_exclusive_group()
    kind = "of each term, 1, 2 or 3 (the default), sequential or marginal; none: each coefficient"
    what.add_argument("--type", default="3", help=kind)
    weights = "one contrast of coefficients; may be given again"
    what.add_argument(
        "--contrasts", nargs="+", action="append", metavar="NAME=WEIGHT", help=weights
    )
    parser.add_argument("--joint", action="store_true", help="one F of all contrasts")


def run_test(fit: Any, args: argparse.Namespace, _: Read) -> pd.DataFrame:
    """A row a test."""
    df = args.df or "satterthwaite"
    if args.contrasts is None:
        if args.joint:
            raise OptionError("--joint is of contrasts: name them by --contrasts")
        one_of("type", args.type, TYPES)
        found = fit.test_fixed(df, type=TYPES[args.type])
        return labelled("coefficient" if args.type == "none" else "term", found)
    return labelled("contrast", fit.test_fixed(df, contrasts_of(args)))


def contrasts_of(args: argparse.Namespace) -> dict[str, Any]:
    """The contrasts of --contrasts, each by itself or --joint.  Raises OptionError."""
    given = {" ".join(texts): weights_of(texts) for texts in args.contrasts}
    together = pd.DataFrame(list(given.values())).fillna(0.0)
    return {"all": together} if args.joint else given


def weights_of(texts: list[str]) -> dict[str, float]:
    """A contrast.  Raises OptionError."""
    pairs = list(map(weight, texts))
    if len(dict(pairs)) < len(pairs):
        raise OptionError(f"--contrasts names a coefficient twice in {' '.join(texts)!r}")
    return dict(pairs)


def weight(text: str) -> tuple[str, float]:
    """A coefficient and its weight.  Raises OptionError."""
    name, _, number = text.rpartition("=")
    try:
        return name, float(number if name else "")
    except ValueError as error:
        raise OptionError(f"--contrasts takes NAME=WEIGHT, not {text!r}") from error


def labelled(head: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table with the labels of its rows as its first column."""
    return table.rename_axis(head).reset_index()


def anova_options(parser: argparse.ArgumentParser) -> None:
    """With which other models."""
    other = "other formulas; a dot means what the first has there: '. ~ . - Days'"
    parser.add_argument("--others", nargs="+", metavar="FORMULA", required=True, help=other)
    parser.add_argument("--no-refit", action="store_true", help="compare REML criteria")
    parser.add_argument("--boundary", action="store_true", help="laws of a variance at zero, too")


def run_anova(fit: Any, args: argparse.Namespace, read: Read) -> pd.DataFrame:
    """A row a model, by number of parameters."""
    data = read(args.file) if fit.design.coordinates is None else Path(args.file)
    others = [fit.update(formula, data) for formula in args.others]
    names = [fit.formula, *(other.formula for other in others)]
    if len(set(names)) < len(names):
        raise OptionError(f"--others must be models that differ, and these are {', '.join(names)}")
    found = fit.anova(*others, names=names, refit=not args.no_refit, boundary=args.boundary)
    for note in found.notes:
        print(f"refmixed: note: {note}", file=sys.stderr)
    return labelled("model", found.table)


def profile_options(parser: argparse.ArgumentParser) -> None:
    """Of which parameters, how far, and by which criterion."""
    parser.add_argument("--which", nargs="+", metavar="PARAMETER", help=WHICH)
    parser.add_argument("--level", type=float, default=0.95, help="of the limits, else .95")
    reml = "by REML, of standard deviations and correlations; else by ML"
    parser.add_argument("--reml", action="store_true", help=reml)
    table = "the profiles up to these limits, a row a point, instead of the limits"
    parser.add_argument("--table", action="store_true", help=table)


def run_profile(fit: Any, args: argparse.Namespace, _: Read) -> pd.DataFrame:
    """Estimates and limits, a row a parameter; or the profiles."""
    steps = BETWEEN if args.table else FEW
    found = profile(fit, args.which, args.level, args.reml, between=steps)
    return found.table if args.table else limits(found.estimates, found.confint(args.level))


def limits(estimates: Any, found: pd.DataFrame) -> pd.DataFrame:
    """Limits as predictions have them, beside what is known of the estimates."""
    ends = found.set_axis(["lower", "upper"], axis=1)
    return labelled("parameter", pd.DataFrame({"estimate": estimates}).join(ends))


def bootstrap_options(parser: argparse.ArgumentParser) -> None:
    """How many replicates of which kind, and what is made of them."""
    parser.add_argument("--nsim", type=int, default=1000, help="replicates, else 1000")
    parser.add_argument("--seed", type=int, help="a whole number; without it one is chosen, named")
    parser.add_argument("--kind", choices=KINDS, help=f"how samples are made, else {KINDS[0]}")
    parser.add_argument("--random", choices=RANDOM, default=RANDOM[0], help="effects of samples")
    parser.add_argument("--group", help="whose levels --kind case draws")
    parser.add_argument("--jobs", type=int, default=1, help="processes; the numbers stay")
    parser.add_argument("--progress", action="store_true", help="a bar")
    parser.add_argument("--level", type=float, default=0.95, help="of the intervals, else .95")
    parser.add_argument("--interval", choices=INTERVALS, default=INTERVALS[0], help="which")
    every = "all replicates, a row each, instead of intervals"
    parser.add_argument("--replicates", action="store_true", help=every)


def run_bootstrap(fit: Any, args: argparse.Namespace, _: Read) -> pd.DataFrame:
    """Estimates, what the replicates say of them, and limits; or the replicates."""
    a_level(args.level)  # before the work
    names = ("nsim", "seed", "random", "group", "jobs", "progress")
    given = {name: getattr(args, name) for name in names}
    return reported(fit.bootstrap(**given | {"kind": args.kind or KINDS[0]}), args)


def reported(found: Any, args: argparse.Namespace) -> pd.DataFrame:
    """What the options ask of a bootstrap."""
    if args.seed is None:
        print(f"refmixed: note: --seed {found.seed} gives these again", file=sys.stderr)
    if args.replicates:
        return labelled("replicate", found.table)
    ends = limits(found.estimates, found.confint(args.level, args.interval))
    return ends.join(found.summary().drop(columns="estimate"), on="parameter")
