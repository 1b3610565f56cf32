"""Is a proved minimum the lowest: by all roots of the score, or by what other searches found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from refmixed import penalized
from refmixed.after.certificate import Extent
from refmixed.coordinates import behaved
from refmixed.design import Design
from refmixed.evaluation import Search
from refmixed.linalg import Array

from ..proof.everywhere import LARGEST, everywhere
from ..proof.optimum import Optimum
from ..proof.problem import Blocks
from ..proof.starting import LOWER, SEARCHES, criteria

QUICK = 300  # random effects up to which all searches are made; at least so many are:
FEWEST = 2


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
        not_proved = () if roots.lowest else ("That no other minimum is lower.",)
        return Elsewhere("global" if roots.lowest else "local", (roots.sentence,), not_proved)
    theta = np.array([float(x) for x in found.theta])
    return Elsewhere("local", (), (searched(design, problem.reml, theta),))


def searched(design: Design, reml: bool, theta: Array) -> str:
    """How many searches from random starts led where."""
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, penalized)
    here = search.criterion(coordinates.theta_in(theta))
    searches = int(max(FEWEST, SEARCHES * min(1.0, QUICK / design.q) ** 3))
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
