"""Of every task the mistakes have verdicts of their own, and the arguments are explained."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from derivations._book import pages
from validation.course.arguments import ARGUMENTS, arguments_of
from validation.course.assignments import assignment, everything
from validation.course.equality import compare, mistake
from validation.course.expressions import answers
from validation.course.judging import by_values
from validation.course.pages import box
from validation.course.points import ask
from validation.course.questions import of_data, random
from validation.course.records import Expression, Number
from validation.mistakes.registry import CLASSES

EVERY = everything()
NAMES = [one.name for one in EVERY]
TASKS = [(one, task) for one in EVERY for task in one.tasks]
LEAST = 7  # mistakes of an assignment


def of_kind(kind: type) -> list[Any]:
    return [pytest.param(o, t, id=f"{o.name}-{t.name}") for o, t in TASKS if isinstance(t, kind)]


@pytest.mark.parametrize(("_", "task"), of_kind(Expression))
def test_of_a_formula_each_mistake_has_its_own_verdict(_: Any, task: Expression) -> None:
    question = ask(task.reference, task.symbols, random("ada", task.name))
    wrong = {one.name: one.wrong for one in task.mistakes}
    assert status(question, task.reference) == "equal"
    for one in task.mistakes:
        assert status(question, one.wrong) == "unequal"
        given = answers(one.wrong, question.names, question.points)
        assert mistake(question, given, wrong) == one.name


def status(question: Any, formula: str) -> str:
    return compare(question, answers(formula, question.names, question.points)).status


@pytest.mark.parametrize("student", ["ada", "bob", "carl"])
@pytest.mark.parametrize(("one", "task"), of_kind(Number))
def test_of_a_number_each_mistake_has_its_own_verdict(one: Any, task: Number, student: str) -> None:
    data = one.data(random(student, one.name))
    question = of_data(task, data)
    assert by_values(task, [question], [question.value]).status == "right"
    for wrong in task.mistakes:
        verdict = by_values(task, [question], [question.wrong[wrong.name]])
        assert verdict.mistake == wrong


@pytest.mark.parametrize("name", NAMES)
def test_mistakes_are_enough_of_known_classes_and_lead_to_an_equation(name: str) -> None:
    found = [one for task in assignment(name).tasks for one in task.mistakes]
    tags = {equation.tag for page in pages.names() for equation in pages.equations(page)}
    assert len(found) >= LEAST
    assert len({one.kind for one in found}) >= 3
    assert {one.kind for one in found} <= set(CLASSES)
    assert [one.name for one in found if one.equation not in tags] == []
    assert all(one.says.endswith(".") and 0 < one.credit < 1 for one in found)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_explains_every_argument_and_names_every_task(name: str) -> None:
    one = assignment(name)
    text = box(name).data
    assert [argument for argument in arguments_of(one) if argument not in ARGUMENTS] == []
    assert [task.name for task in one.tasks if f"`{task.name}" not in text] == []
    assert one.page in pages.names()


def test_a_bar_in_a_table_is_no_end_of_a_cell() -> None:
    assert r"random intercept, (1 \| g), where" in box("hw2").data


@pytest.mark.parametrize("name", NAMES)
def test_a_task_has_a_name_of_its_own(name: str) -> None:
    names = Counter(task.name for task in assignment(name).tasks)
    assert set(names.values()) == {1}


def test_every_class_of_mistakes_is_planted_somewhere() -> None:
    planted = [m for name in NAMES for task in assignment(name).tasks for m in task.mistakes]
    assert {mistake.kind for mistake in planted} == set(CLASSES) - {"printing"}  # code prints none
    assert len(planted) >= 60
