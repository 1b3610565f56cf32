"""Assignment 2, written otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.stats

Array = Any


def V0_by_loops(weights: Array, Z: Array, T: Array) -> Array:
    n, q = Z.shape
    V = [[0.0] * n for _ in range(n)]
    for i in range(n):
        V[i][i] = 1 / weights[i]
        for j in range(n):
            V[i][j] += sum(Z[i, a] * T[a, b] * Z[j, b] for a in range(q) for b in range(q))
    return V


def V0_by_einsum(weights: Array, Z: Array, T: Array) -> Array:
    return np.einsum("ia,ab,jb->ij", Z, T, Z) + np.diagflat(weights**-1.0)


def V0_by_a_root(weights: Array, Z: Array, T: Array) -> Array:
    values, vectors = np.linalg.eigh(T)
    half = np.hstack([Z @ vectors * np.sqrt(values.clip(0)), np.diag(1 / np.sqrt(weights))])
    return half @ half.T


def beta_by_solving(beta_cov: Array, X: Array, V0inv: Array, y: Array) -> Array:
    return np.linalg.solve(X.T @ V0inv @ X, X.T @ V0inv @ y)


def beta_of_whitened_rows(beta_cov: Array, X: Array, V0inv: Array, y: Array) -> Array:
    root = np.linalg.cholesky((V0inv + V0inv.T) / 2).T
    return np.linalg.lstsq(root @ X, root @ y, rcond=None)[0]


def beta_as_a_column(beta_cov: Array, X: Array, V0inv: Array, y: Array) -> Array:
    return (beta_cov @ (X.T @ (V0inv @ y.reshape(-1, 1))))[:, 0]


def log_density_by_scipy(sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int) -> Array:
    return scipy.stats.multivariate_normal(X @ beta, sigma**2 * V0).logpdf(y)


def log_density_by_cholesky(
    sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int
) -> Array:
    L = sigma * np.linalg.cholesky(V0)
    z = scipy.linalg.solve_triangular(L, y - X @ beta, lower=True)
    return float(-(z @ z) / 2 - np.log(np.diag(L)).sum() - n / 2 * np.log(2 * np.pi))


def log_density_by_eigenvalues(
    sigma: float, V0: Array, y: Array, X: Array, beta: Array, n: int
) -> Array:
    values, vectors = np.linalg.eigh(V0)
    z = vectors.T @ (y - X @ beta)
    variances = sigma**2 * values
    return sum(-0.5 * (np.log(2 * np.pi * v) + a**2 / v) for v, a in zip(variances, z, strict=True))


OTHERWISE = {
    "V0": [V0_by_loops, V0_by_einsum, V0_by_a_root],
    "beta": [beta_by_solving, beta_of_whitened_rows, beta_as_a_column],
    "log_density": [log_density_by_scipy, log_density_by_cholesky, log_density_by_eigenvalues],
    "correlation": [
        "1/sqrt((1 + 1/(w1*theta^2))*(1 + 1/(w2*theta^2)))",
        "theta2 / (sqrt(theta2 + 1/w1) * sqrt(theta2 + 1/w2))",
        "theta**2*sqrt(w1*w2)/sqrt((1 + w1*theta**2)*(1 + w2*theta**2))",
        "sqrt(w1*theta**2/(1 + w1*theta**2)*w2*theta**2/(1 + w2*theta**2))",
    ],
    "logdet_group": [
        "ln(1/w + N*theta^2) - (N - 1)*ln(w)",
        "n*log(theta**2) + log(n*w + 1/theta**2) - n*log(w) - (n - 1)*log(theta**2)",
        "log((1 + n*w*theta**2)/w**n)",
        "(n - 1)*log(1/w) + log(1/w + n*theta**2)",
    ],
}
