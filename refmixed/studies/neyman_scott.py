"""Neyman and Scott's problem: what more groups do for variances, estimated by ML and by REML.

    y = mu + gamma_g + e,   Var(gamma) = sigma_gamma^2,   Var(e) = sigma^2,   J groups of n-bar rows

Two models of the same samples.  With a fixed effect for each group ML has one more unknown for
each group that comes, and its sigma^2 never arrives.  With a random effect it has three unknowns.
Beside the simulation stands what is known exactly, `laws`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import kstest

from ..population import Sample, sample_y
from ..study import sampling_distribution
from ..study.refit import Refit, refitter
from ..study.together import OfMany, Together
from . import laws
from .coverage import SIGMA2, SIGMA_GAMMA2, Layouts, by_layout, observations, one_way
from .shared import COLOURS, NONE, PARTIAL, Found, legend_above, mcse, plain

GROUPS, SIZES = (5, 20, 80), (2, 5, 10)
LAYOUTS: Layouts = tuple(product(GROUPS, SIZES))
FIXED, RANDOM = "fixed effects", "random effects"
MODELS = {FIXED: "y ~ 0 + group", RANDOM: "y ~ (1 | group)"}
METHODS = {"ML": False, "REML": True}
TRUTH = {"sigma^2": SIGMA2, "sigma_gamma^2": SIGMA_GAMMA2}
KEYS = ["size", "groups", "term", "model", "method"]
Key = tuple[tuple[int, int], str, str]  # a layout, a model and a method


@dataclass(frozen=True)
class Variances(OfMany):
    """The estimates of one sample of each layout, by each model and method."""

    refits: dict[Key, Refit]

    def __call__(self, data: pd.DataFrame) -> pd.DataFrame:
        """Columns groups, size, model, method, term, estimate."""
        parts = by_layout(data)
        found = {}
        for key, refit in self.refits.items():
            fit = refit(parts[key[0]])
            found[key] = fit.sigma**2, (fit.theta * fit.sigma) ** 2
        return table(found)

    def many(self, samples: Sequence[pd.DataFrame]) -> list[pd.DataFrame | None]:
        """The same of samples at once."""
        parts = [by_layout(data) for data in samples]
        fits = {k: Together.of(r, [part[k[0]] for part in parts]) for k, r in self.refits.items()}
        is_plain = np.all([fit.is_plain for fit in fits.values()], axis=0)
        return [
            table({key: variances(fit, j) for key, fit in fits.items()}) if is_plain[j] else None
            for j in range(len(samples))
        ]


def variances(fits: Together, j: int) -> tuple[float, Any]:
    """sigma^2 and, of a mixed model, sigma_gamma^2 in sample j."""
    sigma = float(fits.found.sigma.iloc[j])
    return sigma**2, (fits.found.theta.iloc[j] * sigma) ** 2


def table(found: dict[Key, tuple[float, Any]]) -> pd.DataFrame:
    """The estimates, a row each."""
    rows = [
        (*layout, model, method, term, float(estimate))
        for (layout, model, method), (within, between) in found.items()
        for term, estimate in zip(TRUTH, (within, *between), strict=False)
    ]
    return pd.DataFrame(rows, columns=["groups", "size", "model", "method", "term", "estimate"])


@dataclass(frozen=True, eq=False)
class NeymanScott(Found):
    """Every estimate, and a row for each layout, variance, model and method."""

    def figure(self) -> Figure:
        """A column a size of groups: mean estimates over the number of groups, and their law."""
        figure = Figure(figsize=(9.5, 9), layout="constrained")
        panels = figure.subplots(3, len(SIZES), sharey="row")
        for size, column in zip(SIZES, panels.T, strict=True):
            for axes, term in zip(column, TRUTH, strict=False):
                draw_means(axes, self.table, size, term)
            draw_laws(column[2], self.rows, size)
            column[0].set_title(f"{size} a group", fontsize=10)
        names = (r"mean estimate of $\sigma^2$", r"mean estimate of $\sigma_\gamma^2$")
        law = f"density of ML's $\\sigma^2$, {FIXED}"
        for axes, name in zip(panels[:, 0], (*names, law), strict=True):
            axes.set_ylabel(name)
        legend_above(figure, panels[0, 0], 4)
        panels[2, 0].legend(frameon=False)
        return figure


STYLES: dict[tuple[str, str], dict[str, Any]] = {
    (model, method): {"color": COLOURS[colour], "marker": marker, "linestyle": line}
    for model, colour in ((FIXED, NONE), (RANDOM, PARTIAL))
    for method, marker, line in (("ML", "o", "-"), ("REML", "s", ":"))
}


def draw_means(axes: Axes, found: pd.DataFrame, size: int, term: str) -> None:
    """Simulated means with two Monte Carlo errors; lines: what is expected."""
    many = np.unique(np.geomspace(GROUPS[0], GROUPS[-1], 30).round().astype(int))
    rows = found[(found["size"] == size) & (found["term"] == term)]
    for (model, method), part in rows.groupby(["model", "method"], sort=False):
        style = STYLES[str(model), str(method)]
        law = [expected((int(m), size), str(model), str(method))[term] for m in many]
        axes.plot(many, law, color=style["color"], linestyle=style["linestyle"], linewidth=1)
        axes.errorbar(
            part["groups"], part["mean"], 2 * part["mcse"], **style | {"linestyle": ""},
            markersize=4, markerfacecolor="none", label=f"{model}, {method}",
        )  # fmt: skip
    axes.axhline(TRUTH[term], color="#333333", linestyle="--", linewidth=1)
    plain(axes).set_xscale("log")
    axes.set_xticks(GROUPS, map(str, GROUPS))
    axes.minorticks_off()
    axes.set_xlabel("groups (dashed: the truth)")


def draw_laws(axes: Axes, rows: pd.DataFrame, size: int) -> None:
    """ML's estimates of sigma^2 with fixed effects, and their densities."""
    is_ml = (rows["model"] == FIXED) & (rows["method"] == "ML")
    grid = np.linspace(0.01, 2.0, 400)
    for m, shade in zip(GROUPS, ("#9ecae1", "#4292c6", "#08519c"), strict=True):
        own = rows.loc[is_ml & (rows["groups"] == m) & (rows["size"] == size), "estimate"]
        axes.hist(own, 20, density=True, color=shade, alpha=0.45)
        law = laws.of_fixed_effects(m, size, SIGMA2, reml=False)
        axes.plot(grid, law.pdf(grid), color=shade, linewidth=1.3, label=f"{m} groups")
    axes.axvline(SIGMA2, color="#333333", linestyle="--", linewidth=1)
    plain(axes).set_xlabel("estimate (dashed: the truth)")


