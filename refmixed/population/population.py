"""A population, and samples of it: `sample_x` draws predictors, `sample_y` responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..checks import numbers, whole_number
from ..errors import PopulationError
from ..linalg import Array
from ..r.data import as_frame
from .effects import DrawnEffects
from .predictors import Factor, Predictor
from .responses import Response

Part = Predictor | Factor | DrawnEffects | Response


@dataclass(frozen=True)
class Population:
    """What a population consists of, by column, in the order in which it is drawn."""

    parts: Mapping[str, Part]

    @property
    def drawn(self) -> dict[str, DrawnEffects | Response]:
        """What `sample_y` draws."""
        kinds = (DrawnEffects, Response)
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
    data: any data frame that narwhals reads; it is not to be changed.  Raises DataError,
    PopulationError.
    """

    frame: pd.DataFrame
    population: Population

    def __post_init__(self) -> None:
        require_population(self.population)
        object.__setattr__(self, "frame", as_frame(self.frame))

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
            with drawing(name):
                drawn = spread(name, part.draw(rng, n))
            if twice := drawn.keys() & (columns.keys() | population.parts.keys() - {name}):
                raise PopulationError(f"two parts of the population fill the column {min(twice)}")
            columns |= drawn
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
        with drawing(name):
            if isinstance(part, DrawnEffects):
                data[name] = part.draw(rng, data)
            else:
                eta, scale = sample.laws.get(name) or part.law(data)
                y = part.family.draw(rng, eta.copy(), scale.copy(), data)  # it may work in place
                data[name] = as_response(y, name, len(data))
    return Sample(data, sample.population)


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """A note on whatever a user's function raises: which part of the population it was."""
    try:
        yield
    except Exception as error:
        error.add_note(f"while drawing {name} of the population")
        raise


def as_response(drawn: Any, name: str, n: int) -> Array:
    """(n,) what a family drew.  Raises PopulationError unless it is a finite number a row."""
    y = numbers(np.asarray(drawn), f"draws of the response {name}")
    if y.shape != (n,):
        raise PopulationError(f"the family of {name} drew an array of {y.shape} for {n} rows")
    return y


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
