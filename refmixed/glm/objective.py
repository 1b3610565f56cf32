"""What a search minimises: minus a log-likelihood, its gradient and differences of that."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import OptionError
from ..linalg import Array
from .likelihoods import By, Likelihood
from .model import Model

CENTRAL, ONE_SIDED = 6e-6, 1e-7  # differences of parameters that lose as much as rounding does
LARGE = 50.0  # weights of rows: above, the rounding of a gradient grows with them

Point = tuple[Array, float, Array]  # parameters, the value and the gradient there


@dataclass
class Objective:
    """Minus the log-likelihood of a model; the last mode is where the next one is sought."""

    model: Model
    by: By
    u: Array | None = field(default=None, repr=False)
    larger: float = 1.0  # how many times so large the rounding of a gradient is

    def likelihood(self, psi: Array) -> Likelihood:
        """At parameters psi.  Raises OptionError, LinAlgError."""
        found = self.by(self.model, psi, self.u)
        self.u = found.mode.u
        self.larger = max(1.0, float(found.mode.local.observed.W.max()) / LARGE)
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
        steps = self.steps(psi, CENTRAL * self.larger ** (1 / 3))[moving]
        rows = [(self.at(psi + s)[1] - self.at(psi - s)[1]) / (2.0 * s.max()) for s in steps]
        return symmetric(rows, moving)

    def rough_hessian(self, psi: Array, gradient: Array, moving: Array) -> Array:
        """The same with half the digits, by differences to one side."""
        steps = self.steps(psi, ONE_SIDED * self.larger ** (1 / 2))[moving]
        return symmetric([(self.at(psi + s)[1] - gradient) / s.max() for s in steps], moving)

    @staticmethod
    def steps(psi: Array, size: float) -> Array:
        """A step of each parameter, on the diagonal."""
        return size * np.diag(np.maximum(1.0, np.abs(psi)))


def symmetric(rows: list[Array], moving: Array) -> Array:
    """A Hessian of differences, of the parameters that move."""
    H = np.array(rows).reshape(len(rows), len(moving))[:, moving]
    return (H + H.T) / 2.0
