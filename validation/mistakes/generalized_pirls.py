"""A mistake about the mode of the random effects: the iteration that seeks it is left too early.

PIRLS steps from linear predictors to random effects, until the penalized deviance hardly changes.
The last matrix that it factored has the weights of where the last step began, not of where it led.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import At
from refmixed.glm.pirls import Mode, state
from refmixed.glm.systems import System
from refmixed.linalg import Array

from ..adapters.refmixed_generalized import by_term
from .generalized import FIT, has_loglik, saturated
from .generalized_problem import GeneralizedCase
from .problem import Values
from .registry import GENERALIZED, mistake

TOLERANCES = (1e-7, 1e-4)  # relative changes of the penalized deviance; the first is lme4's default
STEPS = 50


class Step(NamedTuple):
    """The matrix that a step solved, and where it led."""

    G: System
    now: Mode


@mistake("optimum", "eq:pirls", *GENERALIZED)
def loose_pirls(p: GeneralizedCase) -> Iterator[Values]:
    """PIRLS ends too early, at a relative change of 1e-7, as lme4's by default, or of 1e-4."""
    if p.asked.likelihood != "laplace" or not has_loglik(p):
        return
    at = p.at_truth.at
    most = saturated(at.family)
    for eta in starts(p, at):
        for tolerance in TOLERANCES:
            if last := left(at, eta, most, tolerance):
                for G in (last.G, last.now.G):
                    loglik = -last.now.h - G.logdet / 2
                    yield {"loglik": loglik, "ranef": list(by_term(p.design, at.theta, last.now.u))}


def starts(p: GeneralizedCase, at: At) -> Iterator[Array]:
    """Linear predictors (n,): without effects; of a fit those where nagq = 0 ended, as in lme4."""
    yield at.fixed
    if p.level == FIT and (begun := p.found(p.own, Kind(0))):
        yield begun.likelihood.mode.eta


def left(at: At, eta: Array, most: float, tolerance: float) -> Step | None:
    """The step at which the penalized deviance changes so little; None where none is.

    most: the log-likelihood of a saturated model, which a deviance is held against.
    """
    for before, after in pairwise(islice(steps(at, eta), STEPS)):
        was, deviance = (2 * (step.now.h + most) for step in (before, after))
        if abs(was - deviance) < tolerance * deviance:
            return after
    return None


def steps(at: At, eta: Array) -> Iterator[Step]:
    """Steps from linear predictors (n,) on.  eq:pirls"""
    while np.isfinite(eta).all():
        local = at.family.at(eta)
        W = getattr(local, at.model.dialect).W
        G = at.model.factored(at.loaded, W)
        score = W * (eta - at.fixed) + local.score
        now = state(at, G.solve(at.loaded.transposed_times(score)))
        yield Step(G, now)
        eta = now.eta
