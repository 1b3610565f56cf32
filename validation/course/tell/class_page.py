"""What a class got wrong as one static page, for the lecturer."""

from __future__ import annotations

from collections.abc import Sequence

from .. import summary
from ..grades import Grade
from ..records import Assignment
from .html import render


def text(assignment: Assignment, grades: Sequence[Grade]) -> str:
    """The page."""
    made = summary.made(assignment, grades)
    return render(
        "class.html",
        assignment=assignment,
        grades=grades,
        statuses=summary.STATUSES,
        tasks=summary.tasks(grades),
        made=made,
        again=summary.again(made),
        nameless=summary.nameless(grades),
        ungraded=summary.ungraded(grades),
        slowest=summary.slowest(grades),
        histogram=summary.histogram(grades),
        median=summary.middle(grades),
    )
