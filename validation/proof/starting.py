"""Where the proofs begin: refmixed's minimum in doubles, and what other starts lead to."""

from __future__ import annotations

import warnings

import numpy as np

from refmixed import penalized
from refmixed.coordinates import behaved
from refmixed.covariance import canonical, flatten
from refmixed.design import Design
from refmixed.errors import ConvergenceWarning, PerfectFitError
from refmixed.linalg import Array
from refmixed.optimize import descend, minimize, newton
from refmixed.search import Search

from .matrices import ProofError

SEARCHES = 12  # from starts spread over four decades
LOWER = 1e-6  # of the criterion: what counts as lower


def find(design: Design, reml: bool, start: tuple[float, ...] | None, elsewhere: bool) -> Array:
    """theta of the minimum that `start` leads to, refmixed's own without one.

    elsewhere: search from other starts too; raises ProofError where one leads lower.
    """
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, penalized)
    if start is None:
        found = minimize(design, reml, penalized)
        theta, at = found.work_theta, found.work_evaluation
    else:
        theta, at = descend(search, coordinates.theta_in(np.array(start)))
    if elsewhere:
        lowest = min(criteria(search), default=np.inf)
        if lowest < at.criterion - LOWER:
            raise ProofError(f"another start leads lower by {at.criterion - lowest:.3g}")
    return coordinates.theta_out(theta)


def on_face(design: Design, reml: bool, theta: Array) -> Array:
    """The minimum over the entries of theta in columns that are not zero."""
    coordinates = behaved(design)
    search = Search(coordinates.design, reml, penalized)
    return coordinates.theta_out(newton(search, coordinates.theta_in(theta)))


def criteria(search: Search, searches: int = SEARCHES) -> list[float]:
    """The criterion at the minima that random starts lead to."""
    random = np.random.default_rng(0)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(searches):
            theta = flatten(spread(random, term.k) for term in search.design.terms)
            try:
                found.append(descend(search, theta)[1].criterion)
            except (np.linalg.LinAlgError, PerfectFitError):
                continue
    return found


def spread(random: np.random.Generator, k: int) -> Array:
    """A random factor (k, k), its scale between 0.01 and 100."""
    return canonical(10.0 ** random.uniform(-2, 2) * random.standard_normal((k, k)))


def evidence() -> str:
    """What stands for global minimality where it is not proved."""
    return (
        f"Searches by refmixed from {SEARCHES} more starts, spread over four decades of theta, "
        "found no lower minimum."
    )
