"""Exact points at which a student's formula and the reference are compared.

A point gives each symbol of a question a fraction p/q, p and q up to 997, inside its domain, or a
matrix of them.  Formulas that differ hardly ever agree there: two rational functions of degree d do
at one point with a probability of about d over the number of fractions, some 600,000.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from .expressions import answers

LARGEST = 997
LARGEST_SIZE = 6  # of a matrix
TRIES = 1_000
NEEDED, DRAWN = {"number": 2, "matrix": 1}, {"number": 5, "matrix": 2}
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
    needed: int  # points at which an answer must have a value


def ask(reference: str, symbols: Sequence[Symbol], random: Random) -> Asked:
    """Points at which the reference has a value.  Raises ValueError where it has none."""
    names = spellings(symbols)
    points: list[dict[str, Any]] = []
    values: list[Any] = []
    for _ in range(TRIES):
        point = {name: written(value) for name, value in drawn(symbols, random).items()}
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


def drawn(symbols: Sequence[Symbol], random: Random) -> Point:
    """One point; sizes differ from each other where they can, so that wrong products show."""
    sizes = {part for symbol in symbols for part in symbol.size if isinstance(part, str)}
    point: Point = {}
    for symbol in symbols:
        for _ in range(TRIES):
            point[symbol.name] = value(symbol, symbol.name in sizes, point, random)
            if symbol.where is None or symbol.where(point):
                break
        else:
            raise ValueError(f"No {symbol.name} was found that is as its question says.")
    return point


def value(symbol: Symbol, is_size: bool, point: Point, random: Random) -> Any:
    """A value of one symbol."""
    if symbol.kind == "whole":
        most = min(symbol.most, LARGEST_SIZE) if is_size else symbol.most
        taken = [x for x in point.values() if is_size and isinstance(x, Fraction)]
        free = [k for k in range(symbol.least, most + 1) if k not in taken]
        return Fraction(int(random.choice(free or [symbol.least])))
    lengths = [part if isinstance(part, int) else int(point[part]) for part in symbol.size]
    return KINDS[symbol.kind](random, *lengths)


def fraction(random: Random, signed: bool = False, below_one: bool = False) -> Fraction:
    """p/q with p and q up to 997, positive unless signed."""
    q = int(random.integers(2, LARGEST, endpoint=True))
    p = int(random.integers(1, q - 1 if below_one else LARGEST, endpoint=True))
    return Fraction(p, q) * (int(random.choice([-1, 1])) if signed else 1)


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
    "whole": fraction,  # drawn by `value`, of its own range
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
