"""What a user may give as contrasts: weights of coefficients, named or in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...checks import as_floats
from ...design import Design
from ...errors import OptionError, nearest
from ...linalg import Array

MOST = 1e-8  # of a weight, that one of a column that was dropped may differ from what it must be


@dataclass(frozen=True)
class Hypothesis:
    """Contrasts (l, p) that belong together, and a name for each of them and for all."""

    name: str
    rows: tuple[str, ...]
    C: Array
    is_one: bool  # given as a vector, not as a matrix of one row


def read(design: Design, given: Any) -> list[Hypothesis]:
    """The hypotheses of an array, a Series, a data frame, or a dict of such.  Raises OptionError.

    A vector is one contrast, a matrix or data frame several that are tested together.
    """
    if isinstance(given, Mapping):
        if not given:
            raise OptionError("contrasts is an empty dict: there is nothing to test")
        return [one(design, str(name), weights) for name, weights in given.items()]
    return [one(design, "1", given)]


def one(design: Design, name: str, given: Any) -> Hypothesis:
    """One entry."""
    rows: tuple[str, ...] | None = None
    if isinstance(given, Mapping):
        given = pd.Series(dict(given))
    if isinstance(given, pd.DataFrame):
        rows, given = tuple(map(str, given.index)), aligned(design, name, given)
    elif isinstance(given, pd.Series) and not isinstance(given.index, pd.RangeIndex):
        given = aligned(design, name, given.to_frame().T)[0]
    values = as_floats(given)
    if values is None or values.ndim not in (1, 2) or not np.isfinite(values).all():
        raise OptionError(f"contrast {name} must be finite numbers, a weight for each coefficient")
    C = estimable(design, name, np.atleast_2d(values))
    if not C.size or not C.any(axis=1).all():
        raise OptionError(
            f"contrast {name} has no weight that is not zero: there is nothing to test"
        )
    several = rows or tuple(name if len(C) == 1 else f"{name}.{j + 1}" for j in range(len(C)))
    return Hypothesis(name, several, C, values.ndim == 1)


def aligned(design: Design, name: str, given: pd.DataFrame) -> Array:
    """Weights (l, any) by the names of columns, zero for what is not named."""
    columns, names = list(map(str, given.columns)), design.names
    if not set(columns) <= set(names):
        names = every_column(design)
    for other in columns:
        if other not in names:
            raise OptionError(
                f"contrast {name} names {other!r}, which is no coefficient{nearest(other, names)}"
            )
    if len(set(columns)) < len(columns):
        raise OptionError(f"contrast {name} names a coefficient twice")
    found = pd.DataFrame(given.to_numpy(), columns=columns).reindex(columns=list(names))
    return np.asarray(found.fillna(0.0).to_numpy())


def every_column(design: Design) -> tuple[str, ...]:
    """The columns of X, and those that were dropped."""
    return design.names if design.recipe is None else tuple(design.recipe.columns)


def estimable(design: Design, name: str, weights: Array) -> Array:
    """(l, p) of weights (l, p), or (l, any) of all columns that X had before some were dropped.

    Raises OptionError for another number, and for one that needs a column which was dropped:
    weights w of all columns are estimable if w is k'[all columns, of those kept].
    """
    names, (_, given) = every_column(design), weights.shape
    if given == design.p:
        return weights
    if given != len(names):
        raise OptionError(
            f"contrast {name} has {given} weights, and there are {design.p} coefficients: "
            f"{', '.join(design.names)}"
        )
    k = weights[:, list(design.recipe.kept)]
    lost = np.abs(k @ design.recipe.whole - weights).max(axis=0)
    if (lost > MOST * np.abs(weights).max()).any():
        column = names[int(lost.argmax())]
        raise OptionError(
            f"contrast {name} is not estimable: {column} depends on the columns of X before it"
        )
    return k
