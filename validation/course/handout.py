"""The files of an assignment: what students are given, and what the lecturer keeps."""

from __future__ import annotations

from pathlib import Path

from . import notebook, public
from .questions import data_of
from .records import Assignment
from .skeleton import key, skeleton

ASSIGNMENTS = Path(__file__).with_name("assignments")


def for_students(one: Assignment, folder: Path, student: str) -> list[Path]:
    """Skeleton and notebook; what there is of public tests, a student's data, and a template."""
    files = {f"{one.name}.py": skeleton(one), f"{one.name}.ipynb": notebook.student(one)}
    if public.functions_of(one):
        files[f"test_{one.name}.py"] = public.tests(one)
    if (data := data_of(one, student)) is not None:
        files[f"{one.name}.csv"] = data.to_csv(index=False, lineterminator="\n")
    if one.template:
        files[f"{one.name}_report.md"] = (ASSIGNMENTS / one.template).read_text("utf-8")
    return written(files, folder)


def for_lecturers(one: Assignment, folder: Path, student: str) -> list[Path]:
    """The answer key of one student, as a file and as the notebook that `otter assign` takes."""
    files = {
        f"{one.name}_key.py": key(one, student),
        f"{one.name}_master.ipynb": notebook.master(one, student),
    }
    return written(files, folder)


def written(files: dict[str, str], folder: Path) -> list[Path]:
    """Files written into a folder, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]
