"""Generalized models of counts, and of positive responses."""

from __future__ import annotations

from typing import Any

from .generalized_model import GeneralizedModel as Model
from .generalized_model import Point

POISSON: dict[str, Any] = {"family": "poisson", "link": "log"}
GAMMA: dict[str, Any] = {"family": "Gamma", "link": "log"}
EPIL: dict[str, Any] = {
    "data": "epil",
    "formula": "y ~ lbase * trt + lage + V4 + (1 | subject)",
    "points": (Point(("1.8", "0.9", "-0.3", "0.5", "-0.2", "0.3"), ("0.5",)),),
}
GAMMAS: dict[str, Any] = {
    "data": "gammas",
    "formula": "y ~ x + (1 | g)",
    "points": (Point(("1.9", "0.9"), ("0.35",), "0.25"),),
}

MODELS = (
    Model(
        "tiny-poisson",
        "Four counts in two groups: small enough to be shown in full.",
        "tiny",
        "y ~ 1 + (1 | g)",
        (Point(("1.5",), ("0.5",)),),
        **POISSON,
        flags=("balanced", "tiny"),
    ),
    Model(
        "grouseticks-laplace",
        "Counts with an effect of each observation, of broods and of places: 584 effects.",
        "grouseticks",
        "TICKS ~ YEAR + cHEIGHT + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)",
        (Point(("0.4", "1.2", "-1", "-0.02"), ("0.5", "0.75", "0.5")),),
        **POISSON,
        flags=("unbalanced", "nested", "saturated", "large"),
    ),
    Model(
        "epil-laplace",
        "Four counts of each of 59 patients, with covariates of both.",
        **EPIL,
        **POISSON,
        flags=("balanced",),
    ),
    Model(
        "epil-nodes-5",
        "The same by five adaptive nodes.",
        **EPIL,
        **POISSON,
        likelihood="agq",
        nodes=5,
        flags=("balanced",),
    ),
    Model(
        "Traffic-laplace",
        "Pairs: an effect of each of 92 days, two counts of each.",
        "Traffic",
        "y ~ limit + (1 | day)",
        (Point(("3.1", "-0.3"), ("0.3",)),),
        **POISSON,
        flags=("balanced",),
    ),
    Model(
        "single-laplace",
        "One count a group: its effect is all the overdispersion that there is.",
        "single",
        "y ~ x + (1 | g)",
        (Point(("1", "0.6"), ("0.6",)),),
        **POISSON,
        flags=("balanced", "singletons", "saturated"),
    ),
    Model(
        "huge-laplace",
        "Counts of a million: log-densities of -10 are sums of terms of ten million.",
        "huge",
        "y ~ x + (1 | g)",
        (Point(("12.8", "0.2"), ("0.3",)),),
        **POISSON,
        flags=("balanced", "scales"),
        required={
            "loglik": (9.0, "its terms, of ten million, cancel in doubles"),
            "sd": (9.0, "its slope is a sum of terms that cancel in doubles"),
        },
    ),
    Model(
        "olre-laplace",
        "Groups, and an effect of each observation: as many effects as rows and more.",
        "olre",
        "y ~ x + (1 | g) + (1 | row)",
        (Point(("1.1", "0.4"), ("0.8", "0.2")),),
        **POISSON,
        flags=("balanced", "nested", "saturated"),
    ),
    Model(
        "exposure-laplace",
        "Rates: an offset of the logarithm of the exposure, which goes from 1 to 400.",
        "exposure",
        "y ~ x + (1 | g)",
        (Point(("-3.2", "0.5"), ("0.5",)),),
        **POISSON,
        offset="logexposure",
        flags=("unbalanced", "offset"),
    ),
    Model(
        "gammas-observed",
        "Positive responses, of which the dispersion is estimated with the rest.",
        **GAMMAS,
        **GAMMA,
        dialect="observed",
        flags=("balanced", "dispersion"),
    ),
    Model(
        "gammas-expected",
        "The same with Fisher's weights in the determinant.",
        **GAMMAS,
        **GAMMA,
        dialect="expected",
        flags=("balanced", "dispersion"),
    ),
    Model(
        "gammas-exact",
        "The same with the integrals themselves.",
        **GAMMAS,
        **GAMMA,
        likelihood="exact",
        flags=("balanced", "dispersion"),
    ),
    Model(
        "Wheat-observed",
        "Yields of twelve trays with four rows each.",
        "Wheat",
        "DryMatter ~ Moisture + fertilizer + (1 | Tray)",
        (Point(("0.9", "0.02", "0.13"), ("0.27",), "0.02"),),
        **GAMMA,
        dialect="observed",
        flags=("balanced", "dispersion"),
    ),
)
