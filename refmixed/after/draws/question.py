"""What is asked of the power of a model: a test, effects, and designs of other sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.special import chdtri

from ...checks import as_floats, vector, whole_number
from ...design import Design
from ...errors import OptionError, nearest
from ...linalg import Array
from ...prediction import half_width
from .resample import chosen_group, of_levels, of_size


@dataclass(frozen=True)
class Question:
    """What is tested of a model, and how."""

    contrast: Array  # (p,)
    test: str
    df: float
    level: float

    def rejections(self, statistics: Array) -> Array:
        """(b,) whether |estimate / se|, or a likelihood ratio, is beyond its law's quantile."""
        if self.test == "lrt":
            return np.asarray(statistics > chdtri(1, self.level))
        return np.abs(statistics) > half_width(1.0 - self.level, self.df)


def designs(
    design: Design, groups: Any, size: Any, group: str | None
) -> Iterator[tuple[int, float, Design]]:
    """Groups, rows of a group on average, and the design with so many."""
    if groups is None and size is None and group is None:
        there = len(design.terms[0].levels) if design.terms else 1
        yield there, design.n / there, design
        return
    outer = chosen_group(design, group)
    for m, k in product(counts("groups", groups), counts("size", size)):
        made = design if k is None else of_size(design, outer, k)
        if m is not None:
            term = next(t for t in made.terms if t.name == outer.name)
            made = of_levels(made, term, np.arange(m) % len(outer.levels))
        there = m or len(outer.levels)
        yield there, made.n / there, made


def counts(name: str, given: Any) -> list[int | None]:
    """Whole numbers, one or several; None: those of the fit.  Raises OptionError."""
    if given is None:
        return [None]
    values = given if isinstance(given, list | tuple | range | np.ndarray) else [given]
    if not len(values):
        raise OptionError(f"{name} is empty: give a number or several, or leave it out")
    return [
        whole_number(name, value, 2 if name == "groups" else 1, OptionError) for value in values
    ]


def list_of(name: str, given: Any) -> list[float]:
    """Numbers, one or several.  Raises OptionError."""
    values = as_floats(given)
    if values is None or values.ndim > 1 or not values.size or not np.isfinite(values).all():
        raise OptionError(f"{name} must be a number or several, not {given!r}")
    return [float(value) for value in np.atleast_1d(values)]


def contrast_of(design: Design, coefficient: Any) -> Array:
    """(p,) of a name, or as given.  Raises OptionError."""
    if isinstance(coefficient, str):
        if coefficient not in design.names:
            hint = nearest(coefficient, design.names)
            raise OptionError(f"the model has no coefficient {coefficient!r}{hint}")
        return np.array([float(name == coefficient) for name in design.names])
    c = vector("coefficient, where it is no name,", coefficient, design.p)
    if not c.any():
        raise OptionError("a contrast must not be zero everywhere")
    return c


def called(coefficient: Any) -> str:
    """What is tested, in words."""
    return coefficient if isinstance(coefficient, str) else "a contrast"


def checked_df(df: Any) -> float:
    """Degrees of freedom.  Raises OptionError."""
    value = as_floats(df)
    if value is None or value.ndim or not value > 0:
        raise OptionError(f"df must be a positive number, not {df!r}")
    return float(value)
