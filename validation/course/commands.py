"""The command line of the course: `refmixed course`, or `python -m validation.course`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..ask.options import Output
from ..suite.text import count, plain
from . import equations, outputs
from .assignments import everything
from .chosen import ASSIGNMENT, EXAMPLE
from .classes import grade_class
from .grades import zero
from .grading import grade
from .handed_in import alone, passed_over, submissions
from .records import Assignment
from .tell import terminal
from .tell.words import number, of
from .walls import WallsError

FOLDER = click.Path(file_okay=False, path_type=Path)
TRUSTED = click.option("--trusted", is_flag=True, help="run submissions without a wall")
REPORTS = {
    "json": "write the grade as JSON",
    "html": "write the grade as one static page",
    "junit": "write JUnit XML",
    "results": "write Gradescope's results.json",
    "csv": "write a row of a gradebook",
}


def reports(function: Any) -> Any:
    """An option for each report."""
    for kind, says in reversed(REPORTS.items()):
        function = click.option(f"--{kind}", type=Output(), help=says, metavar="FILE")(function)
    return function


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def top() -> None:
    """Assignments on linear mixed models, and their grader.

    Exit status: 0 where all was graded, whatever the points are; 1 where something is ungraded, so
    that a person must look at it; 2 where nothing was graded, and a sentence says why.
    """


@top.command("list")
def list_() -> None:
    """List the assignments."""
    for one in everything():
        print(f"{one.name:9} {of(one.points, 'point'):>9}, {of(one.hours, 'hour'):>8}  {one.title}")


@top.command()
@ASSIGNMENT
def show(one: Assignment) -> None:
    """List the tasks of an assignment, and their points."""
    hours = f", {of(one.hours, 'hour')}" if one.hours else ""
    print(f"{one.name}, {one.title}: {of(one.points, 'point')}{hours}")
    if one.page:
        print(f"The text is the page {one.page}.")
    if one.needs:
        print(f"Read before: {', '.join(one.needs)}.")
    for task in one.tasks:
        print(f"\n{task.name} ({type(task).__name__}, {of(task.points, 'point')})")
        print(f"    {task.asks}")


@top.command("mistakes")
@ASSIGNMENT
def mistakes_(one: Assignment) -> None:
    """List the mistakes that have a name."""
    for task in one.tasks:
        for mistake in task.mistakes:
            share = f"{number(mistake.credit * task.points)} of {of(task.points, 'point')}"
            print(f"{task.name}: {mistake.name} ({mistake.kind}), {share}")
            where = filter(None, [mistake.equation, equations.title(mistake.equation)])
            print(f"    {mistake.says}\n    {', '.join(where)}")


@top.command()
@ASSIGNMENT
@click.option("--out", required=True, type=FOLDER, help="where the files go")
@click.option("--student", default="", help="whose data are drawn, where there are any")
@click.option("--key", is_flag=True, help="the answer key instead, and Otter's master notebook")
def make(one: Assignment, out: Path, student: str, key: bool) -> None:
    """Write the files that students are given.

    These are the skeleton, as a file and as a notebook, public tests and a student's own data.
    """
    from . import handout  # nbformat is not needed for anything else

    if one.data and not student:
        raise click.UsageError(f"{one.name} has data of each student's own: say --student NAME")
    if (out / f"{one.name}.py").exists():
        raise click.UsageError(f"{out / one.name}.py is there already: it may be somebody's work")
    made = (handout.for_lecturers if key else handout.for_students)(one, out, student)
    print("\n".join(map(str, made)))


@top.command()
@click.argument("file", type=Output())
def new(file: Path) -> None:
    """Begin an assignment of one's own.

    FILE becomes an example to change; as ASSIGNMENT of other commands it is taken as it is.
    """
    if file.exists():
        raise click.UsageError(f"{file} is there already")
    outputs.write_text(file, EXAMPLE.read_text("utf-8"))


@top.command("grade")
@ASSIGNMENT
@click.argument("submission", type=click.Path(path_type=Path))
@click.option("--student", help="whose data and inputs; else the name of the file")
@TRUSTED
@reports
def grade_(
    one: Assignment, submission: Path, student: str | None, trusted: bool, **paths: Path | None
) -> int:
    """Grade one submission: a .py or .ipynb file, or a folder with one.

    The files that are asked for are there from the beginning, with no points, and are replaced when
    grading has ended.
    """
    name = student or submission.stem
    chosen = {kind: path for kind, path in paths.items() if path}
    outputs.write(zero(one, name), chosen)
    try:
        if not submission.exists():
            raise click.UsageError(f"there is no file {submission}")
        handed = alone(name, submission)
        if handed.path is None:
            raise click.UsageError(handed.why)
        if one.data and name == one.name:
            raise click.UsageError(f"whose is {submission.name}? Say --student, as in `make`")
        found = grade(one, handed.path, name, trusted)
    except (WallsError, click.UsageError) as error:
        outputs.write(zero(one, name, str(error)), chosen)
        raise
    outputs.write(found, chosen)
    print(terminal.text(found))
    return int(bool(found.ungraded))


@top.command("grade-class")
@ASSIGNMENT
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", required=True, type=FOLDER, help="for the gradebook and the pages")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="at a time")
@TRUSTED
def grade_class_(one: Assignment, folder: Path, out: Path, jobs: int, trusted: bool) -> int:
    """Grade a class, and say what to teach again.

    FOLDER has for each student a file, or a folder with one file, of the student's name.
    What was graded before is kept in OUT and graded again only where the submission, the assignment
    or the grader has changed.  OUT gets gradebook.csv, junit.xml, class.html for the lecturer, and
    a page for each student.
    """
    handed = submissions(folder)
    if not handed:
        raise click.UsageError(f"there is no submission in {folder}")
    found = grade_class(one, handed, out, jobs, trusted)
    print(f"{one.name}: {count(len(found), 'student')}. gradebook.csv, class.html are in {out}.")
    if others := passed_over(folder):
        print(f"Passed over, being no .py or .ipynb file: {', '.join(others)}.")
    ungraded = [plain(grade.student) for grade in found if grade.ungraded]
    if ungraded:
        print(f"A person must look at {', '.join(ungraded)}.")
    return int(bool(ungraded))


def main(arguments: Sequence[str] | None = None, name: str = "python -m validation.course") -> int:
    """Run a command.  The exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return top.main(given, prog_name=name, standalone_mode=False) or 0
    except click.ClickException as error:
        print(f"{name}: {error.format_message()}", file=sys.stderr)
    except (WallsError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(f"{name}: this needs {error.name}, which is not installed", file=sys.stderr)
    except (KeyboardInterrupt, click.Abort):
        print(f"{name}: interrupted", file=sys.stderr)
    return 2
