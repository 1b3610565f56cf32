"""The maximum of a likelihood over beta, theta and dispersion: BFGS, then Newton's method.

The gradient is exact; the Hessian is its differences.  theta needs no bounds, since only Lambda
Lambda' matters; a pivot that comes out nearly zero is tried as zero, and from a point where the
Hessian has a negative eigenvalue the search goes on along that.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..covariance import is_diagonal, layout, tidy
from ..design import Design
from ..errors import OptionError, SeparationError
from ..linalg import EPS, Array
from .likelihoods import By, Likelihood
from .model import Model
from .pirls import mode

STEPS, HALVINGS, ROUNDS = 300, 40, 10
NEARLY_ZERO = 0.03  # pivots below this are tried as zeros
CENTRAL, ONE_SIDED = 6e-6, 1e-7  # differences of parameters that lose as much as rounding does
LITTLE = 1e-7  # of the criterion: what is left to Newton's method
LAST = 1e-11  # a step so short, relative, is the last
SLOW = 1e-2  # steps that shrink less are better made with a Hessian of this place
LARGEST = 1e3  # of a parameter, in the coordinates of the search
ARMIJO = 1e-4


Point = tuple[Array, float, Array]  # parameters, the value and the gradient there


@dataclass
class Objective:
    """Minus the log-likelihood of a model; the last mode is where the next one is sought."""

    model: Model
    by: By
    u: Array | None = field(default=None, repr=False)

    def likelihood(self, psi: Array) -> Likelihood:
        """At parameters psi.  Raises OptionError, LinAlgError."""
        found = self.by(mode(self.model.at(psi), self.u))
        self.u = found.mode.u
        return found

    def at(self, psi: Array) -> tuple[float, Array]:
        """The value and the gradient; inf where there is none."""
        try:
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                found = self.likelihood(psi)
                value, gradient = found.value, found.gradient
        except (OptionError, np.linalg.LinAlgError):
            self.u = None
            return np.inf, psi
        return (value, gradient) if np.isfinite(gradient).all() else (np.inf, psi)

    def hessian(self, psi: Array, moving: Array) -> Array:
        """Of the parameters that move: central differences of the gradient.  eq:glmm-hessian"""
        steps = self.steps(psi, CENTRAL)[moving]
        rows = [(self.at(psi + s)[1] - self.at(psi - s)[1]) / (2.0 * s.max()) for s in steps]
        return symmetric(rows, moving)

    def rough_hessian(self, psi: Array, gradient: Array, moving: Array) -> Array:
        """The same with half the digits, by differences to one side."""
        steps = self.steps(psi, ONE_SIDED)[moving]
        return symmetric([(self.at(psi + s)[1] - gradient) / s.max() for s in steps], moving)

    @staticmethod
    def steps(psi: Array, size: float) -> Array:
        """A step of each parameter, on the diagonal."""
        return size * np.diag(np.maximum(1.0, np.abs(psi)))


def symmetric(rows: list[Array], moving: Array) -> Array:
    """A Hessian of differences, of the parameters that move."""
    H = np.array(rows).reshape(len(rows), len(moving))[:, moving]
    return (H + H.T) / 2.0


@dataclass(frozen=True)
class Found:
    """A minimum of the objective: parameters, the gradient and the Hessian there."""

    psi: Array
    value: float
    gradient: Array
    moving: Array  # whether a parameter is not held at a boundary


def minimize(objective: Objective, begin: Array) -> Found:
    """The lowest point that is found from a start on.  Raises SeparationError."""
    everything = np.full(len(begin), True)
    psi = begin
    for _ in range(ROUNDS):
        psi = descend(objective, psi, everything)
        psi, moving = zeros_tried(objective, psi)
        value, gradient = objective.at(psi)
        H = objective.rough_hessian(psi, gradient, everything) if not moving.all() else np.eye(1)
        further = off_a_saddle(objective, psi, value, H)
        if further is None:
            break
        psi = further
    return Found(psi, value, gradient, moving)


def descend(objective: Objective, psi: Array, moving: Array) -> Array:
    """From a start to a point where the gradient is rounding: BFGS, the last steps Newton's."""
    if not moving.any():
        return psi
    psi, value, gradient = bfgs(objective, psi, moving)
    for _ in range(ROUNDS):
        B, last = downhill(objective.rough_hessian(psi, gradient, moving)), np.inf
        while True:
            step = expanded(-B @ gradient[moving], moving)
            lower = shorten(objective, psi, value, gradient, step)
            size = float(np.abs(step).max() / (1.0 + np.abs(psi).max()))
            if lower is None or size <= LAST:
                return psi if lower is None else lower[0]
            psi, value, gradient = lower
            if size > last * SLOW:  # the Hessian is another here
                break
            last = size
    return psi


