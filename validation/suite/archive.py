"""The archive of a version of the suite: text, schemas, cases and data, and their digests.

The same files give the same bytes: names in order, no times, no owners.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from . import cases, tables

HERE = Path(__file__).parents[1]  # validation/
ROOT = HERE.parent  # the clone
NAME = f"refmixed-suite-{cases.SUITE}"
PATTERNS = (  # of the files of the suite
    "SPEC.md", "TUTORIAL.md", "CHANGELOG.md", "cases/*.json", "data/*",
    *(f"schema/{name}.json" for name in ("case", "message", "answers", "report")),
    "examples/*.*", "examples/github/*.yml",
)  # fmt: skip
SUMS = "SHA256SUMS"


class ArchiveError(OSError):
    """An archive that cannot be made; the text says why."""


def write(folder: Path) -> Path:
    """Write the archive into a folder; its path.  Raises ArchiveError outside a clone."""
    if not (ROOT / "LICENSE").is_file():
        raise ArchiveError("the archive is made in a clone of refmixed: make archive")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.tar.gz"
    path.write_bytes(packed(contents()))
    return path


def contents() -> dict[str, bytes]:
    """What is in the archive, by name, with the digests of all else in SHA256SUMS."""
    own = [path for pattern in PATTERNS for path in HERE.glob(pattern)]
    found = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in own}
    found["LICENSE"] = (ROOT / "LICENSE").read_bytes()
    for file in tables.SHIPPED.iterdir():
        if file.is_file():
            found[f"refmixed/data/{file.name}"] = file.read_bytes()
    lines = [f"{hashlib.sha256(found[name]).hexdigest()}  {name}\n" for name in sorted(found)]
    return found | {SUMS: "".join(lines).encode()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files as a compressed tar."""
    raw = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name in sorted(files):
            member = tarfile.TarInfo(f"{NAME}/{name}")
            member.size = len(files[name])
            archive.addfile(member, io.BytesIO(files[name]))
    return raw.getvalue()


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
