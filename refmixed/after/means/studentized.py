"""The law of the studentized range: how far the largest of k means is from the least.

The inner integral of eq:tukey by the trapezoidal rule, whose error falls exponentially where a
smooth integrand vanishes at both ends, the outer one by Gauss's on short panels.  Nothing is taken
from one, so that small tails keep their digits.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, gammaln, log_ndtr, ndtr
from scipy.stats import chi2

from ...linalg import Array

Z = np.linspace(-10.0, 10.0, 101)  # where the least of the normals may be
SMALL = 1e-18  # of the law of a standard deviation, beyond which nothing is summed
LEAST = 40  # of -log(q S / sigma): a range is not within so little
PANELS, NODES = 12, np.polynomial.legendre.leggauss(16)


def beyond(q: float, k: int, df: float) -> float:
    """The chance that the range of k means over their standard error is above q.  eq:tukey"""
    if not np.isfinite(q):
        return np.nan if np.isnan(q) else 0.0
    if np.isinf(df):
        return float(range_beyond(np.array([q]), k)[0])
    logs, shares, below = deviations(df, -LEAST - int(np.log(max(q, 1.0))))
    tails = range_beyond(q * np.exp(logs), k)
    return min(1.0, float(shares @ tails) + below)  # eq:tukey


def range_beyond(w: Array, k: int) -> Array:
    """P(range of k normals > w), of each w (r,): the others above the least, not all within w."""
    above, out = log_ndtr(-Z), ndtr(-Z - w[:, None])  # (z,), (r, z)
    with np.errstate(divide="ignore"):
        all_within = (k - 1) * np.log1p(-np.minimum(1.0, out / np.exp(above)))
    density = np.exp(-(Z**2) / 2 + (k - 1) * above) / np.sqrt(2.0 * np.pi)
    return np.asarray(k * (Z[1] - Z[0]) * (-np.expm1(all_within) @ density))


@lru_cache(maxsize=100)
def deviations(df: float, least: int) -> tuple[Array, Array, float]:
    """Logarithms of S / sigma, the weights of their density, and the chance of what is below."""
    low = 0.5 * np.log(max(chi2.ppf(SMALL, df) / df, np.exp(2.0 * least)))
    high = 0.5 * np.log(chdtri(df, SMALL) / df)
    ends = np.linspace(low, high, 1 + max(PANELS, math.ceil(high - low)))
    half = (ends[1] - ends[0]) / 2
    logs = (ends[:-1, None] + half * (1.0 + NODES[0])).ravel()
    shares = np.tile(half * NODES[1], len(ends) - 1)
    constant = np.log(2.0) + (df / 2) * np.log(df / 2) - gammaln(df / 2)
    density = np.exp(constant + df * logs - df * np.exp(2 * logs) / 2)
    return logs, density * shares, float(chi2.cdf(df * np.exp(2 * low), df))


@lru_cache(maxsize=1000)
def point(level: float, k: int, df: float) -> float:
    """The range that is not exceeded with a chance of `level`; nan where df is."""
    if np.isnan(df):
        return np.nan
    high = 4.0
    while beyond(high, k, df) > 1.0 - level:
        high *= 2.0
    return float(brentq(lambda q: beyond(q, k, df) - (1.0 - level), 0.0, high, xtol=1e-12))
