"""Samples like that of a fit, and what the model makes of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...checks import as_floats
from ...design import Design, RandomTerm
from ...errors import OptionError, RefmixedError
from ...linalg import Array
from ..ends import Refits, by_name, keep, no_ends
from ..refit import alone, refits
from .estimates import parameters
from .law import Normal, Source, draws, fitted_law
from .resample import Levels, Resampled, chosen_group, of_levels

Statistic = Callable[[Any], Any]
Made = tuple[pd.DataFrame, Refits]  # of each replicate what is wanted of it (b, s), its estimates


@dataclass(frozen=True)
class Samples:
    """Samples of a fit: of other responses, or of other groups."""

    fit: Any
    seed: int
    source: Source
    outer: RandomTerm | None = None  # whose levels are drawn

    @classmethod
    def of(cls, fit: Any, seed: int, kind: str, random: str, group: str | None) -> Samples:
        """Of one kind.  Raises OptionError."""
        if kind == "parametric":
            return cls(fit, seed, Normal(fitted_law(fit, random)))
        if kind == "residual":
            return cls(fit, seed, Resampled.of(fit, random))
        outer = chosen_group(fit.design, group)
        return cls(fit, seed, Levels(len(outer.levels)), outer)

    def design(self, drawn: Array) -> Design:
        """The design of one sample.  Raises RefmixedError where it cannot be fitted."""
        if self.outer is None:
            return replace(self.fit.design, y=drawn)
        return of_levels(self.fit.design, self.outer, drawn)

    def made(self, which: range, statistic: Statistic | None = None) -> Made:
        """What is made of some samples: the model's parameters, or a statistic of each fit."""
        drawn, names = draws(self.source, self.seed, which), pd.Index(which)
        if self.outer is not None or statistic is not None:
            return self.one_by_one(drawn, names, statistic)
        found = refits(self.fit, drawn.T, names)
        return parameters(self.fit.design, found), found

    def one_by_one(self, drawn: Array, names: pd.Index, statistic: Statistic | None) -> Made:
        """The same of fits, each by itself."""
        b, design = len(drawn), self.fit.design
        ends, singular, words = no_ends(design, b), np.zeros(b, dtype=bool), [""] * b
        wanted: dict[int, pd.Series[Any]] = {}
        for j, (fit, words[j]) in enumerate(map(self.fitted, drawn)):
            if fit is not None:
                keep(fit, ends, singular, j)
                wanted |= {} if statistic is None else {j: asked(statistic, fit, names[j])}
        found = by_name(design, names, ends, singular, words)
        if statistic is None:
            return parameters(design, found), found
        rows = pd.DataFrame(wanted).T.reindex(range(b))
        return rows.set_axis(names), found

    def fitted(self, drawn: Array) -> tuple[Any, str]:
        """The fit of a sample, None where there is none, and what is said of it."""
        try:
            return alone(self.fit, self.design(drawn))
        except RefmixedError as error:
            return None, str(error)


def asked(statistic: Statistic, fit: Any, k: int) -> pd.Series[Any]:
    """A statistic of a fit; what it raises says of which replicate."""
    try:
        return numbers_of(statistic(fit))
    except Exception as error:
        error.add_note(f"in the statistic of replicate {k}")
        raise


def numbers_of(value: Any) -> pd.Series[Any]:
    """Numbers with names, of a number, a list, a mapping or a Series.  Raises OptionError."""
    named = pd.Series(dict(value)) if isinstance(value, Mapping) else value
    numbers = as_floats(named)
    is_empty = numbers is not None and not numbers.size
    if numbers is None or numbers.ndim > 1 or is_empty or isinstance(value, pd.DataFrame):
        raise OptionError(
            "statistic must return a number, a list of numbers, or {name: number}, not "
            f"{'an empty ' * bool(is_empty)}{type(value).__name__}"
        )
    numbers = np.atleast_1d(numbers)
    is_named = isinstance(named, pd.Series)
    names = named.index if is_named else [f"t{k}" for k in range(1, len(numbers) + 1)]
    found = pd.Series(numbers, index=names)
    if not found.index.is_unique:
        raise OptionError("the numbers of a statistic must have names that differ")
    return found