def bfgs(objective: Objective, psi: Array, moving: Array) -> Point:
    """Steps with an inverse Hessian that is learned on the way, until they gain little."""
    value, gradient = objective.at(psi)
    B = downhill(objective.rough_hessian(psi, gradient, moving))
    for _ in range(STEPS):
        step = expanded(-B @ gradient[moving], moving)
        lower = shorten(objective, psi, value, gradient, step)
        if lower is None:
            break
        s, d = (lower[0] - psi)[moving], (lower[2] - gradient)[moving]
        gain, (psi, value, gradient) = value - lower[1], lower
        refuse_large(psi)
        if gain <= LITTLE * (1.0 + abs(value)):
            break
        B = learned(B, s, d)
    return psi, value, gradient


def expanded(step: Array, moving: Array) -> Array:
    """A step of all parameters, zero of those that are held."""
    whole = np.zeros(len(moving))
    whole[moving] = step
    return whole


def learned(B: Array, s: Array, d: Array) -> Array:
    """BFGS's inverse Hessian after a step s in which the gradient changed by d.  eq:bfgs"""
    if s @ d <= 1e-12 * np.linalg.norm(s) * np.linalg.norm(d):
        return B
    left = np.eye(len(s)) - np.outer(s, d) / (s @ d)
    return left @ B @ left.T + np.outer(s, s) / (s @ d)


def downhill(H: Array) -> Array:
    """The inverse of a symmetric matrix, its eigenvalues made positive."""
    values, vectors = np.linalg.eigh(H)
    sizes = np.maximum(np.abs(values), 1e-8 * np.abs(values).max(initial=1.0))
    return np.asarray((vectors / sizes) @ vectors.T)


def shorten(
    objective: Objective, psi: Array, value: float, gradient: Array, step: Array
) -> Point | None:
    """The point after a step, or half of it, and so on, that is lower; None where none is."""
    slope, noise = float(gradient @ step), 8 * EPS * (1.0 + abs(value))
    for halving in range(HALVINGS):
        share = 0.5**halving
        further = psi + share * step
        lower, there = objective.at(further)
        if lower <= value + ARMIJO * share * slope + noise:
            return further, lower, there
    return None


def zeros_tried(objective: Objective, psi: Array) -> tuple[Array, Array]:
    """psi with small pivots of theta zero, where that costs nothing; which parameters move."""
    p, m, _ = objective.model.sizes
    design, moving = objective.model.design, np.full(len(psi), True)
    psi = psi.copy()
    psi[p : p + m] = tidy(design, psi[p : p + m])
    small = is_diagonal(design) & (psi[p : p + m] < NEARLY_ZERO)
    if not small.any():
        return psi, moving
    trial = psi.copy()
    trial[p : p + m] = tidy(design, psi[p : p + m], NEARLY_ZERO)
    held = moving.copy()
    held[p : p + m] = ~below(design, trial[p : p + m])
    trial = descend(objective, trial, held)
    value = objective.at(psi)[0]
    is_as_low = objective.at(trial)[0] <= value + 1e-11 * (1.0 + abs(value))
    return (trial, held) if is_as_low else (psi, moving)


def below(design: Design, theta: Array) -> Array:
    """(m,) whether an entry of theta is a zero pivot, or below one."""
    where = layout(design)
    zero = set(where.rows[(where.rows == where.columns) & (theta == 0.0)])
    return np.array([c in zero for c in where.columns], dtype=bool)


def off_a_saddle(objective: Objective, psi: Array, value: float, H: Array) -> Array | None:
    """A lower point along the Hessian's most negative eigenvector; None where it has none."""
    values, vectors = np.linalg.eigh(H)
    if values[0] >= -1e-5 * np.abs(values).max():
        return None
    for length in (0.3, 0.1, 0.03, 0.01):
        for sign in (1.0, -1.0):
            further = psi + sign * length * vectors[:, 0]
            if objective.at(further)[0] < value - 1e-9 * (1.0 + abs(value)):
                return np.asarray(further)
    return None


def refuse_large(psi: Array) -> None:
    """Raises SeparationError where parameters are on their way to infinity."""
    if np.abs(psi).max(initial=0.0) > LARGEST:
        raise SeparationError(
            "the likelihood rises while an estimate grows without bound: in the data a group or a "
            "predictor tells all responses apart; leave it out, or give more data"
        )
