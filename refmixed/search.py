"""A way to compute the criterion, and the criterion of one design computed that way."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from .design import Design
from .evaluation import Evaluation, Posterior
from .linalg import Array

ROUNDING = 1e-13  # of the criterion, relative
MOST = 1.001  # of a residual sum of squares, over that of least squares
LARGEST = 1e7  # relative standard deviation; beyond it the residuals are rounding errors


class Route(Protocol):
    """A way to compute the same numbers: `marginal` by definition, `penalized` from q x q."""

    def prepare(self, design: Design, /) -> Any:
        """What the functions below take, made once for all theta."""
        ...

    def numbers(self, design: Design, /) -> float:
        """How many numbers the arrays of a fit hold."""
        ...

    def criterion(self, prepared: Any, theta: Array, reml: bool = True, /) -> float:
        """The criterion at theta."""
        ...

    def evaluate(self, prepared: Any, theta: Array, reml: bool = True, /) -> Evaluation:
        """The criterion and the pieces of its derivatives."""
        ...

    def posterior(self, design: Design, theta: Array, /) -> Posterior:
        """The random effects given y."""
        ...


class Search:
    """The criterion of one design by one route."""

    def __init__(
        self, design: Design, reml: bool, route: Route, kernel: Array | None = None
    ) -> None:
        self.design, self.reml, self.route = design, reml, route
        self.prepared = route.prepare(design)
        self.largest = LARGEST
        self.kernel = np.zeros((1 + design.m, 0)) if kernel is None else kernel

    def at(self, theta: Array) -> Evaluation:
        """The model at theta."""
        return self.route.evaluate(self.prepared, theta, self.reml)

    def criterion(self, theta: Array) -> float:
        """The criterion at theta; inf where rounding leaves a matrix without its factor."""
        try:
            return self.route.criterion(self.prepared, theta, self.reml)
        except np.linalg.LinAlgError:
            return np.inf

    def is_sound(self, at: Evaluation) -> bool:
        """Whether theta was not too large for doubles: least squares leave n of pwrss here."""
        return at.is_sound and at.pwrss <= MOST * self.design.n

    def noise(self, criterion: float) -> float:
        """The rounding error of a criterion."""
        return ROUNDING * (abs(criterion) + self.design.n)
