"""The definition by dense n x n formulas, and what else mistakes are made about."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from refmixed.covariance import entries, relative_factor
from refmixed.design import Design
from refmixed.linalg import Array
from refmixed.marginal import Marginal

TWO_PI = 2 * np.pi


class Textbook(Marginal):
    """The model at one Lambda (q, q)."""

    @property
    def dof(self) -> int:
        """n - p or n."""
        return self.design.dof(self.reml)

    @cached_property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return float(np.sqrt(self.pwrss / self.dof))

    @property
    def logdet_X(self) -> float:
        """log |X'V0^-1 X|, in REML alone."""
        return self.logdet_XVX if self.reml else 0.0

    @cached_property
    def U(self) -> Array:
        """(p, q): X'V0^-1 Z."""
        return self.design.X.T @ self.V0inv @ self.design.Z

    def gradient(self, fixed_effects: bool = True) -> Array:
        """(m,): the derivative of the criterion in theta; without that of log |X'V0^-1 X|."""
        C = self.A if self.reml and fixed_effects else self.ZtV0invZ
        F = C - self.dof / self.pwrss * np.outer(self.a, self.a)
        return self.entries(2 * F @ self.Lambda)

    def entries(self, slope: Array) -> Array:
        """(m,): the entries of theta, summed over levels, of a slope (q, q) in Lambda."""
        parts = [b.sum(axis=0)[entries(b.shape[1])] for b in self.blocks(slope)]
        return np.concatenate([np.zeros(0), *parts])

    # --- term by term -----------------------------------------------------------------------------

    def places(self) -> Iterator[Array]:
        """For each term the places (J, k) of its effects in gamma."""
        return places(self.design)

    def blocks(self, matrix: Array) -> list[Array]:
        """The diagonal blocks (J, k, k) of a (q, q) matrix, a term each."""
        return [matrix[at[:, :, None], at[:, None, :]] for at in self.places()]

    def split(self, vector: Array) -> list[Array]:
        """A vector (q,) as (J, k), a term each."""
        return [vector[at] for at in self.places()]

    @cached_property
    def covariances(self) -> list[Array]:
        """Cov of a level's effects, (k, k), a term each."""
        return [self.sigma**2 * block[0] for block in self.blocks(self.T)]

    # --- random effects ---------------------------------------------------------------------------

    @cached_property
    def condvar(self) -> Array:
        """(q, q): Cov(gamma | y), beta held."""
        return self.sigma**2 * self.gamma_cov

    @cached_property
    def pev(self) -> Array:
        """(q, q): the covariance of gamma^ - gamma."""
        return self.sigma**2 * (self.T - self.T @ self.A @ self.T)

    @property
    def fitted(self) -> Array:
        """(n,)."""
        return self.design.offset + self.design.X @ self.beta + self.design.Z @ self.gamma


def places(design: Design) -> Iterator[Array]:
    """For each term of a design the places (J, k) of its effects in gamma."""
    start = 0
    for term in design.terms:
        yield start + np.arange(term.q).reshape(len(term.levels), term.k)
        start += term.q


def textbook(design: Design, theta: Array, reml: bool) -> Textbook:
    """The model at theta (m,)."""
    return Textbook(design, relative_factor(design, theta), reml)
