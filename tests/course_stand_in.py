"""Submissions that answer in this process, and what students write, for tests of the grader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from validation.course.answers import Answer
from validation.course.assignments import assignment
from validation.course.expressions import answers
from validation.course.grades import Grade
from validation.course.grading import graded
from validation.course.questions import cut_of, random
from validation.course.records import Assignment, Expression, Function, Mistake, Number, Task

STUDENT = "ada"
RIGHT = """
import numpy as np

def V0(weights, Z, T):
    return np.diag(1 / weights) + Z @ T @ Z.T

def beta(beta_cov, X, V0inv, y):
    return beta_cov @ X.T @ V0inv @ y

def log_density(sigma, V0, y, X, beta, n):
    V, r = sigma**2 * V0, y - X @ beta
    return -0.5 * (n * np.log(2 * np.pi) + np.linalg.slogdet(V)[1] + r @ np.linalg.inv(V) @ r)
"""
NEARLY = RIGHT.replace("np.diag(1 / weights)", "np.diag(weights)")  # weights-not-inverted
HALF = RIGHT.replace("beta_cov @", "2 * beta_cov @")


TASKS = {"V0": 3, "beta": 3, "log_density": 4}
HW2 = replace(
    (hw2 := assignment("hw2")),
    tasks=tuple(replace(t, points=TASKS[t.name]) for t in hw2.tasks if t.name in TASKS),
)  # three of its functions, with points that tests count on, whatever else it gets


@dataclass
class StandIn:
    """Answers as `asking.Submission` does, without a process: by functions, or with an Answer."""

    names: dict[str, Any]
    wall: str = "none"
    notices: tuple[str, ...] = ()
    asked: list[str] = field(default_factory=list)

    def variable(self, name: str) -> Answer:
        """A value of that name."""
        self.asked.append(name)
        value = self.names.get(name, Answer("missing", text=f"there is no {name}"))
        return value if isinstance(value, Answer) else Answer("value", value)

    def call(self, name: str, arguments: Mapping[str, Any]) -> Answer:
        """What a function answers."""
        found = self.variable(name)
        if not callable(found.value):
            return found
        try:
            value = found.value(**arguments)
        except Exception as error:
            return Answer("error", text=f"{name}: {type(error).__name__}: {error} (line 3)")
        is_plain = value is None or isinstance(value, str | list | tuple | Answer)
        return (
            value
            if isinstance(value, Answer)
            else Answer("value", value if is_plain else np.asarray(value))
        )

    def formula(
        self, name: str, names: Mapping[str, str], points: Sequence[Mapping[str, Any]]
    ) -> Answer:
        """What a formula is worth."""
        found = self.variable(name)
        return Answer("value", answers(found.value, names, points))


def reference(assignment: Assignment) -> dict[str, Any]:
    """What the key answers to each task."""
    return {task.name: key(assignment, task) for task in assignment.tasks}


def key(assignment: Assignment, task: Task) -> Any:
    """The right function, formula or number."""
    if isinstance(task, Function):
        return cut_of(task).function
    if isinstance(task, Expression):
        return task.reference
    assert isinstance(task, Number)
    return task.reference(data(assignment))


def mistaken(assignment: Assignment, task: Task, mistake: Mistake) -> Any:
    """What a mistake answers in the place of the key."""
    return mistake.wrong(data(assignment)) if isinstance(task, Number) else mistake.wrong


def data(assignment: Assignment) -> Any:
    """The student's own."""
    assert assignment.data is not None
    return assignment.data(random(STUDENT, assignment.name))


def standing_in(assignment: Assignment, **names: Any) -> Grade:
    """The grade of the key where some names stand for something else."""
    return graded(assignment, StandIn(reference(assignment) | names), STUDENT, 0.0)
