"""What a fit says of a sample of balanced groups, against the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as student

from ..linalg import Array
from ..result import Fit
from ..study.together import Together
from .shared import NONE, Z, posterior_sd

MU, LEVEL = 2.0, 0.95


@dataclass(frozen=True)
class Estimates:
    """What a fit says: beta and its errors, sigma; of a mixed model its groups."""

    beta: Array  # (p,)
    se: Array  # (p,)
    sigma: float
    sd: float = np.nan  # of the groups
    mean: Any = None  # (groups,)  given y
    mean_sd: Any = None  # (groups,)

    @classmethod
    def of(cls, fit: Fit) -> Estimates:
        """Of one fit."""
        own = fit.beta.to_numpy(), fit.se.to_numpy(), fit.sigma
        if not fit.design.terms:
            return cls(*own)
        mean = fit.ranef()["group"].to_numpy()[:, 0]
        sd = float(fit.varcorr["group"].sd.iloc[0])
        return cls(*own, sd, mean, posterior_sd(fit, "group")[:, 0])

    @classmethod
    def of_many(cls, fits: Together) -> list[Estimates | None]:
        """Of many, None of those that must be asked by themselves."""
        found = fits.found
        columns = [found.beta.to_numpy(), fits.se, found.sigma.to_numpy()]
        if fits.fit.design.terms:
            mean, sd = fits.posterior()
            columns += [columns[2] * found.theta.to_numpy()[:, 0], mean[..., 0], sd[..., 0]]
        rows = zip(fits.is_plain, *columns, strict=True)
        return [cls(*row) if is_plain else None for is_plain, *row in rows]


def quantities(method: str, found: Estimates, data: pd.DataFrame) -> dict[str, float]:
    """What a fit says, against the truth of a balanced layout."""
    size = int(data["size"].iloc[0])
    gamma = data["gamma"].to_numpy()[::size]  # (groups,)
    return alone(found, gamma, size) if method == NONE else mixed(found, gamma)


def mixed(found: Estimates, gamma: Array) -> dict[str, float]:
    """What a mixed model says, against the truth; t with groups - 1 degrees of freedom."""
    mu, se = float(found.beta[0]), float(found.se[0])
    return {
        "mu": mu,
        "sigma_gamma^2": found.sd**2,
        "sigma^2": found.sigma**2,
        **covers_mu(mu, se, len(gamma) - 1),
        "covers gamma": covered(found.mean - gamma, Z * found.mean_sd),
        "covers group mean": covered(mu + found.mean - MU - gamma, Z * found.mean_sd),
    }


def alone(found: Estimates, gamma: Array, size: int) -> dict[str, float]:
    """What separate means say; t with n - groups degrees of freedom."""
    mu, n = float(found.beta.mean()), len(gamma) * size
    return {
        "mu": mu,
        "sigma_gamma^2": float(found.beta.var(ddof=1)),
        "sigma^2": found.sigma**2,
        **covers_mu(mu, found.sigma / n**0.5, n - len(gamma)),
        "covers group mean": covered(found.beta - MU - gamma, Z * found.se),
    }


def covers_mu(mu: float, se: float, df: int) -> dict[str, float]:
    """Whether the normal and the t interval hold the truth."""
    widths = {"covers mu, normal": Z, "covers mu, t": float(student.ppf((1 + LEVEL) / 2, df))}
    return {name: float(abs(mu - MU) <= width * se) for name, width in widths.items()}


def covered(error: Array, width: Array) -> float:
    """The share of errors within the width."""
    return float((np.abs(error) <= width).mean())
