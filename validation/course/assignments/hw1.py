"""Assignment 1: the matrices X, Z and Lambda."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmixed.design import RandomTerm, from_arrays
from refmixed.linalg import Array

from ..models import GROUPS, Y
from ..points import Symbol
from ..records import Assignment, Expression, Function, Mistake, Random, near_miss


@near_miss("order", "eq:column-order")
def right_varies_fastest(left: Array, right: Array) -> Array:
    """All products are there, in another order: hold a column of `right`, and go through `left`."""
    return np.einsum("ni,nj->nij", left, right).reshape(len(left), -1)


@near_miss("structure", "eq:Z", credit=0.25)
def side_by_side(left: Array, right: Array) -> Array:
    """These are the main effects, one beside the other: an interaction has products of columns."""
    return np.hstack([left, right])


def random_columns(x: Array, q: int, k: int, codes: Array) -> Array:
    """Z (n, q)."""
    return np.einsum("nl,nk->nlk", np.eye(q // k)[codes], x).reshape(len(x), q)


@near_miss("order", "eq:column-order")
def effect_after_effect(x: Array, q: int, k: int, codes: Array) -> Array:
    """The columns stand effect after effect: gamma has all effects of a level side by side."""
    return np.einsum("nl,nk->nkl", np.eye(q // k)[codes], x).reshape(len(x), q)


@near_miss("inputs", "eq:Z")
def indicators_alone(x: Array, q: int, k: int, codes: Array) -> Array:
    """These columns say which level a row has, and no more: the row of x does not come in."""
    return random_columns(np.ones_like(x), q, k, codes)


@near_miss("coding", "eq:random-intercepts-Z")
def no_base_level(x: Array, q: int, k: int, codes: Array) -> Array:
    """The first level has no columns, as a factor has in X beside an intercept: in Z all have."""
    return random_columns(x, q, k, codes)[:, k:]


@near_miss("coding", "eq:Z")
def codes_from_one(x: Array, q: int, k: int, codes: Array) -> Array:
    """Each row is in the columns of a neighbour's level: the codes count from 0."""
    return random_columns(x, q, k, codes - 1)


@near_miss("order", "eq:theta")
def row_by_row(k: int) -> tuple[Array, Array]:
    """The triangle is read row by row: theta goes down its columns."""
    return np.tril_indices(k)


@near_miss("structure", "eq:theta")
def upper_triangle(k: int) -> tuple[Array, Array]:
    """These are places above the diagonal: the factor is a lower triangle."""
    return np.triu_indices(k)


@near_miss("order", "eq:theta")
def diagonal_first(k: int) -> tuple[Array, Array]:
    """The diagonal comes first here: in theta an entry of the diagonal begins its own column."""
    columns, rows = np.triu_indices(k, 1)
    return np.append(np.arange(k), rows), np.append(np.arange(k), columns)


@near_miss("order", "eq:column-order")
def spread_out(factor: Array, levels: int) -> Array:
    """Each entry is repeated in place: this fits columns of Z that stand effect after effect."""
    return np.kron(factor, np.eye(levels))


@near_miss("structure", "eq:Lambda", credit=0.25)
def every_block(factor: Array, levels: int) -> Array:
    """A copy stands in every block: effects of different levels are independent."""
    return np.tile(factor, (levels, levels))


@near_miss("units", "eq:spherical-covariance")
def blocks_of_covariance(factor: Array, levels: int) -> Array:
    """These blocks are covariances: Lambda is their factor, what u is multiplied by."""
    return np.kron(np.eye(levels), factor @ factor.T)


