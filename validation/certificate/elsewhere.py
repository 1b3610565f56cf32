"""Is a proved minimum the lowest: by all roots of the score, or by what other searches found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from flint import arb

from refmixed import penalized
from refmixed.after.certificate import Extent
from refmixed.coordinates import behaved
from refmixed.design import Design
from refmixed.linalg import Array
from refmixed.r.reduced import listed
from refmixed.search import Search

from ..proof.everywhere import LARGEST, Everywhere, Shape, everywhere, shaped
from ..proof.optimum import Optimum
from ..proof.problem import Blocks
from ..proof.roots import positive_zeros
from ..proof.starting import LOWER, SEARCHES, criteria

QUICK = 300  # random effects up to which all searches are made, with few parameters:
FEW = 5
FEWEST = 2  # searches, whatever the size
COUNTS = {0: "no zero", 1: "one zero"}


@dataclass(frozen=True)
class Elsewhere:
    """What is known of all other theta."""

    minimum: Extent | None
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]


def elsewhere(problem: Blocks, found: Optimum, design: Design) -> Elsewhere:
    """Of a proved minimum; `problem` is in rationals."""
    if not problem.sizes:
        return Elsewhere("global", (), ())
    if problem.sizes == (1,) and problem.q <= LARGEST:
        roots = everywhere(problem, found)
        extent: Extent = "global" if roots.lowest else "local"
        return Elsewhere(extent, (counted(roots),), tuple(doubts(roots)))
    theta = np.array([float(x) for x in found.theta])
    return Elsewhere("local", (), (searched(design, problem.reml, theta),))


def nowhere(problem: Blocks, failed: str) -> Elsewhere:
    """Where no minimum is proved, and why; `problem` is in rationals."""
    if problem.sizes == (1,) and problem.q <= LARGEST and is_endless(shaped(problem)):
        text = "The criterion falls all the way as theta grows from 0 without end."
        return Elsewhere(None, (text,), ("A minimum: there is none.",))
    return Elsewhere(None, (), (failed,))


def is_endless(shape: Shape) -> bool:
    """Whether the criterion falls as long as t grows: its derivative never changes sign."""
    falls = shape.value(arb(1)) < shape.value(arb(0))
    return bool(falls) and not positive_zeros(shape.numerator())


def counted(roots: Everywhere) -> str:
    """How many zeros the derivative has, and how the criterion compares there and at the ends."""
    k = roots.zeros
    text = f"The derivative has {COUNTS.get(k, f'{k} zeros')} where theta > 0"
    if roots.lowest:
        places = listed([*["there"] * (k > 0), "at 0", "at infinity"])
        text += f"; compared {places}, the criterion is lowest here"
    return f"{text}{roots.others}."


def doubts(roots: Everywhere) -> Iterator[str]:
    """What keeps a minimum from being proved to be the lowest."""
    if not all(more > 0 for _, more in roots.other_minima):
        yield "That no other minimum is lower."
    if not roots.beyond:
        yield "That the criterion stays above what it is here as theta grows without end."


def searched(design: Design, reml: bool, theta: Array) -> str:
    """How many searches from random starts led where."""
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, penalized)
    here = search.criterion(coordinates.theta_in(theta))
    size = design.q * max(1.0, design.m / FEW)
    searches = int(max(FEWEST, SEARCHES * min(1.0, QUICK / size) ** 3))
    ends = np.array(criteria(search, searches)) - here
    lower, higher = ends[ends < -LOWER], ends[ends > LOWER]
    text = f"of {searches} more searches, from starts spread over four decades of theta,"
    if len(lower):
        by = -lower.min()
        return f"That it is the lowest: {text} {len(lower)} led lower, by {by:.4g} or less."
    text = f"That no other minimum is lower: {text} {len(ends) - len(higher)} led here"
    if len(higher):
        text += f", {len(higher)} to others that are higher, by {higher.max():.4g} or less"
    return f"{text}."
