"""Models of made data that a data frame, on its way to a program, may turn into other data."""

from __future__ import annotations

from .model import Model

MODELS = (
    Model(
        "declared-order-reml",
        "Grades in the order in which they were declared: no sorting gives it, nor do the rows; a "
        "tool that calls a declared order an ordered factor gets polynomial contrasts.",
        "declared-order",
        "y ~ grade + (1 | g)",
        thetas=(("2",),),
        flags=("balanced", "levels"),
    ),
    Model(
        "declared-order-ml",
        "Slopes of the same grades: with another order, or other contrasts, they belong to others.",
        "declared-order",
        "y ~ grade * x + (1 | g)",
        reml=False,
        thetas=(("2",),),
        flags=("balanced", "levels"),
    ),
    Model(
        "declared-arms-reml",
        "Effects of an arm that differ between groups: the order of its levels and their contrasts "
        "change theta, too.",
        "declared-arms",
        "y ~ arm + (arm | g)",
        thetas=(("2", "0.8", "1.5"),),
        flags=("balanced", "blocks", "levels"),
    ),
    Model(
        "text-numbers-reml",
        "Labels that are numbers are labels: doses of which the control is last, lots 1, 01, 1.0.",
        "text-numbers",
        "y ~ dose + (1 | lot)",
        thetas=(("2.5",),),
        flags=("balanced", "levels"),
    ),
    Model(
        "labels-alike-reml",
        "Groups b and B, TRUE and true, NA and nan: labels are texts, and none of them is missing.",
        "labels-alike",
        "y ~ x + (1 | g)",
        thetas=(("3",),),
        flags=("balanced", "levels"),
    ),
    Model(
        "unused-reference-reml",
        "The level that was declared first has no rows: the reference is the next.",
        "unused-reference",
        "y ~ arm + (1 | site)",
        thetas=(("2",),),
        flags=("balanced", "levels"),
    ),
    Model(
        "whole-numbers-8-bits-reml",
        "Whole numbers below 128, and products of them that 8 bits do not hold.",
        "whole-numbers",
        "y ~ count * dose + I(count^2) + (1 | g)",
        thetas=(("2",),),
        flags=("balanced", "whole-numbers", "ill-conditioned"),
    ),
    Model(
        "whole-numbers-16-bits-ml",
        "Whole numbers of 8 and of 16 bits, and products that 16 bits do not hold.",
        "whole-numbers",
        "y ~ steps * count + (1 | g)",
        reml=False,
        thetas=(("2",),),
        flags=("balanced", "whole-numbers", "ill-conditioned"),
    ),
    Model(
        "whole-numbers-32-bits-reml",
        "Squares that 32 bits do not hold, where R's own integers would be missing values.",
        "whole-numbers",
        "y ~ 0 + grams + I(grams^2) + (1 | g)",
        thetas=(("3",),),
        flags=("balanced", "whole-numbers", "no-intercept", "ill-conditioned"),
    ),
)
