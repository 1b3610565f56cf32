"""Assignment 4: REML, the likelihood of what beta does not touch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import inv

from refmixed import marginal
from refmixed.linalg import Array
from refmixed.marginal import Marginal

from ..models import few_rows, four_rows, marginal_by_hand, marginal_model, theta_of
from ..points import Symbol
from ..records import Assignment, Expression, Function, Mistake, Number, Random, near_miss
from . import balanced_groups
from .hw3 import more_rows


@near_miss("criterion", "eq:P", credit=0.25)
def X_not_taken_off(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    """This is the inverse of V0 itself: what X explains has not been taken off."""
    return V0inv


@near_miss("sign", "eq:P")
def X_added(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    """The part of X is added: P X must be zero."""
    return V0inv + V0inv @ X @ beta_cov @ X.T @ V0inv


@near_miss("inputs", "eq:vcov")
def information_for_covariance(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    """In the middle is the information of beta: its inverse belongs there, which you are given."""
    return V0inv - V0inv @ X @ inv(beta_cov) @ X.T @ V0inv


@near_miss("structure", "eq:P-contrasts", credit=0.25)
def residuals_of_least_squares(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    """This makes the residuals of ordinary least squares: V0 does not come in."""
    return np.eye(len(X)) - X @ inv(X.T @ X) @ X.T


@near_miss("units", "eq:P")
def residuals_not_weighted(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    """This makes y - X beta of y: it is still to be multiplied by the inverse of V0."""
    return np.eye(len(X)) - X @ beta_cov @ X.T @ V0inv


def at_minimum(dof: int, pwrss: float) -> Any:
    """What is left of the criterion besides the determinants."""
    return dof * (1 + np.log(2 * np.pi * pwrss / dof))


@near_miss("criterion", "eq:reml-criterion")
def no_information(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    """One term is missing: the density of the contrasts has a determinant with X in it."""
    return logdet_V0 + at_minimum(dof, pwrss)


@near_miss("sign", "eq:beta-integrated")
def information_subtracted(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    """One determinant has the wrong sign: look at what the integral over beta divides by."""
    return logdet_V0 - logdet_XVX + at_minimum(dof, pwrss)


@near_miss("units", "eq:beta-integrated")
def half_of_information(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    """One determinant has a half that belongs to the log-likelihood: this is -2 times that."""
    return logdet_V0 + logdet_XVX / 2 + at_minimum(dof, pwrss)


@near_miss("criterion", "eq:reml-criterion")
def no_constant(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    """The constant with pi is left out: other software has it."""
    return logdet_V0 + logdet_XVX + at_minimum(dof, pwrss) - dof * np.log(2 * np.pi)


@near_miss("divisor", "eq:reml-unbiased")
def not_divided(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    """The sum of squares stands where the variance belongs: it is not divided."""
    return logdet_V0 + logdet_XVX + at_minimum(dof, dof * pwrss)


@near_miss("sign", "eq:restricted-likelihood", credit=0.75)
def log_likelihood(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    """This is the restricted log-likelihood: the criterion is -2 times that."""
    return -0.5 * (logdet_V0 + logdet_XVX + at_minimum(dof, pwrss))


OF_CHANGE = (
    Mistake("all-rows", "divisor", "So many contrasts there are not: some combinations of the rows "
            "have been used up by X.", "eq:error-contrasts", "2*n*log(c)"),
    Mistake("one-contrast", "structure", "This is the change of one contrast: all of them have "
            "other units.", "eq:K-free", "2*log(c)"),
    Mistake("one-side", "units", "A covariance has the factor on both sides.", "eq:K-free",
            "(n - p)*log(c)"),
    Mistake("other-sign", "sign", "Larger numbers are spread out more, and their density is lower: "
            "the sign is wrong.", "eq:K-free", "-2*(n - p)*log(c)"),
    Mistake("squares-too", "criterion", "The quadratic form does not change: it is in units of "
            "the covariance.", "eq:K-free", "2*(n - p)*log(c) + c**2"),
)  # fmt: skip
OF_PAIRS = (
    Mistake("ml", "divisor", "This is the estimate of maximum likelihood: the mean of all groups "
            "was estimated, too.", "eq:one-way-ml-bias", "B/J - D/(4*J)"),
    Mistake("errors-not-taken-off", "variance", "The means of pairs vary by their errors, too: "
            "that part is not taken off.", "eq:anova-between", "B/(J - 1)"),
    Mistake("errors-of-a-row", "units", "What is taken off is the error variance of one row: "
            "B is of the means of two.", "eq:anova-between", "B/(J - 1) - D/(2*J)"),
    Mistake("over-all-rows", "divisor", "The squares within pairs are divided by all rows: each "
            "pair's mean was taken off.", "eq:anova-within", "B/(J - 1) - D/(8*J)"),
    Mistake("once-for-each-row", "units", "This has the variance of the groups once for each row "
            "of a pair.", "eq:anova-between", "2*B/(J - 1) - D/(2*J)"),
)  # fmt: skip


def pieces(model: Marginal) -> dict[str, Any]:
    """What the criterion is made of."""
    parts = ("design", "pwrss", "logdet_V0", "logdet_XVX")
    return {name: getattr(model, name) for name in parts} | {"reml": True}


def some_pieces(random: Random) -> dict[str, Any]:
    """The same at some theta."""
    design = few_rows(random)
    return pieces(marginal.at(design, theta_of(random, design)))


ASSIGNMENT = Assignment(
    name="hw4",
    title="REML",
    page="c04_reml",
    hours=4,
    needs=("c03_ml", "d04_reml"),
    data=balanced_groups.equal_groups,
    tasks=(
        Function(
            name="P",
            points=2,
            asks="The matrix with P X = 0 and y' P y = pwrss, from the inverse of V0, X and the "
            "covariance of the estimate of beta.",
            mistakes=(
                X_not_taken_off,
                X_added,
                information_for_covariance,
                residuals_of_least_squares,
                residuals_not_weighted,
            ),
            of="refmixed.marginal:Marginal.P",
            draw=marginal_model,
            by_hand=marginal_by_hand,
        ),
        Function(
            name="reml_criterion",
            points=2,
            asks="-2 restricted log-likelihood where sigma is at its best, from its pieces.",
            mistakes=(
                no_information,
                information_subtracted,
                half_of_information,
                no_constant,
                not_divided,
                log_likelihood,
            ),
            of="refmixed.evaluation:profiled",
            draw=some_pieces,
            by_hand=lambda: pieces(marginal.at(four_rows(), np.ones(1))),
            magnitude="own",
            fixed={"reml": True},
        ),
        Expression(
            name="change",
            points=2,
            asks="You multiply all error contrasts, K'y, by c > 0. By how much does -2 times the "
            "logarithm of their density rise, at the same sigma and theta?",
            mistakes=OF_CHANGE,
            reference="2*(n - p)*log(c)",
            symbols=(Symbol("p", "whole"), Symbol("n", "whole", where=more_rows), Symbol("c")),
        ),
        Expression(
            name="pairs",
            points=2,
            asks="The REML estimate of sigma_gamma^2 (where it is positive) from J pairs of rows, "
            "y ~ 1 + (1 | pair), where D is the sum of the squared differences within pairs, and "
            "B the sum of squares of the J means of pairs about their mean.",
            mistakes=OF_PAIRS,
            reference="B/(J - 1) - D/(4*J)",
            symbols=(Symbol("J", "whole"), Symbol("B"), Symbol("D")),
        ),
        Number(
            name="estimates",
            points=2,
            asks="Of your data, y ~ 1 + (1 | g): the REML estimate of sigma squared, and that of "
            "sigma_gamma squared.",
            mistakes=balanced_groups.MISTAKES,
            reference=balanced_groups.both,
        ),
    ),
)
