"""The positive zeros of a polynomial, isolated in rationals.

With t = s / (1 - s) all t > 0 become s in (0, 1).  Descartes' rule of signs bounds the zeros in
(0, 1): there are none where it counts 0, exactly one where it counts 1, and an interval is halved
where it counts more.  Without repeated zeros this ends (Vincent; Collins and Akritas 1976).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import prod

from flint import arb, fmpq, fmpq_poly, fmpz, fmpz_poly

HALVINGS = 400  # of an interval that holds one zero: bits of s

ZERO, ONE = fmpq(0), fmpq(1)

Interval = tuple[fmpq, fmpq]
Coefficients = list[fmpz]  # (n + 1,)  of 1, s, ..., s^n; the last ones may be zero


def positive_zeros(f: fmpq_poly, odd: bool = True) -> list[arb]:
    """The t > 0 at which f changes sign, in increasing order, each in a ball of its own.

    odd: zeros of odd multiplicity; False: those of even, at which f keeps its sign.
    """
    _, parts = f.numer().factor_squarefree()
    p = prod((part for part, times in parts if times % 2 == odd), start=fmpz_poly([1]))
    p = p.right_shift(1) if p[0] == 0 else p  # t = 0 is none of them
    found = [narrowed(p, *interval) for interval in isolated(on_unit_interval(p.coeffs()))]
    return [arb(low).union(arb(high)) for low, high in found]


def on_unit_interval(c: Coefficients) -> Coefficients:
    """Those of (1 - s)^n p(s / (1 - s)), for those of p."""
    return shifted(c[::-1], -1)[::-1]


def shifted(c: Coefficients, by: int) -> Coefficients:
    """Those of p(x + by)."""
    moved = fmpz_poly(c)(fmpz_poly([by, 1])).coeffs()
    return [*moved, *[fmpz(0)] * (len(c) - len(moved))]


def variations(c: Coefficients) -> int:
    """Descartes' bound of the zeros in (0, 1): changes of sign in (1 + x)^n p(1 / (1 + x))."""
    signs = [x > 0 for x in shifted(c[::-1], 1) if x != 0]
    return sum(a != b for a, b in pairwise(signs))


def isolated(c: Coefficients, low: fmpq = ZERO, high: fmpq = ONE) -> Iterator[Interval]:
    """Intervals (low, high) of s with one zero each, or low = high, in increasing order."""
    count = variations(c)
    if count == 1:
        yield low, high
    if count < 2:
        return
    middle = (low + high) / 2
    left = [x << (len(c) - 1 - i) for i, x in enumerate(c)]  # 2^n p(s / 2)
    right = shifted(left, 1)
    yield from isolated(left, low, middle)
    if right[0] == 0:
        yield middle, middle
        right = right[1:]
    yield from isolated(right, middle, high)


def narrowed(p: fmpz_poly, low: fmpq, high: fmpq) -> Interval:
    """The t of an interval of s that holds one zero of p, halved again and again."""
    at_low = p(t_of(low)) or p.derivative()(t_of(low))  # a simple zero at the end is another one
    for _ in range(HALVINGS if low < high else 0):
        middle = (low + high) / 2
        value = p(t_of(middle))
        if value == 0:
            return t_of(middle), t_of(middle)
        low, high = (middle, high) if (value > 0) == (at_low > 0) else (low, middle)
    return t_of(low), t_of(high)


def t_of(s: fmpq) -> fmpq:
    """t = s / (1 - s)."""
    return s / (1 - s)
