"""What a student begins with, and the answer key: both cut from refmixed.

Of a function its name, arguments, docstring and shapes stay, the body goes; of a formula or a
number the name that the answer is to have.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from textwrap import indent, wrap

import numpy as np
import pandas as pd

from .arguments import meaning
from .questions import cut_of, data_of
from .records import Assignment, Expression, Function, Number, Task
from .tell.words import of

WIDTH = 96
GIVEN = Path(__file__).with_name("given.py")


def skeleton(one: Assignment) -> str:
    """The file that a student fills in."""
    return "\n\n\n".join([heading(one), *(piece(task) for task in one.tasks)]) + "\n"


def key(one: Assignment, student: str) -> str:
    """The same, filled in with refmixed's code, and with the numbers of a student's data."""
    data = data_of(one, student)
    return "\n\n\n".join([heading(one), *(answered(task, data) for task in one.tasks)]) + "\n"


def heading(one: Assignment) -> str:
    """What is given: how files are handed in, and numpy."""
    text = f"{one.title}: {of(len(one.tasks), 'task')}, {of(one.points, 'point')}."
    return f'"""{one.name}. {text}\n\nFill in what is asked; names stay.\n"""\n\n{given()}'


@cache
def given() -> str:
    """The code that tasks may use, less its docstring."""
    source = GIVEN.read_text("utf-8")
    first = ast.parse(source).body[0].end_lineno or 0
    return "\n".join(source.splitlines()[first:]).strip()


def piece(task: Task) -> str:
    """What stands in the place of an answer."""
    if not isinstance(task, Function):
        return f"{remark(task)}\n{task.name} = {unanswered(task)}"
    hints = [f"# {hint}" for hint in cut_of(task).hints if ": (" in hint]  # a shape
    lines = "\n".join([*hints, f'raise NotImplementedError("{task.name}")'])
    return f"{signature(task)}\n{indent(lines, '    ')}"


def answered(task: Task, data: pd.DataFrame | None) -> str:
    """The answer; numbers are those of some data."""
    if isinstance(task, Expression):
        return f'{remark(task)}\n{task.name} = "{task.reference}"'
    if isinstance(task, Number):
        assert data is not None, f"{task.name} has no data"
        return f"{remark(task)}\n{task.name} = {np.asarray(task.reference(data)).tolist()}"
    assert isinstance(task, Function)
    return f"{signature(task)}\n{indent(body(task), '    ')}"


def body(task: Function) -> str:
    """The lines of the answer."""
    return "\n".join(ast.unparse(statement) for statement in cut_of(task).body)


def unanswered(task: Task) -> str:
    """What a formula or a number is until it is filled in."""
    return '""' if isinstance(task, Expression) else "None"


def remark(task: Task) -> str:
    """What is asked, and the symbols that a formula may have, as comments."""
    lines = wrap(f"{task.name} ({of(task.points, 'point')}). {task.asks}", WIDTH)
    if isinstance(task, Expression):
        names = ", ".join(symbol.name for symbol in task.symbols)
        lines += wrap(f"A formula as text, in the symbols {names}.", WIDTH)
    return "\n".join(f"# {line}" for line in lines)


def signature(task: Function) -> str:
    """The first line, and the docstring: what is asked, the shape of the answer, the arguments."""
    found = cut_of(task)
    asks = wrap(f"{task.asks} ({of(task.points, 'point')})", WIDTH - 4)
    shapes = [f"{name} {meaning(task, name)}" for name in found.parameters]
    text = "\n".join([*asks, "", f"Answer: {found.docstring}", "", *shapes])
    return f"def {task.name}({', '.join(found.parameters)}):\n" + indent(f'"""{text}\n"""', "    ")
