"""What Laplace's approximation costs: the standard deviation of clusters of ones and zeros.

    logit P(y = 1 | gamma) = logit(p) + gamma,    gamma ~ N(0, SD^2),    clusters of one size

A cluster comes to its number of successes, and a sample to how many clusters have each number: so
the likelihood is a weighted sum over these numbers, by any rule.  With their probabilities for
weights its maximum is what the estimates tend to as clusters are added, `limit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.optimize import minimize
from scipy.special import logit

from ..glm.families import Binomial
from ..glm.links import LOGIT
from ..glm.model import Model
from ..glm.pirls import mode
from ..glm.quadrature import Quadrature, gauss_hermite
from ..glm.strip import rule
from ..linalg import Array
from ..population import Population, Sample, population, random_effects, response, sample_y
from ..r.design import design
from ..study import sampling_distribution
from .shared import COLOURS, COMPLETE, NONE, PARTIAL, Found, legend_above, plain

SIZES, PROBABILITIES = (2, 4, 8, 16), (0.05, 0.2, 0.5)
Layouts = tuple[tuple[int, float], ...]  # sizes, and probabilities of a success where gamma is 0
LAYOUTS: Layouts = tuple(product(SIZES, PROBABILITIES))
CLUSTERS, SD = 500, 1.0
LARGEST = 20.0  # of an estimate
NODES = {"Laplace": 1, "5 nodes": 5, "25 nodes": 25}
STYLES: dict[str, dict[str, Any]] = {
    name: {"color": COLOURS[colour], "marker": marker}
    for name, colour, marker in zip(NODES, (PARTIAL, NONE, COMPLETE), "os^", strict=True)
}


@cache
def numbers(size: int) -> Model:
    """The model of size + 1 clusters, with 0, 1, ... successes."""
    s = np.arange(size + 1.0)
    data = pd.DataFrame({"y": s / size, "cluster": [f"{k:02.0f}" for k in s]})
    trials = np.full(size + 1, float(size))
    made = design("y ~ 1 + (1 | cluster)", data, weights=trials, allow_saturated=True)
    return Model(made, Binomial(LOGIT, s, trials))


def probabilities(size: int, p: float) -> Array:
    """(size + 1,): of each number of successes, to ten digits."""
    at = mode(numbers(size).at(np.array([logit(p), SD])))
    return np.exp(Quadrature(at, rule(at, 10)).by_levels)


def estimate(size: int, p: float, weights: Array, nodes: int) -> float:
    """The standard deviation that maximises the weighted log-likelihood; the search starts at SD.

    weights (size + 1,) of each number of successes; they sum to one.
    """
    model, made = numbers(size), gauss_hermite(nodes)

    def minus(psi: Array) -> tuple[float, Array]:
        found = Quadrature(mode(model.at(psi)), made)
        slope = np.array([weights @ found.in_eta, weights @ found.in_a])
        return -float(weights @ found.by_levels), slope

    begin, bounds = np.array([logit(p), SD]), [(-20.0, 20.0), (0.0, LARGEST)]
    found = minimize(minus, begin, jac=True, method="L-BFGS-B", bounds=bounds, tol=1e-14)
    return float(found.x[1])


@cache
def limit(size: int, p: float, method: str) -> float:
    """What the estimates tend to.  That of the likelihood itself is SD."""
    return estimate(size, p, probabilities(size, p), NODES[method])


def clusters(layouts: Layouts) -> pd.DataFrame:
    """The rows of all layouts, one below the other."""
    rows = [
        (size, p, logit(p), f"{size}x{p}-{j:03d}")
        for size, p in layouts
        for j in range(CLUSTERS)
        for _ in range(size)
    ]
    names = ["size", "p", "eta", "cluster"]
    return pd.DataFrame(rows, columns=names).astype({"cluster": "category"})


def of_ones_and_zeros() -> Population:
    """The model above."""
    return population(
        gamma=random_effects("cluster", "1", SD**2),
        y=response("eta + gamma", family="binomial"),
    )


def estimates(data: pd.DataFrame) -> pd.DataFrame:
    """Of one sample of each layout by each method: columns size, p, method, term, estimate."""
    found, parts = [], cast(Any, data.groupby(["size", "p"], sort=False))
    for (size, p), part in parts:
        successes = part["y"].to_numpy().reshape(-1, size).sum(axis=1).astype(int)
        weights = np.bincount(successes, minlength=size + 1) / len(successes)
        for method, nodes in NODES.items():
            found.append((size, p, method, "sd", estimate(size, p, weights, nodes)))
    return pd.DataFrame(found, columns=["size", "p", "method", "term", "estimate"])


@dataclass(frozen=True, eq=False)
class Laplace(Found):
    """Every estimate, and a row for each layout and method."""

    def figure(self) -> Figure:
        """A panel a probability: medians over the size of clusters, and the limits as lines."""
        figure = Figure(figsize=(9, 3.6), layout="constrained")
        panels = figure.subplots(1, len(PROBABILITIES), sharey=True)
        for p, axes in zip(PROBABILITIES, panels, strict=True):
            draw(axes, self.table[self.table["p"] == p])
            axes.set_title(f"p = {p:g}", fontsize=10)
        panels[0].set_ylabel("estimated sd of clusters")
        legend_above(figure, panels[0])
        figure.supxlabel("size of clusters (dashed: the truth)")
        return figure


def draw(axes: Axes, found: pd.DataFrame) -> None:
    """Medians with two Monte Carlo errors; lines: what they tend to."""
    for method, part in found.groupby("method", sort=False):
        style = STYLES[str(method)]
        axes.plot(part["size"], part["limit"], color=style["color"], linewidth=1)
        axes.errorbar(
            part["size"], part["median"], 2 * part["error"], **style, linestyle="",
            markersize=4, markerfacecolor="none", label=str(method),
        )  # fmt: skip
    axes.axhline(SD, color="#333333", linestyle="--", linewidth=1)
    plain(axes).set(xscale="log", yscale="log")
    axes.set_xticks(SIZES, map(str, SIZES))
    axes.set_yticks([0.5, 0.7, 1, 2, 5, 10], ["0.5", "0.7", "1", "2", "5", "10"])
    axes.minorticks_off()


def run(
    nsim: int,
    seed: int,
    jobs: int = 1,
    keep: str | Path | None = None,
    layouts: Layouts = LAYOUTS,
) -> Laplace:
    """nsim samples of each layout."""
    rng = np.random.default_rng(seed)
    sample = sample_y(Sample(clusters(layouts), of_ones_and_zeros()), rng)
    return of(sampling_distribution(estimates, sample, nsim, seed, jobs=jobs, keep=keep))


def of(rows: pd.DataFrame) -> Laplace:
    """The study that these rows are of."""
    return Laplace(rows, pd.DataFrame(summarized(rows)))


def summarized(rows: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """By layout and method: the limit, the median, and the share of zeros.

    error: the median's Monte Carlo standard error, from the quartiles as of a normal law.
    """
    parts = cast(Any, rows.groupby(["size", "p", "method"], sort=False))
    for (size, p, method), part in parts:
        x = part["estimate"].to_numpy()
        low, median, high = np.quantile(x, [0.25, 0.5, 0.75])
        row = {"p": float(p), "size": int(size), "method": method, "truth": SD}
        row |= {"limit": limit(int(size), float(p), method), "median": float(median)}
        row |= {"error": float(1.2533 * (high - low) / 1.349 / np.sqrt(len(x)))}
        yield row | {"zero": float((x < 1e-3).mean())}
