"""Generalized models of which the mean over the random effects is asked for."""

from __future__ import annotations

from .counts import GAMMA, POISSON
from .generalized_model import GeneralizedModel as Model
from .generalized_model import Point
from .successes import CBPP

EVALUATED = ("glmm-evaluate",)

MODELS = (
    Model(
        "cbpp-marginal",
        "Probabilities over all herds are not those of a herd whose effect is zero.",
        **CBPP,
        points=(
            Point(("-1.3985", "-0.9923", "-1.1287", "-1.5803"), ("0.6423",)),
            Point(("-2", "0.5", "1.5", "4"), ("2.5",)),
        ),
        flags=("unbalanced", "trials", "marginal"),
    ),
    Model(
        "cbpp-probit-marginal",
        "The link for which the mean over normal effects has a formula: a probit again.",
        **CBPP,
        points=(Point(("-0.8", "-0.5", "-0.6", "-0.8"), ("0.9",)),),
        link="probit",
        dialect="observed",
        flags=("unbalanced", "trials", "marginal"),
        levels=EVALUATED,
    ),
    Model(
        "cbpp-cloglog-marginal",
        "A link that is not symmetric, and has no formula for the mean.",
        **CBPP,
        points=(Point(("-1.5", "0.4", "1", "2"), ("1.3",)),),
        link="cloglog",
        dialect="observed",
        flags=("unbalanced", "trials", "marginal"),
        levels=EVALUATED,
    ),
    Model(
        "rare-marginal",
        "Rare events in groups that differ: means are 17 to 38 times those of a typical one.",
        "rare",
        "y ~ x + (1 | g)",
        (Point(("-6", "0.8"), ("3.5",)),),
        flags=("balanced", "marginal"),
        levels=EVALUATED,
    ),
    Model(
        "binary-slopes-marginal",
        "A correlated intercept and slope: the variance over groups is another in each row.",
        "binary-slopes",
        "y ~ x + (x | g)",
        (Point(("0.1", "0.7"), ("0.9", "0.4", "1.1")),),
        flags=("balanced", "blocks", "marginal"),
        levels=EVALUATED,
    ),
    Model(
        "crossed-marginal",
        "Raters crossed with items: the variances of both effects add up.",
        "crossed",
        "y ~ x + (1 | rater) + (1 | item)",
        (Point(("0.3", "0.8"), ("0.9", "1.4")),),
        flags=("balanced", "crossed", "marginal"),
        levels=EVALUATED,
    ),
    Model(
        "exposure-marginal",
        "Counts with an offset: the mean over groups is the same multiple of each.",
        "exposure",
        "y ~ x + (1 | g)",
        (Point(("-3.2", "0.5"), ("0.8",)),),
        **POISSON,
        offset="logexposure",
        flags=("unbalanced", "offset", "marginal"),
    ),
    Model(
        "gammas-marginal",
        "Positive responses: the dispersion does not move their mean.",
        "gammas",
        "y ~ x + (1 | g)",
        (Point(("1.9", "0.9"), ("0.6",), "0.25"),),
        **GAMMA,
        dialect="observed",
        flags=("balanced", "dispersion", "marginal"),
        levels=EVALUATED,
    ),
)
