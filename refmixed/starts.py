"""Where a search begins, and where else the criterion may be low.

The first start is a step of MINQUE from unit factors, or two: of balanced data it is the end.
Elsewhere the criterion is looked at in many places at once, by the blocked route, which takes many
theta in the time of a few.  No place depends on the units of the given model.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from .covariance import flatten, start
from .derivatives import downhill, gradient, hessian, minque
from .evaluation import Evaluation, diagonal
from .linalg import Array
from .search import Search

LEAST = 1e-2  # of an eigenvalue of T at the start, over the largest
FEW, FEW_LEVELS = 100, 10  # data so few that the criterion may have minima far apart
WORK, LOOK = 3e7, 1e6  # multiplications that a search all over may cost, and a look at many data
SCALES = np.array([0.0, *10.0 ** np.linspace(-2, 3, 16)])  # of a single effect
AXES, FEWER_AXES = 3, 2  # effects, each alone in its term, whose sizes a grid combines; of few data
SPREAD, FEWER = 60, 10  # starts, where a term has more effects than one; of many data
LENGTHS = 0.5 ** np.arange(1, 11)  # of a step
LARGEST = 1e4  # of a theta in a look around
STEPS = 40  # of many descents at once
GAIN = 1e-7  # of the criterion: less ends a descent


def first(search: Search, unit: Evaluation, known: Array | None = None) -> Array:
    """theta (m,): a step of MINQUE from unit factors, two where Newton's cost more.  eq:minque

    Of many data one that is known of a model like this one, if it is better than unit factors.
    """
    if known is not None and search.work >= LOOK and search.criterion(known) < unit.criterion:
        return known
    theta = start(search.design)
    is_open = search.kernel.size > 0 or not search.design.terms
    if is_open or not np.isfinite(once := step(unit)).all():
        return theta
    if search.work < LOOK:
        return once
    twice = step(search.at(once))  # the same again, of balanced data
    is_same = not np.isfinite(twice).all() or np.allclose(twice, once, 1e-9, 1e-12)
    return once if is_same else twice


def step(at: Evaluation) -> Array:
    """theta (m,) after a step of MINQUE, made positive definite; NaN where it leads nowhere."""
    of, nowhere = at.layout, np.full((*np.shape(at.pwrss), len(at.layout.rows)), np.nan)
    try:
        psi = minque(at)
    except np.linalg.LinAlgError:
        return nowhere
    leads = psi[..., -1:] > 0
    T = of.symmetric(np.where(leads, psi[..., :-1] / np.where(leads, psi[..., -1:], 1.0), 0.0))
    roots = [np.linalg.cholesky(positive(block)) for block in of.blocks(T)]
    return np.where(leads, of.entries(diagonal(roots)), nowhere)


def positive(T: Array) -> Array:
    """T (k, k) with eigenvalues that are neither small nor very large."""
    values, vectors = np.linalg.eigh(T)
    least = LEAST * np.clip(values[..., -1:], LEAST, LARGEST)
    clipped = np.clip(values, least, LARGEST)
    return (vectors * clipped[..., None, :]) @ vectors.swapaxes(-1, -2)


def elsewhere(search: Search, theta: Array, height: float) -> list[Array]:
    """Some theta (m,) near minima that are below a height, that of the minimum at theta."""
    points, which = other_points(search, theta[None], np.array([height]))
    ends, heights = descents(search, points, which)
    lower = heights < height - search.noise(height)
    return list(ends[lower][np.argsort(heights[lower])])


def other_points(search: Search, thetas: Array, heights: Array) -> tuple[Array, Array]:
    """theta (any, m) to set out from, beside the minima (b, m), and the response of each.

    Of data so large that a look around would cost more than the fit, none; none either of many
    responses of many data, whose minima are near where they are expected.
    """
    b, most = len(thetas), WORK / search.work  # theta at which the criterion may be asked for
    if is_gridded(search) and len(sizes(search)) ** search.design.m <= most:
        return low_points(search, thetas, sizes(search))
    is_thorough = is_few(search) and SPREAD * len(LENGTHS) <= most
    fewer = min(FEWER, int(LOOK / search.work)) if b == 1 else 0
    some = SPREAD if is_thorough else fewer
    every = scattered(tuple(term.k for term in search.design.terms))
    points, which = np.tile(every[:some], (b, 1)), np.repeat(np.arange(b), some)
    if is_thorough:
        return points, which
    lower = search.criteria(points, which) < heights[which]
    return points[lower], which[lower]


def is_gridded(search: Search) -> bool:
    """Whether all combinations of a few sizes can be looked at: one effect a term, few terms."""
    axes = FEWER_AXES if is_few(search) else AXES
    return all(term.k == 1 for term in search.design.terms) and search.design.m <= axes


def is_few(search: Search) -> bool:
    """Whether data are so few that minima may lie anywhere."""
    levels = min(len(term.levels) for term in search.design.terms)
    return search.design.n <= FEW or levels <= FEW_LEVELS


def sizes(search: Search) -> Array:
    """Sizes of an effect, fewer of each where there are several, and not few data."""
    return SCALES if search.design.n <= FEW else SCALES[:: 2 ** (search.design.m - 1)]


def low_points(search: Search, thetas: Array, sizes: Array) -> tuple[Array, Array]:
    """The points of a grid lower than those beside them, not those beside the minimum (b, m)."""
    (b, m), s = thetas.shape, len(sizes)
    grid = np.tile(list(product(sizes, repeat=m)), (b, 1))
    heights = search.criteria(grid, np.repeat(np.arange(b), s**m)).reshape(b, *(s,) * m)
    is_low = np.ones(heights.shape, dtype=bool)
    for axis in range(1, m + 1):
        along, low = np.moveaxis(heights, axis, 0), np.moveaxis(is_low, axis, 0)
        low[1:] &= along[1:] <= along[:-1]
        low[:-1] &= along[:-1] <= along[1:]
    found = np.argwhere(is_low)  # (any, 1 + m)
    which, places = found[:, 0], found[:, 1:]
    here = np.searchsorted(sizes, np.abs(thetas))[which]  # the next larger size
    away = ~((here - 1 <= places) & (places <= here)).all(axis=1)
    return sizes[places[away]], which[away]


@cache
def scattered(sizes: tuple[int, ...]) -> Array:
    """(SPREAD, m): for terms with so many effects factors of all sizes, the same every time."""
    random = np.random.default_rng(1)
    return np.array([flatten(random_factor(random, k) for k in sizes) for _ in range(SPREAD)])


def random_factor(random: np.random.Generator, k: int) -> Array:
    """(k, k) lower, standard deviations over four decades, any correlation as likely."""
    sizes = 10.0 ** random.uniform(-2.0, 2.0, (k, 1))
    rows = np.tril(random.normal(size=(k, k)))
    return sizes * rows / np.linalg.norm(rows, axis=1, keepdims=True)


def descents(search: Search, thetas: Array, which: Array) -> tuple[Array, Array]:
    """Newton's steps from many theta (b, m) at once: where they end, and the criteria there.

    which (b,): the response of each.  Of a step the lowest of ten lengths is taken where the whole
    of it does not lead down; the end is only near a minimum.
    """
    if not len(thetas):
        return thetas, np.zeros(0)
    thetas, heights = thetas.copy(), search.criteria(thetas, which)
    moving = np.flatnonzero(np.isfinite(heights))
    for _ in range(STEPS):
        if len(moving):
            steps, gains = newton_steps(search.many(thetas[moving], which[moving]))
            going = gains > GAIN
            moving, steps = moving[going], steps[going]
        if not len(moving):
            break
        points, tried = shortened(search, thetas[moving], heights[moving], steps, which[moving])
        falls = (tried < heights[moving]) & (np.abs(points).max(axis=1) < LARGEST)
        moving = moving[falls]
        thetas[moving], heights[moving] = points[falls], tried[falls]
    return thetas, heights


def shortened(
    search: Search, thetas: Array, heights: Array, steps: Array, which: Array
) -> tuple[Array, Array]:
    """Points (b, m) along steps, lower than heights (b,) where any is, and the criteria there."""
    whole = np.minimum(1.0, longest(thetas) / longest(steps, 0.0))  # (b, 1)
    points = thetas + whole * steps
    tried = search.criteria(points, which)
    short = np.flatnonzero(~(tried < heights))
    if len(short):
        lengths = LENGTHS * whole[short]  # (short, any)
        closer = thetas[short, None] + lengths[..., None] * steps[short, None]
        rows = np.repeat(which[short], len(LENGTHS))
        there = search.criteria(closer.reshape(len(rows), -1), rows).reshape(lengths.shape)
        best, at = there.argmin(axis=1), np.arange(len(short))
        points[short], tried[short] = closer[at, best], there[at, best]
    return points, tried


def longest(thetas: Array, least: float = 1.0) -> Array:
    """(b, 1): the largest entry of each, and something more."""
    return least + np.abs(thetas).max(axis=1, initial=1e-300, keepdims=True)


def newton_steps(at: Evaluation) -> tuple[Array, Array]:
    """(b, m): Newton's steps, turned downhill, and how much each promises (b,)."""
    steps, _, gains = downhill(gradient(at), hessian(at))
    return steps, gains
