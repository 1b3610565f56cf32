"""The criterion in theta and log sigma, with one coefficient held if need be, and its derivatives.

beta is profiled out, all of it or all but the coefficient that is held.  All proofs rest on the
gradient and the Hessian that are made here.  eq:gradient, eq:hessian
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from .engine import At, at, covariances, determinants, factors
from .krawczyk import Vector
from .matrices import Matrix, symmetric
from .problem import Blocks
from .slopes import (
    Entry,
    along,
    bend,
    curvature,
    gradient,
    inner_products,
    moved,
    push,
    residual_products,
    slopes,
    spread,
)


def face(problem: Blocks, ranks: Sequence[int]) -> list[Entry]:
    """The entries of theta in the columns that are not zero, of terms of these ranks."""
    return [(t, i, j) for t, i, j in problem.entries if j < ranks[t]]


def embedded(problem: Blocks, free: Sequence[Entry], values: Vector) -> Vector:
    """All of theta (m,), zeros off the face."""
    found = dict(zip(free, values, strict=True))
    return [found.get(entry, arb(0)) for entry in problem.entries]


@dataclass(frozen=True)
class Point:
    """d, its gradient and its Hessian at z, or over a box; F of each term, and its factor."""

    d: arb
    gradient: Vector
    hessian: arb_mat
    F: list[Matrix]
    triangles: list[Matrix]


@dataclass(frozen=True)
class Criterion:
    """-2 log-likelihood as a function of z = (free entries of theta, log sigma, and b)."""

    problem: Blocks  # with a second column of Y where a coefficient b is held
    ranks: tuple[int, ...]

    @property
    def free(self) -> list[Entry]:
        """The entries of theta that are not zero."""
        return face(self.problem, self.ranks)

    def __call__(self, z: Vector) -> Point:
        """The criterion at z."""
        m = len(self.free)
        here, triangles = self.model(z[:m])
        return self.derivatives(here, triangles, z[m], z[m + 1] if len(z) > m + 1 else None)

    def model(self, values: Vector) -> tuple[At, list[Matrix]]:
        """The model at free entries of theta, and the factors."""
        triangles = factors(self.problem, embedded(self.problem, self.free, values))
        return at(self.problem, covariances(triangles)), triangles

    def derivatives(
        self, here: At, triangles: list[Matrix], log_sigma: arb, b: arb | None = None
    ) -> Point:
        """d = log determinants + dof (2 log sigma + log 2 pi) + r^2 / sigma^2, and so on."""
        problem, free, m = self.problem, self.free, len(self.free)
        scale = (-2 * log_sigma).exp()  # 1 / sigma^2
        r2, slope, bent = squares(here, b)
        a, x = combined(here, b), [] if b is None else residual_products(here, 1)
        F = slopes(here, scale, a)
        directions = along(problem, triangles, free)
        Ka = [moved(here, direction, a) for direction in directions]
        pushed = [push(here, direction) for direction in directions]
        falls = [inner_products(a, e, here.N) for e in Ka]  # a'dT a, by which r^2 falls

        def second(i: int, j: int) -> arb:
            """i <= j: entries of theta, then log sigma, then b."""
            if j < m:
                log_part = spread(here, pushed[i], pushed[j], problem.reml)
                quadratic = 2 * scale * bend(here, Ka[i], Ka[j])
                return curvature(F, free[i], free[j]) - log_part + quadratic
            if j == m:
                return 2 * scale * falls[i] if i < m else 4 * scale * r2
            if i < m:
                return 2 * scale * inner_products(x, Ka[i], here.N)
            return -2 * scale * slope if i == m else scale * bent

        dof = problem.dof
        d = determinants(here, problem.weights) + scale * r2
        d += dof * (2 * log_sigma + (2 * arb.pi()).log())
        g = [*gradient(triangles, F, free), 2 * dof - 2 * scale * r2]
        g += [] if b is None else [scale * slope]
        return Point(d, g, symmetric(len(g), second), F, triangles)


def squares(here: At, b: arb | None) -> tuple[arb, arb, arb]:
    """r^2 of y - b x, and its first and second derivative in b."""
    if b is None:
        return here.r2[0, 0], arb(0), arb(0)
    yy, xy, xx = here.r2[0, 0], here.r2[0, 1], here.r2[1, 1]
    return yy - 2 * b * xy + b * b * xx, 2 * (b * xx - xy), 2 * xx


def combined(here: At, b: arb | None) -> list[Matrix]:
    """Z'P(y - b x) of each block."""
    a = residual_products(here)
    if b is None:
        return a
    return [y - x * b for y, x in zip(a, residual_products(here, 1), strict=True)]
