"""What an answer is worth: right, a named near miss, wrong, missing, or undecided.

An answer is right where it has the task's digits on every input.  A near miss is an answer that a
mistake would give on every input, and that differs from the truth on one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..suite.compare import MOST, Agreement, Quantity, one_array
from . import equations
from .records import Mistake, Task

NEAR = 6.0  # digits that an answer must share with what a mistake answers


@dataclass(frozen=True)
class Question:
    """One input of a task: the arguments, the right value, and what each mistake would answer."""

    arguments: Mapping[str, Any]
    value: Any
    mistaken: Callable[[], Mapping[str, Any]]

    @cached_property
    def wrong(self) -> Mapping[str, Any]:
        """By the name of the mistake, absent where it has no answer; a right answer needs none."""
        return self.mistaken()


@dataclass(frozen=True)
class Verdict:
    """What one task is worth; points is None where it could not be decided."""

    task: str
    status: str  # right, near, wrong, missing, ungraded
    points: float | None
    most: float
    text: str  # for the student
    mistake: Mistake | None = None


def right(task: Task) -> Verdict:
    """Full credit."""
    return Verdict(task.name, "right", task.points, task.points, "right")


def near(task: Task, mistake: Mistake) -> Verdict:
    """Credit for a mistake that has a name: what is missing, and what to read."""
    points = task.points * mistake.credit
    page = equations.title(mistake.equation)
    where = f", on the page {page}" if page else ""
    text = f"{mistake.says} Read {mistake.equation}{where}."
    return Verdict(task.name, "near", points, task.points, text, mistake)


def wrong(task: Task, text: str) -> Verdict:
    """No credit."""
    return Verdict(task.name, "wrong", 0.0, task.points, text)


def missing(task: Task, text: str) -> Verdict:
    """There is no answer."""
    return Verdict(task.name, "missing", 0.0, task.points, text)


def ungraded(task: Task, text: str) -> Verdict:
    """It cannot be decided: a person must look at it."""
    return Verdict(task.name, "ungraded", None, task.points, text)


def by_values(task: Any, questions: Sequence[Question], answers: Sequence[Any]) -> Verdict:
    """The verdict on the values of a Function or of a Number, one for each question."""
    pairs = list(zip(questions, answers, strict=True))
    found = [agreement(task, answer, question.value) for question, answer in pairs]
    if all(one.digits >= task.digits for one in found):
        return right(task)
    for mistake in task.mistakes:
        if is_of(task, mistake, pairs):
            return near(task, mistake)
    return wrong(task, reason(found, task.digits))


def is_of(task: Any, mistake: Mistake, pairs: Sequence[tuple[Question, Any]]) -> bool:
    """Whether a mistake explains the answers to all questions, and is none by chance."""
    if not all(mistake.name in question.wrong for question, _ in pairs):
        return False
    wrongs = [question.wrong[mistake.name] for question, _ in pairs]
    tells = [agreement(task, w, q.value).digits for w, (q, _) in zip(wrongs, pairs, strict=True)]
    agrees = [agreement(task, a, w).digits for w, (_, a) in zip(wrongs, pairs, strict=True)]
    return min(tells) < min(task.digits, NEAR) and min(agrees) >= min(task.digits, NEAR)


def agreement(task: Any, answer: Any, value: Any) -> Agreement:
    """Digits that an answer shares with a value."""
    if answer is None:
        return Agreement(0.0, note="the answer is None: is a return missing?")
    value = np.asarray(value, dtype=float)
    if isinstance(answer, np.ndarray) and answer.ndim not in (0, value.ndim):
        expected = value.shape if value.ndim else "a number"
        return Agreement(0.0, note=f"shape {answer.shape} where {expected} is expected")
    kind = Quantity(task.magnitude, value.ndim)
    return one_array(kind, lists(answer), value.tolist(), MOST)


def lists(answer: Any) -> Any:
    """Arrays as lists, in lists too: of different lengths they are no array."""
    if isinstance(answer, list | tuple):
        return [lists(part) for part in answer]
    return np.asarray(answer).tolist()


def reason(found: Sequence[Agreement], digits: float) -> str:
    """Why answers are not right, in words that do not tell what is."""
    worst = min(found, key=lambda one: one.digits)
    if worst.note:
        return worst.note
    good = sum(one.digits >= digits for one in found)
    what = f"right on {good} of {len(found)} inputs" if len(found) > 1 else "not what the data give"
    where = f" at element {list(worst.place)}, counted from 0," if worst.place else ""
    return f"{what}; the worst{where} agrees in {int(worst.digits)} of {digits:g} digits"
