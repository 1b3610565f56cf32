"""Along a profile to where it has risen so high: Newton's steps in zeta, kept between brackets.

zeta^2 / 2 is how far the log-likelihood is below its maximum, and the slope of zeta is that of the
height over zeta.  eq:profile-limit
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import OptionError, SeparationError
from ...linalg import Array
from .held import Held, Point

STEPS, CLOSE = 60, 1e-9
LONGEST, FAR = 4.0, 1e4  # of a step, over what was gone before; of all of them, over the first
FLAT = "the profile of {} has no limit of this level: it stays flat as far as it was followed"


@dataclass(frozen=True)
class Side:
    """One side of a profile, downwards or upwards."""

    held: Held
    sign: float
    estimate: Point
    first: float  # what zeta = 1 takes, roughly
    end: float  # of the parameter's range

    def zeta(self, point: Point) -> float:
        """Above zero on both sides."""
        return float(np.sqrt(max(0.0, 2.0 * (point.height - self.estimate.height))))

    def gone(self, point: Point) -> float:
        """How far a point is from the estimate."""
        return abs(point.value - self.estimate.value)

    def at(self, gone: float, near: Point) -> Point:
        """The point so far from the estimate, not beyond the end.  Raises OptionError."""
        value = self.estimate.value + self.sign * gone
        value = min(value, self.end) if self.sign > 0 else max(value, self.end)
        try:
            return self.held.at(value, near.inner)
        except SeparationError as error:
            raise OptionError(FLAT.format(self.held.parameter.name)) from error

    def follow(self, target: float) -> list[Point]:
        """Points outwards from the estimate; at the last zeta is the target, or the end is reached.

        Raises OptionError where the profile is flat.
        """
        low, high, known = self.estimate, None, [self.estimate]
        while not self.is_end(low):
            point = self.at(self.ahead(known[-1], low, high, target), low)
            known.append(point)
            zeta = self.zeta(point)
            low, high = (point, high) if zeta < target else (low, point)
            if abs(zeta - target) <= CLOSE * target:
                low = point
                break
            is_far = high is None and self.gone(low) > FAR * self.first
            if is_far or len(known) > STEPS:
                raise OptionError(FLAT.format(self.held.parameter.name))
        return sorted((p for p in known if self.gone(p) <= self.gone(low)), key=self.gone)

    def is_end(self, point: Point) -> bool:
        """Whether there is nothing beyond; nowhere is, of a correlation that has no value."""
        return not self.sign * (self.end - point.value) > 0

    def ahead(self, last: Point, low: Point, high: Point | None, target: float) -> float:
        """Newton's next distance from the estimate, or what is between the brackets."""
        zeta = self.zeta(last)
        rise = self.sign * last.slope / zeta if zeta > 0 else 0.0
        step = (target - zeta) / rise if rise > 0 else target * self.first
        far, inside = self.gone(last) + step, self.gone(low)
        if high is None:
            most = inside + LONGEST * max(target * self.first, inside)
            return min(far, most) if far > inside else most
        return far if inside < far < self.gone(high) else (inside + self.gone(high)) / 2.0

    def between(self, known: list[Point], steps: int) -> list[Point]:
        """So many points to the last of those known, zeta nearly at equal distances."""
        zetas, gone = np.array([[self.zeta(p), self.gone(p)] for p in known]).T
        targets = zetas[-1] * np.arange(1, steps) / steps
        inner = [self.at(float(g), self.nearest(known, g)) for g in np.interp(targets, zetas, gone)]
        return [*inner, known[-1]] if len(known) > 1 else []

    def nearest(self, known: list[Point], gone: Array) -> Point:
        """Of known points the one that is nearest to such a distance."""
        return min(known, key=lambda point: abs(self.gone(point) - gone))
