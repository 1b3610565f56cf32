"""A grade as the results.json that Gradescope reads."""

from __future__ import annotations

import json

from ...adapters.messages import Json
from ..grades import Check, Grade
from ..judging import Verdict
from .words import look_at


def text(grade: Grade) -> str:
    """The file; NaN would be no JSON, and is refused."""
    return json.dumps(as_json(grade), indent=1, allow_nan=False) + "\n"


def as_json(grade: Grade) -> Json:
    """The total stands beside the tests, and is their sum."""
    tests = [graded(verdict) for verdict in grade.verdicts]
    return {
        "score": grade.total,
        "output": "\n".join(filter(None, [look_at(grade), *grade.notices])),
        "stdout_visibility": "hidden",
        "tests": tests + [by_hand(check) for check in grade.checks],
        "extra_data": {
            "assignment": grade.assignment,
            "ungraded": list(grade.ungraded),
            "wall": grade.wall,
        },
    }


def graded(verdict: Verdict) -> Json:
    """A task; what is ungraded has no score yet, and a tag."""
    flagged = verdict.points is None
    return {
        "name": verdict.task,
        "score": verdict.points or 0.0,
        "max_score": verdict.most,
        "status": "passed" if verdict.status == "right" else "failed",
        "visibility": "visible",
        "output": f"UNGRADED, a person must look at it: {verdict.text}"
        if flagged
        else verdict.text,
        "tags": [verdict.status, *([verdict.mistake.name] if verdict.mistake else [])],
    }


def by_hand(check: Check) -> Json:
    """The four rows, which are worth nothing."""
    said = f"\nIt printed: {check.said}" if check.said else ""
    return {
        "name": f"{check.task}: the four rows, worked by hand on the page",
        "score": 0.0,
        "max_score": 0.0,
        "status": "passed" if check.passed else "failed",
        "visibility": "visible",
        "output": f"{check.text}{said}",
        "tags": ["four rows"],
    }
