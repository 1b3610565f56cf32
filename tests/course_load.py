"""A class of 200 is graded, two at a time: `make course-load`.  What it takes, and the limits."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from course_stand_in import HALF, HW2, NEARLY, RIGHT

from validation.course import walls
from validation.course.classes import grade_class
from validation.course.handed_in import submissions
from validation.course.skeleton import skeleton

STUDENTS = 200
MINUTES, SECONDS = 15, 10  # of the class, and of one submission
TEXTS = {
    RIGHT: HW2.points,
    NEARLY: 8.5,
    HALF: 7,
    skeleton(HW2): 0,
    RIGHT.replace("@ y", "@ missing_name"): 7,
    "import no_such_package\n" + RIGHT: HW2.points,
    "def": 0,
}  # what is handed in, in turn, and its points
HANGS = RIGHT.replace("return -0.5", "while True: pass\n    return -0.5")
EVERY = 40  # a student whose function does not end


def main(students: int = STUDENTS) -> int:
    """The exit status: 1 where it takes too long, or a grade is not as it should be."""
    cases = [list(TEXTS.items())[k % len(TEXTS)] for k in range(students)]
    cases[::EVERY] = [(HANGS, 6)] * len(cases[::EVERY])
    trusted = bool(walls.refusal())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for k, (text, _) in enumerate(cases):
            (folder / "in" / f"s{k:04}.py").write_text(text)
        begun = time.perf_counter()
        found = grade_class(HW2, submissions(folder / "in"), folder / "out", 2, trusted)
        minutes = (time.perf_counter() - begun) / 60
    slowest = max(grade.seconds for k, grade in enumerate(found) if k % EVERY)
    print(f"{students} submissions, {'without a wall' if trusted else 'behind bubblewrap'}:")
    print(f"{minutes:.1f} minutes, of {MINUTES} that it may take")
    print(f"{slowest:.1f} s the slowest of those that end, of {SECONDS}")
    wrong = [g.student for g, (_, points) in zip(found, cases, strict=True) if g.total != points]
    print(f"{len(wrong)} grades are not as expected")
    return int(bool(wrong) or minutes > MINUTES or slowest > SECONDS)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
