"""Bias and coverage of ML, REML and no pooling, over numbers and sizes of groups.

    y = mu + gamma_g + e,   Var(gamma) = sigma_gamma^2,   Var(e) = sigma^2,   balanced groups

No pooling takes the groups for fixed: its variance between groups is that of the group means, and
its interval for mu counts every observation as independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.stats import t as student

from ..linalg import Array
from ..population import Population, Sample, population, random_effects, response, sample_y
from ..result import Fit
from ..study import sampling_distribution
from ..study.refit import Refit, refitter
from .shared import (
    COLOURS,
    COMPLETE,
    NONE,
    PARTIAL,
    Found,
    Z,
    legend_above,
    mcse,
    plain,
    posterior_sd,
)

GROUPS, SIZES = (5, 10, 30), (3, 10)
Layouts = tuple[tuple[int, int], ...]  # numbers of groups, and of observations in each
LAYOUTS: Layouts = tuple(product(GROUPS, SIZES))
MU, SIGMA_GAMMA2, SIGMA2, LEVEL = 2.0, 0.5, 1.0, 0.95
TITLES = {
    "sigma_gamma^2": r"mean estimate of $\sigma_\gamma^2$",
    "sigma^2": r"mean estimate of $\sigma^2$",
    "covers mu, normal": r"coverage of $\mu$, normal quantile",
    "covers mu, t": r"coverage of $\mu$, Student's t",
    "covers gamma": r"coverage of $\gamma_j$",
    "covers group mean": r"coverage of $\mu + \gamma_j$",
}
TRUTH = dict.fromkeys(TITLES, LEVEL) | {"sigma_gamma^2": SIGMA_GAMMA2, "sigma^2": SIGMA2, "mu": MU}
METHODS = {"ML": COLOURS[COMPLETE], "REML": COLOURS[PARTIAL], NONE: COLOURS[NONE]}


def one_way() -> Population:
    """The model above; `gamma` is a column of its samples."""
    return population(
        gamma=random_effects("group", "1", SIGMA_GAMMA2),
        y=response(f"{MU} + gamma", error_scale=SIGMA2**0.5),
    )


@dataclass(frozen=True)
class Methods:
    """Estimates and intervals of one sample of each layout, by each method."""

    refits: dict[Any, dict[str, Refit]]  # by (groups, size), then by method

    def __call__(self, data: pd.DataFrame) -> pd.DataFrame:
        """Columns groups, size, method, term, estimate; of an interval, the share it covers."""
        rows = [
            (*layout, method, term, x)
            for layout, part in data.groupby(["groups", "size"], sort=False)
            for method, refit in self.refits[layout].items()
            for term, x in quantities(method, refit(part), part).items()
        ]
        return pd.DataFrame(rows, columns=["groups", "size", "method", "term", "estimate"])


def quantities(method: str, fit: Fit, data: pd.DataFrame) -> dict[str, float]:
    """What a fit says, against the truth of a balanced layout."""
    size = int(data["size"].iloc[0])
    gamma = data["gamma"].to_numpy()[::size]  # (groups,)
    return alone(fit, gamma, size) if method == NONE else mixed(fit, gamma)


def mixed(fit: Fit, gamma: Array) -> dict[str, float]:
    """What a mixed model says, against the truth; t with groups - 1 degrees of freedom."""
    mean = fit.ranef()["group"].to_numpy()[:, 0]  # (groups,)
    sd = posterior_sd(fit, "group")[:, 0]  # (groups,)
    mu, se = float(fit.beta.iloc[0]), float(fit.se.iloc[0])
    return {
        "mu": mu,
        "sigma_gamma^2": float(fit.varcorr["group"].sd.iloc[0]) ** 2,
        "sigma^2": fit.sigma**2,
        **covers_mu(mu, se, len(gamma) - 1),
        "covers gamma": covered(mean - gamma, Z * sd),
        "covers group mean": covered(mu + mean - MU - gamma, Z * sd),
    }


def alone(fit: Fit, gamma: Array, size: int) -> dict[str, float]:
    """What separate means say; t with n - groups degrees of freedom."""
    means, se = fit.beta.to_numpy(), fit.se.to_numpy()  # (groups,)
    mu, n = float(means.mean()), len(gamma) * size
    return {
        "mu": mu,
        "sigma_gamma^2": float(means.var(ddof=1)),
        "sigma^2": fit.sigma**2,
        **covers_mu(mu, fit.sigma / n**0.5, n - len(gamma)),
        "covers group mean": covered(means - MU - gamma, Z * se),
    }


def covers_mu(mu: float, se: float, df: int) -> dict[str, float]:
    """Whether the normal and the t interval hold the truth."""
    widths = {"covers mu, normal": Z, "covers mu, t": float(student.ppf((1 + LEVEL) / 2, df))}
    return {name: float(abs(mu - MU) <= width * se) for name, width in widths.items()}


def covered(error: Array, width: Array) -> float:
    """The share of errors within the width."""
    return float((np.abs(error) <= width).mean())


@dataclass(frozen=True, eq=False)
class Coverage(Found):
    """Every estimate, and a row for each layout, method and quantity."""

    def figure(self) -> Figure:
        """A panel a quantity: its mean over the replicates, and two Monte Carlo errors."""
        figure = Figure(figsize=(8.5, 9.5), layout="constrained")
        panels = figure.subplots(3, 2)
        for axes, (term, title) in zip(panels.flat, TITLES.items(), strict=True):
            rows = self.table[self.table["term"] == term]
            for (method, size), part in rows.groupby(["method", "size"], sort=False):
                axes.errorbar(
                    part["groups"], part["mean"], 2 * part["mcse"], color=METHODS[str(method)],
                    marker="o" if size == SIZES[0] else "s", markersize=3.5, linewidth=1,
                    linestyle="-" if size == SIZES[0] else ":", label=f"{method}, {size} a group",
                )  # fmt: skip
            axes.axhline(TRUTH[term], color="#333333", linestyle="--", linewidth=1)
            plain(axes).set_title(title, fontsize=10)
            if TRUTH[term] == LEVEL:
                axes.set_ylim(0.5, 1.0)
            axes.set_xscale("log")
            axes.set_xticks(GROUPS, map(str, GROUPS))
            axes.minorticks_off()
        legend_above(figure, panels.flat[0])
        figure.supxlabel("groups (dashed: the truth, or the nominal level)")
        return figure


def run(
    nsim: int,
    seed: int,
    jobs: int = 1,
    keep: str | Path | None = None,
    layouts: Layouts = LAYOUTS,
) -> Coverage:
    """nsim samples of each layout."""
    rng = np.random.default_rng(seed)
    sample = sample_y(Sample(observations(layouts), one_way()), rng)
    by_layout = sample.frame.groupby(["groups", "size"], sort=False)
    made = Methods({layout: refits(data) for layout, data in by_layout})
    return of(sampling_distribution(made, sample, nsim, seed, jobs=jobs, keep=keep))


def of(rows: pd.DataFrame) -> Coverage:
    """The study that these rows are of."""
    return Coverage(rows, summarized(rows))


def observations(layouts: Layouts) -> pd.DataFrame:
    """The rows of all layouts, one below the other; no two of them share a group."""
    rows = [(m, k, f"{m}x{k}-{g:02d}") for m, k in layouts for g in range(m) for _ in range(k)]
    return pd.DataFrame(rows, columns=["groups", "size", "group"]).astype({"group": "category"})


def refits(data: pd.DataFrame) -> dict[str, Refit]:
    """The three methods for the rows of one layout."""
    mixed_model = "y ~ (1 | group)"
    return {
        "ML": refitter(mixed_model, data, reml=False),
        "REML": refitter(mixed_model, data, reml=True),
        NONE: refitter("y ~ 0 + group", data),
    }


def summarized(rows: pd.DataFrame) -> pd.DataFrame:
    """By layout, method and quantity: truth (or level), mean, bias, and their Monte Carlo error."""
    keys = ["groups", "size", "term", "method"]
    found = []
    for key, part in rows.groupby(keys, sort=False):
        x, row = part["estimate"].to_numpy(), dict(zip(keys, key, strict=True))
        truth = TRUTH[str(row["term"])]
        mean = float(x.mean())
        row |= {"replicates": len(x), "truth": truth}
        found.append(row | {"mean": mean, "bias": mean - truth, "mcse": mcse(x)})
    return pd.DataFrame(found).astype({"groups": int, "size": int})  # of failures they are none
