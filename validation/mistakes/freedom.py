"""Mistakes about degrees of freedom and confidence limits."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from refmixed.linalg import independent_columns

from .inferences import FREEDOM, JOINT, PROFILES
from .problem import Case, Values
from .registry import mistake

Z_95 = NormalDist().inv_cdf(0.975)


def same_for_all(p: Case, df: float) -> Values:
    """The same degrees of freedom for every coefficient."""
    return {q: np.full(p.design.p, df) for q in FREEDOM if q in p.truth}


@mistake("method", "eq:satterthwaite", "inference")
def residual_df(p: Case) -> Values:
    """Degrees of freedom n - p, as in least squares."""
    return same_for_all(p, p.design.n - p.design.p)


@mistake("method", "eq:satterthwaite", "inference")
def normal_for_t(p: Case) -> Values:
    """Infinite degrees of freedom: z instead of t."""
    return same_for_all(p, np.inf)


@mistake("method", "eq:satterthwaite-balanced", "inference")
def df_of_groups(p: Case) -> Values | None:
    """Degrees of freedom of the groups, one less than there are, for every coefficient."""
    if not p.design.terms:
        return None
    return same_for_all(p, min(len(term.levels) for term in p.design.terms) - 1)


@mistake("method", "eq:satterthwaite", "inference")
def df_of_containment(p: Case) -> Values:
    """Degrees of freedom n - rank [X Z], by containment."""
    rank = len(independent_columns(np.hstack([p.design.X, p.design.Z])))
    return same_for_all(p, p.design.n - rank)


@mistake("method", "eq:kenward-roger-freedom", "inference")
def satterthwaite_for_kr(p: Case) -> Values | None:
    """Satterthwaite's degrees of freedom in place of Kenward and Roger's."""
    return {"df_kr": p.truth.get("df_satterthwaite")}


@mistake("method", "eq:satterthwaite", "inference")
def kr_for_satterthwaite(p: Case) -> Values | None:
    """Kenward and Roger's degrees of freedom in place of Satterthwaite's."""
    return {"df_satterthwaite": p.truth.get("df_kr")}


@mistake("units", "eq:wald", "inference")
def f_not_divided(p: Case) -> Values:
    """The sum of squares of F not divided by the number of coefficients that are tested."""
    return {q: p.true(q) * [p.design.p, 1.0] for q in JOINT if q in p.truth}


@mistake("method", "eq:kenward-roger-added", "inference")
def f_not_adjusted(p: Case) -> Values | None:
    """Kenward and Roger's F from the covariance without its adjustment, and not scaled."""
    if "f_kr" not in p.truth:
        return None
    beta = p.right.beta
    F = beta @ np.linalg.solve(p.true("vcov"), beta) / p.design.p
    return {"f_kr": [F, p.true("f_kr")[1]]}


@mistake("method", "eq:satterthwaite-f", "inference")
def f_with_residual_df(p: Case) -> Values:
    """Degrees of freedom n - p for F's denominator, as in least squares."""
    df = p.design.n - p.design.p
    return {q: [p.true(q)[0], df] for q in JOINT if q in p.truth}


@mistake("method", "eq:kenward-roger-added", "inference")
def se_not_adjusted(p: Case) -> Values:
    """Kenward and Roger's standard errors without their adjustment."""
    return {"se_kr": np.sqrt(np.diag(p.true("vcov")))}


@mistake("method", "eq:profile-limit", "inference")
def wald_for_profile(p: Case) -> Values | None:
    """Wald limits in place of the profile's."""
    half = Z_95 * np.sqrt(np.diag(p.true("vcov")))
    return {"profile_beta": np.column_stack([p.right.beta - half, p.right.beta + half])}


@mistake("units", "eq:profile-limit", "inference")
def limits_squared(p: Case) -> Values:
    """Limits of variances in place of those of standard deviations."""
    return {q: p.true(q) ** 2 for q in ("profile_sigma", "profile_sd") if q in p.truth}


@mistake("order", "eq:profile-limit", "inference")
def limits_reversed(p: Case) -> Values:
    """The upper limit first."""
    return {q: p.true(q)[..., ::-1] for q in PROFILES if q in p.truth}
