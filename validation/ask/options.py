"""Whom to ask, and about which cases: the options of the command line that commands share."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ..suite.cases import FORMS
from ..suite.compare import LEVELS
from ..suite.tiers import REFERENCE, TIERS
from . import finding
from .implementations import Answers, Command, Implementation, ImplementationError

Options = Callable[[Callable[..., Any]], Callable[..., Any]]


class Output(click.Path):
    """A file to write, in a folder that is there."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Path:
        """The path; refused before an hour of work and not after it."""
        path = Path(str(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}", param, ctx)
        return path


def together(*options: Options) -> Options:
    """Several options as one decorator."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


WHO = together(
    click.option("--adapter", metavar="NAME", help="one of the suite, mine.py, or package.mine"),
    click.option("--command", metavar="COMMAND", help="a program, as 'Rscript mine.R'"),
    click.option("--answers", type=click.Path(path_type=Path), help="a file of answers"),
    click.option(
        "--timeout",
        type=click.FloatRange(0.1),
        default=60.0,
        show_default=True,
        help="seconds that a program has to start, and for each answer",
    ),
)
WHICH = together(
    click.option("--level", "levels", multiple=True, type=click.Choice(list(LEVELS))),
    click.option("--case", "patterns", metavar="GLOB", multiple=True, help="as 'dyestuff*'"),
    click.option("--form", type=click.Choice(FORMS)),
)

DIGITS = click.option(
    "--digits",
    type=click.Choice(list(TIERS)),
    help=f"how many to ask for: {REFERENCE}, or those of the expected failures, where not given",
)


def implementation(
    adapter: str | None, command: str | None, answers: Path | None, timeout: float
) -> Implementation:
    """Whoever is to answer.  Raises ImplementationError."""
    if sum(x is not None for x in (adapter, command, answers)) != 1:
        raise ImplementationError("one of --adapter, --command and --answers is needed")
    if adapter is not None:
        return finding.adapter(adapter)
    if answers is not None:
        return Answers(answers)
    try:
        words = shlex.split(command or "")
    except ValueError as error:
        raise ImplementationError(f"cannot read the command: {error}") from error
    if not words:
        raise ImplementationError("the command is empty")
    return Command(words, timeout)
