"""What students are given is cut from refmixed: all but the answers."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from refmixed import linalg
from validation.course import given, handout, notebook, public
from validation.course.assignments import everything
from validation.course.questions import cut_of, hidden
from validation.course.records import Assignment, Expression, Function, Task
from validation.course.skeleton import key, skeleton

ALL = everything()
EACH = pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
SHORT = 8  # characters; less of code is no answer
FUNCTIONS = [(one, task) for one in ALL for task in one.tasks if isinstance(task, Function)]


def squeezed(text: str) -> str:
    return "".join(text.split()).replace('"', "'")


def answers(task: Task) -> list[str]:
    """The pieces of code that answer a task: what its statements assign and return."""
    if isinstance(task, Expression):
        return [task.reference]
    if not isinstance(task, Function):
        return []
    found = [n for s in cut_of(task).body for n in ast.walk(s) if isinstance(n, ast.expr)]
    return [ast.unparse(n) for n in found if isinstance(n, ast.BinOp | ast.Call | ast.Compare)]


def code(cells: list[Any]) -> str:
    return "\n".join(cell.source for cell in cells)


@EACH
def test_no_piece_of_an_answer_is_left_in_a_skeleton(one: Assignment) -> None:
    given_out = {
        "file": skeleton(one),
        "notebook": code(nbformat.reads(notebook.student(one), 4).cells),
        "tests": public.tests(one),
    }
    head = squeezed(Path(given.__file__).read_text("utf-8"))
    pieces = {p for task in one.tasks for a in answers(task) if len(p := squeezed(a)) > SHORT}
    assert pieces
    for name, text in given_out.items():
        left = squeezed(text)
        assert {p for p in pieces if p in left and p not in head} == set(), name


def test_a_leak_would_be_seen() -> None:
    one, task = FUNCTIONS[0]
    pieces = [squeezed(answer) for answer in answers(task)]
    assert any(len(piece) > SHORT and piece in squeezed(key(one, "ada")) for piece in pieces)


@EACH
def test_a_skeleton_has_the_names_arguments_and_shapes(one: Assignment) -> None:
    tree = {n.name: n for n in ast.parse(skeleton(one)).body if isinstance(n, ast.FunctionDef)}
    for task in one.tasks:
        if isinstance(task, Function):
            found = tree[task.name]
            assert [a.arg for a in found.args.args] == cut_of(task).parameters
            assert all(name in str(ast.get_docstring(found)) for name in cut_of(task).parameters)
            assert task.asks.split()[0] in str(ast.get_docstring(found))
        else:
            assert f"\n{task.name} = " in skeleton(one)


@pytest.mark.parametrize(("one", "task"), FUNCTIONS, ids=lambda part: part.name)
def test_the_key_runs_without_refmixed_and_is_right(one: Assignment, task: Function) -> None:
    names: dict[str, Any] = {}
    exec(compile(key(one, "ada"), one.name, "exec"), names)
    assert "refmixed" not in key(one, "ada").split("def ")[0].split('"""')[2]
    for question in hidden(task, "key"):
        value = names[task.name](**question.arguments)
        np.testing.assert_allclose(value, question.value, rtol=1e-10, atol=1e-12)


def test_what_is_given_is_what_refmixed_computes_with() -> None:
    source = np.random.default_rng(3)
    A, B = source.normal(size=(5, 5)), source.normal(size=(5, 2))
    L = linalg.cholesky(A @ A.T + np.eye(5))
    np.testing.assert_allclose(given.cholesky(L @ L.T), L)
    for name in ("solve_lower", "solve_upper"):
        np.testing.assert_allclose(getattr(given, name)(L, B), getattr(linalg, name)(L, B))
    assert given.logdet(L) == pytest.approx(linalg.logdet(L))


@EACH
def test_the_public_tests_pass_the_key_and_no_skeleton(one: Assignment, tmp_path: Path) -> None:
    handout.for_students(one, tmp_path, "ada")
    command = [sys.executable, f"test_{one.name}.py"]
    if not any(isinstance(task, Function) for task in one.tasks):
        return
    untouched = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert untouched.returncode
    assert "NotImplementedError" in untouched.stderr
    (tmp_path / f"{one.name}.py").write_text(key(one, "ada"), "utf-8")
    filled = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert filled.stdout.count("as on the page") == public.tests(one).count("def test_")


def test_public_tests_go_on_after_one_that_fails(tmp_path: Path) -> None:
    one = ALL[0]
    handout.for_students(one, tmp_path, "ada")
    without_first = key(one, "ada").replace("def products(", "def product(")
    (tmp_path / f"{one.name}.py").write_text(without_first, "utf-8")
    command = [sys.executable, f"test_{one.name}.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "products: NOT as on the page" in ran.stderr
    assert ran.stdout.count("as on the page") == public.tests(one).count("def test_") - 1


def test_a_report_has_a_template_beside_the_data(tmp_path: Path) -> None:
    (one,) = (found for found in ALL if found.template)
    handout.for_students(one, tmp_path, "ada")
    report = (tmp_path / f"{one.name}_report.md").read_text("utf-8")
    assert report.count("\n## ") == 8
    assert (tmp_path / f"{one.name}.csv").read_text("utf-8").count("\n") == 1 + 3 * 33 * 25


def test_otter_makes_its_notebooks_of_a_master(tmp_path: Path) -> None:
    one = ALL[0]
    handout.for_lecturers(one, tmp_path, "ada")
    command = [sys.executable, "-m", "otter", "assign", f"{one.name}_master.ipynb", "out"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    made = tmp_path / "out" / "student" / f"{one.name}_master.ipynb"
    cells = nbformat.read(made, 4).cells
    pieces = {p for task in one.tasks for a in answers(task) if len(p := squeezed(a)) > SHORT}
    assert all(piece not in squeezed(code(cells[3:])) for piece in pieces)
    checks = [cell.source for cell in cells if cell.source.startswith("grader.check")]
    assert len(checks) == sum(isinstance(task, Function) for task in one.tasks)
    (results,) = (tmp_path / "out" / "autograder").glob("otter_config.json")
    assert json.loads(results.read_text("utf-8"))
