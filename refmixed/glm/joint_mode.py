"""nagq = 0: beta at the mode of u and beta together, Laplace's approximation there.

beta minimises h profiled over u, which is not where the likelihood is largest.  As theta moves, so
does beta, by the inverse of M = X'WX - X'WA H^-1 A'WX times what it moves h's slope by.  eq:nagq0
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import OptionError
from ..linalg import Array, cholesky, solve_lower, solve_upper
from .laplace import Laplace, in_dispersion, in_theta
from .model import Model
from .pirls import EXACT, Mode, mode

STEPS, HALVINGS = 50, 30


@dataclass(frozen=True)
class JointMode:
    """Minus Laplace's log-likelihood at the joint mode, and its slope in theta and dispersion."""

    laplace: Laplace

    @property
    def mode(self) -> Mode:
        """Of u, at the beta of the joint mode."""
        return self.laplace.mode

    @property
    def value(self) -> float:
        """-l."""
        return self.laplace.value

    @cached_property
    def r(self) -> Array:
        """(n,): W X M^-1 times the slope of -l in beta.  eq:nagq0"""
        X, M = self.mode.at.model.X, curvature(self.mode)
        return self.mode.local.observed.W * (X @ inverse_times(M, self.laplace.gradient_beta))

    @cached_property
    def e(self) -> Array:
        """(q,): H^-1 A'r.  eq:nagq0"""
        return self.mode.H.solve(self.mode.at.loaded.transposed_times(self.r))

    @property
    def gradient(self) -> Array:
        """(p + m + 0 or 1,), zero in beta, which moves along.  eq:nagq0"""
        at, W = self.mode.at, self.mode.local.observed.W
        through = self.laplace.through - self.r + W * at.loaded.times(self.e)
        pull = self.laplace.pull - self.e
        in_beta = np.zeros(at.model.design.p)
        of_theta = in_theta(self.mode, through, pull) + self.laplace.of_products
        return np.concatenate([in_beta, of_theta, in_dispersion(self.laplace, pull)])


def curvature(at: Mode) -> Array:
    """M (p, p): the second derivative of h in beta, u profiled out.  eq:joint-curvature"""
    X, W, loaded = at.at.model.X, at.local.observed.W, at.at.loaded
    AtWX = loaded.columns(W[:, None] * X)  # (q, p)
    M = (X.T * W) @ X - AtWX.T @ at.H.solve(AtWX)
    return (M + M.T) / 2.0


def inverse_times(M: Array, b: Array) -> Array:
    """M^-1 b."""
    L = cholesky(M)
    return solve_upper(L, solve_lower(L, b))


def joint_mode(model: Model, psi: Array, u: Array | None) -> JointMode:
    """The mode of u and beta at the theta and dispersion of psi, from its beta on.  OptionError."""
    p, psi = model.design.p, psi.copy()
    now = mode(model.at(psi), u)
    for _ in range(STEPS):
        step = inverse_times(curvature(now), model.X.T @ now.local.score)  # (p,)
        for halving in range(HALVINGS):
            further = psi.copy()
            further[:p] += 0.5**halving * step
            there = mode(model.at(further), now.u)
            if there.h <= now.h + 1e-14 * (1.0 + abs(now.h)):
                break
        psi, now = further, there
        if np.abs(step).max(initial=0.0) <= EXACT * (1.0 + np.abs(psi[:p]).max(initial=0.0)):
            return JointMode(Laplace(now))
    raise OptionError("the joint mode of u and beta was not found: parameters are too large")
