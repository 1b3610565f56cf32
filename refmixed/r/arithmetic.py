"""R's vectors and operators: what is a number, how lengths are made alike, what may be compared."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from formulaic.transforms.contrasts import PolyContrasts

from ..linalg import Array
from .data import Coded
from .levels import label

Operator = Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Columns:
    """A matrix (n, k) whose columns have names of their own."""

    values: Array
    labels: tuple[str, ...]


def number(x: Any) -> Any:
    """Numbers, of any shape; logical values are 0 and 1.  Raises TypeError for anything else."""
    if isinstance(x, Columns):
        if len(x.labels) > 1:
            raise TypeError("the columns of dummy() are no numbers to compute with; keep one level")
        x = x.values[:, 0]
    if x is None or callable(x):
        raise TypeError(f"{'NULL' if x is None else 'a function'} is no number")
    values = np.asarray(x) if not isinstance(x, Coded) else np.asarray(x, dtype=float)
    if values.dtype.kind not in "biuf":
        raise TypeError("a text is no number")
    return values.astype(float)[()]


def logical(x: Any) -> Any:
    """Numbers as logical values: whether they are not zero."""
    return number(x) != 0


def is_ordered(x: Coded) -> bool:
    """Whether the levels have an order."""
    return isinstance(x.contrasts, PolyContrasts)


def is_text(x: Any) -> bool:
    """Whether it is a text, or texts."""
    return not isinstance(x, Coded) and np.asarray(x).dtype.kind == "U"


def texts(x: Any) -> Array:
    """What R's as.character() gives: levels, labels of numbers, TRUE and FALSE."""
    if isinstance(x, Coded):
        if (x.codes < 0).any():
            raise ValueError("a missing level has no text")
        return np.asarray(x.levels, dtype=str)[x.codes]
    values = np.asarray(x)
    if values.dtype.kind not in "biufU":
        raise TypeError("these values have no text")
    return np.array([label(value) for value in values.ravel()], dtype=str).reshape(values.shape)


def recycle(*values: Any) -> list[Array]:
    """R's recycling: the longest decides, shorter ones are repeated; a matrix keeps its shape.

    Raises ValueError where a length does not divide the longest, or matrices differ in shape.
    """
    arrays = [np.asarray(value) for value in values]
    shapes = {array.shape for array in arrays if array.ndim == 2}
    if len(shapes) > 1:
        raise ValueError("two matrices differ in shape")
    for shape in shapes:
        size = int(np.prod(shape))
        long = [repeat(a, size) if a.ndim < 2 else a for a in arrays]
        return [a if a.ndim != 1 else a.reshape(shape, order="F") for a in long]
    longest = max(array.size for array in arrays)  # of one row a vector stays one
    return arrays if longest == 1 else [repeat(array, longest) for array in arrays]


def repeat(values: Array, size: int) -> Array:
    """A vector as often as fits; one number stays one, which numpy repeats itself."""
    if values.size == 1:
        return values.reshape(())
    if values.size == 0 or size % values.size:
        raise ValueError(f"{values.size} values do not fit {size}")
    return np.resize(values, size)


def arithmetic(function: Operator) -> Operator:
    """An operator between numbers: R counts TRUE as 1, and 1/0 is no error."""

    def compute(a: Any, b: Any) -> Any:
        left, right = recycle(number(a), number(b))
        return function(left[()], right[()])

    return compute


def connective(function: Operator) -> Operator:
    """R's & and |."""

    def compute(a: Any, b: Any) -> Any:
        left, right = recycle(logical(a), logical(b))
        return function(left, right)

    return compute


def single(function: Operator) -> Operator:
    """R's && and ||, which take one value on each side."""

    def compute(a: Any, b: Any) -> Any:
        if np.size(logical(a)) != 1 or np.size(logical(b)) != 1:
            raise ValueError("'&&' and '||' take single values; write & or | between columns")
        return function(logical(a), logical(b))

    return compute


def comparison(function: Operator) -> Operator:
    """A comparison: numbers by size, levels of an ordered factor by place, texts for equality."""

    def compute(a: Any, b: Any) -> Any:
        if isinstance(a, Coded) or isinstance(b, Coded):
            return compare_levels(function, a, b)
        if is_text(a) or is_text(b):
            left, right = recycle(texts(a), texts(b))
            if function not in (operator.eq, operator.ne):
                raise TypeError("texts can be compared by == and != only")
            return function(left, right)
        left, right = recycle(number(a), number(b))
        if np.isnan(left).any() or np.isnan(right).any():
            raise ValueError("a value that is compared is not a number (NaN)")
        return function(left, right)

    return compute


def compare_levels(function: Operator, a: Any, b: Any) -> Array:
    """A categorical variable compared with one of its levels, on either side."""
    coded, other = (a, b) if isinstance(a, Coded) else (b, a)
    if isinstance(other, Coded) or np.size(other) != 1:
        raise TypeError("a categorical variable can be compared with one of its levels only")
    level = label(np.asarray(other).ravel()[0])
    if (coded.codes < 0).any():
        raise ValueError("a missing level is compared")
    if function not in (operator.eq, operator.ne):
        return compare_places(function, coded, level, swapped=coded is b)
    return np.asarray(function(np.asarray(coded.levels)[coded.codes], level))


def compare_places(function: Operator, coded: Coded, level: str, swapped: bool) -> Array:
    """The places of an ordered factor's levels compared with that of one level."""
    if not is_ordered(coded):
        raise TypeError("levels that have no order can be compared by == and != only")
    if level not in coded.levels:
        raise ValueError(f"{level!r} is not a level")
    places = coded.codes, coded.levels.index(level)
    return np.asarray(function(*(places[::-1] if swapped else places)))


def is_among(x: Any, table: Any) -> Array:
    """R's %in%."""
    if any(isinstance(v, Coded) or is_text(v) for v in (x, table)):
        return np.isin(texts(x), texts(table))
    return np.isin(number(x), number(table))


OPERATORS: dict[str, Operator] = {
    "+": arithmetic(operator.add),
    "-": arithmetic(operator.sub),
    "*": arithmetic(operator.mul),
    "/": arithmetic(np.divide),
    "^": arithmetic(operator.pow),
    "%%": arithmetic(np.mod),
    "%/%": arithmetic(np.floor_divide),
    "&": connective(operator.and_),
    "|": connective(operator.or_),
    "&&": single(operator.and_),
    "||": single(operator.or_),
    "==": comparison(operator.eq),
    "!=": comparison(operator.ne),
    "<": comparison(operator.lt),
    "<=": comparison(operator.le),
    ">": comparison(operator.gt),
    ">=": comparison(operator.ge),
    "%in%": is_among,
}
SIGNS: dict[str, Callable[[Any], Any]] = {
    "-": lambda x: -number(x),
    "+": number,
    "!": lambda x: ~logical(x),
}
