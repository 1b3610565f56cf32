"""What a submission is worth: the grade, as a record and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import fsum

from ..adapters.messages import Json
from .judging import Verdict, ungraded
from .records import Assignment, Mistake

UNFINISHED = "grading has not ended: run it again"


@dataclass(frozen=True)
class Check:
    """A task on the four rows that its page works by hand: shown, and worth nothing."""

    task: str
    passed: bool
    text: str  # for the student
    said: str = ""  # what the function printed


@dataclass(frozen=True)
class Grade:
    """What one student gets for one assignment, and why."""

    assignment: str
    title: str
    student: str
    verdicts: tuple[Verdict, ...]
    checks: tuple[Check, ...] = ()
    notices: tuple[str, ...] = ()  # what happened while the submission was loaded
    wall: str = ""
    seconds: float = field(default=0.0, compare=False)  # in no report that two runs must share

    @property
    def total(self) -> float:
        """Points; what is ungraded has none yet."""
        return round(fsum(verdict.points or 0.0 for verdict in self.verdicts), 6)

    @property
    def most(self) -> float:
        """Points that there are."""
        return round(fsum(verdict.most for verdict in self.verdicts), 6)

    @property
    def ungraded(self) -> tuple[str, ...]:
        """The tasks that a person must look at."""
        return tuple(v.task for v in self.verdicts if v.points is None)

    def pairs(self) -> Iterator[tuple[Verdict, Check | None]]:
        """Each task's verdict with its four rows, where it was asked for them."""
        checks = {check.task: check for check in self.checks}
        return ((verdict, checks.get(verdict.task)) for verdict in self.verdicts)


def zero(assignment: Assignment, student: str, why: str = UNFINISHED) -> Grade:
    """The grade as long as nothing is known: no points, and no verdict either."""
    verdicts = tuple(ungraded(task, why) for task in assignment.tasks)
    return Grade(assignment.name, assignment.title, student, verdicts, notices=(why,))


def as_json(grade: Grade) -> Json:
    """All of it but the seconds."""
    return {
        "assignment": grade.assignment,
        "title": grade.title,
        "student": grade.student,
        "total": grade.total,
        "most": grade.most,
        "ungraded": list(grade.ungraded),
        "wall": grade.wall,
        "notices": list(grade.notices),
        "tasks": [task_json(verdict, check) for verdict, check in grade.pairs()],
    }


def task_json(verdict: Verdict, check: Check | None) -> Json:
    """One task."""
    mistake = verdict.mistake
    return {
        "task": verdict.task,
        "status": verdict.status,
        "points": verdict.points,
        "most": verdict.most,
        "text": verdict.text,
        "mistake": mistake and mistake.name,
        "class": mistake and mistake.kind,
        "equation": mistake and mistake.equation,
        "four_rows": check and {"passed": check.passed, "text": check.text, "said": check.said},
    }


def from_json(made: Json, assignment: Assignment, seconds: float) -> Grade:
    """The grade that `as_json` has written.  Raises KeyError, TypeError where it is another."""
    mistakes = {(t.name, m.name): m for t in assignment.tasks for m in t.mistakes}
    return Grade(
        assignment=made["assignment"],
        title=made["title"],
        student=made["student"],
        verdicts=tuple(verdict(task, mistakes) for task in made["tasks"]),
        checks=tuple(Check(t["task"], **t["four_rows"]) for t in made["tasks"] if t["four_rows"]),
        notices=tuple(made["notices"]),
        wall=made["wall"],
        seconds=seconds,
    )


def verdict(task: Json, mistakes: Mapping[tuple[str, str], Mistake]) -> Verdict:
    """A verdict that was written."""
    mistake = mistakes[task["task"], task["mistake"]] if task["mistake"] else None
    return Verdict(
        task["task"], task["status"], task["points"], task["most"], task["text"], mistake
    )


def text(grade: Grade) -> str:
    """The JSON of a grade; what is no number is refused, for other readers refuse it."""
    return json.dumps(as_json(grade), indent=1, allow_nan=False) + "\n"
