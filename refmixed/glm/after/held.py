"""The likelihood where one parameter is held, all others at their best.

A parameter is held by one linear equation, a'psi = b: a coefficient, the log dispersion, an entry
of theta.  A standard deviation is the first entry of theta where its effect comes first in the
term; a correlation r of the first two effects has root(1 - r^2) Lambda_21 = r Lambda_22.  eq:held
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...after.limits.parameters import Parameter, triangle
from ...covariance import canonical, factors, flatten, is_diagonal
from ...linalg import Array
from ...r.parts import with_effects
from ..descent import descend
from ..likelihoods import Kind
from ..model import Model
from ..objective import Objective
from ..scaled import Scaled, scaled

AWAY = 0.05  # in the coordinates of the search: from zeros, where slopes vanish by symmetry


class Plane(Objective):
    """Minus the log-likelihood where psi = foot + N x."""

    def __init__(self, model: Model, by: Any, foot: Array, N: Array) -> None:
        super().__init__(model, by)
        self.foot, self.N = foot, N

    def at(self, x: Array) -> tuple[float, Array]:
        """The value and the gradient in x."""
        value, gradient = super().at(self.foot + self.N @ x)
        return value, self.N.T @ gradient


@dataclass(frozen=True)
class Point:
    """The best that there is with a parameter at a value."""

    value: float  # of sigma its logarithm
    height: float  # minus the log-likelihood
    slope: float  # of that in the value
    inner: Array  # psi in the coordinates of the search


@dataclass(frozen=True)
class Held:
    """A model whose parameter is held; its effects come first."""

    parameter: Parameter
    model: Model
    kind: Kind
    ways: Scaled
    order: tuple[int, ...]  # of the effects of the parameter's term

    @classmethod
    def of(cls, fit: Any, parameter: Parameter) -> Held:
        """A parameter of a fit."""
        terms, order = list(fit.design.terms), ()
        if parameter.kind in ("sd", "cor"):
            k = terms[parameter.t].k
            first = dict.fromkeys((parameter.i, parameter.j)[: 1 + (parameter.kind == "cor")])
            order = tuple(dict.fromkeys([*first, *range(k)]))
            terms[parameter.t] = with_effects(terms[parameter.t], np.array(order))
        model = replace(fit.model, design=replace(fit.design, terms=tuple(terms)))
        return cls(parameter, model, fit.kind, scaled(model), order)

    def begin(self, psi: Array) -> Array:
        """psi of the fit, in the coordinates of the search, off zeros."""
        beta, theta, rest = self.model.split(psi)
        if self.order:
            triangles = factors(self.model.design, theta)
            t = self.parameter.t
            triangles[t] = canonical(triangles[t][list(self.order)])
            theta = flatten(triangles)
        inner = self.ways.inward(np.concatenate([beta, theta, rest]))
        p, m, _ = self.model.sizes
        pivots = inner[p : p + m]
        pivots[is_diagonal(self.model.design) & (pivots == 0.0)] = AWAY
        return inner

    def psi(self, point: Point) -> Array:
        """psi of the fit's model at a point."""
        beta, theta, rest = self.model.split(self.ways.out(point.inner))
        if self.order:
            triangles, t = factors(self.model.design, theta), self.parameter.t
            triangles[t] = canonical(triangles[t][np.argsort(self.order)])
            theta = flatten(triangles)
        return np.concatenate([beta, theta, rest])

    def equation(self, value: float) -> tuple[Array, float]:
        """a (any,) and b.  eq:held"""
        p, m, _ = self.model.sizes
        a, places = np.zeros(sum(self.model.sizes)), self.places
        if self.parameter.kind == "cor":
            a[p + places[0]], a[p + places[1]] = np.sqrt(max(0.0, 1.0 - value**2)), -value
            return a, 0.0
        if self.parameter.kind == "sigma":
            a[p + m] = 1.0
            return a, 2.0 * value
        a[self.parameter.i if self.parameter.kind == "beta" else p + places[0]] = 1.0
        return a, value

    @property
    def places(self) -> tuple[int, int]:
        """Of a term's entries in theta: that which is held, or the two of the second row."""
        parameter = self.parameter
        before = sum(term.m for term in self.model.design.terms[: parameter.t])
        if parameter.kind == "cor":
            k = self.model.design.terms[parameter.t].k
            return before + 1, before + k
        if parameter.kind == "theta":
            pairs = triangle(self.model.design.terms[parameter.t].k)
            return before + pairs.index((parameter.i, parameter.j)), before
        return before, before

    def moved(self, value: float, psi: Array) -> float:
        """The derivative of b - a'psi in the value."""
        p, places = self.model.sizes[0], self.places
        if self.parameter.kind == "sigma":
            return 2.0
        if self.parameter.kind != "cor":
            return 1.0
        one, other = psi[p + places[0]], psi[p + places[1]]
        return float(value / np.sqrt(max(1e-300, 1.0 - value**2)) * one + other)

    def at(self, value: float, begin: Array) -> Point:
        """The minimum with the parameter at a value, from a start on.  eq:profile"""
        a, b = self.equation(value)
        c = self.ways.back.T @ a  # (any,)
        foot = begin + c * (b - c @ begin) / (c @ c)
        N = np.linalg.qr(c[:, None], mode="complete")[0][:, 1:]  # (any, any - 1)
        by = self.kind.near(self.ways.model, foot)
        moving = np.full(N.shape[1], True)
        x = descend(Plane(self.ways.model, by, foot, N), np.zeros(len(moving)), moving)
        inner = foot + N @ x
        height, gradient = Objective(self.ways.model, by).at(inner)
        multiplier = float(c @ gradient / (c @ c))
        return Point(value, height, multiplier * self.moved(value, self.ways.out(inner)), inner)
