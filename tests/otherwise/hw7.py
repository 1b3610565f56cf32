"""Assignment 7, written otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import refmixed as rm

Array = Any


def cross_cov_by_loops(beta_cov: Array, G: Array, X: Array) -> Array:
    p, q = len(beta_cov), len(G)
    moved = [[sum(G[j, i] * X[i, a] for i in range(len(X))) for a in range(p)] for j in range(q)]
    return [
        [-sum(beta_cov[a, b] * moved[j][b] for b in range(p)) for j in range(q)] for a in range(p)
    ]


def cross_cov_transposed(beta_cov: Array, G: Array, X: Array) -> Array:
    return (-G @ X @ beta_cov).T


def cross_cov_by_solving(beta_cov: Array, G: Array, X: Array) -> Array:
    return -np.linalg.solve(np.linalg.inv(beta_cov), X.T @ G.T)


def errors_by_the_joint_matrix(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    cross, GX = -beta_cov @ X.T @ G.T, G @ X
    joint = np.block([[beta_cov, cross], [cross.T, gamma_cov + GX @ beta_cov @ GX.T]])
    both = np.hstack([X0, Z0])
    return both @ joint @ both.T


def errors_by_roots(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    of_gamma = Z0 @ np.linalg.cholesky(gamma_cov)
    of_beta = (X0 - Z0 @ G @ X) @ np.linalg.cholesky(beta_cov)
    both = np.hstack([of_gamma, of_beta])
    return both @ both.T


def errors_by_loops(
    X0: Array, Z0: Array, G: Array, X: Array, gamma_cov: Array, beta_cov: Array
) -> Array:
    delta = [x - X.T @ (G.T @ z) for x, z in zip(X0, Z0, strict=True)]
    pairs = list(zip(delta, Z0, strict=True))
    return [[d @ beta_cov @ e + z @ gamma_cov @ y for e, y in pairs] for d, z in pairs]


def by_the_joint_covariance(data: pd.DataFrame) -> list[float]:
    fit = rm.lmer("y ~ x + (1 | g)", data)
    joint, at = fit.joint_cov.to_numpy(), np.array([1.0, 1.0])
    groups = fit.sigma**2 * float(fit.theta.iloc[0]) ** 2
    known = np.array([1.0, 1.0, 1.0])
    mean = at @ joint[:2, :2] @ at
    variances = [mean, known @ joint[:3, :3] @ known, mean + groups + fit.sigma**2]
    return [1.959964 * float(np.sqrt(v)) for v in variances]


OTHERWISE = {
    "cross_cov": [cross_cov_by_loops, cross_cov_transposed, cross_cov_by_solving],
    "error_cov": [errors_by_the_joint_matrix, errors_by_roots, errors_by_loops],
    "new_mean": [
        "sigma_g**2*(1 + 1/N) + sigma**2*(1/r + 1/(N*m))",
        "((N + 1)*N*m*r*sigma_g^2 + (N*m + r)*N*sigma^2)/(N^2*m*r)",
        "sigma2/r + sigmag2 + (m*sigmag2 + sigma2)/(m*N)",
    ],
    "difference": [
        "2/(1/sigma_g**2 + m/sigma**2)",
        "2*sigma_g^2*(1 - m*sigma_g^2/(m*sigma_g^2 + sigma^2))",
    ],
    "half_widths": [by_the_joint_covariance],
}
