"""The definition: y ~ N(offset + X beta, V) with V = sigma^2 (W^-1 + Z Lambda Lambda' Z').

A textbook's n x n matrices, one equation a property: slow, and easy to believe.  V0 = V / sigma^2,
and y is less the offset.  `penalized` has the same numbers from q x q systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.linalg import inv, slogdet

from .covariance import relative_factor
from .design import Design
from .evaluation import Evaluation, profiled
from .linalg import Array, afford
from .ranef import DensePosterior


@dataclass(frozen=True)
class Marginal:
    """The model at one Lambda (q, q)."""

    design: Design
    Lambda: Array
    reml: bool = True

    @cached_property
    def T(self) -> Array:
        """(q, q): Cov(gamma) / sigma^2."""
        return self.Lambda @ self.Lambda.T

    @cached_property
    def V0(self) -> Array:
        """(n, n): Cov(y) / sigma^2.  eq:V"""
        return np.diag(1.0 / self.design.weights) + self.design.Z @ self.T @ self.design.Z.T

    @cached_property
    def V0inv(self) -> Array:
        """(n, n)."""
        return inv(self.V0)

    @cached_property
    def XtV0invX(self) -> Array:
        """(p, p)."""
        return self.design.X.T @ self.V0inv @ self.design.X

    @cached_property
    def beta_cov(self) -> Array:
        """(p, p): Cov(beta) / sigma^2.  eq:vcov"""
        return inv(self.XtV0invX)

    @cached_property
    def beta(self) -> Array:
        """(p,): generalized least squares.  eq:gls"""
        return self.beta_cov @ self.design.X.T @ self.V0inv @ self.design.y_less_offset

    @cached_property
    def r(self) -> Array:
        """(n,): y - X beta."""
        return self.design.y_less_offset - self.design.X @ self.beta

    @cached_property
    def pwrss(self) -> float:
        """The residual sum of squares r' V0^-1 r.  eq:r2"""
        return float(self.r @ self.V0inv @ self.r)

    @cached_property
    def logdet_V0(self) -> float:
        """log det V0, that of rows which were left out too."""
        return float(slogdet(self.V0)[1]) - self.design.log_left

    @cached_property
    def logdet_XVX(self) -> float:
        """log det X'V0^-1 X."""
        return float(slogdet(self.XtV0invX)[1])

    @cached_property
    def criterion(self) -> float:
        """-2 log-likelihood, beta and sigma at their best.  eq:ml-criterion, eq:reml-criterion"""
        return profiled(self.design, self.logdet_V0, self.logdet_XVX, self.pwrss, self.reml)

    @cached_property
    def P(self) -> Array:
        """(n, n): what is left of V0^-1 when X has been fitted.  eq:P"""
        V0invX = self.V0inv @ self.design.X  # (n, p)
        return self.V0inv - V0invX @ self.beta_cov @ V0invX.T

    @cached_property
    def A(self) -> Array:
        """(q, q): Z'PZ."""
        return self.design.Z.T @ self.P @ self.design.Z

    @cached_property
    def ZtV0invZ(self) -> Array:
        """(q, q)."""
        return self.design.Z.T @ self.V0inv @ self.design.Z

    @cached_property
    def a(self) -> Array:
        """(q,): Z'Py."""
        return self.design.Z.T @ self.V0inv @ self.r

    @cached_property
    def G(self) -> Array:
        """(q, n): E[gamma | y] = G (y - X beta).  eq:posterior-mean"""
        return self.T @ self.design.Z.T @ self.V0inv

    @cached_property
    def gamma(self) -> Array:
        """(q,): E[gamma | y], by conditioning a joint normal.  eq:posterior-mean"""
        return self.G @ self.r

    @cached_property
    def gamma_cov(self) -> Array:
        """(q, q): Cov(gamma | y, beta) / sigma^2.  eq:posterior-error"""
        unfound = np.eye(self.design.q) - self.G @ self.design.Z  # (q, q)
        return unfound @ self.T @ unfound.T + (self.G / self.design.weights) @ self.G.T

    @cached_property
    def gamma_error_cov(self) -> Array:
        """(q, q): Cov(gamma-hat - gamma) / sigma^2, beta estimated.  eq:blup-error"""
        return self.gamma_cov + self.G @ self.design.X @ self.beta_cov @ (self.G @ self.design.X).T

    @cached_property
    def cross_cov(self) -> Array:
        """(p, q): Cov(beta-hat - beta, gamma-hat - gamma) / sigma^2.  eq:joint-covariance"""
        return -self.beta_cov @ (self.G @ self.design.X).T

    def error_cov(self, X0: Array, Z0: Array) -> Array:
        """(r, r): of errors of X0 beta-hat + Z0 gamma-hat, over sigma^2.  eq:prediction-variance"""
        delta = X0 - Z0 @ self.G @ self.design.X  # (r, p)
        return Z0 @ self.gamma_cov @ Z0.T + delta @ self.beta_cov @ delta.T

    @cached_property
    def residuals(self) -> Array:
        """(n,): y - X beta - Z gamma.  eq:weighted-residual"""
        return self.V0inv @ self.r / self.design.weights


