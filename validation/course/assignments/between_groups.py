"""A treatment of whole groups: a student's data, and p-values of the variance of the groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2, f_oneway

from refmixed.fit import lmer

from ..records import Random, near_miss

FORMULA = "y ~ t + (1 | g)"


def treated_groups(random: Random) -> pd.DataFrame:
    """Groups of one size, half of them treated; F, the ratio of mean squares, is 1.7 to 2.5."""
    N, m = 2 * int(random.integers(4, 8)), int(random.integers(3, 6))
    t = np.repeat([0, 1], N // 2)
    mean, within = random.normal(size=N), random.normal(size=(N, m))
    mean -= np.where(t == 1, mean[t == 1].mean(), mean[t == 0].mean())
    within -= within.mean(axis=1, keepdims=True)
    F = m * (mean @ mean) / (N - 2) / ((within**2).sum() / (N * (m - 1)))
    mean *= np.sqrt(random.uniform(1.7, 2.5) / F)
    y = 3.0 + 0.5 * t[:, None] + mean[:, None] + within
    g = np.repeat([f"g{j:02d}" for j in range(N)], m)
    return pd.DataFrame({"g": g, "t": np.repeat(t, m), "y": y.ravel().round(3)})


def p_and_freedom(data: pd.DataFrame, formula: str = FORMULA, reml: bool = True) -> list[float]:
    """p by chi-square, by the mixture, by the exact law; degrees of freedom of the last effect."""
    fit = lmer(formula, data, reml=reml)
    row = fit.test_random().table.iloc[1]
    df = fit.test_fixed("satterthwaite-expected", type=None)["df"].iloc[-1]
    return [float(row[f"Pr({law})"]) for law in (">Chisq", "mixture", "exact")] + [float(df)]


@near_miss("criterion", "eq:reml-criterion")
def maximum_likelihood(data: pd.DataFrame) -> list[float]:
    """These are by maximum likelihood: the restricted one is asked for."""
    return p_and_freedom(data, reml=False)


@near_miss("criterion", "eq:reml-criterion")
def ratio_by_maximum_likelihood(data: pd.DataFrame) -> list[float]:
    """The likelihood ratio is by maximum likelihood: the restricted one is asked for."""
    return [*maximum_likelihood.wrong(data)[:2], *p_and_freedom(data)[2:]]


@near_miss("method", "eq:lrt-mixture")
def doubled(data: pd.DataFrame) -> list[float]:
    """The mixture is taken the wrong way: half of its mass lies at zero, not above the ratio."""
    p, _, exact, df = p_and_freedom(data)
    return [p, 2 * p, exact, df]


@near_miss("method", "eq:half-space")
def mixture_of_a_slope(data: pd.DataFrame) -> list[float]:
    """This mixture is that of a slope and its covariance: here one variance is tested."""
    p, _, exact, df = p_and_freedom(data)
    return [p, (p + float(chi2.sf(chi2.isf(p, 1), 2))) / 2, exact, df]


@near_miss("units", "eq:lrt")
def half_the_statistic(data: pd.DataFrame) -> list[float]:
    """The statistic is twice a difference of log-likelihoods: the factor is left out."""
    p, _, exact, df = p_and_freedom(data)
    half = float(chi2.sf(chi2.isf(p, 1) / 2, 1))
    return [half, half / 2, exact, df]


@near_miss("order", "eq:lrt-mixture", credit=0.75)
def exchanged(data: pd.DataFrame) -> list[float]:
    """The first two are exchanged: the mixture's is the smaller one."""
    p, mixed, exact, df = p_and_freedom(data)
    return [mixed, p, exact, df]


@near_miss("structure", "eq:lrt-law", credit=0.25)
def no_treatment(data: pd.DataFrame) -> list[float]:
    """The treatment is left out: what it explains is counted as variance of the groups."""
    return p_and_freedom(data, "y ~ 1 + (1 | g)")


@near_miss("method", "eq:satterthwaite")
def residual_freedom(data: pd.DataFrame) -> list[float]:
    """All rows are counted for the treatment: it was given to whole groups."""
    return [*p_and_freedom(data)[:3], float(len(data) - 2)]


@near_miss("divisor", "eq:satterthwaite-balanced", credit=0.75)
def one_mean(data: pd.DataFrame) -> list[float]:
    """The groups are counted less one mean: there are two, with the treatment and without."""
    return [*p_and_freedom(data)[:3], float(data["g"].nunique() - 1)]


@near_miss("structure", "eq:lrt-law")
def treatment_in_the_exact_law(data: pd.DataFrame) -> list[float]:
    """In the third, what the treatment explains is counted as variance of the groups."""
    p, mixed, _, df = p_and_freedom(data)
    return [p, mixed, float(f_oneway(*(y for _, y in data.groupby("g")["y"])).pvalue), df]


@near_miss("method", "eq:lrt-tail")
def mixture_for_exact(data: pd.DataFrame) -> list[float]:
    """The third is the mixture again: with few groups the exact law is another one."""
    p, mixed, _, df = p_and_freedom(data)
    return [p, mixed, mixed, df]


MISTAKES = (
    maximum_likelihood,
    ratio_by_maximum_likelihood,
    doubled,
    mixture_of_a_slope,
    half_the_statistic,
    exchanged,
    no_treatment,
    residual_freedom,
    one_mean,
    treatment_in_the_exact_law,
    mixture_for_exact,
)
