"""Where the least criterion with two parameters held has risen by a quantile of chi-square.

Rays go out from the minimum, in the coordinates of the two, and each is followed to the heights
(eq:contour); one that meets the end of a parameter's range, a standard deviation of zero or a
correlation of one, ends there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from ...errors import OptionError
from ...linalg import Array
from ..switches import a_level
from .lines import Problem, problem
from .parameters import chosen
from .path import Line, follow, reach
from .profile import estimated
from .reported import reported

FIRST, ROUNDS, APART = 32, 2, 0.08  # rays; how often more are put between those that lie apart
LEVELS = (0.5, 0.8, 0.95)
Row = tuple[float, float, bool]


@dataclass(frozen=True)
class Contours:
    """The joint regions of two parameters.

    table: level, the two parameters, and whether a point is at the end of the range of one, where
    the criterion has not risen so much.
    """

    names: tuple[str, str]
    estimates: tuple[float, float]
    table: pd.DataFrame
    reml: bool


def contours(
    fit: Any, which: Iterable[str], levels: Iterable[float] = LEVELS, reml: bool = False
) -> Contours:
    """The contours of two parameters of a Fit, others at their best.  eq:contour

    Raises OptionError where they are not two, cannot be held together, or a level is no level.
    """
    wanted = levels if isinstance(levels, Iterable) else [levels]
    heights = {p: stats.chi2.ppf(p, 2) ** 0.5 for p in sorted(map(a_level, wanted))}
    if not heights:
        raise OptionError("levels must be one level or several, as 0.95 is, and there is none")
    asked = chosen(fit.design, which, reml)
    if len(asked) != 2:
        raise OptionError(f"a contour is of two parameters, not of {len(asked)}")
    at = estimated(fit, asked, reml)
    of = problem(at, asked)
    best = reported(of.held, of.best, asked)
    if np.isnan(best).any():
        raise OptionError("a correlation of what does not vary has no contour: leave it out")
    names = (asked[0].name, asked[1].name)
    rows = [
        (level, *row) for ray in rays(of, heights) for level, row in zip(heights, ray, strict=True)
    ]
    table = pd.DataFrame(rows, columns=["level", *names, "at_end"])
    found = table.sort_values("level", kind="stable", ignore_index=True)
    return Contours(names, (float(best[0]), float(best[1])), found, bool(reml))


def rays(of: Problem, heights: dict[float, float]) -> list[list[Row]]:
    """What is found in all directions; more of them where points are far from one another."""
    units = np.array([of.unit(0), of.unit(1)])

    def at(angle: float) -> list[Row]:
        ray = of.line(units * (np.cos(angle), np.sin(angle)), 1.0)
        return along(of, ray, list(heights.values()))

    found = {angle: at(angle) for angle in 2.0 * np.pi * np.arange(FIRST) / FIRST}
    for _ in range(ROUNDS):
        angles = np.array([*sorted(found), min(found) + 2.0 * np.pi])
        outer = np.array([found[a % (2.0 * np.pi)][-1][:2] for a in angles])
        steps = np.abs(np.diff(outer, axis=0)) / np.ptp(outer, axis=0)
        far = steps.max(axis=1) > APART
        found |= {a: at(a) for a in (angles[:-1] + angles[1:])[far] / 2.0}
    return [found[angle] for angle in sorted(found)]


def along(of: Problem, ray: Line, heights: list[float]) -> list[Row]:
    """The two parameters at each height, and whether they are at an end, on one ray."""
    points, found = follow(ray, [], heights[-1], heights[-1] / 3.0), []
    for height in heights:
        there = reach(ray, points, height)
        x = of.best.x + (points[-1].s if there is None else there.s) * ray.direction
        first, second = (float(c.value(x[c.place])) for c in of.coordinates)
        found.append((first, second, there is None))
    return found


def closed(table: pd.DataFrame, level: float) -> Array:
    """(any, 2): the outline of one region, its first point again at the end."""
    rows = table[table["level"] == level].to_numpy()[:, 1:3].astype(float)
    return np.vstack([rows, rows[:1]])
