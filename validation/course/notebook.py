"""Notebooks: the skeleton for students, and the master that `otter assign` makes its own of."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import nbformat
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from . import public
from .questions import data_of
from .records import Assignment, Function, Task
from .skeleton import answered, body, given, piece, signature
from .tell.words import of

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def student(one: Assignment) -> str:
    """The skeleton as a notebook."""
    cells = [*opening(one)]
    for task in one.tasks:
        cells += [new_markdown_cell(question(task)), new_code_cell(piece(task))]
        if isinstance(task, Function):
            cells.append(new_code_cell(test(task)))
    return written(cells)


def master(one: Assignment, student: str) -> str:
    """The answer key with Otter's markers: `otter assign hw2.ipynb out` cuts the answers away."""
    config = f"# ASSIGNMENT CONFIG\nname: {one.name}\nexport_cell: false\ngenerate:\n  pdf: false"
    cells = [new_raw_cell(config), *opening(one)]
    data = data_of(one, student)
    for task in one.tasks:
        cells.append(new_raw_cell(f"# BEGIN QUESTION\nname: {task.name}\npoints: 0"))
        cells.append(new_markdown_cell(question(task)))
        cells += [new_raw_cell("# BEGIN SOLUTION"), new_code_cell(marked(task, data))]
        cells.append(new_raw_cell("# END SOLUTION"))
        if isinstance(task, Function):
            cells += [new_raw_cell("# BEGIN TESTS"), new_code_cell(test(task))]
            cells.append(new_raw_cell("# END TESTS"))
        cells.append(new_raw_cell("# END QUESTION"))
    return written(cells)


def opening(one: Assignment) -> list[Any]:
    """Its title, and the code that is given."""
    return [new_markdown_cell(f"# {one.name}: {one.title}"), new_code_cell(given())]


def question(task: Task) -> str:
    """What is asked."""
    return f"## `{task.name}` ({of(task.points, 'point')})\n\n{task.asks}"


def test(task: Function) -> str:
    """The public test of a function."""
    imports = "from numpy import array\nfrom numpy.testing import assert_allclose"
    return f"{imports}\n\n{public.call(task, task.name)}"


def marked(task: Task, data: pd.DataFrame | None) -> str:
    """The answer, with the marks between which Otter cuts."""
    begin, end = "# BEGIN SOLUTION", "# END SOLUTION"
    if not isinstance(task, Function):
        return f"{begin}\n{answered(task, data)}\n{end}"
    lines = "\n".join([begin, body(task), end])
    return f"{signature(task)}\n{indent(lines, '    ')}"


def written(cells: list[Any]) -> str:
    """A notebook as text, the same every time: its cells are numbered."""
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    made = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.validate(made)
    return nbformat.writes(made) + "\n"
