"""An answer that is right but written otherwise has full credit; each assignment has five or more.

They stand in otherwise/hwN.py and capstone.py by the name of the task: functions of its arguments,
formulas as a student types them, functions of a student's data.
"""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from validation.course.assignments import assignment
from validation.course.equality import compare
from validation.course.expressions import answers
from validation.course.judging import by_values
from validation.course.points import ask
from validation.course.questions import hidden, of_data, random
from validation.course.records import Assignment, Expression, Function, Number

LEAST = 5
STUDENT = "ada"
FILES = sorted(path.stem for path in (Path(__file__).parent / "otherwise").glob("[!_]*.py"))
ANSWERS = [
    pytest.param(name, task, answer, id=f"{name}-{getattr(answer, '__name__', answer)}")
    for name in FILES
    for task, found in import_module(f"otherwise.{name}").OTHERWISE.items()
    for answer in found
]


@pytest.mark.parametrize(("name", "task", "answer"), ANSWERS)
def test_what_is_written_otherwise_has_full_credit(name: str, task: str, answer: Any) -> None:
    one = assignment(name)
    (asked,) = (t for t in one.tasks if t.name == task)
    assert has_full_credit(one, asked, answer)


def has_full_credit(one: Assignment, task: Any, answer: Any) -> bool:
    if isinstance(task, Function):
        questions = hidden(task, STUDENT)
        values = [answer(**deepcopy(dict(question.arguments))) for question in questions]
        return by_values(task, questions, values).points == task.points
    if isinstance(task, Number):
        assert one.data is not None
        own = one.data(random(STUDENT, one.name))
        return by_values(task, [of_data(task, own)], [answer(own)]).points == task.points
    assert isinstance(task, Expression)
    question = ask(task.reference, task.symbols, random(STUDENT, task.name))
    return compare(question, answers(answer, question.names, question.points)).status == "equal"


@pytest.mark.parametrize("name", FILES)
def test_an_assignment_has_enough_of_them(name: str) -> None:
    assert sum(map(len, import_module(f"otherwise.{name}").OTHERWISE.values())) >= LEAST
