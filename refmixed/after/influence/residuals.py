"""Residuals of both kinds, each over its own standard deviation, and leverages.

Marginal residuals are from the population's mean, conditional ones from the groups' own; neither
varies as the errors do (eq:marginal-residual-covariance, eq:residual-covariance).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...coordinates import require_rows
from ...linalg import Array
from ..estimated import Estimated

FULL = 1e-10  # what a leverage leaves to a residual; one with less is rounding errors


def residual_table(fit: Any) -> pd.DataFrame:
    """A row for each observation: what residual panels are drawn of.

    fitted; marginal and conditional, y - offset - X beta without and with the random effects;
    marginal_standardized and conditional_standardized, over their standard deviations, theta and
    sigma taken as known (nan where one is zero); hat, the leverage; cook, lme4's
    `cooks.distance(fit)`, the formula of least squares with conditional leverages.
    Raises OptionError where the rows are not kept.
    """
    require_rows(fit.design)
    design, at, h = fit.design, Estimated.of(fit), fit.hat.to_numpy()
    conditional = fit.optimum.evaluation.residuals  # (n,)
    marginal = at.coordinates.size * (at.design.y - at.design.X @ at.at.beta)  # (n,)
    left = np.where(1.0 - h > FULL, 1.0 - h, np.nan)  # (n,)
    root = np.sqrt(design.weights)
    pearson = root * conditional / fit.sigma
    columns = {
        "fitted": fit.fitted.to_numpy(),
        "marginal": marginal,
        "conditional": conditional,
        "marginal_standardized": marginal / (fit.sigma * np.sqrt(marginal_variances(at))),
        "conditional_standardized": pearson / np.sqrt(left),  # eq:residual-covariance
        "hat": h,
        "cook": (pearson / left) ** 2 * h / (design.p or np.nan),  # eq:cook-row
    }
    return pd.DataFrame(columns, index=design.index)


def marginal_variances(at: Estimated) -> Array:
    """(n,): of y - offset - X beta, over sigma^2.  eq:marginal-residual-covariance"""
    design, factors = at.design, at.at.layout.blocks(at.at.Lambda)
    V0 = 1.0 / design.weights  # (n,)  its diagonal
    for term, factor in zip(design.terms, factors, strict=True):
        V0 = V0 + ((term.x @ factor) ** 2).sum(axis=1)
    spent = ((design.X @ at.beta_cov) * design.X).sum(axis=1)  # (n,)
    left = V0 - spent
    return np.asarray(np.where(left > FULL * V0, left, np.nan))


def standardized_effects(fit: Any) -> dict[str, pd.DataFrame]:
    """{group: data frame (levels, effects)}: random effects' predictions over their own sd.

    The variance of a prediction is that of the effect less that of its error.  nan where it is
    zero, as where an effect does not vary.  eq:blup-variance
    """
    at, found = Estimated.of(fit), fit.ranef()
    spread = {group: np.full(frame.shape, np.nan) for group, frame in found.items()}
    first = dict.fromkeys(found, 0)
    for t, term in enumerate(at.design.terms):
        for j in range(term.k):
            spread[term.group][:, first[term.group] + j] = prediction_variances(at, t, j)
        first[term.group] += term.k
    return {g: frame / (fit.sigma * np.sqrt(spread[g])) for g, frame in found.items()}


def prediction_variances(at: Estimated, t: int, j: int) -> Array:
    """(levels,): of the predictions of effect j of term t, over sigma^2, at each level."""
    term, factor = at.design.terms[t], at.at.layout.blocks(at.at.Lambda)[t]
    levels = np.arange(len(term.levels))
    x = np.tile(at.effects_in(t, np.eye(term.k)[[j]]), (len(levels), 1))  # (levels, k)
    rows = replace(
        at.design,
        y=np.zeros(len(levels)),
        X=np.zeros((len(levels), at.design.p)),
        terms=tuple(
            replace(
                other,
                x=x if s == t else np.zeros((len(levels), other.k)),
                codes=levels if s == t else np.zeros(len(levels), dtype=int),
            )
            for s, other in enumerate(at.design.terms)
        ),
    )
    of_effect = ((x @ factor) ** 2).sum(axis=1)
    left = of_effect - at.error_variances(rows)
    return np.asarray(np.where(left > FULL * of_effect, left, np.nan))
