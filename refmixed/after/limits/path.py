"""Along a profile: from the minimum outwards, and where it reaches a height.

On a line x0 + s direction of what is held, p(s) is the least criterion, zeta(s) the root of
p(s) - p(0), and p'(s) the criterion's own slope along the line (eq:profile-slope).  A limit is
found by Newton's steps on zeta, which is nearly a straight line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...errors import OptionError
from ...linalg import EPS, Array
from .constrained import Free, lowest, minimum
from .held import Held, Local

GROWTH, JUMP = 3.0, 2.5  # of a step over the one before; of zeta over what was meant
POINTS, HALVINGS, ROOTS = 120, 12, 40
BRANCHES = 5  # of other minima that are lower, each followed further
SHORT = 1e-6  # relative steps below this shrink faster than by halves, where not rounding errors
LOST = "the profile cannot be followed: its criterion has lost its digits where it was to go on"


@dataclass(frozen=True)
class Line:
    """A way out from the minimum, in the coordinates that are held."""

    held: Held
    free: Free
    best: Local  # the minimum
    direction: Array  # (h + m + 1,)
    end: float  # the largest s, where a standard deviation is zero or a correlation one
    unit: float  # of s: about where zeta is one

    def at(self, s: float, near: Point, before: Point | None = None) -> Point:
        """The profile at s, from what it is nearby."""
        x = near.local.x.copy()
        if before is not None and near.s != before.s:
            share = (s - near.s) / (near.s - before.s)
            x[self.free.moves] += share * (near.local.x - before.local.x)[self.free.moves]
            x[self.free.is_signed] = x[self.free.is_signed].clip(min=0.0)
        return self.point(s, minimum(self.held, self.placed(x, s), self.free))

    def placed(self, x: Array, s: float) -> Array:
        """x with what is held in its place."""
        return np.where(self.free.moves, x, self.best.x + s * self.direction)

    def point(self, s: float, local: Local) -> Point:
        """What is there.  Raises OptionError below the minimum."""
        rise = local.height - self.best.height
        if rise < -1e3 * self.held.noise(self.best):
            raise OptionError(
                f"the profile falls {-rise:.2g} below the criterion of the fit, which is not at "
                "the lowest minimum: fit the model anew"
            )
        return Point(
            s, float(np.sqrt(max(rise, 0.0))), float(local.gradient @ self.direction), local
        )


@dataclass(frozen=True)
class Point:
    """One point of a profile."""

    s: float
    zeta: float  # >= 0
    slope: float  # dp / ds
    local: Local

    def step(self, rise: float) -> float:
        """How far on zeta is higher by so much, were it a straight line.  eq:zeta-slope"""
        return 2.0 * self.zeta * rise / self.slope if self.slope > 0 else np.inf


def follow(line: Line, points: list[Point], target: float, rise: float) -> list[Point]:
    """Points of the profile, zeta about `rise` apart, until it has reached the target or ends."""
    points = points or [line.point(0.0, line.best)]
    while points[-1].zeta < target and points[-1].s < line.end and len(points) < POINTS:
        points = [*points, further(line, points, rise)]
    return points


def further(line: Line, points: list[Point], rise: float) -> Point:
    """The next point: a step so long that zeta rises as is meant, shortened where it rises more."""
    last, before = points[-1], points[-2] if len(points) > 1 else None
    step = line.unit * rise if before is None else stride(before, last, rise)
    for _ in range(HALVINGS):
        try:
            found = line.at(min(last.s + step, line.end), last, before)
        except np.linalg.LinAlgError:
            found = None
        if found is not None and found.zeta - last.zeta <= JUMP * rise:
            return found
        step /= 4.0
    if found is None:
        raise OptionError(LOST)
    return found  # zeta jumps here


def stride(before: Point, last: Point, rise: float) -> float:
    """A step by the slope of zeta, or by its last two values where the slope has lost digits."""
    gone, risen = last.s - before.s, last.zeta - before.zeta
    by_values = gone * rise / risen if risen > 0 else np.inf
    by_slope = last.step(rise)
    step = by_slope if by_values / GROWTH < by_slope < GROWTH * by_values else by_values
    return float(min(step, GROWTH * gone))


def limit(line: Line, points: list[Point], target: float) -> Point | None:
    """Where the profile first reaches the target; None where it does not.  eq:profile-limit

    Where another minimum is lower there, the profile is that one's, and is followed on.
    """
    for _ in range(BRANCHES):
        found = reach(line, points, target)
        if found is None:
            return None
        local = lowest(line.held, found.local, line.free)
        if local is found.local:
            break
        points = follow(line, [line.point(found.s, local)], target, target / 4.0)
    return found


def reach(line: Line, points: list[Point], target: float) -> Point | None:
    """Where a profile that was followed first reaches the target; None where it does not."""
    beyond = next((i for i, point in enumerate(points) if point.zeta >= target), None)
    return root(line, points[beyond - 1], points[beyond], target) if beyond else None


def root(line: Line, low: Point, high: Point, target: float) -> Point:
    """The point between two where zeta is the target: Newton's steps, kept between them."""
    near = low if target - low.zeta < high.zeta - target else high
    noise = 4.0 * EPS * (abs(line.best.height) + target**2)
    last = np.inf
    for _ in range(ROOTS):
        s = near.s + near.step(target - near.zeta)
        if not low.s < s < high.s:
            s = (low.s + high.s) / 2.0
        before = near
        near = line.at(s, near, low if near is not low else high)
        if near.zeta < target:
            low = near
        else:
            high = near
        moved = abs(near.s - before.s) / near.s
        is_done = abs(near.zeta**2 - target**2) <= noise or high.s - low.s <= 4.0 * EPS * high.s
        if is_done or moved <= 2.0 * EPS or last / 2.0 < moved < SHORT:
            break
        last = moved
    return replace(near, s=near.s + near.step(target - near.zeta), zeta=target)
