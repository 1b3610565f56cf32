"""Groups of equally many rows: a student's data, and the two variances that REML finds there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from refmixed.fit import lmer

from ..records import Random, near_miss


def equal_groups(random: Random) -> pd.DataFrame:
    """Groups of three to five that differ by more than their rows do, so no variance is zero."""
    size, J = int(random.integers(3, 6)), int(random.integers(7, 13))
    g = np.repeat(np.arange(J), size)
    effects = 2.0 * random.permutation(np.linspace(-1.5, 1.5, J))
    y = 20 + effects[g] + 1.5 * random.normal(size=J * size)
    names = [f"g{j:02d}" for j in range(J)]
    return pd.DataFrame({"g": np.array(names)[g], "y": y.round(2)})


def both(data: pd.DataFrame, reml: bool = True) -> list[float]:
    """The estimates of sigma^2 and of sigma_gamma^2."""
    fit = lmer("y ~ 1 + (1 | g)", data, reml=reml)
    return [float(fit.sigma**2), float(fit.varcorr["g"].sd.iloc[0] ** 2)]


def mean_squares(data: pd.DataFrame) -> tuple[float, float, int]:
    """Within groups and between them, and how many rows a group has."""
    groups = data.groupby("g")["y"]
    size = len(data) // groups.ngroups
    return float(groups.var().mean()), float(size * groups.mean().var()), size


@near_miss("criterion", "eq:one-way-ml-bias")
def by_ml(data: pd.DataFrame) -> list[float]:
    """These are the estimates of maximum likelihood: the common mean was estimated, too."""
    return both(data, reml=False)


@near_miss("variance", "eq:anova-between")
def errors_not_taken_off(data: pd.DataFrame) -> list[float]:
    """The means of groups vary by their errors, too: that part is not taken off."""
    within, between, size = mean_squares(data)
    return [within, between / size]


@near_miss("units", "eq:anova-between")
def not_for_one_row(data: pd.DataFrame) -> list[float]:
    """The variance of the groups is in the mean square once for each row of a group."""
    within, between, _ = mean_squares(data)
    return [within, between - within]


@near_miss("divisor", "eq:anova-within")
def within_groups_over_all_rows(data: pd.DataFrame) -> list[float]:
    """The squares within groups are divided by all rows: each group's mean was taken off."""
    within, between, size = mean_squares(data)
    within *= (size - 1) / size
    return [within, (between - within) / size]


@near_miss("structure", "eq:anova-within", credit=0.25)
def one_group(data: pd.DataFrame) -> list[float]:
    """The first is the variance of all rows: take the groups' own means off before you square."""
    _, between, size = mean_squares(data)
    all_rows = float(data["y"].var())
    return [all_rows, (between - all_rows) / size]


@near_miss("units", "eq:anova-between", credit=0.75)
def deviations(data: pd.DataFrame) -> list[float]:
    """These are standard deviations: variances are asked for."""
    return [float(np.sqrt(one)) for one in both(data)]


@near_miss("order", "eq:anova-between", credit=0.75)
def the_other_way_round(data: pd.DataFrame) -> list[float]:
    """These are in the wrong order: the variance of the errors comes first."""
    return both(data)[::-1]


MISTAKES = (
    by_ml,
    errors_not_taken_off,
    not_for_one_row,
    within_groups_over_all_rows,
    one_group,
    deviations,
    the_other_way_round,
)
