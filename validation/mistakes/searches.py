"""Where a search ends that follows a wrong slope."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import root

from refmixed.covariance import factors
from refmixed.linalg import Array

from .problem import Case, Values
from .textbook import Textbook, textbook

Slope = Callable[[Textbook], Array]  # (m,), of a wrong criterion
SMALL = 1e-4  # a diagonal entry of Lambda below which an end counts as one on the boundary


def searched(p: Case, slope: Slope, change: Callable[[Textbook], float]) -> Values | None:
    """The answers where a wrong slope is zero, the criterion changed; None on the boundary.

    change: what the wrong criterion has more than the right one.
    """
    theta = end(p, slope)
    if theta is None:
        return None
    wrong = dict(p.answers(theta=theta))
    if "criterion" in wrong:
        wrong["criterion"] += change(textbook(p.design, theta, p.reml))
    return wrong


def end(p: Case, slope: Slope) -> Array | None:
    """theta (m,) where a wrong slope is zero, next to the right theta; None on the boundary."""
    if not inside(p, p.theta):
        return None
    found = root(lambda theta: slope(textbook(p.design, theta, p.reml)), p.theta, tol=1e-13)
    return found.x if found.success and inside(p, found.x) else None


def inside(p: Case, theta: Array) -> bool:
    """Whether the diagonals of the terms' factors are positive."""
    return all((np.diag(factor) > SMALL).all() for factor in factors(p.design, theta))
