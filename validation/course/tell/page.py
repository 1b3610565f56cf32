"""A grade as one static page, for the student."""

from __future__ import annotations

from ..grades import Grade
from .html import render
from .words import look_at


def text(grade: Grade) -> str:
    """The page."""
    return render("grade.html", grade=grade, pairs=list(grade.pairs()), look_at=look_at(grade))
