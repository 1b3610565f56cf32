"""Mistakes that an answer tells by itself: no case can have a value for them; SPEC.md, section 6.

Digits say that a number was rounded, whatever the number of digits; standard deviations that are
one in whatever units are those that many searches begin with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from .nested import number
from .verdicts import FAIL, NEAR_MISS, Outcome

if TYPE_CHECKING:
    from refmixed.linalg import Array  # which loads scipy

ROUNDED, SD_AT_ONE = TELLTALES = ("rounded", "sd-at-one")
SHORT = 7  # digits up to which a number is short: a double has a shorter form once in 10^9
ENOUGH, WHOLE = 3, 4  # digits that show rounding, of numbers with decimals and of whole ones
NOISE = 1e-14  # of a rounded number, relatively: it may be a product with a power of ten
HALF = 0.5 + 0.02  # of the last digit: the answer was not exact before it was rounded
AT, AWAY = 0.01, 0.1  # how near to one a standard deviation is that stayed, and how far the truth


def told(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The same with failures without a name called by what the answers tell by themselves."""
    first = tuple(told_by_itself(o) for o in outcomes)
    seen = any(o.mistake == ROUNDED for o in first)
    return tuple(told_by_itself(o, seen) for o in first)


def told_by_itself(o: Outcome, seen: bool = False) -> Outcome:
    """One outcome; seen: whether others of the case are rounded."""
    if o.verdict != FAIL or o.note:
        return o
    name = telltale(o.quantity, o.answer, o.value, seen)
    return replace(o, verdict=NEAR_MISS, mistake=name) if name else o


def telltale(quantity: str, answer: Any, value: Any, seen: bool = False) -> str:
    """The mistake that a wrong answer of the right shape tells by itself, or nothing.

    seen: whether other answers of the case are rounded, so that this need not show that it is.
    """
    a, c = np.array(list(flat(answer))), np.array(list(flat(value)))
    if quantity == "sd" and stayed_at_one(a, c):
        return SD_AT_ONE
    return ROUNDED if rounded(a, c) and (seen or shows_rounding(a)) else ""


def flat(nested: Any) -> Iterator[float]:
    """The numbers of nested lists, one after the other."""
    if isinstance(nested, list | tuple):
        for part in nested:
            yield from flat(part)
    else:
        yield number(nested)


def stayed_at_one(a: Array, c: Array) -> bool:
    """Whether all standard deviations (k,) are one, of which none is."""
    return bool(len(a) and (np.abs(a - 1) < AT).all() and (np.abs(c - 1) > AWAY).all())


def rounded(a: Array, c: Array) -> bool:
    """Whether the numbers a (k,) are c, rounded to a few significant digits or decimals."""
    apart = a != c
    if not apart.any() or not np.isfinite(a[apart]).all() or not np.isfinite(c[apart]).all():
        return False
    digits, size = short_digits(a[apart]), powers(a[apart])
    significant = size - digits.max() + 1  # the power of ten of the last digit
    decimals = (size - digits + 1).min()
    wrong = np.abs(a - c)[apart]
    near = [(wrong <= HALF * 10.0**last).all() for last in (significant, decimals)]
    return bool(digits.max() <= SHORT and any(near))


def shows_rounding(a: Array) -> bool:
    """Whether numbers (k,) have digits enough, and no more, to say that they were rounded."""
    digits = short_digits(a).max()
    return bool((WHOLE if (a % 1 == 0).all() else ENOUGH) <= digits <= SHORT)


def powers(a: Array) -> Array:
    """The power of ten of the first digit of each number; 0 for zero."""
    return np.floor(np.log10(np.abs(np.where(a == 0, 1.0, a))))


def short_digits(a: Array) -> Array:
    """The significant digits of each number; more than SHORT where it has more."""
    return np.array([short(float(x)) for x in a], dtype=float)


def short(x: float) -> int:
    """The significant digits of a number; more than SHORT where it has more."""
    for digits in range(1, SHORT + 1):
        if abs(float(f"{x:.{digits - 1}e}") - x) <= NOISE * abs(x):
            return digits
    return SHORT + 1