def run(
    nsim: int,
    seed: int,
    jobs: int = 1,
    keep: str | Path | None = None,
    layouts: Layouts = LAYOUTS,
) -> NeymanScott:
    """nsim samples of each layout."""
    rng = np.random.default_rng(seed)
    sample = sample_y(Sample(observations(layouts), one_way()), rng)
    made = Variances(dict(refits(sample.frame)))
    return of(sampling_distribution(made, sample, nsim, seed, jobs=jobs, keep=keep))


def of(rows: pd.DataFrame) -> NeymanScott:
    """The study that these rows are of."""
    return NeymanScott(rows, summarized(rows))


def refits(data: pd.DataFrame) -> Iterator[tuple[Key, Refit]]:
    """Each model of each layout, by each method."""
    for layout, part in by_layout(data).items():
        for (model, formula), (method, reml) in product(MODELS.items(), METHODS.items()):
            yield (layout, model, method), refitter(formula, part, reml=reml)


def expected(layout: tuple[int, int], model: str, method: str) -> dict[str, float]:
    """The exact means of the estimates."""
    reml = METHODS[method]
    if model == FIXED:
        return {"sigma^2": float(laws.of_fixed_effects(*layout, SIGMA2, reml).mean())}
    return laws.means_of_mixed_model(*layout, SIGMA2, SIGMA_GAMMA2, reml)


def summarized(rows: pd.DataFrame) -> pd.DataFrame:
    """By layout, variance, model and method: the truth, the mean, and what it should be.

    p: of Kolmogorov and Smirnov's test of the exact law, where there is one.
    """
    found, parts = [], cast(Any, rows.groupby(KEYS))  # the types of keys are not known to pandas
    for (size, groups, term, model, method), part in parts:
        layout, x = (int(groups), int(size)), part["estimate"].to_numpy()
        row = {"size": layout[1], "groups": layout[0], "term": term}
        row |= {"model": model, "method": method, "truth": TRUTH[term]}
        row |= {"expected": expected(layout, model, method)[term], "mean": float(x.mean())}
        row |= {"mcse": mcse(x), "p": np.nan}
        if model == FIXED:
            law = laws.of_fixed_effects(*layout, SIGMA2, METHODS[method])
            row["p"] = float(kstest(x, law.cdf).pvalue)
        found.append(row)
    return pd.DataFrame(found)
