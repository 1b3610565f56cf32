"""Which likelihood is maximised: Laplace's, one by so many nodes, the exact one, or nagq = 0's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..linalg import Array
from . import strip
from .laplace import Laplace
from .pirls import Mode
from .quadrature import Quadrature, gauss_hermite


class Likelihood(Protocol):
    """Minus a log-likelihood and its gradient, at a mode."""

    @property
    def mode(self) -> Mode:
        """Of u given y."""
        ...

    @property
    def value(self) -> float:
        """-l."""
        ...

    @property
    def gradient(self) -> Array:
        """In beta, theta and log dispersion."""
        ...


By = Callable[[Mode], Likelihood]


def by_nodes(nagq: int) -> By:
    """Laplace's, or by Gauss and Hermite's rule of more nodes than one."""
    if nagq == 1:
        return Laplace
    rule = gauss_hermite(nagq)
    return lambda mode: Quadrature(mode, rule)


@dataclass(frozen=True)
class Exact:
    """The likelihood itself, with an error below 10^-digits."""

    digits: float

    def __call__(self, mode: Mode) -> Likelihood:
        """By the trapezoidal rule that gives so many digits."""
        return Quadrature(mode, strip.rule(mode, self.digits))
