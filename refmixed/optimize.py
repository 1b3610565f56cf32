"""The minimum of the criterion over theta: Newton's method with the exact Hessian.

theta needs no bounds: only T = Lambda Lambda' matters, positive semidefinite whatever theta is.
But a pivot that comes out nearly zero is tried as zero, and from a zero that should be positive
(eq:kkt) the search sets out again.  The lowest of the minima that some starts lead to is taken.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from .checks import vector
from .coordinates import behaved
from .covariance import start, tidy
from .derivatives import directions, free, newton_step, shorten
from .design import Design
from .errors import ConvergenceWarning, OptionError, PerfectFitError
from .evaluation import Evaluation
from .identifiability import representative
from .linalg import EPS, Array
from .optimality import Optimum, check, kernel, ways_out
from .refusals import EXACT, refuse_exact
from .search import Route, Search
from .starts import elsewhere, first

NEAR = 1e-3  # of a minimum found before: a descent that comes so close would end there
NEARLY_ZERO = (1e-3, 1e-6)  # pivots below this are tried as zeros; the least of them alone
LAST = 1e-9  # a step so short leaves its square to the next, less than rounding errors
ROUNDS, STEPS = 20, 200  # of setting out again from a boundary, and of Newton
FALLING = 0.1  # a gain that no limit would leave to a theta so large
ENDLESS = "the criterion falls, though to a limit, as the residual variance tends to zero"

Minimum = tuple[Array, Evaluation]  # a theta in the coordinates of the search, and the model there


def minimize(design: Design, reml: bool, route: Route, begin: Array | None = None) -> Optimum:
    """Minimise the criterion over theta; ConvergenceWarning names a condition that fails.

    begin (m,): the theta of a model like this one, if there is any, to set out from.  Raises
    PerfectFitError when the residual variance can be made zero.
    """
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, route)
    noise = 100 * EPS * coordinates.largest / coordinates.size  # of y, in these coordinates
    refuse_exact(search, noise)
    unit = search.at(start(search.design))
    search.kernel = kernel(search.design, reml, unit)
    known = None if begin is None else coordinates.theta_in(begin)
    theta, at = best(search, first(search, unit, known))
    if search.kernel.size:  # last steps are off what is flat, where rounding errors lead astray
        theta = representative(search.design, search.kernel, settle(search, theta))
        at = search.at(theta)
    found = check(search.design, theta, at, search.kernel)
    endless = theta.max(initial=0.0) > search.largest / 10  # and was on its way beyond
    if endless and found.gain > FALLING:
        raise PerfectFitError(EXACT)
    if failures := [ENDLESS] if endless else found.failures:
        text = f"the fit may not be at a minimum: {'; '.join(failures)}"
        warnings.warn(text, ConvergenceWarning, stacklevel=4)
    out = coordinates.theta_out(theta)
    return Optimum(out, found, reml, route.posterior, coordinates, theta, at, search.kernel)


def given(design: Design, theta: Array, reml: bool, route: Route) -> Optimum:
    """A theta (m,) that is given, in place of the best one.  Raises OptionError."""
    theta = vector("theta", theta, design.m)
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, route)
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            inner = coordinates.theta_in(theta)
            at = search.at(inner)
            out = coordinates.evaluation_out(at, theta, reml)
            if not (search.is_sound(at) and out.is_sound):
                raise np.linalg.LinAlgError("a number has overflown, or has lost its sign")
            found = check(search.design, inner, at)
    except np.linalg.LinAlgError as error:
        raise OptionError(f"theta {theta.tolist()} is too large for doubles") from error
    return Optimum(theta, found, reml, route.posterior, coordinates, inner, at)


def best(search: Search, begin: Array) -> Minimum:
    """The lowest of the minima that are found from a start on, and the model there."""
    found = descend(search, begin)
    if not search.design.m:
        return found
    return lowest(search, found, elsewhere(search, found[0], found[1].criterion))


def lowest(search: Search, found: Minimum, points: Iterable[Array]) -> Minimum:
    """The lowest of a minimum and those found from some points; of equal ones the first."""
    for theta in points:
        other = descend(search, theta, found)
        if other[1].criterion < found[1].criterion - search.noise(found[1].criterion):
            found = other
    return found


def descend(search: Search, theta: Array, known: Minimum | None = None) -> Minimum:
    """From a start to a minimum, perhaps one that is known, and the model there."""
    theta = representative(search.design, search.kernel, theta)
    for _ in range(ROUNDS):
        theta = settle(search, theta, known)
        if known is not None and near(theta, known):
            return known
        theta = try_zeros(search, theta)
        at = search.at(theta)
        further = escape(search, theta, at)
        if further is None:
            return theta, at
        theta = further
    return theta, search.at(theta)


def escape(search: Search, theta: Array, at: Evaluation) -> Array | None:
    """theta moved off a zero that should be positive; None where there is none.  eq:kkt"""
    ways = ways_out(search.design, theta, at, search.kernel)
    return next((wider for wider in ways if search.criterion(wider) < at.criterion), None)


def near(theta: Array, known: Minimum) -> bool:
    """Whether theta is next to a minimum that is known."""
    return bool(np.abs(theta - known[0]).max() <= NEAR * (1.0 + np.abs(known[0]).max()))


def settle(search: Search, theta: Array, known: Minimum | None = None) -> Array:
    """Newton steps, and again from the representative: far along a flat set digits are lost."""
    theta = newton(search, theta, known)
    if not search.kernel.size:
        return theta
    return newton(search, representative(search.design, search.kernel, theta), known, search.kernel)


def newton(
    search: Search, theta: Array, known: Minimum | None = None, kernel: Array | None = None
) -> Array:
    """Newton steps, downhill, until they are rounding or near a known end, a kernel left aside."""
    theta = tidy(search.design, theta)
    moving = directions(search.design, theta, kernel)
    at, last = search.at(theta), np.inf
    for _ in range(STEPS):
        if known is not None and near(theta, known):
            break
        step, _ = newton_step(at, moving)
        size = float(np.abs(step).max(initial=0.0) / (1.0 + np.abs(theta).max(initial=0.0)))
        if size <= 1e-13 or (last < 1e-7 and size > last / 2):  # steps that shrink no more
            break
        shorter = shorten(search.design, search.at, theta, at, step, search.noise(at.criterion))
        if shorter is None or np.abs(shorter[0]).max() > search.largest:
            break
        (theta, at), last = shorter, size
        if size <= LAST:
            break
    return tidy(search.design, theta)


def try_zeros(search: Search, theta: Array) -> Array:
    """Set pivots that are nearly zero to zero, where that costs nothing and no way leads off it."""
    for tolerance in NEARLY_ZERO:
        zeroed = tidy(search.design, theta, tolerance)
        if (free(search.design, zeroed) == free(search.design, theta)).all():
            break
        before = search.criterion(theta)
        at = search.at(zeroed := settle(search, zeroed))
        is_as_low = at.criterion <= before + 10 * search.noise(before)
        if is_as_low and escape(search, zeroed, at) is None:
            return zeroed
    return theta
