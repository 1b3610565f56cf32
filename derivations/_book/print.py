"""The book on paper, by Chromium: `make pdf`, or after `make book` one of

    python -m derivations._book.print               # the whole book: _build/refmixed.pdf
    python -m derivations._book.print d06_penalized # one page: _build/d06_penalized.pdf

The pages are put one after the other into one page of HTML, so that links between them stay links.
What is folded is left out: the notebooks have it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .book import BUILD, HTML

CHROMIUM = ["chromium", "chromium-browser", "google-chrome"]
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS += ["--disable-dev-shm-usage", "--no-pdf-header-footer", "--generate-pdf-document-outline"]
LONGEST = 900  # seconds

PART = re.compile(r'<div class="toctree-wrapper compound">(.*?)</div>', re.DOTALL)
CAPTION = re.compile(r'<span class="caption-text">(.*?)</span>')
LINK = re.compile(r'<li class="toctree-l1"><a [^>]*href="(\w+)[.]html"')
ARTICLE = re.compile(r'<article role="main"[^>]*>(.*?)</article>', re.DOTALL)
HEAD = re.compile(r'<link rel="stylesheet"[^>]*>')
HREF = re.compile(r'href="(?![a-z]+:)([^"#]*)(?:#([^"]*))?"')
DETAILS = re.compile(r'<details(?! class="admonition hide)')  # what is folded, and is no code


@dataclass(frozen=True)
class Part:
    """A title, and the names of the pages beneath it."""

    title: str
    pages: list[str]


def parts() -> list[Part]:
    """Those of the first page of the book that was built, without pages of what is elsewhere."""
    blocks = PART.findall((HTML / "index.html").read_text("utf-8"))
    return [Part(CAPTION.findall(block)[0], LINK.findall(block)) for block in blocks]


def article(page: str) -> str:
    """What a page says, as HTML."""
    found = ARTICLE.search((HTML / f"{page}.html").read_text("utf-8"))
    assert found is not None, f"{page}.html has no article"
    return found[1]


def printed(page: str, among: set[str]) -> str:
    """A page with names of its own for all places in it, and links that lead to such names."""

    def led(match: re.Match[str]) -> str:
        to = match[1].removesuffix(".html") if match[1] else page
        if to not in among:
            return ""  # the code, or a file: not on paper
        return f'href="#{to}:{match[2]}"' if match[2] else f'href="#{to}"'

    named = re.sub(r'\bid="([^"]+)"', rf'id="{page}:\1"', article(page))
    text = DETAILS.sub("<details open", HREF.sub(led, named))
    return f'<div class="printed" id="{page}">{text}</div>'


def whole(chosen: list[Part]) -> Iterator[str]:
    """The HTML of all pages, one after the other."""
    index = (HTML / "index.html").read_text("utf-8")
    among = {page for part in chosen for page in part.pages}
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>refmixed</title>'
    yield from HEAD.findall(index)
    yield '</head><body data-theme="light"><div class="content"><article role="main">'
    for part in chosen:
        yield f'<h1 class="part">{part.title}</h1>' if part.title else ""
        yield from (printed(page, among) for page in part.pages)
    yield "</article></div></body></html>"


def to_pdf(chosen: list[Part], out: Path) -> None:
    """Print pages.  The HTML lies for a while beside them, as it loads what they load."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        raise SystemExit("there is no Chromium to print with: install it (Debian: chromium)")
    with (
        tempfile.NamedTemporaryFile("w", dir=HTML, suffix=".htm", encoding="utf-8") as file,
        tempfile.TemporaryDirectory() as profile,
    ):
        file.writelines(whole(chosen))
        file.flush()
        options = [*FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={out}"]
        command = [browser, *options, Path(file.name).as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
    if done.returncode or not out.exists():
        raise SystemExit(f"Chromium did not write {out}:\n{done.stderr}")


def main(arguments: list[str]) -> None:
    """Print the book, or one page."""
    if not (HTML / "index.html").exists():
        raise SystemExit("there is no book to print: run `make book` first")
    if not arguments:
        front = Part("", ["index"])
        return to_pdf([front, *parts()], BUILD / "refmixed.pdf")
    (page,) = arguments
    if not (HTML / f"{page}.html").exists():
        raise SystemExit(f"the book has no page {page}: see the names of derivations/*.py and *.md")
    return to_pdf([Part("", [page])], BUILD / f"{page}.pdf")


if __name__ == "__main__":
    main(sys.argv[1:])
