"""A submission is asked for its tasks, one by one; what goes wrong in one costs that one alone."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from . import equality
from .answers import Answer
from .asking import Submission
from .grades import Check, Grade
from .judging import Verdict, by_values, missing, near, right, ungraded, wrong
from .points import ask
from .questions import data_of, hidden, of_data, public, random
from .records import Assignment, Expression, Function, Number, Task

LOST = ("time", "memory", "died", "garbage")  # statuses that cost a process
NOT_DONE = "not done yet"
NO_FORMULA = "an answer is the text of a formula, in quotation marks"
TYPED = "type the numbers that you found: data are not there when the file is graded"
DECIMAL = re.compile(r"[-+]?\d*\.\d+(e[-+]?\d+)?|[-+]?\d+e[-+]?\d+")


class Asked(Protocol):
    """A submission that answers; `asking.Submission` is one."""

    @property
    def wall(self) -> str:
        """What it runs behind."""

    @property
    def notices(self) -> tuple[str, ...]:
        """What happened while it was loaded."""

    def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """What its function of this name answers."""

    def variable(self, name: str) -> Answer:
        """What its variable of this name is."""

    def formula(
        self, name: str, names: Mapping[str, str], points: Sequence[Mapping[str, Any]]
    ) -> Answer:
        """What the formula in its variable of this name is worth at points."""


def grade(assignment: Assignment, submission: Path, student: str, trusted: bool = False) -> Grade:
    """The grade of a file.  Raises WallsError where it may not run, for there is no wall."""
    begun = time.perf_counter()
    with Submission(submission, trusted) as asked:
        return graded(assignment, asked, student, begun)


def graded(assignment: Assignment, asked: Asked, student: str, begun: float) -> Grade:
    """The grade of a submission that answers."""
    found = [of_task(assignment, task, asked, student) for task in assignment.tasks]
    return Grade(
        assignment=assignment.name,
        title=assignment.title,
        student=student,
        verdicts=tuple(verdict for verdict, _ in found),
        checks=tuple(check for _, check in found if check),
        notices=tuple(asked.notices),
        wall=asked.wall,
        seconds=time.perf_counter() - begun,
    )


def of_task(
    assignment: Assignment, task: Task, asked: Asked, student: str
) -> tuple[Verdict, Check | None]:
    """The verdict on a task, and whether it answers the four rows of its page."""
    if isinstance(task, Function):
        return of_function(task, asked, student)
    answer = asked.variable(task.name)
    if answer.status != "value":
        return without_variable(task, answer), None
    if answer.value is None or (isinstance(answer.value, str) and not answer.value.strip()):
        return missing(task, NOT_DONE), None
    if isinstance(task, Expression):
        if np.ndim(answer.value):
            return wrong(task, NO_FORMULA), None
        return of_expression(task, asked, student), None
    assert isinstance(task, Number)
    data = data_of(assignment, student)
    assert data is not None, "numbers are found from data"
    return by_values(task, [of_data(task, data)], [answer.value]), None


def without_variable(task: Task, answer: Answer) -> Verdict:
    """The verdict where a formula or a number has no value, with what is to be there."""
    if answer.status == "missing":
        told = NO_FORMULA if isinstance(task, Expression) else TYPED
        return missing(task, f"{answer.text}; {told}")
    if answer.status == "error" and isinstance(task, Expression):
        return wrong(task, NO_FORMULA)
    return without_value(task, answer)


# --- functions ------------------------------------------------------------------------------------


def of_function(task: Function, asked: Asked, student: str) -> tuple[Verdict, Check | None]:
    """Hidden inputs first, so that the four rows, which are worth nothing, cost nothing."""
    questions, answers = hidden(task, student), []
    for question in questions:
        answers.append(asked.call(task.name, question.arguments))
        if answers[-1].status != "value":
            break
    last = answers[-1]
    check = None if last.status in (*LOST, "missing", "unreadable") else four_rows(task, asked)
    if last.status == "value":
        return by_values(task, questions, [answer.value for answer in answers]), check
    return without_value(task, last), check


def four_rows(task: Function, asked: Asked) -> Check:
    """Whether a function answers what its page works out by hand."""
    question = public(task)
    answer = asked.call(task.name, question.arguments)
    if answer.status != "value":
        return Check(task.name, False, without_value(task, answer, shown=True).text, answer.said)
    passed = by_values(task, [question], [answer.value]).status == "right"
    text = "right" if passed else "not what the page works out by hand"
    return Check(task.name, passed, text, answer.said)


def without_value(task: Task, answer: Answer, shown: bool = False) -> Verdict:
    """The verdict where there is no value; shown: the student has seen what was asked."""
    if answer.status == "error" and "NotImplementedError" in answer.text:
        return missing(task, NOT_DONE)
    text = answer.text.removeprefix(f"{task.name}: ")
    if answer.status in ("missing", "unreadable"):
        return missing(task, text)
    if answer.status == "error" and isinstance(task, Function) and not shown:
        return wrong(task, DECIMAL.sub("#", text))  # inputs that are the grader's
    return wrong(task, text)


# --- expressions ----------------------------------------------------------------------------------


def of_expression(task: Expression, asked: Asked, student: str) -> Verdict:
    """Whether a formula is the reference's at exact points, or that of a mistake."""
    question = ask(task.reference, task.symbols, random(student, task.name))
    answer = asked.formula(task.name, question.names, question.points)
    if answer.status in ("time", "memory"):
        return ungraded(task, answer.text)
    if answer.status != "value":
        return without_value(task, answer)
    found = equality.compare(question, answer.value)
    if found.status == "equal":
        return right(task)
    mistakes = {mistake.name: mistake for mistake in task.mistakes}
    wrongs = {name: mistake.wrong for name, mistake in mistakes.items()}
    if name := equality.mistake(question, answer.value, wrongs):
        return near(task, mistakes[name])
    if found.status == "unequal":
        return wrong(task, found.text or "not equal to what was asked for")
    return ungraded(task, found.text)  # not read, or not decided: it may be right
