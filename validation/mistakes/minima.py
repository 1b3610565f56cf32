"""The mistakes of a search: another minimum, or none."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from refmixed.covariance import start

from .problem import Case, Values
from .registry import mistake
from .textbook import textbook

GRID = np.concatenate([[0.0], np.geomspace(0.01, 100, 200)])


@mistake("optimum", "eq:ratio-criterion", "fit", "inference")
def other_minimum(p: Case) -> Values | None:
    """A local minimum that is not the lowest, or not the one that is meant."""
    if len(p.theta) != 1:
        return None
    others = [theta for theta in minima(p) if abs(theta - p.theta[0]) > 1e-3]
    if not others:
        return None
    return p.answers(theta=np.array(others[:1]))


def minima(p: Case) -> list[float]:
    """The local minima of one theta: where the slope turns from falling to rising, and at zero."""

    def slope(theta: float) -> float:
        return float(textbook(p.design, np.array([theta]), p.reml).gradient()[0])

    slopes = [slope(theta) for theta in GRID[1:]]
    found = [0.0] if slopes[0] > 0 else []
    for k in range(1, len(slopes)):
        if slopes[k - 1] < 0 < slopes[k]:
            found.append(float(brentq(slope, GRID[k], GRID[k + 1], xtol=1e-14)))
    return found


@mistake("optimum", "eq:kkt", "fit", "inference")
def stayed_at_start(p: Case) -> Values:
    """The search never left its start, the identity."""
    return p.answers(theta=start(p.design))
