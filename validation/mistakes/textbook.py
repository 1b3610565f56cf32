"""The model by dense n x n formulas, as a textbook has them; independent of refmixed's routes.

V0 = W^-1 + Z Lambda Lambda' Z',    P = V0^-1 - V0^-1 X (X'V0^-1 X)^-1 X'V0^-1
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from refmixed.covariance import entries, relative_factor
from refmixed.design import Design

Array = npt.NDArray[Any]
TWO_PI = 2 * np.pi


@dataclass(frozen=True)
class Textbook:
    """The model at one Lambda (q, q)."""

    design: Design
    Lambda: Array
    reml: bool

    # --- the criterion ----------------------------------------------------------------------------

    @property
    def dof(self) -> int:
        """n - p or n."""
        return self.design.dof(self.reml)

    @cached_property
    def T(self) -> Array:
        """(q, q): Lambda Lambda'."""
        return self.Lambda @ self.Lambda.T

    @cached_property
    def V0(self) -> Array:
        """(n, n)."""
        return np.diag(1 / self.design.weights) + self.design.Z @ self.T @ self.design.Z.T

    @cached_property
    def V0inv(self) -> Array:
        """(n, n)."""
        return np.linalg.inv(self.V0)

    @cached_property
    def N(self) -> Array:
        """(p, p): the inverse of X'V0^-1 X."""
        return np.linalg.inv(self.design.X.T @ self.V0inv @ self.design.X)

    @cached_property
    def beta(self) -> Array:
        """(p,)."""
        return self.N @ (self.design.X.T @ (self.V0inv @ self.design.y_less_offset))

    @cached_property
    def r(self) -> Array:
        """(n,): y - offset - X beta."""
        return self.design.y_less_offset - self.design.X @ self.beta

    @cached_property
    def r2(self) -> float:
        """r'V0^-1 r."""
        return float(self.r @ self.V0inv @ self.r)

    @cached_property
    def sigma(self) -> float:
        """Residual standard deviation."""
        return float(np.sqrt(self.r2 / self.dof))

    @cached_property
    def logdet_V0(self) -> float:
        """log |V0|."""
        return float(np.linalg.slogdet(self.V0)[1])

    @cached_property
    def logdet_X(self) -> float:
        """log |X'V0^-1 X|, in REML alone."""
        return -float(np.linalg.slogdet(self.N)[1]) if self.reml else 0.0

    @cached_property
    def criterion(self) -> float:
        """-2 log-likelihood."""
        constants = self.dof * (1 + np.log(TWO_PI * self.r2 / self.dof))
        return float(self.logdet_V0 + self.logdet_X + constants)

    @cached_property
    def A(self) -> Array:
        """(q, q): Z'PZ."""
        return self.design.Z.T @ self.V0inv @ self.design.Z - self.U.T @ self.N @ self.U

    @cached_property
    def U(self) -> Array:
        """(p, q): X'V0^-1 Z."""
        return self.design.X.T @ self.V0inv @ self.design.Z

    @cached_property
    def a(self) -> Array:
        """(q,): Z'V0^-1 r."""
        return self.design.Z.T @ (self.V0inv @ self.r)

    def gradient(self, fixed_effects: bool = True) -> Array:
        """(m,): the derivative of the criterion in theta; without that of log |X'V0^-1 X|."""
        C = self.design.Z.T @ self.V0inv @ self.design.Z
        if self.reml and fixed_effects:
            C = self.A
        return self.entries(2 * (C - self.dof / self.r2 * np.outer(self.a, self.a)) @ self.Lambda)

    def entries(self, slope: Array) -> Array:
        """(m,): the entries of theta, summed over levels, of a slope (q, q) in Lambda."""
        parts = [b.sum(axis=0)[entries(b.shape[1])] for b in self.blocks(slope)]
        return np.concatenate([np.zeros(0), *parts])

    # --- term by term -----------------------------------------------------------------------------

    def places(self) -> Iterator[Array]:
        """For each term the places (J, k) of its effects in gamma."""
        start = 0
        for term in self.design.terms:
            yield start + np.arange(term.q).reshape(len(term.levels), term.k)
            start += term.q

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
    def gamma(self) -> Array:
        """(q,): E[gamma | y]."""
        return self.T @ self.a

    @cached_property
    def condvar(self) -> Array:
        """(q, q): Cov(gamma | y), beta held."""
        ZVZ = self.design.Z.T @ self.V0inv @ self.design.Z
        return self.sigma**2 * (self.T - self.T @ ZVZ @ self.T)

    @cached_property
    def pev(self) -> Array:
        """(q, q): the covariance of gamma^ - gamma."""
        return self.sigma**2 * (self.T - self.T @ self.A @ self.T)

    @property
    def fitted(self) -> Array:
        """(n,)."""
        return self.design.offset + self.design.X @ self.beta + self.design.Z @ self.gamma


def textbook(design: Design, theta: Array, reml: bool) -> Textbook:
    """The model at theta (m,)."""
    return Textbook(design, relative_factor(design, theta), reml)
