"""How a response varies about its mean: normal, t and autoregressive errors, counts.

A family draws y (n,) from the linear predictor eta (n,), the error scale (n,) and the frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from scipy.signal import lfilter
from scipy.special import expit

from ..checks import numbers, one_of, whole_number
from ..errors import PopulationError
from ..linalg import Array
from ..r.data import require_columns
from .predictors import Predictor, predictor

LARGEST = 2**31 - 1  # number of trials


@runtime_checkable
class Family(Protocol):
    """What `response` asks of a family."""

    @property
    def scaled(self) -> bool:
        """Whether it has an error scale."""
        ...

    def draw(self, rng: np.random.Generator, eta: Array, scale: Array, data: pd.DataFrame) -> Array:
        """y (n,)."""
        ...


@dataclass(frozen=True)
class Gaussian:
    """y = eta + scale e, e standard normal."""

    scaled: bool = True

    def draw(self, rng: np.random.Generator, eta: Array, scale: Array, _: pd.DataFrame) -> Array:
        """y (n,)."""
        return eta + scale * rng.standard_normal(len(eta))


@dataclass(frozen=True)
class Errors:
    """y = eta + scale e, e from any distribution, as it is: neither centred nor standardised."""

    dist: Predictor
    scaled: bool = True

    def draw(self, rng: np.random.Generator, eta: Array, scale: Array, _: pd.DataFrame) -> Array:
        """y (n,)."""
        e = self.dist.draw(rng, len(eta))
        if e.ndim != 1:
            raise PopulationError(f"errors must be of one dimension, not {e.shape[1]}")
        return eta + scale * e


@dataclass(frozen=True)
class AR1:
    """y = eta + scale e, e standard normal with correlation rho**lag down the rows of a group."""

    rho: float
    within: str | None
    scaled: bool = True

    def draw(self, rng: np.random.Generator, eta: Array, scale: Array, data: pd.DataFrame) -> Array:
        """y (n,)."""
        e = rng.standard_normal(len(eta))
        for rows in self.runs(data):
            fresh = e[rows] * np.sqrt(1.0 - self.rho**2)
            fresh[0] = e[rows[0]]  # stationary from the first row on
            e[rows] = lfilter([1.0], [1.0, -self.rho], fresh)
        return eta + scale * e

    def runs(self, data: pd.DataFrame) -> list[Array]:
        """The rows of each group, in their order."""
        if self.within is None:
            return [np.arange(len(data))]
        require_columns([self.within], data)
        codes = pd.factorize(data[self.within])[0]
        if (codes < 0).any():
            raise PopulationError(f"{self.within} is missing in some row, within which errors run")
        return [np.flatnonzero(codes == k) for k in range(codes.max() + 1)]


@dataclass(frozen=True)
class Binomial:
    """y of `size` trials, each a success with probability 1 / (1 + exp(-eta))."""

    size: int = 1
    scaled: bool = False

    def draw(self, rng: np.random.Generator, eta: Array, _: Array, __: pd.DataFrame) -> Array:
        """y (n,)."""
        return rng.binomial(self.size, expit(eta)).astype(float)


@dataclass(frozen=True)
class Poisson:
    """y with mean exp(eta)."""

    scaled: bool = False

    def draw(self, rng: np.random.Generator, eta: Array, _: Array, __: pd.DataFrame) -> Array:
        """y (n,).  Raises PopulationError where the mean is too large to count."""
        if (eta > 40).any():
            raise PopulationError(f"a Poisson mean of exp({eta.max():g}) is too large")
        return rng.poisson(np.exp(eta)).astype(float)


def student_t(df: float) -> Errors:
    """Errors of Student's t with df > 0 degrees of freedom, times the error scale."""
    if numbers(df, "df").ndim or not df > 0:
        raise PopulationError(f"df must be a positive number, not {df!r}")
    return Errors(predictor("standard_t", df=float(df)))


def errors(dist: Any, **params: Any) -> Errors:
    """Errors of any distribution that `predictor` takes, times the error scale."""
    return Errors(predictor(dist, **params))


def ar1(rho: float, within: str | None = None) -> AR1:
    """Normal errors with correlation rho**lag between rows, in their order, within each group."""
    if numbers(rho, "rho").ndim or not -1 < rho < 1:
        raise PopulationError(f"rho must be between -1 and 1, not {rho!r}")
    if within is not None and not isinstance(within, str):
        raise PopulationError(f"within must be the name of a column, not {within!r}")
    return AR1(float(rho), within)


def binomial(size: int = 1) -> Binomial:
    """Successes among `size` trials; the response expression is the log odds."""
    size = whole_number("size", size, 1, PopulationError)
    if size > LARGEST:
        raise PopulationError(f"size must be at most {LARGEST}, not {size}")
    return Binomial(size)


NAMED: dict[str, Family] = {"gaussian": Gaussian(), "binomial": Binomial(), "poisson": Poisson()}


def as_family(given: Any) -> Family:
    """A family, by name or as it is.  Raises OptionError, PopulationError."""
    if isinstance(given, str):
        one_of("family", given, NAMED)
        return NAMED[given]
    if not isinstance(given, Family) or isinstance(given, type):
        raise PopulationError(
            f"family must be {', '.join(map(repr, NAMED))}, student_t(df), ar1(rho, within) or "
            f"errors(distribution), not {given!r}"
        )
    return given
