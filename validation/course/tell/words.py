"""Words that reports share."""

from __future__ import annotations

from ..grades import Grade

CALLED = {
    "right": "right",
    "near": "nearly",
    "wrong": "wrong",
    "missing": "missing",
    "ungraded": "ungraded",
}  # a status, for a student


def number(points: float) -> str:
    """Points without needless zeros: 2, 1.5, 0.75."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def of(amount: float, unit: str) -> str:
    """An amount with its unit: 1 point, 1.5 points."""
    return f"{number(amount)} {unit}{'s'[: amount != 1]}"


def score(points: float | None, most: float) -> str:
    """Points of how many."""
    return f"{'?' if points is None else number(points)} of {number(most)}"


def look_at(grade: Grade) -> str:
    """What a person must look at; nothing where all was decided."""
    if not grade.ungraded:
        return ""
    tasks = ", ".join(grade.ungraded)
    return f"Not graded yet, a person must look at it: {tasks}. The total is without it."
