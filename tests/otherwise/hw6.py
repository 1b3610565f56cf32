"""Assignment 6, written otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.linalg

Array = Any


def L_by_scipy(Lambda: Array, ZtZ: Array, q: int) -> Array:
    return scipy.linalg.cholesky(np.identity(q) + Lambda.T.dot(ZtZ).dot(Lambda), lower=True)


def L_by_loops(Lambda: Array, ZtZ: Array, q: int) -> Array:
    A = Lambda.T @ ZtZ @ Lambda
    L = [[0.0] * q for _ in range(q)]
    for i in range(q):
        for j in range(i + 1):
            left = A[i, j] + (i == j) - sum(L[i][k] * L[j][k] for k in range(j))
            L[i][j] = math.sqrt(left) if i == j else left / L[j][j]
    return L


def L_by_orthogonal_columns(Lambda: Array, ZtZ: Array, q: int) -> Array:
    values, vectors = np.linalg.eigh(ZtZ)
    root = np.sqrt(values.clip(0))[:, None] * vectors.T
    R = np.linalg.qr(np.vstack([root @ Lambda, np.eye(q)]))[1]
    return (R * np.sign(np.diag(R))[:, None]).T


def cbeta_by_solving(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    return np.linalg.solve(RX.T, X.T @ Wy - RZX.T @ cu)


def cbeta_by_loops(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    p = len(RX)
    c: list[float] = []
    for i in range(p):
        right = sum(X[:, i] * Wy) - sum(RZX[:, i] * cu)
        c.append((right - sum(RX[j, i] * c[j] for j in range(i))) / RX[i, i])
    return c


def cbeta_by_an_inverse(RX: Array, X: Array, Wy: Array, RZX: Array, cu: Array) -> Array:
    return (Wy @ X - cu @ RZX) @ np.linalg.inv(RX)


def u_by_solving(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    return np.linalg.solve(L.T, cu - RZX @ beta)


def u_by_scipy(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    return scipy.linalg.solve_triangular(L.T, cu - RZX @ beta, lower=False)


def u_by_loops(L: Array, cu: Array, RZX: Array, beta: Array) -> Array:
    q = len(L)
    u = np.zeros(q)
    for i in reversed(range(q)):
        u[i] = (cu[i] - RZX[i] @ beta - L[i + 1 :, i] @ u[i + 1 :]) / L[i, i]
    return u


def pwrss_by_stacking(weights: Array, residuals: Array, u: Array) -> Any:
    return np.linalg.norm(np.append(np.sqrt(weights) * residuals, u)) ** 2


def pwrss_by_loops(weights: Array, residuals: Array, u: Array) -> Any:
    fit = math.fsum(w * r * r for w, r in zip(weights, residuals, strict=True))
    return fit + math.fsum(x * x for x in u)


OTHERWISE = {
    "L": [L_by_scipy, L_by_loops, L_by_orthogonal_columns],
    "cbeta": [cbeta_by_solving, cbeta_by_loops, cbeta_by_an_inverse],
    "u": [u_by_solving, u_by_scipy, u_by_loops],
    "pwrss": [pwrss_by_stacking, pwrss_by_loops],
    "determinant": [
        "(1 + n*theta1^2 + S*theta2^2)*(1 + S*theta3^2) - (S*theta2*theta3)^2",
        "1 + n*theta1^2 + S*(theta2^2 + theta3^2) + n*S*theta1^2*theta3^2",
        "(1 + n*theta1^2)*((1 + S*theta3^2) + S*theta2^2/(1 + n*theta1^2))",
    ],
}
