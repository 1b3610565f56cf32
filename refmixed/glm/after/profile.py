"""Profiles of a generalized model: how much its likelihood falls as one parameter moves away."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ...after.limits.parameters import Parameter
from ...after.limits.percents import percents
from ...after.limits.profile import BETWEEN, height
from ...after.switches import a_level
from ...errors import OptionError
from .held import Held, Point
from .parameters import at, chosen, parameters
from .path import Side

GIVEN = "parameters of this fit were given, and a profile begins at a maximum: fit without them"
NO_MAXIMUM = "nagq=0 does not maximise the likelihood in beta: fit with nagq=1 for a profile"
ENDS = {"sd": (0.0, np.inf), "cor": (-1.0, 1.0)}
TYPICAL = 0.3  # of a standard deviation, or of its size, for a first step


@dataclass(frozen=True)
class Curve:
    """The profile of one parameter, followed to both sides."""

    model: Any
    sides: tuple[Side, Side]  # downwards and upwards

    @property
    def parameter(self) -> Parameter:
        """Whose it is."""
        return self.sides[0].held.parameter

    def shown(self, value: float) -> float:
        """The parameter, whose logarithm is held of sigma."""
        return float(np.exp(value)) if self.parameter.kind == "sigma" else value

    def limits(self, target: float) -> list[float]:
        """Where zeta is minus and plus the target, or the range ends.  eq:profile-limit"""
        return [
            self.shown(side.end if side.is_end(side.estimate) else side.follow(target)[-1].value)
            for side in self.sides
        ]

    def rows(self, target: float, steps: int) -> list[list[float]]:
        """Value, zeta, and all parameters, from the lowest value to the highest."""
        down, up = self.sides
        below, above = (side.between(side.follow(target), steps) for side in self.sides)
        points = [(-down.zeta(p), p) for p in below[::-1]]
        points += [(0.0, down.estimate), *((up.zeta(p), p) for p in above)]
        return [
            [self.shown(p.value), zeta, *at(self.model, down.held.psi(p))] for zeta, p in points
        ]


@dataclass(frozen=True)
class Profile:
    """Profiles of some parameters.

    estimates: where zeta is zero.  short: lme4's names of the parameters, .sig01 and so on.
    """

    estimates: pd.Series[float]
    short: pd.Series[Any]
    level: float
    curves: tuple[Curve, ...] = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """parameter, value, zeta, and all parameters there: a row for each point."""
        names = [p.name for p in parameters(self.curves[0].model)]
        found = {c.parameter.name: c.rows(height(self.level), BETWEEN) for c in self.curves}
        labels = [name for name, rows in found.items() for _ in rows]
        numbers = [row for rows in found.values() for row in rows]
        table = pd.DataFrame(numbers, columns=["value", "zeta", *names])
        table.insert(0, "parameter", labels)
        return table

    def confint(self, level: float = 0.95) -> pd.DataFrame:
        """Limits (parameters, 2), not interpolated; columns as "2.5 %", "97.5 %".

        A standard deviation has the lower limit 0, a correlation the limit -1 or 1, where the
        profile ends there before it has risen enough.  Raises OptionError.
        """
        target = height(a_level(level))
        limits = np.array([curve.limits(target) for curve in self.curves])
        return pd.DataFrame(limits, index=self.estimates.index, columns=percents(level))


def profile(fit: Any, which: Any, level: float) -> Profile:
    """As `Inferred.profile`."""
    level, asked = a_level(level), chosen(fit.model, which)
    if not fit.given.is_nothing:
        raise OptionError(GIVEN)
    if fit.kind.nagq == 0:
        raise OptionError(NO_MAXIMUM)
    curves = tuple(curve(fit, parameter) for parameter in asked)
    names = [p.name for p in asked]
    estimates = [c.shown(c.sides[0].estimate.value) for c in curves]
    short = pd.Series([p.short for p in asked], index=names)
    return Profile(pd.Series(estimates, index=names), short, level, curves)


def curve(fit: Any, parameter: Parameter) -> Curve:
    """The profile of one parameter, at its estimate."""
    held, value = Held.of(fit, parameter), estimate(fit, parameter)
    begin = Point(value, -fit.loglik, 0.0, held.begin(fit.psi))
    low, high = ENDS.get(parameter.kind, (-np.inf, np.inf))
    first = first_step(fit, parameter, value)
    down = Side(held, -1.0, begin, first, low)
    return Curve(fit.model, (down, Side(held, 1.0, begin, first, high)))


def estimate(fit: Any, parameter: Parameter) -> float:
    """The value at the maximum; of sigma its logarithm."""
    if parameter.kind == "theta":
        return float(fit.theta.iloc[place(fit, parameter)])
    of = dict(zip((p.name for p in parameters(fit.model)), at(fit.model, fit.psi), strict=True))
    value = float(of[parameter.name])
    return float(np.log(value)) if parameter.kind == "sigma" else value


def place(fit: Any, parameter: Parameter) -> int:
    """Of an entry of theta, among them."""
    return list(fit.theta.index).index(parameter.name.removeprefix("theta_"))


def first_step(fit: Any, parameter: Parameter, value: float) -> float:
    """A standard error of coefficients, about a third of other parameters."""
    if parameter.kind == "beta":
        return float(fit.se.iloc[parameter.i])
    is_small = np.isnan(value) or abs(value) < TYPICAL
    return TYPICAL if is_small or parameter.kind in ("cor", "sigma") else TYPICAL * abs(value)
