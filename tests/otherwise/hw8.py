"""Assignment 8, written otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, stats

Array = Any


def information_by_loops(X: Array, Vinv: Array, vcov: Array, parts: Array) -> Array:
    P = Vinv - Vinv @ X @ vcov @ X.T @ Vinv
    return [[np.trace(P @ A @ P @ B) / 2 for B in parts] for A in parts]


def information_by_contrasts(X: Array, Vinv: Array, vcov: Array, parts: Array) -> Array:
    K = linalg.null_space(X.T)
    white = K @ np.linalg.inv(np.linalg.cholesky(K.T @ np.linalg.inv(Vinv) @ K)).T
    moved = np.array([(white.T @ A @ white).ravel() for A in parts])
    return moved @ moved.T / 2


def freedom_by_differences(
    contrast: Array, X: Array, Vinv: Array, vcov: Array, parts: Array, information: Array
) -> float:
    V, step = np.linalg.inv(Vinv), 1e-5

    def variance(change: Array) -> Any:
        moved = np.linalg.inv(V + change)
        return contrast @ np.linalg.solve(X.T @ moved @ X, contrast)

    g = [(variance(step * A) - variance(-step * A)) / (2 * step) for A in parts]
    return float(2 * variance(0 * V) ** 2 / (np.array(g) @ np.linalg.solve(information, g)))


def freedom_by_whole_slopes(
    contrast: Array, X: Array, Vinv: Array, vcov: Array, parts: Array, information: Array
) -> Array:
    plus = vcov @ X.T @ Vinv
    slopes = plus @ parts @ plus.T
    relative = (slopes @ contrast @ contrast) / (contrast @ vcov @ contrast)
    return np.array(2 / (relative @ np.linalg.inv(information) @ relative))


def at_zero_by_loops(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    total = sum(c * x for c, x in zip(counts, xi, strict=True))
    return [N * sum(s * v for s, v in zip(share, mu, strict=True)) / total - 1 for share in shares]


def at_zero_by_all_eigenvalues(N: int, shares: Array, mu: Array, xi: Array, counts: Array) -> Array:
    every = np.repeat(xi, counts)
    return (N * (shares * mu).sum(axis=1) - every.sum()) / every.sum()


def by_mean_squares(data: pd.DataFrame) -> list[float]:
    means = data.groupby("g")[["t", "y"]].mean()
    N, m = len(means), len(data) // len(means)
    between = m * ((means["y"] - means.groupby("t")["y"].transform("mean")) ** 2).sum()
    within = ((data["y"] - data.groupby("g")["y"].transform("mean")) ** 2).sum()
    n = N * m
    F = between / (N - 2) / (within / (n - N))
    D = (n - 2) * np.log(((N - 2) * F + n - N) / (n - 2)) - (N - 2) * np.log(F)
    p = float(stats.chi2.sf(D, 1))
    return [p, p / 2, float(stats.f.sf(F, N - 2, n - N)), N - 2.0]


OTHERWISE = {
    "information": [information_by_loops, information_by_contrasts],
    "freedom": [freedom_by_differences, freedom_by_whole_slopes],
    "at_zero": [at_zero_by_loops, at_zero_by_all_eigenvalues],
    "zero_ml": [
        "1 - (1 - 1/m)**(3*(m - 1)/2)",
        "1 - (1 + 3/(3*m - 3))^(-(3*m - 3)/2)",
        "1 - exp(1.5*(m - 1)*log((m - 1)/m))",
        "1 - sqrt(1 - 1/m)**(3*m - 3)",
    ],
    "tests": [by_mean_squares],
}
