"""A strict local maximum of a log-likelihood, proved: in the interior, or where a variance is zero.

Krawczyk's test proves exactly one stationary point in a box, and that -l is convex over the box.
Where columns of Lambda are zero, l is even in each: its slopes there vanish, and it falls off the
boundary where minus its second derivative in those entries is positive definite (eq:kkt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, arb_mat

from ..krawczyk import converge, prove_zero
from ..matrices import ProofError, is_positive_definite, symmetric
from .integral import Second
from .likelihoods import Likelihood
from .mode import Mode, mode
from .model import Generalized, Vector

BITS = 256  # of every proof
RADIUS = arb("1e-30")  # of the box, in units of 1 / sqrt(curvature)
CLOSE = arb("1e-20")  # the last step of Newton: what is left is its square


@dataclass(frozen=True)
class Maximum:
    """A proved maximum: psi in a box, zero exactly on the boundary."""

    psi: Vector  # (d,)
    held: tuple[int, ...]  # which are zero
    loglik: arb
    mode: Mode  # over the box

    @property
    def interior(self) -> bool:
        """Whether no variance is zero."""
        return not self.held


def prove(model: Generalized, of: Likelihood, start: Sequence[float]) -> Maximum:
    """The maximum to which Newton's method leads from a start in floats.  Raises ProofError."""
    held = zeros(model, start)
    moving = [k for k in range(model.d) if k not in held]
    system = System(model, of, moving)
    middle, units = converge(system, [start[k] for k in moving], CLOSE)
    box, H = prove_zero(system, middle, [u * RADIUS for u in units])
    if not is_positive_definite(H):
        raise ProofError("minus the log-likelihood is not proved to be convex over the box")
    here = system.mode(box)
    require_pivots(model, here.at.theta)
    if held and not is_positive_definite(negative(of.second(here, held))):
        raise ProofError("off a variance of zero the log-likelihood is not proved to fall")
    return Maximum(here.at.psi, held, of.value(here), here)


@dataclass
class System:
    """Minus the gradient and the Hessian of a log-likelihood in the parameters that move."""

    model: Generalized
    of: Likelihood
    moving: Sequence[int]
    u: Vector | None = None  # the last mode

    def __call__(self, values: Vector) -> tuple[Vector, arb_mat]:
        """At a point or over a box of parameters."""
        found = self.of.second(self.mode(values), self.moving)
        return [-x for x in found.gradient], negative(found)

    def mode(self, values: Vector) -> Mode:
        """The mode at such a point, or over such a box."""
        psi = [arb(0)] * self.model.d
        for k, x in zip(self.moving, values, strict=True):
            psi[k] = x
        found = mode(self.model.at(psi), self.u)
        self.u = [x.mid() for x in found.u]
        return found


def negative(found: Second) -> arb_mat:
    """Minus the Hessian."""
    return symmetric(found.hessian.nrows(), lambda k, m: -found.hessian[k, m])


def zeros(model: Generalized, start: Sequence[float]) -> tuple[int, ...]:
    """Which parameters are in columns of Lambda that are zero.  Raises ProofError.

    Of a term the first columns must be those that are not, as a canonical factor has them.
    """
    theta = {(e.row, e.column): start[model.p + k] for k, e in enumerate(model.entries)}
    empty = {j for i, j in theta if i == j and theta[i, j] == 0.0}
    for e in model.entries:
        if e.column in empty and theta[e.row, e.column] != 0.0:
            raise ProofError("below a pivot of zero there are entries of theta that are not zero")
        if e.column in empty and e.row not in empty:
            raise ProofError("a variance is zero before one that is not: another order is needed")
    return tuple(model.p + k for k, e in enumerate(model.entries) if e.column in empty)


def require_pivots(model: Generalized, theta: Vector) -> None:
    """Raises ProofError unless the pivots are proved to be zero or positive."""
    pivots = [x for e, x in zip(model.entries, theta, strict=True) if e.row == e.column]
    if not all(x == 0 or x > 0 for x in pivots):
        raise ProofError("a pivot of the factor is not proved to be positive")
