"""Mistakes about theta, Lambda, standard deviations and correlations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from refmixed.covariance import factors, flatten, split
from refmixed.design import Design, RandomTerm

from .answers import below, correlations, sds
from .problem import Problem, Values
from .registry import mistake
from .textbook import Array, Textbook, textbook


def has_blocks(p: Problem) -> bool:
    """Whether some term has more effects than one."""
    return any(term.k > 1 for term in p.design.terms)


def profiled(book: Textbook) -> Values:
    """What a wrong Lambda changes, and how it is told."""
    return {"criterion": book.criterion, "beta": book.beta, "sigma": book.sigma}


# --- theta and Lambda -----------------------------------------------------------------------------


@mistake("evaluate", "fit")
def lambda_transposed(p: Problem) -> Values | None:
    """Lambda'Lambda in place of Lambda Lambda'."""
    if not has_blocks(p):
        return None
    if p.level == "evaluate":
        return profiled(Textbook(p.design, p.right.Lambda.T, p.reml))
    wrong = [p.right.sigma**2 * F.T @ F for F in factors(p.design, p.theta)]
    return {"sd": sds(wrong), "corr": correlations(wrong)}


@mistake("evaluate", "fit")
def row_major_theta(p: Problem) -> Values | None:
    """theta is read or written row by row instead of column by column."""
    if all(term.k < 3 for term in p.design.terms):
        return None
    if p.level == "evaluate":
        theta = np.concatenate([by_rows(term, part) for term, part in parts(p)])
        return profiled(textbook(p.design, theta, p.reml))
    written = [F[np.tril_indices(len(F))] for F in factors(p.design, p.theta)]
    return {"theta": np.concatenate(written)}


def parts(p: Problem) -> list[tuple[RandomTerm, Array]]:
    """Each term and its part of theta."""
    return list(zip(p.design.terms, split(p.design.terms, p.theta), strict=True))


def by_rows(term: RandomTerm, part: Array) -> Array:
    """The theta whose triangle has these entries row by row."""
    triangle = np.zeros((term.k, term.k))
    triangle[np.tril_indices(term.k)] = part
    return flatten([triangle])


@mistake("evaluate", "fit")
def terms_reversed(p: Problem) -> Values | None:
    """The random terms in the opposite order."""
    terms = p.design.terms
    if len(terms) < 2:
        return None
    theta = np.concatenate([part for _, part in reversed(parts(p))])
    if p.level == "evaluate":
        same = [term.k for term in terms] == [term.k for term in reversed(terms)]
        return profiled(textbook(p.design, theta, p.reml)) if same else None
    return {"theta": theta, "sd": sds(p.right.covariances[::-1])}


@mistake("evaluate", "fit")
def theta_as_variance(p: Problem) -> Values | None:
    """theta is taken for, or given as, a ratio of variances instead of standard deviations."""
    if has_blocks(p):
        return None
    if p.level == "evaluate":
        return profiled(textbook(p.design, np.sqrt(p.theta), p.reml))
    return {"theta": p.theta**2}


@mistake("evaluate", "fit")
def theta_of_diagonal_alone(p: Problem) -> Values | None:
    """The entries of Lambda off its diagonal are ignored."""
    if not has_blocks(p):
        return None
    diagonals = [np.diag(np.diag(F)) for F in factors(p.design, p.theta)]
    if p.level == "evaluate":
        return profiled(textbook(p.design, flatten(diagonals), p.reml))
    return {"theta": flatten(diagonals), "sd": p.right.sigma * diagonal(p)}


def diagonal(p: Problem) -> Array:
    """The diagonals of the terms' factors, one after the other."""
    return np.concatenate([np.diag(F) for F in factors(p.design, p.theta)])


@mistake("fit")
def theta_times_sigma(p: Problem) -> Values:
    """theta in the units of the response: it is not divided by sigma."""
    return {"theta": p.theta * p.right.sigma}


# --- standard deviations and correlations ---------------------------------------------------------


@mistake("fit")
def sd_not_scaled_by_sigma(p: Problem) -> Values:
    """Standard deviations relative to the residuals': they are not multiplied by sigma."""
    return {"sd": p.true("sd") / p.true("sigma")}


@mistake("fit")
def variance_for_sd(p: Problem) -> Values:
    """Variances in place of the standard deviations of the effects."""
    return {"sd": p.true("sd") ** 2}


@mistake("fit")
def variance_for_sigma(p: Problem) -> Values:
    """The residual variance in place of the standard deviation."""
    return {"sigma": p.true("sigma") ** 2}


@mistake("fit")
def precision_for_sd(p: Problem) -> Values | None:
    """Precisions, one over the variance, in place of standard deviations."""
    return {"sd": p.true("sd") ** -2.0} if p.true("sd").all() else None


@mistake("fit")
def covariance_for_correlation(p: Problem) -> Values | None:
    """Covariances in place of correlations."""
    return {"corr": [cov for cov, _ in below(p.right.covariances)]} if has_blocks(p) else None


@mistake("fit")
def sign_of_correlation(p: Problem) -> Values | None:
    """Correlations of the opposite sign."""
    return {"corr": -p.true("corr")} if "corr" in p.truth else None


# --- another structure ----------------------------------------------------------------------------


@mistake("fit")
def uncorrelated(p: Problem) -> Values | None:
    """The correlations of a term's effects are taken as zero, as by a double bar."""
    if not has_blocks(p):
        return None
    terms = [part for term in p.design.terms for part in one_by_one(term)]
    return structure(p, replace(p.design, terms=tuple(terms)))


def one_by_one(term: RandomTerm) -> list[RandomTerm]:
    """A term for each effect."""
    return [
        replace(term, effects=(effect,), x=term.x[:, [j]]) for j, effect in enumerate(term.effects)
    ]


@mistake("fit")
def correlated(p: Problem) -> Values | None:
    """Terms of one group are taken as correlated, as by a single bar."""
    terms = p.design.terms
    if len(terms) < 2 or len({term.group for term in terms}) > 1:
        return None
    effects = tuple(effect for term in terms for effect in term.effects)
    joint = replace(terms[0], effects=effects, x=np.hstack([term.x for term in terms]))
    return structure(p, replace(p.design, terms=(joint,)))


@mistake("fit")
def no_random_intercept(p: Problem) -> Values | None:
    """(x | g) is read as (0 + x | g)."""
    if not has_blocks(p):
        return None
    terms = [without_intercept(term) for term in p.design.terms]
    wrong = structure(p, replace(p.design, terms=tuple(terms)))
    return {key: value for key, value in wrong.items() if key != "sd"}


def without_intercept(term: RandomTerm) -> RandomTerm:
    """A term of several effects without its intercept."""
    kept = [j for j, effect in enumerate(term.effects) if effect != "(Intercept)"]
    if term.k == 1 or len(kept) == term.k:
        return term
    return replace(term, effects=tuple(term.effects[j] for j in kept), x=term.x[:, kept])


def structure(p: Problem, design: Design) -> Values:
    """What another structure of the covariance gives, in the order of the right one."""
    wrong = p.answers(design)
    return {key: wrong[key] for key in ("criterion", "beta", "sigma", "sd")}
