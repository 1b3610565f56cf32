"""Mistakes about what goes into a generalized model, and about units of what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from refmixed.glm.families import Binomial, Gamma
from refmixed.glm.links import LOGIT, PROBIT, Probability

from .generalized import EVALUATE, FIT, has_loglik
from .generalized_problem import GeneralizedCase
from .problem import Values
from .registry import GENERALIZED, mistake

# --- what goes in ---------------------------------------------------------------------------------


@mistake("inputs", "eq:glm-density", *GENERALIZED)
def trials_ignored(p: GeneralizedCase) -> Values | None:
    """Each row counts as one trial, its proportion as the response."""
    family = p.own.family
    if not isinstance(family, Binomial) or not p.asked.trials:
        return None
    once = Binomial(family.link, family.successes / family.trials, np.ones(p.design.n))
    return p.fitted(replace(p.own, family=once), p.kind)


@mistake("inputs", "eq:glmm", *GENERALIZED)
def canonical_link(p: GeneralizedCase) -> Values | None:
    """The logit in place of another link."""
    return None if p.asked.link == "logit" else other_link(p, LOGIT)


@mistake("inputs", "eq:glmm", *GENERALIZED)
def probit_for_cloglog(p: GeneralizedCase) -> Values | None:
    """The probit in place of the complementary log-log link."""
    return other_link(p, PROBIT) if p.asked.link == "cloglog" else None


def other_link(p: GeneralizedCase, link: Probability) -> Values | None:
    """What another link gives."""
    family = p.own.family
    if not isinstance(family, Binomial):
        return None
    return p.fitted(replace(p.own, family=replace(family, link=link)), p.kind)


@mistake("structure", "eq:glmm", FIT)
def pooled(p: GeneralizedCase) -> Values | None:
    """No random effects at all: a generalized linear model."""
    if not has_loglik(p) or not p.theta.any():
        return None
    wrong = dict(p.answers(theta=np.zeros_like(p.theta)))
    return {key: wrong[key] for key in ("loglik", "beta", "sd", "dispersion")}


@mistake("optimum", "eq:separation", FIT)
def separation_unseen(p: GeneralizedCase) -> Values | None:
    """A maximum is told where the likelihood has none."""
    return {"maximum": 1.0} if "maximum" in p.truth else None


# --- units ----------------------------------------------------------------------------------------


@mistake("units", "eq:glmm", EVALUATE)
def spherical_for_effects(p: GeneralizedCase) -> Values:
    """The spherical effects u in place of the random effects Lambda u."""
    u, found = p.at_truth.u, []
    for term in p.design.terms:
        found.append(u[: term.q].reshape(-1, term.k))
        u = u[term.q :]
    return {"ranef": found}


@mistake("units", "eq:glmm", EVALUATE)
def theta_as_variances(p: GeneralizedCase) -> Values | None:
    """theta is taken for variances."""
    return p.answers(theta=np.sqrt(p.theta)) if scalar(p) else None


def scalar(p: GeneralizedCase) -> bool:
    """Whether each term has one effect."""
    return all(term.k == 1 for term in p.design.terms)


@mistake("units", "eq:gamma-dispersion", *GENERALIZED)
def sd_relative_to_dispersion(p: GeneralizedCase) -> Values | None:
    """theta is a ratio to the root of the dispersion, as to a residual standard deviation."""
    if not isinstance(p.own.family, Gamma):
        return None
    sigma = np.exp(p.psi[-1] / 2)
    if p.level == EVALUATE:
        return p.answers(theta=p.theta * sigma)
    return {"sd": p.true("sd") / sigma}


@mistake("units", "eq:gamma-dispersion", FIT)
def shape_for_dispersion(p: GeneralizedCase) -> Iterator[Values]:
    """The shape, its inverse, or the root of the dispersion in place of the dispersion."""
    if "dispersion" in p.truth:
        yield {"dispersion": 1 / p.true("dispersion")}
        yield {"dispersion": np.sqrt(p.true("dispersion"))}


@mistake("method", "eq:gamma-dispersion", FIT)
def dispersion_of_pearson(p: GeneralizedCase) -> Values | None:
    """The dispersion is Pearson's statistic over the residual degrees of freedom."""
    if not isinstance(p.own.family, Gamma):
        return None
    ratio = p.own.family.y * np.exp(-p.at_truth.eta) - 1
    return {"dispersion": (ratio**2).sum() / (p.design.n - p.design.p)}
