"""Models that tasks are asked for: the four rows that are worked by hand, and small random ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from refmixed import marginal, penalized
from refmixed.design import Design, from_arrays

from .records import Random

Y = (1.0, 3.0, 6.0, 10.0)
GROUPS = ("a", "a", "b", "b")


def four_rows() -> Design:
    """Two groups of two rows and a mean: beta is 5 at theta = 1, the effects are -2 and 2."""
    return from_arrays(np.array(Y), np.ones((4, 1)), [(np.array(GROUPS), None)])


def few_rows(random: Random) -> Design:
    """Two crossed groups, one with slopes, unequal weights, 9 to 15 rows."""
    n = int(random.integers(9, 16))
    x = random.normal(size=n)
    X = np.column_stack([np.ones(n), x])
    first = np.append([0, 1, 2], random.integers(0, 3, n - 3))
    second = np.append([0, 1], random.integers(0, 2, n - 2))
    y = 1.0 + x + random.normal(size=n) + random.normal(size=3)[first]
    return from_arrays(y, X, [(first, X), (second, None)], weights=random.uniform(0.5, 2.0, n))


def theta_of(random: Random, design: Design) -> Any:
    """theta (m,) of no special value, diagonals positive."""
    return random.uniform(0.3, 1.5, design.m)


def marginal_model(random: Random) -> dict[str, Any]:
    """The textbook's model of few rows, as `self`."""
    design = few_rows(random)
    return {"self": marginal.at(design, theta_of(random, design), bool(random.integers(2)))}


def marginal_by_hand() -> dict[str, Any]:
    """The same of the four rows, theta = 1, REML."""
    return {"self": marginal.at(four_rows(), np.ones(1))}


def penalized_model(random: Random) -> dict[str, Any]:
    """Penalized least squares of few rows, as `self`, with its parts by their names."""
    design = few_rows(random)
    return parts(penalized.solve(design, theta_of(random, design)))


def penalized_by_hand() -> dict[str, Any]:
    """The same of the four rows, theta = 1."""
    return parts(penalized.solve(four_rows(), np.ones(1)))


def parts(model: penalized.Penalized) -> dict[str, Any]:
    """A model and what its code calls by name."""
    return vars(model) | {"self": model, "Wy": model.design.weights * model.design.y_less_offset}


MODELS = {
    "marginal": (marginal_model, marginal_by_hand),
    "penalized": (penalized_model, penalized_by_hand),
}  # the kinds of models that a lecturer's own tasks may be asked for
