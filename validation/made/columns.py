"""What the generators share: columns as text, levels, one grouping factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.random import RandomState

from ..suite.tables import Table

Numbers = npt.NDArray[Any]
Codes = npt.NDArray[Any]


def decimals(values: npt.ArrayLike, places: int) -> tuple[str, ...]:
    """Numbers rounded to some decimal places, written without trailing zeros."""
    scaled = np.rint(np.asarray(values, dtype=float) * 10.0**places)
    return tuple(text(Decimal(int(k)).scaleb(-places)) for k in scaled)


def text(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros."""
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def labels(levels: Sequence[str], codes: Iterable[int]) -> tuple[str, ...]:
    """The label of each code."""
    return tuple(levels[code] for code in codes)


def numbered(count: int, head: str) -> tuple[str, ...]:
    """g01, g02, ..."""
    return tuple(f"{head}{i:02d}" for i in range(1, count + 1))


def table(columns: Mapping[str, Sequence[str]], **factors: Sequence[str]) -> Table:
    """A table of these columns; `factors` are the levels of those that are factors."""
    frozen = {name: tuple(values) for name, values in columns.items()}
    return Table("made", frozen, {name: tuple(levels) for name, levels in factors.items()})


def coded(numbers: Mapping[str, Sequence[str]], **codes: Codes) -> Table:
    """Factors, g with levels g01, g02, ..., and columns of numbers."""
    levels = {name: numbered(int(code.max()) + 1, name) for name, code in codes.items()}
    columns = {name: labels(levels[name], code) for name, code in codes.items()}
    return table({**columns, **numbers}, **levels)


def line(rng: RandomState, codes: Codes, x: Numbers, effects: Numbers, sigma: float) -> Numbers:
    """y = 10 + 2 x + an intercept and a slope of each group (J, 2) + errors."""
    errors = rng.normal(scale=sigma, size=len(x))
    return np.asarray(10 + 2 * x + effects[codes, 0] + effects[codes, 1] * x + errors)


def correlated(rng: RandomState, J: int, *rows: Sequence[float]) -> Numbers:
    """(J, k) draws from N(0, F F'), F the lower triangle with these rows."""
    factor = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        factor[i, : len(row)] = row
    return np.asarray(np.einsum("jc,rc->jr", rng.normal(size=(J, len(rows))), factor))
