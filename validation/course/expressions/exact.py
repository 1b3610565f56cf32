"""Numbers that are known: fractions, and intervals where a logarithm or a root leaves them.

A fraction that would take more than LONGEST bits goes on as an interval.  Every interval holds the
true value, so that two that do not meet prove two values different.
"""

from __future__ import annotations

from decimal import ROUND_UP, Context, Decimal
from fractions import Fraction
from math import isqrt
from typing import Any

from mpmath.ctx_iv import MPIntervalContext

from .errors import RefusedError, UndecidedError, UndefinedError

iv = MPIntervalContext()  # its own, so that nobody else changes the precision
Number = Any  # a Fraction or an interval of iv

LONGEST = 6_000  # bits of a fraction; those of five rows inverted take 1,500
LARGEST_POWER = 1_000
LARGEST_EXP = 10_000
SHOWN = Context(prec=70)
RADIUS = Context(prec=4, rounding=ROUND_UP)


def interval(x: Number) -> Any:
    """x as an interval."""
    return iv.mpf(x.numerator) / iv.mpf(x.denominator) if isinstance(x, Fraction) else x


def short(x: Fraction) -> Number:
    """x, or an interval about it where it is too long."""
    length = x.numerator.bit_length() + x.denominator.bit_length()
    return x if length <= LONGEST else interval(x)


def sign(x: Number) -> int:
    """-1, 0 or 1."""
    if isinstance(x, Fraction):
        return (x > 0) - (x < 0)
    low, high = ends(x)
    if low <= 0 <= high:
        raise UndecidedError("whether a number is zero was not decided")
    return 1 if low > 0 else -1


def plus(a: Number, b: Number) -> Number:
    """a + b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return short(a + b)
    return interval(a) + interval(b)


def times(a: Number, b: Number) -> Number:
    """a b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return short(a * b)
    return interval(a) * interval(b)


def over(a: Number, b: Number) -> Number:
    """a / b."""
    if sign(b) == 0:
        raise UndefinedError("it divides by zero")
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return short(a / b)
    return interval(a) / interval(b)


def power(a: Number, b: Number) -> Number:
    """a to the power b."""
    if not isinstance(b, Fraction):
        return exp(times(b, log(a)))
    if abs(b) > LARGEST_POWER:
        raise RefusedError(f"a power is at most {LARGEST_POWER:,}")
    if b.denominator == 1:
        return whole_power(a, b.numerator)
    if b.denominator == 2:
        return whole_power(sqrt(a), b.numerator)
    if sign(a) < 0:
        raise UndefinedError("it raises a negative number to a power that is not whole")
    return Fraction(0) if a == 0 and b > 0 else exp(times(b, log(a)))


def whole_power(a: Number, k: int) -> Number:
    """a to the power k."""
    if k < 0:
        return over(Fraction(1), whole_power(a, -k))
    if not isinstance(a, Fraction):
        return a**k
    length = k * max(a.numerator.bit_length(), a.denominator.bit_length())
    return short(a**k) if length <= LONGEST else interval(a) ** k


def sqrt(a: Number) -> Number:
    """The root of a, exact of the square of a fraction."""
    if sign(a) < 0:
        raise UndefinedError("it takes the root of a negative number")
    if isinstance(a, Fraction):
        root = Fraction(isqrt(a.numerator), isqrt(a.denominator))
        if root * root == a:
            return root
    return iv.sqrt(interval(a))


def log(a: Number) -> Number:
    """The natural logarithm."""
    if sign(a) <= 0:
        raise UndefinedError("it takes the logarithm of a number that is not positive")
    return Fraction(0) if a == 1 else iv.log(interval(a))


def exp(a: Number) -> Number:
    """e to the power a."""
    if max(map(abs, ends(a))) > LARGEST_EXP:
        raise UndefinedError("it takes exp of a number that is too large")
    return Fraction(1) if a == 0 else iv.exp(interval(a))


def absolute(a: Number) -> Number:
    """|a|."""
    return abs(a)


def larger(a: Number, b: Number) -> Number:
    """The larger of two."""
    return a if sign(plus(a, -b)) >= 0 else b


def smaller(a: Number, b: Number) -> Number:
    """The smaller of two."""
    return b if larger(a, b) is a else a


def ends(x: Number) -> tuple[Fraction, Fraction]:
    """The ends of an interval, exactly."""
    if isinstance(x, Fraction):
        return x, x
    low, high = (fraction(*end) for end in x._mpi_)
    return low, high


def fraction(negative: int, digits: int, exponent: int, _: int) -> Fraction:
    """A number of mpmath: its digits times two to the exponent."""
    if digits == 0 and exponent != 0:  # infinite
        raise UndecidedError("a number is not bounded")
    if abs(exponent) > 10 * LONGEST:
        raise UndefinedError("a number is too large or too small")
    size = Fraction(int(digits)) * Fraction(2) ** exponent
    return -size if negative else size


def written(x: Number) -> str:
    """A fraction as `p/q`; an interval as `m +/- r`, decimals, which holds it."""
    if isinstance(x, Fraction):
        return str(x)
    low, high = ends(x)
    middle = decimal((low + high) / 2, SHOWN)
    half = (high - low) / 2 + abs((low + high) / 2 - Fraction(middle))
    return f"{middle} +/- {decimal(half, RADIUS)}"


def decimal(x: Fraction, context: Context) -> Decimal:
    """x in decimals, rounded once."""
    return context.divide(Decimal(x.numerator), Decimal(x.denominator))
