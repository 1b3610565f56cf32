"""Assignment 4, written otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import scipy.linalg
import scipy.optimize
import scipy.stats

Array = Any


def P_by_contrasts(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    K = scipy.linalg.null_space(X.T)
    return K @ np.linalg.inv(K.T @ np.linalg.inv(V0inv) @ K) @ K.T


def P_by_whitening(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    root = np.linalg.cholesky((V0inv + V0inv.T) / 2).T
    Q = np.linalg.qr(root @ X)[0]
    return root.T @ (np.eye(len(X)) - Q @ Q.T) @ root


def P_of_unit_vectors(V0inv: Array, X: Array, beta_cov: Array) -> Array:
    columns = []
    for e in np.eye(len(X)):
        beta = np.linalg.solve(X.T @ V0inv @ X, X.T @ V0inv @ e)
        columns.append(V0inv @ (e - X @ beta))
    return np.array(columns).T


def criterion_in_pieces(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    s2 = pwrss / dof
    return dof * math.log(2 * math.pi) + dof * math.log(s2) + logdet_V0 + logdet_XVX + pwrss / s2


def criterion_by_densities(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    each = math.sqrt(pwrss / dof)  # so many equal residuals have this sum of squares
    parts = scipy.stats.norm.logpdf(np.full(dof, each), scale=each)
    return logdet_V0 + logdet_XVX - 2 * parts.sum()


def criterion_by_searching(dof: int, pwrss: float, logdet_V0: float, logdet_XVX: float) -> Any:
    def at(log_variance: float) -> float:
        return dof * (math.log(2 * math.pi) + log_variance) + pwrss / math.exp(log_variance)

    best = scipy.optimize.minimize_scalar(at, tol=1e-12).fun
    return best + logdet_V0 + logdet_XVX


def estimates_by_the_table(data: pd.DataFrame) -> Any:
    J, n = data["g"].nunique(), len(data)
    means = data.groupby("g")["y"].transform("mean")
    within = ((data["y"] - means) ** 2).sum() / (n - J)
    between = ((means - data["y"].mean()) ** 2).sum() / (J - 1)
    return within, (between - within) * J / n


def estimates_by_numpy(data: pd.DataFrame) -> Any:
    table = data.sort_values("g", kind="stable")["y"].to_numpy().reshape(data["g"].nunique(), -1)
    within = table.var(axis=1, ddof=1).mean()
    return np.array([within, table.mean(axis=1).var(ddof=1) - within / table.shape[1]])


def estimates_by_maximizing(data: pd.DataFrame) -> Any:
    Z = pd.get_dummies(data["g"]).to_numpy(float)
    K = scipy.linalg.null_space(np.ones((1, len(Z))))
    z = K.T @ data["y"].to_numpy()

    def minus_log_density(logs: Array) -> float:
        covariance = math.exp(logs[0]) * np.eye(len(Z)) + math.exp(logs[1]) * Z @ Z.T
        return float(-scipy.stats.multivariate_normal.logpdf(z, cov=K.T @ covariance @ K))

    options = {"xatol": 1e-8, "fatol": 1e-11, "maxiter": 2000}
    best = scipy.optimize.minimize(minus_log_density, [0, 0], method="Nelder-Mead", options=options)
    return np.exp(best.x)


OTHERWISE = {
    "P": [P_by_contrasts, P_by_whitening, P_of_unit_vectors],
    "reml_criterion": [criterion_in_pieces, criterion_by_densities, criterion_by_searching],
    "change": ["(n - p)*log(c^2)", "log(c**(2*n - 2*p))", "2*n*ln(c) - 2*p*ln(c)"],
    "pairs": [
        "(2*B/(J - 1) - D/(2*J))/2",
        "(4*J*B - (J - 1)*D)/(4*J*(J - 1))",
        "B/(J - 1) - (D/2)/(2*J)",
    ],
    "estimates": [estimates_by_the_table, estimates_by_numpy, estimates_by_maximizing],
}
