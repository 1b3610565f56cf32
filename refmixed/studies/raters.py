"""Section 23.5: 33 subjects under 3 conditions, each rated by 25 raters, some cells missing.

The effect of a condition varies by subject and by rater.  A model with random intercepts alone
takes the ratings of one subject under one condition for independent, and its standard errors for
the conditions are far too small; one with random slopes by subject and by rater has them right.
There is no difference between the conditions here, so that every finding of one is false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..linalg import Array
from ..population import Population, Sample, population, random_effects, response, sample_y
from ..study import sampling_distribution
from ..study.refit import Refit, refitter
from ..study.together import OfMany, Together
from .shared import COLOURS, NONE, PARTIAL, Found, Z, legend_above, mcse, plain

CONDITIONS, SUBJECTS, RATERS, MISSING = "abc", 33, 25, 0.1
MODELS = {
    "random intercepts": "rating ~ condition + (1 | subject) + (1 | rater)",
    "random slopes": "rating ~ condition + (condition | subject) + (condition | rater)",
}


def ratings() -> Population:
    """Each subject and each rater has an effect under each condition; they are correlated."""
    subject = 1.0**2 * (0.3 * np.eye(3) + 0.7)  # (3, 3)  correlation 0.7
    rater = 0.5**2 * (0.5 * np.eye(3) + 0.5)  # (3, 3)  correlation 0.5
    return population(
        by_subject=random_effects("subject", "0 + condition", subject),
        by_rater=random_effects("rater", "0 + condition", rater),
        rating=response("5 + by_subject + by_rater", error_scale=1.0),
    )


def crossed(rng: np.random.Generator) -> pd.DataFrame:
    """Every rater with every subject under every condition, but for a tenth of the cells."""
    cells = product(range(SUBJECTS), CONDITIONS, range(RATERS))
    rows = [(f"s{s:02d}", condition, f"r{r:02d}") for s, condition, r in cells]
    design = pd.DataFrame(rows, columns=["subject", "condition", "rater"], dtype="category")
    return design[rng.random(len(design)) >= MISSING].reset_index(drop=True)


@dataclass(frozen=True)
class Contrasts(OfMany):
    """Conditions b and c against a, by both models."""

    models: dict[str, Refit]

    def __call__(self, data: pd.DataFrame) -> pd.DataFrame:
        """Columns model, term, estimate, se."""
        fits = {name: refit(data) for name, refit in self.models.items()}
        return pd.concat([contrasts(name, fit.beta, fit.se) for name, fit in fits.items()])

    def many(self, samples: Sequence[pd.DataFrame]) -> list[pd.DataFrame | None]:
        """The same of samples at once."""
        fits = {name: Together.of(refit, samples) for name, refit in self.models.items()}
        plain = np.all([fit.is_plain for fit in fits.values()], axis=0)
        found: list[pd.DataFrame | None] = [None] * len(samples)
        for j in np.flatnonzero(plain).tolist():
            pairs = {n: (fit.found.beta.iloc[j], fit.se[j]) for n, fit in fits.items()}
            found[j] = pd.concat([contrasts(name, *pair) for name, pair in pairs.items()])
        return found


def contrasts(name: str, beta: pd.Series[float], se: Array | pd.Series[float]) -> pd.DataFrame:
    """The fixed effects of a fit but the intercept."""
    estimates = pd.DataFrame({"estimate": beta, "se": se}).iloc[1:]
    return estimates.rename_axis("term").reset_index().assign(model=name)


@dataclass(frozen=True, eq=False)
class Raters(Found):
    """Every estimate of every replicate, and a row for each model and contrast."""

    def figure(self) -> Figure:
        """Standard errors as each model reports them, beside what the estimates really do."""
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = plain(figure.subplots())
        bins = np.histogram_bin_edges(self.rows["se"].dropna(), 40).tolist()
        for model, colour in zip(MODELS, (COLOURS[NONE], COLOURS[PARTIAL]), strict=True):
            se = self.rows.loc[self.rows["model"] == model, "se"]
            axes.hist(se, bins, color=colour, alpha=0.8, label=model)
        truth = float(self.table["sd"].mean())
        axes.axvline(truth, color="#333333", linestyle="--", label="sd of the estimates")
        axes.set(xlabel="reported standard error of a contrast", ylabel="fits")
        legend_above(figure, axes)
        return figure


def run(nsim: int, seed: int, jobs: int = 1, keep: str | Path | None = None) -> Raters:
    """nsim samples of one incomplete design, each fitted by both models."""
    rng = np.random.default_rng(seed)
    sample = sample_y(Sample(crossed(rng), ratings()), rng)
    refits = {name: refitter(formula, sample.frame) for name, formula in MODELS.items()}
    return of(sampling_distribution(Contrasts(refits), sample, nsim, seed, jobs=jobs, keep=keep))


def of(rows: pd.DataFrame) -> Raters:
    """The study that these rows are of."""
    return Raters(rows, summarized(rows))


def summarized(rows: pd.DataFrame) -> pd.DataFrame:
    """By model and contrast: what the estimates do and what their standard errors say.

    sd: of the estimates; se: the mean of the reported ones; ratio: se / sd; false: the share of
    samples in which |estimate| > 1.96 se, 0.05 where all is right.  mcse: Monte Carlo errors.
    """
    found = []
    for (model, term), part in rows.groupby(["model", "term"]):
        false = (part["estimate"].abs() > Z * part["se"]).to_numpy(float)
        sd, se = float(part["estimate"].std()), float(part["se"].mean())
        row = {"model": model, "term": term, "replicates": len(part), "sd": sd, "se": se}
        row |= {"ratio": se / sd, "ratio_mcse": se / sd * relative_error_of_sd(len(part))}
        found.append(row | {"false": false.mean(), "false_mcse": mcse(false)})
    return pd.DataFrame(found)


def relative_error_of_sd(n: int) -> float:
    """The Monte Carlo standard error of the standard deviation of n normal estimates, over it."""
    return float(1.0 / np.sqrt(2.0 * (n - 1))) if n > 1 else np.nan
