"""`python -m validation`: hold refmixed against lme4.  Exit status 1 when a row falls short."""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from . import chapter, report, run, simulated


def validate() -> int:
    """Print the table of digits, then where the chapter's printed digits are its optimiser's."""
    who, ask = run.source()
    print(report.header(who))
    rows = []
    for row in run.rows(ask):
        rows.append(row)
        tqdm.write(report.line(row))
    print(report.verdict(rows))
    print("\n" + chapter.table())
    return int(any(row.failures for row in rows))


def record() -> int:
    """Write down lme4's answers."""
    run.record()
    return 0


def simulate() -> int:
    """Write the simulated data sets."""
    simulated.write()
    return 0


def main() -> int:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(prog="python -m validation", description=__doc__)
    commands = {"validate": validate, "record": record, "simulate": simulate}
    parser.add_argument("command", nargs="?", choices=list(commands), default="validate")
    return commands[parser.parse_args().command]()


if __name__ == "__main__":
    sys.exit(main())
