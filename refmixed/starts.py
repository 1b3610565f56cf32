"""Where a search begins, and where else the criterion may be low.

The first start is a step of MINQUE from unit factors: of balanced data it is the end already.
Elsewhere the criterion is looked at in many places at once, by the blocked route, which takes many
theta in the time of a few.  No place depends on the units of the given model.
"""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np

from .covariance import flatten, start
from .derivatives import FLAT, gradient, hessian, minque
from .evaluation import Evaluation
from .linalg import Array
from .search import Search

LEAST = 1e-2  # of an eigenvalue of T at the start, over the largest
FEW, FEW_LEVELS = 100, 10  # data so few that the criterion may have minima far apart
WORK = 3e7  # multiplications that a look around may cost
SCALES = np.array([0.0, *10.0 ** np.linspace(-2, 3, 16)])  # of a single effect
AXES = 3  # effects, each alone in its term, of whose scales all combinations are looked at
SPREAD, FEWER = 60, 20  # starts, where a term has more effects than one; of many data
LENGTHS = 0.5 ** np.arange(10)  # of a step
LARGEST = 1e4  # of a theta in a look around
STEPS = 40  # of many descents at once
GAIN = 1e-7  # of the criterion: less ends a descent


def first(search: Search, unit: Evaluation) -> Array:
    """theta (m,): two steps of MINQUE from unit factors.  eq:minque"""
    theta = start(search.design)
    if search.kernel.size or (once := step(unit)) is None:
        return theta
    twice = step(search.at(once))  # the same again, of balanced data
    return once if twice is None or np.allclose(twice, once, 1e-9, 1e-12) else twice


def step(at: Evaluation) -> Array | None:
    """theta (m,) after a step of MINQUE, made positive definite."""
    psi = minque(at)
    if psi is None:
        return None
    T = at.layout.symmetric(psi[:-1] / psi[-1])  # (K, K)
    return flatten(np.linalg.cholesky(positive(block)) for block in at.layout.blocks(T))


def positive(T: Array) -> Array:
    """T (k, k) with eigenvalues that are neither small nor very large."""
    values, vectors = np.linalg.eigh(T)
    least = LEAST * np.clip(values[-1], LEAST, LARGEST)
    return (vectors * np.clip(values, least, LARGEST)) @ vectors.T


def elsewhere(search: Search, theta: Array, height: float) -> list[Array]:
    """Some theta (m,) from which the criterion may fall below a height, that of the minimum theta.

    Of data so large that a look around would cost more than the fit, none.
    """
    most = int(WORK / search.work)  # theta at which the criterion may be asked for at once
    if is_gridded(search) and len(sizes(search)) ** search.design.m <= most:
        points = low_points(search, theta, sizes(search))
    elif is_few(search) and SPREAD * len(LENGTHS) <= most:
        points = scattered(search)
    else:
        points = scattered(search)[: min(FEWER, most)]
        points = points[search.criteria(points) < height]
    if not len(points):
        return []
    ends, heights = descents(search, points)
    lower = heights < height - search.noise(height)
    return list(ends[lower][np.argsort(heights[lower])])


def is_gridded(search: Search) -> bool:
    """Whether all combinations of a few sizes can be looked at: one effect a term, few terms."""
    return all(term.k == 1 for term in search.design.terms) and search.design.m <= AXES


def is_few(search: Search) -> bool:
    """Whether data are so few that minima may lie anywhere."""
    levels = min(len(term.levels) for term in search.design.terms)
    return search.design.n <= FEW or levels <= FEW_LEVELS


def sizes(search: Search) -> Array:
    """Sizes of an effect, fewer of each where there are several."""
    return SCALES[:: 2 ** (search.design.m - 1)]


def low_points(search: Search, theta: Array, sizes: Array) -> Array:
    """(any, m): the points of a grid lower than those beside them, not those beside theta."""
    m = search.design.m
    grid = np.array(list(product(sizes, repeat=m)))
    heights = search.criteria(grid).reshape((len(sizes),) * m)
    is_low = np.ones(heights.shape, dtype=bool)
    for axis in range(m):
        along, low = np.moveaxis(heights, axis, 0), np.moveaxis(is_low, axis, 0)
        low[1:] &= along[1:] <= along[:-1]
        low[:-1] &= along[:-1] <= along[1:]
    found = np.argwhere(is_low)  # (any, m)
    here = np.searchsorted(sizes, np.abs(theta))  # the next larger scale
    beside = (here - 1 <= found) & (found <= here)
    return sizes[found[~beside.all(axis=1)]].reshape(-1, m)


def scattered(search: Search) -> Array:
    """(SPREAD, m): factors of very different sizes and correlations, the same ones every time."""
    return scattered_factors(tuple(term.k for term in search.design.terms))


@cache
def scattered_factors(sizes: tuple[int, ...]) -> Array:
    """For terms with so many effects."""
    random = np.random.default_rng(1)
    return np.array([flatten(random_factor(random, k) for k in sizes) for _ in range(SPREAD)])


def random_factor(random: np.random.Generator, k: int) -> Array:
    """(k, k) lower, standard deviations over four decades, any correlation as likely."""
    sizes = 10.0 ** random.uniform(-2.0, 2.0, (k, 1))
    rows = np.tril(random.normal(size=(k, k)))
    return sizes * rows / np.linalg.norm(rows, axis=1, keepdims=True)


def descents(search: Search, thetas: Array) -> tuple[Array, Array]:
    """Newton's steps from many theta (b, m) at once: where they end, and the criteria there.

    Of each step the lowest of ten lengths is taken, and the end is only near a minimum.
    """
    thetas, heights = thetas.copy(), search.criteria(thetas)
    moving = np.flatnonzero(np.isfinite(heights))
    for _ in range(STEPS):
        if len(moving):
            steps, gains = newton_steps(search.many(thetas[moving], moving))
            going = gains > GAIN
            moving, steps = moving[going], steps[going]
        if not len(moving):
            break
        reach = LENGTHS * np.minimum(1.0, longest(thetas[moving]) / longest(steps, 0.0))  # (b, any)
        points = thetas[moving][:, None, :] + reach[..., None] * steps[:, None, :]
        which = np.repeat(moving, len(LENGTHS))
        tried = search.criteria(points.reshape(len(which), -1), which).reshape(reach.shape)
        best, rows = tried.argmin(axis=1), np.arange(len(moving))
        points, tried = points[rows, best], tried[rows, best]
        falls = (tried < heights[moving]) & (np.abs(points).max(axis=1, initial=0.0) < LARGEST)
        moving = moving[falls]
        thetas[moving], heights[moving] = points[falls], tried[falls]
    return thetas, heights


def longest(thetas: Array, least: float = 1.0) -> Array:
    """(b, 1): the largest entry of each, and something more."""
    return least + np.abs(thetas).max(axis=1, initial=1e-300, keepdims=True)


def newton_steps(at: Evaluation) -> tuple[Array, Array]:
    """(b, m): Newton's steps, turned downhill, and how much each promises (b,)."""
    g = gradient(at)[..., None]  # (b, m, 1)
    values, vectors = np.linalg.eigh(hessian(at))
    size = np.abs(values)[..., None]
    flat = size <= FLAT * size.max(axis=-2, initial=0.0, keepdims=True)
    down = vectors.swapaxes(-1, -2) @ g
    along = np.where(flat, 0.0, down / np.where(flat, 1.0, size))
    return -(vectors @ along)[..., 0], 0.5 * (down * along).sum(axis=(-1, -2))
