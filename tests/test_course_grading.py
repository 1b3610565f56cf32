"""What a submission is worth, and that nothing that it does costs more than its own task."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from course import require_walls
from course_stand_in import (
    HALF,
    HW2,
    NEARLY,
    RIGHT,
    STUDENT,
    StandIn,
    data,
    mistaken,
    reference,
    standing_in,
)

from validation.course.answers import Answer
from validation.course.assignments import everything
from validation.course.grading import NO_FORMULA, NOT_DONE, grade, graded
from validation.course.points import Symbol
from validation.course.questions import hidden
from validation.course.records import Assignment, Expression, Function, Mistake, Number, Task
from validation.course.skeleton import key, skeleton

EVERYTHING = everything()
MADE = [
    (one, task, mistake) for one in EVERYTHING for task in one.tasks for mistake in task.mistakes
]


def name_of(part: Any) -> str:
    return part.name


@pytest.mark.parametrize("one", EVERYTHING, ids=name_of)
def test_the_reference_has_all_points(one: Assignment) -> None:
    found = standing_in(one)
    assert {verdict.status for verdict in found.verdicts} == {"right"}
    assert found.total == found.most == one.points
    assert all(check.passed for check in found.checks)
    assert len(found.checks) == sum(isinstance(task, Function) for task in one.tasks)


@pytest.mark.parametrize(("one", "task", "mistake"), MADE, ids=name_of)
def test_a_mistake_has_its_points_and_its_sentence(
    one: Assignment, task: Task, mistake: Mistake
) -> None:
    found = standing_in(one, **{task.name: mistaken(one, task, mistake)})
    (verdict,) = [verdict for verdict in found.verdicts if verdict.status != "right"]
    assert (verdict.task, verdict.mistake) == (task.name, mistake)
    assert verdict.text.startswith(f"{mistake.says} Read {mistake.equation}, on the page ")
    assert found.total == pytest.approx(one.points - (1 - mistake.credit) * task.points)


@pytest.mark.parametrize("one", EVERYTHING, ids=name_of)
def test_the_key_as_a_file_has_all_points(one: Assignment, tmp_path: Path) -> None:
    found = graded_text(tmp_path, key(one, STUDENT), one)
    assert {v.status for v in found.verdicts} == {"right"}
    assert all(check.passed for check in found.checks)


@pytest.mark.parametrize("one", EVERYTHING, ids=name_of)
def test_the_untouched_skeleton_has_nothing_and_is_told_so(one: Assignment, tmp_path: Path) -> None:
    found = graded_text(tmp_path, skeleton(one), one)
    assert found.total == 0
    assert [(v.status, v.text) for v in found.verdicts] == [("missing", NOT_DONE)] * len(one.tasks)
    assert {check.text for check in found.checks} <= {NOT_DONE}
    assert found.ungraded == ()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "is a return missing?"),
        (np.ones((2, 3)), "shape (2, 3) where"),
        (np.full((40, 40), np.nan), "shape (40, 40) where"),
        (1.5, "1.5 where a list is expected"),
        ("V", "'V' where a list is expected"),
        (("a", "b"), "where a list is expected"),
        ((np.ones(2), np.ones((3, 3))), "where"),
        (lambda Z: np.full((len(Z), len(Z)), np.nan), "NaN where a number is expected"),
        (lambda Z: np.full((len(Z), len(Z)), np.inf), "right on 0 of 3 inputs"),
        (lambda Z: np.ones((len(Z), len(Z), 1)), ", 1) where ("),
        (lambda Z: np.ones((len(Z), len(Z))), "counted from 0, agrees in 0 of 8 digits"),
        (lambda Z: np.full((len(Z), len(Z)), True), "True where a number is expected"),
    ],
)
def test_what_is_no_answer_is_wrong_in_words(answer: Any, says: str) -> None:
    def V0(weights: Any, Z: Any, T: Any) -> Any:
        return answer(Z) if callable(answer) else answer

    found = standing_in(HW2, V0=V0)
    assert (found.verdicts[0].status, found.verdicts[0].points) == ("wrong", 0.0)
    assert says in found.verdicts[0].text
    assert found.total == 7


@pytest.mark.parametrize("status", ["time", "memory", "died", "garbage"])
def test_a_task_that_is_lost_costs_itself_alone(status: str) -> None:
    asked = standing_in(HW2, beta=Answer(status, text="beta did not end"))
    assert [v.points for v in asked.verdicts] == [3, 0, 4]
    assert asked.verdicts[1].text == "beta did not end"
    assert [check.task for check in asked.checks] == ["V0", "log_density"]  # not asked once more


def test_an_error_is_told_without_the_graders_numbers() -> None:
    def beta(**given: Any) -> Any:
        raise ValueError(f"shapes (4,) and (3,), {list(given['y'])}")

    verdict = standing_in(HW2, beta=beta).verdicts[1]
    y = hidden(HW2.tasks[1], STUDENT)[0].arguments["y"]  # type: ignore[arg-type]
    assert verdict.text.startswith("ValueError: shapes (4,) and (3,), [")
    assert verdict.text.endswith("(line 3)")
    assert str(float(y[0]))[:6] not in verdict.text


def test_the_four_rows_are_worth_nothing() -> None:
    def beta(**given: Any) -> Any:
        return np.array([5.0])

    found = standing_in(HW2, beta=beta)
    assert found.checks[1].passed
    assert found.verdicts[1].points == 0


def test_one_wrong_input_of_three_is_wrong() -> None:
    answers = iter([q.value for q in hidden(HW2.tasks[0], STUDENT)[:2]])  # type: ignore[arg-type]
    found = standing_in(HW2, V0=lambda Z, **_: next(answers, np.eye(len(Z))))
    assert found.verdicts[0].points == 0
    assert found.verdicts[0].text.startswith("right on 2 of 3 inputs")


def test_a_missing_function_has_no_points() -> None:
    found = graded(HW2, StandIn({}), STUDENT, 0.0)
    assert [v.status for v in found.verdicts] == ["missing"] * 3
    assert found.checks == ()


# --- in a process ---------------------------------------------------------------------------------


def graded_text(folder: Path, text: str, one: Assignment = HW2, name: str = "ada.py") -> Any:
    path = folder / name
    path.write_text(text, "utf-8")
    return grade(one, path, STUDENT, trusted=True)


@pytest.mark.parametrize(("text", "points"), [(RIGHT, 10), (NEARLY, 8.5), (HALF, 7)])
def test_a_file_is_graded(text: str, points: float, tmp_path: Path) -> None:
    assert graded_text(tmp_path, text).total == points


def test_a_notebook_is_graded_whatever_its_cells_are_called(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": part} for part in RIGHT.split("\n\n")]
    assert graded_text(tmp_path, json.dumps({"cells": cells}), name="ada.ipynb").total == 10


def test_the_grade_is_the_same_again(tmp_path: Path) -> None:
    assert graded_text(tmp_path, NEARLY) == graded_text(tmp_path, NEARLY)


def test_a_near_name_is_suggested(tmp_path: Path) -> None:
    found = graded_text(tmp_path, RIGHT.replace("def log_density", "def logdensity"))
    assert found.verdicts[2].text == "there is no log_density: is logdensity meant?"


def test_texts_have_no_path_of_the_server(tmp_path: Path) -> None:
    text = "def beta(beta_cov, X, V0inv, y):\n    raise OSError('/usr/lib/secret/key.py')\n"
    found = graded_text(tmp_path, f"open('/nowhere/at/all.csv')\n{text}")
    told = json.dumps([*(v.text for v in found.verdicts), *found.notices])
    assert "key.py" in told
    assert "all.csv" in told
    for part in ("/usr", "/nowhere", str(tmp_path)):
        assert part not in told


# --- formulas and numbers -------------------------------------------------------------------------

N_FOR_N_LESS_ONE = Mistake(
    "n-for-n-less-one", "divisor", "A mean was estimated.", "eq:V", "sigma**2"
)
SD = Mistake("sd", "units", "It is a variance.", "eq:V", lambda data: data["y"].std())
SOME = Assignment(
    "hw0", "Some", "c00_some", 1, (),
    (
        Expression("mean", 2, "E[s2]", (N_FOR_N_LESS_ONE,), "sigma**2 * (n - 1) / n",
                   (Symbol("sigma"), Symbol("n", "whole"))),
        Number("s2", 1, "The variance.", (SD,), lambda data: data["y"].var()),
    ),
    lambda random: pd.DataFrame({"y": random.normal(size=20)}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "status", "points"),
    [
        ("sigma^2 - sigma**2/n", "right", 2),
        ("sigma**2", "near", 1),
        ("(n - 1) / n", "wrong", 0),
        ("sigma**2 * (n - 1) / m", "ungraded", None),  # not read: it may be right
        ("__import__('os').system('true')", "ungraded", None),
        ("", "missing", 0),
        (None, "missing", 0),
    ],
)
def test_a_formula_is_graded(formula: Any, status: str, points: float | None) -> None:
    found = standing_in(SOME, mean=formula)
    assert (found.verdicts[0].status, found.verdicts[0].points) == (status, points)
    assert found.total == (points or 0) + 1
    assert found.ungraded == (("mean",) if points is None else ())


@pytest.mark.parametrize("status", ["time", "memory"])
def test_a_formula_that_could_not_be_evaluated_waits_for_a_person(status: str) -> None:
    class Slow(StandIn):
        def formula(self, *_: Any) -> Answer:
            return Answer(status, text="mean: did not end within 5 seconds")

    found = graded(SOME, Slow(reference(SOME) | {"mean": "sigma**2"}), STUDENT, 0.0)
    assert (found.verdicts[0].status, found.ungraded) == ("ungraded", ("mean",))


def test_numbers_are_of_the_students_own_data() -> None:
    own = data(SOME)["y"]
    for value, points in ((own.var(), 1), (own.std(), 0.5), (own.mean(), 0), (None, 0)):
        assert standing_in(SOME, s2=value).total == 2 + points


def test_formulas_and_numbers_of_a_file_are_graded(tmp_path: Path) -> None:
    symbols = "import sympy\nsigma, n = sympy.symbols('sigma n')\n"
    text = f"{symbols}mean = sigma**2 * (1 - 1/n)\ns2 = {data(SOME)['y'].var()}\n"
    assert graded_text(tmp_path, text, SOME).total == 3
    assert graded_text(tmp_path, "mean = 'sigma**2'\ns2 = [1, 2]\n", SOME).total == 1
    found = graded_text(tmp_path, "mean = open\ns2 = 'no number'\n", SOME)
    assert [v.points for v in found.verdicts] == [0, 0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "mean = sigma * n\n",
            "there is no mean; an answer is the text of a formula",
        ),
        ("mean = lambda n: n\n", NO_FORMULA),
        ("mean = ['sigma', 'n']\n", NO_FORMULA),
        ("mean = {'sigma': 1}\n", NO_FORMULA),
    ],
)
def test_what_a_formula_is_not_is_told_what_it_is(text: str, says: str, tmp_path: Path) -> None:
    verdict = graded_text(tmp_path, text, SOME).verdicts[0]
    assert says in verdict.text
    assert verdict.points == 0


def test_numbers_that_the_file_computes_are_to_be_typed(tmp_path: Path) -> None:
    text = "s2 = sum(map(float, open('hw0.csv')))\n"
    assert "type the numbers that you found" in graded_text(tmp_path, text, SOME).verdicts[1].text
    found = graded_text(tmp_path, "s2 = 2.0\n", SOME).verdicts[1]
    assert found.text == "not what the data give; the worst agrees in 0 of 4 digits"


def test_behind_the_wall_it_is_the_same(tmp_path: Path) -> None:
    require_walls()
    (tmp_path / "ada.py").write_text(f"mean = 'sigma^2'\ns2 = {data(SOME)['y'].var()}\n")
    found = grade(SOME, tmp_path / "ada.py", STUDENT)
    assert (found.total, found.wall) == (2, "bubblewrap")
    assert found.verdicts == graded_text(tmp_path, (tmp_path / "ada.py").read_text(), SOME).verdicts
