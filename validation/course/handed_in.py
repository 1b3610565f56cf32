"""The submissions in a folder: a file a student, or a folder a student with a file in it."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from ..suite.text import plain

SUFFIXES = (".py", ".ipynb")
PASSED = (".", "__", "test_")  # how names begin of what nobody meant to hand in


@dataclass(frozen=True)
class HandedIn:
    """A student and the file to grade, or why there is none."""

    student: str
    path: Path | None
    why: str = ""


def submissions(folder: Path) -> list[HandedIn]:
    """A submission for each student, by name."""
    files: dict[str, list[Path]] = defaultdict(list)
    for entry in folder.iterdir():
        if entry.name.startswith((".", "__")):
            continue
        if entry.is_dir() and not entry.is_symlink():
            files[text(entry.name)] += of_folder(entry)
        elif entry.suffix in SUFFIXES:
            files[text(entry.stem)].append(entry)
    return [handed_in(student, sorted(files[student])) for student in sorted(files)]


def alone(student: str, path: Path) -> HandedIn:
    """The submission that is a file, or the one file in a folder."""
    return handed_in(student, sorted(of_folder(path))) if path.is_dir() else HandedIn(student, path)


def passed_over(folder: Path) -> list[str]:
    """Files beside the submissions that are none."""
    files = [path for path in folder.iterdir() if not path.is_dir()]
    return sorted(plain(text(path.name)) for path in files if path.suffix not in SUFFIXES)


def of_folder(folder: Path) -> list[Path]:
    """The submissions in a student's folder, at any depth; public tests are none."""
    found = [path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}")]
    inside = [(path, path.relative_to(folder).parts) for path in found]
    return [p for p, parts in inside if not any(part.startswith(PASSED) for part in parts)]


def handed_in(student: str, files: list[Path]) -> HandedIn:
    """The one file of a student; which of two is meant only a person knows."""
    if not files:
        return HandedIn(student, None, "there is no .py or .ipynb file")
    if len(files) > 1:
        names = ", ".join(text(path.name) for path in files)
        return HandedIn(student, None, f"there are several files, of which one is meant: {names}")
    if files[0].is_symlink() or not files[0].is_file():
        return HandedIn(student, None, f"{text(files[0].name)} is no file, but perhaps a link")
    return HandedIn(student, files[0])


def text(name: str) -> str:
    """The name of a file as text; one in another encoding than UTF-8 is none yet."""
    return os.fsencode(name).decode("utf-8", "replace")
