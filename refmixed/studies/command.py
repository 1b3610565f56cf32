"""`refmixed study NAME`: the table on the terminal, and with --out the files."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from ..errors import StudyError
from . import STUDIES, Result, Study

OUT = "NAME.csv, the table, NAME.parquet, the rows that it is made of, and NAME.png"


def add_parser(commands: Any) -> None:
    """Add the command to argparse's subparsers."""
    listed = "\n".join(f"  {name:12} {study.title}{of(study)}" for name, study in STUDIES.items())
    command = commands.add_parser(
        "study",
        help="run one of the studies of the chapter",
        description=f"studies:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("name", choices=list(STUDIES), metavar="NAME", help=", ".join(STUDIES))
    command.add_argument("--nsim", type=int, help="how many samples, where many are drawn")
    command.add_argument(
        "--seed", type=int, help="of the random numbers; the same seed, the same bytes"
    )
    command.add_argument("--jobs", type=int, help="processes (the numbers stay)")
    command.add_argument("--out", metavar="FOLDER", help=f"write there {OUT}")
    command.set_defaults(run=run_study)


def of(study: Study) -> str:
    """How many samples it draws by default."""
    return f" ({study.nsim} samples)" if study.nsim else ""


def run_study(args: argparse.Namespace) -> None:
    """Run, print, write.  Raises StudyError."""
    study = STUDIES[args.name]
    folder = None if args.out is None else made(args.out, study.name)
    keep = folder and folder / f"{study.name}.parquet"
    result = study.run(args.nsim, args.seed, args.jobs, keep)
    print(result)
    if folder is not None:
        write(result, folder / study.name)


def write(result: Result, path: Path) -> None:
    """The table and the picture.  Raises StudyError."""
    try:
        result.table.to_csv(path.with_suffix(".csv"), index=False)
        picture = path.with_suffix(".png")
        result.figure().savefig(picture, dpi=110, metadata={"Software": None})
    except OSError as error:
        raise StudyError(f"cannot write {path}.csv or .png: {error.strerror}") from error


def made(name: str, study: str) -> Path:
    """The folder, made where it is not there.  Raises StudyError."""
    folder = Path(name)
    if not name or any((folder / f"{study}.{kind}").is_dir() for kind in ("parquet", "csv", "png")):
        raise StudyError(f"--out takes a folder for the files of the study, and not {name!r}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise StudyError(f"cannot write to {folder}: {error.strerror}") from error
