"""The likelihood where each row has two effects, one within the other, by a rule for either.

    l_b = log int phi(v) prod_j I_j(v) dv,    I_j(v) = int phi(u) prod_i f_i(eta_i) du
j are the inner levels within the outer level b.  The outer nodes stand about the joint mode; at
each of them the inner integrals are those of a model of one effect (`pair`), with its own modes.
The gradient is the posterior mean of the slope of log f(y | u), Fisher's identity (eq:fisher): that
of the likelihood itself, which the rules give to all digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import logsumexp

from ..linalg import Array
from .families import Gamma
from .model import At
from .pair import Pair
from .pirls import Mode, mode
from .quadrature import Quadrature, Rule

AT_ONCE = 1_000_000  # values of eta that are held


@dataclass(frozen=True)
class Inside:
    """The inner integrals at N values of the outer effects, and what is expected given these."""

    logs: Array  # (N, levels)  log prod_j I_j
    score: Array  # (N, n)  E[score | y, v]
    moment: Array  # (N, n)  E[score u | y, v], u the inner effect
    in_dispersion: Array  # (N, n)  E[slope of log f in log dispersion | y, v], or zeros


def inside(at: At, pair: Pair, V: Array, rule: Rule) -> Inside:
    """The inner integrals at V (N, levels)."""
    found = [summary(Quadrature(m, rule), pair) for m in parts(at, pair, V, rule)]
    names = Inside.__dataclass_fields__
    return Inside(*[np.concatenate([getattr(p, name) for p in found]) for name in names])


def parts(at: At, pair: Pair, V: Array, rule: Rule) -> Iterator[Mode]:
    """The modes of the inner effects at V (N, levels), so many of the N at once as memory has."""
    size = max(1, AT_ONCE // (len(rule.z) * len(pair.inner)))
    for k in range(0, len(V), size):
        yield mode(pair.given(at, V[k : k + size]))


def summary(found: Quadrature, pair: Pair) -> Inside:
    """What is kept of the inner integrals."""
    family, score, u = found.mode.at.family, found.local.score, found.U[:, found.codes]
    slope = np.zeros(score.shape)
    if isinstance(family, Gamma):
        slope = family.slope_in_log_dispersion(found.eta)
    means = [found.mean(values) for values in (score, score * u, slope)]
    by_inner = found.by_levels.reshape(-1, len(pair.within))
    return Inside(pair.over_inner(by_inner), *[m.reshape(-1, len(pair.inner)) for m in means])


@dataclass(frozen=True)
class Nested:
    """Minus the log-likelihood by two rules, and its gradient."""

    mode: Mode
    pair: Pair
    rule: Rule  # of the outer effect
    inner: Rule

    @property
    def levels(self) -> int:
        """Of the outer effect."""
        return self.pair.levels

    @property
    def codes(self) -> Array:
        """(n,): the outer level of each row."""
        return self.pair.outer

    @property
    def a(self) -> Array:
        """(n,): of the rows of Z Lambda what the outer effects vary."""
        return self.mode.at.loaded.a[:, self.pair.columns[1]]

    def by_level(self, values: Array) -> Array:
        """(..., n) -> (..., levels): sums over the rows of each level."""
        return self.pair.by_level(values)

    @cached_property
    def c(self) -> Array:
        """(levels,): the conditional standard deviations of v, by Laplace."""
        o = self.pair.columns[1]
        variances = np.empty(self.pair.levels)
        variances[self.codes] = self.mode.H.blocks()[:, o, o]
        return np.sqrt(variances)

    @cached_property
    def v(self) -> Array:
        """(levels,): the outer effects at the joint mode."""
        return self.pair.outer_of(self.mode.u, self.mode.at.model.rows.places)

    @cached_property
    def r(self) -> Array:
        """(inner levels,): how the mode of u moves with v; a path of u off the line may, too."""
        a0, a1 = self.mode.at.loaded.a[:, self.pair.columns].T
        W, size = self.mode.local.observed.W, len(self.pair.within)
        across, own = (np.bincount(self.pair.inner, W * a0 * a, size) for a in (a1, a0))
        return -across / (1.0 + own)  # eq:nested-path

    @property
    def turn(self) -> Array:
        """(n,): what Im eta is where Im v is 1 and Im u is r.  eq:nested-path"""
        return self.a + self.mode.at.loaded.a[:, self.pair.columns[0]] * self.r[self.pair.inner]

    @property
    def length(self) -> Array:
        """(levels,): the squared length of that move of v and u."""
        return 1.0 + np.bincount(self.pair.within, self.r**2, self.levels)

    @cached_property
    def V(self) -> Array:
        """(N, levels): the outer nodes."""
        return self.v + self.rule.z[:, None] * self.c

    @cached_property
    def inside(self) -> Inside:
        """The inner integrals there."""
        return inside(self.mode.at, self.pair, self.V, self.inner)

    @cached_property
    def logs(self) -> Array:
        """(N, levels): the logarithms of what is summed."""
        return self.rule.log_w[:, None] - self.V**2 / 2.0 + self.inside.logs

    @cached_property
    def slopes(self) -> Array:
        """(N, levels): those of -log of the integrand, in v."""
        return self.V - self.by_level(self.a * self.inside.score)

    @cached_property
    def by_levels(self) -> Array:
        """(levels,): the log-likelihood of the rows of each outer level.  eq:nested-integral"""
        return np.log(self.c) + logsumexp(self.logs, axis=0)

    @property
    def value(self) -> float:
        """-l."""
        return -float(self.by_levels.sum())

    @cached_property
    def P(self) -> Array:
        """(N, n): how much of the integral of its level each node has."""
        return np.exp(self.logs - logsumexp(self.logs, axis=0))[:, self.codes]

    @property
    def gradient_beta(self) -> Array:
        """(p,): -X' E[score | y].  eq:fisher"""
        return -self.mode.at.model.X.T @ (self.P * self.inside.score).sum(axis=0)

    @property
    def gradient_theta(self) -> Array:
        """(m,): -E[score' Z dLambda u | y].  eq:fisher"""
        rows, (i, o) = self.mode.at.model.rows, self.pair.columns
        moments = np.empty((len(rows.z), 2))  # (n, K)  E[score u | y]
        moments[:, i] = (self.P * self.inside.moment).sum(axis=0)
        moments[:, o] = (self.P * self.inside.score * self.V[:, self.codes]).sum(axis=0)
        return -rows.layout.entries(rows.z.T @ moments)

    @property
    def gradient_dispersion(self) -> Array:
        """(0 or 1,): in the log of the dispersion."""
        if not isinstance(self.mode.at.family, Gamma):
            return np.zeros(0)
        return np.array([-(self.P * self.inside.in_dispersion).sum()])

    @property
    def gradient(self) -> Array:
        """(p + m + 0 or 1,)."""
        return np.concatenate([self.gradient_beta, self.gradient_theta, self.gradient_dispersion])
