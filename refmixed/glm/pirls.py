"""The mode of u given y: Newton's steps, as penalized iteratively reweighted least squares.

    (A'WA + I) u = A'W z,    z = A u + score / W    (eq:working-response, eq:pirls)
W are the observed weights: with them the steps are Newton's for any link, and converge as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import OptionError
from ..linalg import EPS, Array
from .families import Local, Weights
from .model import At
from .systems import System

STEPS, HALVINGS = 100, 40
EXACT = 1e-10  # a step so short, relative, leaves its square to the next


@dataclass(frozen=True)
class Mode:
    """u at the minimum of h, and h's second derivative there."""

    at: At
    u: Array  # (q,)
    eta: Array  # (n,)
    h: float
    local: Local

    @cached_property
    def H(self) -> System:
        """A'WA + I with the observed weights, h's second derivative.  eq:mode-hessian"""
        return self.at.model.factored(self.at.loaded, self.local.observed.W)

    @property
    def weights(self) -> Weights:
        """Those of the dialect."""
        dialect = self.at.model.dialect
        return self.local.observed if dialect == "observed" else self.local.expected

    @cached_property
    def G(self) -> System:
        """The same with the weights of the dialect, whose determinant Laplace takes."""
        same = self.at.model.dialect == "observed" or self.at.family.is_canonical
        return self.H if same else self.at.model.factored(self.at.loaded, self.weights.W)


def mode(at: At, u: Array | None = None) -> Mode:
    """The mode of u (q,) given y, from a start on.  Raises OptionError where there is none."""
    u = np.zeros(at.model.rows.q) if u is None else u
    now, last = state(at, u), np.inf
    for _ in range(STEPS):
        step = now.H.solve(at.loaded.transposed_times(now.local.score) - now.u)  # eq:pirls
        size = float(np.abs(step).max(initial=0.0) / (1.0 + np.abs(now.u).max(initial=0.0)))
        if size <= 2 * EPS or (last < 1e-6 and size > last / 2):
            return now
        lower = downhill(now, step)
        if lower is None:
            return now
        now, last = lower, size
        if size <= EXACT:
            return now
    raise OptionError("the mode of the random effects was not found: parameters are too large")


def state(at: At, u: Array) -> Mode:
    """h and its derivatives at u (q,)."""
    eta = at.eta(u)
    local = at.family.at(eta)
    return Mode(at, u, eta, float(u @ u / 2.0 - local.log.sum()), local)


def downhill(now: Mode, step: Array) -> Mode | None:
    """A state that is not above this one, after a step or half of it, and so on; else None."""
    noise = 4 * EPS * (abs(now.h) + np.abs(now.local.log).sum())
    for halving in range(HALVINGS):
        with np.errstate(over="ignore", invalid="ignore"):
            further = state(now.at, now.u + 0.5**halving * step)
        if further.h <= now.h + noise:
            return further
    return None
