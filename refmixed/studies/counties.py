"""Example 23.6: incomes in 52 counties, from 1000 respondents who are spread unevenly.

Without pooling, each county's mean is its own (`lm(income ~ 0 + county)`: with an intercept the
coefficients would be differences from county A); with partial pooling it is fixed plus random
effect.  Both estimate the mean income of the county, which is known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_letters

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..fit import lm, lmer
from ..population import Population, population, response, sample_x, sample_y
from ..population.predictors import dirichlet, factor
from ..result import Fit
from .shared import COLOURS, NONE, PARTIAL, Found, diagonal, plain, posterior_sd

COUNTIES = (*ascii_letters.upper()[:26], *ascii_letters[:26])
RESPONDENTS = 1000
MEAN, BETWEEN, WITHIN = 1.0, 0.25, 0.5


def survey(effects: pd.Series, rng: np.random.Generator) -> Population:
    """Respondents of counties with these effects; the counties' shares are drawn once."""
    return population(
        county=factor(effects.index, dirichlet(2.0).draw(rng, len(effects))),
        income=response(f"{MEAN} + by_level(county, effects)", effects=effects, error_scale=WITHIN),
    )


@dataclass(frozen=True, eq=False)
class Counties(Found):
    """The respondents, a row for each county, and the mixed model."""

    fit: Fit

    def __str__(self) -> str:
        return f"{self.fit.summary()}\n{super().__str__()}"

    @property
    def rmse(self) -> pd.Series:
        """Root mean square error of each estimator over the counties that were reached."""
        errors = self.table[[NONE, PARTIAL]].sub(self.table["truth"], axis=0)
        return (errors.dropna() ** 2).mean() ** 0.5

    def figure(self) -> Figure:
        """Estimates against the truth; and both with their errors, by size of sample."""
        figure = Figure(figsize=(8.5, 9), layout="constrained")
        above, below = figure.subplots(2, 1)
        draw_against_truth(above, self.table)
        draw_intervals(below, self.table.sort_values("n", kind="stable"))
        for axes in (above, below):
            axes.legend(frameon=False)
        return figure


def draw_against_truth(axes: Axes, table: pd.DataFrame) -> None:
    """A point a county and estimator, and each estimator's regression on the truth."""
    diagonal(plain(axes), table[["truth", NONE, PARTIAL]], "the truth")
    for name in (NONE, PARTIAL):
        reached = table.dropna()
        slope, intercept = np.polyfit(reached["truth"], reached[name], 1)
        axes.plot(table["truth"], table[name], "o", color=COLOURS[name], markersize=3.5, label=name)
        x = np.array([table["truth"].min(), table["truth"].max()])
        axes.plot(x, intercept + slope * x, color=COLOURS[name], linewidth=1.2)
    axes.set(xlabel="true mean income", ylabel="estimate")


def draw_intervals(axes: Axes, table: pd.DataFrame) -> None:
    """Estimate, and twice its error on both sides, from the smallest sample to the largest."""
    places = np.arange(len(table))
    for name, error, shift in ((NONE, f"{NONE} se", -0.18), (PARTIAL, "posterior sd", 0.18)):
        label = f"{name} ± 2 {error.removeprefix(name).strip()}"
        axes.errorbar(
            places + shift, table[name], 2 * table[error],
            fmt="o", markersize=3, linewidth=1.1, color=COLOURS[name], label=label,
        )  # fmt: skip
    axes.plot(places, table["truth"], "_", color="#333333", markersize=8, label="the truth")
    plain(axes).set_xticks(places[::3], table["n"].iloc[::3].astype(str))
    axes.set(xlabel="respondents in the county", ylabel="mean income")


def run(seed: int) -> Counties:
    """One survey and both analyses of it."""
    rng = np.random.default_rng(seed)
    effects = pd.Series(rng.normal(scale=BETWEEN, size=len(COUNTIES)), index=COUNTIES)
    data = sample_y(sample_x(survey(effects, rng), RESPONDENTS, rng), rng).frame
    data.attrs["name"] = "respondents"
    fit = lmer("income ~ (1 | county)", data)
    return Counties(data, compared(data, fit, effects), fit)


def compared(data: pd.DataFrame, fit: Fit, effects: pd.Series) -> pd.DataFrame:
    """county, n, truth, each estimate with its error, and the random effect alone.

    A county that nobody answered from has no mean of its own, and its posterior is its prior.
    """
    alone = lm("income ~ 0 + county", data)
    gamma = fit.ranef()["county"]["(Intercept)"]
    reached = pd.DataFrame(
        {
            NONE: alone.beta.to_numpy(),
            f"{NONE} se": alone.se.to_numpy(),
            PARTIAL: fit.coef()["county"]["(Intercept)"].to_numpy(),
            "posterior sd": posterior_sd(fit, "county")[:, 0],
            "ranef": gamma.to_numpy(),
        },
        index=gamma.index,
    )
    sd = fit.varcorr["county"].sd.iloc[0]
    prior = {PARTIAL: fit.beta.iloc[0], "posterior sd": sd, "ranef": 0.0}
    return (
        pd.DataFrame({"n": data["county"].value_counts(), "truth": MEAN + effects})
        .join(reached)
        .fillna(prior)
        .loc[[*COUNTIES]]
        .rename_axis("county")
        .reset_index()
    )
