"""Laplace's approximation of the log-likelihood, and its gradient in beta, theta and dispersion.

    l = -h(u) - log det H / 2 at the mode u    (eq:laplace)
A parameter moves h and H directly, and H through the mode, too: H's slope there is c = A'(v w') / 2
with v_i = a_i' H^-1 a_i, and the mode moves by -H^-1 times the change of h's gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..linalg import Array
from .families import Gamma
from .pirls import Mode


@dataclass(frozen=True)
class Laplace:
    """Minus the log-likelihood, and its gradient, at a mode."""

    mode: Mode

    @property
    def value(self) -> float:
        """-l.  eq:laplace"""
        return self.mode.h + self.mode.G.logdet / 2.0

    @cached_property
    def inverse(self) -> Array:
        """(n, K, K): of H^-1 what is at the places of a row."""
        return self.mode.G.blocks()

    @cached_property
    def v(self) -> Array:
        """(n,): a_i' H^-1 a_i, the variances of the linear predictors.  eq:laplace-leverage"""
        a = self.mode.at.loaded.a
        return np.einsum("nk,nkl,nl->n", a, self.inverse, a)

    @cached_property
    def turned(self) -> Array:
        """(n,): v w' / 2, the slope of log det H / 2 in each eta."""
        return self.v * self.mode.weights.slope / 2.0

    @cached_property
    def pull(self) -> Array:
        """(q,): H^-1 c, how the mode pulls at log det H."""
        return self.mode.H.solve(self.mode.at.loaded.transposed_times(self.turned))

    @cached_property
    def through(self) -> Array:
        """(n,): the slope of log det H / 2 in each eta, the mode moving along.  eq:laplace-total"""
        return self.turned - self.mode.local.observed.W * self.mode.at.loaded.times(self.pull)

    @property
    def gradient_beta(self) -> Array:
        """(p,).  eq:laplace-beta"""
        return self.mode.at.model.X.T @ (self.through - self.mode.local.score)

    @property
    def gradient_theta(self) -> Array:
        """(m,).  eq:laplace-theta"""
        return in_theta(self.mode, self.through, self.pull) + self.of_products

    @property
    def of_products(self) -> Array:
        """(m,): the slope of log det H / 2 in theta, W held: tr H^-1 A'WZ dLambda."""
        rows, a = self.mode.at.model.rows, self.mode.at.loaded.a
        M = np.einsum("n,nk,nl,nlm->km", self.mode.weights.W, rows.z, a, self.inverse)
        return rows.layout.entries(M)

    @property
    def gradient_dispersion(self) -> Array:
        """(0 or 1,): in the log of the dispersion.  eq:laplace-dispersion"""
        return in_dispersion(self, self.pull)

    @property
    def gradient(self) -> Array:
        """(p + m + 0 or 1,)."""
        return np.concatenate([self.gradient_beta, self.gradient_theta, self.gradient_dispersion])


def in_theta(mode: Mode, through: Array, pull: Array) -> Array:
    """(m,): (through - score)' Z dLambda u + score' Z dLambda pull: of h and of the mode."""
    rows, score = mode.at.model.rows, mode.local.score
    u, b = mode.u[rows.places], pull[rows.places]  # (n, K)
    M = np.einsum("nk,nl->kl", rows.z * (through - score)[:, None], u)
    M += np.einsum("nk,nl->kl", rows.z * score[:, None], b)
    return rows.layout.entries(M)


def in_dispersion(at: Laplace, pull: Array) -> Array:
    """(0 or 1,): W is as 1 / dispersion, and so is the score, which the mode's pull moves."""
    here, mode = at.mode.at, at.mode
    if not isinstance(here.family, Gamma):
        return np.zeros(0)
    slope = here.family.slope_in_log_dispersion(mode.eta).sum()
    of_W = at.v @ mode.weights.W / 2.0
    return np.array([-slope - of_W - here.loaded.times(pull) @ mode.local.score])
