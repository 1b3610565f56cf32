"""The response with the other sign, or from another origin: what becomes of a fit's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .account import INTERCEPT, Numbers
from .base import Base, one

ROUND = tuple(k * 10.0**power for power in range(4) for k in (1, 2, 5))
KELVIN = 273.15


def bases(base: Base) -> Iterator[Base]:
    """The other sign, then each origin."""
    says = "has the response with the other sign"
    yield otherwise(base, negative(base), "unit of response", says, "sign-of-response")
    if ("beta", INTERCEPT) not in base.account.numbers:
        return
    for origin, words in origins(base):
        says = f"has the response {'less' if origin > 0 else 'plus'} {words}{abs(origin):.6g}"
        yield otherwise(base, less(base, origin), "origin of response", says, "origin-of-response")


def otherwise(base: Base, numbers: Numbers, dimension: str, says: str, cause: str) -> Base:
    """The base with other numbers, for a cause."""
    account = base.account.with_numbers(base.account.numbers | numbers)
    return replace(base, account=account, traits=base.traits | one(dimension, says, cause, says))


def negative(base: Base) -> Numbers:
    """Fixed effects and their t with the other sign; limits are left as they are."""
    return {key: -number for kind in ("beta", "t") for key, number in base.account.of(kind).items()}


def less(base: Base, origin: float) -> Numbers:
    """The intercept less an origin, and its t."""
    beta, se = base.account.numbers["beta", INTERCEPT], base.account.numbers.get(("se", INTERCEPT))
    moved = beta - origin
    t: Numbers = {("t", INTERCEPT): moved / se} if se is not None else {}
    return {("beta", INTERCEPT): moved, **t}


def origins(base: Base) -> Iterator[tuple[float, str]]:
    """The mean of the response and its least, where it is known; round numbers of both signs."""
    if base.fit is not None:
        y = base.fit.design.y
        yield float(y.mean()), "its mean, "
        yield float(y.min()), "its least, "
    for size in (*ROUND, KELVIN):
        yield size, ""
        yield -size, ""
