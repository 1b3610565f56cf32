"""R simulates the same populations with the same law.

Each side's draws are compared with the exact law, and the two with one another; the probability
that a right program fails a comparison is ALPHA, and the seeds are fixed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import refmixed as rm
from refmixed.population import Sample, population, random_effects, response, sample_x, sample_y
from refmixed.population.predictors import dirichlet
from refmixed.studies import counties
from validation.adapters import r

pytestmark = pytest.mark.usefixtures("lme4")

ALPHA = 1e-9
NSIM = 200
SIMULATE = """function(data, nsim) {
  fit <- lmer(Reaction ~ Days + (Days | Subject), data)
  list(y = as.matrix(simulate(fit, nsim, seed = 1)), beta = unname(fixef(fit)), sigma = sigma(fit),
       cov = matrix(VarCorr(fit)$Subject, 2, 2))
}"""
DIRICHLET = "function(n, alpha) { set.seed(1); gtools::rdirichlet(n, alpha) }"
SURVEYS = """function(nsim, levels, n) {
  set.seed(1)
  replicate(nsim, {
    effects <- setNames(rnorm(length(levels), sd = 0.25), levels)
    shares <- as.vector(gtools::rdirichlet(1, rep(2, length(levels))))
    county <- sample(levels, n, replace = TRUE, prob = shares)
    income <- rnorm(n, 1 + effects[county], 0.5)
    reached <- table(county)
    c(mean(income), var(income), length(reached), max(reached), var(tapply(income, county, mean)),
      sum(resid(lm(income ~ county))^2))
  })
}"""  # the population of Example 23.6, written as an R user would


def ours(data: pd.DataFrame, model: dict[str, Any]) -> np.ndarray:
    """(n, NSIM) draws of the fitted model as a population."""
    intercept, slope = model["beta"]
    fitted = population(
        b=random_effects("Subject", "1 + Days", model["cov"]),
        y=response(f"{intercept} + {slope} * Days + b", error_scale=float(model["sigma"][0])),
    )
    sample, rng = Sample(data, fitted), np.random.default_rng(1)
    return np.column_stack([sample_y(sample, rng).frame["y"] for _ in range(NSIM)])


def whitened(y: np.ndarray, data: pd.DataFrame, model: dict[str, Any]) -> np.ndarray:
    """(n, NSIM): independent standard normal numbers, if y has the law of the model."""
    d = rm.design("Reaction ~ Days + (Days | Subject)", data)
    Sigma = np.kron(np.eye(18), model["cov"])  # (36, 36)
    V = model["sigma"][0] ** 2 * np.eye(d.n) + d.Z @ Sigma @ d.Z.T
    return np.linalg.solve(np.linalg.cholesky(V), y - (d.X @ model["beta"])[:, None])


def test_a_fitted_model_is_simulated_as_by_lme4() -> None:
    data = rm.load_dataset("sleepstudy")
    model = r.ask(SIMULATE, data, NSIM)
    theirs, here = model["y"], ours(data, model)
    for y in (theirs, here):
        z = whitened(y, data, model)
        low, high = stats.chi2.ppf([ALPHA / 2, 1 - ALPHA / 2], z.size)
        assert low < (z**2).sum() < high
        assert stats.kstest(z.reshape(-1), stats.norm.cdf).pvalue > ALPHA
        assert stats.kstest(z.sum(axis=0) / np.sqrt(len(z)), stats.norm.cdf).pvalue > ALPHA
    for statistic in (
        lambda y: y[9] - y[0],
        lambda y: y[:10].mean(axis=0),
        lambda y: y.std(axis=0),
    ):
        assert stats.ks_2samp(statistic(theirs), statistic(here)).pvalue > ALPHA


def test_a_model_that_differs_is_told_apart() -> None:
    """The same comparison fails for slopes that vary by 1.5 times as much."""
    data = rm.load_dataset("sleepstudy")
    model = r.ask(SIMULATE, data, NSIM)
    wrong = model | {"cov": model["cov"] * np.array([[1.0, 1.5], [1.5, 2.25]])}
    z = whitened(ours(data, wrong), data, model)
    assert (z**2).sum() > stats.chi2.ppf(1 - ALPHA / 2, z.size)


def survey(rng: np.random.Generator, within: float = counties.WITHIN) -> list[float]:
    """The statistics of SURVEYS, of one survey that the population of the study gives."""
    effects = pd.Series(rng.normal(scale=counties.BETWEEN, size=52), index=counties.COUNTIES)
    parts = counties.survey(effects, rng).parts | {
        "income": response("1 + by_level(county, effects)", effects=effects, error_scale=within)
    }
    data = sample_y(sample_x(population(**parts), counties.RESPONDENTS, rng), rng).frame
    income, by_county = data["income"], data.groupby("county", observed=True)["income"]
    left = income - by_county.transform("mean")
    sizes = by_county.size()
    return [income.mean(), income.var(), len(sizes), sizes.max(), by_county.mean().var(),
            (left**2).sum()]  # fmt: skip


@pytest.mark.usefixtures("gtools")
def test_the_survey_of_the_chapter_is_simulated_as_in_r() -> None:
    """Whole surveys, each with effects and shares of its own; with other errors it is told."""
    levels = [*counties.COUNTIES]
    theirs = r.ask(SURVEYS, NSIM, levels, counties.RESPONDENTS)  # (6, NSIM)
    rng = np.random.default_rng(1)
    here = np.transpose([survey(rng) for _ in range(NSIM)])
    for ours_, theirs_ in zip(here, theirs, strict=True):
        assert stats.ks_2samp(ours_, theirs_).pvalue > ALPHA
    wrong = np.transpose([survey(rng, within=0.55) for _ in range(NSIM)])
    assert stats.ks_2samp(wrong[-1], theirs[-1]).pvalue < ALPHA


@pytest.mark.usefixtures("gtools")
def test_dirichlet_shares_are_those_of_rdirichlet() -> None:
    alpha = np.array([0.5, 2.0, 3.0])
    theirs = r.ask(DIRICHLET, 1000, alpha)
    rng = np.random.default_rng(1)
    here = np.array([dirichlet(alpha).draw(rng, 3) for _ in range(1000)])
    for k in range(3):
        law = stats.beta(alpha[k], alpha.sum() - alpha[k])
        assert stats.kstest(theirs[:, k], law.cdf).pvalue > ALPHA
        assert stats.kstest(here[:, k], law.cdf).pvalue > ALPHA
        assert stats.ks_2samp(theirs[:, k], here[:, k]).pvalue > ALPHA
