"""Mistakes about theta, Lambda, standard deviations and correlations."""

from __future__ import annotations

import numpy as np

from refmixed.covariance import factors, flatten, relative_factor
from refmixed.design import RandomTerm
from refmixed.linalg import Array

from .answers import below, correlations, sds
from .problem import Case, Values
from .registry import mistake
from .rounding import sure
from .textbook import Textbook, textbook


def has_blocks(p: Case) -> bool:
    """Whether some term has more effects than one."""
    return any(term.k > 1 for term in p.design.terms)


def covariances(p: Case) -> list[Array]:
    """Cov of a level's effects, (k, k), a term each."""
    return [p.true("sigma") ** 2 * F @ F.T for F in factors(p.design, p.theta)]


def profiled(book: Textbook) -> Values:
    """What a wrong Lambda changes, and how it is told.  Raises RoundingError."""
    book = sure(book)
    return {"criterion": book.criterion, "beta": book.beta, "sigma": book.sigma}


# --- theta and Lambda -----------------------------------------------------------------------------


@mistake("order", "eq:Sigma", "evaluate", "fit")
def lambda_transposed(p: Case) -> Values | None:
    """Lambda'Lambda in place of Lambda Lambda'."""
    if not has_blocks(p):
        return None
    if p.level == "evaluate":
        return profiled(Textbook(p.design, relative_factor(p.design, p.theta).T, p.reml))
    wrong = [p.true("sigma") ** 2 * F.T @ F for F in factors(p.design, p.theta)]
    return {"sd": sds(wrong), "corr": correlations(wrong)}


@mistake("order", "eq:theta", "evaluate", "fit")
def row_major_theta(p: Case) -> Values | None:
    """theta is read or written row by row instead of column by column."""
    if all(term.k < 3 for term in p.design.terms):
        return None
    if p.level == "evaluate":
        theta = np.concatenate([by_rows(term, part) for term, part in parts(p)])
        return profiled(textbook(p.design, theta, p.reml))
    written = [F[np.tril_indices(len(F))] for F in factors(p.design, p.theta)]
    return {"theta": np.concatenate(written)}


def parts(p: Case) -> list[tuple[RandomTerm, Array]]:
    """Each term and its part of theta."""
    ends = np.cumsum([term.m for term in p.design.terms])[:-1]
    return list(zip(p.design.terms, np.split(p.theta, ends), strict=True))


def by_rows(term: RandomTerm, part: Array) -> Array:
    """The theta whose triangle has these entries row by row."""
    triangle = np.zeros((term.k, term.k))
    triangle[np.tril_indices(term.k)] = part
    return flatten([triangle])


@mistake("order", "eq:Lambda", "evaluate", "fit")
def terms_reversed(p: Case) -> Values | None:
    """The random terms in the opposite order."""
    terms = p.design.terms
    if len(terms) < 2:
        return None
    theta = np.concatenate([part for _, part in reversed(parts(p))])
    if p.level == "evaluate":
        same = [term.k for term in terms] == [term.k for term in reversed(terms)]
        return profiled(textbook(p.design, theta, p.reml)) if same else None
    return {"theta": theta, "sd": sds(covariances(p)[::-1])}


@mistake("units", "eq:sd-and-correlation", "evaluate", "fit")
def theta_as_variance(p: Case) -> Values | None:
    """theta is taken for, or given as, a ratio of variances instead of standard deviations."""
    if has_blocks(p):
        return None
    if p.level == "evaluate":
        return profiled(textbook(p.design, np.sqrt(p.theta), p.reml))
    return {"theta": p.theta**2}


@mistake("structure", "eq:theta", "evaluate", "fit")
def theta_of_diagonal_alone(p: Case) -> Values | None:
    """The entries of Lambda off its diagonal are ignored."""
    if not has_blocks(p):
        return None
    diagonals = [np.diag(np.diag(F)) for F in factors(p.design, p.theta)]
    if p.level == "evaluate":
        return profiled(textbook(p.design, flatten(diagonals), p.reml))
    return {"theta": flatten(diagonals), "sd": p.true("sigma") * diagonal(p)}


def diagonal(p: Case) -> Array:
    """The diagonals of the terms' factors, one after the other."""
    return np.concatenate([np.diag(F) for F in factors(p.design, p.theta)])


@mistake("units", "eq:sd-and-correlation", "fit")
def theta_times_sigma(p: Case) -> Values:
    """theta in the units of the response: it is not divided by sigma."""
    return {"theta": p.theta * p.true("sigma")}


# --- standard deviations and correlations ---------------------------------------------------------


@mistake("units", "eq:sd-and-correlation", "fit")
def sd_not_scaled_by_sigma(p: Case) -> Values:
    """Standard deviations relative to the residuals': they are not multiplied by sigma."""
    return {"sd": p.true("sd") / p.true("sigma")}


@mistake("units", "eq:sd-and-correlation", "fit", "glmm-fit")
def variance_for_sd(p: Case) -> Values | None:
    """Variances in place of the standard deviations of the effects."""
    return {"sd": p.true("sd") ** 2} if "sd" in p.truth else None


@mistake("units", "eq:sigma", "fit")
def variance_for_sigma(p: Case) -> Values:
    """The residual variance in place of the standard deviation."""
    return {"sigma": p.true("sigma") ** 2}


@mistake("units", "eq:sd-and-correlation", "fit", "glmm-fit")
def precision_for_sd(p: Case) -> Values | None:
    """Precisions, one over the variance, in place of standard deviations."""
    return {"sd": p.true("sd") ** -2.0} if "sd" in p.truth and p.true("sd").all() else None


@mistake("units", "eq:sd-and-correlation", "fit")
def covariance_for_correlation(p: Case) -> Values | None:
    """Covariances in place of correlations."""
    return {"corr": [cov for cov, _ in below(covariances(p))]} if has_blocks(p) else None


@mistake("sign", "eq:sd-and-correlation", "fit", "glmm-fit")
def sign_of_correlation(p: Case) -> Values | None:
    """Correlations of the opposite sign."""
    return {"corr": -p.true("corr")} if "corr" in p.truth else None
