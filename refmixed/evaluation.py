"""What a route computes at one theta: the criterion, and the pieces of its derivatives.

P = V0^-1 - V0^-1 X (X' V0^-1 X)^-1 X' V0^-1, with V0 = Cov(y) / sigma^2, and
T = Lambda Lambda' = Cov(gamma) / sigma^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .design import Design
from .linalg import Array

ROUNDING = 1e-13  # of the criterion, relative
LARGEST = 1e7  # relative standard deviation; beyond it the residuals are rounding errors


@dataclass(frozen=True)
class Evaluation:
    """The model at one theta."""

    Lambda: Array  # (q, q)
    criterion: float  # -2 log-likelihood, beta and sigma profiled out
    pwrss: float  # the residual sum of squares r' V0^-1 r, lme4's pwrss
    beta: Array  # (p,)
    beta_cov: Array  # (p, p)  Cov(beta) / sigma^2
    residuals: Array  # (n,)  y - offset - X beta - Z gamma
    A: Array  # (q, q)  Z'PZ
    C: Array  # (q, q)  Z'PZ for REML, Z'V0^-1Z for ML: the slope of the log determinants in T
    a: Array  # (q,)   Z'Py
    dof: int  # n - p for REML, n for ML

    @classmethod
    def of(cls, at: Any) -> Evaluation:
        """What a `Marginal` or a `Penalized` has of these, all of it computed."""
        return cls(
            Lambda=at.Lambda,
            criterion=at.criterion,
            pwrss=at.pwrss,
            beta=at.beta,
            beta_cov=at.beta_cov,
            residuals=at.residuals,
            A=at.A,
            C=at.A if at.reml else at.ZtV0invZ,
            a=at.a,
            dof=at.design.dof(at.reml),
        )

    @property
    def sigma(self) -> float:
        """The residual standard deviation.  eq:sigma"""
        return float(np.sqrt(self.pwrss / self.dof))

    @property
    def is_sound(self) -> bool:
        """Whether theta was not too large for doubles: a criterion, variances, finite pieces."""
        finite = all(np.isfinite(part).all() for part in (self.pwrss, self.A, self.C, self.a))
        positive = (np.diag(self.beta_cov) > 0).all()
        return bool(self.criterion < np.inf and finite and positive)


@dataclass(frozen=True)
class Posterior:
    """Mean and covariance of the random effects given y, the latter over sigma^2."""

    gamma: Array  # (q,)
    gamma_cov: Array  # (q, q)


class Route(Protocol):
    """A way to compute the same numbers: `marginal` by definition, `penalized` from q x q."""

    def criterion(self, design: Design, theta: Array, reml: bool = True) -> float:
        """The criterion at theta."""
        ...

    def evaluate(self, design: Design, theta: Array, reml: bool = True) -> Evaluation:
        """The criterion and the pieces of its derivatives."""
        ...

    def posterior(self, design: Design, theta: Array) -> Posterior:
        """The random effects given y."""
        ...


class Search:
    """The criterion of one design by one route."""

    def __init__(
        self, design: Design, reml: bool, route: Route, kernel: Array | None = None
    ) -> None:
        self.design, self.reml, self.route = design, reml, route
        self.largest = LARGEST
        self.kernel = np.zeros((1 + design.m, 0)) if kernel is None else kernel

    def at(self, theta: Array) -> Evaluation:
        """The model at theta."""
        return self.route.evaluate(self.design, theta, self.reml)

    def criterion(self, theta: Array) -> float:
        """The criterion at theta; inf where rounding leaves a matrix without its factor."""
        try:
            return self.route.criterion(self.design, theta, self.reml)
        except np.linalg.LinAlgError:
            return np.inf

    def noise(self, criterion: float) -> float:
        """The rounding error of a criterion."""
        return ROUNDING * (abs(criterion) + self.design.n)


def profiled(
    design: Design, logdet_V0: float, logdet_XVX: float, pwrss: float, reml: bool
) -> float:
    """The profiled criterion of its parts.  eq:ml-criterion, eq:reml-criterion"""
    dof = design.dof(reml)
    with np.errstate(divide="ignore"):  # pwrss = 0: the likelihood is unbounded, -inf says so
        fit = dof * (1.0 + np.log(2.0 * np.pi * pwrss / dof))
    return float(logdet_V0 + (logdet_XVX if reml else 0.0) + fit)
