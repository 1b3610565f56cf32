"""What the trapezoidal rule leaves out of the integral over gamma of the rows of one level.

Between the nodes 2 M / (exp(2 pi Y / step) - 1) at most, M being the integral of the modulus on the
edge of the strip |Im gamma| <= Y (eq:trapezoid-error); at the ends what follows from the soft
integrand's log-concavity (eq:trapezoid-ends).  The bounds hold for all parameters of a polydisc,
complex ones among them, so that derivatives have bounds by Cauchy's inequality.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from flint import acb, arb, arb_series, ctx

from ..matrices import ProofError
from .model import At, Vector
from .modulus import Soft, half_width, soft

BITS = 64  # of the bounds
SHARES = ("0.1", "0.25", "0.4", "0.55", "0.7", "0.85", "0.95")  # of the widest strip
WIDEST = 14  # strips, in conditional standard deviations
NEWTON = 4
MOST = 20_000  # nodes to a side


class Grid(NamedTuple):
    """Nodes centre + k step, k from -left to right, and a bound of what they leave out."""

    centre: arb
    step: arb
    left: int
    right: int
    error: arb

    @property
    def nodes(self) -> Vector:
        """They."""
        return [self.centre + k * self.step for k in range(-self.left, self.right + 1)]


@dataclass(frozen=True)
class Edge:
    """exp(kappa - h(t)) bounds the modulus of the integrand at t + i Y; h'' >= alpha."""

    rows: list[tuple[arb, arb, Soft]]  # eta at gamma = 0, z and the soft density of each row
    alpha: arb
    kappa: arb

    def h(self, t: arb) -> tuple[arb, arb, arb]:
        """h and two derivatives."""
        x = arb_series([t, 1], prec=3)
        found = self.alpha / 2 * x * x
        for eta, z, density in self.rows:
            found = found - density.log(eta + z * x)
        return found[0], found[1], 2 * found[2]

    def largest(self, t: arb) -> tuple[arb, arb]:
        """M, and where h is lowest, from a start on: h >= h(t) - h'(t)^2 / (2 alpha)."""
        for _ in range(NEWTON):
            _, slope, bend = self.h(t)
            t = (t - slope / bend).mid()
        value, slope, _ = self.h(t)
        least = value - slope * slope / (2 * self.alpha)
        return (self.kappa - least).exp() * (2 * arb.pi() / self.alpha).sqrt(), t

    def beyond(self, t: arb, step: arb, side: int) -> arb:
        """The sum of all nodes further out than t, times the step; not finite where h falls."""
        value, slope, _ = self.h(t)
        growth = side * slope * step
        return step * (self.kappa - value).exp() / growth.expm1() if growth > 0 else arb.pos_inf()


@dataclass(frozen=True)
class Polydisc:
    """The integrand of some rows for parameters within `radii` (d,) of those of `at`."""

    at: At
    radii: Vector
    members: list[int]

    @cached_property
    def rho(self) -> Vector:
        """How far eta of each row may be off."""
        rows = (self.at.model.rows[i] for i in self.members)
        return [sum((abs(x) * self.radii[k] for k, x in row), arb(0)).upper() for row in rows]

    @cached_property
    def theta(self) -> acb:
        """A box of the standard deviation."""
        return disc(self.at.theta[0], self.radii[self.at.model.p])

    @cached_property
    def lam(self) -> acb:
        """A box of the log dispersion."""
        return disc(self.at.lam, self.radii[-1] if self.at.model.family.has_dispersion else arb(0))

    @property
    def widest(self) -> arb:
        """The widest strip that has a bound."""
        half, z = half_width(self.at.model.family), self.at.model.z
        found = [(half - r) / abs(z[i][0]) for i, r in zip(self.members, self.rho, strict=True)
                 if z[i][0] != 0]  # fmt: skip
        return min(found, key=float, default=half)

    def edge(self, Y: arb) -> Edge:
        """The edge of the strip.  Re (t + i Y)^2 / theta^2 >= alpha t^2 - beta Y^2."""
        at, rows = self.at, []
        for i, rho in zip(self.members, self.rho, strict=True):
            z = at.model.z[i][0]
            y = (abs(z) * Y + rho).upper()
            rows.append((at.fixed[i], z, soft(at.model.family, i, y, rho, self.lam)))
        inverse = 1 / (self.theta * self.theta)
        alpha = (inverse.real - abs(inverse.imag)).lower()
        if not alpha > 0:
            raise ProofError("a standard deviation is not proved to be positive")
        beta = inverse.real + abs(inverse.imag)
        kappa = beta * Y * Y / 2 - (abs(self.theta) * (2 * arb.pi()).sqrt()).log()
        return Edge(rows, alpha, kappa + sum((row[2].kappa for row in rows), arb(0)))


def disc(middle: arb, radius: arb) -> acb:
    """A box about a disc of complex numbers."""
    return acb(middle + arb(0, radius.upper()), arb(0, radius.upper()))


def grid(inside: Polydisc, centre: arb, spread: arb, tolerance: arb) -> Grid:
    """Nodes that leave less than a tolerance out.  Raises ProofError where that is not proved."""
    with ctx.workprec(BITS):
        step, between = widest_step(inside, centre, spread, tolerance / 2)
        line = inside.edge(arb(0))
        left, right = (reach(line, centre, step, side, tolerance / 4) for side in (-1, 1))
        ends = sum(
            (line.beyond(centre + side * count * step, step, side) for side, count in
             ((-1, left), (1, right))), arb(0))  # fmt: skip
        error = (between + ends).upper()
    if not error < tolerance:
        raise ProofError("the trapezoidal rule is not proved to be exact enough")
    return Grid(centre, step, left, right, error)


def widest_step(inside: Polydisc, centre: arb, spread: arb, tolerance: arb) -> tuple[arb, arb]:
    """The widest step that any strip allows, and its error.  eq:trapezoid-error"""
    best, error, t = arb(0), arb.pos_inf(), centre
    widest = min(inside.widest, WIDEST * spread, key=float)
    for share in SHARES:
        Y = (arb(share) * widest).mid()
        M, t = inside.edge(Y).largest(t)
        step = (2 * arb.pi() * Y / (1 + 2 * M / tolerance).log()).lower()
        if step.is_finite() and step > best:
            best, error = step, 2 * M / (2 * arb.pi() * Y / step).expm1()
    return best, error


def reach(line: Edge, centre: arb, step: arb, side: int, tolerance: arb) -> int:
    """How many steps to a side leave less than a tolerance beyond.  Raises ProofError."""
    counts = [8]
    while counts[-1] < MOST:
        counts.append(counts[-1] + 1 + counts[-1] // 8)
    for _, count in pairwise(counts):
        if line.beyond(centre + side * count * step, step, side) < tolerance:
            return count
    raise ProofError("the integrand has no end within many nodes")
