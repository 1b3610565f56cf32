"""What data tell of the covariance parameters: expected or observed, of T or of theta.

The parameters are entries of T, or of theta, and log sigma^2, which is taken out of the information
of the others as sigma is out of the criterion: it moves along with T, so that a variance
sigma^2 v0 changes by sigma^2 (dv0 - v0 fall), where fall is by how much log sigma^2 falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..covariance import layout
from ..derivatives import directions, hessian, moves
from ..errors import OptionError
from ..evaluation import Evaluation
from ..linalg import Array
from .estimated import Estimated
from .slopes import Slopes

Kind = Literal["observed", "expected"]
Parameters = Literal["theta", "T"]
FLAT = 1e-10  # an eigenvalue of the scaled information this small, relatively, counts as zero
SEEN = 1e-6  # of a covariance, what a flat move may change by rounding errors
NO_MINIMUM = (
    "the observed information is not positive here, as theta is no minimum of the criterion: "
    "df='satterthwaite-expected' has one everywhere"
)


@dataclass(frozen=True)
class Information:
    """Its inverse, 2 told'told, of moves of T with sigma at its best, and where it has none."""

    told: Array  # (any, N)  moves of T, a standard deviation over root 2 each
    flat: Array  # (any, N)  moves of T of which the criterion tells nothing
    fall: Array  # (N,)  of log sigma^2 as T moves
    dof: int  # the information on log sigma^2, twice

    def moved(self, of: Slopes) -> Array:
        """(any, l, l): what the covariance of contrasts becomes along each such move."""
        return np.tensordot(self.told, self.rest(of), 1)

    def rest(self, of: Slopes) -> Array:
        """(N, l, l): slopes of sigma^2 cov over sigma^2, sigma moving along."""
        return of.along - self.fall[:, None, None] * of.cov  # eq:profiled-slope

    def is_told(self, of: Slopes) -> bool:
        """Whether nothing that the criterion does not tell moves the covariance."""
        lost = np.tensordot(self.flat, self.rest(of), 1)  # (any, l, l)
        sizes = np.sqrt(np.diag(of.cov))
        return bool((np.abs(lost) <= SEEN * np.outer(sizes, sizes)).all())


def information(here: Estimated, kind: Kind, parameters: Parameters) -> Information:
    """The information at an Estimated.  Raises OptionError where an observed one is not positive.

    In theta a zero column of a factor stays zero, as theta's slopes there are zero; entries of T
    move from a zero as from any other value.
    """
    at, design = here.at, here.design
    if parameters == "theta":
        ways = directions(design, here.theta)  # (m, any)
        steps = ways.T @ moves(at)  # (any, N)
    else:
        ways, steps = np.eye(design.m), layout(design).units  # (m, N)
    fall = at.layout.pairs(at.C) / at.dof  # (N,)
    if kind == "expected":
        H = expected(at, steps)
    else:
        fall = at.layout.pairs(at.aa) / at.pwrss
        H = ways.T @ hessian(at) @ ways if parameters == "theta" else observed(at, steps)
    told, flat = inverse_root(H, np.sqrt(np.einsum("an,nm,am->a", steps, at.spread, steps)))
    return Information(told @ steps, flat @ steps, fall, at.dof)


def expected(at: Evaluation, steps: Array) -> Array:
    """(any, any): tr(P V_a P V_b) of moves of T, less what sigma takes.  eq:information"""
    C = steps @ at.layout.pairs(at.C)  # (any,)
    return steps @ at.spread @ steps.T - np.outer(C, C) / at.dof


def observed(at: Evaluation, steps: Array) -> Array:
    """(any, any): the second derivatives of the criterion in T.  eq:hessian, T linear"""
    aa = steps @ at.layout.pairs(at.aa) / at.pwrss  # (any,)
    bend = 2.0 * steps @ at.bend @ steps.T / at.pwrss - np.outer(aa, aa)
    return at.dof * bend - steps @ at.spread @ steps.T


def inverse_root(H: Array, sizes: Array) -> tuple[Array, Array]:
    """B (any, m) with B'B the inverse of H (m, m) as far as it has one, and flat directions."""
    sizes = np.where(sizes > 0, sizes, 1.0)
    values, vectors = np.linalg.eigh(H / np.outer(sizes, sizes))
    noise = FLAT * np.abs(values).max(initial=0.0)
    if values.min(initial=0.0) < -noise:
        raise OptionError(NO_MINIMUM)
    told, rows = values > noise, vectors.T / sizes
    return rows[told] / np.sqrt(values[told])[:, None], rows[~told]
