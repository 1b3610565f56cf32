"""A number as it was written: an interval, as wide as the rounding of its last digit."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
MADE = "sqrt("  # a standard deviation of a variance that was written
EXACT = 9  # significant digits from which on a number is taken as it stands


@dataclass(frozen=True)
class Number:
    """All that a written number may stand for: low to high; `text` is how it was written."""

    low: float
    high: float
    text: str = ""

    @property
    def value(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def half(self) -> float:
        """Half the width: what rounding may have taken or added."""
        return 0.0 if self.low == self.high else (self.high - self.low) / 2

    def apart(self, other: Number) -> float:
        """The gap between two intervals, zero where they overlap."""
        return max(0.0, self.low - other.high, other.low - self.high)

    def mapped(self, f: Callable[[float], float]) -> Number:
        """A monotone function of it."""
        ends = sorted((f(self.low), f(self.high)))
        return Number(ends[0], ends[1])

    def __add__(self, other: Number | float) -> Number:
        o = as_number(other)
        return Number(self.low + o.low, self.high + o.high)

    def __neg__(self) -> Number:
        return Number(-self.high, -self.low)

    def __sub__(self, other: Number | float) -> Number:
        return self + (-as_number(other))

    def __mul__(self, other: Number | float) -> Number:
        o = as_number(other)
        ends = [x * y for x in (self.low, self.high) for y in (o.low, o.high)]
        return Number(min(ends), max(ends))

    def __truediv__(self, other: Number | float) -> Number:
        o = as_number(other)
        if o.low <= 0 <= o.high:
            return Number(-math.inf, math.inf)
        return self * Number(1 / o.high, 1 / o.low)

    def __str__(self) -> str:
        return self.text or f"{self.value:.8g}"


def as_number(value: Number | float) -> Number:
    """A float as an interval of no width."""
    return value if isinstance(value, Number) else Number(float(value), float(value))


def exact(value: float) -> Number:
    """A computed number."""
    return Number(float(value), float(value))


def written(text: str) -> Number | None:
    """What a printed number stands for; None for what is no number.  "<.0001" is 0 to .0001."""
    plain = text.strip().replace("−", "-")
    if plain.startswith("<"):
        most = written(plain[1:])
        return most and Number(0.0, most.value, plain)
    if not re.fullmatch(NUMBER, plain):
        return None
    value, half = float(plain), last_digit(plain) / 2
    return Number(value - half, value + half, plain)


def last_digit(text: str) -> float:
    """What one unit of the last digit is worth: 0.01 in 3.14; 0 of a number that is not rounded."""
    mantissa, _, exponent = text.lower().partition("e")
    digits = mantissa.lstrip("+-").replace(".", "").lstrip("0")
    if len(digits) > EXACT:
        return 0.0
    decimals = len(mantissa.partition(".")[2])
    return float(10.0 ** (int(exponent or 0) - decimals))


def both(a: Number | None, b: Number | None) -> Number | None:
    """What two ways of writing one number leave of it; the narrower where they do not meet."""
    if a is None or b is None:
        return a or b
    low, high = max(a.low, b.low), min(a.high, b.high)
    narrow = min(a, b, key=lambda number: number.half)
    plain = b if a.text.startswith(MADE) else a
    return Number(low, high, plain.text) if low <= high else narrow
