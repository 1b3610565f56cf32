"""Assignment 6: penalized least squares, the q x q route."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import inv

from refmixed.linalg import Array, cholesky, solve_lower

from ..models import penalized_by_hand, penalized_model
from ..points import Symbol
from ..records import Assignment, Expression, Function, Random, near_miss
from . import triangles


def factor(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """L (q, q)."""
    return cholesky(Lambda.T @ ZtZ @ Lambda + np.eye(q))


@near_miss("order", "eq:L", credit=0.75)
def upper_triangle(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """This is the upper triangle of the pair: L is the lower one."""
    return factor(Lambda, ZtZ, q).T


@near_miss("units", "eq:block-factor")
def not_factored(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """This is the matrix of the system: it is still to be factored."""
    return Lambda.T @ ZtZ @ Lambda + np.eye(q)


@near_miss("order", "eq:L")
def transposed_Lambda(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """Lambda and its transpose have changed places: u is what Lambda is multiplied by."""
    return factor(Lambda.T, ZtZ, q)


@near_miss("structure", "eq:henderson")
def system_of_gamma(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """This is the system of gamma, with an inverse that may not exist: write it for u."""
    return cholesky(ZtZ + inv(Lambda @ Lambda.T))


@near_miss("criterion", "eq:joint-penalty")
def penalty_on_gamma(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """The identity is between Lambda' and Lambda: the penalty is on u, not on gamma."""
    return cholesky(Lambda.T @ (ZtZ + np.eye(q)) @ Lambda)


@near_miss("inputs", "eq:L")
def no_Lambda(Lambda: Array, ZtZ: Array, q: int) -> Array:
    """Lambda does not come in: with this L all theta are the same."""
    return factor(np.eye(q), ZtZ, q)


@near_miss("criterion", "eq:joint-penalty")
def no_penalty(weights: Array, residuals: Array, u: Array) -> Any:
    """The penalty is missing: effects would cost nothing."""
    return weights @ residuals**2


@near_miss("inputs", "eq:pwrss")
def no_weights(weights: Array, residuals: Array, u: Array) -> Any:
    """All rows count the same here: the weights are not used."""
    return residuals @ residuals + u @ u


@near_miss("units", "eq:pwrss")
def weights_squared(weights: Array, residuals: Array, u: Array) -> Any:
    """The weights are squared with the residuals: a residual gets the root of its weight."""
    return (weights * residuals) @ (weights * residuals) + u @ u


@near_miss("inputs", "eq:pwrss")
def weights_as_variances(weights: Array, residuals: Array, u: Array) -> Any:
    """A weight says how precise a row is: precise rows count more."""
    return residuals @ (residuals / weights) + u @ u


@near_miss("units", "eq:joint-penalty")
def length_of_u(weights: Array, residuals: Array, u: Array) -> Any:
    """The penalty is the length of u here: squares are added up."""
    return weights @ residuals**2 + np.sqrt(u @ u)


def with_cu(roots: dict[str, Any]) -> dict[str, Any]:
    """A model's parts, and what the way down has of u."""
    right = roots["Lambda"].T @ roots["design"].Z.T @ roots["Wy"]
    return roots | {"cu": solve_lower(roots["L"], right), "r": roots["residuals"]}


def some_system(random: Random) -> dict[str, Any]:
    """Of few rows."""
    return with_cu(penalized_model(random))


def system_by_hand() -> dict[str, Any]:
    """Of the four rows, theta = 1."""
    return with_cu(penalized_by_hand())


ASSIGNMENT = Assignment(
    name="hw6",
    title="Penalized least squares",
    page="c06_penalized",
    hours=4,
    needs=("c05_posterior", "d06_penalized"),
    tasks=(
        Function(
            name="L",
            points=2,
            asks="The lower triangle L of the random effects, from Lambda and Z'WZ.",
            mistakes=(
                upper_triangle,
                not_factored,
                transposed_Lambda,
                system_of_gamma,
                penalty_on_gamma,
                no_Lambda,
            ),
            of="refmixed.penalized:solve#L",
            draw=some_system,
            by_hand=system_by_hand,
        ),
        Function(
            name="cbeta",
            points=2,
            asks="The second part of the way down: what is left for beta, once cu is known.",
            mistakes=triangles.DOWN,
            of="refmixed.penalized:back_solve#cbeta",
            draw=some_system,
            by_hand=system_by_hand,
        ),
        Function(
            name="u",
            points=2,
            asks="The last step of the way up: the spherical effects, once beta is known.",
            mistakes=triangles.UP,
            of="refmixed.penalized:back_solve#u",
            draw=some_system,
            by_hand=system_by_hand,
        ),
        Function(
            name="pwrss",
            points=1,
            asks="The penalized residual sum of squares.",
            mistakes=(
                no_penalty,
                no_weights,
                weights_squared,
                weights_as_variances,
                length_of_u,
            ),
            of="refmixed.penalized:solve#pwrss",
            draw=some_system,
            by_hand=system_by_hand,
            magnitude="own",
            renamed={"r": "residuals"},
        ),
        Expression(
            name="determinant",
            points=3,
            asks="det V0 of one group with (1 + x | g) and n rows of weight 1, where x adds up to "
            "zero and its squares to S; the factor has the entries theta1, theta2, theta3.",
            mistakes=triangles.OF_DETERMINANT,
            reference="(1 + n*theta1**2)*(1 + S*theta3**2) + S*theta2**2",
            symbols=(
                Symbol("theta1"),
                Symbol("theta2", "real"),
                Symbol("theta3"),
                Symbol("n", "whole"),
                Symbol("S"),
            ),
        ),
    ),
)
