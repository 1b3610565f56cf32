"""The least value of the criterion where some coordinates are held: Newton's method.

A profile at one value of its parameter is such a minimum.  Variances of zero are ordinary: the
criterion is even in a column of a factor, and a negative eigenvalue of the Hessian says where to
leave a zero.  A few coordinates, whose sign would change what is held, may not be negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...derivatives import ARMIJO, downhill
from ...linalg import Array
from ...starts import WORK, is_few
from .held import Held, Local

STEPS, ROUNDS = 100, 10  # of Newton; of leaving a saddle
SETTLED = 1e-26  # a step that promises so little, of the criterion, was the last
SMALL = (
    1e-6  # promises below this shrink by orders of magnitude, where they are not rounding errors
)
NEGATIVE = 1e-9  # of an eigenvalue, over the largest
STARTS, DESCENTS = 40, 2  # points that are looked at, and those from which a descent sets out
SPREAD = 1.5  # of the logarithms of their coordinates
LEAST, TYPICAL = 1e-3, 0.3  # a coordinate as small as this is scattered as if it were ...
LOWER = 1e-7  # of the criterion: another minimum, and not the same with other rounding errors
LONGEST = 2.0  # no coordinate moves by more than this times (1 + the largest)


@dataclass(frozen=True)
class Free:
    """Which coordinates of x move, and which of them may not be negative."""

    moves: Array  # (h + m + 1,) bool
    is_signed: Array  # (h + m + 1,) bool


def minimum(held: Held, x: Array, free: Free) -> Local:
    """The minimum that Newton's steps from x lead to, the coordinates that are held as in x."""
    here = settle(held, held.at(x), free)
    for _ in range(ROUNDS):
        lower = off_saddle(held, here, free)
        if lower is None:
            break
        here = settle(held, lower, free)
    return here


def settle(held: Held, here: Local, free: Free) -> Local:
    """Newton's steps until they promise nothing, or promises shrink no more: rounding errors."""
    noise, last = held.noise(here), np.inf
    for _ in range(STEPS):
        ways = moving(here, free)
        step, gain = newton(here, ways)
        if gain <= SETTLED * (1.0 + abs(here.height)) or last / 4.0 < gain < SMALL:
            break
        closer = shorter(held, here, step, free, noise)
        if closer is None:
            break
        here, last = closer, gain
    return here


def moving(here: Local, free: Free) -> Array:
    """Places of the coordinates that move: those at a bound that would go beyond it do not."""
    is_stuck = free.is_signed & (here.x <= 0.0) & (here.gradient >= 0.0)
    return np.flatnonzero(free.moves & ~is_stuck)


def newton(here: Local, ways: Array) -> tuple[Array, float]:
    """Newton's step (h + m + 1,), turned downhill, and what it promises."""
    h = len(here.x) - len(here.hessian)
    H = here.hessian[np.ix_(ways - h, ways - h)]
    step = np.zeros(len(here.x))
    step[ways], _, gain = downhill(here.gradient[ways], H)
    return step, float(gain)


def shorter(held: Held, here: Local, step: Array, free: Free, noise: float) -> Local | None:
    """The first of step, step/2, ... that meets Armijo's condition, up to noise."""
    longest = LONGEST * (1.0 + np.abs(here.x).max())
    for scale in min(1.0, longest / np.abs(step).max()) * 0.5 ** np.arange(30):
        x = bounded(here.x + scale * step, free)
        try:
            there = held.at(x)
        except np.linalg.LinAlgError:
            continue
        if there.height <= here.height + ARMIJO * (here.gradient @ (x - here.x)) + noise:
            return there
    return None


def bounded(x: Array, free: Free) -> Array:
    """x with nothing below zero that may not be."""
    return np.where(free.is_signed & (x < 0.0), 0.0, x)


def off_saddle(held: Held, here: Local, free: Free) -> Local | None:
    """A lower point along a direction of negative curvature; None where there is none."""
    ways = moving(here, free)
    if not len(ways):
        return None
    h = len(here.x) - len(here.hessian)
    values, vectors = np.linalg.eigh(here.hessian[np.ix_(ways - h, ways - h)])
    if values[0] >= -NEGATIVE * np.abs(values).max():
        return None
    for size in 0.5 ** np.arange(0, 30, 2):
        for sign in (1.0, -1.0):
            x = here.x.copy()
            x[ways] += sign * size * vectors[:, 0]
            try:
                there = held.at(bounded(x, free))
            except np.linalg.LinAlgError:
                continue
            if there.height < here.height - held.noise(here):
                return there
    return None


def lowest(held: Held, here: Local, free: Free) -> Local:
    """The lowest of a minimum and of those to which a few points far from it lead."""
    for x in elsewhere(held, here, free):
        try:
            there = minimum(held, x, free)
        except np.linalg.LinAlgError:
            continue
        if there.height < here.height - max(LOWER, 10.0 * held.noise(here)):
            here = there
    return here


def elsewhere(held: Held, here: Local, free: Free) -> list[Array]:
    """Points to set out from: some that are scattered, the same every time, if they are lower.

    Where data are few, minima may lie anywhere, and the lowest of them are taken anyway.
    """
    search = held.search(here.x[: held.h])
    if not held.m or search.work * STARTS > WORK:
        return []
    xs = scattered(here.x, free)
    heights = held.heights(xs)
    best = np.argsort(heights)[:DESCENTS]
    most = np.inf if is_few(search) else here.height
    return [xs[i] for i in best if heights[i] < most]


def scattered(x: Array, free: Free) -> Array:
    """(STARTS, h + m + 1): x with what moves larger and smaller, of either sign."""
    random = np.random.default_rng(13)
    xs = np.tile(x, (STARTS, 1))
    sizes = np.where(np.abs(x) > LEAST, np.abs(x), TYPICAL)
    moved = sizes * np.exp(SPREAD * random.normal(size=xs.shape)) * random.choice([-1, 1], xs.shape)
    moved[:, -1] = x[-1] + random.normal(size=STARTS)  # a logarithm
    moved[:, free.is_signed] = np.abs(moved[:, free.is_signed])
    return np.where(free.moves, moved, xs)
