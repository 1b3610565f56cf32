"""Small matrix algebra that rationals (fmpq_mat) and balls (arb_mat) share.

python-flint has no type hints for matrices of either kind in common: `Matrix` and `Number` say what
is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

Matrix = Any  # fmpq_mat or arb_mat
Number = Any  # fmpq or arb


class ProofError(ArithmeticError):
    """A statement could not be proved: it is false, or the balls are too wide."""


def rational(value: Fraction) -> fmpq:
    """A Fraction as flint's rational."""
    return fmpq(value.numerator, value.denominator)


def ball(value: Any) -> arb:
    """Any exact number, or a ball, as a ball."""
    return arb(rational(value)) if isinstance(value, Fraction) else arb(value)


def rationals(rows: Sequence[Sequence[Fraction]], columns: int) -> fmpq_mat:
    """An exact matrix of so many columns."""
    return fmpq_mat(len(rows), columns, [rational(v) for row in rows for v in row])


def eye(like: Matrix, n: int) -> Matrix:
    """The identity (n, n) of the kind of another matrix."""
    one = type(like)(n, n)
    for i in range(n):
        one[i, i] = 1
    return one


def symmetric(m: int, element: Callable[[int, int], Any]) -> arb_mat:
    """The symmetric matrix in balls with these elements (i, j), asked for where i <= j."""
    H = arb_mat(m, m)
    for i in range(m):
        for j in range(i, m):
            H[i, j] = H[j, i] = element(i, j)
    return H


def part(A: Matrix, rows: Sequence[int], columns: Sequence[int]) -> Matrix:
    """Some rows and columns of a matrix."""
    return type(A)(len(rows), len(columns), [A[i, j] for i in rows for j in columns])


def column(like: Matrix, values: Sequence[Number]) -> Matrix:
    """Numbers as a matrix (n, 1)."""
    return type(like)(len(values), 1, list(values))


def beside(matrices: Sequence[Matrix]) -> Matrix:
    """Matrices of as many rows, side by side."""
    height = matrices[0].nrows()
    width = sum(A.ncols() for A in matrices)
    cells = [A[i, j] for i in range(height) for A in matrices for j in range(A.ncols())]
    return type(matrices[0])(height, width, cells)


def solve(A: Matrix, B: Matrix) -> Matrix:
    """A^-1 B.  Raises ProofError where A is singular, or may be."""
    if A.nrows() == 0 or B.ncols() == 0:
        return type(A)(A.nrows(), B.ncols())
    try:
        if isinstance(A, arb_mat):
            return A.solve(B, algorithm="precond" if A.nrows() > 8 else "lu")
        return A.solve(B)
    except ZeroDivisionError as error:
        raise ProofError("a matrix cannot be told from a singular one") from error


def inverse(A: Matrix) -> Matrix:
    """A^-1."""
    return solve(A, eye(A, A.nrows()))


def trace_of_product(A: Matrix, B: Matrix) -> Number:
    """tr(A B)."""
    return total((A[i, j] * B[j, i] for i in range(A.nrows()) for j in range(A.ncols())), zero(A))


def dot(A: Matrix, B: Matrix) -> Number:
    """tr(A'B), which is the sum of the products of all elements."""
    return total((a * b for a, b in zip(A.entries(), B.entries(), strict=True)), zero(A))


def total(numbers: Iterable[Number], start: Number) -> Number:
    """The sum of numbers."""
    for number in numbers:
        start = start + number
    return start


def zero(like: Matrix) -> Number:
    """Zero, of the kind of a matrix's elements."""
    return arb(0) if isinstance(like, arb_mat) else fmpq(0)


def middle(A: arb_mat) -> arb_mat:
    """The midpoints of the balls of a matrix."""
    return arb_mat(A.nrows(), A.ncols(), [a.mid() for a in A.entries()])


def is_positive_definite(A: Matrix) -> bool:
    """Whether a symmetric matrix is positive definite, for certain: its pivots are positive."""
    rows = [list(row) for row in A.tolist()]
    for k in range(len(rows)):
        pivot = rows[k][k]
        if not pivot > 0:
            return False
        for i in range(k + 1, len(rows)):
            ratio = rows[i][k] / pivot
            rows[i] = [a - ratio * b for a, b in zip(rows[i], rows[k], strict=True)]
    return True
