"""The mode of u given y: found by Newton's method, and enclosed by what is left of the gradient.

    h(u) = u'u / 2 - sum log f    (eq:penalized-deviance)
is convex, with a curvature of one at least: |u - u*| <= |grad h(u)|.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import arb

from ..matrices import ProofError
from .elimination import Factored, Sparse, factor
from .model import At, Vector

STEPS, HALVINGS = 60, 40
CLOSE = arb("1e-50")  # the last step of Newton


@dataclass(frozen=True)
class Mode:
    """A box of u (q,) that has the mode at every parameter of `at`."""

    at: At
    u: Vector

    @cached_property
    def H(self) -> Factored:
        """h's second derivative over the box.  eq:mode-hessian"""
        return factor(curvature(self.at, self.u, "observed"))


def mode(at: At, start: Vector | None = None) -> Mode:
    """The mode, from a start on.  Raises ProofError."""
    u = newton(at.middle, start or [arb(0)] * at.model.q)
    off = sum((abs(x).upper() for x in gradient(at, u)), arb(0)).upper()
    return Mode(at, [x + arb(0, off) for x in u])


def newton(at: At, u: Vector) -> Vector:
    """The mode of a model at a point, nearly.  Raises ProofError."""
    value = penalized(at, u)
    for _ in range(STEPS):
        step = factor(curvature(at, u, "observed")).solve(gradient(at, u))
        for halving in range(HALVINGS):
            further = [(x - s / 2**halving).mid() for x, s in zip(u, step, strict=True)]
            lower = penalized(at, further)
            if not lower > value:
                break
        u, value = further, lower
        if all(abs(s) < CLOSE for s in step):
            return u
    raise ProofError("the mode of the random effects is not found from the start given")


def penalized(at: At, u: Vector) -> arb:
    """h(u)."""
    fitted = sum((at.family.log(i, eta) for i, eta in enumerate(at.etas(u))), arb(0))
    return sum((x * x for x in u), arb(0)) / 2 - fitted


def gradient(at: At, u: Vector) -> Vector:
    """(q,): u - A' score."""
    found = list(u)
    for i, eta in enumerate(at.etas(u)):
        score = at.family.score(i, eta)
        for a, place in zip(at.a[i], at.model.places[i], strict=True):
            found[place] = found[place] - a * score
    return found


def curvature(at: At, u: Vector, dialect: str) -> Sparse:
    """A'WA + I, with the weights of a dialect."""
    H: Sparse = [{i: arb(1)} for i in range(len(u))]
    for i, eta in enumerate(at.etas(u)):
        W = at.family.weight(i, eta, dialect)
        row = sorted(zip(at.model.places[i], at.a[i], strict=True), key=lambda pair: pair[0])
        for r, (place, a) in enumerate(row):
            Wa, into = W * a, H[place]
            for other, b in row[r:]:
                into[other] = into[other] + Wa * b if other in into else Wa * b
    return H
