"""One design fitted to many responses at once: bootstrap, power, sampling distributions.

All that a response changes is one column of the cross products.  MINQUE's step and Newton's go on
for all responses together; one whose end is not plain (a condition for a minimum fails, or a
variance is nearly zero) is fitted by itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from .. import blocked, refusals
from ..checks import matrix
from ..coordinates import require_rows
from ..covariance import is_diagonal, start
from ..derivatives import hessian, slope
from ..design import Design
from ..errors import OptionError, RefmixedError, RefmixedWarning
from ..evaluation import Evaluation, log_weights, profiled
from ..linalg import EPS, Array, logdet, solve_upper
from ..optimality import SLACK, ZERO
from ..search import Search
from ..starts import descents, newton_steps, other_points, step
from .ends import Ends, Refits, by_name, keep, no_ends

AT_ONCE = 2e7  # numbers of the products of all responses that are taken together
LAST, SETTLED = 5, 1e-19  # Newton steps at the end; one that promised so little was the last
SMALL = 1e-3  # an entry of theta on a diagonal below this may be zero
DONE = 1e-22  # of the criterion, what a further step may promise, per observation


def refit(fit: Any, y: Any) -> Any:
    """A fit to another response (n,); of many (n, b) the estimates.  Raises OptionError."""
    require_rows(fit.design)
    values = matrix("y", y, fit.nobs)
    if not values.shape[1]:
        raise OptionError("y has no column: there is no response to fit")
    if np.ndim(y) > 1:
        return refits(fit, values, pd.Index(getattr(y, "columns", range(values.shape[1]))))
    return type(fit).of(replace(fit.design, y=values[:, 0]), fit.reml, fit.route, fit.labels)


def refits(fit: Any, Y: Array, names: pd.Index) -> Refits:
    """The estimates from each column of Y (n, b)."""
    b, design, ends = Y.shape[1], fit.design, no_ends(fit.design, Y.shape[1])
    singular, apart, words = np.zeros(b, dtype=bool), np.ones(b, dtype=bool), [""] * b
    way = at_once if design.terms else by_least_squares
    for some in together(fit, b) if is_stacked(fit) else ():
        is_plain, found, zero = way(fit, Y[:, some])
        for kept, new in zip(ends, found, strict=True):
            kept[some[is_plain]] = new[is_plain]
        singular[some], apart[some] = zero, ~is_plain
    for j in np.flatnonzero(apart).tolist():
        found, words[j] = alone(fit, replace(design, y=Y[:, j]))
        if found is not None:
            keep(found, ends, singular, j)
    return by_name(design, names, ends, singular, words)


def is_stacked(fit: Any) -> bool:
    """Whether many responses are taken at once: theta, where there is one, is determined."""
    if not fit.design.terms:
        return True
    return not fit.optimum.is_open and not blocked.prepare(fit.design).takes_one


def together(fit: Any, b: int) -> Iterator[Array]:
    """The numbers of responses that are taken together."""
    size = max(1, int(AT_ONCE / numbers(fit.design)))
    yield from np.split(np.arange(b), np.arange(size, b, size))


def numbers(design: Design) -> float:
    """How many numbers the arrays for one response hold."""
    return blocked.numbers(design) if design.terms else float(design.n)


def by_least_squares(fit: Any, Y: Array) -> tuple[Array, Ends, Array]:
    """The same as `at_once` of a model without random terms.  eq:sigma, eq:vcov"""
    ways, design, dof = fit.optimum.coordinates, fit.design, fit.design.dof(fit.reml)
    less = Y - design.offset[:, None]
    _, c, size = ways.responses_in(less)
    back = solve_upper(ways.LX, np.eye(len(ways.LX)))  # (p, p)
    sigma = size * np.sqrt(design.n / dof)  # (b,)
    constant = profiled(design, -log_weights(design), logdet(ways.LX), design.n, fit.reml)
    criterion = constant + 2.0 * dof * np.log(size)
    vcov = sigma[:, None, None] ** 2 * (back @ back.T)  # (b, p, p)
    largest = np.abs(np.sqrt(design.weights)[:, None] * less).max(axis=0)
    is_plain = 100 * EPS * largest < size  # `optimize.minimize` takes less for a perfect fit
    none = np.zeros((len(size), 0))
    return is_plain, (none, (back @ c).T, sigma, criterion, vcov), np.zeros(len(size), dtype=bool)


def at_once(fit: Any, Y: Array) -> tuple[Array, Ends, Array]:
    """Which of the responses (n, b) have a plain end, the estimates, and which are singular."""
    ways, optimum, dof = fit.optimum.coordinates, fit.optimum, fit.design.dof(fit.reml)
    rest, c, size = ways.responses_in(Y - fit.design.offset[:, None])
    search = Search(ways.design, fit.reml, blocked)
    search.products = blocked.with_responses(search.products, rest)
    which = np.arange(Y.shape[1])
    begin = start(ways.design) if optimum.is_singular else optimum.work_theta
    theta = settled(search, lowest(search, begin, which), which)
    at = search.many(theta, which)
    beta = solve_upper(ways.LX, c + size * at.beta.T).T  # (b, p)
    sigma = size * np.sqrt(at.pwrss / dof)  # (b,)
    criterion = at.criterion + 2.0 * dof * np.log(size) + fit.reml * logdet(ways.LX)
    is_singular = np.asarray((np.abs(theta[:, is_diagonal(ways.design)]) < ZERO).any(axis=1))
    is_plain = plain(search, theta, at) & far_from_exact(search, which)
    back = solve_upper(ways.LX, np.eye(len(ways.LX)))  # (p, p)
    vcov = sigma[:, None, None] ** 2 * (back @ at.beta_cov @ back.T)  # (b, p, p)
    return is_plain, (ways.thetas_out(theta), beta, sigma, criterion, vcov), is_singular


def lowest(search: Search, begin: Array, which: Array) -> Array:
    """theta (b, m) near the lowest minimum of each response."""
    begin = np.tile(begin, (len(which), 1))
    steps = step(search.many(begin, which))
    theta, heights = descents(search, np.where(np.isnan(steps), begin, steps), which)
    points, whose = other_points(search, theta, heights)
    ends, others = descents(search, points, whose)
    for i in np.argsort(-others):  # the lowest last
        if others[i] < heights[whose[i]] - search.noise(heights[whose[i]]):
            theta[whose[i]], heights[whose[i]] = ends[i], others[i]
    return theta


def settled(search: Search, theta: Array, which: Array) -> Array:
    """theta after Newton's last steps; the last pivot of a term, where small, is taken as zero."""
    ends = np.cumsum([term.m for term in search.design.terms]) - 1
    theta = theta.copy()
    theta[:, ends] = np.where(np.abs(theta[:, ends]) < SMALL, 0.0, theta[:, ends])
    moving = np.arange(len(theta))
    for _ in range(LAST):
        steps, gains = newton_steps(search.many(theta[moving], which[moving]))
        theta[moving] += steps
        moving = moving[gains > SETTLED]
        if not len(moving):
            break
    return theta


