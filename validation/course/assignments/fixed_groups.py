"""Groups of few rows with means of their own: a student's data, and what is to be found there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from refmixed.fit import lm

from ..records import Random, near_miss


def groups_of_few(random: Random) -> pd.DataFrame:
    """Many groups of two or three with means of their own, and a covariate."""
    size, N = int(random.integers(2, 4)), int(random.integers(30, 50))
    g = np.repeat(np.arange(N), size)
    x, mean = random.normal(size=N * size), 3 * random.normal(size=N)
    y = mean[g] + 0.5 * x + random.normal(size=N * size)
    names = [f"g{j:02d}" for j in range(N)]
    return pd.DataFrame({"g": np.array(names)[g], "x": x.round(3), "y": y.round(3)})


def sums_of_squares(data: pd.DataFrame) -> tuple[float, int, int]:
    """pwrss, n and p of `y ~ g + x`."""
    fit = lm("y ~ g + x", data)
    rss = fit.residuals().to_numpy() @ fit.residuals().to_numpy()
    return float(rss), len(data), len(fit.beta)


def both(data: pd.DataFrame) -> list[float]:
    """The ML estimate of sigma squared, and the unbiased one."""
    return [float(lm("y ~ g + x", data, reml=reml).sigma ** 2) for reml in (False, True)]


@near_miss("order", "eq:ml-reml-ratio", credit=0.75)
def the_other_way_round(data: pd.DataFrame) -> list[float]:
    """These are in the wrong order: the larger divisor makes the smaller estimate."""
    return both(data)[::-1]


@near_miss("units", "eq:sigma")
def deviations(data: pd.DataFrame) -> list[float]:
    """These are standard deviations: variances are asked for."""
    return [float(np.sqrt(one)) for one in both(data)]


@near_miss("divisor", "eq:reml-neyman-scott")
def one_mean_counted(data: pd.DataFrame) -> list[float]:
    """One degree of freedom is taken off for all: every group's mean was estimated."""
    rss, n, _ = sums_of_squares(data)
    return [rss / n, rss / (n - 1)]


@near_miss("divisor", "eq:reml-neyman-scott")
def slope_not_counted(data: pd.DataFrame) -> list[float]:
    """The means of the groups are counted, and the slope is not: it was estimated, too."""
    rss, n, p = sums_of_squares(data)
    return [rss / n, rss / (n - p + 1)]


@near_miss("structure", "eq:neyman-scott-mean", credit=0.25)
def no_slope(data: pd.DataFrame) -> list[float]:
    """The deviations are from the means of the groups: what x explains is still in them."""
    return [float(lm("y ~ g", data, reml=reml).sigma ** 2) for reml in (False, True)]


@near_miss("structure", "eq:neyman-scott-mean", credit=0.25)
def no_groups(data: pd.DataFrame) -> list[float]:
    """There is one mean for all here: each group has its own."""
    return [float(lm("y ~ x", data, reml=reml).sigma ** 2) for reml in (False, True)]


MISTAKES = (
    the_other_way_round,
    deviations,
    one_mean_counted,
    slope_not_counted,
    no_slope,
    no_groups,
)
