"""Mistakes about the mean of the response over the random effects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from refmixed.glm.links import LOGIT, Link, Probability
from refmixed.linalg import Array

from .generalized_problem import GeneralizedCase
from .problem import Values
from .registry import GENERALIZED, mistake

C = 16 * np.sqrt(3) / (15 * np.pi)  # the logistic curve at x is nearly the normal one at C x


@mistake("prediction", "eq:mean-over-effects", *GENERALIZED)
def conditional_for_marginal(p: GeneralizedCase) -> Iterator[Values]:
    """The mean where the effects are zero, or at their modes, for the mean over all groups."""
    for eta in (p.at_truth.at.fixed, p.at_truth.eta):
        yield {"marginal": p.own.family.link.mean(eta)}


@mistake("prediction", "eq:marginal-logit", *GENERALIZED)
def marginal_approximated(p: GeneralizedCase) -> Iterator[Values]:
    """The mean over the effects by attenuated coefficients, or by a Taylor series to the square."""
    link, eta, s2 = p.own.family.link, p.at_truth.at.fixed, variances(p)
    if link is LOGIT:
        yield {"marginal": link.mean(eta / np.sqrt(1 + C**2 * s2))}
    yield {"marginal": link.mean(eta) + s2 / 2 * bend(link, eta)}


def variances(p: GeneralizedCase) -> Array:
    """(n,): of the random part of each linear predictor."""
    return np.asarray((p.at_truth.at.loaded.a**2).sum(axis=1))


def bend(link: Link, eta: Array) -> Array:
    """(n,): the second derivative of the mean; of the log link it is the mean itself."""
    if not isinstance(link, Probability):
        return link.mean(eta)
    log, slope, more, _ = link.log_yes(eta)
    return np.asarray(np.exp(log) * (more + slope**2))
