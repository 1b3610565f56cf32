"""The options of the command line that say which generalized model is fitted, and the fit."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import OptionError
from .after.commands import refuse_normal
from .fit import glmer
from .model import DIALECTS
from .result import GlmerFit

LIKELIHOODS = ("laplace", "exact")
OWN = ("nagq", "likelihood", "dialect", "scale", "marginal")  # of no use without --family
WHOLE = "a generalized model takes a CSV file that is read whole, without --chunks"


def add_family(command: argparse.ArgumentParser) -> None:
    """The options."""
    family = "binomial, binomial(probit), binomial(cloglog), poisson or Gamma; else normal"
    command.add_argument("--family", metavar="FAMILY", help=f"of the responses: {family}")
    nodes = "with --family: nodes of the quadrature; 1, Laplace, unless given"
    command.add_argument("--nagq", type=int, metavar="NODES", help=nodes)
    exact = "with --family: the approximation of nodes, or the integral itself"
    command.add_argument("--likelihood", choices=LIKELIHOODS, help=exact)
    weights = "with --family: weights in Laplace's determinant"
    command.add_argument("--dialect", choices=DIALECTS, help=weights)


def refuse_own(args: argparse.Namespace) -> None:
    """Raises OptionError where an option of generalized models stands without --family."""
    for name in OWN:
        if getattr(args, name, None):
            raise OptionError(f"--{name} goes with --family")


def fitted(args: argparse.Namespace, read: Callable[[str], Any]) -> GlmerFit:
    """The generalized model that the arguments ask for.  Raises OptionError."""
    refuse_normal(args)
    if args.chunks or args.file.endswith(".parquet"):
        raise OptionError(WHOLE)
    route = "blocked" if args.route == "auto" else args.route
    names = ("nagq", "likelihood", "dialect")
    how = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    data = read(args.file)
    return glmer(args.formula, data, args.family, weights=args.weights, route=route, **how)
