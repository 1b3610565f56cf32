"""What the last assignments take for right is so: of designs of many sizes, from their matrices."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

import refmixed as rm
from refmixed import marginal
from refmixed.design import from_arrays
from validation.course.assignments import assignment, crossed_ratings


def reference(name: str, task: str, **values: float) -> Any:
    (found,) = (one for one in assignment(name).tasks if one.name == task)
    return eval(found.reference, {}, values)


@pytest.mark.parametrize(("a", "b"), [(2, 2), (3, 2), (2, 4)])
def test_a_maximal_model_has_so_many_parameters(a: int, b: int) -> None:
    rows = list(product(range(4), range(2 * b), range(a), range(2)))
    data = pd.DataFrame(rows, columns=["subject", "item", "A", "time"]).astype(str)
    data["B"] = (data["item"].astype(int) % b).astype(str)
    data["y"] = np.arange(len(data)) % 7
    made = rm.design("y ~ A * B + (A * B | subject) + (A | item)", data, allow_saturated=True)
    assert made.m == reference("hw9", "maximal", a=a, b=b)


def test_two_programs_may_both_be_right() -> None:
    alpha, tau, sigma, d = 1.3, 0.5, 0.7, 1.6
    x, groups = np.tile([-d, d], 5), np.repeat(np.arange(5), 2)
    y = np.random.default_rng(1).normal(size=10)
    terms = [(groups, None), (groups, x[:, None])]
    design = from_arrays(y, np.ones((10, 1)), terms)
    other = reference("hw9", "other_sigma2", tau=tau, sigma=sigma, d=d, alpha=alpha)
    left = alpha**2 - tau**2 * d**2

    def V(sigma2: float, *variances: float) -> Any:
        return sigma2 * marginal.at(design, np.sqrt(np.array(variances) / sigma2)).V0

    np.testing.assert_allclose(V(other, left, 0.0), V(sigma**2, alpha**2, tau**2))


@pytest.mark.parametrize(("C", "S", "R"), [(2, 2, 2), (3, 5, 4), (2, 6, 3)])
def test_what_models_of_crossed_ratings_report_is_a_trace(C: int, S: int, R: int) -> None:
    condition, subject, rater = np.array(list(product(range(C), range(S), range(R)))).T
    alpha, tau, sigma = 0.8, 0.5, 1.1
    values = {"S": S, "R": R, "alpha": alpha, "tau": tau, "sigma": sigma}

    def same(*codes: Any) -> Any:
        return np.logical_and.reduce([one[:, None] == one for one in codes])

    V = alpha**2 * same(condition, subject) + tau**2 * same(condition, rater)
    V = V + sigma**2 * np.eye(len(condition))
    X = np.column_stack([np.eye(C)[condition], np.eye(S)[subject], np.eye(R)[rater]])
    left = np.eye(len(X)) - X @ np.linalg.pinv(X)
    residual = np.trace(left @ V) / np.trace(left)
    assert residual == pytest.approx(reference("capstone", "reported_residual", C=C, **values))
    contrast = ((condition == 1).astype(float) - (condition == 0)) / (S * R)
    assert contrast @ V @ contrast == pytest.approx(
        reference("capstone", "contrast_variance", **values)
    )


def test_in_a_students_ratings_no_variance_is_zero_and_the_errors_grow() -> None:
    for seed in range(5):
        data = crossed_ratings.ratings(np.random.default_rng(seed))
        assert min(crossed_ratings.sds(data)) > 0.1
        assert crossed_ratings.errors(data)[-1] > 2 * crossed_ratings.errors(data)[2]
