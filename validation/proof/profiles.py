"""Limits of a parameter by the profile of the ML criterion: where it is the minimum + chi^2.

The criterion is d(z), z = (theta, log sigma, b), with beta profiled out but for one coefficient b
that may be held.  On the profile of a parameter h(z) its gradient is mu h'(z), so that a limit is a
zero of

    d'(z) - mu h'(z) = 0,    d(z) = d_min + qchisq(0.95, 1)

in (z, mu), proved by Krawczyk's test, with d'' - mu h'' positive definite along h = constant.
The zero is found by following the profile from the optimum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flint import arb, arb_mat

from .krawczyk import System, Vector, converge, curvature_units, newton, prove_zero
from .matrices import ProofError, is_positive_definite, solve
from .optimum import prove_off_face
from .unprofiled import Criterion, Point

STEPS = 100  # along a profile
PATH = arb("1e-15")  # how close to the profile its points are
WIDER = arb("1e-45")  # radius of the box of a limit, whose target is itself a ball


def chi_square() -> arb:
    """qchisq(0.95, 1), by the inverse of the error function."""
    return 2 * (arb(95) / 100).erfinv() ** 2


@dataclass(frozen=True)
class Parameter:
    """h(z), linear in one coordinate of z; for a standard deviation, log theta_k + log sigma."""

    place: int  # the coordinate: of log sigma, of b, or of log sigma again
    log_of: int | None = None  # the entry of theta whose logarithm is added

    def value(self, z: Vector) -> arb:
        """h(z)."""
        return z[self.place] + (z[self.log_of].log() if self.log_of is not None else 0)

    def slope(self, z: Vector) -> Vector:
        """h'(z)."""
        found = [arb(i == self.place) for i in range(len(z))]
        if self.log_of is not None:
            found[self.log_of] = 1 / z[self.log_of]
        return found

    def bend(self, z: Vector) -> arb:
        """The one element of h''(z) that is not zero, on the diagonal at `log_of`."""
        return -1 / z[self.log_of] ** 2 if self.log_of is not None else arb(0)

    def tangent(self, z: Vector) -> arb_mat:
        """A basis (len z, len z - 1) of the directions along which h does not change."""
        others = [i for i in range(len(z)) if i != self.place]
        basis = arb_mat(len(z), len(others))
        for c, i in enumerate(others):
            basis[i, c] = 1
            if i == self.log_of:
                basis[self.place, c] = -1 / z[i]
        return basis


LastRow = Callable[[Vector, Point], tuple[arb, Vector]]


def conditions(d: Criterion, h: Parameter, last: LastRow) -> System:
    """d' - mu h' = 0 and one condition more, in (z, mu), with their derivative."""

    def system(both: Vector) -> tuple[Vector, arb_mat]:
        *z, mu = both
        here, slope, size = d(z), h.slope(z), len(z)
        value, row = last(z, here)
        J = arb_mat(size + 1, size + 1)
        L = lagrangian(here, h, z, mu)
        for i in range(size):
            for j in range(size):
                J[i, j] = L[i, j]
            J[i, size] = -slope[i]
            J[size, i] = row[i]
        return [g - mu * s for g, s in zip(here.gradient, slope, strict=True)] + [value], J

    return system


def lagrangian(here: Point, h: Parameter, z: Vector, mu: arb) -> arb_mat:
    """d'' - mu h''."""
    L = arb_mat(here.hessian)
    if h.log_of is not None:
        L[h.log_of, h.log_of] = L[h.log_of, h.log_of] - mu * h.bend(z)
    return L


def limit(d: Criterion, h: Parameter, start: Vector, target: arb, upward: bool) -> arb:
    """h where the profile reaches the target, above or below the start.  Raises ProofError."""

    def on_target(z: Vector, here: Point) -> tuple[arb, Vector]:
        return here.d - target, here.gradient

    system = conditions(d, h, on_target)
    middle = newton(system, follow(d, h, start, target, upward))
    _, J = system(middle)
    radius = WIDER.max(arb(2) ** 20 * arb(target.rad()))
    box, _ = prove_zero(system, middle, [unit * radius for unit in curvature_units(J)])
    *z, mu = box
    here, B = d(z), h.tangent(z)
    if not is_positive_definite(B.transpose() * lagrangian(here, h, z, mu) * B):
        raise ProofError("the profile is not proved to be a minimum")
    prove_off_face(here.F, here.triangles, d.ranks)
    found = h.value(z)
    if not (found > h.value(start) if upward else found < h.value(start)):
        raise ProofError("the limit lies on the wrong side")
    return found


def follow(d: Criterion, h: Parameter, start: Vector, target: arb, upward: bool) -> Vector:
    """A point (z, mu) of the profile just beyond the target."""
    both = [*start, arb(0)]
    step = first_step(d, h, both) / 4 * (1 if upward else -1)
    for _ in range(STEPS):
        goal = h.value(both[:-1]).mid() + step

        def reach(z: Vector, here: Point, goal: arb = goal) -> tuple[arb, Vector]:
            return h.value(z) - goal, h.slope(z)

        both, _ = converge(conditions(d, h, reach), both, PATH)
        if d(both[:-1]).d > target:
            return both
    raise ProofError("the profile does not reach the limit")


def first_step(d: Criterion, h: Parameter, both: Vector) -> arb:
    """How far h is from its limit if the profile is a parabola."""

    def still(z: Vector, here: Point) -> tuple[arb, Vector]:
        return arb(0), h.slope(z)

    _, J = conditions(d, h, still)(both)
    right = arb_mat(len(both), 1)
    right[len(both) - 1, 0] = 1
    rate = solve(J, right)[len(both) - 1, 0]  # d mu / d h
    if not rate > 0:
        raise ProofError("the profile does not begin at a minimum")
    return (2 * chi_square() / rate).sqrt().mid()
