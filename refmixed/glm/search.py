"""The maximum of a likelihood over beta, theta and dispersion.

The gradient is exact; the Hessian is its differences.  theta needs no bounds, since only Lambda
Lambda' matters; a pivot that comes out nearly zero is tried as zero, and from a point where the
Hessian has a negative eigenvalue the search goes on along that.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ..covariance import is_diagonal, layout, tidy
from ..design import Design
from ..errors import ConvergenceWarning
from ..linalg import Array
from .descent import descend, expanded
from .objective import Objective

ROUNDS = 10
SAME = 1e-11  # of the criterion: no difference
LENGTHS = (0.3, 0.1, 0.03, 0.01)  # of steps off a saddle
NEARLY_ZERO = 0.03  # pivots below this are tried as zeros
STEEP, LARGE = 1e-5, 1e5  # a slope, relative to a criterion up to so large, that no minimum has


@dataclass(frozen=True)
class Found:
    """A minimum of the objective."""

    psi: Array
    moving: Array  # whether a parameter is not held at a boundary


def minimize(objective: Objective, begin: Array, free: Array) -> Found:
    """The lowest point that is found from a start on, some parameters held.

    Raises SeparationError.
    """
    psi, moving = begin, free
    for _ in range(ROUNDS):
        psi = descend(objective, psi, free)
        psi, moving = zeros_tried(objective, psi, free)
        if (moving == free).all():
            break
        further = off_a_saddle(objective, psi, free)
        if further is None:
            break
        psi = further
    value, gradient = objective.at(psi)
    steepest = np.abs(gradient[moving]).max(initial=0.0)
    if steepest > STEEP * (1.0 + min(abs(value), LARGE)):
        text = f"the fit may not be at a minimum: the slope is {steepest:.1e}, and not zero"
        warnings.warn(text, ConvergenceWarning, stacklevel=4)
    return Found(psi, moving)


def zeros_tried(objective: Objective, psi: Array, free: Array) -> tuple[Array, Array]:
    """psi with small pivots of theta zero, where that costs nothing; which parameters move."""
    p, m, _ = objective.model.sizes
    design, here = objective.model.design, slice(p, p + m)
    if not free[here].all():
        return psi, free
    psi = replaced(psi, here, tidy(design, psi[here]))
    if not (is_diagonal(design) & (psi[here] < NEARLY_ZERO)).any():
        return psi, free
    trial = replaced(psi, here, tidy(design, psi[here], NEARLY_ZERO))
    held = free & ~replaced(np.full(len(psi), False), here, below(design, trial[here]))
    trial = descend(objective, trial, held)
    value = objective.at(psi)[0]
    is_as_low = objective.at(trial)[0] <= value + SAME * (1.0 + abs(value))
    return (trial, held) if is_as_low else (psi, free)


def replaced(psi: Array, here: slice, part: Array) -> Array:
    """A vector with another part."""
    psi = psi.copy()
    psi[here] = part
    return psi


def below(design: Design, theta: Array) -> Array:
    """(m,) whether an entry of theta is a zero pivot, or below one."""
    where = layout(design)
    zero = set(where.rows[(where.rows == where.columns) & (theta == 0.0)])
    return np.array([c in zero for c in where.columns], dtype=bool)


def off_a_saddle(objective: Objective, psi: Array, free: Array) -> Array | None:
    """A lower point along the Hessian's most negative eigenvector; None where it has none."""
    value, gradient = objective.at(psi)
    values, vectors = np.linalg.eigh(objective.rough_hessian(psi, gradient, free))
    if values[0] >= -1e-5 * np.abs(values).max():
        return None
    for length in LENGTHS:
        for sign in (1.0, -1.0):
            further = psi + expanded(sign * length * vectors[:, 0], free)
            if objective.at(further)[0] < value - 1e-9 * (1.0 + abs(value)):
                return np.asarray(further)
    return None
