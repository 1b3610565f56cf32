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

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .coordinates import Coordinates
from .covariance import canonical, factors, flatten, is_diagonal
from .derivatives import (
    directions,
    gradient,
    information,
    newton_step,
    relative_slopes,
    slope_scales,
)
from .design import Design
from .evaluation import Evaluation
from .identifiability import Parameters, flat_moves, parameters
from .linalg import Array
from .ranef import Posterior

NEARLY_EXACT = 1e-4  # of a residual sum of squares, over that of least squares
GAIN = 1e-7  # what a Newton step may still promise, in units of the criterion
ZERO = 1e-4  # a diagonal entry of theta below this is called zero, as in lme4
CLEAR = 1e-4  # an eigenvalue of the information, scaled, that leaves no doubt
NEAR_ZERO = 1e-2  # a pivot above this is away from zero: where it is stationary nothing leads off
SLACK = 1e-6  # how far below zero an eigenvalue may be


@dataclass(frozen=True)
class Optimality:
    """How far the conditions for a minimum hold; no number here depends on units.

    Where residuals are nearly zero they have lost digits, and the first two count for less.
    """

    gain: float  # decrease that a last Newton step promises, 0 at a stationary point
    curvature: float  # least eigenvalue of the Hessian on the free entries, over its largest
    slope: float  # least eigenvalue of an F_t, scaled (relative_slopes), where T_t is singular
    kept: float = 1.0  # of the residuals' digits

    @property
    def failures(self) -> list[str]:
        """What does not hold, in words."""
        found = []
        if not self.kept * self.gain <= GAIN:
            found.append(f"a further step would lower the criterion by {self.gain:.1e}")
        if not self.kept * self.curvature >= -SLACK:
            found.append(f"the Hessian has a negative eigenvalue ({self.curvature:.1e})")
        if not self.slope >= -SLACK:
            found.append(f"a variance at zero should be positive ({self.slope:.1e})")
        return found


def ways_out(design: Design, theta: Array, at: Evaluation, kernel: Array) -> Iterator[Array]:
    """theta moved off a zero that should be positive, by less and less.  eq:kkt"""
    triangles = factors(design, theta)
    if all((np.abs(np.diag(t)) > NEAR_ZERO).all() for t in triangles):
        return
    scales = slope_scales(design, at)
    flat = flat_moves(design, kernel, theta)
    for t, F in enumerate(relative_slopes(design, at, flat)):
        values, vectors = np.linalg.eigh(F)
        if values[0] < -SLACK:
            direction = vectors[:, :1] / scales[t][:, None]  # (k, 1)
            for length in 0.5 ** np.arange(40):
                column = np.hstack([triangles[t], length * direction])
                yield flatten([*triangles[:t], canonical(column), *triangles[t + 1 :]])


def check(design: Design, theta: Array, at: Evaluation, kernel: Array | None = None) -> Optimality:
    """How far theta (m,) is from the conditions for a minimum, a kernel left aside.  eq:kkt"""
    kernel = np.zeros((1 + design.m, 0)) if kernel is None else kernel
    step, values = newton_step(at, directions(design, theta, kernel))
    curvature = values.min(initial=0.0) / max(np.abs(values).max(initial=0.0), 1e-300)
    return Optimality(
        gain=float(-0.5 * gradient(at) @ step),
        curvature=float(curvature),
        slope=min(slopes_at_zeros(design, theta, at, kernel), default=0.0),
        kept=min(1.0, float(at.pwrss) / (NEARLY_EXACT * design.n)),
    )


def slopes_at_zeros(design: Design, theta: Array, at: Evaluation, kernel: Array) -> Iterator[float]:
    """The least slope, scaled, off each term whose T is singular."""
    triangles = factors(design, theta)
    if all(np.diag(t).all() for t in triangles):
        return
    relative = relative_slopes(design, at, flat_moves(design, kernel, theta))
    for F, t, s in zip(relative, triangles, slope_scales(design, at), strict=True):
        if not np.diag(t).all():
            yield beyond(F, t / s[:, None])


def beyond(F: Array, t: Array) -> float:
    """The least eigenvalue of F (k, k) on what is orthogonal to the columns of t (k, k)."""
    U, sizes, _ = np.linalg.svd(t)
    N = U[:, sizes <= 1e-10 * sizes.max()]
    return float(np.linalg.eigvalsh(N.T @ F @ N).min(initial=np.inf))


def kernel(design: Design, reml: bool, unit: Evaluation) -> Array:
    """(1 + m, any): what is not determined, by `parameters` where the information leaves doubts.

    unit: the model at unit factors, where no eigenvalue of V0^-1 is above 1: what is told apart in
    its metric is apart.
    """
    M = information(unit)
    sizes = np.sqrt(np.diag(M).clip(min=0.0))
    if (sizes > CLEAR).all() and np.linalg.eigvalsh(M / np.outer(sizes, sizes))[0] > CLEAR:
        return np.zeros((1 + design.m, 0))
    return parameters(design, reml).kernel


@dataclass(frozen=True)
class Optimum:
    """A theta, the best one found or one that was given, and the model there in its own units."""

    theta: Array  # (m,)
    optimality: Optimality
    reml: bool
    posterior_by: Callable[[Design, Array], Posterior]  # the route's
    coordinates: Coordinates  # of the search, as are the three that follow
    work_theta: Array  # (m,)
    work_evaluation: Evaluation
    kernel: Array | None = None  # what cannot be told; of a theta that is given, None

    @cached_property
    def evaluation(self) -> Evaluation:
        """The criterion, beta, sigma, and the pieces of the derivatives."""
        return self.coordinates.evaluation_out(self.work_evaluation, self.theta, self.reml)

    @cached_property
    def posterior(self) -> Posterior:
        """The random effects given y."""
        found = self.posterior_by(self.coordinates.design, self.work_theta)
        return self.coordinates.posterior_out(found)

    @cached_property
    def parameters(self) -> Parameters:
        """What can be told at all."""
        return parameters(self.coordinates.design, self.reml)

    @property
    def is_given(self) -> bool:
        """Whether theta was given, and not looked for."""
        return self.kernel is None

    @property
    def is_open(self) -> bool:
        """Whether the data do not determine all covariance parameters."""
        return self.kernel is not None and self.kernel.size > 0

    @property
    def is_singular(self) -> bool:
        """Whether a variance is zero or a correlation is one, in coordinates without units."""
        return bool((self.work_theta[is_diagonal(self.coordinates.design)] < ZERO).any())
