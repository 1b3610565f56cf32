"""Laplace's approximation where the iterations for the random effects end early, as lme4's do.

From linear predictors of the joint mode on, until the penalized deviance changes by less than 1e-7
of itself; the determinant is that of the weights before the last step.  eq:pirls
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from refmixed.glm.families import Gamma
from refmixed.glm.likelihoods import Kind
from refmixed.glm.model import Model
from refmixed.glm.result import GlmerFit
from refmixed.linalg import Array, cholesky, solve_lower

from ...adapters.refmixed_generalized import LABELS
from ...mistakes.generalized import saturated
from ...mistakes.generalized_pirls import left

TOLERANCE = 1e-7  # lme4's tolPwrss
DELTA = 1e-4  # of lme4's differences for the Hessian


@dataclass(frozen=True)
class Loose:
    """The criterion by iterations that end early, and where they set out from."""

    model: Model
    eta: Array  # (n,)
    saturated: float

    @classmethod
    def of(cls, model: Model) -> Loose | None:
        """Of a model; None for the family Gamma, whose deviance lme4 scales otherwise."""
        if isinstance(model.family, Gamma):
            return None
        first = GlmerFit.of(model, Kind(0), LABELS)
        return cls(model, first.likelihood.mode.eta, saturated(model.family))

    def criterion(self, psi: Array) -> float:
        """-2 log-likelihood at parameters psi."""
        last = left(self.model.at(psi), self.eta, self.saturated, TOLERANCE)
        return 2.0 * last.now.h + last.G.logdet if last else np.nan

    def steps(self, psi: Array, cov: Array) -> float:
        """How far the least criterion is from psi: a step of Newton's, in standard errors."""
        ends = [
            (self.criterion(psi + e), self.criterion(psi - e)) for e in DELTA * np.eye(len(psi))
        ]
        slope = np.array([high - low for high, low in ends]) / (2 * DELTA)
        return float(np.sqrt(slope @ cov @ slope) / 2)

    def covariance(self, psi: Array) -> Array | None:
        """Twice the inverse Hessian (any, any) by lme4's differences; None where it has none."""
        steps = DELTA * np.eye(len(psi))
        here = self.criterion(psi)
        H = np.empty((len(psi), len(psi)))
        for i, e in enumerate(steps):
            H[i, i] = self.criterion(psi + e) - 2 * here + self.criterion(psi - e)
            for j, f in enumerate(steps[:i]):
                ends = [self.criterion(psi + s * e + t * f) for s in (1, -1) for t in (1, -1)]
                H[i, j] = H[j, i] = (ends[0] - ends[1] - ends[2] + ends[3]) / 4
        try:
            half = solve_lower(cholesky(H / DELTA**2), np.eye(len(psi)))
        except np.linalg.LinAlgError:
            return None
        return 2.0 * half.T @ half
