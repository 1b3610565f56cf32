"""The same numbers by different routes, at a given theta: nothing is optimised, all is tight."""

from __future__ import annotations

import exactly
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from random_designs import FORMULAS, NESTED, Case, cases, make_case, random_data

import refmixed as rm
from refmixed import blocked, derivatives, marginal, penalized
from refmixed.blocked.crossproducts import CrossProducts
from refmixed.coordinates import behaved
from refmixed.covariance import canonical, factors, flatten
from refmixed.ranef import conditional_variances

pytestmark = pytest.mark.numerical

TIGHT = 1e-11  # relative; sums of n < 100 squares lose three of sixteen digits at most
ROUNDED = 1e-9  # where numbers of the size of theta^2, up to 100, are subtracted from one another

MANY = (
    *FORMULAS,
    "y ~ 0 + (1 | g)",
    "y ~ x + (x | g) + (0 + z | g) + (x | h) + (0 + z | h)",
    "y ~ x + (1 | g) + (x | h) + (1 | f)",
)


def close(a: object, b: object, tolerance: float = TIGHT) -> bool:
    """Equal up to a tolerance, relative to the largest element."""
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return x.shape == y.shape and bool(
        np.abs(x - y).max(initial=0.0) <= tolerance * (1.0 + np.abs(y).max(initial=0.0))
    )


@given(cases())
def test_penalized_least_squares_gives_the_likelihood_by_definition(case: Case) -> None:
    by_definition = marginal.evaluate(case.design, case.theta, case.reml)
    by_least_squares = penalized.evaluate(case.design, case.theta, case.reml)
    for name in ("criterion", "pwrss", "beta", "beta_cov", "residuals", "u", "dof"):
        assert close(getattr(by_least_squares, name), getattr(by_definition, name)), name


@given(cases(MANY))
def test_a_factor_may_be_eliminated(case: Case) -> None:
    """The tolerance is what differences of cross products lose in the designs at hand."""
    prepared = blocked.prepare(behaved(case.design).design)
    found = blocked.evaluate(prepared, case.theta, case.reml)
    right = penalized.evaluate(prepared.design, case.theta, case.reml)
    assert close(found.criterion, right.criterion)
    for name in ("pwrss", "beta", "beta_cov", "residuals", "u", "dof"):
        assert close(getattr(found, name), getattr(right, name), ROUNDED), name
    for name in ("C", "Lambda"):  # forms agree for symmetric directions alone: see the Hessian
        assert close(getattr(found, name), getattr(right, name), ROUNDED), name
    assert close(derivatives.gradient(found), derivatives.gradient(right), ROUNDED)
    assert close(derivatives.hessian(found), derivatives.hessian(right), ROUNDED)


@given(cases((*MANY, *NESTED)))
def test_columns_are_divided_by_the_covariance_matrix_by_every_route(case: Case) -> None:
    design = behaved(case.design).design
    B = np.column_stack([design.X, design.y, design.terms[0].x])
    right = marginal.V0inv_times(design, case.theta, B)
    assert close(marginal.at(design, case.theta).V0 @ right, B, ROUNDED)
    for route in (penalized, blocked):
        assert close(route.V0inv_times(design, case.theta, B), right, ROUNDED)
        assert route.V0inv_times(design, case.theta, B[:, :0]).shape == (len(B), 0)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3, 1e7])
def test_small_systems_have_their_digits_where_they_are_nearly_singular(size: float) -> None:
    """J of rank one, or nothing, is no exception; I + J J' has the eigenvalues 1 and 1 + |J|^2."""
    random = np.random.default_rng(1)
    left, right = random.normal(size=(2, 40, 2, 1)), random.normal(size=(2, 40, 1, 2))
    J = size * (left[0] @ right[0]) * (np.arange(40) > 3)[:, None, None]
    inverse, logdet = blocked.levels.inverse_and_logdet_of(J)
    squares = (J**2).sum(axis=(1, 2))
    unit = left[0] / np.linalg.norm(left[0], axis=1, keepdims=True)
    along = (squares / (1 + squares))[:, None, None] * unit @ unit.transpose(0, 2, 1)
    assert close(logdet, np.log1p(squares), 1e-14)
    across = np.concatenate([-unit[:, 1:], unit[:, :1]], axis=1)  # where J J' is zero
    assert close(inverse @ across, across, 1e-14)
    assert close(inverse, np.eye(2) - along, 1e-14)
    nothing = inverse[:4]
    assert (nothing == np.eye(2)).all()


