"""Mistakes about random effects, their variances, and predictions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .answers import (
    Znew,
    cross,
    error_variance,
    mean_variance,
    predicted,
    quadratic,
    unseen_variance,
)
from .problem import Problem, Values
from .registry import mistake
from .textbook import Array

# --- random effects -------------------------------------------------------------------------------


@mistake("inference")
def no_shrinkage(p: Problem) -> Values:
    """Random effects by least squares of the residuals, group by group, without shrinkage."""
    residuals = p.design.y_less_offset - p.design.X @ p.right.beta
    return {"ranef": p.right.split(np.linalg.pinv(p.design.Z) @ residuals)}


@mistake("evaluate")
def gamma_for_u(p: Problem) -> Values:
    """The random effects themselves in place of the spherical ones."""
    return {"u": p.right.gamma}


@mistake("inference")
def u_for_gamma(p: Problem) -> Values:
    """The spherical random effects in place of those in the units of the response."""
    return {"ranef": p.right.split(p.right.Lambda.T @ p.right.a)}


@mistake("evaluate")
def u_over_sigma(p: Problem) -> Values:
    """The spherical random effects are divided by sigma."""
    return {"u": p.true("u") / p.true("sigma")}


@mistake("inference")
def coefficients_for_effects(p: Problem) -> Values:
    """Fixed plus random effects in place of the random effects."""
    found = []
    fixed = dict(zip(p.design.names, p.right.beta, strict=True))
    for term, effects in zip(p.design.terms, p.by_term("ranef"), strict=True):
        found.append(effects + np.array([fixed.get(name, 0.0) for name in term.effects]))
    return {"ranef": found}


@mistake("inference")
def sign_of_effects(p: Problem) -> Values:
    """Random effects of the opposite sign."""
    return {"ranef": [-effects for effects in p.by_term("ranef")]}


# --- their variances ------------------------------------------------------------------------------


@mistake("inference")
def condvar_for_pev(p: Problem) -> Values:
    """Variances of prediction without the uncertainty of beta."""
    return {"pev": p.right.blocks(p.right.condvar)}


@mistake("inference")
def pev_for_condvar(p: Problem) -> Values:
    """Conditional variances with the uncertainty of beta added."""
    return {"condvar": p.right.blocks(p.right.pev)}


@mistake("inference")
def variances_not_scaled_by_sigma(p: Problem) -> Values:
    """Variances relative to the residual one: they are not multiplied by sigma^2."""
    by = p.right.sigma**2
    wrong = {q: [part / by for part in p.by_term(q)] for q in ("condvar", "pev")}
    return {**wrong, "vcov": p.true("vcov") / by}


@mistake("inference")
def prior_for_condvar(p: Problem) -> Values:
    """The variance of a random effect before y was seen in place of the one after."""
    prior = p.right.blocks(p.right.sigma**2 * p.right.T)
    return {"condvar": prior, "pev": prior}


@mistake("inference")
def variance_of_estimates(p: Problem) -> Values:
    """The variance of the estimated effects in place of that of their error."""
    prior = p.right.sigma**2 * p.right.T
    known, estimated = prior - p.right.condvar, prior - p.right.pev
    return {"condvar": p.right.blocks(known), "pev": p.right.blocks(estimated)}


@mistake("inference")
def standard_errors_for_variances(p: Problem) -> Values | None:
    """Standard errors in place of variances."""
    if any(term.k > 1 for term in p.design.terms):
        return None
    return {q: [np.sqrt(part) for part in p.by_term(q)] for q in ("condvar", "pev")}


# --- covariance of beta ---------------------------------------------------------------------------


@mistake("inference")
def vcov_of_least_squares(p: Problem) -> Values:
    """The covariance of beta as if observations were independent."""
    X = p.design.X
    return {"vcov": p.right.sigma**2 * np.linalg.inv((X.T * p.design.weights) @ X)}


@mistake("inference")
def correlation_for_vcov(p: Problem) -> Values:
    """Correlations of the estimates in place of their covariances."""
    vcov = p.true("vcov")
    se = np.sqrt(np.diag(vcov))
    return {"vcov": vcov / np.outer(se, se)}


@mistake("inference")
def vcov_by_the_other_divisor(p: Problem) -> Values:
    """The residual variance in the covariance of beta has n for n - p, or n - p for n."""
    other = p.design.dof(not p.reml)
    return {"vcov": p.true("vcov") * p.right.dof / other}


# --- predictions ----------------------------------------------------------------------------------


@mistake("inference")
def fitted_without_effects(p: Problem) -> Values:
    """Fitted values and predictions without the random effects."""
    fitted = p.design.offset + p.design.X @ p.right.beta
    return {"fitted": fitted, "predicted": p.truth.get("population")}


@mistake("inference")
def predictions_without_offset(p: Problem) -> Values | None:
    """The offset is left out of fitted values and predictions."""
    if not p.model.offset or p.new is None:
        return None
    wrong = predicted(p.right, replace(p.new, offset=np.zeros_like(p.new.offset)))
    return {**wrong, "fitted": p.right.fitted - p.design.offset}


@mistake("inference")
def new_level_as_first(p: Problem) -> Values | None:
    """A new level is given the random effects of the first level."""
    if p.new is None:
        return None
    codes = tuple(np.maximum(code, 0) for code in p.new.codes)
    return predicted(p.right, replace(p.new, codes=codes))


@mistake("inference")
def new_level_without_variance(p: Problem) -> Values | None:
    """The effects of a new level are taken as known to be zero."""
    return None if p.new is None else root(error_variance(p.right, p.new))


@mistake("inference")
def residual_variance_added(p: Problem) -> Values | None:
    """Standard errors of new observations in place of those of their means."""
    if p.new is None:
        return None
    residual = p.right.sigma**2
    return {
        "se_predicted": np.sqrt(p.true("se_predicted") ** 2 + residual),
        "se_population": np.sqrt(p.true("se_population") ** 2 + residual),
    }


@mistake("inference")
def se_of_population(p: Problem) -> Values | None:
    """The standard error of the population's mean in place of the group's."""
    return None if p.new is None else {"se_predicted": p.truth.get("se_population")}


@mistake("inference")
def se_without_beta(p: Problem) -> Values | None:
    """Standard errors of predictions without the uncertainty of beta."""
    if p.new is None:
        return None
    known = quadratic(Znew(p.right, p.new), p.right.condvar)
    return root(known + unseen_variance(p.right, p.new))


@mistake("inference")
def se_without_covariance(p: Problem) -> Values | None:
    """Standard errors without the covariance of beta's and the effects' errors."""
    if p.new is None:
        return None
    total = error_variance(p.right, p.new) - cross(p.right, p.new)
    return root(total + unseen_variance(p.right, p.new))


@mistake("inference")
def se_from_condvar(p: Problem) -> Values | None:
    """Variances of beta and of the effects given beta are added as if they were independent."""
    if p.new is None:
        return None
    known = quadratic(Znew(p.right, p.new), p.right.condvar) + mean_variance(p.right, p.new)
    return root(known + unseen_variance(p.right, p.new))


@mistake("inference")
def variance_for_se(p: Problem) -> Values | None:
    """Variances of predictions in place of standard errors."""
    if p.new is None:
        return None
    return {q: p.true(q) ** 2 for q in ("se_predicted", "se_population")}


def root(variance: Array) -> Values:
    """Standard errors of predictions from their variances."""
    return {"se_predicted": np.sqrt(np.maximum(variance, 0.0))}
