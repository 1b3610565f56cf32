"""Predictors of a population: what `sample_x` draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import scipy

from ..checks import numbers
from ..errors import PopulationError, nearest, one_line
from ..linalg import Array, symmetric_root
from ..r.levels import label

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
            raise PopulationError(
                f"{self.label} cannot be drawn from: {one_line(error)}"
            ) from error
        if n == 1 and values.shape != (1,) and values.ndim < 2:
            values = values.reshape((1, -1)[values.ndim == 0 :])  # scipy drops a single row
        wrong = values.shape[:1] != (n,) or values.ndim > 2 or 0 in values.shape
        if wrong or values.dtype.kind not in "biuf":
            raise PopulationError(
                f"{self.label} gave an array of {values.dtype} of shape {values.shape} "
                f"where {n} rows of numbers were asked for"
            )
        if not np.isfinite(values).all():
            raise PopulationError(f"{self.label} gave a value that is not finite")
        return values

    def _values(self, rng: np.random.Generator, n: int) -> Any:
        """What the distribution gives, whatever it is."""
        normal = as_normal(self.dist, self.params)
        if normal is not None and normal.dim > 1:
            return normal.mean + rng.standard_normal((n, normal.dim)) @ symmetric_root(normal.cov)
        if isinstance(self.dist, str):
            return getattr(rng, self.dist)(**self.params, size=n)
        if hasattr(self.dist, "sample"):  # the distributions of scipy 1.15 and later
            return self.dist.sample(n, rng=rng)
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
        return one_line(f"{name}({', '.join(args)})")


def as_normal(dist: Any, params: Mapping[str, Any]) -> Any:
    """A multivariate normal of scipy or numpy, frozen by scipy; None for what is not one.

    Both would draw it by a basis of singular vectors, which may be another on another processor.
    """
    if hasattr(dist, "cov_object"):
        return dist
    if dist == "multivariate_normal" and params.keys() <= {"mean", "cov"}:
        return scipy.stats.multivariate_normal(**params, allow_singular=True)
    if type(dist).__name__ == "multivariate_normal_gen":
        return dist(**params)
    return None


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
    drawn = hasattr(dist, "rvs") or hasattr(dist, "sample")
    if not (isinstance(dist, str) or drawn or callable(dist)):
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
        return rng.dirichlet(self.concentrations(k))

    def concentrations(self, k: int) -> Array:
        """alpha (k,).  Raises PopulationError."""
        alpha = numbers(self.alpha, "alpha of a Dirichlet distribution")
        if alpha.shape not in ((), (k,)):
            raise PopulationError(f"alpha must be one number or {k}, one a level")
        return np.broadcast_to(alpha, k)


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
    if not isinstance(levels, Iterable) or isinstance(levels, set | frozenset):
        raise PopulationError(f"levels must be a list of names, in their order, not {levels!r}")
    names = tuple(levels)
    for name in names:
        if not isinstance(name, str | int | float | np.generic) or name != name:
            raise PopulationError(f"a level must be a text or a number, not {name!r}")
    if not names or len({label(name) for name in names}) < len(names):
        raise PopulationError("a factor needs levels, each of them once")
    if isinstance(probabilities, Dirichlet):
        probabilities.concentrations(len(names))
    if probabilities is None or isinstance(probabilities, Dirichlet):
        return Factor(names, probabilities)
    return Factor(names, as_probabilities(probabilities, names))


def as_probabilities(given: Any, levels: tuple[Any, ...]) -> Array:
    """(levels,) probabilities, in the order of the levels or named by them.

    Raises PopulationError unless they are not negative and add to 1.
    """
    k = len(levels)
    if isinstance(given, Mapping | pd.Series):
        named = {label(level): p for level, p in given.items()}
        if named.keys() != {label(level) for level in levels}:
            raise PopulationError("probabilities that are named must have the names of the levels")
        given = [named[label(level)] for level in levels]
    p = numbers(given, "probabilities")
    if p.shape != (k,):
        raise PopulationError(f"probabilities must be {k} numbers, one a level, not {p.size}")
    if (p < 0).any():
        raise PopulationError(f"probabilities must not be negative, and one is {p.min():g}")
    if abs(p.sum() - 1.0) > 1e-8:
        raise PopulationError(f"probabilities must add to 1, and they add to {p.sum():.6g}")
    return p / p.sum()
