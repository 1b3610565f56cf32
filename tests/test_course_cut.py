"""Tasks are cut from refmixed: a property becomes a function of what its body uses."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from refmixed.evaluation import profiled
from validation.course.assignments import everything
from validation.course.cut import cut
from validation.course.judging import by_values
from validation.course.models import marginal_model, penalized_model
from validation.course.questions import cut_of, hidden, public, random
from validation.course.records import Function

TASKS = [task for one in everything() for task in one.tasks if isinstance(task, Function)]
PROPERTIES = ["T", "V0", "V0inv", "beta_cov", "beta", "pwrss", "P", "gamma", "gamma_error_cov"]


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_is_the_function_that_is_cut_from_it(name: str) -> None:
    roots = marginal_model(np.random.default_rng(1))
    answer = cut(f"refmixed.marginal:Marginal.{name}")
    value = answer.function(**answer.arguments(roots))
    np.testing.assert_array_equal(value, getattr(roots["self"], name))


@pytest.mark.parametrize("name", ["L", "RZX", "RX"])
def test_a_statement_is_the_function_that_is_cut_from_it(name: str) -> None:
    roots = penalized_model(np.random.default_rng(2))
    answer = cut(
        "refmixed.penalized:fixed_factor" if name == "RX" else f"refmixed.penalized:solve#{name}"
    )
    value = answer.function(**answer.arguments(roots))
    np.testing.assert_array_equal(value, getattr(roots["self"], name))


def test_no_object_is_left_in_what_is_cut() -> None:
    tree = cut("refmixed.marginal:Marginal.V0").node
    assert {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} == {"np", "weights", "Z", "T"}


def test_an_argument_of_one_value_is_no_parameter() -> None:
    roots = {"self": marginal_model(np.random.default_rng(3))["self"]}
    names = {"design": roots["self"].design, "reml": False}
    names |= {name: getattr(roots["self"], name) for name in ("pwrss", "logdet_V0")}
    answer = cut("refmixed.evaluation:profiled", (("dof", "n"),), (("reml", False),))
    assert answer.parameters == ["n", "pwrss", "logdet_V0"]
    value = profiled(names["design"], names["logdet_V0"], None, names["pwrss"], reml=False)
    assert answer.function(**answer.arguments(names)) == value


def test_two_meanings_of_one_parameter_are_refused() -> None:
    with pytest.raises(ValueError, match="would stand for"):
        cut("refmixed.penalized:V0inv_times", (("ZtW", "B"),))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_reference_is_right_and_each_mistake_has_its_own_verdict(task: Function) -> None:
    questions = hidden(task, "ada")
    assert by_values(task, questions, [q.value for q in questions]).status == "right"
    for mistake in task.mistakes:
        verdict = by_values(task, questions, [q.wrong[mistake.name] for q in questions])
        assert (verdict.mistake, verdict.points) == (mistake, task.points * mistake.credit)
    tripled = [3 * np.asarray(q.value) for q in questions]
    assert by_values(task, questions, tripled).points == 0


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_four_rows_have_an_answer(task: Function) -> None:
    assert np.isfinite(public(task).value).all()
    assert set(public(task).arguments) == set(cut_of(task).parameters)


def test_a_students_inputs_are_their_own_and_stay() -> None:
    first, again, other = (random(s, "V0").integers(2**60) for s in ("ada", "ada", "bob"))
    assert first == again != other
