"""The law of a likelihood ratio in large samples, where some parameters cannot be negative.

The estimate is nearly normal about the true point, and the parameters lie in a cone there: the
ratio is the squared length of the projection on it, a mixture of chi-square laws (d15).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from ...covariance import entries
from ...linalg import Array, cholesky, solve_lower, solve_upper

DRAWS, SEED = 4_000, 1  # of directions
POINTS = 500  # of a curve; the error falls faster than any power of their number
STEPS, SETTLED = 400, 1e-7  # of a projection, and what a step may still move


@dataclass(frozen=True)
class ChiBar:
    """A mixture of chi-square laws: weights (any,) of so many shares (any,) of chi-squares of df.

    drawn: whether the shares are those of random directions.
    """

    weights: Array
    shares: Array
    df: Array
    drawn: bool = False

    def sf(self, t: float) -> tuple[float, float]:
        """The probability of a ratio above t > 0, and its Monte Carlo error.  eq:chi-bar"""
        above = chi2.sf(t / np.maximum(self.shares, 1e-300), self.df)  # eq:chi-bar
        error = above.std() / np.sqrt(len(above)) if self.drawn else 0.0
        return float(self.weights @ above), float(error)


def chi_bar(J: Array, sizes: tuple[int, ...], free: int) -> ChiBar:
    """Of the information J (s, s) on the entries of covariances (k, k), sizes, each zero in truth.

    free: further parameters, of any sign.  An entry off a diagonal stands in two places.
    """
    s = len(J)
    if sizes == (2,) or (s <= 3 and all(k == 1 for k in sizes)):
        weights = rounded(in_units(J, sizes)) if sizes == (2,) else corner(J)
        df = free + np.arange(s + 1)
        return ChiBar(weights, (df > 0).astype(float), np.maximum(df, 1))
    found = shares(J, sizes, free)
    return ChiBar(np.full(DRAWS, 1 / DRAWS), found, np.full(DRAWS, free + s), drawn=True)


def corner(J: Array) -> Array:
    """Weights (s + 1,) of s <= 3 variances at zero, of their angles.  eq:chi-bar-corner"""
    if len(J) == 0:
        return np.ones(1)
    half = solve_upper(cholesky(J), np.eye(len(J)))
    inside, outside = (orthant(correlations(M)) for M in (half @ half.T, J))
    return {
        1: np.array([0.5, 0.5]),
        2: np.array([0.5 - inside, 0.5, inside]),
        3: np.array([outside, 0.5 - inside, 0.5 - outside, inside]),
    }[len(J)]


def rounded(J: Array) -> Array:
    """Weights (4,) of the covariance of two effects at zero, of curves' lengths.  eq:chi-bar-round

    J as `in_units` gives it: there the edges of the cone and those of its polar are the same.
    """
    L, phi = cholesky(J), np.arange(POINTS) * np.pi / POINTS
    c, s, c2, s2 = np.cos(phi), np.sin(phi), np.cos(2 * phi), np.sin(2 * phi)
    edges = np.array([c * c, np.sqrt(2.0) * c * s, s * s])  # (3, points)
    slopes = np.array([-s2, np.sqrt(2.0) * c2, s2])
    outside = 0.5 - length(L.T @ edges, L.T @ slopes) / (4.0 * np.pi)
    inside = 0.5 - length(solve_lower(L, edges), solve_lower(L, slopes)) / (4.0 * np.pi)
    return np.array([outside, 0.5 - inside, 0.5 - outside, inside])


def length(y: Array, dy: Array) -> float:
    """The length on the sphere of a closed curve of directions y (3, points), with slopes dy."""
    yy, dd, yd = (y * y).sum(axis=0), (dy * dy).sum(axis=0), (y * dy).sum(axis=0)
    return float(np.pi * np.mean(np.sqrt(np.maximum(yy * dd - yd**2, 0.0)) / yy))


def correlations(M: Array) -> Array:
    """Those above the diagonal of a covariance."""
    size = np.sqrt(np.diag(M))
    return (M / np.outer(size, size))[np.triu_indices(len(M), 1)]


def orthant(r: Array) -> float:
    """The probability that one to three normal variables with correlations r are all positive."""
    s = {0: 1, 1: 2, 3: 3}[len(r)]
    return float(0.5**s + np.arcsin(np.clip(r, -1, 1)).sum() / (2.0 ** (s - 1) * np.pi))


def shares(J: Array, sizes: tuple[int, ...], free: int) -> Array:
    """(draws,): what a projection on the cone leaves of the squared length of a direction."""
    random = np.random.default_rng(SEED)
    g, f = random.normal(size=(DRAWS, len(J))), random.normal(size=(DRAWS, free))
    J = in_units(J, sizes)
    z = solve_upper(cholesky(J), g.T).T  # (draws, s), of covariance J^-1
    near = projected(z, J, sizes)
    kept = ((near @ J) * near).sum(axis=1)  # (draws,)
    fixed, whole = (f**2).sum(axis=1), (g**2).sum(axis=1)
    return (fixed + kept) / (fixed + whole)


def in_units(J: Array, sizes: tuple[int, ...]) -> Array:
    """The information on entries each as long as it counts, of effects in units of their own."""
    scales, start = [], 0
    for k in sizes:
        rows, columns = entries(k)
        own = np.diag(J)[start : start + len(rows)]
        unit = own[rows == columns] ** 0.25  # (k,)
        scales.append(unit[rows] * unit[columns] * np.where(rows == columns, 1.0, np.sqrt(2.0)))
        start += len(rows)
    scale = np.concatenate(scales)
    return J / np.outer(scale, scale)


def projected(z: Array, J: Array, sizes: tuple[int, ...]) -> Array:
    """The nearest points (b, s) of the cone to z (b, s), in the metric J, by Nesterov's steps."""
    step = 1.0 / np.linalg.eigvalsh(J)[-1]
    d = ahead = positive(z, sizes)
    for k in range(1, STEPS):
        new = positive(ahead - step * (ahead - z) @ J, sizes)
        moved = np.abs(new - d).max()
        ahead, d = new + (k - 1) / (k + 2) * (new - d), new
        if moved < SETTLED:
            break
    return d


def positive(d: Array, sizes: tuple[int, ...]) -> Array:
    """Covariances (b, s), as `covariance.packed`, without their negative eigenvalues."""
    out, start = np.empty_like(d), 0
    for k in sizes:
        rows, columns = entries(k)
        here = slice(start, start + len(rows))
        root = np.where(rows == columns, 1.0, np.sqrt(2.0))
        M = np.zeros((len(d), k, k))
        M[:, rows, columns] = M[:, columns, rows] = d[:, here] / root
        values, vectors = np.linalg.eigh(M)
        kept = (vectors * np.maximum(values, 0.0)[:, None]) @ vectors.swapaxes(1, 2)
        out[:, here] = kept[:, rows, columns] * root
        start += len(rows)
    return out
