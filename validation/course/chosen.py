"""Which assignment a command is about: one of the course, or a lecturer's own file of TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from . import own
from .assignments import NAMES, assignment
from .records import Assignment


class Chosen(click.ParamType[Assignment]):
    """The assignment of a name, such as hw2, or of a file."""

    name = "assignment"

    def convert(self, value: Any, param: Any, ctx: Any) -> Assignment:
        """The assignment."""
        if isinstance(value, Assignment):
            return value
        try:
            return own.read(Path(value)) if value.endswith(".toml") else assignment(value)
        except own.OwnError as error:
            self.fail(str(error), param, ctx)
        except KeyError:
            there = ", ".join(NAMES)
            self.fail(f"there is no {value}: there are {there}, or a file of TOML", param, ctx)


ASSIGNMENT = click.argument("one", metavar="ASSIGNMENT", type=Chosen())
EXAMPLE = Path(own.__file__).parents[1] / "examples" / "course" / "weights.toml"
