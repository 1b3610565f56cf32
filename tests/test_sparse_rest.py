"""Many levels of other factors, few of them tied: the sparse system is the dense one.

At a given theta nothing is optimised, and all is tight; fits agree to what rounding leaves of an
optimum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from counts import examples
from hypothesis import given
from hypothesis import strategies as st
from random_designs import NESTED, Case, cases
from test_routes import MANY, ROUNDED, close

import refmixed as rm
from refmixed import blocked, derivatives, marginal, penalized
from refmixed.blocked import errors, fronts, ties, tree
from refmixed.coordinates import behaved
from refmixed.design import Design
from refmixed.errors import MemoryLimitError
from refmixed.ranef import conditional_variances

pytestmark = pytest.mark.numerical

CROSSED = tuple(formula for formula in (*MANY, *NESTED) if formula.count("|") > 1)


@contextmanager
def sparse(cost: float = 0.0) -> Iterator[None]:
    """All others are left sparse, however few they are and however many of them are tied.

    A front costs nothing: there are as many as there can be.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "MANY", 0)
        patch.setattr(ties, "FEW", 1.0)
        patch.setattr(ties, "SLOWER", 0.0)
        patch.setattr(ties, "KEPT", {})
        patch.setattr(fronts, "COST", cost)
        yield