def at(design: Design, theta: Array, reml: bool = True) -> Marginal:
    """The model at theta (m,): entries of the relative covariance factors, term by term."""
    with afford(len(design.y), design.p, design.q, numbers(design)):
        return Marginal(design, relative_factor(design, theta), reml)


def relative_covariance(design: Design, Lambda: Array) -> Array:
    """V0 = Cov(y) / sigma^2, (n, n), for a factor Lambda (q, q)."""
    return Marginal(design, Lambda).V0


def log_density(design: Design, theta: Array, sigma: float, beta: Array) -> float:
    """log p(y | beta, theta, sigma), nothing profiled.  eq:log-density"""
    V = sigma**2 * at(design, theta).V0  # (n, n)
    r = design.y_less_offset - design.X @ beta  # (n,)
    left = 2 * design.left_out * np.log(sigma) - design.log_left  # of rows that were left out
    return float(-0.5 * (design.n * np.log(2 * np.pi) + slogdet(V)[1] + left + r @ inv(V) @ r))


def prepare(design: Design) -> Design:
    """A design, of which everything is computed anew at each theta."""
    return design


def numbers(design: Design) -> float:
    """How many numbers the arrays of a fit hold: V and its inverse, beside Z and systems of q."""
    return 2.0 * len(design.y) * (design.p + design.q + 2.0 * len(design.y)) + 6.0 * design.q**2


def criterion(design: Design, theta: Array, reml: bool = True) -> float:
    """-2 log-likelihood (or restricted likelihood) at theta (m,), beta and sigma at their best."""
    return at(design, theta, reml).criterion


def evaluate(design: Design, theta: Array, reml: bool = True) -> Evaluation:
    """The criterion at theta (m,) with what its derivatives need."""
    return Evaluation.of(at(design, theta, reml), theta)


def posterior(design: Design, theta: Array, beta_known: bool = True) -> DensePosterior:
    """Mean and covariance of gamma given y, at theta (m,); or of gamma-hat - gamma."""
    model = at(design, theta)
    return DensePosterior(model.gamma, model.gamma_cov if beta_known else model.gamma_error_cov)


def V0inv_times(design: Design, theta: Array, B: Array) -> Array:
    """V0^-1 B (n, any) of B (n, any), at theta (m,)."""
    return at(design, theta).V0inv @ B


def error_covariance(design: Design, theta: Array, rows: Design) -> Array:
    """(r, r): of the errors of predictions of rows, over sigma^2.  eq:prediction-variance"""
    return at(design, theta).error_cov(rows.X, rows.Z)


def error_variances(design: Design, theta: Array, rows: Design) -> Array:
    """(r,): their variances, the diagonal alone.  eq:prediction-variance"""
    return np.array([*map(at(design, theta).error_cov, rows.X, rows.Z)])