def plain(search: Search, theta: Array, at: Evaluation) -> Array:
    """(b,) whether the conditions for a minimum hold.  eq:kkt"""
    _, gains = newton_steps(at)
    H, F = np.linalg.eigvalsh(hessian(at)), slope(at)
    sizes = np.sqrt(np.einsum("bkk->bk", at.C))
    scaled = F / (sizes[:, :, None] * sizes[:, None, :])  # nowhere above 1
    least = [np.linalg.eigvalsh(block)[:, 0] for block in at.layout.blocks(scaled)]
    pivots = np.abs(theta[:, is_diagonal(search.design)])
    is_end = (gains <= DONE * search.design.n) & (H[:, 0] > -SLACK * H[:, -1])
    is_small = ((pivots > 0.0) & (pivots < SMALL)).any(axis=1)
    return is_end & (np.min(least, axis=0) > -SLACK) & ~is_small


def far_from_exact(search: Search, which: Array) -> Array:
    """(b,) whether no theta comes near to a residual variance of zero, `refusals.refuse_exact`."""
    far = np.tile(start(search.design) / refusals.SMALL, (len(which), 1))
    pwrss = blocked.solve(search.products.of(which), far, search.reml).pwrss
    return pwrss > refusals.SMALL * search.design.n


def alone(fit: Any, design: Design) -> tuple[Any, str]:
    """The fit of a design as another was fitted, None where there is none; what is said of it."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RefmixedWarning)
        try:
            found = type(fit).of(design, fit.reml, fit.route, fit.labels)
        except RefmixedError as error:
            return None, str(error)
    return found, "; ".join(str(warning.message) for warning in told)
