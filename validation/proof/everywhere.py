"""With one variance ratio t = theta^2: every zero of the derivative of the criterion, isolated.

D = det(I + t Z'WZ), E = D det(X'V0^-1 X) and R = E r^2 are polynomials in t with rational
coefficients (determinants of bordered matrices), of degree q at most, positive for t >= 0.  So

    REML:  (n - p) log R - (n - p - 1) log E + constant,   ML:  log D + n log R - n log E + constant

and the numerator of the derivative is a polynomial, whose positive zeros `roots` isolates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flint import arb, fmpq, fmpq_mat, fmpq_poly

from .engine import at
from .matrices import ProofError
from .optimum import Optimum
from .problem import Blocks
from .roots import positive_zeros

LARGEST = 160  # q beyond which the polynomials would take too long


@dataclass(frozen=True)
class Everywhere:
    """What is known of the criterion on all of [0, inf)."""

    points: tuple[tuple[arb, arb], ...]  # theta of 0 and of each place where the derivative changes
    # its sign, in order, and the criterion there, less the reported point's
    mine: int  # which of them is the reported point
    touched: int  # zeros of the derivative at which it keeps its sign
    beyond: bool  # whether the criterion at infinity is higher than at the reported point

    @property
    def lowest(self) -> bool:
        """Whether the reported point is proved to be the lowest of all."""
        return self.beyond and all(
            more > 0 for i, (_, more) in enumerate(self.points) if i != self.mine
        )

    @property
    def claim(self) -> str:
        """`global` where that is proved."""
        return "global" if self.lowest else "local"

    @property
    def other_minima(self) -> list[tuple[arb, arb]]:
        """The minima that were not reported: every other point is one."""
        return [
            point
            for i, point in enumerate(self.points)
            if i != self.mine and i % 2 == self.mine % 2
        ]

    @property
    def zeros(self) -> int:
        """How many zeros the derivative has in theta > 0."""
        return len(self.points) - 1 + self.touched

    @property
    def sentence(self) -> str:
        """What was found."""
        said = f"All zeros of the derivative in theta > 0, {self.zeros} in number, are known"
        if self.lowest:
            said += ", and the criterion here is lower than at any other, at 0 and at infinity"
        return f"{said}{self.others}."

    @property
    def others(self) -> str:
        """Where other minima are, and how high."""
        return "".join(
            f"; another minimum, at theta = {theta.str(8, radius=False)}, is {height(more)}"
            for theta, more in self.other_minima
        )


def height(more: arb) -> str:
    """How high a minimum is, from its criterion less the reported one's."""
    if more.contains(0):
        return f"as low, to within {arb(abs(more).upper()).str(1, radius=False)}"
    return f"{'higher' if more > 0 else 'lower'} by {abs(more).str(4, radius=False)}"


@dataclass(frozen=True)
class Shape:
    """The criterion as a sum of multiples of logarithms of polynomials in t."""

    parts: tuple[tuple[int, fmpq_poly], ...]

    def value(self, t: arb) -> arb:
        """The criterion at t, up to a constant."""
        return sum((weight * valued(f, t).log() for weight, f in self.parts), arb(0))

    def numerator(self) -> fmpq_poly:
        """Of the derivative, less what it has in common with the denominator."""
        whole = fmpq_poly([1])
        for _, f in self.parts:
            whole *= f
        up = sum(
            (weight * f.derivative() * (whole // f) for weight, f in self.parts), fmpq_poly([0])
        )
        return up if up.is_zero() else up // up.gcd(whole)

    def rise(self) -> int:
        """How the criterion goes with log t at infinity."""
        return sum(weight * f.degree() for weight, f in self.parts)

    def limit(self) -> arb:
        """Its value at infinity, where `rise` is zero."""
        return sum((weight * arb(f[f.degree()]).log() for weight, f in self.parts), arb(0))


def everywhere(problem: Blocks, fit: Optimum) -> Everywhere:
    """All stationary points, compared with a proved one; `problem` is in rationals."""
    shape = shaped(problem)
    up = shape.numerator()
    places = [arb(0), *positive_zeros(up)]
    theta = fit.theta[0]
    mine = [i for i, t in enumerate(places) if t.overlaps(theta * theta)]
    if len(mine) != 1:
        raise ProofError("the reported minimum is not a zero of the derivative")
    here = shape.value(places[mine[0]])
    points = tuple((t.sqrt(), shape.value(t) - here) for t in places)
    beyond = shape.rise() > 0 or (shape.rise() == 0 and shape.limit() > here)
    return Everywhere(points, mine[0], len(positive_zeros(up, odd=False)), bool(beyond))


def valued(f: fmpq_poly, t: arb) -> arb:
    """f(t)."""
    value = arb(0)
    for c in reversed(f.coeffs()):
        value = value * t + arb(c)
    return value


def shaped(problem: Blocks) -> Shape:
    """The criterion's polynomials, from exact values at t = 0, 1, ..., q."""
    rows = [exact_values(problem, t) for t in range(problem.q + 1)]
    D, E, R = (interpolated([row[k] for row in rows]) for k in range(3))
    n, p = problem.n, problem.p
    if problem.reml:
        return Shape(((n - p, R), (1 - n + p, E)))
    return Shape(((1, D), (n, R), (-n, E)))


def exact_values(problem: Blocks, t: int) -> tuple[fmpq, fmpq, fmpq]:
    """D, E and R at t."""
    here = at(problem, [fmpq_mat([[t]])])
    E = here.det * here.XVX.det()
    return here.det * fmpq(1), E, E * here.r2[0, 0]


def interpolated(values: Sequence[fmpq]) -> fmpq_poly:
    """The polynomial through values at 0, 1, 2, ...: Newton's divided differences."""
    differences, row = [], list(values)
    for k in range(len(values)):
        differences.append(row[0])
        row = [(b - a) / (k + 1) for a, b in pairwise(row)]
    f = fmpq_poly([0])
    for k in reversed(range(len(values))):
        f = f * fmpq_poly([-k, 1]) + fmpq_poly([differences[k]])
    return f
