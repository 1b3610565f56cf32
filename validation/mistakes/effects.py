"""Mistakes about random effects, their variances, and the covariance of beta."""

from __future__ import annotations

import numpy as np

from refmixed.covariance import relative_factor
from refmixed.linalg import Array

from .problem import Case, Values
from .registry import mistake
from .textbook import textbook

ZERO = 1e-9  # a singular value of Z, over the largest: of rounding they are 1e-16, else above 5e-8

# --- random effects -------------------------------------------------------------------------------


@mistake("prediction", "eq:shrinkage-factor", "inference")
def no_shrinkage(p: Case) -> Values:
    """Random effects by least squares of the residuals, group by group, without shrinkage."""
    residuals = p.design.y - p.true("fitted") + p.design.Z @ gamma(p)
    raw = np.linalg.lstsq(p.design.Z, residuals, rcond=ZERO)[0]  # of several, the shortest
    return {"ranef": textbook(p.design, p.theta, p.reml).split(raw)}


def gamma(p: Case) -> Array:
    """(q,): the true random effects, one term after the other."""
    return np.concatenate([np.zeros(0), *(part.ravel() for part in p.by_term("ranef"))])


@mistake("units", "eq:posterior-factor", "evaluate")
def gamma_for_u(p: Case) -> Values:
    """The random effects themselves in place of the spherical ones."""
    return {"u": relative_factor(p.design, p.theta) @ p.true("u")}


@mistake("units", "eq:posterior-factor", "inference")
def u_for_gamma(p: Case) -> Values:
    """The spherical random effects in place of those in the units of the response."""
    return {"ranef": p.right.split(p.right.Lambda.T @ p.right.a)}


@mistake("units", "eq:spherical-covariance", "evaluate")
def u_over_sigma(p: Case) -> Values:
    """The spherical random effects are divided by sigma."""
    return {"u": p.true("u") / p.true("sigma")}


@mistake("prediction", "eq:subject-line", "inference")
def coefficients_for_effects(p: Case) -> Values:
    """Fixed plus random effects in place of the random effects."""
    found = []
    fixed = dict(zip(p.design.names, p.right.beta, strict=True))
    for term, effects in zip(p.design.terms, p.by_term("ranef"), strict=True):
        found.append(effects + np.array([fixed.get(name, 0.0) for name in term.effects]))
    return {"ranef": found}


@mistake("sign", "eq:blup", "inference")
def sign_of_effects(p: Case) -> Values:
    """Random effects of the opposite sign."""
    return {"ranef": [-effects for effects in p.by_term("ranef")]}


# --- their variances ------------------------------------------------------------------------------


@mistake("variance", "eq:blup-error", "inference")
def condvar_for_pev(p: Case) -> Values:
    """Variances of prediction without the uncertainty of beta."""
    return {"pev": p.by_term("condvar")}


@mistake("variance", "eq:posterior-covariance", "inference")
def pev_for_condvar(p: Case) -> Values:
    """Conditional variances with the uncertainty of beta added."""
    return {"condvar": p.by_term("pev")}


@mistake("units", "eq:vcov", "inference")
def variances_not_scaled_by_sigma(p: Case) -> Values:
    """Variances relative to the residual one: they are not multiplied by sigma^2."""
    by = p.right.sigma**2
    wrong = {q: [part / by for part in p.by_term(q)] for q in ("condvar", "pev")}
    return {**wrong, "vcov": p.true("vcov") / by}


@mistake("variance", "eq:posterior-covariance", "inference")
def prior_for_condvar(p: Case) -> Values:
    """The variance of a random effect before y was seen in place of the one after."""
    prior = p.right.blocks(p.right.sigma**2 * p.right.T)
    return {"condvar": prior, "pev": prior}


@mistake("variance", "eq:total-variance", "inference")
def variance_of_estimates(p: Case) -> Values:
    """The variance of the estimated effects in place of that of their error."""
    prior = p.right.blocks(p.right.sigma**2 * p.right.T)
    return {
        q: [before - after for before, after in zip(prior, p.by_term(q), strict=True)]
        for q in ("condvar", "pev")
    }


@mistake("units", "eq:posterior-covariance", "inference")
def standard_errors_for_variances(p: Case) -> Values | None:
    """Standard errors in place of variances."""
    if any(term.k > 1 for term in p.design.terms):
        return None
    return {q: [np.sqrt(part) for part in p.by_term(q)] for q in ("condvar", "pev")}


# --- covariance of beta ---------------------------------------------------------------------------


@mistake("structure", "eq:vcov", "inference")
def vcov_of_least_squares(p: Case) -> Values:
    """The covariance of beta as if observations were independent."""
    X = p.design.X
    return {"vcov": p.right.sigma**2 * np.linalg.inv((X.T * p.design.weights) @ X)}


@mistake("units", "eq:vcov-correlation", "inference")
def correlation_for_vcov(p: Case) -> Values:
    """Correlations of the estimates in place of their covariances."""
    vcov = p.true("vcov")
    se = np.sqrt(np.diag(vcov))
    return {"vcov": vcov / np.outer(se, se)}


@mistake("divisor", "eq:sigma", "inference")
def vcov_by_the_other_divisor(p: Case) -> Values:
    """The residual variance in the covariance of beta has n for n - p, or n - p for n."""
    other = p.design.dof(not p.reml)
    return {"vcov": p.true("vcov") * p.design.dof(p.reml) / other}
