"""The definition: y ~ N(offset + X beta, V) with V = sigma^2 (W^-1 + Z Lambda Lambda' Z').

Everything here is what a textbook writes, n x n matrices and inverses included: slow, and easy to
believe.  `penalized` computes the same numbers from q x q systems.  V0 = V / sigma^2 throughout.
"""

from __future__ import annotations

import numpy as np
from numpy.linalg import inv, slogdet

from .covariance import relative_factor
from .design import Design
from .evaluation import Evaluation, Posterior, profiled
from .linalg import Array


def relative_covariance(design: Design, Lambda: Array) -> Array:
    """V0 = Cov(y) / sigma^2, (n, n), for a factor Lambda (q, q).  eq:V"""
    ZLambda = design.Z @ Lambda  # (n, q)
    return np.diag(1.0 / design.weights) + ZLambda @ ZLambda.T  # (n, n)  eq:V


def log_density(design: Design, theta: Array, sigma: float, beta: Array) -> float:
    """log p(y | beta, theta, sigma), nothing profiled.  eq:log-density"""
    V = sigma**2 * relative_covariance(design, relative_factor(design, theta))  # (n, n)
    r = design.y_less_offset - design.X @ beta  # (n,)
    return float(-0.5 * (design.n * np.log(2 * np.pi) + slogdet(V)[1] + r @ inv(V) @ r))


def criterion(design: Design, theta: Array, reml: bool = True) -> float:
    """-2 log-likelihood (or restricted likelihood) at theta, beta and sigma at their best.

    theta (m,): entries of the relative covariance factors, term by term.
    eq:ml-criterion, eq:reml-criterion
    """
    return evaluate(design, theta, reml).criterion


def evaluate(design: Design, theta: Array, reml: bool = True) -> Evaluation:
    """The criterion at theta with what its derivatives need.  eq:gls ff."""
    X, y, Z = design.X, design.y_less_offset, design.Z
    Lambda = relative_factor(design, theta)  # (q, q)
    V0 = relative_covariance(design, Lambda)  # (n, n)
    V0inv = inv(V0)  # (n, n)
    XtV0invX = X.T @ V0inv @ X  # (p, p)
    beta_cov = inv(XtV0invX)  # (p, p)  eq:vcov
    beta = beta_cov @ X.T @ V0inv @ y  # (p,)  eq:gls
    P = V0inv - V0inv @ X @ beta_cov @ X.T @ V0inv  # (n, n)  eq:P
    r = y - X @ beta  # (n,)
    pwrss = float(r @ V0inv @ r)  # ()  eq:r2
    A = Z.T @ P @ Z  # (q, q)
    return Evaluation(
        Lambda=Lambda,
        criterion=profiled(design, slogdet(V0)[1], slogdet(XtV0invX)[1], pwrss, reml),
        pwrss=pwrss,
        beta=beta,
        beta_cov=beta_cov,
        A=A,
        C=A if reml else Z.T @ V0inv @ Z,  # (q, q)
        a=Z.T @ V0inv @ r,  # (q,)
        dof=design.dof(reml),
    )


def posterior(design: Design, theta: Array) -> Posterior:
    """Mean and covariance of gamma given y, by conditioning a joint normal.  eq:posterior-mean"""
    Lambda = relative_factor(design, theta)  # (q, q)
    T = Lambda @ Lambda.T  # (q, q)  Cov(gamma) / sigma^2
    V0inv = inv(relative_covariance(design, Lambda))  # (n, n)
    r = design.y_less_offset - design.X @ evaluate(design, theta).beta  # (n,)
    G = T @ design.Z.T @ V0inv  # (q, n)
    gamma = G @ r  # (q,)  eq:posterior-mean
    unfound = np.eye(design.q) - G @ design.Z  # (q, q)
    gamma_cov = unfound @ T @ unfound.T + (G / design.weights) @ G.T  # (q, q)  eq:posterior-error
    return Posterior(gamma, gamma_cov)
