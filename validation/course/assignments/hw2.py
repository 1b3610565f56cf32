"""Assignment 2: the marginal model and its likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import inv, slogdet

from refmixed.linalg import Array

from ..models import marginal_by_hand, marginal_model
from ..records import Assignment, Function, Random, near_miss


@near_miss("inputs", "eq:V")
def weights_not_inverted(weights: Array, Z: Array, T: Array) -> Array:
    """A weight says how precise a row is: the variance of its error falls as it grows."""
    return np.diag(weights) + Z @ T @ Z.T


@near_miss("inputs", "eq:V")
def no_weights(weights: Array, Z: Array, T: Array) -> Array:
    """Every row has the same error variance here: the weights are not used."""
    return np.eye(len(weights)) + Z @ T @ Z.T


@near_miss("structure", "eq:V", credit=0.25)
def no_errors(weights: Array, Z: Array, T: Array) -> Array:
    """This is the covariance of Z gamma alone: rows of a group differ by more than that."""
    return Z @ T @ Z.T


@near_miss("structure", "eq:gls")
def ordinary_least_squares(beta_cov: Array, X: Array, V0inv: Array, y: Array) -> Array:
    """These are ordinary least squares: rows of one group are counted as independent."""
    return inv(X.T @ X) @ X.T @ y


@near_miss("structure", "eq:gls")
def diagonal_of_precision(beta_cov: Array, X: Array, V0inv: Array, y: Array) -> Array:
    """Rows are weighted by a diagonal alone: how they vary together is left out."""
    w = np.diag(V0inv)
    return inv((X.T * w) @ X) @ (X.T * w) @ y


@near_miss("criterion", "eq:log-density")
def no_constant(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """The constant with pi is left out: densities of other data sets cannot be compared."""
    return density(sigma**2 * V0, y - X @ beta) + 0.5 * n * np.log(2 * np.pi)


@near_miss("units", "eq:V")
def relative_covariance(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """V0 is the covariance over sigma squared: the density has the covariance itself."""
    return density(V0, y - X @ beta)


def density(V: Array, r: Array) -> Any:
    """log N(r; 0, V)."""
    return -0.5 * (len(r) * np.log(2 * np.pi) + slogdet(V)[1] + r @ inv(V) @ r)


def given_parameters(model: dict[str, Any], sigma: float) -> dict[str, Any]:
    """What log_density is called with: sigma and beta are given."""
    at = model["self"]
    return {"at": lambda *_: at, "design": at.design, "theta": None, "sigma": sigma,
            "beta": at.beta + 0.1}  # fmt: skip


def with_sigma(random: Random) -> dict[str, Any]:
    """A model at some sigma."""
    return given_parameters(marginal_model(random), float(random.uniform(0.5, 2.0)))


ASSIGNMENT = Assignment(
    name="hw2",
    title="The marginal model and its likelihood",
    page="c02_marginal",
    hours=4,
    needs=("d01_model", "d02_marginal"),
    tasks=(
        Function(
            name="V0",
            points=3,
            asks="The covariance of y over sigma squared, of weights, Z and T = Lambda Lambda'.",
            mistakes=(weights_not_inverted, no_weights, no_errors),
            of="refmixed.marginal:Marginal.V0",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="beta",
            points=3,
            asks="Generalized least squares, of the covariance of beta over sigma squared.",
            mistakes=(ordinary_least_squares, diagonal_of_precision),
            of="refmixed.marginal:Marginal.beta",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="log_density",
            points=4,
            asks="The logarithm of the density of y at a given sigma and beta.",
            mistakes=(no_constant, relative_covariance),
            of="refmixed.marginal:log_density",
            draw=with_sigma,
            by_hand=lambda: given_parameters(marginal_by_hand(), 1.0),
            magnitude="own",
        ),
    ),
)
