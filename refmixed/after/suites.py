"""The conformance suite, which is beside the package: its modules, and its commands."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from types import ModuleType

from ..r.extras import extra

COMMANDS = {  # of `refmixed`: the module that runs it, what it does
    "validate": ("cli", "hold an implementation against proven values"),
    "course": ("course.commands", "assignments on mixed models, and their grader"),
    "explain": ("explain.command", "say why two programs differ in a model"),
}


def run(command: str, arguments: Sequence[str]) -> int:
    """Run a command of the suite; its exit status.  Raises ExtraError."""
    module, _ = COMMANDS[command]
    return int(suite(module).main(arguments, f"refmixed {command}"))


def suite(module: str) -> ModuleType:
    """A module of the suite: of `refmixed.validation` where installed, `validation` in a clone.

    Raises ExtraError where what it needs is not installed.
    """
    inside = importlib.util.find_spec("refmixed.validation")
    return extra(f"{'refmixed.' * bool(inside)}validation.{module}", "validation")
