"""Is a theta a local minimum of the criterion?

The criterion depends on Lambda through T = Lambda Lambda' alone.  T repeats, for each term, one
(k, k) block T_t at every level; F_t is the sum over the levels of the blocks of F (eq:slope).  At a
minimum

    F_t T_t = 0, nothing within the range of T_t pays,  F_t >= 0, nothing beyond it does  (eq:kkt)

and the Hessian has no negative eigenvalue on the entries of theta that are free to move.  A
gradient of zero in theta and F_t >= 0 give F_t T_t = 0.  A variance of zero and a correlation of
one are ordinary answers: zero columns of a canonical factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .covariance import factors, flatten
from .derivatives import gradient, hessian, level_sums, slope
from .design import Design
from .evaluation import Evaluation
from .linalg import Array

GAIN = 1e-8  # what a Newton step may still promise, in units of the criterion
SLACK = 1e-6  # how far below zero an eigenvalue may be
FLAT = 1e-12  # an eigenvalue of the Hessian this small, relatively, counts as zero


@dataclass(frozen=True)
class Optimality:
    """How far the conditions for a minimum hold; no number here depends on units."""

    gain: float  # decrease that a last Newton step promises, 0 at a stationary point
    curvature: float  # least eigenvalue of the Hessian on the free entries, over its largest
    slope: float  # least eigenvalue of an F_t, scaled (relative_slopes), where T_t is singular

    @property
    def failures(self) -> list[str]:
        """What does not hold, in words."""
        found = []
        if not self.gain <= GAIN:
            found.append(f"a further step would lower the criterion by {self.gain:.1e}")
        if not self.curvature >= -SLACK:
            found.append(f"the Hessian has a negative eigenvalue ({self.curvature:.1e})")
        if not self.slope >= -SLACK:
            found.append(f"a variance at zero should be positive ({self.slope:.1e})")
        return found


def check(design: Design, theta: Array, at: Evaluation) -> Optimality:
    """How far theta (m,) is from the conditions for a minimum.  eq:kkt"""
    step, values = newton_step(design, at, free(design, theta))
    curvature = values.min(initial=0.0) / max(np.abs(values).max(initial=0.0), 1e-300)
    pairs = zip(relative_slopes(design, at), factors(design, theta), strict=True)
    slopes = [np.linalg.eigvalsh(F)[0] for F, t in pairs if not t.any(axis=0).all()]
    return Optimality(
        gain=float(-0.5 * gradient(design, at) @ step),
        curvature=float(curvature),
        slope=float(min(slopes, default=0.0)),
    )


def free(design: Design, theta: Array) -> Array:
    """(m,) whether an entry of theta is in a column of its factor that is not zero."""
    moving = [np.broadcast_to(t.any(axis=0), t.shape) for t in factors(design, theta)]
    return np.asarray(flatten(moving), dtype=bool)


def newton_step(design: Design, at: Evaluation, moving: Array) -> tuple[Array, Array]:
    """The Newton step (m,) on some entries of theta, and the Hessian's eigenvalues there.

    Directions of negative curvature are turned round, so that the step goes down; along a direction
    in which theta slides without any effect it is zero.
    """
    g = gradient(design, at)[moving]
    H = hessian(design, at)[np.ix_(moving, moving)]
    values, vectors = np.linalg.eigh(H)
    size = np.abs(values)
    flat = size <= FLAT * size.max(initial=0.0)
    along = np.where(flat, 0.0, vectors.T @ g / np.where(flat, 1.0, size))
    step = np.zeros(design.m)
    step[moving] = -vectors @ along
    return step, values


def slope_scales(design: Design, at: Evaluation) -> list[Array]:
    """(k,) for each term: the root of the slope of the log determinants in each effect's variance.

    F is that slope less a positive part, so that over these scales no slope is above 1.
    """
    return [np.sqrt(np.diag(C).clip(min=1e-300)) for C in level_sums(design, at.C)]


def relative_slopes(design: Design, at: Evaluation) -> list[Array]:
    """F (k, k) of each term, over the scales of its effects: 1 is the largest slope there is."""
    slopes = level_sums(design, slope(at))
    scales = slope_scales(design, at)
    return [F / np.outer(s, s) for F, s in zip(slopes, scales, strict=True)]
