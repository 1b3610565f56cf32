"""Section 23.4: three estimators of the means of four groups, of one estimand each.

The mean of a group is what `lm(y ~ 0 + group)` estimates without pooling, the overall mean with
complete pooling, and fixed plus random effect, coef() and not ranef(), with partial pooling.  A
contrast with the first group or a random effect alone would be another quantity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..linalg import Array
from ..population import Population, Sample, population, response, sample_x, sample_y
from ..population.predictors import factor
from ..study import sampling_distribution
from ..study.refit import Refit, refitter
from ..study.together import OfMany, Together
from .shared import COLOURS, COMPLETE, NONE, PARTIAL, Found, accuracy, legend_above, plain

EFFECTS = {"A": 2.0, "B": 3.0, "C": 1.0, "D": 2.5}
MEAN = 4.0


def groups(error_scale: float = 1.0) -> Population:
    """The population of the chapter."""
    y = response(f"{MEAN} + by_level(group, effects)", effects=EFFECTS, error_scale=error_scale)
    return population(group=factor(EFFECTS), y=y)


@dataclass(frozen=True)
class Estimators(OfMany):
    """The means of the groups by each of the three estimators."""

    alone: Refit
    mixed: Refit

    def __call__(self, data: pd.DataFrame) -> pd.DataFrame:
        """Columns estimator, term (the group), estimate."""
        means = self.alone(data).beta.to_numpy()  # (4,)
        return side_by_side(data, means, self.mixed(data).coef()["group"].to_numpy()[:, 0])

    def many(self, samples: Sequence[pd.DataFrame]) -> list[pd.DataFrame | None]:
        """The same of samples at once."""
        alone, mixed = Together.of(self.alone, samples), Together.of(self.mixed, samples)
        means = alone.found.beta.to_numpy()  # (b, 4)
        partial = mixed.found.beta.to_numpy() + mixed.posterior()[0][..., 0]  # (b, 4)
        rows = zip(samples, means, partial, alone.is_plain & mixed.is_plain, strict=True)
        return [side_by_side(*row) if is_plain else None for *row, is_plain in rows]


def side_by_side(data: pd.DataFrame, means: Array, partial: Array) -> pd.DataFrame:
    """The means of the groups (4,) by each estimator, a row each."""
    complete = np.full(len(means), data["y"].to_numpy().mean())
    estimates = {NONE: means, COMPLETE: complete, PARTIAL: partial}
    return pd.DataFrame(
        {
            "estimator": np.repeat(list(estimates), len(means)),
            "term": [*EFFECTS] * len(estimates),
            "estimate": np.concatenate([*estimates.values()]),
        }
    )


@dataclass(frozen=True, eq=False)
class Shrinkage(Found):
    """Every estimate of every replicate, and a table of how good they are."""

    def figure(self) -> Figure:
        """The sampling distributions, a panel a group."""
        figure = Figure(figsize=(10, 3.4), layout="constrained")
        panels = figure.subplots(1, len(EFFECTS), sharex=True, sharey=True)
        count = int(self.rows["replicate"].nunique() ** 0.5)
        bins = np.histogram_bin_edges(self.rows["estimate"].dropna(), 2 * count).tolist()
        for axes, (group, rows) in zip(panels, self.rows.groupby("term"), strict=True):
            for estimator, colour in COLOURS.items():
                x = rows.loc[rows["estimator"] == estimator, "estimate"]
                axes.hist(x, bins, histtype="step", color=colour, label=estimator, linewidth=1.4)
            axes.axvline(MEAN + EFFECTS[str(group)], color="#333333", linestyle="--", linewidth=1)
            plain(axes).set_title(f"group {group}", fontsize=9)
        figure.supylabel("samples")
        figure.supxlabel("estimate of the group's mean (dashed: the truth)")
        legend_above(figure, axes)
        return figure


def run(
    nsim: int,
    seed: int,
    jobs: int = 1,
    keep: str | Path | None = None,
    error_scale: float = 1.0,
) -> Shrinkage:
    """nsim samples of 100 rows with the same groups in them."""
    rng = np.random.default_rng(seed)
    sample = sample_y(sample_x(groups(error_scale), 100, rng), rng)
    made = estimators(sample)
    return of(sampling_distribution(made, sample, nsim, seed, jobs=jobs, keep=keep))


def of(rows: pd.DataFrame) -> Shrinkage:
    """The study that these rows are of."""
    return Shrinkage(rows, summarized(rows))


def estimators(sample: Sample) -> Estimators:
    """The estimators for samples with the rows of this one."""
    data = sample.frame
    return Estimators(refitter("y ~ 0 + group", data), refitter("y ~ (1 | group)", data))


def summarized(rows: pd.DataFrame) -> pd.DataFrame:
    """Accuracy by group and estimator."""
    found = [
        {"group": group, "estimator": estimator}
        | accuracy(part["estimate"].to_numpy(), MEAN + EFFECTS[str(group)])
        for (group, estimator), part in rows.groupby(["term", "estimator"], sort=False)
    ]
    return pd.DataFrame(found).sort_values("group", kind="stable", ignore_index=True)
