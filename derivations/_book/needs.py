"""What a page needs, how long it takes, and who may skip it: reading.toml says so of each page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .pages import FOLDER

TABLE = Path(__file__).with_name("reading.toml")
NUMBERED = "dgs"  # kinds of pages; an assignment tells its own record of hours and needs


@dataclass(frozen=True)
class Reading:
    """An entry: the pages to read before, about how long this one takes, and for whom it is not."""

    needs: list[str]
    minutes: int
    skip: str  # what comes after "Skip it if"


@cache
def readings() -> dict[str, Reading]:
    """All entries."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    return {page: Reading(**entry) for page, entry in table.items()}


def to_read() -> list[str]:
    """The pages that have an entry, in reading order."""
    return [file.stem for kind in NUMBERED for file in sorted(FOLDER.glob(f"{kind}[0-9]*_*.py"))]


def problems(pages: list[str], entries: dict[str, Reading]) -> Iterator[str]:
    """What is wrong with the table; as no page needs a later one, none can need itself."""
    yield from (f"{page} has no entry" for page in pages if page not in entries)
    yield from (f"there is no page {page}" for page in entries if page not in pages)
    for number, page in enumerate(pages):
        if page in entries:
            yield from _wrong(page, entries[page], pages[:number])


def _wrong(page: str, entry: Reading, earlier: list[str]) -> Iterator[str]:
    """What is wrong with one entry."""
    yield from (f"{page} needs {n}: not an earlier page" for n in entry.needs if n not in earlier)
    if not 5 <= entry.minutes <= 240:
        yield f"{page}: minutes from 5 to 240"
    if entry.skip.endswith("."):
        yield f"{page}: its sentence has a full stop"
