"""A fitted model as standard errors and tests need it: in the coordinates of its search.

There X and the effects of each term are in units of their own (`coordinates`), and no digits are
lost however far off an origin is.  Contrasts and rows come in the user's coordinates; variances
here are over sigma^2, the user's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..coordinates import Coordinates
from ..design import Design
from ..evaluation import Evaluation
from ..linalg import Array, solve_lower
from ..search import ROUTES, Route


@dataclass(frozen=True)
class Estimated:
    """The model at one theta~ (m,)."""

    coordinates: Coordinates
    theta: Array  # (m,)
    at: Evaluation
    reml: bool
    route: Route

    @classmethod
    def of(cls, fit: Any) -> Estimated:
        """What a Fit has of these."""
        optimum = fit.optimum
        here = optimum.coordinates, optimum.work_theta, optimum.work_evaluation
        return cls(*here, fit.reml, ROUTES[fit.route])

    @property
    def design(self) -> Design:
        """The design in these coordinates: X~ with X~'WX~ = I, and x~."""
        return self.coordinates.design

    @property
    def beta_cov(self) -> Array:
        """(p, p): Cov(beta~) over sigma^2.  eq:vcov"""
        return self.at.beta_cov

    @cached_property
    def V0invX(self) -> Array:
        """(n, p): V0^-1 X~."""
        return self.V0inv_times(self.design.X)

    def V0inv_times(self, B: Array) -> Array:
        """V0^-1 B (n, any), by the route of the fit."""
        return self.route.V0inv_times(self.design, self.theta, B)

    def P_times(self, B: Array) -> Array:
        """P B (n, any): what is left of V0^-1 B when X~ has been fitted.  eq:P"""
        return self.V0inv_times(B) - self.V0invX @ (self.beta_cov @ (self.V0invX.T @ B))

    def error_variances(self, rows: Design) -> Array:
        """(r,): of predictions of rows in these coordinates.  eq:prediction-variance"""
        return self.route.error_variances(self.design, self.theta, rows)

    def fixed_in(self, C: Array) -> Array:
        """Combinations of beta, or rows of X, (any, p), as those of beta~: C LX'^-1."""
        return solve_lower(self.coordinates.LX, C.T).T

    def effects_in(self, t: int, x: Array) -> Array:
        """Rows x (any, k) of the effects of term t as those of its effects here: x S'^-1."""
        return solve_lower(self.coordinates.S[t], x.T).T
