"""How far off predictions are: three routes, a live lme4, and what data say that were drawn."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from random_designs import FORMULAS, NESTED, Case, cases, nested_data, random_data

import refmixed as rm
from refmixed import blocked, marginal, penalized
from refmixed.blocked import tree
from refmixed.coordinates import behaved
from refmixed.design import Design
from validation.adapters import r

pytestmark = pytest.mark.numerical

TIGHT = 1e-10  # relative; at a given theta nothing is optimised
ROUTES = (blocked, penalized, marginal)


def asked(design: Design, n: int = 12, seed: int = 5) -> Design:
    """Rows of any columns and levels, whether or not one level lies in another."""
    rng = np.random.default_rng(seed)
    terms = [
        replace(t, x=rng.normal(size=(n, t.k)), codes=rng.integers(0, len(t.levels), n))
        for t in design.terms
    ]
    X = rng.normal(size=(n, design.p))
    return replace(design, y=np.zeros(n), X=X, terms=tuple(terms))


# --- three routes ---------------------------------------------------------------------------------


@given(cases((*FORMULAS, *NESTED)))
def test_three_routes_have_the_same_error_variances(case: Case) -> None:
    design = behaved(case.design).design
    for rows in (design, asked(design)):
        v, *others = (route.error_variances(design, case.theta, rows) for route in ROUTES)
        whole = [route.error_covariance(design, case.theta, rows) for route in ROUTES]
        for other in others:
            np.testing.assert_allclose(v, other, rtol=TIGHT)
        for other in whole:
            np.testing.assert_allclose(v, np.diag(other), rtol=TIGHT)
            np.testing.assert_allclose(whole[0], other, rtol=TIGHT, atol=TIGHT * v.max())


@pytest.mark.parametrize(("few", "dense"), [(60, 1), (1, 100), (1, 1)])
@given(case=cases((*FORMULAS, *NESTED)))
def test_so_have_factors_eliminated_in_turn_and_sparse_products(
    few: int, dense: int, case: Case
) -> None:
    design = case.design
    sparse = mock.patch.multiple("refmixed.blocked.crossproducts", DENSE=dense, SPARSE=9.0)
    with mock.patch.object(tree, "FEW", few), sparse:
        products = blocked.prepare(design)
        assert products.is_sparse == (dense == 1 and products.r > 1)
        v = blocked.error_variances(design, case.theta, asked(design))
    right = penalized.error_variances(design, case.theta, asked(design))
    np.testing.assert_allclose(v, right, rtol=TIGHT)


def test_rows_may_be_taken_a_few_at_once() -> None:
    design = rm.design("y ~ x + (x | a/b/c) + (1 | h)", nested())
    theta = np.linspace(0.5, 1.5, design.m)
    whole = blocked.error_variances(design, theta, design)
    with mock.patch("refmixed.blocked.errors.AT_ONCE", 40.0):
        np.testing.assert_allclose(
            blocked.error_variances(design, theta, design), whole, rtol=1e-13
        )


def nested() -> pd.DataFrame:
    return nested_data(np.random.default_rng(2))


# --- hat values -----------------------------------------------------------------------------------


@given(cases())
def test_hat_values_are_what_a_fitted_value_takes_from_its_response(case: Case) -> None:
    design, at = case.design, marginal.at(case.design, case.theta)
    by_definition = 1.0 - np.diag(at.P) / design.weights  # fitted = y - P y / w
    fit = rm.result.Fit.of(design, case.reml, theta=case.theta)
    np.testing.assert_allclose(fit.hat, by_definition, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize(
    "formula", ["y ~ x + (x | g)", "y ~ x + (x || g) + (1 | h)", "y ~ f + (1 | h/g)"]
)
def test_hat_values_are_those_of_lme4(lme4: ModuleType, formula: str, weights: str | None) -> None:
    data = rows()
    fit = rm.lmer(formula, data, weights=weights)
    theirs = lme4.at(formula, data, fit.theta, weights=weights)
    values = np.asarray(r.ask("function(m) unname(hatvalues(m))", theirs.model))
    np.testing.assert_allclose(fit.hat, values, rtol=1e-9)


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    data = random_data(rng)
    return data.assign(w=rng.uniform(0.5, 2.0, len(data)))
