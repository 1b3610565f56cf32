"""The command line of the timings.

python -m validation.bench                       the sets that are not big, and certificates
python -m validation.bench --big --curves        all of it
python -m validation.bench sleepstudy --rounds 5 --no-write
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..adapters.messages import Json
from . import certificates, curves, machine, page, programs, rounds, sets, sums, table


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    made = argparse.ArgumentParser(prog="python -m validation.bench", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("sets", nargs="*", help="names of sets; all that are not big, if none")
    made.add_argument("--big", action="store_true", help="the big sets, too")
    made.add_argument("--curves", action="store_true", help="cost against rows, levels, effects")
    made.add_argument("--rounds", type=int, default=11, help="rounds of each set (%(default)s)")
    made.add_argument("--limit", type=float, default=120, help="seconds an answer (%(default)s)")
    made.add_argument("--only", nargs="*", metavar="PROGRAM", help="some programs")
    made.add_argument("--openblas", type=Path, help="the OpenBLAS that R gets")
    made.add_argument("--no-write", action="store_true", help="write no report and no page")
    return made


def main(arguments: Sequence[str]) -> int:
    """Time, print, and write the report and its page; 2 where the arguments are wrong."""
    os.environ.update(programs.ONE_THREAD)
    asked = parser().parse_args(arguments)
    openblas = asked.openblas or machine.openblas()
    try:
        todo = sets.chosen(asked.sets, asked.big)
        who = some(programs.everyone(openblas), asked.only)
    except LookupError as wrong:
        print(wrong.args[0])
        return 2
    if openblas is None:
        print(machine.NO_OPENBLAS)
    report = run(todo, who, asked)
    report["command"] = command(arguments)
    if not asked.no_write:
        page.keep(report)
        page.write()
    return 0


def run(
    todo: Iterable[sets.Set], who: Sequence[programs.Program], asked: argparse.Namespace
) -> Json:
    """The report, printed as it comes."""
    report: Json = {"machine": machine.described(), "versions": machine.known(who, asked.limit)}
    print(table.versions(report), flush=True)
    report["sets"] = [one_set(one, who, asked) for one in todo]
    report["curves"] = curves.fitted(who, asked.rounds, asked.limit) if asked.curves else {}
    if asked.curves:
        print("\n" + table.curves(report["curves"]), flush=True)
    report["certificates"] = certificates.timed()
    print("\n" + "\n".join(map(certificates.text, report["certificates"])))
    return report


def one_set(one: sets.Set, who: Sequence[programs.Program], asked: argparse.Namespace) -> Json:
    """What is found of a set, printed, too."""
    found = sums.summed(rounds.measure(one, who, asked.rounds, asked.limit))
    print("\n" + table.one_set(found), flush=True)
    return found


def some(known: list[programs.Program], names: Sequence[str] | None) -> list[programs.Program]:
    """The programs of these names; all, if none are given.  Raises LookupError."""
    titles = [program.name for program in known]
    if unknown := [name for name in names or () if name not in titles]:
        raise LookupError(f"there is no program {unknown[0]!r}; there are {', '.join(titles)}")
    return [program for program in known if not names or program.name in names]


def command(arguments: Sequence[str]) -> str:
    """What made the numbers; the path of a library is that of one machine."""
    shown = list(arguments)
    if "--openblas" in shown:
        shown[shown.index("--openblas") + 1] = "FILE"
    return f'make bench ARGS="{shlex.join(shown)}"' if shown else "make bench"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
