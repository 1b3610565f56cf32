"""Assignment 9: choosing the random structure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from refmixed.blocked import tree
from refmixed.linalg import Array
from refmixed.r import levels as coded

from ..points import Symbol
from ..records import Assignment, Expression, Function, Mistake, Number, Random, near_miss
from . import school_day


@near_miss("structure", "eq:nested")
def last_row_decides(codes: Array, other: Array, levels: int) -> Array:
    """One row of a level decides here: the others of that level may be elsewhere."""
    found = np.zeros(levels, dtype=int)
    found[codes] = other
    return found


@near_miss("structure", "eq:nested")
def one_meets_several_all_do(codes: Array, other: Array, levels: int) -> Array:
    """Where one level meets several, all are refused: what is asked is asked of each level."""
    found = tree.homes(codes, other, levels)
    return found if (found >= 0).all() else np.full(levels, -1)


@near_miss("order", "eq:nested")
def the_other_in_the_first(codes: Array, other: Array, levels: int) -> Array:
    """The factors have changed places: the small groups lie in the large ones."""
    return tree.homes(other, codes, int(other.max()) + 1)


@near_miss("order", "eq:random-intercepts-Z")
def a_number_for_each_row(codes: Array, other: Array, levels: int) -> Array:
    """There is a number for each row: the answer has one for each level."""
    return tree.homes(codes, other, levels)[codes]


@near_miss("coding", "eq:random-intercepts-Z")
def homes_from_one(codes: Array, other: Array, levels: int) -> Array:
    """The levels are counted from 1 here: codes count from 0."""
    found = tree.homes(codes, other, levels)
    return np.where(found >= 0, found + 1, found)


@near_miss("order", "eq:random-intercepts-Z")
def as_they_come(codes: Array, size: int) -> Array:
    """The levels are numbered as they come in the rows: their own order is to stay."""
    return pd.factorize(codes)[0]


@near_miss("coding", "eq:random-intercepts-Z")
def gaps_stay(codes: Array, size: int) -> Array:
    """Levels that no row has still have numbers: Z would get columns of zeros for them."""
    return codes


@near_miss("coding", "eq:random-intercepts-Z")
def codes_from_one(codes: Array, size: int) -> Array:
    """The new codes count from 1: codes count from 0."""
    return coded.without_gaps(codes, size) + 1


@near_miss("order", "eq:random-intercepts-Z")
def levels_that_are_left(codes: Array, size: int) -> Array:
    """These are the levels that occur: the answer has the new code of each row."""
    return np.unique(codes)


OF_MAXIMAL = (
    Mistake("variances-alone", "structure", "The effects of a level have covariances, too.",
            "eq:parameter-count", "a*b + a"),
    Mistake("each-covariance-twice", "structure", "A covariance matrix is symmetric: each "
            "covariance is counted twice.", "eq:symmetric-count", "(a*b)**2 + a**2"),
    Mistake("no-interaction", "structure", "The subjects have main effects alone here: A and B "
            "are both within them, and so is the interaction.", "eq:parameter-count",
            "(a + b - 1)*(a + b)/2 + a*(a + 1)/2"),
    Mistake("between-taken-for-within", "structure", "The items have effects of B here: an "
            "item that has one level of a factor tells nothing of its effect.",
            "eq:slope-covariance", "a*b*(a*b + 1)"),
    Mistake("intercept-not-counted", "coding", "The effects beside the intercept are counted: the "
            "intercept is an effect like others.", "eq:parameter-count",
            "a*b*(a*b - 1)/2 + a*(a - 1)/2"),
    Mistake("intercepts-alone", "structure", "These are random intercepts: a factor within the "
            "subjects has random slopes.", "eq:parameter-count", "2", 0.25),
    Mistake("errors-counted", "variance", "The variance of the errors is counted, too: the task "
            "leaves it out.", "eq:parameter-count", "a*b*(a*b + 1)/2 + a*(a + 1)/2 + 1", 0.75),
)  # fmt: skip
OF_PROGRAMS = (
    Mistake("sigma-stays", "structure", "The matrix of the errors is in the flat direction, too: "
            "this keeps the variance of the errors as it was.", "eq:kernel", "sigma**2"),
    Mistake("variance-alone", "variance", "This moves the variance of the slopes to the errors: "
            "the covariance of the two rows must stay, too.", "eq:linear-v",
            "sigma**2 + tau**2*d**2"),
    Mistake("distance-not-squared", "units", "A slope is multiplied by d, and a variance by its "
            "square.", "eq:slope-covariance", "sigma**2 + 2*tau**2*d"),
    Mistake("wrong-way", "sign", "The errors get smaller here: what no slopes explain is left to "
            "them.", "eq:linear-v", "sigma**2 - 2*tau**2*d**2"),
    Mistake("deviation", "units", "This is the standard deviation: the variance is asked for.",
            "eq:sigma", "sqrt(sigma**2 + 2*tau**2*d**2)", 0.75),
    Mistake("of-intercepts", "order", "This is the other program's variance of the intercepts.",
            "eq:linear-v", "alpha**2 - tau**2*d**2"),
)  # fmt: skip


def two_factors(random: Random) -> dict[str, Any]:
    """Levels of which most lie in one level of the other factor, and one at least does not."""
    levels, size = int(random.integers(6, 9)), int(random.integers(3, 5))
    home = random.permutation(np.append(np.arange(size), random.integers(0, size, levels - size)))
    codes = np.repeat(np.arange(levels), 3)
    other = home[codes]
    strays = 3 * random.choice(levels, 2, replace=False)  # a row of each of two levels
    other[strays] = (other[strays] + 1) % size
    order = random.permutation(len(codes))
    return {"codes": codes[order], "other": other[order], "levels": levels}


def some_codes(random: Random) -> dict[str, Any]:
    """Codes of few of the levels that there might be."""
    size = int(random.integers(9, 15))
    used = random.choice(np.arange(1, size - 1), 5, replace=False)
    return {"codes": random.permutation(np.append(used, random.choice(used, 6))), "size": size}


def classes_by_hand() -> dict[str, Any]:
    """The labels 1, 2, 2, 3 of classes in the groups of the four rows."""
    return {"codes": np.array([0, 1, 1, 2]), "other": np.array([0, 0, 1, 1]), "levels": 3}


ASSIGNMENT = Assignment(
    name="hw9",
    title="Choosing the random structure",
    page="c09_structure",
    hours=4,
    needs=("c01_matrices", "d12_identifiability"),
    data=school_day.pupils,
    tasks=(
        Function(
            name="homes",
            points=2,
            asks="For each level of a factor, the level of another factor in which all its rows "
            "lie; -1 where they lie in several.",
            mistakes=(
                last_row_decides,
                one_meets_several_all_do,
                the_other_in_the_first,
                a_number_for_each_row,
                homes_from_one,
            ),
            of="refmixed.blocked.tree:homes",
            draw=two_factors,
            by_hand=classes_by_hand,
        ),
        Function(
            name="without_gaps",
            points=2,
            asks="The codes of the rows, the levels that occur numbered anew from 0, in order.",
            mistakes=(as_they_come, gaps_stay, codes_from_one, levels_that_are_left),
            of="refmixed.r.levels:without_gaps",
            draw=some_codes,
            by_hand=lambda: {"codes": np.array([0, 1, 4, 5]), "size": 6},
        ),
        Expression(
            name="maximal",
            points=2,
            asks="Factor A has a levels, within subjects and within items; factor B has b levels, "
            "within subjects and between items. How many variances and covariances of random "
            "effects has the maximal model with both? Leave sigma^2 out.",
            mistakes=OF_MAXIMAL,
            reference="a*b*(a*b + 1)/2 + a*(a + 1)/2",
            symbols=(Symbol("a", "whole"), Symbol("b", "whole")),
        ),
        Expression(
            name="other_sigma2",
            points=2,
            asks="Each group has two rows, at x = -d and x = d, and random intercepts and slopes "
            "that are independent. Your program reports the standard deviations alpha of the "
            "intercepts, tau of the slopes and sigma of the errors. Another says that the slopes "
            "do not vary, and has the same criterion. Which variance of the errors does it report?",
            mistakes=OF_PROGRAMS,
            reference="sigma**2 + 2*tau**2*d**2",
            symbols=(Symbol("alpha"), Symbol("tau"), Symbol("sigma"), Symbol("d")),
        ),
        Number(
            name="told",
            points=2,
            asks="Of your data and the seven models of the page: how many variances and "
            "covariances, sigma^2 among them, can REML tell apart? A list of seven numbers.",
            mistakes=school_day.MISTAKES,
            reference=school_day.told,
        ),
    ),
)
