"""Populations to sample from: predictors, random effects and responses, each drawn by its law.

    school = population(
        x=predictor("normal"),
        group=factor("ABCD"),
        b=random_effects("group", "1 + x", [[1.0, 0.2], [0.2, 0.5]]),
        y=response("4 + 2 * x + b", error_scale=1.0),
    )
    sample = sample_y(sample_x(school, 100, rng), rng)
    sample.frame                      # columns x, group, b, y
    again = sample_y(sample, rng)     # the same x and groups; b and y drawn anew

Predictors and factors come first, each on its own.  Then random effects and responses follow in
their order, and may read every column that is there by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from . import formula, frame
from .arrays import Array
from .columns import model_matrix
from .errors import PopulationError, whole_number
from .expressions import Expression, by_level, expression
from .families import Family, ar1, as_family, binomial, errors, student_t
from .predictors import Factor, Predictor, dirichlet, factor, numbers, predictor

__all__ = [
    "Population",
    "Sample",
    "ar1",
    "binomial",
    "by_level",
    "dirichlet",
    "errors",
    "factor",
    "population",
    "predictor",
    "random_effects",
    "response",
    "sample_x",
    "sample_y",
    "student_t",
]


@dataclass(frozen=True)
class RandomEffects:
    """A term (effects | group) of a population; its column holds Z gamma, row by row."""

    formula: formula.Formula
    covariance: Array  # (k, k)

    def draw(self, rng: np.random.Generator, data: pd.DataFrame) -> Array:
        """(n,): x_i' gamma_g for the group g of row i, gamma_g ~ N(0, covariance)."""
        (bar,) = self.formula.bars
        made = frame.evaluate(self.formula, data, None, None)
        if not made.complete().all():
            raise PopulationError(f"({bar.group}) or what varies by it is missing in some row")
        x, names = model_matrix(bar.effects, made.variables, made.values, len(data))  # (n, k)
        if self.covariance.shape != (len(names), len(names)):
            raise PopulationError(
                f"the covariance of the effects of {bar.group} must be {len(names)} x "
                f"{len(names)}, for {', '.join(names)}, not {len(self.covariance)} wide"
            )
        values, vectors = np.linalg.eigh(self.covariance)
        root = vectors * np.sqrt(np.maximum(values, 0.0))  # (k, k)  root root' = covariance
        z = rng.standard_normal((len(made.levels[bar.columns]), len(names)))
        gamma = z @ root.T  # (levels, k)
        return np.asarray(np.einsum("ik,ik->i", x, gamma[made.groups[bar.columns]]))


def random_effects(group: str, effects: str, covariance: Any) -> RandomEffects:
    """Random effects as a column of a population: the sum over a group's effects in each row.

    effects: what varies, as left of the bar in (1 + x | group).  covariance: (k, k), or a variance.
    Raises PopulationError unless the covariance is symmetric and positive semidefinite.
    """
    parsed = formula.parse_formula(f"1 ~ 1 + ({effects} | {group})")
    if len(parsed.bars) != 1:
        raise PopulationError(f"({effects} | {group}) is more than one term: give each its own")
    cov = np.atleast_2d(numbers(covariance, "covariance"))
    if cov.shape != cov.T.shape or not np.allclose(cov, cov.T, rtol=1e-12, atol=0):
        raise PopulationError("a covariance must be a symmetric matrix, or one variance")
    if np.linalg.eigvalsh(cov)[0] < -1e-10 * max(1e-300, np.abs(cov).max()):
        raise PopulationError("a covariance must have no negative variance in any direction")
    return RandomEffects(parsed, cov)


@dataclass(frozen=True)
class Response:
    """A response: its linear predictor, its error scale and its family."""

    mean: Expression
    scale: Expression | None
    family: Family

    def law(self, data: pd.DataFrame) -> tuple[Array, Array]:
        """The linear predictor and the error scale, (n,) each.  Raises PopulationError."""
        eta = self.mean(data)
        scale = np.ones(len(data)) if self.scale is None else self.scale(data)
        if (negative := scale < 0).any():
            row = data.index[int(negative.argmax())]
            raise PopulationError(
                f"error_scale must not be negative, and {self.scale} is {scale.min():g} "
                f"(first in row {row!r})"
            )
        return eta, scale

    def reads(self, columns: Iterable[str]) -> bool:
        """Whether its law may depend on one of these columns."""
        expressions = [e for e in (self.mean, self.scale) if e is not None]
        return any(e.reads(columns) for e in expressions)


