"""Assignment 2: the marginal model and its likelihood."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import inv, slogdet

from refmixed.linalg import Array

from ..models import marginal_by_hand, marginal_model
from ..points import Symbol
from ..records import Assignment, Expression, Function, Mistake, Random, near_miss


@near_miss("inputs", "eq:V")
def weights_not_inverted(weights: Array, Z: Array, T: Array) -> Array:
    """A weight says how precise a row is: the variance of its error falls as it grows."""
    return np.diag(weights) + Z @ T @ Z.T


@near_miss("inputs", "eq:V")
def no_weights(weights: Array, Z: Array, T: Array) -> Array:
    """Every row has the same error variance here: the weights are not used."""
    return np.eye(len(weights)) + Z @ T @ Z.T


@near_miss("units", "eq:V")
def deviations_of_errors(weights: Array, Z: Array, T: Array) -> Array:
    """The diagonal has standard deviations of errors: a covariance has variances."""
    return np.diag(1 / np.sqrt(weights)) + Z @ T @ Z.T


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


@near_miss("inputs", "eq:gls")
def covariance_for_precision(beta_cov: Array, X: Array, V0inv: Array, y: Array) -> Array:
    """Rows that vary much count most here: the covariance stands where its inverse belongs."""
    V0 = inv(V0inv)
    return inv(X.T @ V0 @ X) @ X.T @ V0 @ y


@near_miss("criterion", "eq:log-density")
def no_constant(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """The constant with pi is left out: densities of other data sets cannot be compared."""
    return density(sigma**2 * V0, y - X @ beta) + 0.5 * n * np.log(2 * np.pi)


@near_miss("criterion", "eq:log-density")
def no_half(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """A normal density has a root in front and a half in the exponent: this is twice its log."""
    return 2 * density(sigma**2 * V0, y - X @ beta)


@near_miss("sign", "eq:log-density")
def determinant_added(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """The determinant has the wrong sign: a density that is spread out is low."""
    return density(sigma**2 * V0, y - X @ beta) + slogdet(sigma**2 * V0)[1]


@near_miss("structure", "eq:marginal-mean", credit=0.25)
def not_centred(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """This is the density of y about zero: its mean is X beta."""
    return density(sigma**2 * V0, y)


@near_miss("units", "eq:V")
def relative_covariance(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """V0 is the covariance over sigma squared: the density has the covariance itself."""
    return density(V0, y - X @ beta)


@near_miss("units", "eq:V")
def no_square(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Any:
    """V0 is the covariance over a variance, not over a standard deviation."""
    return density(sigma * V0, y - X @ beta)


def density(V: Array, r: Array) -> Any:
    """log N(r; 0, V)."""
    return -0.5 * (len(r) * np.log(2 * np.pi) + slogdet(V)[1] + r @ inv(V) @ r)


OF_CORRELATION = (
    Mistake("equal-weights", "inputs", "The weights do not come in: errors have different "
            "variances here.", "eq:V", "theta**2/(theta**2 + 1)"),
    Mistake("weights-as-variances", "inputs", "A weight says how precise a row is: the variance of "
            "its error falls as it grows.", "eq:V",
            "theta**2/sqrt((theta**2 + w1)*(theta**2 + w2))"),
    Mistake("covariance", "units", "This is a covariance over sigma^2: divide it by what makes it "
            "a correlation.", "eq:intraclass", "theta**2"),
    Mistake("theta-for-its-square", "units", "theta is a ratio of standard deviations: variances "
            "have its square.", "eq:intraclass", "theta/sqrt((theta + 1/w1)*(theta + 1/w2))"),
    Mistake("variances-multiplied", "units", "A correlation divides by two standard deviations: "
            "these are variances.", "eq:intraclass",
            "theta**2/((theta**2 + 1/w1)*(theta**2 + 1/w2))"),
)  # fmt: skip
OF_DETERMINANT = (
    Mistake("independent-rows", "structure", "The determinant is not the product of the diagonal: "
            "rows of one group are correlated.", "eq:block-determinant", "n*log(theta**2 + 1/w)"),
    Mistake("one-row", "structure", "The group's part is that of a single row: all n rows tell "
            "about its effect.", "eq:block-determinant", "log(1 + w*theta**2) - n*log(w)"),
    Mistake("weights-added", "sign", "The weights have the wrong sign: precise rows make the "
            "determinant small.", "eq:V-determinant", "log(1 + n*w*theta**2) + n*log(w)"),
    Mistake("no-weights", "inputs", "This holds for weights one: here all rows have the weight w.",
            "eq:V-determinant", "log(1 + n*theta**2)"),
    Mistake("no-logarithm", "units", "This is the determinant: its logarithm is asked for.",
            "eq:block-determinant", "(1 + n*w*theta**2)/w**n", 0.75),
)  # fmt: skip


def given_parameters(model: dict[str, Any], sigma: float, shift: float = 0.1) -> dict[str, Any]:
    """What log_density is called with: sigma and beta are given."""
    at = model["self"]
    return {"at": lambda *_: at, "design": at.design, "theta": None, "sigma": sigma,
            "beta": at.beta + shift}  # fmt: skip


def with_sigma(random: Random) -> dict[str, Any]:
    """A model at some sigma."""
    return given_parameters(marginal_model(random), float(random.uniform(0.5, 2.0)))


OF_DENSITY = (no_constant, no_half, determinant_added, not_centred, relative_covariance, no_square)

ASSIGNMENT = Assignment(
    name="hw2",
    title="The marginal model and its likelihood",
    page="c02_marginal",
    hours=4,
    needs=("c01_matrices", "d02_marginal"),
    tasks=(
        Function(
            name="V0",
            points=2,
            asks="The covariance of y over sigma^2, of weights, Z and T = Lambda Lambda'.",
            mistakes=(weights_not_inverted, no_weights, deviations_of_errors, no_errors),
            of="refmixed.marginal:Marginal.V0",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="beta",
            points=2,
            asks="Generalized least squares, of the covariance of beta over sigma^2.",
            mistakes=(ordinary_least_squares, diagonal_of_precision, covariance_for_precision),
            of="refmixed.marginal:Marginal.beta",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="log_density",
            points=2,
            asks="The logarithm of the density of y at a given sigma and beta.",
            mistakes=OF_DENSITY,
            of="refmixed.marginal:log_density",
            draw=with_sigma,
            by_hand=lambda: given_parameters(marginal_by_hand(), 1.0, shift=0.0),
            magnitude="own",
        ),
        Expression(
            name="correlation",
            points=2,
            asks="The correlation of two rows of one group with a random intercept, (1 | g), "
            "where the rows have the weights w1 and w2.",
            mistakes=OF_CORRELATION,
            reference="theta**2/sqrt((theta**2 + 1/w1)*(theta**2 + 1/w2))",
            symbols=(Symbol("theta"), Symbol("w1"), Symbol("w2")),
        ),
        Expression(
            name="logdet_group",
            points=2,
            asks="log det V0 of one group of n rows with a random intercept, all of weight w.",
            mistakes=OF_DETERMINANT,
            reference="log(1 + n*w*theta**2) - n*log(w)",
            symbols=(Symbol("n", "whole", also=("N",)), Symbol("w"), Symbol("theta")),
        ),
    ),
)
