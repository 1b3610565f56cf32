"""Files that are whole at any moment: a zero result before anything runs, the grade at the end."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from . import grades
from .grades import Grade
from .tell import gradebook, gradescope, junit, page

WRITERS: dict[str, Callable[[Grade], str]] = {
    "json": grades.text,
    "html": page.text,
    "junit": junit.text,
    "results": gradescope.text,
    "csv": gradebook.text,
}


def write(grade: Grade, paths: Mapping[str, Path]) -> None:
    """Write the reports that are asked for, by their kinds."""
    for kind, path in paths.items():
        write_text(path, WRITERS[kind](grade))


def write_text(path: Path, text: str) -> None:
    """Put a text in the place of a file, all of it at once."""
    made, name = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(made, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
