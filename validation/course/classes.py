"""A class: a folder of submissions is graded, each by itself, and again only where it changed."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from . import kept, walls
from .grades import Grade, zero
from .grading import grade
from .handed_in import HandedIn
from .outputs import write, write_text
from .records import Assignment
from .tell import class_page, gradebook, junit


def grade_class(
    assignment: Assignment, handed: Sequence[HandedIn], out: Path, jobs: int, trusted: bool
) -> list[Grade]:
    """The grades in the order of the submissions; the pages are written, too.

    Threads suffice: the work is done in the submissions' processes.  Raises WallsError.
    """
    if not trusted and (why := walls.refusal()):
        raise walls.WallsError(why)
    for folder in ("kept", "students"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    found = [zero(assignment, one.student) for one in handed]
    write_class(assignment, found, out)
    with ThreadPoolExecutor(jobs) as pool:
        works = {pool.submit(of_student, assignment, one, out, trusted): n
                 for n, one in enumerate(handed)}  # fmt: skip
        try:
            for work in tqdm(as_completed(works), total=len(works), unit="student", disable=None):
                found[works[work]] = work.result()
        finally:  # also where it was interrupted: what is graded so far
            pool.shutdown(cancel_futures=True)
            write_class(assignment, found, out)
    return found


def of_student(assignment: Assignment, one: HandedIn, out: Path, trusted: bool) -> Grade:
    """The grade of one student, kept or new."""
    try:
        found = kept_or_new(assignment, one, out, trusted)
    except walls.WallsError as error:
        found = zero(assignment, one.student, str(error))
    except Exception as error:  # whatever this submission does, the others are graded
        tqdm.write(traceback.format_exc(), file=sys.stderr)
        found = zero(assignment, one.student, f"the grader failed: {type(error).__name__}")
    pages = {kind: out / "students" / f"{one.student}.{kind}" for kind in ("html", "json")}
    write(found, pages)
    return found


def kept_or_new(assignment: Assignment, one: HandedIn, out: Path, trusted: bool) -> Grade:
    """The grade of a submission that is as it was, or a new one, which is kept."""
    if one.path is None:
        return zero(assignment, one.student, one.why)
    path = out / "kept" / f"{one.student}.json"
    digest = kept.digest(assignment, one.student, one.path, trusted)
    if old := kept.read(path, digest, assignment):
        return old
    new = grade(assignment, one.path, one.student, trusted)
    kept.write(path, digest, new)
    return new


def write_class(assignment: Assignment, found: Sequence[Grade], out: Path) -> None:
    """The gradebook, the XML and the lecturer's page."""
    write_text(out / "gradebook.csv", gradebook.of_class(found))
    write_text(out / "junit.xml", junit.of_class(found))
    write_text(out / "class.html", class_page.text(assignment, found))
