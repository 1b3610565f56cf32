"""Satterthwaite's degrees of freedom, with one information or another.

An estimated variance v has as many as a multiple of chi-square with its mean and its variance:
2 v^2 / Var(v), Var(v) by the delta method.
"""

from __future__ import annotations

import numpy as np

from ...linalg import Array
from .information import Information
from .slopes import Slopes
from .uncorrelated import ALIKE, uncorrelated


def freedom(of: Slopes, known: Information) -> Array:
    """(l,): the degrees of freedom of the t of each contrast, nan where they are not told.

    eq:satterthwaite-profiled
    """
    moved = np.einsum("acc->ac", known.moved(of)) / np.diag(of.cov)  # (any, l)
    found = 1.0 / (1.0 / known.dof + (moved**2).sum(axis=0))
    return np.where(np.diag(known.is_told(of)), found, np.nan)


def freedom_of_all(of: Slopes, known: Information, weights: Array) -> float:
    """The denominator's of an F of all contrasts; of one that of its t.  eq:satterthwaite-f

    weights (r, r): the contrasts as combinations of those of `of`.  nan where one of several
    uncorrelated ones has two or less: its t^2 has no mean.
    """
    each = freedom(uncorrelated(of, known, weights), known)
    if len(each) == 1 or np.ptp(each) < ALIKE or np.isnan(each).any():
        return float(each.mean())
    if not (each > 2.0).all():
        return float("nan")
    mean = (each / (each - 2.0)).sum()  # of the sum of t^2
    return float(2.0 * mean / (mean - len(each)))
