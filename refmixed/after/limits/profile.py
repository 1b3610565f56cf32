"""Profiles: how much the criterion rises as one parameter moves away from its estimate.

At each value of the parameter all others are at their best (eq:profile).  zeta is the signed root
of the rise; limits are where its square is a quantile of chi-square (eq:profile-limit).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtri

from ...errors import OptionError
from ..estimated import Estimated
from ..switches import a_level, true_or_false
from .lines import Problem, problem
from .parameters import Parameter, chosen, parameters
from .path import Line, Point, follow, limit
from .percents import percents
from .reported import reported

BETWEEN = 8  # steps to the outermost height
NO_REML = (
    "beta has no profile by REML: the restricted likelihood is that of contrasts from which beta "
    "has gone; ask for its profile by ML, reml=False"
)
GIVEN = "theta was given, not estimated, and a profile begins at a minimum: fit without theta"
OPEN = (
    "the data do not determine all covariance parameters, so that their profiles are flat: ask for "
    "those of the fixed effects, which='beta_', or fit a smaller model"
)
FLAT = "the profile of {name} has no limit of this level: it stays flat as far as it was followed"


@dataclass(frozen=True)
class Curve:
    """The profile of one parameter."""

    parameter: Parameter
    problem: Problem
    estimate: float
    sides: tuple[tuple[Line, list[Point]], ...]  # downwards and upwards

    def value(self, line: Line, s: float) -> float:
        """The parameter at a place of a line."""
        (of,) = self.problem.coordinates
        return float(of.value(line.best.x[of.place] + s * line.direction[of.place]))

    def limits(self, target: float) -> list[float]:
        """Lower and upper limit: where zeta is minus or plus the target.  eq:profile-limit"""
        return [self.limit(line, points, target) for line, points in self.sides]

    def limit(self, line: Line, points: list[Point], target: float) -> float:
        """Where zeta is the target; the end of the parameter's range where it never is."""
        points = follow(line, points, target, target / BETWEEN)
        found = limit(line, points, target)
        if found is not None:
            return self.value(line, found.s)
        if points[-1].s < line.end:
            raise OptionError(FLAT.format(name=self.parameter.name))
        (of,) = self.problem.coordinates
        return float(of.value(of.high if line.direction[of.place] > 0 else of.low))

    def rows(self) -> list[tuple[float, float, Point]]:
        """Value, zeta and point, from the lowest value to the highest."""
        (down, below), (up, above) = self.sides
        lower = [(self.value(down, p.s), -p.zeta, p) for p in below[:0:-1]]
        upper = [(self.value(up, p.s), p.zeta, p) for p in above[1:]]
        return [*lower, (self.estimate, 0.0, above[0]), *upper]


@dataclass(frozen=True)
class Profile:
    """Profiles of some parameters.

    estimates: where zeta is zero.  short: lme4's names of the parameters, .sig01 and so on.
    """

    estimates: pd.Series
    short: pd.Series
    reml: bool
    curves: tuple[Curve, ...] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """parameter, value, zeta, and all parameters there: a row for each point."""
        of = self.curves[0].problem
        every = [p for p in parameters(of.held.design) if p.kind != "theta"]
        points = [(c, *row) for c in self.curves for row in c.rows()]
        rows = [(c.parameter.name, value, zeta) for c, value, zeta, _ in points]
        first = pd.DataFrame(rows, columns=["parameter", "value", "zeta"])
        numbers = [reported(c.problem.held, point.local, every) for c, _, _, point in points]
        rest = pd.DataFrame(np.array(numbers), columns=[p.name for p in every])
        return pd.concat([first, rest], axis=1)

    def confint(self, level: float = 0.95) -> pd.DataFrame:
        """Limits (parameters, 2), not interpolated; columns as "2.5 %", "97.5 %".

        A standard deviation has the lower limit 0, a correlation the limit -1 or 1, where the
        profile ends there before it has risen enough; where the standard deviation of one of its
        effects is estimated as 0, a correlation has the limits -1 and 1.  Raises OptionError.
        """
        level = a_level(level)
        target = height(level)
        limits = np.array([curve.limits(target) for curve in self.curves])
        return pd.DataFrame(limits, index=self.estimates.index, columns=percents(level))


def profile(
    fit: Any, which: Any = None, level: float = 0.99, reml: bool = False, between: int = BETWEEN
) -> Profile:
    """The profiles of a Fit, followed by so many steps to where the limits of this level are."""
    target = height(a_level(level))
    asked = chosen(fit.design, which, bool(reml))
    at = estimated(fit, asked, reml)
    curves = tuple(curve(at, parameter, target, target / between) for parameter in asked)
    names = [c.parameter.name for c in curves]
    return Profile(
        pd.Series([c.estimate for c in curves], index=names),
        pd.Series([c.parameter.short for c in curves], index=names),
        bool(reml),
        curves,
    )


def height(level: float) -> float:
    """Of zeta at the limits of a level.  eq:profile-limit"""
    return float(np.sqrt(chdtri(1, 1.0 - level)))


def estimated(fit: Any, asked: list[Parameter], reml: bool) -> Estimated:
    """The minimum of the criterion that is asked for.  Raises OptionError where there is none."""
    true_or_false("reml", reml)
    if reml and any(p.kind == "beta" for p in asked):
        raise OptionError(NO_REML)
    if fit.optimum.is_given:
        raise OptionError(GIVEN)
    if reml != fit.reml:
        fit = type(fit).of(fit.design, bool(reml), fit.route, fit.labels)
    if fit.optimum.is_open and any(p.kind != "beta" for p in asked):
        raise OptionError(OPEN)
    return Estimated.of(fit)


def curve(at: Estimated, parameter: Parameter, target: float, rise: float) -> Curve:
    """The profile of one parameter, followed to a target and the bounds."""
    of = problem(at, [parameter])
    estimate = float(reported(of.held, of.best, [parameter])[0])
    lines = [of.line(np.array([d]), of.unit(0)) for d in (-1.0, 1.0)]
    if np.isnan(estimate):  # a correlation of what does not vary changes nothing
        lines = [replace(line, end=0.0) for line in lines]
    sides = ((line, follow(line, [], target, rise)) for line in lines)
    return Curve(parameter, of, estimate, tuple(sides))
