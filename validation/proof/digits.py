"""Numbers as decimal strings, and how many of their digits are proved."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor, log10
from typing import Any

import numpy as np
from flint import arb, fmpq

from ..suite.columns import decimal
from ..suite.compare import QUANTITIES, magnitude
from ..suite.nested import array
from .matrices import ball

PRINTED = 32  # significant digits
MOST = 30  # digits that are claimed at most: the last ones printed are rounded
SMALL = 1e-45  # a ball about zero of this radius is called zero

Nested = Any  # a number, or lists of such


def text(value: Any) -> str:
    """A ball's middle or an exact number, to so many digits."""
    if isinstance(value, Fraction):
        return decimal(value)
    middle = ball(value).mid()
    if vanishes(ball(value)):
        return "0"
    return middle.str(PRINTED, radius=False)


def vanishes(value: arb) -> bool:
    """Whether a ball is that of a number which is zero, as far as one can see."""
    return bool(value.contains(0) and value.rad() < SMALL)


def texts(nested: Nested) -> Any:
    """The same of every number in nested lists."""
    return [texts(part) for part in nested] if isinstance(nested, list | tuple) else text(nested)


def proved(quantity: str, value: Nested) -> int:
    """Digits proved of the worst element, in the sense of SPEC section 5."""
    kind = QUANTITIES[quantity]
    pairs = (
        pair
        for part in (value if kind.by_term else [value])
        for pair in zip(flat(part), sizes(kind, part), strict=True)
    )
    return min((element(v, size) for v, size in pairs), default=MOST)


def sizes(kind: Any, value: Nested) -> list[float]:
    """The magnitude of each element."""
    reference = array(texts(value), kind.ndim)
    return [float(x) for x in magnitude(kind, reference).ravel()]


def flat(nested: Nested) -> Iterator[Any]:
    """All numbers of nested lists."""
    if isinstance(nested, list | tuple):
        for part in nested:
            yield from flat(part)
    else:
        yield nested


def element(value: Any, size: float) -> int:
    """Digits proved of one number: its radius and what printing rounds off, over its magnitude."""
    if isinstance(value, fmpq | Fraction | int):
        return MOST
    error = abs(value - arb(text(value)))
    lost = (error.upper() / size).mid()
    if not lost.is_finite():
        return 0
    if not lost > 0:
        return MOST
    return max(0, min(MOST, floor(-float(lost.log() / arb(10).log()))))


def log_condition(X: Any) -> float:
    """log10 of the condition number of a matrix, one decimal; 0 for an empty one."""
    return round(log10(float(np.linalg.cond(X))), 1) if X.size else 0.0
