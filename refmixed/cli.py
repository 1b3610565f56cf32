"""The command line.  It loads what fits models when a model is to be fitted: that takes seconds."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .after import suites
from .errors import ExtraError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command of the suite, or one that fits; its exit status."""
    given = sys.argv[1:] if argv is None else list(argv)
    if given and given[0] in suites.COMMANDS:
        return run_suite(given[0], given[1:])
    from . import line

    return line.run(given)


def run_suite(command: str, arguments: Sequence[str]) -> int:
    """A command of the conformance suite."""
    try:
        return suites.run(command, arguments)
    except ExtraError as error:
        print(f"refmixed: error: {error} [{ExtraError.__name__}]", file=sys.stderr)
        return 2
