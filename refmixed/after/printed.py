"""What the command line prints: fits, tables, and messages on Python's arguments in its words."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from typing import Any

import pandas as pd

from ..errors import OptionError
from ..ranef import summed

OPPOSITES = {"refit": "no_refit", "reml": "ml"}  # what is True without the option
WORDS = {  # what in Python is a call, and here a formula or nothing
    r"; use refmixed\.lm for a model without them$": "; add one",
    r"give them to predict\(newdata\), chunk by chunk, or fit data that are all there": "predict "
    "those of a file by refmixed predict --new, or fit a .csv without --chunks",
    r", as pandas\.cut\(\) makes it,": "",
    r"(\S+)\.cat\.as_unordered\(\)": r"factor(\1, ordered = FALSE)",
}


def write(table: pd.DataFrame, args: argparse.Namespace) -> None:
    """Print a table, to --out where a command has that and it is given.  Raises OptionError."""
    text = as_json(table) if args.json else as_csv(table)
    if getattr(args, "out", None) is None:
        sys.stdout.write(text)
        return
    try:
        with open(args.out, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise unwritten(args.out, error) from error


def unwritten(out: str, error: OSError) -> OptionError:
    """What to say of a file that cannot be written."""
    return OptionError(f"cannot write --out {out}: {error.strerror}")


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
    for python, word in WORDS.items():
        message = re.sub(python, word, message)
    for name in vars(args):
        option = f"--{name.replace('_', '-')}"
        message = re.sub(rf"\b{name}=True\b", option, message)
        message = re.sub(rf"\b{name}=False\b", f"without {option}", message)
        message = re.sub(rf"\b{name}='?([\w-]+)'?( or '[\w-]+')?", rf"{option} \1\2", message)
        message = re.sub(rf"\b{name}=(?![\w'])", option, message)
        message = re.sub(rf"^{name} must\b", f"{option} must", message)
    for name, opposite in OPPOSITES.items():
        if hasattr(args, opposite) and not hasattr(args, name):
            option = f"--{opposite.replace('_', '-')}"
            message = re.sub(rf"\b(leave|fit with) {name}=True\b", f"leave out {option}", message)
            message = re.sub(rf"\b{name}=False\b", option, message)
    return message


def all_of(fit: Any) -> dict[str, Any]:
    """Every number of a fit, by name; what is not a number is null."""
    return {"formula": fit.formula, "reml": fit.reml, "route": fit.route} | estimates_of(fit)


def estimates_of(fit: Any) -> dict[str, Any]:
    """What a fit of any family has of these."""
    return {
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
