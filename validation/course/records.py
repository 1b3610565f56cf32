"""What an assignment is: tasks, the mistakes that have a name, what a student is told of each.

A `Function` is written by the student and asked for values on reference inputs; an `Expression` is
a formula, the answer to a derivation; a `Number` is what was found from the student's own data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .points import Symbol

Random = np.random.Generator
Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Mistake:
    """A near miss with a name.

    `wrong` answers as the mistake would: of a Function another function of the same arguments, of
    an Expression another expression, of a Number another function of the data.
    """

    name: str
    kind: str  # a key of mistakes.CLASSES
    says: str  # which step is missing or wrong, never the answer
    equation: str  # the tag to read, such as eq:V
    wrong: Any
    credit: float = 0.5  # of the task's points


def near_miss(
    kind: str, equation: str, credit: float = 0.5
) -> Callable[[Callable[..., Any]], Mistake]:
    """Of a function the mistake that is called as it is; its docstring says what is missing."""

    def named(wrong: Callable[..., Any]) -> Mistake:
        says = " ".join((wrong.__doc__ or "").split())
        return Mistake(wrong.__name__.replace("_", "-"), kind, says, equation, wrong, credit)

    return named


@dataclass(frozen=True)
class Task:
    """What all kinds have: `name` is that of the function or variable that the student writes."""

    name: str
    points: float
    asks: str  # what to do, one or two sentences for the student
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class Function(Task):
    """A function cut from refmixed: a property or function, `module:Class.property`."""

    of: str
    draw: Callable[[Random], Mapping[str, Any]]  # roots: what the names in its body stand for
    by_hand: Callable[[], Mapping[str, Any]]  # the same of the page's four rows
    magnitude: str = "largest"  # what an error is divided by, a key of compare.MAGNITUDES
    digits: float = 8.0
    renamed: Mapping[str, str] | None = None  # parameters that have other names for the student
    fixed: Mapping[str, Any] | None = None  # arguments of the original that have one value
    arguments: Mapping[str, str] | None = None  # shape and meaning, of those not in ARGUMENTS


@dataclass(frozen=True)
class Expression(Task):
    """A formula of some symbols; answers are equal where they are at rational points."""

    reference: str
    symbols: tuple[Symbol, ...]


@dataclass(frozen=True)
class Number(Task):
    """Numbers that a student finds from data: `reference` finds them too."""

    reference: Callable[[pd.DataFrame], Any]
    magnitude: str = "own"
    digits: float = 4.0


@dataclass(frozen=True)
class Assignment:
    """One assignment; its text is the page `page` of the book."""

    name: str  # hw1
    title: str
    page: str  # derivations/PAGE.py
    hours: float
    needs: tuple[str, ...]  # pages to read before
    tasks: tuple[Task, ...]
    data: Callable[[Random], pd.DataFrame] | None = None  # a student's own
    template: str = ""  # of a report, a Markdown file beside the assignments
    source: str = ""  # the file of a lecturer's own assignment

    @property
    def points(self) -> float:
        """What all tasks are worth."""
        return sum(task.points for task in self.tasks)
