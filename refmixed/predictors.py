"""Predictors of a population: what `sample_x` draws."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .arrays import Array
from .errors import PopulationError, nearest

NOT_DISTRIBUTIONS = {"bit_generator", "bytes", "permutation", "permuted", "shuffle", "spawn"}
DISTRIBUTIONS = {
    name
    for name in dir(np.random.Generator)
    if not name.startswith("_") and name not in NOT_DISTRIBUTIONS
}


@dataclass(frozen=True)
class Predictor:
    """A numeric predictor: a distribution and its parameters."""

    dist: Any
    params: dict[str, Any] = field(default_factory=dict)

    def draw(self, rng: np.random.Generator, n: int) -> Array:
        """(n,), or (n, k) where the distribution is of k dimensions.  Raises PopulationError."""
        try:
            values = np.asarray(self._values(rng, n))
        except (TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise PopulationError(f"{self.label} cannot be drawn from: {reason}") from error
        if values.shape[:1] != (n,) or values.ndim > 2 or values.dtype.kind not in "biuf":
            raise PopulationError(
                f"{self.label} gave an array of {values.dtype} of shape {values.shape} "
                f"where {n} rows of numbers were asked for"
            )
        if not np.isfinite(values).all():
            raise PopulationError(f"{self.label} gave a value that is not finite")
        return values

    def _values(self, rng: np.random.Generator, n: int) -> Any:
        """What the distribution gives, whatever it is."""
        if isinstance(self.dist, str):
            return getattr(rng, self.dist)(**self.params, size=n)
        if not hasattr(self.dist, "rvs"):
            return self.dist(rng, n, **self.params)
        return self.dist.rvs(**self.params, size=n, random_state=rng)

    @property
    def label(self) -> str:
        """The distribution as a message names it."""
        dist = getattr(self.dist, "dist", self.dist)  # what scipy froze
        named = getattr(dist, "name", getattr(dist, "__name__", type(dist).__name__))
        name = dist if isinstance(dist, str) else named
        args = [f"{k}={v!r}" for k, v in self.params.items()]
        return f"{name}({', '.join(args)})"


def predictor(dist: Any, **params: Any) -> Predictor:
    """A numeric predictor.

    dist: a distribution of scipy.stats (frozen, or with its parameters here), the name of a method
    of numpy's Generator ("normal", scale=2), or a function (rng, n, **params) -> (n,) or (n, k).
    One of k dimensions fills k columns, x1 to xk.  Raises PopulationError.
    """
    if isinstance(dist, str) and dist not in DISTRIBUTIONS:
        raise PopulationError(
            f"numpy's Generator has no distribution {dist!r}{nearest(dist, sorted(DISTRIBUTIONS))}"
        )
    if not (isinstance(dist, str) or hasattr(dist, "rvs") or callable(dist)):
        raise PopulationError(
            "a predictor is a distribution of scipy.stats, the name of one of numpy's or a "
            f"function of rng and n, not {dist!r}"
        )
    return Predictor(dist, params)


@dataclass(frozen=True)
class Dirichlet:
    """Probabilities that are drawn themselves, anew for each sample."""

    alpha: Any  # a number, or one a level

    def draw(self, rng: np.random.Generator, k: int) -> Array:
        """(k,) probabilities.  Raises PopulationError."""
        alpha = numbers(self.alpha, "alpha of a Dirichlet distribution")
        if alpha.ndim > 1 or (alpha.ndim == 1 and len(alpha) != k):
            raise PopulationError(f"alpha must be one number or {k}, one a level")
        return rng.dirichlet(np.broadcast_to(alpha, k))


def dirichlet(alpha: Any) -> Dirichlet:
    """Level probabilities from a Dirichlet distribution; alpha > 0, one number or one a level.

    `dirichlet(2).draw(rng, 52)` is one set of probabilities, to be given to `factor` and kept.
    """
    if not (numbers(alpha, "alpha of a Dirichlet distribution") > 0).all():
        raise PopulationError(f"alpha of a Dirichlet distribution must be positive, not {alpha!r}")
    return Dirichlet(alpha)


@dataclass(frozen=True)
class Factor:
    """A categorical predictor."""

    levels: tuple[Any, ...]
    probabilities: Any  # (levels,), a Dirichlet, or None for equal ones

    def draw(self, rng: np.random.Generator, n: int) -> pd.Categorical:
        """n levels, drawn independently; all levels are categories of it."""
        k, p = len(self.levels), self.probabilities
        p = p.draw(rng, k) if isinstance(p, Dirichlet) else p
        codes = rng.choice(k, size=n, p=p)
        return pd.Categorical.from_codes(codes, categories=pd.Index(self.levels))


def factor(levels: Iterable[Any], probabilities: Any = None) -> Factor:
    """A categorical predictor: its levels, and their probabilities (equal ones when left out).

    probabilities: numbers that add to 1, or `dirichlet(alpha)`, drawn anew for each sample.
    Raises PopulationError.
    """
    if isinstance(levels, int | float):
        raise PopulationError(f"levels must be a list of names, not {levels!r}")
    names = tuple(levels)
    if not names or len(set(names)) < len(names):
        raise PopulationError("a factor needs levels, each of them once")
    if probabilities is None or isinstance(probabilities, Dirichlet):
        return Factor(names, probabilities)
    return Factor(names, as_probabilities(probabilities, len(names)))


def as_probabilities(given: Any, k: int) -> Array:
    """(k,) probabilities.  Raises PopulationError unless they are not negative and add to 1."""
    p = numbers(given, "probabilities")
    if p.shape != (k,):
        raise PopulationError(f"probabilities must be {k} numbers, one a level, not {p.size}")
    if (p < 0).any():
        raise PopulationError(f"probabilities must not be negative, and one is {p.min():g}")
    if abs(p.sum() - 1.0) > 1e-8:
        raise PopulationError(f"probabilities must add to 1, and they add to {p.sum():.6g}")
    return p / p.sum()


def numbers(given: Any, what: str) -> Array:
    """Finite numbers as an array.  Raises PopulationError."""
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError) as error:
        raise PopulationError(f"{what} must be numbers, not {given!r}") from error
    if not np.isfinite(values).all():
        raise PopulationError(f"{what} must be finite numbers")
    return values
