"""The minimum of the criterion over theta: Newton's method with the exact Hessian.

theta needs no bounds: only T = Lambda Lambda' matters to the criterion, and that is positive
semidefinite whatever theta is.  What a bound would do is done by two rules: a pivot that comes out
nearly zero is tried as zero, and from a zero that should be positive (eq:kkt) the search sets out
again.  There may be several minima.  Where a term has several effects two starts are followed;
of a term with one, low points are looked for along its axis; the lowest minimum is taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .coordinates import Coordinates, behaved
from .covariance import canonical, factors, flatten, start
from .derivatives import gradient
from .design import Design
from .errors import ConvergenceWarning, OptionError, PerfectFitError
from .evaluation import Evaluation, Route
from .linalg import Array
from .optimality import (
    SLACK,
    Optimality,
    check,
    free,
    newton_step,
    relative_slopes,
    slope_scales,
)

SCALES = np.array([0.0, *10.0 ** np.linspace(-2, 2, 9)])  # of a factor, looked at for low points
NEAR = 1e-3  # of a minimum found before: a descent that comes so close would end there
NEARLY_ZERO = 1e-3  # a pivot below this is tried as zero
ROUNDS = 20  # of setting out again from a boundary
STEPS = 200  # of Newton
ARMIJO = 0.1  # share of the promised decrease that a step has to bring
ROUNDING = 1e-13  # of the criterion, relative
LARGEST = 1e7  # relative standard deviation; beyond it the residuals are rounding errors


@dataclass(frozen=True)
class Optimum:
    """A theta, the best one found or one that was given, and how good it is."""

    theta: Array  # (m,)
    work_theta: Array  # (m,) in the coordinates of the search
    evaluation: Evaluation  # in the coordinates of the search
    coordinates: Coordinates
    optimality: Optimality


Minimum = tuple[Array, Evaluation]  # a theta in the coordinates of the search, and the model there


class Search:
    """The criterion of one design by one route."""

    def __init__(self, design: Design, reml: bool, route: Route) -> None:
        self.design, self.reml, self.route = design, reml, route

    def at(self, theta: Array) -> Evaluation:
        """The model at theta."""
        return self.route.evaluate(self.design, theta, self.reml)

    def criterion(self, theta: Array) -> float:
        """The criterion at theta; inf where rounding leaves a matrix without its factor."""
        try:
            return self.route.criterion(self.design, theta, self.reml)
        except np.linalg.LinAlgError:
            return np.inf


def minimize(design: Design, reml: bool, route: Route) -> Optimum:
    """Minimise the criterion over theta.

    Warns (ConvergenceWarning) when a condition for a minimum fails, and names it.
    Raises PerfectFitError when the residual variance can be made zero.
    """
    coordinates = behaved(design)
    work = coordinates.design
    largest = np.abs(np.sqrt(design.weights) * design.y_less_offset).max()
    if not work.y.any() or coordinates.size <= 100 * np.finfo(float).eps * largest:
        raise exact_fit()
    search = Search(work, reml, route)
    theta, at = best(search, starts(coordinates))
    found = point(coordinates, coordinates.theta_out(theta), theta, at)
    if found.optimality.failures:
        reasons = "; ".join(found.optimality.failures)
        warnings.warn(
            f"the fit may not be at a minimum: {reasons}", ConvergenceWarning, stacklevel=4
        )
    return found


def given(design: Design, theta: Array, reml: bool, route: Route) -> Optimum:
    """A theta (m,) that is given, in place of the best one.  Raises OptionError."""
    try:
        theta = np.asarray(theta, dtype=float)
    except (TypeError, ValueError) as error:
        raise OptionError(f"theta must be {design.m} finite numbers") from error
    if theta.shape != (design.m,) or not np.isfinite(theta).all():
        raise OptionError(f"theta must be {design.m} finite numbers, not {theta.tolist()}")
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, route)
    try:
        work_theta = coordinates.theta_in(theta)
        return point(coordinates, theta, work_theta, search.at(work_theta))
    except np.linalg.LinAlgError as error:
        raise OptionError(f"theta {theta.tolist()} is too large for doubles") from error


def point(coordinates: Coordinates, theta: Array, work_theta: Array, at: Evaluation) -> Optimum:
    """The model at theta, which is `work_theta` in the coordinates of the search."""
    optimality = check(coordinates.design, work_theta, at)
    return Optimum(theta, work_theta, at, coordinates, optimality)


def exact_fit() -> PerfectFitError:
    """What to say where the residual variance is zero."""
    return PerfectFitError(
        "the model reproduces the response exactly, so that its likelihood is unbounded: "
        "leave out terms, or look for a copy of the response among the predictors"
    )


def starts(coordinates: Coordinates) -> Iterator[Array]:
    """Unit factors in the coordinates of the search; then in those of the model, as lme4 does."""
    unit = start(coordinates.design)
    yield unit
    if any(term.k > 1 for term in coordinates.design.terms):  # with one effect just another size
        yield coordinates.theta_in(unit)


def best(search: Search, points: Iterator[Array]) -> Minimum:
    """The lowest of the minima that are found from some starts, and the model there."""
    found = descend(search, next(points))
    usable = (theta for theta in points if np.isfinite(search.criterion(theta)))
    found = lowest(search, found, usable)
    return lowest(search, found, low_points(search, found[0]))


def lowest(search: Search, found: Minimum, points: Iterator[Array]) -> Minimum:
    """The lowest of a minimum and those that are found from some points."""
    for theta in points:
        found = min(found, descend(search, theta, found), key=lambda each: each[1].criterion)
    return found


def low_points(search: Search, theta: Array) -> Iterator[Array]:
    """Where the criterion is low again, a term's one effect larger or smaller than at a minimum."""
    triangles = factors(search.design, theta)
    for t, triangle in enumerate(triangles):
        if len(triangle) > 1:
            continue
        here, unit = (1.0, triangle) if triangle.any() else (0.0, np.eye(1))
        line = [flatten([*triangles[:t], s * unit, *triangles[t + 1 :]]) for s in SCALES]
        heights = np.array([search.criterion(point) for point in line])
        is_low = (heights[:-1] < [np.inf, *heights[:-2]]) & (heights[:-1] < heights[1:])
        yield from (line[i] for i in np.flatnonzero(is_low) if SCALES[i] != here)


