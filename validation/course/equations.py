"""Where an equation stands: the page of the book, where the book is beside the suite."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

BOOK = Path(__file__).parents[2] / "derivations"
TAG = re.compile(r"\$\$\s*\((eq:[A-Za-z0-9-]+)\)")
TITLE = re.compile(r"^# # (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """A page of the book."""

    name: str  # d02_marginal
    title: str


@cache
def pages() -> dict[str, Page]:
    """The page of each equation by its tag; nothing where there is no book."""
    found: dict[str, Page] = {}
    for path in sorted(BOOK.glob("[a-z]*.py")):
        text = path.read_text("utf-8")
        if title := TITLE.search(text):
            page = Page(path.stem, title[1])
            found |= {tag: page for tag in TAG.findall(text) if tag not in found}
    return found


def title(tag: str) -> str:
    """The title of an equation's page, empty where it is not known."""
    page = pages().get(tag)
    return page.title if page else ""
