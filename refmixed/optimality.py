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
from itertools import combinations

import numpy as np
from scipy.linalg import qr

from .covariance import canonical, factors, flatten, start
from .derivatives import directions, gradient, newton_step, relative_slopes, slope_scales
from .design import Design
from .errors import (
    GroupError,
    PerfectFitError,
    RankError,
    ResponseError,
    SaturatedError,
    WeightsError,
    nth,
)
from .evaluation import Evaluation
from .identifiability import flat_moves
from .linalg import Array, project
from .search import Search

GAIN = 1e-8  # what a Newton step may still promise, in units of the criterion
SMALL = 1e-4  # residuals beside those of least squares; or the inverse of a large theta
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


def ways_out(design: Design, theta: Array, at: Evaluation, kernel: Array) -> Iterator[Array]:
    """theta moved off a zero that should be positive, by less and less.  eq:kkt"""
    triangles = factors(design, theta)
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
    flat = flat_moves(design, kernel, theta)
    relative = relative_slopes(design, at, flat)
    triples = zip(relative, factors(design, theta), slope_scales(design, at), strict=True)
    slopes = [beyond(F, t / s[:, None]) for F, t, s in triples if not t.any(axis=0).all()]
    return Optimality(
        gain=float(-0.5 * gradient(at) @ step),
        curvature=float(curvature),
        slope=float(min(slopes, default=0.0)),
    )


def beyond(F: Array, t: Array) -> float:
    """The least eigenvalue of F (k, k) on what is orthogonal to the columns of t (k, k)."""
    U, sizes, _ = np.linalg.svd(t)
    N = U[:, sizes <= 1e-10 * sizes.max()]
    return float(np.linalg.eigvalsh(N.T @ F @ N).min(initial=np.inf))


def ranks(design: Design, Z: Array) -> tuple[int, int, float]:
    """Ranks of columns Z (n, any) and of X with them; the root mean square they leave of y."""
    root = np.sqrt(design.weights)
    Q = root[:, None] * design.X  # (n, p)  orthonormal in the coordinates of the search
    Z = root[:, None] * Z
    Z = Z / np.maximum(np.linalg.norm(Z, axis=0), 1e-300)
    basis = independent(project(Q, Z))
    left = project(basis, (root * design.y)[:, None])
    size = float(np.linalg.norm(left) / np.sqrt(design.n))
    return independent(Z).shape[1], design.p + basis.shape[1], size


def independent(Z: Array) -> Array:
    """An orthonormal basis (n, rank) of columns of length one or less."""
    basis, R, _ = qr(Z, mode="economic", pivoting=True)
    return np.asarray(basis[:, : (np.abs(np.diag(R)) > 1e-9).sum()])


def is_unbounded(design: Design, reml: bool, tolerance: float) -> bool:
    """Whether X and some terms give y up to a root mean square, and could not give any y.

    The criterion falls for ever, with sigma, as the log determinant does.  eq:unbounded
    """
    sizes = range(len(design.terms), 0, -1)
    for some in (some for size in sizes for some in combinations(design.terms, size)):
        of_Z, with_X, left = ranks(design, np.hstack([term.Z for term in some]))
        if (with_X if reml else of_Z) < design.n and left <= tolerance:
            return True
    return False


def refuse_exact(search: Search, tolerance: float) -> None:
    """Raises PerfectFitError where X and some terms give y, up to a root mean square.

    Where they could give any y, theta may tend to infinity, and is not followed so far.
    """
    if tolerance >= 1.0 or not search.design.y.any():
        raise PerfectFitError()
    try:
        at = search.at(start(search.design) / SMALL)
    except np.linalg.LinAlgError:
        at = None
    if at is None or at.pwrss <= SMALL * search.design.n:
        if is_unbounded(search.design, search.reml, tolerance):
            raise PerfectFitError()
        if ranks(search.design, search.design.Z)[1] == search.design.n:
            search.largest = 1.0 / SMALL


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
