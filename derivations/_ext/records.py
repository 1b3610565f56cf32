"""What the pages wrote down about their checks while they ran (see `reading`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from .._book.book import CHECKS, FOLDER
from ..checks import KINDS

WRITTEN = CHECKS.relative_to(FOLDER)  # pages run in their folder
Record = dict[str, Any]  # one check, as checks.record makes it


def records(app: Sphinx) -> list[Record]:
    """The checks of all pages, in reading order."""
    files = sorted((Path(app.srcdir) / WRITTEN).glob("*.json"))
    return [record for file in files for record in json.loads(file.read_text())]


def kinds(of: list[Record]) -> dict[str, list[str]]:
    """{kind: what its checks cover, without repetition}; of a link that is the function."""
    found: dict[str, list[str]] = {}
    for record in sorted(of, key=lambda record: KINDS.index(record["kind"])):
        covers = found.setdefault(record["kind"], [])
        text = record["function"] or record["sizes"]
        if text and text not in covers:
            covers.append(text)
    return found
