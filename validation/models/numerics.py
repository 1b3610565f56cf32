"""Models of made data that are hard to compute with: scales, dependent columns, weights."""

from __future__ import annotations

from .model import EVERY, Model

FAR = "y is 1e9 times its standard deviation: nine of sixteen digits are lost unless it is centred"

MODELS = (
    Model(
        "scales-reml",
        "Covariates of 1e-6 and 1e6, and slopes for one of them: theta spans seven decades.",
        "scales",
        "y ~ small + large + (large | g)",
        thetas=(("3", "0.0000001", "0.000001"),),
        flags=("balanced", "blocks", "scales", "ill-conditioned"),
    ),
    Model(
        "far-from-zero-reml",
        "A response of 1e9 and some eighths: what is squared before it is centred is lost.",
        "far-from-zero",
        "y ~ x + (1 | g)",
        thetas=(("3",),),
        flags=("unbalanced", "scales"),
        required=dict.fromkeys(EVERY, (5, FAR)),
    ),
    Model(
        "dependent-columns-reml",
        "The third covariate is the sum of the others: its column is dropped.",
        "dependent-columns",
        "y ~ x1 + x2 + x3 + (1 | g)",
        thetas=(("1.5",),),
        flags=("balanced", "rank-deficient"),
    ),
    Model(
        "empty-cell-reml",
        "An interaction with a combination that was not observed: its column is dropped.",
        "empty-cell",
        "y ~ a * b + (1 | g)",
        thetas=(("2",),),
        flags=("balanced", "rank-deficient"),
    ),
    Model(
        "nearly-dependent-columns-reml",
        "Two covariates that differ in the fifth decimal: nothing may be dropped.",
        "nearly-dependent-columns",
        "y ~ x1 + x2 + (1 | g)",
        thetas=(("1.5",),),
        flags=("balanced", "ill-conditioned"),
    ),
    Model(
        "weighted-reml",
        "Weights whose mean is not 1.",
        "weighted",
        "y ~ x + (x | g)",
        weights="w",
        thetas=(("1.5", "0.5", "0.7"),),
        flags=("unbalanced", "blocks", "weights"),
    ),
    Model(
        "weighted-offset-reml",
        "Weights and an offset.",
        "weighted",
        "y ~ x + (1 | g)",
        weights="w",
        offset="o",
        thetas=(("1.5",),),
        flags=("unbalanced", "weights", "offset"),
    ),
    Model(
        "offset-ml",
        "An offset.",
        "weighted",
        "y ~ x + (x | g)",
        reml=False,
        offset="o",
        thetas=(("1.5", "0.5", "0.7"),),
        flags=("unbalanced", "blocks", "offset"),
    ),
)
