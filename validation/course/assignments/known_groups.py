"""Groups with random intercepts: a student's data, and how wide intervals are there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from refmixed.fit import lm, lmer
from refmixed.prediction import half_width

from ..records import Random, near_miss

FORMULA = "y ~ x + (1 | g)"
Z = half_width(0.95)


def some_groups(random: Random) -> pd.DataFrame:
    """Twelve groups or more of two to five rows, and a covariate."""
    sizes = random.integers(2, 6, int(random.integers(12, 19)))
    g = np.repeat(np.arange(len(sizes)), sizes)
    x = random.normal(size=len(g))
    y = 2.0 + 0.5 * x + 1.2 * random.normal(size=len(sizes))[g] + random.normal(size=len(g))
    names = np.array([f"g{j:02d}" for j in range(len(sizes))])
    return pd.DataFrame({"g": names[g], "x": x.round(3), "y": y.round(3)})


@dataclass(frozen=True)
class Errors:
    """Variances of errors at x = 1: of the population's mean, of g00's, of a new group's row."""

    mean: float
    known: float
    group: float  # variance of the groups
    row: float  # variance of the errors
    effect: float  # of g00's effect alone, beta estimated
    effect_known: float  # the same, beta known

    @classmethod
    def of(cls, data: pd.DataFrame, reml: bool = True) -> Errors:
        """Of a fit."""
        fit, at = lmer(FORMULA, data, reml=reml), pd.DataFrame({"x": [1.0], "g": ["g00"]})
        both = [
            fit.predict(at, random=random, se=True).to_numpy()[0, 1] for random in (False, True)
        ]
        joint, group = fit.joint_cov.to_numpy(), fit.sigma**2 * float(fit.theta.iloc[0]) ** 2
        size = int((data["g"] == "g00").sum())
        known = group * fit.sigma**2 / (fit.sigma**2 + size * group)
        return cls(both[0] ** 2, both[1] ** 2, group, fit.sigma**2, joint[2, 2], known)

    def widths(self) -> list[float]:
        """Half of the 95 % intervals of all three."""
        return widths(self.mean, self.known, self.mean + self.group + self.row)


def widths(*variances: float) -> list[float]:
    """Half of the 95 % intervals of errors with such variances."""
    return [float(Z * np.sqrt(v)) for v in variances]


def half_widths(data: pd.DataFrame) -> list[float]:
    """Of the population's mean, of g00's, of one row of a new group."""
    return Errors.of(data).widths()


@near_miss("units", "eq:interval")
def standard_errors(data: pd.DataFrame) -> list[float]:
    """These are standard errors: an interval of 95 % reaches further."""
    return [one / Z for one in half_widths(data)]


@near_miss("units", "eq:interval", credit=0.75)
def whole_widths(data: pd.DataFrame) -> list[float]:
    """These are the widths of the intervals: half of each is asked for."""
    return [2 * one for one in half_widths(data)]


@near_miss("units", "eq:interval", credit=0.75)
def one_sided(data: pd.DataFrame) -> list[float]:
    """This quantile leaves 5 % above: an interval of 95 % leaves half of that on either side."""
    return [one / Z * float(ndtri(0.95)) for one in half_widths(data)]


@near_miss("criterion", "eq:reml-criterion")
def maximum_likelihood(data: pd.DataFrame) -> list[float]:
    """The variances are those of maximum likelihood: REML is asked for."""
    return Errors.of(data, reml=False).widths()


@near_miss("variance", "eq:joint-covariance")
def as_if_independent(data: pd.DataFrame) -> list[float]:
    """For the known group the errors of beta and of its effect are added as if independent."""
    e = Errors.of(data)
    return widths(e.mean, e.mean + e.effect, e.mean + e.group + e.row)


@near_miss("variance", "eq:joint-covariance")
def conditional_variance_added(data: pd.DataFrame) -> list[float]:
    """The known group's conditional variance is that where beta is known: it was estimated, too."""
    e = Errors.of(data)
    return widths(e.mean, e.mean + e.effect_known, e.mean + e.group + e.row)


@near_miss("variance", "eq:prediction-variance")
def means_taken_for_known(data: pd.DataFrame) -> list[float]:
    """For the known group beta is taken for known: it was estimated, from this group too."""
    e = Errors.of(data)
    return widths(e.mean, e.effect_known, e.mean + e.group + e.row)


@near_miss("prediction", "eq:new-group")
def new_group_as_the_mean(data: pd.DataFrame) -> list[float]:
    """The new group's own effect is left out: it is predicted as zero, and is not zero."""
    e = Errors.of(data)
    return widths(e.mean, e.known, e.mean + e.row)


@near_miss("variance", "eq:prediction-variance-new")
def no_error_of_the_row(data: pd.DataFrame) -> list[float]:
    """The last interval is that of a new group's mean: a row has an error besides."""
    e = Errors.of(data)
    return widths(e.mean, e.known, e.mean + e.group)


@near_miss("variance", "eq:prediction-variance-new")
def mean_taken_for_known(data: pd.DataFrame) -> list[float]:
    """The last interval takes the population's mean for known: it was estimated."""
    e = Errors.of(data)
    return widths(e.mean, e.known, e.group + e.row)


@near_miss("structure", "eq:classical-interval", credit=0.25)
def one_regression(data: pd.DataFrame) -> list[float]:
    """This is a regression without groups: rows of one group count as independent."""
    fit, at = lm("y ~ x", data), pd.DataFrame({"x": [1.0]})
    ends = [fit.predict(at, interval=kind).to_numpy()[0] for kind in ("confidence", "prediction")]
    mean, row = (float(upper - lower) / 2 for *_, lower, upper in ends)
    return [mean, mean, row]


MISTAKES = (
    standard_errors,
    whole_widths,
    one_sided,
    maximum_likelihood,
    as_if_independent,
    conditional_variance_added,
    means_taken_for_known,
    new_group_as_the_mean,
    no_error_of_the_row,
    mean_taken_for_known,
    one_regression,
)
