"""Down to a minimum: BFGS while that gains much, then Newton's method with differences."""

from __future__ import annotations

import numpy as np

from ..errors import PerfectFitError, SeparationError
from ..linalg import EPS, Array
from .model import Model
from .objective import Objective, Point
from .units import in_units

STEPS, HALVINGS, ROUNDS = 300, 40, 10
LITTLE = 1e-7  # of the criterion: what is left to Newton's method
LAST = 1e-11  # a step so short, relative, is the last
SLOW = 1e-2  # steps that shrink less are better made with a Hessian of this place
LARGEST = 1e3  # of a parameter, in the coordinates of the search
LEAST = 1e-10  # of a dispersion, the square of a coefficient of variation
ARMIJO = 1e-4


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
            refuse_endless(objective.model, psi, moving)
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
        refuse_endless(objective.model, psi, moving)
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
    """The inverse of a symmetric matrix, its eigenvalues made positive, its diagonal being ones."""
    sizes, values, vectors = in_units(H)
    positive = np.maximum(np.abs(values), 1e-8 * np.abs(values).max(initial=1.0))
    return np.asarray((vectors / positive) @ vectors.T) / np.outer(sizes, sizes)


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


def refuse_endless(model: Model, psi: Array, moving: Array) -> None:
    """Raises SeparationError or PerfectFitError where parameters are on their way to infinity."""
    if np.abs(psi).max(initial=0.0) > LARGEST:
        raise SeparationError(
            "the likelihood rises while an estimate grows without bound: in the data a group or a "
            "predictor tells all responses apart; leave it out, or give more data"
        )
    if model.sizes[2] and moving[-1] and psi[-1] < np.log(LEAST):
        raise PerfectFitError(
            "the model reproduces the responses, to one part in 100,000 at least: the dispersion "
            "is on its way to zero, and the likelihood has no bound; leave terms out"
        )
