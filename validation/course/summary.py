"""What a class got wrong: which mistakes, how often, and which equations to teach again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from .grades import Grade
from .judging import Verdict
from .records import Assignment, Mistake

SLOWEST = 5
STATUSES = ("right", "near", "wrong", "missing", "ungraded")
BINS = 10  # of the share of the points


@dataclass(frozen=True)
class Made:
    """A mistake and who made it."""

    task: str
    mistake: Mistake
    students: tuple[str, ...]


@dataclass(frozen=True)
class Again:
    """An equation to teach again: for how many students, and which mistakes say so."""

    tag: str
    students: int
    mistakes: tuple[str, ...]


def made(assignment: Assignment, grades: Sequence[Grade]) -> list[Made]:
    """The mistakes that were made, most frequent first."""
    who: dict[tuple[str, str], list[str]] = defaultdict(list)
    for grade in grades:
        for verdict in grade.verdicts:
            if verdict.mistake:
                who[verdict.task, verdict.mistake.name].append(grade.student)
    found = [
        Made(task.name, mistake, tuple(who[task.name, mistake.name]))
        for task in assignment.tasks
        for mistake in task.mistakes
        if (task.name, mistake.name) in who
    ]
    return sorted(found, key=lambda one: -len(one.students))


def again(mistakes: Sequence[Made]) -> list[Again]:
    """The equations to teach again, those of most students first."""
    of: dict[str, list[Made]] = defaultdict(list)
    for one in mistakes:
        of[one.mistake.equation].append(one)
    found = [
        Again(
            tag, len({s for m in these for s in m.students}), tuple(m.mistake.name for m in these)
        )
        for tag, these in of.items()
    ]
    return sorted(found, key=lambda one: -one.students)


def tasks(grades: Sequence[Grade]) -> dict[str, Counter[str]]:
    """How many got each task right, nearly right, and so on."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for grade in grades:
        for verdict in grade.verdicts:
            counts[verdict.task][verdict.status] += 1
    return dict(counts)


def ungraded(grades: Sequence[Grade]) -> list[tuple[str, Verdict]]:
    """What a person must look at: the student, and the verdict that there is none."""
    return [(g.student, v) for g in grades for v in g.verdicts if v.points is None]


def nameless(grades: Sequence[Grade]) -> list[tuple[str, Verdict]]:
    """Wrong answers that no mistake explains: perhaps one that has no name yet."""
    return [(g.student, v) for g in grades for v in g.verdicts if v.status == "wrong"]


def slowest(grades: Sequence[Grade]) -> list[Grade]:
    """The submissions that took longest."""
    return sorted(grades, key=lambda grade: -grade.seconds)[:SLOWEST]


def histogram(grades: Sequence[Grade]) -> list[int]:
    """How many have 0 to 10 % of the points, and so on; the last bin has all of them, too."""
    shares = [grade.total / grade.most if grade.most else 0.0 for grade in grades]
    counts = Counter(min(int(share * BINS), BINS - 1) for share in shares)
    return [counts[k] for k in range(BINS)]


def middle(grades: Sequence[Grade]) -> float:
    """The median of the totals."""
    return median([grade.total for grade in grades]) if grades else 0.0