def descend(search: Search, theta: Array, known: Minimum | None = None) -> Minimum:
    """From a start to a minimum, perhaps one that is known, and the model there."""
    for _ in range(ROUNDS):
        theta = newton(search, theta, known)
        if known is not None and near(theta, known):
            return known
        theta = try_zeros(search, theta)
        at = search.at(theta)
        further = escape(search, theta, at)
        if further is None:
            break
        theta = further
    return theta, at


def near(theta: Array, known: Minimum) -> bool:
    """Whether theta is next to a minimum that is known."""
    apart, largest = np.abs(theta - known[0]).max(), np.abs(known[0]).max()
    return bool(apart <= NEAR * (1.0 + largest))


def newton(search: Search, theta: Array, known: Minimum | None = None) -> Array:
    """Newton steps on the free entries, downhill, until rounding is all that is left.

    Or until the next minimum is clearly a known one.
    """
    theta = tidy(search.design, theta)
    moving = free(search.design, theta)
    at, last = search.at(theta), np.inf
    for _ in range(STEPS):
        if known is not None and near(theta, known):
            break
        step, _ = newton_step(search.design, at, moving)
        size = float(np.abs(step).max(initial=0.0) / (1.0 + np.abs(theta).max(initial=0.0)))
        if size <= 1e-13 or (last < 1e-7 and size > last / 2):  # steps that shrink no more
            break
        shorter = shorten(search, theta, at, step)
        if shorter is None:
            break
        if np.abs(shorter[0]).max() > LARGEST:
            raise exact_fit()
        (theta, at), last = shorter, size
    return tidy(search.design, theta)


def shorten(
    search: Search, theta: Array, at: Evaluation, step: Array
) -> tuple[Array, Evaluation] | None:
    """The first of step, step/2, step/4, ... that meets Armijo's condition, up to rounding."""
    longest = 1.0 + np.abs(theta).max()  # no entry moves by more than 1 + max |theta|
    promise = float(gradient(search.design, at) @ step)  # < 0
    noise = ROUNDING * (abs(at.criterion) + search.design.n)
    for scale in min(1.0, longest / np.abs(step).max()) * 0.5 ** np.arange(30):
        closer = theta + scale * step
        try:
            there = search.at(closer)
        except np.linalg.LinAlgError:
            continue
        if there.criterion <= at.criterion + ARMIJO * scale * promise + noise:
            return closer, there
    return None


def tidy(design: Design, theta: Array, tolerance: float = 0.0) -> Array:
    """theta with canonical factors, pivots up to a tolerance taken as zero."""
    return flatten(canonical(t, tolerance) for t in factors(design, theta))


def try_zeros(search: Search, theta: Array) -> Array:
    """Set pivots that are nearly zero to zero, where that costs nothing."""
    zeroed = tidy(search.design, theta, NEARLY_ZERO)
    if (free(search.design, zeroed) == free(search.design, theta)).all():
        return theta
    zeroed = newton(search, zeroed)
    before = search.criterion(theta)
    return zeroed if search.criterion(zeroed) <= before + 10 * ROUNDING * abs(before) else theta


def escape(search: Search, theta: Array, at: Evaluation) -> Array | None:
    """theta moved off a zero that should be positive; None where there is none.  eq:kkt"""
    triangles = factors(search.design, theta)
    scales = slope_scales(search.design, at)
    for t, F in enumerate(relative_slopes(search.design, at)):
        values, vectors = np.linalg.eigh(F)
        if values[0] < -SLACK:
            direction = vectors[:, :1] / scales[t][:, None]  # (k, 1)
            for length in 0.5 ** np.arange(40):
                column = np.hstack([triangles[t], length * direction])
                wider = flatten([*triangles[:t], canonical(column), *triangles[t + 1 :]])
                if search.criterion(wider) < at.criterion:
                    return wider
    return None
