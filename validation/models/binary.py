"""Generalized models of yes or no."""

from __future__ import annotations

from typing import Any

from .generalized_model import GeneralizedModel as Model
from .generalized_model import Point

TOENAIL: dict[str, Any] = {
    "data": "toenail",
    "formula": "outcome ~ treatment * time + (1 | patientID)",
    "points": (Point(("-1.6", "-0.2", "-0.4", "-0.14"), ("4",)),),
}
BACTERIA: dict[str, Any] = {
    "data": "bacteria",
    "formula": "y ~ trt + week + (1 | ID)",
    "points": (Point(("3.1", "-1.3", "-0.8", "-0.15"), ("1.2",)),),
}
RARE: dict[str, Any] = {"data": "rare", "formula": "y ~ x + (1 | g)"}
AT_RARE = Point(("-3.4", "0.4"), ("1.1",))


MODELS = (
    Model(
        "Contraception-laplace",
        "Women of 60 districts, 2 to 118 of each; a square, and a factor of four levels.",
        "Contraception",
        "use ~ age + I(age^2) + urban + livch + (1 | district)",
        (Point(("-1", "0.004", "-0.005", "0.7", "0.8", "0.9", "0.9"), ("0.5",)),),
        flags=("unbalanced", "large"),
    ),
    Model(
        "guImmun-laplace",
        "Mothers with a single child, most of them: Laplace has a higher maximum far out.",
        "guImmun",
        "immun ~ kid2p + rural + pcInd81 + (1 | mom) + (1 | comm)",
        (Point(("0.1", "1.2", "-0.9", "-2"), ("1.5", "0.5")),),
        flags=("unbalanced", "nested", "two-minima", "large"),
    ),
    Model(
        "VerbAgg-laplace",
        "Persons crossed with items: the model of Rasch, with covariates of both.",
        "VerbAgg",
        "r2 ~ Anger + Gender + btype + situ + (1 | id) + (1 | item)",
        (Point(("1.7", "0.02", "-0.7", "-1.9", "-2.1", "-1.5"), ("1.4", "0.5")),),
        flags=("balanced", "crossed", "large"),
    ),
    Model(
        "bacteria-laplace",
        "Repeated yes or no of fifty children, up to five times.",
        **BACTERIA,
        flags=("unbalanced",),
    ),
    Model(
        "bacteria-exact",
        "The same by the exact likelihood, whose standard deviation is 5% larger.",
        **BACTERIA,
        likelihood="exact",
        flags=("unbalanced",),
    ),
    Model(
        "respiratory-laplace",
        "Patients whose numbers repeat in two centers: the group is a pair of columns.",
        "respiratory",
        "outcome ~ treat + sex + age + baseline + (1 | center:id)",
        (Point(("1", "-2", "-0.4", "-0.02", "3.2"), ("2",)),),
        flags=("balanced", "large"),
    ),
    Model(
        "schizophrenia2-slopes-laplace",
        "A correlated intercept and slope for each of 44 women.",
        "schizophrenia2",
        "disorder ~ onset * month + (month | subject)",
        (Point(("1.5", "-0.5", "-0.5", "-0.1"), ("2.4", "-0.2", "0.3")),),
        flags=("unbalanced", "blocks"),
    ),
    Model(
        "toenail-laplace",
        "A standard deviation of four and one to seven rows a patient: Laplace is far off.",
        **TOENAIL,
        flags=("unbalanced", "large"),
    ),
    Model(
        "toenail-exact",
        "The same likelihood without an approximation, at a point.",
        **TOENAIL,
        likelihood="exact",
        flags=("unbalanced", "large"),
        levels=("glmm-evaluate",),
    ),
    Model(
        "rare-laplace",
        "Most groups have no event at all: their modes are far out, and Laplace's error large.",
        **RARE,
        points=(AT_RARE,),
        flags=("balanced",),
    ),
    Model(
        "rare-exact",
        "The same by the exact likelihood: the standard deviation is three quarters of Laplace's.",
        **RARE,
        points=(AT_RARE,),
        likelihood="exact",
        flags=("balanced",),
    ),
    Model(
        "separated-laplace",
        "One covariate tells all answers apart: there is no maximum to be found.",
        "separated",
        "y ~ x + (1 | g)",
        (),
        flags=("balanced", "separated"),
        levels=("glmm-fit",),
    ),
    Model(
        "crossed-laplace",
        "Raters crossed with items: no block of the mode's matrix stands alone.",
        "crossed",
        "y ~ x + (1 | rater) + (1 | item)",
        (Point(("0.3", "0.8"), ("0.9", "0.3")),),
        flags=("balanced", "crossed"),
    ),
    Model(
        "binary-slopes-laplace",
        "A correlated intercept and slope for each of twenty groups.",
        "binary-slopes",
        "y ~ x + (x | g)",
        (Point(("0.1", "0.7"), ("0.9", "0.4", "1.1")),),
        flags=("balanced", "blocks"),
    ),
)
