"""A way to compute the criterion, and the criterion of one design computed that way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from . import blocked, marginal, penalized
from .blocked.crossproducts import CrossProducts
from .checks import not_one_of
from .design import Design
from .evaluation import Evaluation
from .linalg import DENSE, PART, Array, afford
from .ranef import Posterior

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

    def posterior(self, design: Design, theta: Array, beta_known: bool = True, /) -> Posterior:
        """The random effects given y."""
        ...

    def V0inv_times(self, design: Design, theta: Array, B: Array, /) -> Array:
        """V0^-1 B (n, any)."""
        ...

    def error_variances(self, design: Design, theta: Array, rows: Design, /) -> Array:
        """(r,): of predictions of the rows of a design with the same levels, over sigma^2."""
        ...

    def error_covariance(self, design: Design, theta: Array, rows: Design, /) -> Array:
        """(r, r)."""
        ...


ROUTES: dict[str, Route] = {"penalized": penalized, "blocked": blocked, "marginal": marginal}
CHOICES = ("auto", *ROUTES)


def chosen(route: str, design: Design) -> str:
    """The route: "auto" is "blocked" where there is a random term.  Raises OptionError."""
    if not isinstance(route, str) or route not in CHOICES:
        raise not_one_of("route", route, CHOICES)
    if route != "auto":
        return route
    return "blocked" if design.terms else "penalized"


@contextmanager
def room(design: Design, route: str) -> Iterator[Route]:
    """A route, where there is memory for what it makes.  Raises MemoryLimitError."""
    way, advice = ROUTES[route], PART if route == chosen("auto", design) else DENSE
    with afford(len(design.y), design.p, design.q, way.numbers(design), advice):
        yield way


class Search:
    """The criterion of one design by one route."""

    def __init__(
        self, design: Design, reml: bool, route: Route, kernel: Array | None = None
    ) -> None:
        self.design, self.reml, self.route = design, reml, route
        self.prepared = route.prepare(design)
        self.largest = LARGEST
        self.last: tuple[Array, Evaluation] | None = None
        self.kernel = np.zeros((1 + design.m, 0)) if kernel is None else kernel

    def at(self, theta: Array) -> Evaluation:
        """The model at theta; the last one is kept, since it is asked for again."""
        if self.last is None or not np.array_equal(self.last[0], theta):
            self.last = theta.copy(), self.route.evaluate(self.prepared, theta, self.reml)
        return self.last[1]

    def pwrss(self, theta: Array) -> float:
        """The residual sum of squares at theta, by the blocked route if there is a theta."""
        if not self.design.terms:
            return self.at(theta).pwrss
        return float(blocked.solve(self.products, theta, self.reml).pwrss)

    def criterion(self, theta: Array) -> float:
        """The criterion at theta; inf where rounding leaves a matrix without its factor."""
        try:
            return self.route.criterion(self.prepared, theta, self.reml)
        except np.linalg.LinAlgError:
            return np.inf

    @cached_property
    def products(self) -> CrossProducts:
        """What the blocked route takes, whatever the route: it takes many theta at once."""
        if isinstance(self.prepared, CrossProducts):
            return self.prepared
        return blocked.prepare(self.design)

    def criteria(self, thetas: Array, which: Array | None = None) -> Array:
        """The criterion (b,) at many theta (b, m); of many responses, which (b,) each is for."""
        products = self.products.of(which)
        try:
            return blocked.criteria(products, thetas, self.reml)
        except np.linalg.LinAlgError:  # at one of them at least
            if len(thetas) == 1:
                return np.array([np.inf])
        rows = np.arange(len(thetas)) if which is None else which
        pairs = zip(thetas[:, None], rows[:, None], strict=True)
        return np.concatenate([self.criteria(theta, row) for theta, row in pairs])

    def many(self, thetas: Array, which: Array) -> Evaluation:
        """The model at many theta, where the criterion is finite."""
        return blocked.evaluate(self.products.of(which), thetas, self.reml)

    @cached_property
    def work(self) -> float:
        """About how many multiplications one criterion takes by the blocked route."""
        return blocked.work(self.products)

    def is_sound(self, at: Evaluation) -> bool:
        """Whether theta was not too large for doubles: least squares leave n of pwrss here."""
        return at.is_sound and at.pwrss <= MOST * self.design.n

    def noise(self, criterion: float) -> float:
        """The rounding error of a criterion."""
        return ROUNDING * (abs(criterion) + self.design.n)