@given(cases(MANY))
def test_many_thetas_are_taken_at_once(case: Case) -> None:
    prepared = blocked.prepare(behaved(case.design).design)
    thetas = np.outer([1.0, 0.0, 0.3], case.theta)
    many = blocked.evaluate(prepared, thetas, case.reml)
    for i, theta in enumerate(thetas):
        one = blocked.evaluate(prepared, theta, case.reml)
        for name in ("criterion", "pwrss", "beta", "beta_cov", "C", "aa", "spread", "bend"):
            assert close(getattr(many, name)[i], getattr(one, name), ROUNDED), name
        for function in (derivatives.gradient, derivatives.hessian):
            assert close(function(many)[i], function(one), ROUNDED)
    assert close(blocked.criteria(prepared, thetas, case.reml), many.criterion)


@given(cases(tuple(formula for formula in MANY if "h" in formula)))
def test_products_may_be_sparse(case: Case) -> None:
    """What is not zero of the products of two factors is stored, where few of many are."""
    work = behaved(case.design).design
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked.crossproducts, "DENSE", 0)
        patch.setattr(blocked.crossproducts, "SPARSE", np.inf)
        sparse = blocked.prepare(work)
    assert sparse.is_sparse
    found, right = (
        blocked.evaluate(products, case.theta, case.reml)
        for products in (sparse, blocked.prepare(work))
    )
    for name in ("criterion", "beta", "residuals", "C", "aa", "spread", "bend"):
        assert close(getattr(found, name), getattr(right, name), ROUNDED), name


