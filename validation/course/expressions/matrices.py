"""Matrices of exact numbers, and what the signs + - * / ** do between them and numbers.

A matrix of one entry is a number.  `Identity(c)` is c I of a size that its neighbours tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from . import exact
from .errors import RefusedError, UndecidedError, UndefinedError
from .exact import Number

ONE, ZERO = Fraction(1), Fraction(0)
LARGEST_POWER = 20


@dataclass(frozen=True)
class Matrix:
    """Rows of numbers."""

    rows: tuple[tuple[Number, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        return len(self.rows), len(self.rows[0])


@dataclass(frozen=True)
class Identity:
    """c I, of whatever size is needed."""

    scale: Number


Value = Any  # a number, a Matrix or an Identity


def matrix(rows: Any) -> Value:
    """The matrix of these rows; a number where it has one entry."""
    made = Matrix(tuple(map(tuple, rows)))
    return made.rows[0][0] if made.shape == (1, 1) else made


def is_number(a: Value) -> bool:
    """Whether a is a number."""
    return not isinstance(a, Matrix | Identity)


def size(a: Value) -> str:
    """What a is, in words."""
    return "a number" if is_number(a) else "{} x {}".format(*a.shape)


def square(a: Value, what: str) -> Matrix:
    """A square matrix, for which `what` is asked."""
    if isinstance(a, Identity):
        raise RefusedError(
            "the size of `I` is not known here: write I(n), of the size that is meant"
        )
    rows, columns = a.shape if isinstance(a, Matrix) else (1, 1)
    if rows != columns:
        raise RefusedError(f"{what} is of square matrices, and this one is {rows} x {columns}")
    return a if isinstance(a, Matrix) else Matrix(((a,),))


def identity(n: int, scale: Number = ONE) -> Value:
    """c I, n x n."""
    return matrix([[scale if i == j else ZERO for j in range(n)] for i in range(n)])


def add(a: Value, b: Value) -> Value:
    """a + b."""
    if is_number(a) and is_number(b):
        return exact.plus(a, b)
    if isinstance(a, Identity) and isinstance(b, Identity):
        return Identity(exact.plus(a.scale, b.scale))
    if isinstance(a, Identity):
        a = identity(len(square(b, "adding I").rows), a.scale)
    if isinstance(b, Identity):
        b = identity(len(square(a, "adding I").rows), b.scale)
    if is_number(a) and is_number(b):
        return exact.plus(a, b)
    if is_number(a) or is_number(b) or a.shape != b.shape:
        raise RefusedError(f"these cannot be added: {size(a)} and {size(b)}")
    return matrix([map(exact.plus, x, y) for x, y in zip(a.rows, b.rows, strict=True)])


def multiply(a: Value, b: Value) -> Value:
    """a b: the product of matrices, not entry by entry."""
    if is_number(a) and is_number(b):
        return exact.times(a, b)
    if is_number(b) or isinstance(b, Identity):  # these two commute
        a, b = b, a
    if isinstance(a, Identity):
        return Identity(exact.times(a.scale, b)) if is_number(b) else multiply(a.scale, b)
    if is_number(a) and isinstance(b, Identity):
        return Identity(exact.times(a, b.scale))
    if is_number(a):
        return matrix([[exact.times(a, x) for x in row] for row in b.rows])
    if a.shape[1] != b.shape[0]:
        raise RefusedError(f"these cannot be multiplied: {size(a)} times {size(b)}")
    return matrix([[inner(row, column) for column in zip(*b.rows, strict=True)] for row in a.rows])


def inner(x: tuple[Number, ...], y: tuple[Number, ...]) -> Number:
    """x' y."""
    return reduce(exact.plus, map(exact.times, x, y))


def divide(a: Value, b: Value) -> Value:
    """a / b, of a number b."""
    if not is_number(b):
        raise RefusedError("a matrix does not divide: write inv(V), on the side where it belongs")
    return exact.over(a, b) if is_number(a) else multiply(exact.over(ONE, b), a)


def power(a: Value, b: Value) -> Value:
    """a to the power b; of a matrix, a whole one."""
    if is_number(a) and is_number(b):
        return exact.power(a, b)
    if not isinstance(b, Fraction) or b.denominator != 1 or abs(b) > LARGEST_POWER:
        raise RefusedError(f"a matrix has whole powers, from -{LARGEST_POWER} to {LARGEST_POWER}")
    if isinstance(a, Identity):
        return Identity(exact.power(a.scale, b))
    base = inverse(a) if b < 0 else matrix(square(a, "a power").rows)
    return reduce(multiply, [base] * abs(b.numerator), identity(len(a.rows)))


def transpose(a: Value) -> Value:
    """a'."""
    return Matrix(tuple(zip(*a.rows, strict=True))) if isinstance(a, Matrix) else a


def trace(a: Value) -> Number:
    """The sum of the diagonal."""
    rows = square(a, "the trace").rows
    return reduce(exact.plus, [row[i] for i, row in enumerate(rows)])


def inverse(a: Value) -> Value:
    """The inverse."""
    if isinstance(a, Identity):
        return Identity(exact.over(ONE, a.scale))
    n = len(square(a, "the inverse").rows) if isinstance(a, Matrix) else 1
    rows = a.rows if isinstance(a, Matrix) else ((a,),)
    beside = [[*row, *(ONE if i == j else ZERO for j in range(n))] for i, row in enumerate(rows)]
    reduced, determined = eliminate(beside)
    if exact.sign(determined) == 0:
        raise UndefinedError("it inverts a singular matrix")
    return matrix([row[n:] for row in reduced])


def determinant(a: Value) -> Number:
    """The determinant."""
    return eliminate([list(row) for row in square(a, "the determinant").rows])[1]


def eliminate(rows: list[list[Number]]) -> tuple[list[list[Number]], Number]:
    """Gauss and Jordan: rows of which the first columns are I, and the determinant of those."""
    product = ONE
    for k in range(len(rows)):
        at = pivot([row[k] for row in rows], k)
        if at is None:
            return rows, ZERO
        if at != k:
            rows[k], rows[at], product = rows[at], rows[k], -product
        product = exact.times(product, rows[k][k])
        rows[k] = [exact.over(x, rows[k][k]) for x in rows[k]]
        for i in range(len(rows)):
            if i != k:
                rows[i] = [minus(x, rows[i][k], y) for x, y in zip(rows[i], rows[k], strict=True)]
    return rows, product


def pivot(column: list[Number], start: int) -> int | None:
    """The first entry from `start` that is surely not zero; None where all are surely zero."""
    doubtful = False
    for i in range(start, len(column)):
        low, high = exact.ends(column[i])
        if low > 0 or high < 0:
            return i
        doubtful = doubtful or low != high
    if doubtful:
        raise UndecidedError("whether a matrix is singular was not decided")
    return None


def minus(x: Number, times: Number, y: Number) -> Number:
    """x - times y."""
    return exact.plus(x, -exact.times(times, y))
