"""A grade as a few lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ...suite.text import plain
from ..grades import Grade
from .words import CALLED, look_at, score

WIDTH = 88
INDENT = " " * 4


def text(grade: Grade) -> str:
    """All of it."""
    return "\n".join(lines(grade))


def lines(grade: Grade) -> Iterator[str]:
    """Total, notices, tasks."""
    total = score(grade.total, grade.most)
    yield f"{grade.assignment}, {grade.title}: {plain(grade.student)} has {total} points"
    if grade.notices:
        yield "\nWhile the file was read:"
        yield from map(indented, grade.notices)
    wide = max(len(verdict.task) for verdict in grade.verdicts)
    for verdict, check in grade.pairs():
        points = score(verdict.points, verdict.most)
        yield f"\n{verdict.task:{wide}}  {points:>11}  {CALLED[verdict.status]}"
        if verdict.status != "right":
            yield indented(verdict.text)
        if check:
            yield indented(f"the four rows: {check.text}")
        if check and check.said:
            yield indented(f"it printed: {check.said}")
    if grade.wall:
        yield f"\nWall: {grade.wall}."
    if told := look_at(grade):
        yield f"\n{told}"


def indented(sentence: str) -> str:
    """A sentence under its task."""
    return textwrap.fill(
        sentence, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT, break_on_hyphens=False
    )
