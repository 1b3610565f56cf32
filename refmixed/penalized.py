"""The same criterion from a q x q system: penalized least squares, as in lme4 and Henderson.

With gamma = Lambda u the model is a ridge regression of y on X and Z Lambda, |u|^2 its penalty:

    [ Lambda'Z'WZ Lambda + I   Lambda'Z'WX ] [u   ]   [ Lambda'Z'Wy ]
    [ X'WZ Lambda              X'WX        ] [beta] = [ X'Wy        ]

A factorization of this matrix gives the determinants too, and Woodbury's identity (eq:woodbury)
whatever else is needed of V0^-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .covariance import relative_factor
from .design import Design
from .evaluation import Evaluation, log_weights, profiled
from .linalg import Array, cholesky, logdet, solve_lower, solve_upper
from .ranef import DensePosterior


@dataclass(frozen=True)
class Penalized:
    """Penalized least squares at one theta.  L is lower and RX upper, as in lme4."""

    design: Design
    reml: bool
    Lambda: Array  # (q, q)
    L: Array  # (q, q)
    RZX: Array  # (q, p)
    RX: Array  # (p, p)
    u: Array  # (q,)
    beta: Array  # (p,)
    residuals: Array  # (n,)  y - offset - X beta - Z gamma
    pwrss: float

    @property
    def logdet_V0(self) -> float:
        """log det V0 = log det(L L') - sum log w, by Sylvester's identity.  eq:sylvester"""
        return logdet(self.L) - log_weights(self.design)

    @property
    def criterion(self) -> float:
        """-2 log-likelihood, beta and sigma at their best.  eq:small-criterion"""
        return profiled(self.design, self.logdet_V0, logdet(self.RX), self.pwrss, self.reml)

    @cached_property
    def KZ(self) -> Array:
        """(q, q): L^-1 Lambda'Z'WZ."""
        return solve_lower(self.L, self.Lambda.T @ self.design.ZtZ)

    @cached_property
    def ZtV0invZ(self) -> Array:
        """(q, q).  eq:zvz"""
        return self.design.ZtZ - self.KZ.T @ self.KZ

    @property
    def XtV0invZ(self) -> Array:
        """(p, q).  eq:xvz"""
        return (self.design.ZtX - self.KZ.T @ self.RZX).T

    @cached_property
    def A(self) -> Array:
        """(q, q): Z'PZ.  eq:zpz"""
        KX = solve_lower(self.RX.T, self.XtV0invZ)  # (p, q)
        return self.ZtV0invZ - KX.T @ KX

    @property
    def a(self) -> Array:
        """(q,): Z'Py.  eq:weighted-residual"""
        return self.design.ZtW @ self.residuals

    @property
    def beta_cov(self) -> Array:
        """(p, p): Cov(beta) / sigma^2.  eq:vcov"""
        RXinv = solve_lower(self.RX.T, np.eye(self.design.p)).T  # (p, p)
        return RXinv @ RXinv.T

    @property
    def gamma(self) -> Array:
        """(q,): E[gamma | y].  eq:posterior-factor"""
        return self.Lambda @ self.u

    @property
    def gamma_cov(self) -> Array:
        """(q, q): Cov(gamma | y, beta) / sigma^2.  eq:posterior-factor"""
        Linv_Lambdat = solve_lower(self.L, self.Lambda.T)  # (q, q)
        return Linv_Lambdat.T @ Linv_Lambdat

    @property
    def gamma_error_cov(self) -> Array:
        """(q, q): Cov(gamma-hat - gamma) / sigma^2, beta estimated.  eq:blup-error"""
        by_beta = self.Lambda @ solve_upper(self.L, self.RZX)  # (q, p)
        half = solve_lower(self.RX.T, by_beta.T)  # (p, q)
        return self.gamma_cov + half.T @ half

    def error_root(self, rows: Design) -> Array:
        """(q + p, r): [z Lambda, x] times the inverse triangle of the system, so that the errors of
        predictions of rows have the covariance root'root, over sigma^2.  eq:prediction-variance
        """
        of_u = solve_lower(self.L, self.Lambda.T @ rows.Z.T)  # (q, r)
        of_beta = solve_lower(self.RX.T, rows.X.T - self.RZX.T @ of_u)  # (p, r)
        return np.vstack([of_u, of_beta])


def solve(design: Design, theta: Array, reml: bool = True) -> Penalized:
    """beta, u and the factors that give the criterion.

    theta (m,): entries of the relative covariance factors, term by term.  eq:normal-equations ff.
    """
    Lambda = relative_factor(design, theta)  # (q, q)  eq:Lambda
    L = cholesky(Lambda.T @ design.ZtZ @ Lambda + np.eye(design.q))  # (q, q)  eq:L
    RZX = solve_lower(L, Lambda.T @ design.ZtX)  # (q, p)  eq:RZX
    RX = fixed_factor(design, Lambda, L, RZX)  # (p, p)  eq:RX
    u, beta = back_solve(design, Lambda, L, RZX, RX, design.y_less_offset)
    r = residuals(design, Lambda, u, beta)
    pwrss = float(design.weights @ r**2 + u @ u)  # ()  eq:pwrss
    return Penalized(design, reml, Lambda, L, RZX, RX, u, beta, r, pwrss)


def fixed_factor(design: Design, Lambda: Array, L: Array, RZX: Array) -> Array:
    """RX (p, p), from squares as pwrss is: no digits are lost.  eq:RX-squares"""
    B = solve_upper(L, RZX)  # (q, p)  the u of each column of X
    E = design.X - design.Z @ (Lambda @ B)  # (n, p)  what they leave of it
    return cholesky((E.T * design.weights) @ E + B.T @ B).T


def back_solve(
    design: Design, Lambda: Array, L: Array, RZX: Array, RX: Array, y: Array
) -> tuple[Array, Array]:
    """u (q,) and beta (p,) of the factored system for a response y (n,).  eq:back-solve"""
    Wy = design.weights * y  # (n,)
    cu = solve_lower(L, Lambda.T @ (design.Z.T @ Wy))  # (q,)
    cbeta = solve_lower(RX.T, design.X.T @ Wy - RZX.T @ cu)  # (p,)  RX' cbeta = ...
    beta = solve_upper(RX.T, cbeta)  # (p,)  RX beta = cbeta: the transpose of the lower RX.T
    u = solve_upper(L, cu - RZX @ beta)  # (q,)
    return u, beta


def residuals(design: Design, Lambda: Array, u: Array, beta: Array) -> Array:
    """y - offset - X beta - Z Lambda u, (n,)."""
    return design.y_less_offset - design.X @ beta - design.Z @ (Lambda @ u)


def prepare(design: Design) -> Design:
    """A design, of which everything is computed anew at each theta."""
    return design


def numbers(design: Design) -> float:
    """How many numbers the arrays of a fit hold: Z and Z'W, and systems of q."""
    return 2.0 * len(design.y) * (design.p + design.q) + 6.0 * design.q**2


def criterion(design: Design, theta: Array, reml: bool = True) -> float:
    """-2 log-likelihood (or restricted likelihood) at theta (m,), beta and sigma at their best."""
    return solve(design, theta, reml).criterion


def evaluate(design: Design, theta: Array, reml: bool = True) -> Evaluation:
    """The criterion at theta (m,) with what its derivatives need."""
    return Evaluation.of(solve(design, theta, reml), theta)


def posterior(design: Design, theta: Array, beta_known: bool = True) -> DensePosterior:
    """Mean and covariance of gamma = Lambda u given y, at theta (m,).

    Of gamma-hat - gamma where beta is not known but estimated.
    """
    at = solve(design, theta)
    return DensePosterior(at.gamma, at.gamma_cov if beta_known else at.gamma_error_cov)


def V0inv_times(design: Design, theta: Array, B: Array) -> Array:
    """V0^-1 B (n, any) of B (n, any), at theta (m,), by Woodbury's identity.  eq:woodbury"""
    Lambda = relative_factor(design, theta)  # (q, q)
    L = cholesky(Lambda.T @ design.ZtZ @ Lambda + np.eye(design.q))  # (q, q)  eq:L
    u = solve_upper(L, solve_lower(L, Lambda.T @ (design.ZtW @ B)))  # (q, any)
    return design.weights[:, None] * (B - design.Z @ (Lambda @ u))


def error_variances(design: Design, theta: Array, rows: Design) -> Array:
    """(r,): the variances of the errors of predictions, over sigma^2.  eq:prediction-variance"""
    return np.asarray((solve(design, theta).error_root(rows) ** 2).sum(axis=0))


def error_covariance(design: Design, theta: Array, rows: Design) -> Array:
    """(r, r): their covariances, over sigma^2."""
    root = solve(design, theta).error_root(rows)  # (q + p, r)
    return root.T @ root
