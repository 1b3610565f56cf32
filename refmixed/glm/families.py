"""Families: log f(y | eta) of each observation, and its slopes in the linear predictor eta.

eta is (..., n), the observations last, so that many values of an observation's eta are taken at
once.  eq:glm-density
Each family has log f with its slopes, log f alone, and what bounds f off the real line: softened(y)
gives kappa (n,) and f~ with |f(eta + i y)| <= exp(kappa) f~(eta), |y| < half_width.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from scipy.special import digamma, gammaln

from ..linalg import Array
from .heights import fall, gamma_height, poisson_height
from .links import LOG, RIGHT, Link, Probability

CANONICAL = {"binomial": "logit", "poisson": "log"}  # links


class Weights(NamedTuple):
    """A weight of each observation (..., n), and its slope in eta."""

    W: Array
    slope: Array


class Local(NamedTuple):
    """log f at eta (..., n), its slope, and two dialects of minus its second derivative."""

    log: Array
    score: Array
    observed: Weights  # minus the second derivative itself
    expected: Weights  # its mean over y: Fisher's; with a canonical link the same


@dataclass(frozen=True)
class Binomial:
    """successes of trials, (n,) each."""

    link: Probability
    successes: Array
    trials: Array
    name: str = "binomial"
    slower: Array | float = 1.0  # what multiplies log(1 - p): the likelihood has 1
    constant: Array = field(init=False)  # (n,)  the binomial coefficients' logarithms

    def __post_init__(self) -> None:
        s, m = self.successes, self.trials
        object.__setattr__(self, "constant", gammaln(m + 1) - gammaln(s + 1) - gammaln(m - s + 1))

    @property
    def is_canonical(self) -> bool:
        """Of the logit."""
        return self.link.name == CANONICAL[self.name]

    def at(self, eta: Array) -> Local:
        """log f and its slopes.  eq:binomial-jets, eq:expected-weight"""
        s, m = self.successes, self.trials
        yes, no = self.link.log_yes(eta), self.link.log_no(eta)  # (4, ..., n)
        log, score, bend, turn = s * yes + self.slower * (m - s) * no
        p, q = np.exp(yes[0]), np.exp(no[0])
        expected = -m * (p * yes[2] + q * no[2])
        slope = -m * (p * (yes[1] * yes[2] + yes[3]) + q * (no[1] * no[2] + no[3]))
        return Local(self.constant + log, score, Weights(-bend, -turn), Weights(expected, slope))

    def log_density(self, eta: Array) -> Array:
        """log f alone."""
        s, m = self.successes, self.trials
        yes, no = self.link.log_yes(eta)[0], self.link.log_no(eta)[0]
        return self.constant + s * yes + self.slower * (m - s) * no

    @property
    def half_width(self) -> float:
        """As of the link."""
        return self.link.half_width

    def softened(self, y: Array) -> tuple[Array, Binomial]:
        """kappa and f~, by the link's bounds of |p| and |1 - p|."""
        s, m = self.successes, self.trials
        yes, no, slower = self.link.strip(y)
        return s * yes + (m - s) * no, replace(self, slower=slower)


@dataclass(frozen=True)
class Poisson:
    """counts (n,), each so many times as its weight says."""

    counts: Array
    weights: Array
    slower: Array | float = 1.0  # what multiplies exp(eta): the likelihood has 1
    link: Link = LOG
    name: str = "poisson"
    is_canonical: bool = True
    half_width: float = RIGHT

    def at(self, eta: Array) -> Local:
        """log f and its slopes."""
        mean = self.slower * self.weights * np.exp(eta)
        both = Weights(mean, mean)
        return Local(self.log_density(eta), self.weights * self.counts - mean, both, both)

    def log_density(self, eta: Array) -> Array:
        """log f alone; a smaller slope is another eta.  eq:poisson-height"""
        y, shift = self.counts, np.log(self.slower)
        eta = eta + shift
        below = np.where(y > 0, y * fall(eta - np.log(np.where(y > 0, y, 1.0))), -np.exp(eta))
        return np.asarray(self.weights * (poisson_height(y) + below - y * shift))

    def softened(self, y: Array) -> tuple[Array, Poisson]:
        """kappa and f~: |exp(-exp(eta + i y))| is exp(-cos(y) exp(eta)).  eq:strip-log"""
        return np.zeros_like(y), replace(self, slower=np.cos(y))


@dataclass(frozen=True)
class Gamma:
    """Positive responses y (n,) of mean exp(eta) and variance dispersion mean^2 / weight."""

    y: Array
    weights: Array
    dispersion: float = 1.0
    slower: Array | float = 1.0  # what multiplies exp(-eta): the likelihood has 1
    link: Link = LOG
    name: str = "Gamma"
    is_canonical: bool = False
    half_width: float = RIGHT

    @property
    def shape(self) -> Array:
        """(n,): the inverse of the squared coefficient of variation."""
        return self.weights / self.dispersion

    def at(self, eta: Array) -> Local:
        """log f and its slopes."""
        shape, ratio = self.shape, self.slower * self.y * np.exp(-eta)
        observed = shape * ratio
        fisher = np.broadcast_to(shape, np.shape(eta))
        return Local(
            self.log_density(eta),
            observed - shape,
            Weights(observed, -observed),
            Weights(fisher, np.zeros_like(fisher)),
        )

    def log_density(self, eta: Array) -> Array:
        """log f alone; a smaller slope is another eta.  eq:gamma-height"""
        shape, shift = self.shape, np.log(self.slower)
        below = shape * (fall(np.log(self.y) - (eta - shift)) - shift)
        return np.asarray(gamma_height(shape) - np.log(self.y) + below)

    def softened(self, y: Array) -> tuple[Array, Gamma]:
        """kappa and f~, as of `Poisson`.  eq:strip-log"""
        return np.zeros_like(y), replace(self, slower=np.cos(y))

    def with_dispersion(self, dispersion: float) -> Gamma:
        """The same responses, more or less dispersed."""
        return replace(self, dispersion=dispersion)

    def slope_in_log_dispersion(self, eta: Array) -> Array:
        """(..., n): the derivative of log f.  eq:gamma-dispersion"""
        shape = self.shape
        return np.asarray(-shape * (np.log(shape) - digamma(shape) + fall(np.log(self.y) - eta)))


Family = Binomial | Poisson | Gamma
