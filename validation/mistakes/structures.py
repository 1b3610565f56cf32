"""Mistakes about which random effects there are, and which of them are correlated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from refmixed.design import Design, RandomTerm

from .covariances import has_blocks
from .inferences import METHODS
from .problem import Case, Values
from .registry import mistake


@mistake("structure", "eq:double-bar", "fit", "inference", "glmm-fit")
def uncorrelated(p: Case) -> Values | None:
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


@mistake("structure", "eq:double-bar", "fit", "inference")
def correlated(p: Case) -> Values | None:
    """Terms of one group are taken as correlated, as by a single bar."""
    terms = p.design.terms
    if len(terms) < 2 or len({term.group for term in terms}) > 1:
        return None
    effects = tuple(effect for term in terms for effect in term.effects)
    joint = replace(terms[0], effects=effects, x=np.hstack([term.x for term in terms]))
    return structure(p, replace(p.design, terms=(joint,)))


@mistake("structure", "eq:Z", "fit", "inference", "glmm-fit")
def no_random_intercept(p: Case) -> Values | None:
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


def structure(p: Case, design: Design) -> Values:
    """What another structure of the covariance gives, in the order of the right one."""
    wrong = replace(p, new=None).answers(design)
    kept = ("criterion", "loglik", "beta", "sigma", "sd", "vcov", "fitted", *METHODS)
    return {key: wrong[key] for key in kept if key in wrong}
