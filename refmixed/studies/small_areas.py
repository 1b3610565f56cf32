"""Example 23.1: the mean income of each of 3,200 counties, from a survey that cannot reach all.

Three estimates for every county: the mean of its respondents, the mean of all, and the mixed
model's.  The counties are independent, and the model is evaluated part by part (`independent`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..design import Design
from ..population import sample_x, sample_y
from ..r.design import design
from .counties import BETWEEN, MEAN, survey
from .independent import Whole, minimize, posterior
from .shared import COLOURS, COMPLETE, NONE, PARTIAL, Found, Z, plain

COUNTIES, RESPONDENTS, PART = 3200, 25600, 40
SIZES = [-1, 0, 1, 2, 4, 8, 16, 32, np.inf]


@dataclass(frozen=True, eq=False)
class SmallAreas(Found):
    """The fit, a row a county, and the errors by number of respondents."""

    fit: Whole

    def figure(self) -> Figure:
        """The root mean square error of each estimator, by number of respondents."""
        figure = Figure(figsize=(7, 4.2), layout="constrained")
        axes = plain(figure.subplots())
        for name, colour in COLOURS.items():
            axes.plot(self.table["respondents"], self.table[name], "o-", color=colour, label=name)
        axes.set(xlabel="respondents in the county", ylabel="root mean square error")
        axes.set_ylim(0, None)
        axes.legend(frameon=False)
        return figure


def run(seed: int, counties: int = COUNTIES, respondents: int = RESPONDENTS) -> SmallAreas:
    """One survey."""
    rng = np.random.default_rng(seed)
    names = [f"{k:04d}" for k in range(counties)]
    effects = pd.Series(rng.normal(scale=BETWEEN, size=counties), index=names)
    data = sample_y(sample_x(survey(effects, rng), respondents, rng), rng).frame
    parts = split(data)
    fit = minimize(parts)
    areas = estimates(data, parts, fit, MEAN + effects)
    return SmallAreas(areas, by_size(areas), fit)


def split(data: pd.DataFrame) -> list[Design]:
    """The design of each 40 counties that were reached; one county alone is no grouping factor."""
    codes = pd.factorize(data["county"], sort=True)[0]
    parts = np.minimum(codes // PART, max(int(codes.max()) // PART - 1, 0))
    return [design("income ~ (1 | county)", data[parts == k]) for k in range(parts.max() + 1)]


def estimates(
    data: pd.DataFrame, parts: list[Design], fit: Whole, truth: pd.Series
) -> pd.DataFrame:
    """county, respondents, truth, the three estimates, and the posterior standard deviation.

    A county that nobody answered from has no mean of its own, and its posterior is its prior.
    """
    by_county = data.groupby("county", observed=False)["income"]
    gamma = pd.Series(0.0, index=truth.index)
    sd = pd.Series(fit.theta * fit.sigma, index=truth.index)
    for part in parts:
        levels = list(part.terms[0].levels)
        gamma[levels], sd[levels] = posterior(part, fit)
    return pd.DataFrame(
        {
            "county": truth.index,
            "respondents": by_county.size()[truth.index].to_numpy(),
            "truth": truth.to_numpy(),
            NONE: by_county.mean()[truth.index].to_numpy(),
            COMPLETE: data["income"].mean(),
            PARTIAL: fit.beta[0] + gamma.to_numpy(),
            "sd": sd.to_numpy(),
        }
    )


def by_size(areas: pd.DataFrame) -> pd.DataFrame:
    """Root mean square errors and the coverage of posterior intervals, by number of respondents."""
    labels = ["0", "1", "2", "3-4", "5-8", "9-16", "17-32", "33+"]
    sizes = pd.cut(areas["respondents"], SIZES, labels=labels)
    errors = areas[[NONE, COMPLETE, PARTIAL]].sub(areas["truth"], axis=0)
    covered = (errors[PARTIAL].abs() <= Z * areas["sd"]).astype(float)
    grouped = sizes.to_frame("respondents").assign(counties=1, covered=covered)
    table = grouped.groupby("respondents", observed=True).agg(
        counties=("counties", "sum"), covered=("covered", "mean")
    )
    rmse = (errors**2).groupby(sizes, observed=True).mean() ** 0.5
    joined = table.join(rmse).reset_index().astype({"respondents": "str"})
    return joined[["respondents", "counties", NONE, COMPLETE, PARTIAL, "covered"]]
