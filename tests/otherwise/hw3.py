"""Assignment 3, written otherwise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import scipy.stats


def sigma_by_a_power(pwrss: float, n: int) -> Any:
    return (pwrss / n) ** 0.5


def sigma_by_logarithms(pwrss: float, n: int) -> Any:
    return math.exp((math.log(pwrss) - math.log(n)) / 2)


def profiled_in_pieces(n: int, pwrss: float, logdet_V0: float) -> Any:
    s2 = pwrss / n
    return n * math.log(2 * math.pi) + n * math.log(s2) + logdet_V0 + pwrss / s2


def profiled_by_densities(n: int, pwrss: float, logdet_V0: float) -> Any:
    each = math.sqrt(pwrss / n)  # n equal residuals have this sum of squares
    return logdet_V0 - 2 * scipy.stats.norm.logpdf(np.full(n, each), scale=each).sum()


def profiled_with_the_determinant_inside(n: int, pwrss: float, logdet_V0: float) -> Any:
    return n * np.log(2 * np.pi * np.e * pwrss * np.exp(logdet_V0 / n) / n)


def variances_within_groups(data: pd.DataFrame) -> Any:
    within = data[["x", "y"]] - data.groupby("g")[["x", "y"]].transform("mean")
    slope = (within["x"] * within["y"]).sum() / (within["x"] ** 2).sum()
    rss = ((within["y"] - slope * within["x"]) ** 2).sum()
    return np.array([rss / len(data), rss / (len(data) - data["g"].nunique() - 1)])


def variances_by_least_squares(data: pd.DataFrame) -> Any:
    X = np.column_stack([pd.get_dummies(data["g"], dtype=float), data["x"]])
    rss = np.linalg.lstsq(X, data["y"], rcond=None)[1][0]
    return [round(rss / len(X), 7), round(rss / (len(X) - X.shape[1]), 7)]


def variances_by_a_hat_matrix(data: pd.DataFrame) -> Any:
    X = np.column_stack([np.ones(len(data)), pd.get_dummies(data["g"], dtype=float), data["x"]])
    left = np.eye(len(X)) - X @ np.linalg.pinv(X)
    y = data["y"].to_numpy()
    return (y @ left @ y / len(y), y @ left @ y / np.trace(left))


OTHERWISE = {
    "sigma": [sigma_by_a_power, sigma_by_logarithms],
    "profiled": [
        profiled_in_pieces,
        profiled_by_densities,
        profiled_with_the_determinant_inside,
    ],
    "ml_mean": [
        "sigma^2*(1 - 1/n_bar - 1/(J*n_bar))",
        "sigma2*(1 - (J + 1)/(J*nbar))",
        "sigma2 - sigma2*(J + 1)/(J*n_bar)",
    ],
    "best_divisor": ["(n - p) + 2", "2 - p + n", "n*(1 - p/n) + 2"],
    "variances": [
        variances_within_groups,
        variances_by_least_squares,
        variances_by_a_hat_matrix,
    ],
}
