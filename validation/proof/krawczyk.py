"""Newton's method and the test of Krawczyk: exactly one zero of a function in a box.

For a function g with derivative H, a box X about a point m and any matrix Y,

    K(X) = m - Y g(m) + (I - Y H(X)) (X - m)

contains every zero that X does, and where K(X) lies inside X there is exactly one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, log10

from flint import arb, arb_mat

from .matrices import ProofError, column, eye, inverse, is_positive_definite, middle, solve

Vector = list[arb]
System = Callable[[Vector], tuple[Vector, arb_mat]]  # a point or a box -> g and H there

RADIUS = arb("1e-60")  # of the box, in units of 1 / sqrt(curvature)
PLACES = 80  # significant digits of its middle: the same whatever the start was
CLOSE = arb("1e-75")  # the last step of Newton, in the same units
STEPS = 60


def newton(system: System, start: Sequence[float | arb]) -> Vector:
    """The zero to which Newton's method leads, rounded.  Raises ProofError."""
    point, units = converge(system, start, CLOSE)
    return [rounded(x, unit) for x, unit in zip(point, units, strict=True)]


def converge(system: System, start: Sequence[float | arb], close: arb) -> tuple[Vector, Vector]:
    """Newton's method until a step is as small as `close`; the units of the coordinates too."""
    point = [arb(x).mid() for x in start]
    for _ in range(STEPS):
        g, H = system(point)
        step = solve(middle(H), column(middle(H), [x.mid() for x in g]))
        point = [(x - step[i, 0]).mid() for i, x in enumerate(point)]
        if not all(x.is_finite() for x in point):
            break
        units = curvature_units(H)
        if all(abs(step[i, 0]) < unit * close for i, unit in enumerate(units)):
            return point, units
    raise ProofError("Newton's method does not converge from the start given")


def rounded(x: arb, unit: arb) -> arb:
    """x to so many places after the first digit of its unit."""
    places = PLACES - floor(log10(float(unit)))
    nearest = (x * arb(10) ** places + arb(0.5)).floor().unique_fmpz()
    return (arb(nearest) / arb(10) ** places).mid()


def curvature_units(H: arb_mat) -> Vector:
    """1 / sqrt |H_ii|: how far a coordinate moves for a unit of the criterion."""
    return [
        1 / abs(H[i, i].mid()).sqrt() if H[i, i].mid() != 0 else arb(1) for i in range(H.nrows())
    ]


def prove_zero(system: System, middle_point: Vector, radii: Vector) -> tuple[Vector, arb_mat]:
    """A box in which `system` has exactly one zero, and H over the box.  Raises ProofError."""
    box = [x + arb(0, r) for x, r in zip(middle_point, radii, strict=True)]
    g, _ = system(middle_point)
    _, H = system(box)
    Y = middle(inverse(middle(H)))
    away = column(H, [x - m for x, m in zip(box, middle_point, strict=True)])
    image = (eye(H, len(box)) - Y * H) * away - Y * column(H, g)
    closer = [m + image[i, 0] for i, m in enumerate(middle_point)]
    if not all(b.contains_interior(c) for b, c in zip(box, closer, strict=True)):
        raise ProofError("no zero is proved in the box: it is off, or too wide")
    return box, H


def prove_minimum(system: System, middle_point: Vector) -> Vector:
    """A box with exactly one stationary point, a strict minimum.  Raises ProofError."""
    if not middle_point:
        return []
    units = curvature_units(system(middle_point)[1])
    box, H = prove_zero(system, middle_point, [u * RADIUS for u in units])
    if not is_positive_definite(H):
        raise ProofError("the Hessian is not positive definite over the box")
    return box
