"""Grades that are kept, so that a class that was interrupted goes on where it was."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

import refmixed

from . import grades
from .grades import Grade
from .outputs import write_text
from .records import Assignment

SOURCES = (Path(__file__).parent, Path(refmixed.__file__).parent)


@cache
def version() -> str:
    """A digest of the grader and of the answers, which are refmixed's own code."""
    digest = hashlib.sha256()
    for folder in SOURCES:
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def digest(assignment: Assignment, student: str, submission: Path, trusted: bool) -> str:
    """What a grade depends on."""
    settings = [version(), assignment.name, assignment.source, student, submission.suffix, trusted]
    with submission.open("rb") as file:
        settings.append(hashlib.file_digest(file, "sha256").hexdigest())
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()


def read(path: Path, digest: str, assignment: Assignment) -> Grade | None:
    """The grade in a file, if it is of this digest."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        if kept["digest"] == digest:
            return grades.from_json(kept["grade"], assignment, kept["seconds"])
    except (OSError, ValueError, KeyError, TypeError):  # there is none, or another version's
        pass
    return None


def write(path: Path, digest: str, grade: Grade) -> None:
    """Keep a grade."""
    kept = {"digest": digest, "seconds": grade.seconds, "grade": grades.as_json(grade)}
    write_text(path, json.dumps(kept, indent=1, allow_nan=False) + "\n")
