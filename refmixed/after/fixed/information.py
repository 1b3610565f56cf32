"""What data tell of the covariance parameters: expected or observed, of T or of theta.

The parameters are entries of T, or of theta, and log sigma^2, which is taken out of the information
of the others as sigma is out of the criterion: it moves along with T, so that a variance
sigma^2 v0 changes by sigma^2 (dv0 - v0 fall), where fall is by how much log sigma^2 falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...covariance import unpacked
from ...derivatives import directions, hessian, moves
from ...errors import OptionError
from ...evaluation import Evaluation, diagonal
from ...identifiability import flat_moves
from ...linalg import Array
from ..estimated import Estimated
from .slopes import Slopes

Kind = Literal["observed", "expected"]
Parameters = Literal["theta", "T"]
FLAT = 1e-10  # an eigenvalue of the scaled information this small, relatively, counts as zero
SEEN = 1e-6  # of a covariance, what a flat move may change by rounding errors
NOT_POSITIVE = (
    "the observed information is not positive here, as may be away from a minimum, and in T where "
    "a variance is zero: the expected one always is, by df='satterthwaite-expected' or "
    "'kenward-roger'"
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

    def is_told(self, of: Slopes) -> Array:
        """(l, l) whether nothing that the criterion does not tell moves a covariance."""
        lost = np.abs(np.tensordot(self.flat, self.rest(of), 1))  # (any, l, l)
        sizes = np.sqrt(np.diag(of.cov))
        return np.asarray(lost.max(axis=0, initial=0.0) <= SEEN * np.outer(sizes, sizes))


def information(here: Estimated, kernel: Array, kind: Kind, parameters: Parameters) -> Information:
    """The information at an Estimated.  Raises OptionError where an observed one is not positive.

    In theta a zero column of a factor stays zero, as theta's slopes there are zero; entries of T
    move from a zero as from any other value.  Along a kernel (1 + m, any) nothing is told.
    """
    at, design = here.at, here.design
    flat = flat_moves(design, kernel, here.theta) if kernel.size else np.zeros((design.m, 0))
    ways = directions(design, here.theta, kernel)  # (m, any)  of theta
    if parameters == "theta":
        steps = ways.T @ moves(at)  # (any, N)
    else:
        rest = np.linalg.svd(flat)[0][:, flat.shape[1] :] if flat.size else np.eye(design.m)
        steps = in_pairs(here, rest)
    fall = at.layout.pairs(at.C) / at.dof  # (N,)
    if kind == "expected":
        H = expected(at, steps)
    else:
        fall = at.layout.pairs(at.aa) / at.pwrss
        H = ways.T @ hessian(at) @ ways if parameters == "theta" else observed(at, steps)
    told, noise = inverse_root(H, np.sqrt(np.einsum("an,nm,am->a", steps, at.spread, steps)))
    lost = np.vstack([noise @ steps, in_pairs(here, flat)])
    return Information(told @ steps, lost, fall, at.dof)


def in_pairs(here: Estimated, packed: Array) -> Array:
    """(any, N): symmetric moves of T, of columns (m, any) as `covariance.packed` has them."""
    blocks = (diagonal(unpacked(here.design, move)) for move in packed.T)
    none = np.zeros((0, len(here.at.layout.left)))
    return np.vstack([none, *(here.at.layout.pairs(D)[None] for D in blocks)])


def expected(at: Evaluation, steps: Array) -> Array:
    """(any, any): tr(P V_a P V_b) of moves of T, less what sigma takes.  eq:expected-profiled"""
    C = steps @ at.layout.pairs(at.C)  # (any,)
    return steps @ at.spread @ steps.T - np.outer(C, C) / at.dof


def observed(at: Evaluation, steps: Array) -> Array:
    """(any, any): the second derivatives of the criterion in T.  eq:observed-profiled"""
    aa = steps @ at.layout.pairs(at.aa) / at.pwrss  # (any,)
    bend = 2.0 * steps @ at.bend @ steps.T / at.pwrss - np.outer(aa, aa)
    return at.dof * bend - steps @ at.spread @ steps.T


def inverse_root(H: Array, sizes: Array) -> tuple[Array, Array]:
    """B (any, m) with B'B the inverse of H (m, m) as far as it has one, and flat directions."""
    sizes = np.where(sizes > 0, sizes, 1.0)
    values, vectors = np.linalg.eigh(H / np.outer(sizes, sizes))
    noise = FLAT * np.abs(values).max(initial=0.0)
    if values.min(initial=0.0) < -noise:
        raise OptionError(NOT_POSITIVE)
    told, rows = values > noise, vectors.T / sizes
    return rows[told] / np.sqrt(values[told])[:, None], rows[~told]
