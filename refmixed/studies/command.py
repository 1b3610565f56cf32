"""`refmixed study NAME`: the table on the terminal, and with --out the files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StudyError
from . import STUDIES, Study

if TYPE_CHECKING:
    from . import Result


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    listed = "\n".join(f"  {name:12} {study.title}" for name, study in STUDIES.items())
    command = commands.add_parser(
        "study",
        help="run one of the studies of the chapter",
        description=f"studies:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("name", choices=list(STUDIES), metavar="NAME", help=", ".join(STUDIES))
    command.add_argument("--nsim", type=int, help="replicates")
    command.add_argument("--seed", type=int, help="the numbers are a function of it")
    command.add_argument("--jobs", type=int, default=1, help="processes (the numbers stay)")
    command.add_argument("--out", metavar="FOLDER", help="write NAME.parquet and NAME.png there")
    command.set_defaults(run=run_study)


def run_study(args: argparse.Namespace) -> None:
    """Run, print, write."""
    study = STUDIES[args.name]
    result = study.run(args.nsim, args.seed, args.jobs)
    print(result.table.to_string(index=False, float_format="{:.4g}".format))
    if args.out is not None:
        write(study, result, Path(args.out), args.nsim or study.nsim, seed_of(args, study))


def seed_of(args: argparse.Namespace, study: Study) -> int | None:
    """The seed that was used."""
    return study.seed if args.seed is None else int(args.seed)


def write(study: Study, result: Result, folder: Path, nsim: int | None, seed: int | None) -> None:
    """NAME.parquet and NAME.png.  Raises StudyError where they cannot be written."""
    from ..description import versions
    from ..storage import write_frame

    metadata = {"seed": seed, "nsim": nsim, "versions": versions(), "description": study.title}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_frame(result.table, folder / f"{study.name}.parquet", metadata)
        file = folder / f"{study.name}.png"
        result.figure().savefig(file, dpi=110, metadata={"Software": None})
    except OSError as error:
        raise StudyError(f"cannot write to {folder}: {error.strerror}") from error
