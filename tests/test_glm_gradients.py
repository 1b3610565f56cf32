"""Likelihoods of generalized models by Laplace and by nodes: gradients, routes, dialects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from counts import examples
from hypothesis import given
from hypothesis import strategies as st
from random_glms import Case, cases, loglik, slopes

import refmixed as rm
from refmixed.glm.laplace import Laplace
from refmixed.glm.likelihoods import Kind
from refmixed.glm.pirls import mode
from refmixed.glm.quadrature import Quadrature, gauss_hermite

pytestmark = pytest.mark.numerical

DIALECTS = ("observed", "expected")
SCALAR = ("(1 | g)", "(0 + x | g)")


def close(found: Any, right: Any, tolerance: float) -> bool:
    """Relative to the largest, or to 1."""
    return bool(np.abs(found - right).max() <= tolerance * (1 + np.abs(right).max()))


@given(cases())
@examples(15)
def test_laplaces_gradient_is_the_slope_of_its_likelihood(case: Case) -> None:
    found, right = slopes(case.model, case.psi, Kind())
    assert found == pytest.approx(right, rel=1e-8, abs=1e-8)


@given(cases(designs=SCALAR), st.sampled_from([2, 5, 8]))
@examples(15)
def test_the_gradient_by_nodes_is_the_slope_of_their_likelihood(case: Case, nagq: int) -> None:
    found, right = slopes(case.model, case.psi, Kind(nagq))
    assert found == pytest.approx(right, rel=1e-8, abs=1e-8)


@given(cases())
@examples(12)
def test_both_routes_are_one_likelihood(case: Case) -> None:
    blocked, dense = (
        Kind().at(replace(case, route=route).model, case.psi) for route in ("blocked", "penalized")
    )
    assert close(dense.value, blocked.value, 1e-13)
    assert close(dense.gradient, blocked.gradient, 1e-10)


@given(cases())
@examples(12)
def test_at_the_mode_the_slope_is_zero(case: Case) -> None:
    found = mode(case.model.at(case.psi))
    slope = found.at.loaded.transposed_times(found.local.score) - found.u
    assert np.abs(slope).max() <= 1e-11 * (1 + np.abs(found.u).max())


@given(cases(designs=SCALAR))
@examples(8)
def test_one_node_is_laplaces_approximation(case: Case) -> None:
    at = mode(case.model.at(case.psi))
    one, laplace = Quadrature(at, gauss_hermite(1)), Laplace(at)
    assert close(one.value, laplace.value, 1e-14)
    assert close(one.gradient, laplace.gradient, 1e-12)


@given(cases(families=("binomial", "poisson")))
@examples(4)
def test_of_a_canonical_link_both_dialects_are_one(case: Case) -> None:
    values = [loglik(replace(case, dialect=d).model, case.psi, Kind()) for d in DIALECTS]
    assert values[0] == values[1]


@pytest.mark.parametrize(("dialect", "right"), [("observed", -92.583338), ("expected", -92.621223)])
def test_of_another_link_they_are_two(dialect: str, right: float) -> None:
    """As glmmTMB's and lme4's, in six decimals."""
    formula = "cbind(incidence, size - incidence) ~ period + (1 | herd)"
    fit = rm.glmer(formula, rm.load_dataset("cbpp"), "binomial(probit)", dialect=dialect)
    assert fit.loglik == pytest.approx(right, abs=6e-7)
