"""What Sphinx says while it builds the book, as progress: a line each, on a terminal one line."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

EXECUTED = re.compile(r".*?(\w+)\.py: Executed notebook in ([\d.]+) seconds")
STAGE = re.compile(r"(reading sources|writing output)\.\.\. \[ *(\d+%)\]")
WIDTH = 79


def show(lines: Iterable[str], pages: int) -> None:
    """Print the progress in the lines of Sphinx, of a book with so many pages to execute."""
    if not sys.stdout.isatty():
        for said in sentences(lines, pages):
            print(said, flush=True)
        return
    for said in sentences(lines, pages):
        print(f"\r{said[:WIDTH]:{WIDTH}}", end="", flush=True)
    print()


def sentences(lines: Iterable[str], pages: int) -> Iterator[str]:
    """What is to be said of the lines: pages that were executed, and parts that were done."""
    executed = 0
    for line in lines:
        if page := EXECUTED.match(line):
            executed += 1
            yield f"executed {executed} of {pages} pages: {page[1]}, {float(page[2]):.0f} s"
        elif stage := STAGE.match(line):
            yield f"{stage[1]}: {stage[2]}"