def prepared_in_turn(case: Case, sparse: bool = False) -> CrossProducts:
    """The products with every factor in which another lies eliminated, however few its levels."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked.tree, "FEW", 0)
        if sparse:
            patch.setattr(blocked.crossproducts, "DENSE", 0)
            patch.setattr(blocked.crossproducts, "SPARSE", np.inf)
        return blocked.prepare(behaved(case.design).design)


def many_levels(rng: np.random.Generator) -> pd.DataFrame:
    """300 levels of c in 100 of b in 70 of a, beside 80 of h."""
    c = np.repeat(np.arange(300), 4)
    b, h = c // 3, rng.integers(0, 80, len(c))
    a = np.minimum(b, 69)
    groups = {"a": a, "b": b, "c": c, "h": h}
    made = {name: pd.Categorical(codes.astype(str)) for name, codes in groups.items()}
    y = rng.normal(size=len(c)) + rng.normal(size=300)[c] + rng.normal(size=100)[b]
    return pd.DataFrame({"y": y + rng.normal(size=70)[a], **made})


@pytest.mark.parametrize(
    ("formula", "levels", "others"),
    [
        ("y ~ 1 + (1 | a) + (1 | b) + (1 | c)", (300, 100, 70), ()),
        ("y ~ 1 + (1 | h) + (1 | b) + (1 | c)", (300, 100), ("h",)),
        ("y ~ 1 + (1 | h) + (1 | a)", (80,), ("a",)),
    ],
)
def test_a_factor_is_eliminated_after_one_that_lies_in_it(
    formula: str, levels: tuple[int, ...], others: tuple[str, ...]
) -> None:
    data = many_levels(np.random.default_rng(1))
    design = rm.design(formula, data)
    products = blocked.prepare(design)
    assert products.tree.levels == levels
    assert tuple(design.terms[t].group for t in products.rest) == others
    theta = np.linspace(0.5, 1.0, design.m)
    found, right = blocked.evaluate(products, theta), penalized.evaluate(design, theta)
    assert close(found.criterion, right.criterion)
    assert close(derivatives.hessian(found), derivatives.hessian(right), ROUNDED)
    fits = [rm.lmer(formula, data, route=route) for route in ("blocked", "penalized")]
    assert close(fits[0].theta, fits[1].theta, 1e-7)


@given(cases(NESTED))
def test_factors_that_lie_in_one_another_are_eliminated_in_turn(case: Case) -> None:
    products = prepared_in_turn(case)
    assert len(products.tree.factors) > 1
    found = blocked.evaluate(products, case.theta, case.reml)
    right = penalized.evaluate(products.design, case.theta, case.reml)
    assert close(found.criterion, right.criterion)
    assert close(blocked.criterion(products, case.theta, case.reml), right.criterion)
    for name in ("pwrss", "beta", "beta_cov", "residuals", "u", "C", "aa"):
        assert close(getattr(found, name), getattr(right, name), ROUNDED), name
    for function in (derivatives.gradient, derivatives.hessian, derivatives.information):
        assert close(function(found), function(right), ROUNDED), function


@given(cases(tuple(formula for formula in NESTED if "h" in formula)))
def test_of_factors_eliminated_in_turn_products_may_be_sparse_and_thetas_many(case: Case) -> None:
    products, sparse = prepared_in_turn(case), prepared_in_turn(case, sparse=True)
    assert sparse.is_sparse
    thetas = np.outer([1.0, 0.0], case.theta)
    many = blocked.evaluate(products, thetas, case.reml)
    assert close(blocked.criteria(products, thetas, case.reml), many.criterion)
    for i, theta in enumerate(thetas):
        one, other = (blocked.evaluate(p, theta, case.reml) for p in (products, sparse))
        for name in ("criterion", "beta", "C", "aa", "spread", "bend"):
            assert close(getattr(many, name)[i], getattr(one, name)), name
            assert close(getattr(other, name), getattr(one, name), ROUNDED), name


@given(cases(NESTED))
def test_of_factors_eliminated_in_turn_the_posterior_is_the_same(case: Case) -> None:
    design = case.design
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked.tree, "FEW", 0)
        found = blocked.posterior(design, case.theta)
    whole = penalized.posterior(design, case.theta)
    assert close(found.gamma, whole.gamma, ROUNDED)
    mine, right = (conditional_variances(design, p, 1.0) for p in (found, whole))
    for group, covariances in right.items():
        assert close(mine[group], covariances, ROUNDED)


@pytest.mark.parametrize("formula", NESTED[:3])
@pytest.mark.parametrize("seed", range(3))
def test_factors_eliminated_in_turn_keep_the_digits_of_the_criterion(
    formula: str, seed: int
) -> None:
    case = make_case(seed, formula, reml=True, weighted=False)
    products = prepared_in_turn(case)
    right = float(exactly.criterion(products.design, case.theta, True))
    assert close(blocked.criterion(products, case.theta, True), right, 2e-15)


@given(cases(MANY))
def test_the_posterior_needs_no_whole_covariance(case: Case) -> None:
    design, work = case.design, behaved(case.design)
    by_level = work.posterior_out(blocked.posterior(work.design, case.theta))
    whole = work.posterior_out(penalized.posterior(work.design, case.theta))
    assert close(by_level.gamma, whole.gamma, ROUNDED)
    mine, right = (conditional_variances(design, p, 1.0) for p in (by_level, whole))
    for group, covariances in right.items():
        assert close(mine[group], covariances, ROUNDED)


@given(cases())
def test_both_routes_give_the_same_posterior_of_the_random_effects(case: Case) -> None:
    by_definition = marginal.posterior(case.design, case.theta)
    by_least_squares = penalized.posterior(case.design, case.theta)
    assert close(by_least_squares.gamma, by_definition.gamma)
    assert close(by_least_squares.gamma_cov, by_definition.gamma_cov, ROUNDED)


@given(cases())
def test_the_criterion_is_minus_twice_the_log_density_at_its_own_beta_and_sigma(case: Case) -> None:
    at = marginal.evaluate(case.design, case.theta, reml=False)
    density = marginal.log_density(case.design, case.theta, at.sigma, at.beta)
    assert close(at.criterion, -2 * density)


@given(cases())
def test_reml_is_the_likelihood_with_beta_integrated_out(case: Case) -> None:
    """Laplace's method is exact for a normal: the integral is the height times sqrt(2 pi)^p."""
    at = marginal.evaluate(case.design, case.theta, reml=True)
    height = marginal.log_density(case.design, case.theta, at.sigma, at.beta)
    spread = np.linalg.slogdet(2 * np.pi * at.sigma**2 * at.beta_cov)[1]
    assert close(at.criterion, -2 * (height + spread / 2))