LINE = Symbol("theta1"), Symbol("theta2", "real"), Symbol("theta3"), Symbol("d", "real")
OF_LINE = (
    Mistake("factor-for-covariance", "units", "The entries of the factor are used as if they were "
            "variances and a covariance: these are products of its rows.", "eq:Sigma",
            "theta1 + 2*theta2*d + theta3*d**2"),
    Mistake("turned-factor", "order", "The factor is multiplied by its transpose from the wrong "
            "side.", "eq:Sigma", "theta1**2 + theta2**2 + 2*theta2*theta3*d + theta3**2*d**2"),
    Mistake("covariance-once", "structure", "The covariance of intercept and slope is counted "
            "once: two effects are added, so it comes twice.", "eq:slope-covariance",
            "theta1**2 + theta1*theta2*d + (theta2**2 + theta3**2)*d**2"),
    Mistake("diagonal-alone", "structure", "The variance of the slope is not complete: a row of "
            "the factor has two entries there.", "eq:sd-and-correlation",
            "theta1**2 + 2*theta1*theta2*d + theta3**2*d**2"),
    Mistake("deviation", "units", "This is the standard deviation: its square is asked for.",
            "eq:slope-covariance",
            "sqrt(theta1**2 + 2*theta1*theta2*d + (theta2**2 + theta3**2)*d**2)"),
)  # fmt: skip


def some_products(random: Random) -> dict[str, Any]:
    """Columns of two factors or covariates."""
    n, k, m = random.integers(5, 9), random.integers(2, 4), random.integers(2, 4)
    return {"left": random.normal(size=(n, k)), "right": random.normal(size=(n, m))}


def some_term(random: Random) -> dict[str, RandomTerm]:
    """A term with an intercept and a slope, three levels, rows in any order."""
    n = int(random.integers(7, 12))
    codes = random.permutation(np.append([0, 1, 2], random.integers(0, 3, n - 3)))
    x = np.column_stack([np.ones(n), random.normal(size=n)])
    return {"self": RandomTerm("g", "g", ("1", "x"), ("a", "b", "c"), x, codes)}


def some_factor(random: Random) -> dict[str, Any]:
    """A lower triangle, and a number of levels."""
    k = int(random.integers(2, 4))
    return {
        "factor": np.tril(random.uniform(0.3, 1.5, (k, k))),
        "levels": int(random.integers(2, 5)),
    }


group_and_time = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # of the four rows


def term_by_hand() -> dict[str, RandomTerm]:
    """(1 + time | group) in the four rows."""
    x = np.column_stack([np.ones(4), group_and_time[:, 1]])
    return {"self": from_arrays(np.array(Y), x, [(np.array(GROUPS), x)]).terms[0]}


ASSIGNMENT = Assignment(
    name="hw1",
    title="The matrices X, Z and Lambda",
    page="c01_matrices",
    hours=3,
    needs=("d00_one_page", "d01_model"),
    tasks=(
        Function(
            name="products",
            points=2,
            asks="The columns of X for an interaction a:b, from those of a and of b.",
            mistakes=(right_varies_fastest, side_by_side),
            of="refmixed.r.frame:products",
            draw=some_products,
            by_hand=lambda: {"left": np.eye(2)[[0, 1, 1, 0]], "right": group_and_time},
        ),
        Function(
            name="Z",
            points=3,
            asks="Z of one term, from the rows of its effects and the levels of its group.",
            mistakes=(effect_after_effect, indicators_alone, no_base_level, codes_from_one),
            of="refmixed.design:RandomTerm.Z",
            draw=some_term,
            by_hand=term_by_hand,
        ),
        Function(
            name="entries",
            points=2,
            asks="Which row and which column of the factor each entry of theta has, two arrays.",
            mistakes=(row_by_row, upper_triangle, diagonal_first),
            of="refmixed.covariance:entries",
            draw=lambda random: {"k": int(random.integers(3, 6))},
            by_hand=lambda: {"k": 2},
        ),
        Function(
            name="repeated",
            points=1,
            asks="Lambda of one term: the factor of one level, once for each level.",
            mistakes=(spread_out, every_block, blocks_of_covariance),
            of="refmixed.covariance:repeated",
            draw=some_factor,
            by_hand=lambda: {"factor": np.array([[1.0, 0.0], [0.5, 1.0]]), "levels": 2},
        ),
        Expression(
            name="line_variance",
            points=2,
            asks="The variance of gamma_0 + gamma_1 d over sigma^2, where a level has the factor "
            "with the entries theta1, theta2, theta3.",
            mistakes=OF_LINE,
            reference="theta1**2 + 2*theta1*theta2*d + (theta2**2 + theta3**2)*d**2",
            symbols=LINE,
        ),
    ),
)
