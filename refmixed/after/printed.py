"""Tables as the command line prints them, and messages about Python's arguments in its words."""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from typing import Any

import pandas as pd

from ..errors import OptionError

OPPOSITES = {"refit": "no_refit", "reml": "ml"}  # what is True without the option


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
    for name, value in vars(args).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            message = re.sub(rf"\b{name}=True\b", option, message)
            message = re.sub(rf"\b{name}=False\b", f"without {option}", message)
        message = re.sub(rf"\b{name}='?([\w-]+)'?", rf"{option} \1", message)
        message = re.sub(rf"\b{name}=(?=\s)", option, message)
        message = re.sub(rf"^{name} must\b", f"{option} must", message)
    for name, opposite in OPPOSITES.items():
        if hasattr(args, opposite) and not hasattr(args, name):
            option = f"--{opposite.replace('_', '-')}"
            message = re.sub(rf"\b(leave|fit with) {name}=True\b", f"leave out {option}", message)
    return message
