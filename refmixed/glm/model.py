"""A generalized linear mixed model at given parameters: linear predictors, and how well u fits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..design import Design
from ..linalg import Array
from .families import Family, Gamma
from .rows import Loaded, Rows
from .systems import Dense, Eliminated, Route

ROUTES: dict[str, Route] = {"blocked": Eliminated.of, "penalized": Dense.of}
DIALECTS = ("observed", "expected")  # weights in the determinant


@dataclass(frozen=True)
class Model:
    """y given gamma by a family, gamma = Lambda u normal; X and the rows of Z.  eq:glmm"""

    design: Design
    family: Family
    dialect: str = "observed"
    route: str = "blocked"

    @cached_property
    def rows(self) -> Rows:
        """Z by its rows."""
        return Rows.of(self.design)

    @property
    def X(self) -> Array:
        """(n, p)."""
        return self.design.X

    @property
    def factored(self) -> Route:
        """What factors the matrix of the mode."""
        return ROUTES[self.route]

    @property
    def sizes(self) -> tuple[int, int, int]:
        """How many parameters beta, theta and log dispersion are."""
        return self.design.p, self.design.m, int(isinstance(self.family, Gamma))

    def split(self, psi: Array) -> tuple[Array, Array, Array]:
        """Parameters psi -> beta (p,), theta (m,), log dispersion (0 or 1,)."""
        p, m, _ = self.sizes
        return psi[:p], psi[p : p + m], psi[p + m :]

    def at(self, psi: Array) -> At:
        """The model at its parameters."""
        beta, theta, log_dispersion = self.split(psi)
        family = self.family
        if isinstance(family, Gamma):
            family = family.with_dispersion(float(np.exp(log_dispersion[0])))
        return At(self, beta, theta, family, self.rows.loaded(theta))


@dataclass(frozen=True)
class At:
    """A model at beta, theta and, where the family has one, a dispersion."""

    model: Model
    beta: Array  # (p,)
    theta: Array  # (m,)
    family: Family
    loaded: Loaded

    @cached_property
    def fixed(self) -> Array:
        """(n,): offset + X beta."""
        return self.model.design.offset + self.model.X @ self.beta

    def eta(self, u: Array) -> Array:
        """(n,): offset + X beta + Z Lambda u.  eq:glmm"""
        return self.fixed + self.loaded.times(u)

    def penalized(self, u: Array, eta: Array) -> float:
        """h(u) = -sum log f + u'u / 2, of which the mode is the minimum.  eq:penalized-deviance"""
        return float(u @ u / 2.0 - self.family.log_density(eta).sum())
