"""`refmixed plot`: pictures of a fit, to a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import OptionError
from .pictures.kinds import KINDS, options_of, plot
from .printed import unwritten

PICTURE = (
    "group", "effect", "effects", "x", "levels", "level", "theta", "which", "units", "reml",
)  # fmt: skip
PNG, PDF, SVG = ".png", ".pdf", ".svg"


def plot_options(parser: argparse.ArgumentParser) -> None:
    """Which picture, of what, and where to."""
    parser.add_argument("kind", choices=list(KINDS), help="which picture")
    where = f"the file, its name ending in {PNG}, {PDF} or {SVG}"
    parser.add_argument("--out", metavar="FILE", required=True, help=where)
    parser.add_argument("--group", help="a grouping factor, else the first")
    parser.add_argument("--effect", help="a random effect, else the first")
    parser.add_argument("--effects", nargs=2, metavar="EFFECT", help="two, for shrinkage")
    parser.add_argument("--x", help="a column of X, for lines")
    some = "some levels, for lines; for contour of probability, as .5 .95"
    parser.add_argument("--levels", nargs="+", metavar="LEVEL", help=some)
    parser.add_argument("--level", type=float, help="of the intervals of a caterpillar, as .95")
    parser.add_argument("--theta", choices=["kept", "estimated"], help="of deletions, for cook")
    which = "residuals: conditional or marginal; zeta and contour: parameters, as profile has them"
    parser.add_argument("--which", nargs="+", help=which)
    parser.add_argument(
        "--reml", action="store_true", default=None, help="zeta, contour: by REML, not ML"
    )
    unit = "units for the labels, such as Reaction=ms Days=d"
    parser.add_argument("--units", nargs="+", metavar="NAME=UNIT", help=unit)


def run_plot(fit: Any, args: argparse.Namespace, _: Any) -> None:
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
    if "levels" in given and args.kind == "contour":
        given["levels"] = list(map(probability, given["levels"]))
    if len(given.get("which", ())) == 1:
        (given["which"],) = given["which"]
    axes = plot(fit, args.kind, **given)
    figure = np.ravel(axes)[0].figure
    try:
        figure.savefig(args.out, dpi=150)
    except OSError as error:
        raise unwritten(args.out, error) from error


def probability(text: str) -> float:
    """A level of a contour.  Raises OptionError."""
    try:
        return float(text)
    except ValueError as error:
        raise OptionError(f"--levels of a contour must be numbers, not {text!r}") from error


def pair(text: str) -> tuple[str, str]:
    """A name and its unit.  Raises OptionError."""
    name, sign, unit = text.partition("=")
    if not (name and sign and unit):
        raise OptionError(f"--units takes NAME=UNIT, not {text!r}")
    return name, unit
