"""Assignment 5: the random effects given the data, shrinkage, and what is not known of them."""

from __future__ import annotations

import numpy as np
from numpy.linalg import inv, pinv

from refmixed.linalg import Array, cholesky

from ..models import marginal_by_hand, marginal_model
from ..points import Symbol
from ..records import Assignment, Expression, Function, Number, near_miss
from . import unequal_groups


@near_miss("structure", "eq:posterior-mean")
def no_covariance_of_effects(T: Array, Z: Array, V0inv: Array) -> Array:
    """How much the effects vary does not come in: where T is zero no effect may be found."""
    return Z.T @ V0inv


@near_miss("units", "eq:posterior-mean")
def factor_for_covariance(T: Array, Z: Array, V0inv: Array) -> Array:
    """The factor stands where the covariance belongs: these are the u of gamma = Lambda u."""
    return cholesky(T).T @ Z.T @ V0inv


@near_miss("inputs", "eq:posterior-mean")
def covariance_of_y_not_inverted(T: Array, Z: Array, V0inv: Array) -> Array:
    """The covariance of y stands where its inverse belongs: to condition is to divide by it."""
    return T @ Z.T @ inv(V0inv)


@near_miss("prediction", "eq:no-pooling", credit=0.25)
def least_squares(T: Array, Z: Array, V0inv: Array) -> Array:
    """These are least squares on the columns of Z: nothing is drawn to zero."""
    return pinv(Z)


@near_miss("prediction", "eq:orthogonal", credit=0.25)
def covariance_alone(T: Array, Z: Array, V0inv: Array) -> Array:
    """This is the covariance of gamma and y: it is not yet divided by that of y."""
    return T @ Z.T


def of_what_is_not_found(q: int, G: Array, Z: Array, T: Array) -> Array:
    """The covariance of what G does not find of the effects, (q, q)."""
    return (np.eye(q) - G @ Z) @ T @ (np.eye(q) - G @ Z).T


@near_miss("variance", "eq:total-variance", credit=0.25)
def before_the_data(q: int, G: Array, Z: Array, T: Array, weights: Array) -> Array:
    """This is how the effects vary before there are data: what y tells must be taken off."""
    return T


@near_miss("variance", "eq:total-variance")
def of_the_means(q: int, G: Array, Z: Array, T: Array, weights: Array) -> Array:
    """This is how the posterior means vary: you are asked for what is left around them."""
    return G @ Z @ T


@near_miss("sign", "eq:total-variance")
def added_to_the_prior(q: int, G: Array, Z: Array, T: Array, weights: Array) -> Array:
    """The data make the effects less certain here: the sign is wrong."""
    return T + G @ Z @ T


@near_miss("variance", "eq:posterior-error")
def noise_left_out(q: int, G: Array, Z: Array, T: Array, weights: Array) -> Array:
    """One part is missing: G takes some of the errors for effects."""
    return of_what_is_not_found(q, G, Z, T)


@near_miss("inputs", "eq:posterior-error")
def equal_errors(q: int, G: Array, Z: Array, T: Array, weights: Array) -> Array:
    """All errors have the same variance here: the weights are not used."""
    return of_what_is_not_found(q, G, Z, T) + G @ G.T


@near_miss("inputs", "eq:posterior-error")
def weights_as_variances(q: int, G: Array, Z: Array, T: Array, weights: Array) -> Array:
    """A weight says how precise a row is: the variance of its error falls as it grows."""
    return of_what_is_not_found(q, G, Z, T) + (G * weights) @ G.T


@near_miss("variance", "eq:blup-error")
def beta_as_known(G: Array, X: Array, gamma_cov: Array, beta_cov: Array) -> Array:
    """This is for a known beta: an error of its estimate moves the effects, too."""
    return gamma_cov


@near_miss("sign", "eq:blup-error")
def error_of_beta_subtracted(G: Array, X: Array, gamma_cov: Array, beta_cov: Array) -> Array:
    """Not to know beta makes the effects more certain here: the sign is wrong."""
    return gamma_cov - G @ X @ beta_cov @ X.T @ G.T


@near_miss("variance", "eq:blup-error")
def variance_of_beta_left_out(G: Array, X: Array, gamma_cov: Array, beta_cov: Array) -> Array:
    """The effects move with the error of beta-hat, and how much that varies is left out."""
    return gamma_cov + G @ X @ X.T @ G.T


@near_miss("units", "eq:vcov")
def information_of_beta(G: Array, X: Array, gamma_cov: Array, beta_cov: Array) -> Array:
    """In the middle is the information of beta: its errors have the inverse as covariance."""
    return gamma_cov + G @ X @ inv(beta_cov) @ X.T @ G.T


ASSIGNMENT = Assignment(
    name="hw5",
    title="The posterior of the random effects, and shrinkage",
    page="c05_posterior",
    hours=4,
    needs=("c02_marginal", "d05_posterior", "d09_shrinkage"),
    data=unequal_groups.unequal_groups,
    tasks=(
        Function(
            name="G",
            points=2,
            asks="The matrix G of the posterior mean: E[gamma | y] = G (y - X beta), beta known.",
            mistakes=(
                no_covariance_of_effects,
                factor_for_covariance,
                covariance_of_y_not_inverted,
                least_squares,
                covariance_alone,
            ),
            of="refmixed.marginal:Marginal.G",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="gamma_cov",
            points=2,
            asks="The covariance of gamma given y over sigma^2, where beta is known.",
            mistakes=(
                before_the_data,
                of_the_means,
                added_to_the_prior,
                noise_left_out,
                equal_errors,
                weights_as_variances,
            ),
            of="refmixed.marginal:Marginal.gamma_cov",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="gamma_error_cov",
            points=2,
            asks="The covariance of gamma-hat - gamma over sigma^2, where beta is estimated.",
            mistakes=(
                beta_as_known,
                error_of_beta_subtracted,
                variance_of_beta_left_out,
                information_of_beta,
            ),
            of="refmixed.marginal:Marginal.gamma_error_cov",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Expression(
            name="difference",
            points=2,
            asks="The variance of gamma_1 - gamma_2 given y in y ~ 1 + (1 | g), weights one, beta "
            "known, where the two groups have n1 and n2 rows.",
            mistakes=unequal_groups.OF_DIFFERENCE,
            reference="sigma**2*sigma_gamma**2/(sigma**2 + n1*sigma_gamma**2)"
            " + sigma**2*sigma_gamma**2/(sigma**2 + n2*sigma_gamma**2)",
            symbols=(
                Symbol("sigma"),
                Symbol("sigma_gamma", also=("sigma_g",)),
                Symbol("n1", "whole"),
                Symbol("n2", "whole", where=lambda point: bool(point["n1"] != point["n2"])),
            ),
        ),
        Number(
            name="shrunken",
            points=2,
            asks="Of your data, y ~ 1 + (1 | g) with sigma = 2 and sigma_gamma = 1: the estimates "
            "mu-hat + gamma-hat of the six groups, a to f.",
            mistakes=unequal_groups.MISTAKES,
            reference=unequal_groups.shrunken,
        ),
    ),
)
