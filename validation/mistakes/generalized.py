"""Mistakes about the likelihood of a generalized model, and about what is told of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import gammaln, logsumexp, xlogy

from refmixed.glm.families import Binomial, Family, Gamma, Poisson
from refmixed.glm.likelihoods import Kind

from .generalized_problem import DIGITS, GeneralizedCase
from .problem import Values
from .registry import GENERALIZED, mistake

EVALUATE, FIT = GENERALIZED


# --- which likelihood -----------------------------------------------------------------------------


@mistake("criterion", "eq:laplace", *GENERALIZED)
def laplace_for_integral(p: GeneralizedCase) -> Values | None:
    """Laplace's approximation where more nodes, or the integral itself, are asked for."""
    return None if p.asked.likelihood == "laplace" else p.fitted(p.own, Kind())


@mistake("criterion", "eq:glmm-likelihood", *GENERALIZED)
def integral_for_laplace(p: GeneralizedCase) -> Values | None:
    """The integral itself where Laplace's approximation is asked for."""
    if p.asked.likelihood != "laplace" or p.own.rows.K > 1 or p.design.n > 500:
        return None
    return p.fitted(p.own, Kind(1, DIGITS)) if p.theta.all() else None


@mistake("criterion", "eq:agq", *GENERALIZED)
def nodes_not_adaptive(p: GeneralizedCase) -> Values | None:
    """Nodes about zero, as if y had not been seen, in place of those about the mode."""
    if p.asked.likelihood != "agq":
        return None
    z, w = hermegauss(p.asked.nodes)
    at, levels = p.own.at(p.psi), p.own.rows.levels
    etas = np.array([at.eta(np.full(levels, x)) for x in z])  # (N, n)
    logs = at.family.log_density(etas)
    codes = p.design.terms[0].codes
    by_level = np.array([np.bincount(codes, row, levels) for row in logs])  # (N, levels)
    log_w = np.log(w / np.sqrt(2 * np.pi))[:, None]
    return {"loglik": logsumexp(by_level + log_w, axis=0).sum()}


@mistake("criterion", "eq:expected-weight", *GENERALIZED)
def expected_for_observed(p: GeneralizedCase) -> Values | None:
    """Fisher's weights in Laplace's determinant in place of the second derivative itself."""
    return other_dialect(p, "expected") if p.asked.dialect == "observed" else None


@mistake("criterion", "eq:expected-weight", *GENERALIZED)
def observed_for_expected(p: GeneralizedCase) -> Values | None:
    """The second derivative itself in Laplace's determinant in place of Fisher's weights."""
    return other_dialect(p, "observed") if p.asked.dialect == "expected" else None


def other_dialect(p: GeneralizedCase, dialect: str) -> Values:
    """What another dialect gives."""
    return p.fitted(replace(p.own, dialect=dialect), p.kind)


@mistake("optimum", "eq:joint-mode", FIT)
def beta_of_joint_mode(p: GeneralizedCase) -> Values | None:
    """beta is that of the joint mode, as lme4's with nAGQ = 0, and is not searched for."""
    return p.fitted(p.own, Kind(0)) if p.asked.likelihood == "laplace" else None


# --- terms of the log-likelihood ------------------------------------------------------------------


def plus(p: GeneralizedCase, term: float) -> Values:
    """The log-likelihood plus something."""
    return {"loglik": p.true("loglik") + term}


def has_loglik(p: GeneralizedCase) -> bool:
    """Whether there is a log-likelihood at all."""
    return "loglik" in p.truth


@mistake("criterion", "eq:glm-density", *GENERALIZED)
def no_binomial_coefficients(p: GeneralizedCase) -> Values | None:
    """The binomial coefficients are missing, as where trials are taken for weights of rows."""
    family = p.own.family
    if not isinstance(family, Binomial) or not family.constant.any() or not has_loglik(p):
        return None
    return plus(p, -float(family.constant.sum()))


@mistake("criterion", "eq:glm-density", *GENERALIZED)
def no_factorials(p: GeneralizedCase) -> Values | None:
    """The logarithms of the factorials of the counts are missing."""
    family = p.own.family
    counts = family.counts if isinstance(family, Poisson) else np.zeros(0)
    return plus(p, gammaln(counts + 1.0).sum()) if len(counts) and has_loglik(p) else None


@mistake("criterion", "eq:glm-density", *GENERALIZED)
def saturated_taken_off(p: GeneralizedCase) -> Values | None:
    """The log-likelihood of a saturated model is taken off, as lme4 does with several nodes."""
    return plus(p, -saturated(p.own.family)) if has_loglik(p) and p.own.sizes[2] == 0 else None


def saturated(family: Family) -> float:
    """The log-likelihood of responses at means that fit them exactly."""
    if isinstance(family, Gamma):
        return float(family.log_density(np.log(family.y)).sum())
    if isinstance(family, Poisson):
        y = family.counts
        return float((xlogy(y, y) - y - gammaln(y + 1.0)).sum())
    s, m = family.successes, family.trials
    return float((family.constant + xlogy(s, s / m) + xlogy(m - s, 1 - s / m)).sum())


@mistake("criterion", "eq:laplace", *GENERALIZED)
def no_logdet_of_mode(p: GeneralizedCase) -> Values | None:
    """The log determinant of Laplace's approximation is missing."""
    if p.asked.likelihood != "laplace" or not has_loglik(p):
        return None
    return plus(p, p.at_truth.G.logdet / 2)


@mistake("criterion", "eq:penalized-deviance", *GENERALIZED)
def conditional_likelihood(p: GeneralizedCase) -> Values | None:
    """The log-likelihood given the random effects, at their mode."""
    return {"loglik": p.at_truth.local.log.sum()} if has_loglik(p) else None


@mistake("criterion", "eq:deviance", *GENERALIZED)
def minus_two_loglik(p: GeneralizedCase) -> Values | None:
    """-2 log-likelihood in place of the log-likelihood."""
    return {"loglik": -2 * p.true("loglik")} if has_loglik(p) else None


@mistake("sign", "eq:glmm-likelihood", *GENERALIZED)
def sign_of_loglik(p: GeneralizedCase) -> Values | None:
    """Minus the log-likelihood."""
    return {"loglik": -p.true("loglik")} if has_loglik(p) else None
