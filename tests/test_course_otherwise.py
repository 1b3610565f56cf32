"""An answer that is right but written otherwise has full credit; each assignment has five or more.

They are plain functions in otherwise/hwN.py, by the name of the task.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from validation.course.assignments import assignment
from validation.course.judging import by_values
from validation.course.questions import hidden
from validation.course.records import Function

LEAST = 5
FILES = sorted(path.stem for path in (Path(__file__).parent / "otherwise").glob("hw*.py"))
ANSWERS = [
    pytest.param(name, task, function, id=f"{name}-{function.__name__}")
    for name in FILES
    for task, functions in import_module(f"otherwise.{name}").OTHERWISE.items()
    for function in functions
]


@pytest.mark.parametrize(("name", "task", "function"), ANSWERS)
def test_what_is_written_otherwise_has_full_credit(
    name: str, task: str, function: Callable[..., Any]
) -> None:
    (asked,) = (one for one in assignment(name).tasks if one.name == task)
    assert isinstance(asked, Function)
    questions = hidden(asked, "ada")
    answers = [function(**deepcopy(dict(question.arguments))) for question in questions]
    assert by_values(asked, questions, answers).points == asked.points


@pytest.mark.parametrize("name", FILES)
def test_an_assignment_has_enough_of_them(name: str) -> None:
    functions = import_module(f"otherwise.{name}").OTHERWISE.values()
    assert sum(map(len, functions)) >= LEAST
