"""Reports of a grade and of a class: valid whatever was handed in, written before anything runs."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from course_stand_in import HALF, HW2, NEARLY, RIGHT, STUDENT, StandIn, reference, standing_in

from refmixed.cli import main as refmixed_main
from validation.course import (
    chosen,
    classes,
    commands,
    equations,
    grades,
    kept,
    outputs,
    own,
    summary,
    walls,
)
from validation.course.answers import Answer
from validation.course.assignments import assignment
from validation.course.commands import main
from validation.course.grades import UNFINISHED, Grade, zero
from validation.course.grading import graded
from validation.course.handed_in import submissions
from validation.course.judging import ungraded
from validation.course.skeleton import skeleton
from validation.course.tell import class_page, gradebook, gradescope, junit, page, terminal

V0, BETA, _ = HW2.tasks
EVIL = "<script>alert(1)</script>\x00\x1b[31m & ]]>"


@pytest.fixture(scope="module", autouse=True)
def three_tasks() -> Iterator[None]:
    """On the command line, too, hw2 has three tasks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chosen, "assignment", {"hw2": HW2, "hw3": assignment("hw3")}.__getitem__)
        yield


@pytest.fixture
def mixed() -> Grade:
    """A near miss, a wrong answer, one that is ungraded, and a name that is no plain word."""
    beta = Answer("error", text=f"beta: ValueError: {EVIL} (line 2)")
    names = reference(HW2) | {"V0": V0.mistakes[0].wrong, "beta": beta}
    found = graded(HW2, StandIn(names, "none", (EVIL,)), '=cmd"<b>', 1.25)
    last = ungraded(HW2.tasks[2], "not decided")
    return replace(found, verdicts=(*found.verdicts[:2], last))


def strict(text: str) -> Any:
    """JSON without NaN."""

    def refuse(constant: str) -> Any:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


# --- one grade ------------------------------------------------------------------------------------


def test_gradescopes_file_adds_up_and_flags_what_is_ungraded(mixed: Grade) -> None:
    made = strict(gradescope.text(mixed))
    assert set(made) == {"score", "output", "stdout_visibility", "tests", "extra_data"}
    assert made["score"] == sum(test["score"] for test in made["tests"]) == 1.5
    assert sum(test["max_score"] for test in made["tests"]) == HW2.points
    assert "a person must look at it: log_density" in made["output"]
    assert [t["name"] for t in made["tests"] if "ungraded" in t["tags"]] == ["log_density"]
    for test in made["tests"]:
        assert {"name", "score", "max_score", "visibility", "output"} <= set(test)
        assert test["visibility"] == "visible"
        assert test["status"] in ("passed", "failed")


def test_what_is_not_right_fails_in_junit(mixed: Grade) -> None:
    top = ET.fromstring(junit.text(mixed))
    assert (top.get("tests"), top.get("failures"), top.get("errors")) == ("3", "2", "1")
    failure = top.find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("type") == "weights-not-inverted"


def test_the_page_shows_what_others_wrote_as_text(mixed: Grade) -> None:
    text = page.text(mixed)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert V0.mistakes[0].says in text
    assert "http" not in text  # it fetches nothing


def test_the_terminal_says_what_a_person_must_look_at(mixed: Grade) -> None:
    text = terminal.text(mixed)
    assert "1.5 of 10 points" in text
    assert "a person must look at it: log_density" in text
    assert "? of 4  ungraded" in text


def test_a_gradebook_has_no_formulas_and_no_zero_for_what_is_ungraded(mixed: Grade) -> None:
    (row,) = csv.DictReader(gradebook.text(mixed).splitlines())
    assert row["student"] == "'" + mixed.student
    assert (row["total"], row["V0"], row["log_density"]) == ("1.5", "1.5", "")
    assert row["ungraded"] == "log_density"
    assert row["mistakes"] == "V0: weights-not-inverted"


def test_a_grade_is_read_as_it_was_written(mixed: Grade) -> None:
    assert grades.from_json(strict(grades.text(mixed)), HW2, 0.0) == mixed


@pytest.mark.parametrize("kind", list(outputs.WRITERS))
def test_no_report_depends_on_the_seconds(kind: str, mixed: Grade) -> None:
    slower = replace(mixed, seconds=99.0)
    assert outputs.WRITERS[kind](slower) == outputs.WRITERS[kind](mixed)


