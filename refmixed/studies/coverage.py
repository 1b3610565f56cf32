"""Bias and coverage of ML, REML and no pooling, over numbers and sizes of groups.

    y = mu + gamma_g + e,   Var(gamma) = sigma_gamma^2,   Var(e) = sigma^2,   balanced groups

No pooling takes the groups for fixed: its variance between groups is that of the group means, and
its interval for mu counts every observation as independent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..population import Population, Sample, population, random_effects, response, sample_y
from ..study import sampling_distribution
from ..study.refit import Refit, refitter
from ..study.together import OfMany, Together
from .balanced import LEVEL, MU, Estimates, quantities
from .shared import (
    COLOURS,
    COMPLETE,
    NONE,
    PARTIAL,
    Found,
    legend_above,
    mcse,
    plain,
)

GROUPS, SIZES = (5, 10, 30), (3, 10)
Layouts = tuple[tuple[int, int], ...]  # numbers of groups, and of observations in each
Row = tuple[tuple[int, int], str, dict[str, float]]  # a layout, a method, and quantities
LAYOUTS: Layouts = tuple(product(GROUPS, SIZES))
SIGMA_GAMMA2, SIGMA2 = 0.5, 1.0
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
class Methods(OfMany):
    """Estimates and intervals of one sample of each layout, by each method."""

    refits: dict[Any, dict[str, Refit]]  # by (groups, size), then by method

    def __call__(self, data: pd.DataFrame) -> pd.DataFrame:
        """Columns groups, size, method, term, estimate; of an interval, the share it covers."""
        parts = by_layout(data)
        return table(
            (layout, method, quantities(method, Estimates.of(refit(parts[layout])), parts[layout]))
            for layout, by_method in self.refits.items()
            for method, refit in by_method.items()
        )

    def many(self, samples: Sequence[pd.DataFrame]) -> list[pd.DataFrame | None]:
        """The same of samples at once."""
        parts = [by_layout(data) for data in samples]
        found: list[list[Row]] = [[] for _ in samples]
        plain = np.ones(len(samples), dtype=bool)
        for layout, by_method in self.refits.items():
            here = [part[layout] for part in parts]
            for method, refit in by_method.items():
                for j, one in enumerate(Estimates.of_many(Together.of(refit, here))):
                    plain[j] &= one is not None
                    if one is not None:
                        found[j].append((layout, method, quantities(method, one, here[j])))
        return [table(r) if is_plain else None for r, is_plain in zip(found, plain, strict=True)]


def by_layout(data: pd.DataFrame) -> dict[Any, pd.DataFrame]:
    """The rows of each layout."""
    return dict(iter(data.groupby(["groups", "size"], sort=False)))


def table(found: Iterable[Row]) -> pd.DataFrame:
    """The quantities of each layout and method, a row each."""
    rows = [(*layout, method, term, x) for layout, method, own in found for term, x in own.items()]
    return pd.DataFrame(rows, columns=["groups", "size", "method", "term", "estimate"])


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
    made = Methods({layout: refits(data) for layout, data in by_layout(sample.frame).items()})
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
