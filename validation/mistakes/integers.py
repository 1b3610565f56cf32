"""Mistakes about whole numbers: columns of few bits whose products wrap around."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import mul

import numpy as np
import numpy.typing as npt

from refmixed.linalg import Array

from ..suite.tables import Table
from .contrasts import data
from .frames import answers
from .problem import Case, Values
from .registry import EVERYWHERE, mistake

SIGNED = (np.int8, np.int16, np.int32, np.int64)
UNSIGNED = (np.uint8, np.uint16, np.uint32, np.uint64)
Kinds = Sequence[type[np.integer]]
Whole = npt.NDArray[np.integer]


@mistake("coding", "eq:model-rows", *EVERYWHERE, of_formula=True)
def whole_numbers_wrap(p: Case) -> Values | None:
    """Whole numbers are multiplied in the smallest integers that hold them: 100 times 2 is -56."""
    return multiplied(p, SIGNED)


@mistake("coding", "eq:model-rows", *EVERYWHERE, of_formula=True)
def unsigned_numbers_wrap(p: Case) -> Values | None:
    """Whole numbers are multiplied in the smallest that have no sign: 100 times 3 is 44."""
    return multiplied(p, UNSIGNED)


def multiplied(p: Case, kinds: Kinds) -> Values | None:
    """What products of the columns of the data give in integers of these kinds."""
    small = dict(whole_columns(data(p), kinds))
    X = p.design.X.copy()
    for j, name in enumerate(p.design.names):
        X[:, j] = product(name, X[:, j], small)
    if np.array_equal(X, p.design.X):
        return None
    return {"X": X} if p.level == "design" else answers(p, replace(p.design, X=X))


def whole_columns(table: Table, kinds: Kinds) -> Iterable[tuple[str, Whole]]:
    """The columns of whole numbers, each in the first kind that holds it."""
    for name in table.columns.keys() - table.factors.keys():
        values = table.fractions(name)
        kind = next((k for k in kinds if held(values, k)), None)
        if kind is not None:
            yield name, np.array([int(v) for v in values], dtype=kind)


def held(values: Iterable[Fraction], kind: type[np.integer]) -> bool:
    """Whether integers of a kind hold these numbers."""
    limits = np.iinfo(kind)
    return all(v.denominator == 1 and limits.min <= v <= limits.max for v in values)


def product(name: str, right: Array, small: dict[str, Whole]) -> Array:
    """A column (n,) of X, by its name: whole numbers in it are multiplied as they are stored."""
    factors = [factor for part in name.split(":") for factor in powers(part, small)]
    if len(factors) < 2:
        return right
    exactly = reduce(mul, (factor.astype(float) for factor in factors))
    rest = np.divide(right, exactly, out=np.zeros(len(right)), where=exactly != 0)
    return reduce(mul, factors) * rest  # the rest: columns of a factor, of decimals


def powers(part: str, small: dict[str, Whole]) -> list[Whole]:
    """A column of whole numbers, as often as the power that a part of a name is has it."""
    power = re.fullmatch(r"I\((\w+)\^(\d+)\)", part)
    name, times = (power[1], int(power[2])) if power else (part, 1)
    return [small[name]] * times if name in small else []
