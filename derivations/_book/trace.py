"""From each equation to its page, its checks and its code, and back: `make trace` prints the table.

    eq:RZX   d06_penalized   exact, link   penalized.solve

What must hold is in PROBLEMS, a function each.  Each returns sentences, and none if all is well.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..checks import KINDS
from .citations import Citation, citations
from .pages import Equation, equations, names
from .running import Checked, run


@dataclass(frozen=True)
class Book:
    """All that the rules are about."""

    equations: list[Equation]
    checks: list[Checked]
    citations: list[Citation]

    def kinds(self, tag: str) -> list[str]:
        """The kinds of check of an equation."""
        return [k for k in KINDS if any(c.kind == k and c.tag == tag for c in self.checks)]

    def functions(self, tag: str) -> list[str]:
        """The functions that cite an equation, or compute it by a link."""
        cited = [citation.name for citation in self.citations if citation.tag == tag]
        linked = [check.function for check in self.checks if check.tag == tag and check.function]
        return list(dict.fromkeys(cited + linked))

    @property
    def tags(self) -> list[str]:
        """The tags that the pages define, in reading order."""
        return list(dict.fromkeys(equation.tag for equation in self.equations if equation.tag))

    @property
    def cited(self) -> set[str]:
        """The tags that the code cites."""
        return {citation.tag for citation in self.citations}


def defined_twice(book: Book) -> Iterator[str]:
    """A tag names one equation; on one page case does not count, as in the anchors of HTML."""
    tagged = [equation for equation in book.equations if equation.tag]
    exact = Counter(equation.tag for equation in tagged)
    anchors = Counter((equation.page, equation.tag.lower()) for equation in tagged)
    for equation in tagged:
        if exact[equation.tag] > 1 or anchors[equation.page, equation.tag.lower()] > 1:
            yield f"{equation.page}:{equation.line}: {equation.tag} is defined more than once"


def untagged(book: Book) -> Iterator[str]:
    """What states an identity has a tag."""
    for equation in book.equations:
        if not equation.tag and equation.states_an_identity:
            yield f"{equation.page}:{equation.line}: no tag: {equation.tex.splitlines()[0]}"


def unchecked(book: Book) -> Iterator[str]:
    """Every tag has a check."""
    return (f"{tag} has no check" for tag in book.tags if not book.kinds(tag))


def nowhere(book: Book) -> Iterator[str]:
    """What is checked is displayed, and what is cited is derived."""
    for tag in sorted({check.tag for check in book.checks} - set(book.tags)):
        yield f"{tag} is checked, and no page displays it"
    for citation in book.citations:
        if citation.tag not in book.tags:
            yield f"{citation.name} cites {citation.tag}, which no page derives"


def unlinked(book: Book) -> Iterator[str]:
    """What the code cites is compared with what the code computes."""
    for tag in sorted(book.cited & set(book.tags)):
        if "link" not in book.kinds(tag):
            yield f"{tag} is cited by the code, and no link compares them"


def unused(book: Book) -> Iterator[str]:
    """What no code cites or is linked to says that it is text only, and nothing else does."""
    text_only = {check.tag for check in book.checks if check.text_only}
    for tag in book.tags:
        if not book.functions(tag) and tag not in text_only:
            yield f"{tag} is neither used by the code nor marked text only"
    for tag in sorted(book.cited & text_only):
        yield f"{tag} is marked text only, and cited by the code"


def insensitive(book: Book) -> Iterator[str]:
    """A check fails when its right side is perturbed."""
    for check in book.checks:
        if not check.sensitive:
            yield f"{check.page}: a check ({check.kind}) of {check.tag} holds for a wrong equation"


def misplaced(book: Book) -> Iterator[str]:
    """A page calls itself by its name."""
    for page in sorted({check.page for check in book.checks} - set(names())):
        yield f"there is no page {page}, which some checks are said to stand on"


PROBLEMS: list[Callable[[Book], Iterator[str]]] = [
    defined_twice,
    untagged,
    unchecked,
    nowhere,
    unlinked,
    unused,
    insensitive,
    misplaced,
]


def read(run_page: Callable[[str], list[Checked]] = run) -> Book:
    """The whole book, its pages run, as many at a time as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        checks = [check for page in pool.map(run_page, names()) for check in page]
    return Book([e for page in names() for e in equations(page)], checks, citations())


def rows(book: Book) -> Iterator[tuple[str, ...]]:
    """The table."""
    yield "tag", "page", "checks", "code"
    pages = {equation.tag: equation.page for equation in book.equations}
    for tag in book.tags:
        yield tag, pages[tag], ", ".join(book.kinds(tag)), ", ".join(book.functions(tag))


def main() -> int:
    """Print the table and what is wrong; the exit code says whether anything is."""
    book = read()
    table = list(rows(book))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    problems = [problem for rule in PROBLEMS for problem in rule(book)]
    kinds = Counter(check.kind for check in book.checks)
    print(f"\n{len(book.tags)} equations, {len(book.checks)} checks:", dict(kinds))
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
