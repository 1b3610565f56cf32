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

from ..fit import Fit, lm, lmer
from ..population import Population, population, response, sample_x, sample_y
from ..predictors import dirichlet, factor
from .shared import COLOURS, NONE, PARTIAL, Found, diagonal, plain

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
        """Estimates against the truth; and both with two standard errors, by size of sample."""
        figure = Figure(figsize=(10, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        draw_against_truth(left, self.table)
        draw_intervals(right, self.table.sort_values("n"))
        left.legend(frameon=False)
        return figure


def draw_against_truth(axes: Axes, table: pd.DataFrame) -> None:
    """A point a county and estimator, and each estimator's regression on the truth."""
    diagonal(plain(axes), table[["truth", NONE, PARTIAL]])
    for name in (NONE, PARTIAL):
        reached = table.dropna()
        slope, intercept = np.polyfit(reached["truth"], reached[name], 1)
        axes.plot(table["truth"], table[name], "o", color=COLOURS[name], markersize=3.5, label=name)
        x = np.array([table["truth"].min(), table["truth"].max()])
        axes.plot(x, intercept + slope * x, color=COLOURS[name], linewidth=1.2)
    axes.set(xlabel="true mean income", ylabel="estimate")


def draw_intervals(axes: Axes, table: pd.DataFrame) -> None:
    """Estimate and two standard errors, from the smallest sample to the largest."""
    places = np.arange(len(table))
    for name, shift in ((NONE, -0.18), (PARTIAL, 0.18)):
        axes.errorbar(
            places + shift, table[name], 2 * table[f"{name} se"],
            fmt="o", markersize=2.5, linewidth=0.9, color=COLOURS[name],
        )  # fmt: skip
    axes.plot(places, table["truth"], "_", color="#333333", markersize=6)
    plain(axes).set_xticks(places, table["county"].astype(str), fontsize=6)
    axes.set(xlabel="county, by number of respondents", ylabel="estimate ± 2 standard errors")


def run(seed: int) -> Counties:
    """One survey and both analyses of it."""
    rng = np.random.default_rng(seed)
    effects = pd.Series(rng.normal(scale=BETWEEN, size=len(COUNTIES)), index=COUNTIES)
    data = sample_y(sample_x(survey(effects, rng), RESPONDENTS, rng), rng).frame
    data.attrs["name"] = "respondents"
    fit = lmer("income ~ (1 | county)", data)
    return Counties(data, compared(data, fit, effects), fit)


def compared(data: pd.DataFrame, fit: Fit, effects: pd.Series) -> pd.DataFrame:
    """county, n, truth, and of each estimator the estimate and its standard error.

    A county that nobody answered from has no mean of its own, and its posterior is its prior.
    """
    alone = lm("income ~ 0 + county", data)
    random = fit.ranef(cond_var=True)
    gamma = random["county"]["(Intercept)"]
    given_beta = np.sqrt((random.cond_var or {})["county"][0, 0])  # (counties reached,)
    reached = pd.DataFrame(
        {
            NONE: alone.beta.to_numpy(),
            f"{NONE} se": alone.se.to_numpy(),
            PARTIAL: fit.beta.iloc[0] + gamma.to_numpy(),
            f"{PARTIAL} se": given_beta,
        },
        index=gamma.index,
    )
    prior = {PARTIAL: fit.beta.iloc[0], f"{PARTIAL} se": fit.varcorr["county"].sd.iloc[0]}
    return (
        pd.DataFrame({"n": data["county"].value_counts(), "truth": MEAN + effects})
        .join(reached)
        .fillna(prior)
        .loc[[*COUNTIES]]
        .rename_axis("county")
        .reset_index()
    )
