"""The transformations: what each does to a request, and what it must do to the answers.

What a transformation says nothing of must stay as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..adapters.messages import Json
from . import changes
from .changes import stride
from .told import Array, Expect, Told, linear

FIT = ("criterion", "theta", "beta", "sigma", "sd")
EFFECTS = ("ranef", "fitted")


@dataclass(frozen=True)
class Transformation:
    """What is done to the request, asked, and expected; `says` ends "must not matter" or so."""

    says: str
    change: Callable[[Json, Json], Json]
    asked: tuple[str, ...] = (*FIT, *EFFECTS)
    expect: Mapping[str, Expect] = field(default_factory=dict)
    required: float = 9.0


# --- covariates -----------------------------------------------------------------------------------


def power(told: Told, name: str) -> int:
    """How often the column of the transformation is a factor of a coefficient or an effect."""
    column = told.transform["column"]
    known = {column: 1, f"I({column}^2)": 2}
    return sum(known.get(part, 0) for part in name.split(":"))


def unit(told: Told, names: list[str]) -> Array:
    """(k, k): what other units of the column do to coefficients."""
    factor = float(told.transform["factor"])
    return np.diag([factor ** -power(told, name) for name in names])


def origin(told: Told, names: list[str]) -> Array:
    """(k, k): what another origin of the column does to coefficients."""
    A = np.eye(len(names))
    if told.transform["column"] in names:
        A[names.index("(Intercept)"), names.index(told.transform["column"])] = -float(
            told.transform["by"]
        )
    return A


def by_effects(matrix: Callable[[Told, list[str]], Array]) -> Callable[[Told], list[Array]]:
    """The same for the effects of each term."""
    return lambda told: [matrix(told, effects) for effects in told.effects]


def moved_to_offset(told: Told) -> Array:
    """beta less what the offset explains."""
    beta = told["beta"].copy()
    beta[told.names.index(told.transform["column"])] -= float(told.transform["by"])
    return beta


# --- response and weights -------------------------------------------------------------------------


def multiplied(quantity: str, power: float = 1.0) -> Expect:
    """A quantity times a power of the factor."""

    def expect(told: Told) -> Any:
        factor = float(told.transform["factor"]) ** power
        if quantity in ("sigma", "sd"):
            factor = abs(factor)
        if quantity in ("ranef", "condvar", "pev"):
            return [factor * part for part in told.by_term(quantity)]
        return factor * told[quantity]

    return expect


def rescaled_criterion(told: Told) -> float:
    """The criterion of a response in other units."""
    return float(told["criterion"] + 2 * told.dof * np.log(abs(float(told.transform["factor"]))))


def raised(quantity: str) -> Expect:
    """A quantity plus the shift of the response: all of it, or the intercept."""

    def expect(told: Told) -> Array:
        value, by = told[quantity].copy(), float(told.transform["by"])
        if quantity == "beta":
            value[told.names.index("(Intercept)")] += by
            return value
        return value + by

    return expect


# --- rows and levels ------------------------------------------------------------------------------


def permuted_fitted(told: Told) -> Array:
    """Fitted values in the order of the rows."""
    return told["fitted"][stride(told.n, told.transform["step"])]


def reversed_effects(told: Told) -> list[Array]:
    """The effects of the group whose levels are reversed, the other way round."""
    groups = [term["group"] for term in told.case["model"]["terms"]]
    parts = zip(groups, told.by_term("ranef"), strict=True)
    return [part[::-1] if group == told.transform["column"] else part for group, part in parts]


def rows_asked(quantity: str) -> Expect:
    """The answers for the rows that are left."""
    return lambda told: told[quantity][told.transform["rows"]]


# --- ML in a balanced one-way layout --------------------------------------------------------------


def ml_theta(told: Told) -> Array:
    """theta by ML from that by REML: sigma stays, the mean square between groups shrinks."""
    J = len(told.case["model"]["terms"][0]["levels"])
    size = told.n / J
    between = (1 - 1 / J) * (1 + size * told["theta"] ** 2)
    return np.sqrt((between - 1) / size)


PREDICTED = ("predicted", "population", "se_predicted", "se_population")
SUBSET = {quantity: rows_asked(quantity) for quantity in PREDICTED}
RESPONSE = {q: multiplied(q) for q in ("beta", "sigma", "sd", "ranef", "fitted")}
SCALED = linear(lambda told: unit(told, told.names), by_effects(unit))
SHIFTED = linear(lambda told: origin(told, told.names), by_effects(origin))

TRANSFORMATIONS = {
    "rows-permuted": Transformation(
        "The order of the rows must not matter.",
        changes.permuted,
        expect={"fitted": permuted_fitted},
    ),
    "index": Transformation(
        "The labels of the rows of a data frame must not matter, repeated or out of order.",
        changes.with_index,
    ),
    "covariate-scaled": Transformation(
        "Other units of a covariate change its coefficients and nothing else.",
        changes.scaled,
        (*FIT, "corr", "vcov", *EFFECTS),
        SCALED,
    ),
    "covariate-shifted": Transformation(
        "Another origin of a covariate changes the intercepts and nothing else.",
        changes.shifted,
        (*FIT, "corr", "vcov", *EFFECTS),
        SHIFTED,
    ),
    "response-scaled": Transformation(
        "Other units of the response multiply everything but theta.",
        changes.scaled,
        (*FIT, "vcov", *EFFECTS),
        {**RESPONSE, "vcov": multiplied("vcov", 2.0), "criterion": rescaled_criterion},
    ),
    "response-shifted": Transformation(
        "Another origin of the response changes the intercept and the fitted values alone.",
        changes.shifted,
        expect={"beta": raised("beta"), "fitted": raised("fitted")},
    ),
    "groups-relabelled": Transformation(
        "The names of groups must not matter, nor that they look like numbers.",
        changes.relabelled,
    ),
    "levels-reversed": Transformation(
        "The order of a grouping factor's levels is that of the random effects, nothing more.",
        changes.reversed_levels,
        expect={"ranef": reversed_effects},
    ),
    "reference-level": Transformation(
        "Another reference level of a fixed factor gives the same fit.",
        changes.rotated_levels,
        ("criterion", "theta", "sigma", "sd", *EFFECTS, "predicted", "population"),
    ),
    "unused-level": Transformation(
        "A level that no row has must not matter.",
        changes.with_unused_level,
    ),
    "newdata-subset": Transformation(
        "A prediction must not depend on the other rows that are predicted.",
        changes.same_rows,
        PREDICTED,
        SUBSET,
    ),
    "newdata-levels": Transformation(
        "Factors are coded by the levels of the fit, not by those of the rows to predict.",
        changes.new_rows,
        PREDICTED,
        SUBSET,
    ),
    "predict-train": Transformation(
        "Predictions for the rows of the fit are its fitted values.",
        changes.rows_of_fit,
        ("predicted",),
        {"predicted": lambda told: told["fitted"]},
    ),
    "ml-from-reml": Transformation(
        "ML is not REML: in a balanced one-way layout the one follows from the other.",
        changes.by_ml,
        ("theta", "sigma", "sd"),
        {"theta": ml_theta, "sd": lambda told: told["sigma"] * ml_theta(told)},
    ),
    "criterion-not-above": Transformation(
        "The criterion of the fit must not be above the one at a theta known to be good.",
        changes.at_theta,
        ("criterion",),
    ),
    "same-again": Transformation(
        "The same question has the same answer.",
        changes.same,
        required=15.0,
    ),
    "weights-scaled": Transformation(
        "A multiple of the weights is one of the residual variance, and changes nothing else.",
        changes.scaled,
        expect={"sigma": multiplied("sigma", 0.5), "theta": multiplied("theta", -0.5)},
    ),
    "unit-weights": Transformation(
        "Weights of one are no weights.",
        changes.with_unit_weights,
    ),
    "offset-moved": Transformation(
        "A multiple of a covariate, taken as offset, is taken from its coefficient.",
        changes.with_offset,
        expect={"beta": moved_to_offset},
    ),
    "formula-rewritten": Transformation(
        "Two ways to write a model are one model.",
        changes.with_formula,
    ),
    "matrices": Transformation(
        "The same model by its formula and by its matrices.",
        changes.same,
        FIT,
    ),
}
