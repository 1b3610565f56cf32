"""Symmetric positive definite systems, most of whose entries are zero: H = L D L'.

Numbers are balls, or power series of balls.  H[i] has the entries (i, j), j >= i, that are not
zero; the first unknowns are eliminated first.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..matrices import Number, ProofError
from .model import Vector

Sparse = list[dict[int, Number]]


@dataclass(frozen=True)
class Factored:
    """D, and what is below the diagonal in each column of L."""

    pivots: Vector
    below: Sparse

    def solve(self, b: Vector) -> Vector:
        """H^-1 b."""
        x = list(b)
        for k, column in enumerate(self.below):
            for i, v in column.items():
                x[i] = x[i] - v * x[k]
        for k in reversed(range(len(x))):
            x[k] = x[k] / self.pivots[k]
            for i, v in self.below[k].items():
                x[k] = x[k] - v * x[i]
        return x

    @property
    def log_det(self) -> Number:
        """log det H."""
        product = self.pivots[0]
        for pivot in self.pivots[1:]:
            product = product * pivot
        return product.log()


def factor(H: Sparse) -> Factored:
    """The factors of H.  Raises ProofError where a pivot is not proved to be positive."""
    left, pivots, below = [dict(row) for row in H], [], []
    for k, row in enumerate(left):
        pivot = row.pop(k)
        if not value(pivot) > 0:
            raise ProofError("a matrix is not proved to be positive definite: the balls are wide")
        ratios = {i: v / pivot for i, v in row.items()}
        for i, ratio in ratios.items():
            into = left[i]
            for j, v in row.items():
                if j >= i:
                    into[j] = into[j] - ratio * v if j in into else -ratio * v
        pivots.append(pivot)
        below.append(ratios)
    return Factored(pivots, below)


def value(number: Number) -> Number:
    """The number, or the first coefficient of a series."""
    return number[0] if hasattr(number, "coeffs") else number
