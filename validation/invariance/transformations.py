"""The transformations: what each does to a request, and what it must do to the answers.

What a transformation says nothing of must stay as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..adapters.messages import Json
from . import changes, levels
from .expectations import (
    Expect,
    by_effects,
    linear,
    ml_theta,
    moved_to_offset,
    multiplied,
    origin,
    permuted_fitted,
    raised,
    rescaled_criterion,
    reversed_effects,
    rows_asked,
    unit,
)

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


PREDICTED = ("predicted", "population", "se_predicted", "se_population")
SUBSET = {quantity: rows_asked(quantity) for quantity in PREDICTED}
RESPONSE = {q: multiplied(q) for q in ("beta", "sigma", "sd", "ranef", "fitted")}
SCALED = linear(lambda base: unit(base, base.names), by_effects(unit))
SHIFTED = linear(lambda base: origin(base, base.names), by_effects(origin))

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
        levels.relabelled,
    ),
    "levels-reversed": Transformation(
        "The order of a grouping factor's levels is that of the random effects, nothing more.",
        levels.reversed_levels,
        expect={"ranef": reversed_effects},
    ),
    "reference-level": Transformation(
        "Another reference level of a fixed factor gives the same fit.",
        levels.rotated_levels,
        ("criterion", "theta", "sigma", "sd", *EFFECTS, "predicted", "population"),
    ),
    "unused-level": Transformation(
        "A level that no row has must not matter.",
        levels.with_unused_level,
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
        {"predicted": lambda base: base["fitted"]},
    ),
    "ml-from-reml": Transformation(
        "ML is not REML: in a balanced one-way layout the one follows from the other.",
        changes.by_ml,
        ("theta", "sigma", "sd"),
        {"theta": ml_theta, "sd": lambda base: base["sigma"] * ml_theta(base)},
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