def test_the_equations_of_mistakes_are_in_the_book() -> None:
    assert equations.title("eq:V") == "The marginal model"
    assert equations.title("eq:no-such-tag") == ""


# --- files ----------------------------------------------------------------------------------------


def test_a_zero_result_is_there_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}

    def crash(*_: Any) -> Any:
        seen.update(strict((tmp_path / "results.json").read_text()))
        raise MemoryError

    monkeypatch.setattr(commands, "grade", crash)
    (tmp_path / "ada.py").write_text(RIGHT)
    with pytest.raises(MemoryError):
        main(
            ["grade", "hw2", str(tmp_path / "ada.py"), "--results", str(tmp_path / "results.json")]
        )
    assert seen == strict((tmp_path / "results.json").read_text())
    assert seen["score"] == 0
    assert UNFINISHED in seen["output"]
    assert seen["extra_data"]["ungraded"] == [task.name for task in HW2.tasks]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    outputs.write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        outputs.write_text(path, "new \ud800")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


BROKEN = {
    "import.py": ("import no_such_package\n" + RIGHT, 10),
    "empty.py": ("", 0),
    "prose.py": ("Dear lecturer, the answer is 42.\n", 0),
    "half.py": (RIGHT + "\ndef more(:\n", 10),
    "binary.py": ("\x00\x01\x02", 0),
    "broken.ipynb": ('{"cells": [', 0),
    "list.ipynb": ("[]", 0),
    "loud.py": ("print('x' * 3000)\n" + RIGHT, 10),
    "exit.py": ("import sys\nsys.exit()\n" + RIGHT, 10),
    "died.py": (RIGHT + "\nimport os\nbeta = lambda **k: os._exit(3)\n", 7),
}


