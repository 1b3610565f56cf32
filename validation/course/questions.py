"""The inputs that a task is asked for: the four rows of its page, and draws of a student's seed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from .cut import Cut, cut
from .judging import Question
from .records import Assignment, Function, Number

DRAWS = 3  # hidden inputs of a task


def cut_of(task: Function) -> Cut:
    """The function that is the answer to a task."""
    return cut(task.of, tuple((task.renamed or {}).items()), tuple((task.fixed or {}).items()))


def random(student: str, name: str) -> np.random.Generator:
    """The numbers of one student, for one task or one assignment: the same every time."""
    return np.random.default_rng([zlib.crc32(student.encode()), zlib.crc32(name.encode())])


def hidden(task: Function, student: str) -> list[Question]:
    """What a student's function is asked; the answers stay here."""
    source = random(student, task.name)
    return [question(task, task.draw(source)) for _ in range(DRAWS)]


def public(task: Function) -> Question:
    """What the page works out by hand."""
    return question(task, task.by_hand())


def question(task: Function, roots: Mapping[str, Any]) -> Question:
    """A task on one model."""
    answer = cut_of(task)
    arguments = answer.arguments(roots)
    value = answer.function(**deepcopy(arguments))
    return Question(arguments, value, partial(wrong_answers, task, arguments))


def wrong_answers(task: Function, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What each mistake answers; one whose numbers are not there says so by None."""
    with np.errstate(all="ignore"):
        found = {m.name: m.wrong(**deepcopy(dict(arguments))) for m in task.mistakes}
    return {name: value for name, value in found.items() if value is not None}


def data_of(one: Assignment, student: str) -> pd.DataFrame | None:
    """A student's own data, where an assignment has any."""
    return None if one.data is None else one.data(random(student, one.name))


def of_data(task: Number, data: pd.DataFrame) -> Question:
    """What is to be found from a student's data."""

    def mistaken() -> dict[str, Any]:
        found = {m.name: m.wrong(data.copy()) for m in task.mistakes}
        return {name: value for name, value in found.items() if value is not None}

    return Question({}, task.reference(data.copy()), mistaken)
