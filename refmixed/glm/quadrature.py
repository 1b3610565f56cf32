"""The integral over each scalar random effect by a rule about its mode, and its gradient.

    l_j = log c_j + log sum_k exp(log w_k - h_j(u_j + c_j z_k)),    c_j = H_j^-1/2   (eq:agq)
Gauss and Hermite's rule of one node is Laplace's approximation; the trapezoidal rule (`strip`) has
all digits.  A parameter moves h at each node, and the nodes, through u_j and c_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import logsumexp

from ..linalg import Array
from .families import Gamma, Local
from .pirls import Mode


@dataclass(frozen=True)
class Rule:
    """sum_k exp(log_w_k) g(z_k) stands for the integral of g over the line, over root(2 pi)."""

    z: Array  # (N,)
    log_w: Array  # (N,)


@cache
def gauss_hermite(N: int) -> Rule:
    """Exact for exp(-z^2/2) times a polynomial of degree 2 N - 1.  eq:gauss-hermite"""
    z, w = hermegauss(N)
    return Rule(z, np.log(w / np.sqrt(2.0 * np.pi)) + z**2 / 2.0)


def trapezoid(step: float, left: int, right: int) -> Rule:
    """Nodes from -left to right steps.  eq:trapezoid"""
    z = step * np.arange(-left, right + 1)
    return Rule(z, np.full(len(z), np.log(step / np.sqrt(2.0 * np.pi))))


@dataclass(frozen=True)
class Quadrature:
    """Minus the log-likelihood of one scalar random term by a rule, and its gradient."""

    mode: Mode
    rule: Rule

    @cached_property
    def c(self) -> Array:
        """(levels,): the conditional standard deviations of u, by Laplace."""
        return np.sqrt(self.inverse_G)

    @cached_property
    def inverse_G(self) -> Array:
        """(levels,): of the dialect's H."""
        return self.mode.G.solve(np.ones(self.levels))

    @property
    def levels(self) -> int:
        """Random effects."""
        return self.mode.at.model.rows.q

    @property
    def codes(self) -> Array:
        """(n,): the level of each row."""
        return self.mode.at.model.rows.places[:, 0]

    @property
    def a(self) -> Array:
        """(n,): the rows of Z Lambda."""
        return self.mode.at.loaded.a[:, 0]

    @property
    def turn(self) -> Array:
        """(n,): what Im eta is where Im u is 1."""
        return self.a

    @property
    def length(self) -> Array:
        """(levels,): the squared length of that move of u."""
        return np.ones(self.levels)

    @cached_property
    def U(self) -> Array:
        """(N, levels): the nodes."""
        return self.mode.u + self.rule.z[:, None] * self.c

    @cached_property
    def eta(self) -> Array:
        """(N, n)."""
        return self.mode.at.fixed + self.a * self.U[:, self.codes]

    @cached_property
    def local(self) -> Local:
        """log f and its slopes at the nodes, (N, n) each."""
        return self.mode.at.family.at(self.eta)

    def by_level(self, values: Array) -> Array:
        """(..., n) -> (..., levels): sums over the rows of each level."""
        order, starts = self.mode.at.model.rows.sorted_levels
        return np.add.reduceat(values[..., order], starts, axis=-1)

    @cached_property
    def logs(self) -> Array:
        """(N, levels): the logarithms of what is summed."""
        h = self.U**2 / 2.0 - self.by_level(self.local.log)
        return self.rule.log_w[:, None] - h

    @cached_property
    def by_levels(self) -> Array:
        """(levels,): the log-likelihood of the rows of each level.  eq:agq"""
        return np.log(self.c) + logsumexp(self.logs, axis=0)

    @property
    def value(self) -> float:
        """-l."""
        return -float(self.by_levels.sum())

    @cached_property
    def P(self) -> Array:
        """(N, levels): how much of the integral each node has."""
        return np.exp(self.logs - logsumexp(self.logs, axis=0))

    def mean(self, values: Array) -> Array:
        """(n,): the mean of values (N, n) over the nodes."""
        return np.einsum("kn,kn->n", self.P[:, self.codes], values)

    @cached_property
    def slopes(self) -> Array:
        """(N, levels): dh / du at the nodes."""
        return self.U - self.by_level(self.a * self.local.score)

    @cached_property
    def h_slope(self) -> Array:
        """(N, levels): the same, times P."""
        return self.P * self.slopes

    @cached_property
    def half(self) -> Array:
        """(levels,): minus the slope of l_j in H_j, through the nodes' scale.  eq:agq-scale"""
        spread = self.rule.z @ self.h_slope * self.c
        return (1.0 - spread) * self.inverse_G / 2.0

    @cached_property
    def turned(self) -> Array:
        """(n,): what H_j's slope in each eta moves."""
        return (self.half[self.codes] * self.a**2) * self.mode.weights.slope

    @cached_property
    def pull(self) -> Array:
        """(levels,): minus the slope of l_j in u_j, over h's curvature.  eq:agq-mode"""
        slope = self.h_slope.sum(axis=0) + self.by_level(self.a * self.turned)
        return self.mode.H.solve(slope)

    @cached_property
    def through(self) -> Array:
        """(n,): what each eta at the mode moves, of the nodes."""
        return self.turned - self.mode.local.observed.W * self.a * self.pull[self.codes]

    @property
    def in_eta(self) -> Array:
        """(n,): the slope of -l in the fixed part of each row.  eq:agq-beta"""
        return self.through - self.mean(self.local.score)

    @property
    def in_a(self) -> Array:
        """(n,): the slope of -l in each a.  eq:agq-theta"""
        codes, W = self.codes, self.mode.weights.W
        of_nodes = -self.mean(self.local.score * self.U[:, codes])
        of_H = 2.0 * self.half[codes] * self.a * W
        of_mode = self.through * self.mode.u[codes] + self.mode.local.score * self.pull[codes]
        return of_nodes + of_H + of_mode

    @property
    def gradient_beta(self) -> Array:
        """(p,)."""
        return self.mode.at.model.X.T @ self.in_eta

    @property
    def gradient_theta(self) -> Array:
        """(1,)."""
        return np.array([self.mode.at.model.rows.z[:, 0] @ self.in_a])

    @property
    def gradient_dispersion(self) -> Array:
        """(0 or 1,): in the log of the dispersion."""
        at, local = self.mode.at, self.mode.local
        if not isinstance(at.family, Gamma):
            return np.zeros(0)
        of_nodes = -self.mean(at.family.slope_in_log_dispersion(self.eta)).sum()
        of_W = (self.half[self.codes] * self.a**2) @ self.mode.weights.W
        return np.array([of_nodes - of_W - (self.a * self.pull[self.codes]) @ local.score])

    @property
    def gradient(self) -> Array:
        """(p + 1 + 0 or 1,)."""
        return np.concatenate([self.gradient_beta, self.gradient_theta, self.gradient_dispersion])
