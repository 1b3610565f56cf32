"""Several comparisons at once: adjusted p-values, and critical values of simultaneous intervals.

Bonferroni and Holm hold whatever the dependence of the tests, Tukey where all differences of k
independent means of equal variance are looked at; else it is what is usual, close and mostly a
little too large.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from ...linalg import Array
from .studentized import beyond, point

ADJUSTMENTS = ("tukey", "bonferroni", "holm", "none")


def p_values(t: Array, df: Array, method: str, k: int) -> Array:
    """Two-sided p (r,) of a family of r statistics, adjusted; NaN where there is no statistic.

    k: how many means the differences are of.
    """
    if method == "tukey":
        return np.array([beyond(np.sqrt(2.0) * abs(x), k, d) for x, d in zip(t, df, strict=True)])
    p = 2.0 * stats.t.sf(np.abs(t), df)  # (r,)
    r = int(np.isfinite(p).sum())
    if method == "bonferroni":
        return np.asarray(np.minimum(1.0, r * p))  # (r,)  eq:bonferroni
    return holm(p, r) if method == "holm" else p


def holm(p: Array, r: int) -> Array:
    """Holm's p (r,): a step at a time, never below the one before.  eq:holm"""
    order = np.argsort(p)  # NaN last
    left = r - np.arange(len(p))  # hypotheses not yet rejected
    steps = np.minimum(1.0, np.maximum.accumulate(left * p[order]))  # (r,)  eq:holm
    adjusted = np.full(len(p), np.nan)
    adjusted[order[:r]] = steps[:r]
    return adjusted


def critical(level: float, df: Array, method: str, k: int) -> Array:
    """(r,): how many standard errors an interval of each of r contrasts reaches.

    Holm's tests are sequential and have no intervals: Bonferroni's stand in for them.
    """
    r = int(np.isfinite(df).sum() + np.isinf(df).sum())
    if method == "tukey":
        return np.array([point(level, k, d) / np.sqrt(2.0) for d in df])
    share = 1 if method == "none" else max(r, 1)
    return np.asarray(stats.t.isf((1.0 - level) / (2 * share), df))  # (r,)  eq:bonferroni
