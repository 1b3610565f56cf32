"""Exact points at which a student's formula and the reference are compared.

A point gives each symbol of a question a fraction p/q, p and q from 2 to 997 without a common
factor, inside its domain, or a matrix of them.  Formulas that differ hardly ever agree there: two
rational functions of degree d do at one point with a probability of at most d over the number of
fractions, some 600,000.  There are few whole numbers, so that they differ from point to point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np

from .expressions import answers

LARGEST = 997
LARGEST_SIZE = 6  # of a matrix
TRIES = 1_000
NEEDED, DRAWN = {"number": 4, "matrix": 2}, {"number": 10, "matrix": 4}
LAMBDA = ("lam", "lamda", "lambda_")  # how Python's users write its word lambda
Random = np.random.Generator
Rows = list[list[Fraction]]
Point = dict[str, Any]  # by symbol: a fraction, or rows of them


@dataclass(frozen=True)
class Symbol:
    """A symbol of a question: its names, and what it may be.

    `kind` is one of KINDS.  A matrix has a `size`, names of whole symbols before it or numbers:
    ("n", "p"), a vector or a square matrix ("n",).  A whole number goes from `least` to `most`, of
    a size at most to 6.  `where` says of this and the symbols before it whether they go together:
    `lambda point: point["n"] > point["p"]`.  Of numbers, a name followed
    by 2 is the square: sigma2.
    """

    name: str
    kind: str = "positive"
    also: tuple[str, ...] = ()
    size: tuple[str | int, ...] = ()
    least: int = 2
    most: int = 40
    where: Callable[[Mapping[str, Any]], bool] | None = None


@dataclass(frozen=True)
class Asked:
    """What a student's formula is asked, and what the reference answers."""

    names: dict[str, str]  # what each name stands for: a symbol, or `sigma**2`
    points: list[dict[str, Any]]  # texts of fractions, and rows of them
    values: list[Any]  # of the reference: texts
    needed: int  # points at which an answer must have a value; half, of one undefined elsewhere


def ask(reference: str, symbols: Sequence[Symbol], random: Random) -> Asked:
    """Points at which the reference has a value.  Raises ValueError where it has none."""
    names = spellings(symbols)
    points: list[dict[str, Any]] = []
    values: list[Any] = []
    for _ in range(TRIES):
        found = drawn(symbols, random, points)
        point = {name: written(value) for name, value in found.items()}
        (answer,) = answers(reference, names, [point])
        if "value" not in answer and "undefined" not in answer:
            raise ValueError(f"The reference {reference!r} has no value: {answer}")
        if "value" in answer:
            points.append(point)
            values.append(answer["value"])
            shape = "matrix" if isinstance(values[0], list) else "number"
            if len(points) == DRAWN[shape]:
                return Asked(names, points, values, NEEDED[shape])
    raise ValueError(f"The reference {reference!r} is hardly ever defined where its symbols are.")


def spellings(symbols: Sequence[Symbol]) -> dict[str, str]:
    """What each name stands for.  Raises ValueError of a name of two symbols."""
    also = [(s.name, s.also + (LAMBDA if s.name == "lambda" else ())) for s in symbols]
    pairs = [(spelling, name) for name, others in also for spelling in (name, *others)]
    if len(dict(pairs)) != len(pairs):
        raise ValueError(f"Two symbols have one name: {sorted(spelling for spelling, _ in pairs)}")
    continuous = {s.name for s in symbols if not s.size and s.kind != "whole"}
    squares = {f"{spelling}2": f"{name}**2" for spelling, name in pairs if name in continuous}
    return squares | dict(pairs)


def drawn(symbols: Sequence[Symbol], random: Random, before: Sequence[Point] = ()) -> Point:
    """One point that is as its question says.  Raises ValueError where none is found."""
    for _ in range(TRIES):
        point = attempt(symbols, random, before)
        if point is not None:
            return point
    raise ValueError("No point was found that is as the symbols say.")


def attempt(symbols: Sequence[Symbol], random: Random, before: Sequence[Point]) -> Point | None:
    """One point, or None where its symbols do not go together."""
    sizes = {part for symbol in symbols for part in symbol.size if isinstance(part, str)}
    point: Point = {}
    for symbol in symbols:
        if symbol.kind == "whole":
            others = [point[name] for name in sizes & point.keys() if symbol.name in sizes]
            earlier = [Fraction(one[symbol.name]) for one in before]
            most = min(symbol.most, LARGEST_SIZE) if symbol.name in sizes else symbol.most
            point[symbol.name] = whole(range(symbol.least, most + 1), others, earlier, random)
        else:
            lengths = [part if isinstance(part, int) else int(point[part]) for part in symbol.size]
            point[symbol.name] = KINDS[symbol.kind](random, *lengths)
        if symbol.where is not None and not symbol.where(point):
            return None
    return point


def whole(
    allowed: range, others: list[Fraction], earlier: list[Fraction], random: Random
) -> Fraction:
    """A whole number, none of the other sizes, of this point, and of the earlier points if it can.

    So wrong products show, and a formula that is right for one size only.
    """
    for taken in ([*others, *earlier], [*others, *earlier[-1:]], others, []):
        free = [k for k in allowed if k not in taken]
        if free:
            return Fraction(int(random.choice(free)))
    raise ValueError("A whole number has `least` above `most`, or above the largest size, 6.")


def fraction(random: Random, signed: bool = False, below_one: bool = False) -> Fraction:
    """p/q of p and q from 2 to 997 without a common factor, positive unless signed."""
    while True:
        p, q = (int(x) for x in random.integers(2, LARGEST, size=2, endpoint=True))
        if gcd(p, q) == 1:
            break
    size = Fraction(min(p, q), max(p, q)) if below_one else Fraction(p, q)
    return size * (int(random.choice([-1, 1])) if signed else 1)


def entries(random: Random, n: int, p: int = 1) -> Rows:
    """A matrix without structure, n x p; a vector without p."""
    return [[fraction(random, signed=True) for _ in range(p)] for _ in range(n)]


def diagonal(random: Random, n: int) -> Rows:
    """A diagonal matrix of positive entries."""
    return [[fraction(random) if i == j else Fraction(0) for j in range(n)] for i in range(n)]


def lower(random: Random, n: int) -> Rows:
    """A lower triangular matrix with a positive diagonal."""
    below, middle = entries(random, n, n), diagonal(random, n)
    return [below[i][:i] + middle[i][i:] for i in range(n)]


def definite(random: Random, n: int) -> Rows:
    """A symmetric matrix that its diagonal dominates: positive definite."""
    below = [[fraction(random, signed=True, below_one=True) for _ in range(i)] for i in range(n)]
    large = [n + fraction(random) for _ in range(n)]
    return [[*below[i], large[i], *(below[j][i] for j in range(i + 1, n))] for i in range(n)]


KINDS: dict[str, Callable[..., Any]] = {
    "positive": fraction,
    "real": lambda random: fraction(random, signed=True),
    "unit": lambda random: fraction(random, below_one=True),
    "correlation": lambda random: fraction(random, signed=True, below_one=True),
    "whole": whole,
    "vector": entries,
    "matrix": entries,
    "diagonal": diagonal,
    "lower": lower,
    "definite": definite,
}


def written(value: Any) -> Any:
    """A value as texts."""
    if isinstance(value, Fraction):
        return str(value)
    return [[str(entry) for entry in row] for row in value]
