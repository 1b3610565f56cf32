"""The exact law of the likelihood ratio of one variance, restricted or not, in samples of any size.

Where the variance is zero the data are independent normal, and the ratio depends on a few sums of
squares of theirs: one along each eigenvector of Z'PZ, and one of what is left (Crainiceanu and
Ruppert, 2004).  Given the direction of the former, the ratio grows with their length over that of
the rest, whose law is Fisher's: what remains is a mean over directions, of one number where all
eigenvalues are equal, as in balanced groups (d15).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betainc, chdtri
from scipy.stats.qmc import Sobol

from ...coordinates import behaved
from ...design import Design
from ...linalg import Array, afford

ZERO, SAME = 1e-10, 1e-8  # of eigenvalues, relative to the largest: none at all; equal ones
SHIFTS, LEAST, MOST = 8, 8, 10  # point sets, each of its own seed; logarithms of their sizes
NUMBERS = 2e6  # of all directions; of directions of many numbers fewer are needed
GRID = np.linspace(np.log(1e-8), np.log(1e16), 241)  # of tau times the largest eigenvalue, logs
GOLD, NARROWER = (np.sqrt(5.0) - 1.0) / 2.0, 30  # golden section, steps of it


@dataclass(frozen=True)
class OneVariance:
    """The law of max over tau >= 0 of N log(1 + ratio of forms) - sum log(1 + tau xi).  eq:lrt-law

    mu (r,): different positive eigenvalues of Z'PZ, P that of tau = 0; inf for what fixed effects
    explain that are tested too.  sizes (r,): how many there are of each.  xi, counts: those of
    Z'PZ by REML, of Z'WZ by ML.  rest: dimensions of the data beyond.  N: n - p by REML, n by ML.
    """

    mu: Array
    sizes: Array
    xi: Array
    counts: Array
    rest: int
    N: int
    seed: int = 1

    @classmethod
    def of(cls, design: Design, reml: bool, extra: int = 0) -> OneVariance:
        """Of a design with one random term of one effect; extra: fixed effects tested with it."""
        weighted, products = spectrum(design)
        mu, sizes = distinct(products)
        rest = design.n - design.p - int(sizes.sum())
        xi, counts = (mu, sizes) if reml else distinct(weighted)
        if extra:
            mu, sizes = np.append(mu, np.inf), np.append(sizes, extra)
        return cls(mu, sizes, xi, counts, rest, design.dof(reml))

    def sf(self, t: float) -> tuple[float, float]:
        """The probability of a ratio above t >= 0, and its Monte Carlo error (0: exact)."""
        means = []
        for u in self.directions:
            most = self.furthest(u, t)  # (points,)
            over = betainc(self.rest / 2, self.sizes.sum() / 2, most / (1.0 + most))  # eq:lrt-tail
            means.append(over.mean())
        error = np.std(means, ddof=1) / np.sqrt(SHIFTS) if len(means) > 1 else 0.0
        return float(np.mean(means)), float(error)

    @property
    def zero(self) -> tuple[float, float]:
        """The probability that the ratio is zero, and its Monte Carlo error.  eq:lrt-mass"""
        above, error = self.sf(0.0)
        return 1.0 - above, error

    @cached_property
    def directions(self) -> list[Array]:
        """Squared lengths (points, r) along each different eigenvalue, of sum one: Sobol's points.

        So many sets of them, each scrambled by itself, tell how far off their mean is.
        """
        r = len(self.mu)
        if r == 1:
            return [np.ones((1, 1))]
        m = int(np.clip(np.log2(NUMBERS / SHIFTS / r), LEAST, MOST))
        seeds = np.random.SeedSequence(self.seed).spawn(SHIFTS)
        points = (Sobol(r, seed=np.random.default_rng(one)).random_base2(m) for one in seeds)
        squares = (chdtri(self.sizes, np.maximum(one, 1e-300)) for one in points)
        return [one / one.sum(axis=1, keepdims=True) for one in squares]

    def furthest(self, u: Array, t: float) -> Array:
        """(b,): the largest rest, over the length along u (b, r), that leaves a ratio above t.

        The maximum over tau, on a grid and then by golden section.  eq:lrt-furthest
        """
        scale = self.mu[np.isfinite(self.mu)].max()
        values = self.bound(u, GRID, t, scale)  # (b, grid)
        best = values.argmax(axis=1).clip(1, len(GRID) - 2)
        low, high = GRID[best - 1], GRID[best + 1]
        for _ in range(NARROWER):
            a, b = high - GOLD * (high - low), low + GOLD * (high - low)
            right = self.bound(u, b[:, None], t, scale) > self.bound(u, a[:, None], t, scale)
            low, high = np.where(right[:, 0], a, low), np.where(right[:, 0], high, b)
        found = self.bound(u, ((low + high) / 2)[:, None], t, scale)[:, 0]
        found = np.maximum(found, values.max(axis=1))
        found = np.maximum(found, self.at_zero(u)) if t == 0 else found
        return found.clip(0.0, 1e300)

    def bound(self, u: Array, logs: Array, t: float, scale: float) -> Array:
        """(b, any): G(tau) at logarithms, (any,) or (b, any), of tau times scale."""
        tau = np.exp(logs) / scale
        tau_mu = tau[..., None] * self.mu
        shrunk, rest = 1.0 / (1.0 + tau_mu), 1.0 / (1.0 + 1.0 / tau_mu)  # (any, r) or (b, any, r)
        if logs.ndim == 1:
            h, less = u @ shrunk.T, u @ rest.T
        else:
            h, less = ((u[:, None] * s).sum(axis=-1) for s in (shrunk, rest))
        grown = np.log1p(tau[..., None] * self.xi) @ self.counts
        with np.errstate(over="ignore"):
            return less / np.expm1((t + grown) / self.N) - h  # eq:lrt-bound

    def at_zero(self, u: Array) -> Array:
        """(b,): the limit of the bound where tau and the statistic go to zero.  eq:lrt-mass"""
        return self.N * (u @ self.mu) / (self.xi @ self.counts) - 1.0  # eq:lrt-mass


def spectrum(design: Design) -> tuple[Array, Array]:
    """Eigenvalues (levels,) of Z'WZ, and of Z'PZ where theta is zero, of one term of one effect.

    In the coordinates of the search, where X'WX = I: Z'PZ = Z'WZ - (X'WZ)'(X'WZ).
    """
    design = behaved(design).design
    (term,) = design.terms
    levels, wx = len(term.levels), design.weights * term.x[:, 0]
    ZtZ = np.bincount(term.codes, wx * term.x[:, 0], levels)  # (levels,)  diagonal
    XtZ = np.array([np.bincount(term.codes, wx * column, levels) for column in design.X.T])
    with afford(design.n, design.p, levels):
        found = np.diag(ZtZ) - XtZ.T @ XtZ  # (levels, levels)
        return ZtZ, np.linalg.eigvalsh(found)


def distinct(values: Array) -> tuple[Array, Array]:
    """The different ones among eigenvalues, each the mean of equal ones, and how many; no zeros."""
    values = np.sort(values[values > ZERO * values.max()])[::-1]
    new = np.flatnonzero(np.diff(values, prepend=np.inf) < -SAME * values[0])
    sizes = np.diff(np.append(new, len(values)))
    return np.add.reduceat(values, new) / sizes, sizes
