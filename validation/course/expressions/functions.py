"""The functions that a formula may have, and how many arguments each takes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from . import exact
from . import matrices as m
from .errors import RefusedError
from .matrices import Value, is_number

LARGEST_SIZE = 12  # of I(n)
LISTED = "log, exp, sqrt, Abs, Max, Min, Sum, inv, T, trace, det, I and ones"
SUMS = ("Sum", "sum", "summation")


def whole(x: Value, what: str, least: int, most: int) -> int:
    """x as an int from least to most."""
    if isinstance(x, Fraction) and x.denominator == 1 and least <= x <= most:
        return x.numerator
    raise RefusedError(f"{what} is a whole number from {least} to {most:,}")


def of_number(function: Callable[..., Value]) -> Callable[..., Value]:
    """A function that takes numbers alone."""

    def checked(*arguments: Value) -> Value:
        if not all(map(is_number, arguments)):
            raise RefusedError("this function is of numbers, and it was given a matrix")
        return function(*arguments)

    return checked


def eye(n: Value) -> Value:
    """I, n x n."""
    return m.identity(whole(n, "the size of I", 1, LARGEST_SIZE))


def ones(n: Value, k: Value = m.ONE) -> Value:
    """n rows of k ones."""
    rows, columns = (whole(x, "the size of ones", 1, LARGEST_SIZE) for x in (n, k))
    return m.matrix([[m.ONE] * columns] * rows)


def sums(*_: Value) -> Value:
    """A sum without a range."""
    raise RefusedError("a sum is written Sum(term, (i, 1, n))")


FUNCTIONS: dict[str, tuple[int, int, Callable[..., Value]]] = {  # fewest and most arguments
    **dict.fromkeys(("log", "ln"), (1, 1, of_number(exact.log))),
    "log1p": (1, 1, of_number(lambda x: exact.log(exact.plus(m.ONE, x)))),
    "exp": (1, 1, of_number(exact.exp)),
    "sqrt": (1, 1, of_number(exact.sqrt)),
    **dict.fromkeys(("Abs", "abs", "fabs"), (1, 1, of_number(abs))),
    **dict.fromkeys(("Max", "max", "maximum"), (2, 2, of_number(exact.larger))),
    **dict.fromkeys(("Min", "min", "minimum"), (2, 2, of_number(exact.smaller))),
    **dict.fromkeys(
        ("Rational", "Integer"), (1, 2, of_number(lambda p, q=m.ONE: exact.over(p, q)))
    ),
    **dict.fromkeys(SUMS, (0, 1, sums)),
    **dict.fromkeys(("inv", "inverse", "Inverse"), (1, 1, m.inverse)),
    **dict.fromkeys(("T", "t", "transpose", "Transpose"), (1, 1, m.transpose)),
    **dict.fromkeys(("tr", "trace", "Trace"), (1, 1, m.trace)),
    **dict.fromkeys(("det", "Determinant"), (1, 1, m.determinant)),
    "logdet": (1, 1, lambda a: exact.log(m.determinant(a))),
    **dict.fromkeys(("I", "eye", "Identity", "identity"), (1, 1, eye)),
    "ones": (1, 2, ones),
    **dict.fromkeys(("Matrix", "array"), (1, 1, lambda a: a)),
    **dict.fromkeys(("doit", "simplify"), (1, 1, lambda a: a)),
}