def response(
    mean: Any, *, error_scale: Any = None, family: Any = "gaussian", **names: Any
) -> Response:
    """A response of a population.

    mean: the linear predictor: a number, a text such as "1 + 2 * x + by_level(g, A = 2, B = 3)",
    or a function of the frame.  error_scale: a number or such an expression; the standard deviation
    of normal errors.  family: "gaussian", "binomial" (log odds), "poisson" (log mean),
    binomial(size), student_t(df), ar1(rho, within), errors(distribution).  names: the values that
    the texts use, as in response("by_level(county, effects)", effects=..., error_scale=1).
    Raises PopulationError, FormulaError, OptionError.
    """
    chosen = as_family(family)
    if chosen.scaled and error_scale is None:
        raise PopulationError("this response needs an error_scale")
    if not chosen.scaled and error_scale is not None:
        raise PopulationError("a response that is a count has no error_scale")
    scale = None if error_scale is None else expression(error_scale, names, "error_scale")
    if scale is not None and isinstance(scale.source, float) and scale.source < 0:
        raise PopulationError(f"error_scale must not be negative, and is {scale.source:g}")
    return Response(expression(mean, names, "a response"), scale, chosen)


Part = Predictor | Factor | RandomEffects | Response


@dataclass(frozen=True)
class Population:
    """What a population consists of, by column, in the order in which it is drawn."""

    parts: Mapping[str, Part]

    @property
    def drawn(self) -> dict[str, RandomEffects | Response]:
        """What `sample_y` draws."""
        kinds = (RandomEffects, Response)
        return {name: part for name, part in self.parts.items() if isinstance(part, kinds)}


def population(**parts: Part) -> Population:
    """A population: name=predictor(...), factor(...), random_effects(...) or response(...)."""
    for name, part in parts.items():
        if not isinstance(part, Part):
            raise PopulationError(
                f"{name} must be a predictor, factor, random_effects or response, "
                f"not {type(part).__name__}"
            )
    return Population(parts)


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of a population.  Sample(data, population) stands for predictors chosen by design;
    data: any data frame that narwhals reads.  Raises DataError, PopulationError.
    """

    frame: pd.DataFrame
    population: Population

    def __post_init__(self) -> None:
        require_population(self.population)
        object.__setattr__(self, "frame", frame.as_frame(self.frame))

    @cached_property
    def laws(self) -> dict[str, tuple[Array, Array]]:
        """Of the responses that read nothing but x: they stay when the responses are drawn anew."""
        drawn = self.population.drawn
        return {
            name: part.law(self.frame)
            for name, part in drawn.items()
            if isinstance(part, Response) and not part.reads(drawn)
        }


def sample_x(population: Population, n: int, rng: np.random.Generator) -> Sample:
    """n rows of the predictors.  Raises PopulationError."""
    require_generator(rng)
    require_population(population)
    n = whole_number("n", n, 1, PopulationError)
    columns: dict[str, Any] = {}
    for name, part in population.parts.items():
        if isinstance(part, Predictor | Factor):
            columns |= spread(name, part.draw(rng, n))
    return Sample(pd.DataFrame(columns, index=pd.RangeIndex(n)), population)


def spread(name: str, values: Any) -> dict[str, Any]:
    """A column, or the columns x1, x2, ... of a predictor of several dimensions."""
    if values.ndim == 1:
        return {name: values}
    return {f"{name}{k + 1}": column for k, column in enumerate(values.T)}


def sample_y(sample: Sample, rng: np.random.Generator) -> Sample:
    """The same rows with random effects and responses drawn anew: sampling with fixed x."""
    require_generator(rng)
    if not isinstance(sample, Sample):
        raise PopulationError(f"sample_y takes a Sample, as sample_x gives, not {sample!r}")
    drawn = sample.population.drawn
    data = sample.frame[[name for name in sample.frame if name not in drawn]].copy()
    for name, part in drawn.items():
        if isinstance(part, RandomEffects):
            data[name] = part.draw(rng, data)
        else:
            eta, scale = sample.laws.get(name) or part.law(data)
            data[name] = part.family.draw(rng, eta, scale, data)
    return Sample(data, sample.population)


def require_generator(rng: Any) -> None:
    """Raises PopulationError."""
    if not isinstance(rng, np.random.Generator):
        raise PopulationError(
            f"rng must be a numpy Generator, as numpy.random.default_rng(1), not {rng!r}"
        )


def require_population(given: Any) -> None:
    """Raises PopulationError."""
    if not isinstance(given, Population):
        raise PopulationError(f"what is sampled must be a population, not {type(given).__name__}")
