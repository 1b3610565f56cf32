"""Assignment 7: prediction, and how far off it may be."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmixed.linalg import Array

from ..models import marginal_by_hand, marginal_model
from ..points import Symbol
from ..records import Assignment, Expression, Function, Number, Random, near_miss
from . import balanced_errors as balanced
from . import known_groups


@near_miss("sign", "eq:joint-covariance")
def wrong_sign(beta_cov: Array, G: Array, X: Array) -> Array:
    """The sign is wrong: where beta is estimated too large, the effects come out too small."""
    return beta_cov @ (G @ X).T


@near_miss("order", "eq:joint-covariance", credit=0.75)
def transposed(beta_cov: Array, G: Array, X: Array) -> Array:
    """Rows and columns are exchanged: a row stands for an entry of beta."""
    return -G @ X @ beta_cov


@near_miss("structure", "eq:joint-covariance", credit=0.25)
def zero(G: Array, X: Array, **_: Array) -> Array:
    """The two are taken for independent: the same rows went into both estimates."""
    return np.zeros((X.shape[1], len(G)))


@near_miss("variance", "eq:blup")
def beta_in_place_of_its_covariance(G: Array, X: Array, **_: Array) -> Array:
    """The effects move with the error of beta-hat, and how much that varies is left out."""
    return -(G @ X).T


@near_miss("variance", "eq:joint-covariance")
def added_as_if_independent(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    """The errors of beta and gamma are added as if independent: their covariance is left out."""
    GX = G @ X
    return X0 @ beta_cov @ X0.T + Z0 @ (gamma_cov + GX @ beta_cov @ GX.T) @ Z0.T


@near_miss("variance", "eq:joint-covariance")
def covariance_once(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    """The covariance of the two errors comes in once: in a variance of a sum it stands twice."""
    both = added_as_if_independent.wrong(X0, Z0, G, X, gamma_cov, beta_cov)
    return both - X0 @ beta_cov @ (G @ X).T @ Z0.T


@near_miss("variance", "eq:blup-error")
def beta_known_for_gamma_alone(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    """The covariance of the two errors is there; that of gamma-hat is still for a known beta."""
    across = X0 @ beta_cov @ (G @ X).T @ Z0.T
    return X0 @ beta_cov @ X0.T + Z0 @ gamma_cov @ Z0.T - across - across.T


@near_miss("variance", "eq:prediction-variance")
def gamma_as_if_beta_were_known(
    X0: Array, Z0: Array, gamma_cov: Array, beta_cov: Array, **_: Array
) -> Array:
    """Both parts are there, but an error of beta-hat moves gamma-hat, too."""
    return X0 @ beta_cov @ X0.T + Z0 @ gamma_cov @ Z0.T


@near_miss("variance", "eq:prediction-variance")
def beta_known(Z0: Array, gamma_cov: Array, **_: Array) -> Array:
    """This holds where beta is known: the price of estimating it is left out."""
    return Z0 @ gamma_cov @ Z0.T


@near_miss("prediction", "eq:vcov", credit=0.25)
def of_the_population(X0: Array, beta_cov: Array, **_: Array) -> Array:
    """This is the error of the population's mean: the effects of the groups are left out."""
    return X0 @ beta_cov @ X0.T


@near_miss("sign", "eq:prediction-variance")
def effects_move_along(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    """The effects make up for an error of beta-hat: here they add to it."""
    return of_delta(X0 + Z0 @ G @ X, Z0, gamma_cov, beta_cov)


@near_miss("structure", "eq:prediction-variance")
def variances_alone(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    """The variances are right: predictions share errors, and have covariances beside them."""
    return np.diag(np.diag(of_delta(X0 - Z0 @ G @ X, Z0, gamma_cov, beta_cov)))


def of_delta(delta: Array, Z0: Array, gamma_cov: Array, beta_cov: Array) -> Array:
    """What remains of gamma when beta is known, and what delta makes of the error of beta."""
    return Z0 @ gamma_cov @ Z0.T + delta @ beta_cov @ delta.T


OF_ERRORS = (
    added_as_if_independent,
    covariance_once,
    beta_known_for_gamma_alone,
    gamma_as_if_beta_were_known,
    beta_known,
    of_the_population,
    effects_move_along,
    variances_alone,
)


def rows_of_any(random: Random) -> dict[str, Any]:
    """Three rows of no special values."""
    model = marginal_model(random)
    design = model["self"].design
    shapes = {"X0": (3, design.p), "Z0": (3, design.q)}
    return model | {name: random.normal(size=shape) for name, shape in shapes.items()}


def rows_by_hand() -> dict[str, Any]:
    """The population's mean, that of group a, and the difference of b and a."""
    X0, Z0 = np.array([[1.0], [1], [0]]), np.array([[0.0, 0], [1, 0], [-1, 1]])
    return marginal_by_hand() | {"X0": X0, "Z0": Z0}


ASSIGNMENT = Assignment(
    name="hw7",
    title="Prediction and its errors",
    page="c07_prediction",
    hours=5,
    needs=("c05_posterior", "d08_prediction"),
    data=known_groups.some_groups,
    tasks=(
        Function(
            name="cross_cov",
            points=2,
            asks="The covariance, over sigma^2, of the errors of the estimates of beta (its rows) "
            "and of gamma (its columns).",
            mistakes=(wrong_sign, transposed, zero, beta_in_place_of_its_covariance),
            of="refmixed.marginal:Marginal.cross_cov",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="error_cov",
            points=3,
            asks="The covariance, over sigma^2, of the errors of the predictions "
            "X0 beta + Z0 gamma, beta and gamma estimated.",
            mistakes=OF_ERRORS,
            of="refmixed.marginal:Marginal.error_cov",
            draw=rows_of_any,
            by_hand=rows_by_hand,
        ),
        Expression(
            name="new_mean",
            points=2,
            asks="The variance of the error where the mean of r rows of a new group is predicted "
            "from N groups of m rows, (1 | g), with known variances sigma^2 and sigma_g^2.",
            mistakes=balanced.OF_NEW,
            reference="sigma_g**2 + sigma**2/r + (sigma_g**2 + sigma**2/m)/N",
            symbols=(*balanced.SIZES, Symbol("r", "whole"), *balanced.DEVIATIONS),
        ),
        Expression(
            name="difference",
            points=2,
            asks="The variance of the error of the predicted difference of the effects of two of "
            "these N groups.",
            mistakes=balanced.OF_DIFFERENCE,
            reference="2*sigma_g**2*sigma**2/(m*sigma_g**2 + sigma**2)",
            symbols=(*balanced.SIZES, *balanced.DEVIATIONS),
        ),
        Number(
            name="half_widths",
            points=2,
            asks="Of your data, y ~ x + (1 | g) by REML, at x = 1, half of each normal 95 % "
            "interval: for the population's mean, for that of group g00, for one row of a new "
            "group.",
            mistakes=known_groups.MISTAKES,
            reference=known_groups.half_widths,
        ),
    ),
)
