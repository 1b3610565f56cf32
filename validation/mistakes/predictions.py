"""Mistakes about fitted values and the predictions of new rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from refmixed.linalg import Array

from .answers import (
    Znew,
    cross,
    error_variance,
    mean_variance,
    predicted,
    quadratic,
    unseen_variance,
)
from .effects import gamma
from .problem import Case, Values
from .registry import mistake


@mistake("prediction", "eq:fitted", "inference")
def fitted_without_effects(p: Case) -> Values:
    """Fitted values and predictions without the random effects."""
    fitted = p.true("fitted") - p.design.Z @ gamma(p)
    return {"fitted": fitted, "predicted": p.truth.get("population")}


@mistake("inputs", "eq:fitted", "inference")
def predictions_without_offset(p: Case) -> Values | None:
    """The offset is left out of fitted values and predictions."""
    if not p.model.offset or p.new is None:
        return None
    wrong = {q: p.true(q) - p.new.offset for q in ("predicted", "population")}
    return {**wrong, "fitted": p.true("fitted") - p.design.offset}


@mistake("prediction", "eq:new-group", "inference")
def new_level_as_first(p: Case) -> Values | None:
    """A new level is given the random effects of the first level."""
    if p.new is None:
        return None
    codes = tuple(np.maximum(code, 0) for code in p.new.codes)
    return predicted(p.right, replace(p.new, codes=codes))


@mistake("variance", "eq:prediction-variance-new", "inference")
def new_level_without_variance(p: Case) -> Values | None:
    """The effects of a new level are taken as known to be zero."""
    return None if p.new is None else root(error_variance(p.right, p.new))


@mistake("variance", "eq:prediction-variance-new", "inference")
def residual_variance_added(p: Case) -> Values | None:
    """Standard errors of new observations in place of those of their means."""
    if p.new is None:
        return None
    residual = p.right.sigma**2
    return {
        "se_predicted": np.sqrt(p.true("se_predicted") ** 2 + residual),
        "se_population": np.sqrt(p.true("se_population") ** 2 + residual),
    }


@mistake("variance", "eq:prediction-variance", "inference")
def se_of_population(p: Case) -> Values | None:
    """The standard error of the population's mean in place of the group's."""
    return None if p.new is None else {"se_predicted": p.truth.get("se_population")}


@mistake("variance", "eq:prediction-variance", "inference")
def se_without_beta(p: Case) -> Values | None:
    """Standard errors of predictions without the uncertainty of beta."""
    if p.new is None:
        return None
    known = quadratic(Znew(p.right, p.new), p.right.condvar)
    return root(known + unseen_variance(p.right, p.new))


@mistake("variance", "eq:joint-covariance", "inference")
def se_without_covariance(p: Case) -> Values | None:
    """Standard errors without the covariance of beta's and the effects' errors."""
    if p.new is None:
        return None
    total = error_variance(p.right, p.new) - cross(p.right, p.new)
    return root(total + unseen_variance(p.right, p.new))


@mistake("variance", "eq:joint-covariance", "inference")
def se_from_condvar(p: Case) -> Values | None:
    """Variances of beta and of the effects given beta are added as if they were independent."""
    if p.new is None:
        return None
    known = quadratic(Znew(p.right, p.new), p.right.condvar) + mean_variance(p.right, p.new)
    return root(known + unseen_variance(p.right, p.new))


@mistake("units", "eq:prediction-variance", "inference")
def variance_for_se(p: Case) -> Values | None:
    """Variances of predictions in place of standard errors."""
    if p.new is None:
        return None
    return {q: p.true(q) ** 2 for q in ("se_predicted", "se_population")}


def root(variance: Array) -> Values:
    """Standard errors of predictions from their variances."""
    return {"se_predicted": np.sqrt(np.maximum(variance, 0.0))}
