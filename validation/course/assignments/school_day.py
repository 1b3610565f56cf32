"""Pupils in schools: a student's data, and how many variances seven models can tell apart there.

Which of class and team has labels that each school uses again, which of a and b changes within a
pupil, and which of day and room has one row of a pupil, is the student's own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from refmixed.coordinates import behaved
from refmixed.design import Design
from refmixed.identifiability import parameters
from refmixed.r.design import design

from ..records import Random, near_miss

FORMULAS = (
    "y ~ 1 + (1 | class) + (1 | school:class)",
    "y ~ 1 + (1 | team) + (1 | school:team)",
    "y ~ 1 + (1 | pupil) + (1 | pupil:day)",
    "y ~ 1 + (1 | pupil) + (1 | pupil:room)",
    "y ~ a + (1 + a | pupil)",
    "y ~ b + (1 + b | pupil)",
    "y ~ school + (1 | school) + (1 | pupil)",
)
LABELS, CELLS, SLOPES = slice(0, 2), slice(2, 4), slice(4, 6)  # of the formulas, two by two
SCHOOLS, HALVES, PUPILS, ROWS = 3, 2, 4, 4  # halves of a school, pupils of a half, rows of a pupil


def pupils(random: Random) -> pd.DataFrame:
    """Four rows of each pupil of three schools."""
    n = SCHOOLS * HALVES * PUPILS * ROWS
    pupil, row = np.divmod(np.arange(n), ROWS)
    half = pupil // PUPILS
    school = half // HALVES
    labels = [half % HALVES, half]
    covariates = [row % 2, pupil % 2]
    cells = [row, row // 2]
    (c, t), (a, b), (d, r) = (random.permutation(2) for _ in range(3))
    y = 20 + 2 * random.normal(size=SCHOOLS)[school] + random.normal(size=pupil[-1] + 1)[pupil]
    found = pd.DataFrame(
        {
            "school": np.array(["east", "north", "south"])[school],
            "class": [f"c{k + 1}" for k in labels[c]],
            "team": [f"t{k + 1}" for k in labels[t]],
            "pupil": [f"p{k + 1:02d}" for k in pupil],
            "day": [f"d{k + 1}" for k in cells[d]],
            "room": [f"r{k + 1}" for k in cells[r]],
            "a": covariates[a],
            "b": covariates[b],
            "y": (y + random.normal(size=n)).round(2),
        }
    )
    return found.iloc[random.permutation(n)].reset_index(drop=True)


def designs(data: pd.DataFrame) -> list[Design]:
    """Of each formula the arrays."""
    return [design(formula, data, allow_saturated=True) for formula in FORMULAS]


def told(data: pd.DataFrame, reml: bool = True) -> list[int]:
    """Of each model the variances and covariances that can be told apart, sigma^2 among them."""
    found = [
        (one.m, parameters(behaved(one).design, reml).kernel.shape[1]) for one in designs(data)
    ]
    return [1 + m - flat for m, flat in found]


def where(data: pd.DataFrame, models: slice, value: int, instead: int) -> list[int]:
    """The right numbers, but for a value among some of the models."""
    found = np.array(told(data))
    part = found[models]
    part[part == value] = instead
    return [int(one) for one in found]


@near_miss("structure", "eq:linear-v", credit=0.25)
def all_counted(data: pd.DataFrame) -> list[int]:
    """This is how many there are in the formulas: some of their matrices are equal, or add up."""
    return [1 + one.m for one in designs(data)]


@near_miss("variance", "eq:linear-v")
def errors_forgotten(data: pd.DataFrame) -> list[int]:
    """The variance of the errors is not counted: its matrix is one of those to compare, too."""
    return [one - 1 for one in told(data)]


@near_miss("criterion", "eq:kernel")
def by_ml(data: pd.DataFrame) -> list[int]:
    """One of these is the number by maximum likelihood: REML does not see what X takes away."""
    return told(data, reml=False)


@near_miss("coding", "eq:random-intercepts-Z")
def labels_taken_for_unique(data: pd.DataFrame) -> list[int]:
    """A label that two schools use is one level of its factor: look where each label occurs."""
    return where(data, LABELS, 3, 2)


@near_miss("coding", "eq:random-intercepts-Z")
def labels_taken_for_used_again(data: pd.DataFrame) -> list[int]:
    """Two factors with the same groups of rows have one matrix: look where each label occurs."""
    return where(data, LABELS, 2, 3)


@near_miss("structure", "eq:linear-v")
def no_replication(data: pd.DataFrame) -> list[int]:
    """A combination with one row is no group: count the rows of each pupil in each cell."""
    return where(data, CELLS, 2, 3)


@near_miss("structure", "eq:slope-covariance")
def slope_between_pupils(data: pd.DataFrame) -> list[int]:
    """A covariate that is constant within each pupil tells less of slopes than you count."""
    return where(data, SLOPES, 3, 4)


@near_miss("structure", "eq:parameter-count")
def correlation_not_counted(data: pd.DataFrame) -> list[int]:
    """With one bar intercept and slope are correlated: where both can be told, so can that."""
    return where(data, SLOPES, 4, 3)


MISTAKES = (
    all_counted,
    errors_forgotten,
    by_ml,
    labels_taken_for_unique,
    labels_taken_for_used_again,
    no_replication,
    slope_between_pupils,
    correlation_not_counted,
)
