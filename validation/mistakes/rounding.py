"""Near misses in the digits that every processor gives.

Doubles differ in their last bits from processor to processor.  So a mistake is computed from proven
values where it can be.  A page of the textbook on which rounding errors grow more than `STEEPEST`
times is not read at all, and no near miss comes of it; on the others they stay below `ERROR`,
relative to what SPEC section 3 divides by.  What is smaller than that is written as zero.  Balanced
data give numbers halfway between two of seven digits, which a last bit would round up or down: all
numbers are made larger by `ERROR` of themselves first, so that these go up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refmixed.linalg import Array

from ..suite.compare import QUANTITIES, Quantity, magnitude
from .textbook import Textbook

DIGITS = 7  # of a near miss
ERROR = 1e-9  # of the textbook, relative to the magnitude of a quantity; bounds what was measured
STEEPEST = 1e6  # condition; of the pages that are asked for, none is between 10^4.7 and 10^8.2


class RoundingError(ArithmeticError):
    """What the textbook finds in doubles differs from processor to processor."""


def sure(page: Textbook) -> Textbook:
    """The same page.  Raises RoundingError where its numbers would not be the same everywhere."""
    if not condition(page) < STEEPEST:
        raise RoundingError(f"rounding errors are multiplied {condition(page):.0e} times")
    return page


def condition(page: Textbook) -> float:
    """How much rounding errors grow: in V0^-1, in (X'V0^-1 X)^-1, and in r."""
    y = page.design.y_less_offset
    XVX = page.XtV0invX
    units = np.sqrt(np.outer(np.diag(XVX), np.diag(XVX)))  # those of X do not matter
    return max(
        norm(page.V0) * norm(page.V0inv),
        norm(XVX / units) * norm(page.beta_cov * units),
        float(np.sqrt(y @ page.V0inv @ y / page.pwrss)) if page.pwrss > 0 else np.inf,
    )


def norm(A: Array) -> float:
    """The largest sum of the absolute values of a column."""
    return float(np.abs(A).sum(axis=0).max(initial=0.0))


def written(quantity: str, value: Any) -> Any:
    """A near miss of a quantity as decimal strings in nested lists."""
    kind = QUANTITIES[quantity]
    return [strings(kind, part) for part in value] if kind.by_term else strings(kind, value)


def strings(kind: Quantity, value: Any) -> Any:
    """One array: zero where it is zero up to rounding, and no number halfway between two."""
    numbers = np.asarray(value, dtype=float)
    kept = np.where(np.abs(numbers) < ERROR * magnitude(kind, numbers), 0.0, numbers)
    return texts(kept * (1 + ERROR))


def texts(nested: Any, digits: int = DIGITS) -> Any:
    """Nested lists, arrays and numbers as lists of decimal strings."""
    if isinstance(nested, np.ndarray):
        return texts(nested.tolist(), digits)
    if isinstance(nested, list | tuple):
        return [texts(part, digits) for part in nested]
    return f"{float(nested):.{digits}g}"
