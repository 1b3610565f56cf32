"""Grades as a table, a row a student."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ..grades import Grade
from .words import number

MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
FORMULAS = "=+-@\t\r"  # what a spreadsheet would take for a formula


def text(grade: Grade) -> str:
    """The table of one."""
    return of_class([grade])


def of_class(grades: Sequence[Grade]) -> str:
    """The table of a class."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(heads(grades))
    table.writerows(row(grade) for grade in grades)
    made = file.getvalue()
    return made if made.isascii() else f"{MARK}{made}"


def heads(grades: Sequence[Grade]) -> list[str]:
    """The names of the columns."""
    tasks = [verdict.task for verdict in grades[0].verdicts] if grades else []
    return ["student", "assignment", "total", "most", "ungraded", *tasks, "mistakes"]


def row(grade: Grade) -> list[str]:
    """One student; an empty cell is a task that is ungraded."""
    points = ["" if v.points is None else number(v.points) for v in grade.verdicts]
    mistakes = [f"{v.task}: {v.mistake.name}" for v in grade.verdicts if v.mistake]
    return [
        cell(grade.student), grade.assignment, number(grade.total), number(grade.most),
        " ".join(grade.ungraded), *points, "; ".join(mistakes),
    ]  # fmt: skip


def cell(words: str) -> str:
    """A name of a student as text, whatever a spreadsheet makes of it."""
    return f"'{words}" if words.startswith(tuple(FORMULAS)) else words
