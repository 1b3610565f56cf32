"""Satterthwaite's degrees of freedom, with one information or another.

An estimated variance v has as many as a multiple of chi-square with its mean and its variance:
2 v^2 / Var(v), Var(v) by the delta method.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...linalg import Array
from .information import Information
from .slopes import Slopes, rank

ALIKE = 1e-8  # eigenvalues that differ by less, relatively, and df, count as equal


def freedom(of: Slopes, known: Information) -> Array:
    """(l,): the degrees of freedom of the t of each contrast, nan where they are not told.

    eq:satterthwaite-profiled
    """
    moved = np.einsum("acc->ac", known.moved(of)) / np.diag(of.cov)  # (any, l)
    found = 1.0 / (1.0 / known.dof + (moved**2).sum(axis=0))
    return np.where(np.diag(known.is_told(of)), found, np.nan)


def freedom_of_all(of: Slopes, known: Information) -> float:
    """The denominator's of an F of all contrasts; of one that of its t.  eq:satterthwaite-f

    From those of the uncorrelated combinations that the eigenvectors of cov give, which depend on
    the units of the contrasts, as in lmerTest.  nan where one of several has two or less: its t^2
    has no mean.
    """
    each = freedom(uncorrelated(of, known), known)
    if len(each) == 1 or np.ptp(each) < ALIKE or np.isnan(each).any():
        return float(each.mean())
    if not (each > 2.0).all():
        return float("nan")
    mean = (each / (each - 2.0)).sum()  # of the sum of t^2
    return float(2.0 * mean / (mean - len(each)))


def uncorrelated(of: Slopes, known: Information) -> Slopes:
    """Combinations of contrasts that are not correlated, as many as are independent.

    Eigenvectors of equal eigenvalues are arbitrary: those are taken of which the variances' own
    slopes are not correlated either.
    """
    values, vectors = np.linalg.eigh(of.cov)
    rotated = of.combined(vectors.T)
    spread = np.einsum("aij,ajk->ik", known.moved(rotated), known.moved(rotated))
    starts = np.flatnonzero(np.diff(values, prepend=-np.inf) > ALIKE * values[-1])
    for here in np.split(np.arange(len(values)), starts[1:]):
        block = np.ix_(here, here)
        vectors[:, here] = vectors[:, here] @ np.linalg.eigh(spread[block])[1]
    kept = np.arange(len(values)) >= len(values) - rank(of.cov)
    found = of.combined(vectors.T[kept])
    return replace(found, cov=np.diag(values[kept]))
