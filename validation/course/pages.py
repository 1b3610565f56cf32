"""What a page of the book shows of the record of its assignment: a box, and the tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from IPython.display import Markdown

from .arguments import ARGUMENTS, arguments_of
from .assignments import assignment, everything
from .judging import Question
from .public import functions_of
from .questions import cut_of, public
from .records import Assignment, Expression, Function, Task

COLUMNS = ("task", "points", "what to do")
BAR = r"\|"  # within a cell
SHAPES = ("argument", "shape", "what it is")


def box(name: str) -> Markdown:
    """Hours, points, what to read before, files, and a table of the tasks: of hw1, say."""
    one = assignment(name)
    arguments = [(f"`{n}`", f"`{ARGUMENTS[n][0]}`", ARGUMENTS[n][1]) for n in arguments_of(one)]
    tasks = [(called(task), f"{task.points:g}", task.asks) for task in one.tasks]
    parts = [facts(one), files(one), table(COLUMNS, tasks)]
    parts += [table(SHAPES, arguments)] if arguments else []
    return Markdown("\n\n".join(filter(None, parts)))  # type: ignore[no-untyped-call]


def overview() -> Markdown:
    """A table of all assignments."""
    rows = [
        (f"{{doc}}`{one.page}`", f"{one.points:g}", f"{one.hours:g}", str(len(one.tasks)))
        for one in everything()
    ]
    titles = ("assignment", "points", "hours", "tasks")
    return Markdown(table(titles, rows))  # type: ignore[no-untyped-call]


def facts(one: Assignment) -> str:
    """Points, hours, prerequisites."""
    needs = ", ".join(f"`{page}`" for page in one.needs)
    return f"**{one.points:g} points, about {one.hours:g} hours.** Read before: {needs}."


def files(one: Assignment) -> str:
    """The skeleton, as a Python file and as a notebook, and the student's data."""
    names = [f"{one.name}.py", f"{one.name}.ipynb"]
    names += [f"test_{one.name}.py"] if functions_of(one) else []
    names += [f"{one.name}.csv"] if one.data else []
    names += [f"{one.name}_report.md"] if one.template else []
    listed = ", ".join(f"`{name}`" for name in names)
    return f"Files: {listed}, by `refmixed course make {one.name} --student NAME --out {one.name}`."


def called(task: Task) -> str:
    """How a task is called: `V0(weights, Z, T)`; the symbols that a formula may have."""
    if isinstance(task, Function):
        return f"`{task.name}({', '.join(cut_of(task).parameters)})`"
    if isinstance(task, Expression):
        symbols = ", ".join(f"`{symbol.name}`" for symbol in task.symbols)
        return f"`{task.name}`, a formula in {symbols}"
    return f"`{task.name}`"


def table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', BAR) for cell in line)} |" for line in lines)


def four_rows(name: str, task: str) -> Question:
    """What a task gives for the four rows: for a page that works them out by hand."""
    (found,) = (one for one in assignment(name).tasks if one.name == task)
    assert isinstance(found, Function)
    return public(found)


def agrees(name: str, task: str, by_hand: Any) -> bool:
    """Whether what was worked out by hand, fractions, is what the task gives for the four rows."""
    return np.allclose(np.array(by_hand, dtype=float), four_rows(name, task).value, rtol=1e-12)
