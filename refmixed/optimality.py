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

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .covariance import canonical, factors, flatten
from .derivatives import free, gradient, newton_step, relative_slopes, slope_scales
from .design import Design
from .errors import GroupError, RankError, ResponseError, SaturatedError, WeightsError, nth
from .evaluation import Evaluation
from .linalg import Array

GAIN = 1e-8  # what a Newton step may still promise, in units of the criterion
SLACK = 1e-6  # how far below zero an eigenvalue may be


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


def ways_out(design: Design, theta: Array, at: Evaluation) -> Iterator[Array]:
    """theta moved off a zero that should be positive, by less and less.  eq:kkt"""
    triangles = factors(design, theta)
    scales = slope_scales(design, at)
    for t, F in enumerate(relative_slopes(design, at)):
        values, vectors = np.linalg.eigh(F)
        if values[0] < -SLACK:
            direction = vectors[:, :1] / scales[t][:, None]  # (k, 1)
            for length in 0.5 ** np.arange(40):
                column = np.hstack([triangles[t], length * direction])
                yield flatten([*triangles[:t], canonical(column), *triangles[t + 1 :]])


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


def refuse_unidentified(design: Design, allow_saturated: bool) -> None:
    """Raises GroupError or SaturatedError: of such data theta could not be estimated."""
    for term in design.terms:
        if len(term.levels) < 2:
            raise GroupError(
                f"the grouping factor {term.group} has the single level {term.levels[0]!r}: "
                "its variance cannot be estimated"
            )
        if term.q >= design.n and not allow_saturated:
            raise SaturatedError(
                f"{design.n} observations cannot tell the {term.q} random effects of {term.name} "
                "from the residuals; allow_saturated=True fits the model all the same"
            )


def refuse_impossible(design: Design) -> None:
    """Raises WeightsError, ResponseError or RankError: nothing can be computed at any theta."""
    if (bad := design.weights < 0).any():
        row, weight = nth(design.index, int(bad.argmax())), design.weights[bad.argmax()]
        raise WeightsError(f"weights must be positive or zero, and row {row} has {weight:g}")
    if (largest := np.abs(design.y_less_offset).max()) > 1e150:  # its square is to be finite
        raise ResponseError(f"the response reaches {largest:.0e}: measure it in larger units")
    if design.n <= design.p:
        raise RankError(
            f"{design.n} complete rows leave no residuals beside {design.p} fixed effects"
        )