@pytest.mark.parametrize("name", BROKEN)
def test_whatever_is_handed_in_there_is_a_valid_result(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, points = BROKEN[name]
    (tmp_path / name).write_text(text)
    out = tmp_path / "results.json"
    assert main(["grade", "hw2", str(tmp_path / name), "--trusted", "--results", str(out)]) == 0
    made = strict(out.read_text())
    assert made["score"] == points
    assert all(test["output"] for test in made["tests"])
    assert f"{points} of 10 points" in capsys.readouterr().out


def test_without_a_wall_nothing_is_graded_and_the_files_say_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(walls, "refusal", lambda: "there is no wall here: say --trusted")
    (tmp_path / "ada.py").write_text(RIGHT)
    out = tmp_path / "results.json"
    assert main(["grade", "hw2", str(tmp_path / "ada.py"), "--results", str(out)]) == 2
    assert "say --trusted" in capsys.readouterr().err
    assert "say --trusted" in strict(out.read_text())["output"]
    assert main(["grade-class", "hw2", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_what_was_not_handed_in_has_a_result(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    assert main(["grade", "hw2", str(tmp_path / "none.py"), "--results", str(out)]) == 2
    made = strict(out.read_text())
    assert made["score"] == 0
    assert "there is no file" in made["output"]


def test_files_are_made_and_none_is_lost(tmp_path: Path) -> None:
    make = ["make", "hw2", "--out", str(tmp_path), "--student", "ada"]
    assert main(make) == 0
    assert (tmp_path / "hw2.py").read_text() == skeleton(HW2)
    (tmp_path / "hw2.py").write_text(RIGHT)
    assert main(make) == 2
    assert (tmp_path / "hw2.py").read_text() == RIGHT
    assert main([*make, "--key"]) == 2


def test_data_are_asked_for_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "out", tmp_path / "results.json"
    for key in ([], ["--key"]):
        assert main(["make", "hw3", "--out", str(folder), *key]) == 2
        assert "say --student NAME" in capsys.readouterr().err
    assert main(["make", "hw3", "--out", str(folder), "--student", "ada"]) == 0
    grade_it = ["grade", "hw3", str(folder / "hw3.py"), "--trusted"]
    assert main([*grade_it, "--results", str(out)]) == 2
    assert "whose is hw3.py?" in capsys.readouterr().err
    assert "whose is hw3.py?" in strict(out.read_text())["output"]
    assert main([*grade_it, "--student", "ada"]) == 0


def test_the_page_for_lecturers_can_be_followed_to_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, out = str(tmp_path / "weights.toml"), tmp_path / "handout"
    assert main(["new", mine]) == main(["show", mine]) == main(["mistakes", mine]) == 0
    assert main(["make", mine, "--out", str(out)]) == 0
    assert main(["make", mine, "--out", str(tmp_path / "key"), "--key"]) == 0
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.py").write_text((tmp_path / "key" / "weights_key.py").read_text())
    (tmp_path / "in" / "bob.py").write_text((out / "weights.py").read_text())
    where = [str(tmp_path / "in"), "--out", str(tmp_path / "graded"), "--trusted"]
    assert main(["grade-class", mine, *where]) == 0
    rows = rows_of(tmp_path / "graded" / "gradebook.csv")
    assert [row["total"] for row in rows] == ["7", "0"]
    assert "0 hours" not in capsys.readouterr().out


def test_an_assignment_of_ones_own_is_begun_and_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, answer = tmp_path / "mine.toml", tmp_path / "ada.py"
    assert main(["new", str(mine)]) == 0
    assert main(["new", str(mine)]) == 2
    answer.write_text("relative_precision = 'sigma / sqrt(n * w)'\n")
    assert main(["grade", str(mine), str(answer), "--trusted"]) == 0
    assert "1.5 of 7 points" in capsys.readouterr().out
    one = own.read(mine)
    before = kept.digest(one, "ada", answer, False)
    assert before != kept.digest(replace(one, source=""), "ada", answer, False)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["grade", "hw99", "x.py"], "there is no hw99: there are hw1, hw2,"),
        (["grade", "no.toml", "x.py"], "cannot read no.toml"),
        (["grade", "hw2", "no-such-file.py"], "there is no file no-such-file.py"),
        (["grade-class", "hw2", "no-such-folder", "--out", "o"], "does not exist"),
        (["make", "hw2"], "--out"),
        (["grade", "hw2", __file__, "--html", "no/such/folder.html"], "there is no folder"),
        (["grade-class", "hw2", "."], "--out"),
        (["nothing"], "nothing"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refmixed_main(["course", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("refmixed course: ")
    assert says in said.err
    assert said.err.count("\n") == 1


def test_the_lecturer_is_told_each_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mistakes", "hw2"]) == 0
    said = capsys.readouterr().out
    for task in HW2.tasks:
        for mistake in task.mistakes:
            assert f"{task.name}: {mistake.name} ({mistake.kind})" in said
            assert mistake.says in said
    assert main(["list"]) == main(["show", "hw2"]) == 0
    assert "log_density (Function, 4 points)" in capsys.readouterr().out


# --- a class --------------------------------------------------------------------------------------

TWELVE = {
    **{f"s{k:02}/work/hw2.py": RIGHT for k in range(5)},
    **{f"s{k:02}.py": NEARLY for k in range(5, 8)},
    "s08.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": HALF}]}),
    "s09.py": skeleton(HW2),
    "s10.ipynb": "{",
    "s11/two.py": RIGHT,
    "s11/files.py": RIGHT,
    "notes.txt": "no submission",
}


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a class of twelve in `in`, and what was made of it in `out`."""
    folder = tmp_path_factory.mktemp("class")
    for name, text in TWELVE.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert again(folder) == 1  # s11 handed in two files
    return folder


def again(folder: Path) -> int:
    where = [str(folder / "in"), "--out", str(folder / "out")]
    return main(["grade-class", "hw2", *where, "--jobs", "2", "--trusted"])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The students who are graded anew."""
    students: list[str] = []
    lock, real = threading.Lock(), classes.grade

    def spy(one: Any, path: Path, student: str, trusted: bool) -> Grade:
        with lock:
            students.append(student)
        return real(one, path, student, trusted)

    monkeypatch.setattr(classes, "grade", spy)
    return students


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


def test_a_class_is_graded(graded_class: Path) -> None:
    rows = rows_of(graded_class / "out" / "gradebook.csv")
    assert [row["student"] for row in rows] == [f"s{k:02}" for k in range(12)]
    assert [float(row["total"]) for row in rows] == [10] * 5 + [8.5] * 3 + [7, 0, 0, 0]
    assert [bool(row["ungraded"]) for row in rows] == [False] * 11 + [True]
    top = ET.parse(graded_class / "out" / "junit.xml").getroot()
    assert (top.get("tests"), top.get("errors")) == ("36", "3")
    for student in (f"s{k:02}" for k in range(12)):
        assert (graded_class / "out" / "students" / f"{student}.html").is_file()


def test_the_lecturers_page_says_what_to_teach_again(graded_class: Path) -> None:
    text = (graded_class / "out" / "class.html").read_text()
    assert "weights-not-inverted" in text
    assert V0.mistakes[0].says in text
    assert "files.py, two.py" in text
    assert "The marginal model" in text  # the page of eq:V


def test_a_class_is_not_graded_again(graded_class: Path, asked: list[str]) -> None:
    before = (graded_class / "out" / "gradebook.csv").read_bytes()
    again(graded_class)
    assert asked == []
    assert (graded_class / "out" / "gradebook.csv").read_bytes() == before


def test_who_hands_in_anew_is_graded_anew(graded_class: Path, asked: list[str]) -> None:
    (graded_class / "in" / "s09.py").write_text(HALF)
    (graded_class / "out" / "kept" / "s05.json").write_text('{"digest": ')  # it was interrupted
    again(graded_class)
    assert sorted(asked) == ["s05", "s09"]


def test_another_grader_grades_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ada.py").write_text(RIGHT)
    given = (HW2, "ada", tmp_path / "ada.py")
    first = kept.digest(*given, False)
    assert first == kept.digest(*given, False) != kept.digest(*given, True)
    monkeypatch.setattr(kept, "version", lambda: "another")
    assert kept.digest(*given, False) != first


def test_a_grader_that_fails_on_one_grades_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(one: Any, path: Path, student: str, _: bool) -> Grade:
        if student == "s03":
            raise RecursionError
        return standing_in(one)

    (tmp_path / "in").mkdir()
    for k in range(12):
        (tmp_path / "in" / f"s{k:02}.py").write_text("")
    monkeypatch.setattr(classes, "grade", fails)
    handed = submissions(tmp_path / "in")
    found = classes.grade_class(HW2, handed, tmp_path / "out", 2, True)
    assert [grade.total for grade in found] == [10] * 3 + [0] + [10] * 8
    assert found[3].notices == ("the grader failed: RecursionError",)
    assert found[3].ungraded
    assert not (tmp_path / "out" / "kept" / "s03.json").exists()


def test_of_a_folder_the_one_file_is_graded_or_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grade_it = ["grade", "hw2", str(tmp_path), "--student", "ada", "--trusted"]
    assert main(grade_it) == 2
    assert "there is no .py or .ipynb file" in capsys.readouterr().err
    for name, text in (("hw2.py", RIGHT), ("test_hw2.py", ""), ("hw2.csv", "")):
        (tmp_path / name).write_text(text)
    assert main(grade_it) == 0
    assert "ada has 10 of 10 points" in capsys.readouterr().out
    (tmp_path / "hw2.ipynb").write_text("{}")
    assert main(grade_it) == 2
    assert "of which one is meant: hw2.ipynb, hw2.py" in capsys.readouterr().err


def test_links_are_no_submissions(tmp_path: Path) -> None:
    (tmp_path / "key.py").write_text(RIGHT)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "ada.py").symlink_to(tmp_path / "key.py")
    (tmp_path / "in" / "bob").mkdir()
    (tmp_path / "in" / "bob" / "hw2.py").symlink_to(tmp_path / "key.py")
    (tmp_path / "in" / "cyd").symlink_to(tmp_path)
    assert [(one.student, one.path) for one in submissions(tmp_path / "in")] == [
        ("ada", None), ("bob", None),
    ]  # fmt: skip


def test_what_is_graded_so_far_is_written_where_it_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(one: Any, path: Path, student: str, _: bool) -> Grade:
        if student == "b":
            raise KeyboardInterrupt
        return standing_in(one)

    monkeypatch.setattr(classes, "grade", stops)
    (tmp_path / "in").mkdir()
    for student in "abc":
        (tmp_path / "in" / f"{student}.py").write_text("")
    where = [str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--jobs", "1"]
    assert main(["grade-class", "hw2", *where, "--trusted"]) == 2
    rows = rows_of(tmp_path / "out" / "gradebook.csv")
    assert [(row["total"], bool(row["ungraded"])) for row in rows[:2]] == [
        ("10", False),
        ("0", True),
    ]


def test_a_file_that_is_no_submission_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ada.py").write_text(RIGHT)
    (tmp_path / "bob\x1b.docx").write_text("")
    out = tmp_path / "out"
    assert main(["grade-class", "hw2", str(tmp_path), "--out", str(out), "--trusted"]) == 0
    assert "no .py or .ipynb file: bob .docx." in capsys.readouterr().out


def test_equations_are_counted_by_students() -> None:
    wrong = {task.name: task.mistakes[0].wrong for task in (V0, BETA)}
    found = [
        replace(standing_in(HW2, **names), student=student)
        for student, names in (("a", wrong), ("b", {"V0": V0.mistakes[1].wrong}), ("c", wrong))
    ]
    made = summary.made(HW2, found)
    assert [(m.mistake.name, len(m.students)) for m in made] == [
        ("weights-not-inverted", 2), ("ordinary-least-squares", 2), ("no-weights", 1),
    ]  # fmt: skip
    assert [(a.tag, a.students) for a in summary.again(made)] == [("eq:V", 3), ("eq:gls", 2)]


def test_a_class_without_mistakes_has_a_page() -> None:
    assert "None with a name" in class_page.text(HW2, [standing_in(HW2)])
    assert zero(HW2, STUDENT).total == 0


def test_a_name_in_another_encoding_is_a_name(tmp_path: Path) -> None:
    (tmp_path / b"\xe4da.py".decode("utf-8", "surrogateescape")).write_text("")
    (one,) = submissions(tmp_path)
    assert junit.text(zero(HW2, one.student)).encode()


def test_names_of_students_do_no_harm(tmp_path: Path) -> None:
    """Whatever they are: for a spreadsheet, for XML, for the names of files."""
    names = ["Müller, Ada", "=1+1", 'O"Neil', "\x01bob", "x" * 240]
    grades = [zero(HW2, name) for name in names]
    made = gradebook.of_class(grades)
    assert made.startswith("\ufeff")  # for Excel
    rows = list(csv.DictReader(made.removeprefix("\ufeff").splitlines()))
    assert [row["student"] for row in rows] == ["Müller, Ada", "'=1+1", *names[2:]]
    assert not gradebook.of_class(grades[1:]).startswith("\ufeff")
    assert len(ET.fromstring(junit.of_class(grades))) == len(names)
    outputs.write_text(tmp_path / f"{names[-1]}.json", "{}")
    assert [path.stem for path in tmp_path.iterdir()] == [names[-1]]


def test_a_tag_is_not_cut_in_two_and_notices_come_first() -> None:
    tag = "eq:one-way-ml-bias"
    texts = [f"{'x' * k} Read {tag}." for k in range(60, 90)]
    assert all(tag in terminal.indented(text) for text in texts)
    found = replace(standing_in(HW2), notices=("line 1: SyntaxError",))
    for text in (terminal.text(found), page.text(found)):
        assert text.index("SyntaxError") < text.index("log_density")


# --- Gradescope's autograder ----------------------------------------------------------------------

SCRIPT = Path(own.__file__).parents[1] / "examples" / "gradescope" / "run_autograder"


@pytest.mark.parametrize(
    ("name", "score"), [("hw3.py", 2), ("my work/hw 3.py", 2), ("report.txt", 0)]
)
def test_gradescopes_script_leaves_a_result(name: str, score: float, tmp_path: Path) -> None:
    for folder in ("submission", "results"):
        (tmp_path / folder).mkdir()
    users = {"users": [{"email": "ada@example.org"}]}
    (tmp_path / "submission_metadata.json").write_text(json.dumps(users))
    (tmp_path / "submission" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "submission" / name).write_text(
        "ml_mean = 'sigma^2 * (J*(n_bar - 1) - 1) / (J*n_bar)'\n"
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = os.environ | {"AUTOGRADER": str(tmp_path), "PATH": path}
    subprocess.run(["sh", str(SCRIPT)], env=env, check=True, capture_output=True)
    made = strict((tmp_path / "results" / "results.json").read_text())
    assert made["score"] == score
    assert made["extra_data"]["assignment"] == "hw3"