def schools(seed: int, pupils: int = 400, teachers: int = 60, move: float = 0.05) -> pd.DataFrame:
    """Pupils who change teachers within one of twelve schools, and sometimes the school."""
    rng = np.random.default_rng(seed)
    pupil = np.concatenate([np.arange(pupils), rng.integers(0, pupils, 2 * pupils)])
    home = rng.integers(0, 12, pupils)[pupil]
    school = np.where(rng.random(len(pupil)) < move, rng.integers(0, 12, len(pupil)), home)
    teacher = school * (teachers // 12) + rng.integers(0, teachers // 12, len(pupil))
    x, e = rng.normal(size=(2, len(pupil)))
    y = 1 + x + e + rng.normal(size=pupils)[pupil] + rng.normal(size=12)[school] / 2
    y += rng.normal(size=teachers)[teacher] + rng.normal(size=teachers)[teacher] * x / 3
    groups = {"pupil": pupil, "teacher": teacher, "school": school}
    w = rng.uniform(0.5, 2.0, len(pupil))
    return pd.DataFrame({"y": y, "x": x, "w": w} | groups)


@examples(50)
@given(cases(CROSSED))
def test_the_sparse_system_is_the_dense_one(case: Case) -> None:
    work = behaved(case.design).design
    with sparse():
        products = blocked.prepare(work)
    assert (products.fronts is None) == (products.r == 0)
    found = blocked.evaluate(products, case.theta, case.reml)
    right = penalized.evaluate(work, case.theta, case.reml)
    assert close(found.criterion, right.criterion)
    assert close(blocked.criterion(products, case.theta, case.reml), right.criterion)
    for name in ("pwrss", "beta", "beta_cov", "residuals", "u", "C", "aa"):
        assert close(getattr(found, name), getattr(right, name), ROUNDED), name
    for function in (derivatives.gradient, derivatives.hessian, derivatives.information):
        assert close(function(found), function(right), ROUNDED), function


@examples(20)
@given(cases(CROSSED), st.booleans())
def test_what_is_known_of_the_effects_is_the_same(case: Case, beta_known: bool) -> None:
    with sparse():
        found = blocked.posterior(case.design, case.theta, beta_known)
    right = penalized.posterior(case.design, case.theta, beta_known)
    assert close(found.gamma, right.gamma, ROUNDED)
    variances = [conditional_variances(case.design, at, 1.0) for at in (found, right)]
    for group in variances[1]:
        assert close(variances[0][group], variances[1][group], ROUNDED), group


@examples(20)
@given(cases(CROSSED))
def test_columns_are_divided_by_the_covariance_matrix(case: Case) -> None:
    design = behaved(case.design).design
    B = np.column_stack([design.X, design.y, *(design.terms[0].x for _ in range(6))])
    with sparse():
        found = blocked.V0inv_times(design, case.theta, B)
    assert close(found, marginal.V0inv_times(design, case.theta, B), ROUNDED)


def elsewhere(design: Design, seed: int = 14) -> Design:
    """Rows with levels that may never have met."""
    rng = np.random.default_rng(seed)
    terms = tuple(replace(t, codes=rng.permutation(t.codes)) for t in design.terms)
    return replace(design, X=rng.normal(size=design.X.shape), terms=terms)


@examples(20)
@given(cases(CROSSED))
def test_errors_of_predictions_are_the_same(case: Case) -> None:
    design = behaved(case.design).design
    for rows in (design, elsewhere(design)):
        with sparse():
            v = blocked.error_variances(design, case.theta, rows)
            found = blocked.error_covariance(design, case.theta, rows)
        right = penalized.error_covariance(design, case.theta, rows)
        assert close(v, np.diag(right), ROUNDED)
        assert close(found, right, ROUNDED)


def test_only_rows_whose_levels_never_met_take_a_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few at a time, as where there are many."""
    design, solved = rm.design("y ~ x + (x | pupil) + (1 | teacher)", schools(1)), []
    theta, times_Q = np.linspace(0.3, 1.0, design.m), errors.SparseErrors.times_Q

    def counted(at: errors.SparseErrors, m: Any) -> Any:
        solved.append(m.shape[0])
        return times_Q(at, m)

    monkeypatch.setattr(errors.SparseErrors, "times_Q", counted)
    monkeypatch.setattr(errors, "AT_ONCE", 1e4)
    others, ends = elsewhere(design), []
    for rows in (design, others):
        with sparse():
            v = blocked.error_variances(design, theta, rows)
        assert close(v, penalized.error_variances(design, theta, rows), ROUNDED)
        ends.append(sum(solved))
    assert ends[0] == 0 < ends[1] < len(design.y)


ASKED: dict[str, Callable[[Any], Any]] = {
    "summary": lambda fit: fit.summary(df="kenward-roger").coefficients,
    "test_fixed": lambda fit: fit.test_fixed(df="satterthwaite"),
    "test_fixed, expected": lambda fit: fit.test_fixed(df="satterthwaite-expected"),
    "predict": lambda fit: fit.predict(few(), se=True, interval="prediction"),
    "predict, one group": lambda fit: fit.predict(few(), random=["teacher"], se=True),
    "predict, new": lambda fit: fit.predict(few(9999), se=True, new_levels="population"),
    "hat": lambda fit: fit.hat,
    "residual_table": lambda fit: fit.residual_table(),
    "joint_cov": lambda fit: fit.joint_cov,
    "ranef": lambda fit: fit.ranef(cond_var="theta estimated").cond_var["teacher"],
    "confint": lambda fit: fit.confint(which="sigma"),
    "influence": lambda fit: fit.influence("teacher").dfbeta,
    "influence, estimated": lambda fit: fit.influence(np.arange(fit.nobs) % 2, "estimated").beta,
    "simulate": lambda fit: fit.simulate(2, seed=3),
    "refit": lambda fit: fit.refit(fit.simulate(2, seed=3)).beta,
    "drop1": lambda fit: fit.drop1().table,
    "tidy": lambda fit: fit.tidy("ran_vals", conf_int=True).drop(columns="level"),
}


def few(first: int | None = None) -> pd.DataFrame:
    """Rows of pupils with other teachers than theirs; of pupils that the fit has not seen."""
    data = schools(2, 60, 24).head(20)
    teachers = np.roll(data["teacher"], 7)
    pupils = data["pupil"] if first is None else first + np.arange(20)
    return data.assign(teacher=teachers, pupil=pupils)


@pytest.fixture(scope="module")
def fits() -> tuple[Any, Any]:
    """A fit by the dense system, and one by the sparse one."""
    formula, data = "y ~ x + (1 | pupil) + (1 | teacher)", schools(2, 60, 24)
    dense = rm.lmer(formula, data)
    with sparse(1e5):
        fit = rm.lmer(formula, data)
        assert blocked.prepare(fit.design).fronts is not None
    return dense, fit


@pytest.mark.parametrize("what", ASKED)
def test_what_a_fit_is_asked_for_is_the_same(fits: tuple[Any, Any], what: str) -> None:
    """Two optima, each to 1e-13 in theta, on which p-values and limits rest."""
    right = ASKED[what](fits[0])
    with sparse(1e5):
        found = ASKED[what](fits[1])
    for one, other in zip(columns(found), columns(right), strict=True):
        assert close(one, other, 1e-8)


def columns(table: Any) -> list[Any]:
    """Those of numbers, which have units of their own."""
    if not isinstance(table, pd.DataFrame):
        return [table]
    return [column.fillna(0.0) for _, column in table.select_dtypes("number").items()]


def test_many_thetas_are_as_many_single_ones() -> None:
    design = rm.design("y ~ x + (x | pupil) + (x | teacher)", schools(1))
    with sparse():
        products = blocked.prepare(design)
    thetas = np.outer([1.0, 0.0, 0.3], np.linspace(0.2, 1.0, design.m))
    many = blocked.evaluate(products, thetas)
    assert close(blocked.criteria(products, thetas), many.criterion)
    for i, theta in enumerate(thetas):
        one = blocked.evaluate(products, theta)
        for name in ("criterion", "beta", "C", "aa", "spread", "bend"):
            assert close(getattr(many, name)[i], getattr(one, name)), name


def test_fronts_may_be_joined() -> None:
    design = behaved(rm.design("y ~ x + (1 | pupil) + (x | teacher)", schools(1))).design
    theta, found, many = np.linspace(0.2, 1.0, design.m), [], []
    for cost in (0.0, 300.0, 1e5):
        with sparse(cost):
            products = blocked.prepare(design)
        assert products.fronts is not None
        many.append(len(products.fronts.each))
        found.append(blocked.evaluate(products, theta))
    assert many == sorted(many, reverse=True)
    assert many[0] > 2 * many[1] > 4 * many[2]
    for at in found[1:]:
        assert close(at.criterion, found[0].criterion)
        assert close(derivatives.hessian(at), derivatives.hessian(found[0]))


SHAPES = {
    "y ~ x + (1 | pupil) + (1 | teacher) + (1 | school)": {},
    "y ~ x + (1 | pupil) + (x | teacher)": {"weights": "w", "reml": False},
    "y ~ x + (1 | pupil) + (1 | teacher) + (0 + x | teacher)": {},
}


@pytest.mark.parametrize("formula", SHAPES)
def test_fits_are_the_same(formula: str) -> None:
    """Two optima, each to 1e-13 in theta: the rest follows to 1e-10."""
    data = schools(2)
    dense = rm.lmer(formula, data, **SHAPES[formula])
    with sparse():
        fit = rm.lmer(formula, data, **SHAPES[formula])
        assert close(fit.criterion, dense.criterion)
        for name in ("theta", "beta", "sigma", "se", "fitted", "vcov"):
            assert close(getattr(fit, name), getattr(dense, name), 1e-10), name
        found, right = fit.ranef(cond_var=True), dense.ranef(cond_var=True)
        assert str(fit.summary()) == str(dense.summary())
        assert close(
            fit.predict(data[:9], random=["teacher"]), dense.predict(data[:9], ["teacher"])
        )
    for group in right:
        assert close(found[group], right[group], 1e-10)
        assert close(found.cond_var[group], right.cond_var[group], 1e-10)
    assert fit.messages == dense.messages == ()
    assert fit.optimum.optimality.failures == []


def test_a_variance_of_zero_is_found() -> None:
    data = schools(3)
    data["y"] -= data.groupby("teacher")["y"].transform("mean")
    formula = "y ~ x + (1 | pupil) + (1 | teacher) + (1 | school)"
    dense = rm.lmer(formula, data)
    with sparse():
        fit = rm.lmer(formula, data)
    assert fit.is_singular
    assert fit.messages == dense.messages
    assert close(fit.theta, dense.theta, 1e-9)
    assert close(fit.criterion, dense.criterion)


def test_a_theta_that_is_given_and_other_responses() -> None:
    formula, data = "y ~ x + (1 | pupil) + (1 | teacher)", schools(4)
    dense = rm.lmer(formula, data, theta=[1.0, 0.5])
    Y = np.column_stack([data["y"], data["y"] + data["x"] ** 2])
    with sparse():
        fit = rm.lmer(formula, data, theta=[1.0, 0.5])
        refits = rm.lmer(formula, data).refit(Y)
    assert close(fit.criterion, dense.criterion)
    assert close(refits.theta, rm.lmer(formula, data).refit(Y).theta, 1e-8)


def test_the_order_of_rows_and_the_names_of_levels_change_nothing() -> None:
    formula, data = "y ~ x + (1 | pupil) + (1 | teacher) + (1 | school)", schools(5)
    rng = np.random.default_rng(6)
    other = data.sample(frac=1.0, random_state=7, ignore_index=True)
    other["teacher"] = rng.permutation(1000)[other["teacher"]]
    with sparse():
        fits = [rm.lmer(formula, one) for one in (data, other)]
    assert close(fits[0].criterion, fits[1].criterion, 1e-13)
    assert close(fits[0].theta, fits[1].theta, 1e-9)


def wide(n: int, pupils: int, teachers: int, schools_: int) -> Design:
    """Pupils with teachers of one school each; of one school, with any."""
    rng = np.random.default_rng(8)
    pupil = np.concatenate([np.arange(pupils), rng.integers(0, pupils, n - pupils)])
    size = teachers // schools_
    teacher = (pupil % schools_) * size + rng.integers(0, size, n)
    teacher[: n // 100] = rng.integers(0, teachers, n // 100)  # some change the school
    data = pd.DataFrame({"y": rng.normal(size=n), "p": pupil, "t": teacher})
    return rm.design("y ~ 1 + (1 | p) + (1 | t)", data)


def test_it_is_taken_where_many_are_left_and_few_are_tied() -> None:
    """Not for a completely crossed design such as InstEval's, nor for few levels."""
    chosen = [tree.arranged(wide(*sizes).terms)[2] is not None for sizes in (
        (9000, 3000, 1000, 50), (9000, 3000, 1000, 1), (9000, 3000, 400, 40),
    )]  # fmt: skip
    assert chosen == [True, False, False]


def test_where_nearly_all_are_tied_no_order_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """InstEval is such a design: an order of its 1,142 others would take as long as a criterion."""
    monkeypatch.setattr(ties, "KEPT", {})
    assert tree.arranged(wide(20000, 600, 550, 1).terms)[2] is None
    assert not ties.KEPT


def test_many_levels_need_no_dense_system() -> None:
    design = wide(18000, 6000, 3000, 150)
    assert blocked.numbers(design) < 2e7 < 6.0 * 3000**2
    products = blocked.prepare(design)
    assert products.fronts is not None
    assert sum(front.parent >= 0 for front in products.fronts.each) > 50
    at = blocked.evaluate(products, np.array([0.5, 0.5]))
    g = derivatives.gradient(at)
    for j, step in enumerate(1e-4 * np.eye(2)):
        ends = [blocked.criterion(products, 0.5 + s * step) for s in (1, -1)]
        assert (ends[0] - ends[1]) / 2e-4 == pytest.approx(g[j], rel=1e-6, abs=1e-3)


def test_fronts_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fronts.Fronts, "numbers", 1e15)
    with sparse(), pytest.raises(MemoryLimitError, match="GB or more"):
        rm.lmer("y ~ x + (1 | pupil) + (1 | teacher)", schools(9))
