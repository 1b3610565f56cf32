"""Errors of predictions in the balanced one-way layout, as students get them wrong."""

from __future__ import annotations

from ..points import Symbol
from ..records import Mistake

SIZES = (Symbol("N", "whole"), Symbol("m", "whole"))
DEVIATIONS = (Symbol("sigma"), Symbol("sigma_g", also=("sigmag",)))
OF_NEW = (
    Mistake("no-errors", "variance", "The mean of r rows has errors of its own, besides the "
            "group's effect.", "eq:prediction-variance-new",
            "sigma_g**2 + (sigma_g**2 + sigma**2/m)/N"),
    Mistake("one-row", "divisor", "This is for one new row: r rows are averaged, and their errors "
            "with them.", "eq:prediction-variance-new",
            "sigma_g**2 + sigma**2 + (sigma_g**2 + sigma**2/m)/N"),
    Mistake("effect-averaged", "structure", "All r rows have the same effect of their group: it "
            "does not average out.", "eq:new-group",
            "(sigma_g**2 + sigma**2)/r + (sigma_g**2 + sigma**2/m)/N"),
    Mistake("mean-known", "variance", "The population's mean is taken for known: it was estimated "
            "from N groups.", "eq:prediction-variance-new", "sigma_g**2 + sigma**2/r"),
    Mistake("rows-independent", "structure", "The error of the estimated mean is that of "
            "independent rows: rows of one group are not.", "eq:one-way-prediction",
            "sigma_g**2 + sigma**2/r + (sigma_g**2 + sigma**2)/(N*m)"),
    Mistake("effects-average-out", "structure", "The error of the estimated mean has errors of "
            "rows alone: the effects of the N groups are in it, too.", "eq:one-way-prediction",
            "sigma_g**2 + sigma**2/r + sigma**2/(N*m)"),
    Mistake("no-effect", "prediction", "The new group's own effect is left out: it is predicted "
            "as zero, and is not zero.", "eq:new-group",
            "sigma**2/r + (sigma_g**2 + sigma**2/m)/N"),
    Mistake("deviation", "units", "This is the standard deviation of the error: the variance is "
            "asked for.", "eq:interval",
            "sqrt(sigma_g**2 + sigma**2/r + (sigma_g**2 + sigma**2/m)/N)", 0.75),
    Mistake("over-sigma", "units", "This is over sigma squared, as in the code: the variance "
            "itself is asked for.", "eq:prediction-variance-new",
            "(sigma_g**2 + sigma**2/r + (sigma_g**2 + sigma**2/m)/N)/sigma**2", 0.75),
)  # fmt: skip
OF_DIFFERENCE = (
    Mistake("errors-independent", "variance", "The two errors are added as if independent: both "
            "predictions use one estimate of the mean.", "eq:joint-covariance",
            "2*sigma**2*(N*sigma_g**2 + sigma**2/m)/(N*(m*sigma_g**2 + sigma**2))"),
    Mistake("effects-independent", "variance", "The errors of the two effects are added as if "
            "independent: both contain the error of one estimated mean.", "eq:blup-error",
            "2*(sigma**2*sigma_g**2 + m*sigma_g**4/N)/(m*sigma_g**2 + sigma**2)"),
    Mistake("no-shrinkage", "prediction", "This is the error of the difference of plain means: "
            "predictions are shrunk.", "eq:shrinkage-factor", "2*sigma**2/m"),
    Mistake("no-data", "prediction", "This is how far two groups lie apart before there are data.",
            "eq:new-group", "2*sigma_g**2"),
    Mistake("of-the-prediction", "variance", "This is the variance of the predicted difference, "
            "not of its error.", "eq:blup-error",
            "2*m*sigma_g**4/(m*sigma_g**2 + sigma**2)", 0.25),
    Mistake("one-group", "variance", "This is the error of one group's effect where the mean is "
            "known: a difference has two.", "eq:posterior-covariance",
            "sigma_g**2*sigma**2/(m*sigma_g**2 + sigma**2)"),
    Mistake("one-row-a-group", "divisor", "This is for groups of one row: m rows tell more.",
            "eq:shrinkage-factor", "2*sigma_g**2*sigma**2/(sigma_g**2 + sigma**2)"),
    Mistake("over-sigma", "units", "This is over sigma squared, as in the code: the variance "
            "itself is asked for.", "eq:shrinkage-factor",
            "2*sigma_g**2/(m*sigma_g**2 + sigma**2)", 0.75),
)  # fmt: skip