@pytest.mark.parametrize("theta", [1.0, 1e2, 1e4, 1e6])
@pytest.mark.parametrize("within", [1e-1, 1e-3, 1e-5])
def test_penalized_reml_keeps_its_digits_where_x_nearly_explains_a_variance(
    within: float, theta: float
) -> None:
    rng = np.random.default_rng(0)
    data = random_data(rng)
    data["k"] = rng.choice(["k", "m"], len(data))
    data["nearly_k"] = (data["k"] == "m") + within * data["z"]
    design = behaved(rm.design("y ~ nearly_k + (1 | k) + (1 | g)", data)).design
    at = np.array([0.5, theta]) if design.terms[0].group == "g" else np.array([theta, 0.5])
    right = float(exactly.criterion(design, at, True))
    assert close(penalized.criterion(design, at, True), right, 1e-13)


@given(cases())
def test_the_gradient_is_the_slope_of_the_criterion(case: Case) -> None:
    design, theta = case.design, case.theta

    def criterion(point: np.ndarray) -> float:
        return penalized.criterion(design, point, case.reml)

    exact = derivatives.gradient(penalized.evaluate(design, theta, case.reml))
    h = 1e-4  # the error of this difference is of the order h^4
    slope = [
        (8 * (criterion(theta + h * e) - criterion(theta - h * e))
         - (criterion(theta + 2 * h * e) - criterion(theta - 2 * h * e))) / (12 * h)
        for e in np.eye(design.m)
    ]  # fmt: skip
    assert close(exact, slope, 1e-7)


@given(cases())
def test_the_hessian_is_the_slope_of_the_gradient(case: Case) -> None:
    design, theta = case.design, case.theta

    def gradient(point: np.ndarray) -> np.ndarray:
        return derivatives.gradient(penalized.evaluate(design, point, case.reml))

    exact = derivatives.hessian(penalized.evaluate(design, theta, case.reml))
    h = 1e-4
    slope = [
        (8 * (gradient(theta + h * e) - gradient(theta - h * e))
         - (gradient(theta + 2 * h * e) - gradient(theta - 2 * h * e))) / (12 * h)
        for e in np.eye(design.m)
    ]  # fmt: skip
    assert close(exact, slope, 1e-7)


@given(cases())
def test_the_criterion_depends_on_the_covariance_alone_not_on_its_factor(case: Case) -> None:
    design = case.design
    given_factors = factors(design, case.theta)
    unique = [canonical(t) for t in given_factors]
    for new, old in zip(unique, given_factors, strict=True):
        assert close(new @ new.T, old @ old.T)
        assert (np.diag(new) >= 0).all()
    assert close(
        penalized.criterion(design, flatten(unique), case.reml),
        penalized.criterion(design, case.theta, case.reml),
    )


@given(cases())
def test_behaved_coordinates_hold_the_same_model(case: Case) -> None:
    design = case.design
    work = behaved(design)
    there = penalized.evaluate(work.design, work.theta_in(case.theta), case.reml)
    back = work.evaluation_out(there, case.theta, case.reml)
    here = penalized.evaluate(design, case.theta, case.reml)
    for name in ("criterion", "pwrss", "beta", "beta_cov", "residuals", "u"):
        assert close(getattr(back, name), getattr(here, name), ROUNDED), name
    posterior = work.posterior_out(penalized.posterior(work.design, work.theta_in(case.theta)))
    assert close(posterior.gamma, penalized.posterior(design, case.theta).gamma, ROUNDED)
    assert close(posterior.gamma_cov, penalized.posterior(design, case.theta).gamma_cov, ROUNDED)
    returned = factors(design, work.theta_out(work.theta_in(case.theta)))
    for new, old in zip(returned, factors(design, case.theta), strict=True):
        assert close(new @ new.T, old @ old.T, ROUNDED)
