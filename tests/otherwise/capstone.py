"""The capstone, written otherwise: by mean squares, which REML's estimates are in this design."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import scipy.stats


def squares(data: pd.DataFrame) -> tuple[dict[str, float], dict[str, int]]:
    """Sums of squares and degrees of freedom of the crossed design."""
    table = data.pivot_table("rating", ["condition", "subject"], "rater")
    C, S, R = data["condition"].nunique(), data["subject"].nunique(), data["rater"].nunique()
    y = table.to_numpy().reshape(C, S, R)
    y = y - y.mean()
    c, s, r = y.mean((1, 2), keepdims=True), y.mean((0, 2), keepdims=True), y.mean((0, 1))
    cs, cr = y.mean(2, keepdims=True) - c - s, y.mean(1, keepdims=True) - c - r
    rest = y - c - s - r - cs - cr
    SS = {
        "c": S * R * (c**2).sum(),
        "s": C * R * (s**2).sum(),
        "r": C * S * (r**2).sum(),
        "cs": R * (cs**2).sum(),
        "cr": S * (cr**2).sum(),
        "e": (rest**2).sum(),
    }
    df = {"c": C - 1, "s": S - 1, "r": R - 1, "cs": (C - 1) * (S - 1), "cr": (C - 1) * (R - 1)}
    return SS, df | {"e": C * S * R - 1 - sum(df.values())}


def mean_squares(data: pd.DataFrame) -> dict[str, float]:
    SS, df = squares(data)
    return {name: SS[name] / df[name] for name in SS}


def sds_by_mean_squares(data: pd.DataFrame) -> Any:
    MS = mean_squares(data)
    found = [
        (MS["s"] - MS["cs"]) / (3 * 25),
        (MS["r"] - MS["cr"]) / (3 * 33),
        (MS["cs"] - MS["e"]) / 25,
        (MS["cr"] - MS["e"]) / 33,
        MS["e"],
    ]
    return np.sqrt(found)


def sds_rounded(data: pd.DataFrame) -> Any:
    return tuple(f"{one:.5g}" for one in sds_by_mean_squares(data))


def errors_by_pooling(data: pd.DataFrame) -> Any:
    SS, df = squares(data)

    def pooled(*parts: str) -> Any:
        return sum(SS[part] for part in parts) / sum(df[part] for part in parts)

    MS = mean_squares(data)
    residual = [
        pooled("s", "r", "cs", "cr", "e"),
        pooled("s", "cs", "cr", "e"),
        pooled("cs", "cr", "e"),
        MS["cs"] + MS["cr"] - MS["e"],
    ]
    return [(2 * one / (33 * 25)) ** 0.5 for one in residual]


def errors_by_differences(data: pd.DataFrame) -> Any:
    """The last one as a sum of three parts."""
    *_, a, t, s = sds_by_mean_squares(data)
    return [*errors_by_pooling(data)[:3], (2 * (a**2 / 33 + t**2 / 25 + s**2 / 825)) ** 0.5]


def interval_by_satterthwaite(data: pd.DataFrame) -> Any:
    MS, (_, df) = mean_squares(data), squares(data)
    whole = MS["cs"] + MS["cr"] - MS["e"]
    freedom = whole**2 / sum(MS[part] ** 2 / df[part] for part in ("cs", "cr", "e"))
    means = data.groupby("condition")["rating"].mean()
    half = scipy.stats.t.ppf(0.975, freedom) * (2 * whole / (33 * 25)) ** 0.5
    estimate = means["b"] - means["a"]
    return [estimate, estimate - half, estimate + half]


OTHERWISE = {
    "contrast_variance": [
        "2*(R*alpha^2 + S*tau^2 + sigma^2)/(R*S)",
        "2*alpha2/S + 2*tau2/R + 2*sigma2/(R*S)",
    ],
    "reported_residual": [
        "sigma2 + ((S-1)*(C-1)*R*alpha2 + (R-1)*(C-1)*S*tau2)/(C*S*R - 1 - (C-1) - (S-1) - (R-1))",
        "((S-1)*(C-1)*(R*alpha2 + sigma2) + (R-1)*(C-1)*(S*tau2 + sigma2)"
        " + (C*S*R - C - S - R + 2 - (C-1)*(S + R - 2))*sigma2)/(C*S*R - C - S - R + 2)",
    ],
    "sds": [sds_by_mean_squares, sds_rounded],
    "standard_errors": [errors_by_pooling, errors_by_differences],
    "interval": [interval_by_satterthwaite],
}
