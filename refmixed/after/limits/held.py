"""The criterion with sigma, and some coefficients, not at their best, and its derivatives.

x = (shifts of the coefficients that are held, v), v as in `chart`: d(x) is -2 log-likelihood with
only the other coefficients at their best.  eq:unprofiled
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ... import blocked
from ...coordinates import Coordinates
from ...covariance import canonical, flatten
from ...derivatives import paired
from ...design import Design
from ...evaluation import Evaluation
from ...linalg import EPS, Array, solve_upper
from ...search import ROUNDING, Route, Search
from .chart import Chart

ERRORS = 10.0  # rounding errors in a sum of squares


@dataclass(frozen=True)
class Local:
    """d at one x, its gradient, and its Hessian in v (of shifts the Hessian is not needed)."""

    x: Array  # (h + m + 1,)
    height: float
    gradient: Array  # (h + m + 1,)
    hessian: Array  # (m + 1, m + 1)
    at: Evaluation


@dataclass(frozen=True)
class Shifted:
    """Coefficients that are held: their directions of X~ are taken to the response.  eq:held-beta

    beta_J = rows (c + size beta~), and rows = R' Q1': X~ Q1 holds, X~ Q2 is left.
    """

    ways: Coordinates
    best: Array  # (p,)  beta~ where nothing is held
    held: tuple[int, ...]  # J
    errors: Array  # (h,)  their standard errors

    @cached_property
    def turned(self) -> tuple[Array, Array]:
        """Q (p, p) and R (h, h)."""
        rows = solve_upper(self.ways.LX, np.eye(len(self.best)))[list(self.held)]  # (h, p)
        Q, R = np.linalg.qr(rows.T, mode="complete")
        return Q, R[: len(self.held)]

    @cached_property
    def columns(self) -> tuple[Array, Array]:
        """X~ Q1 (n, h) and X~ Q2 (n, p - h)."""
        turned, h = self.ways.design.X @ self.turned[0], len(self.held)
        return turned[:, :h], turned[:, h:]

    def along(self, shift: Array) -> Array:
        """(h,): Q1'beta~ for a shift (h,) of the coefficients that are held."""
        Q, R = self.turned
        return Q[:, : len(shift)].T @ self.best + np.linalg.solve(R.T, shift) / self.ways.size

    def search(self, shift: Array, reml: bool, route: Route) -> Search:
        """The model with the coefficients held."""
        design, (X1, X2) = self.ways.design, self.columns
        y = design.y - X1 @ self.along(shift)  # (n,)
        return Search(replace(design, y=y, X=X2), reml, route)

    def slope(self, at: Evaluation, sigma: float) -> Array:
        """(h,): the derivative of d in the shift, -2 x'W (conditional residuals) / sigma^2."""
        if not self.held:
            return np.zeros(0)
        weighted = self.ways.design.weights * at.residuals  # (n,)  V0^-1 (y - X beta)
        inner = -2.0 * self.columns[0].T @ weighted / sigma**2  # (h,)  eq:held-slope
        return np.linalg.solve(self.turned[1], inner) / self.ways.size

    def beta(self, shift: Array, rest: Array) -> Array:
        """beta (p,) of the given model, of what is left for the other coefficients (p - h,)."""
        beta = self.turned[0] @ np.concatenate([self.along(shift), rest])  # (p,)  beta~
        return solve_upper(self.ways.LX, self.ways.c + self.ways.size * beta)


@dataclass(frozen=True)
class Held:
    """The criterion of a model as a function of x."""

    chart: Chart
    shifted: Shifted
    reml: bool
    route: Route
    known: dict[bytes, Search]  # by the shift; the last one

    @property
    def h(self) -> int:
        """Coefficients that are held."""
        return len(self.shifted.held)

    @property
    def m(self) -> int:
        """Entries of theta."""
        return len(self.chart.layout.rows)

    def noise(self, here: Local) -> float:
        """The rounding error of d, larger where residuals are small beside those of y on X."""
        n = self.design.n
        return float(ROUNDING * (abs(here.height) + n) + ERRORS * EPS * n**2 / here.at.pwrss)

    @property
    def design(self) -> Design:
        """The design of the search."""
        return self.shifted.ways.design

    def se(self, i: int) -> float:
        """The standard error of a coefficient that is held, theta at its best."""
        return float(self.shifted.errors[i])

    def search(self, shift: Array) -> Search:
        """The model at a shift; the last one is kept."""
        if shift.tobytes() not in self.known:
            self.known.clear()
            self.known[shift.tobytes()] = self.shifted.search(shift, self.reml, self.route)
        return self.known[shift.tobytes()]

    def at(self, x: Array) -> Local:
        """d, its gradient and its Hessian.  Raises numpy's LinAlgError where rounding prevails."""
        shift, v = x[: self.h], x[self.h :]
        B, dB, ddB = self.chart.factors(v)
        at = self.search(shift).at(self.theta(B))
        sigma = float(np.exp(v[-1]))
        gradient, hessian = derivatives(at, B, dB, ddB, sigma)
        slope = self.shifted.slope(at, sigma)
        height = unprofiled(at.criterion, at.pwrss, at.dof, v[-1])
        return Local(x, float(height), np.concatenate([slope, gradient]), hessian, at)

    def theta(self, B: Array) -> Array:
        """theta~ (m,) of a factor."""
        return flatten(canonical(block) for block in self.chart.layout.blocks(B))

    def heights(self, xs: Array) -> Array:
        """(b,): d at many x (b, h + m + 1) of one shift; inf where rounding prevails."""
        search = self.search(xs[0, : self.h])
        thetas = np.array([self.theta(self.chart.factors(x[self.h :])[0]) for x in xs])
        stacks = thetas if search.products.takes_one else [thetas]
        try:
            found = [blocked.solve(search.products, stack, self.reml) for stack in stacks]
        except np.linalg.LinAlgError:
            return np.full(len(xs), np.inf)
        dof = search.design.n - (self.shifted.best.size if self.reml else 0)
        criterion = np.hstack([at.criterion for at in found])
        pwrss = np.hstack([at.pwrss for at in found])
        return np.asarray(unprofiled(criterion, pwrss, dof, xs[:, -1]))


def unprofiled(criterion: Any, pwrss: Any, dof: int, log_sigma: Any) -> Any:
    """The criterion at some sigma, of that at the best one.  eq:unprofiled"""
    best = dof * (1.0 + np.log(pwrss / dof))
    return criterion - best + dof * 2.0 * log_sigma + pwrss * np.exp(-2.0 * log_sigma)


def derivatives(
    at: Evaluation, B: Array, dB: Array, ddB: Array, sigma: float
) -> tuple[Array, Array]:
    """Gradient (m + 1,) and Hessian (m + 1, m + 1) of d in v.

    eq:unprofiled-gradient, eq:unprofiled-hessian
    """
    of, s2 = at.layout, sigma**2
    F = at.C - at.aa / s2  # (K, K)
    dT = of.pairs(dB @ B.T + B @ dB.swapaxes(-1, -2))  # (m + 1, N)
    falls = dT @ of.pairs(at.aa) / s2  # (m + 1,)
    gradient = 2.0 * np.tensordot(dB, F @ B)  # (m + 1,)
    gradient[-1] += 2.0 * at.dof - 2.0 * at.pwrss / s2
    H = 2.0 * np.tensordot(ddB, F @ B)
    H += 2.0 * np.tensordot(F @ dB, dB, ((1, 2), (1, 2)))
    H += paired(dT, 2.0 * at.bend / s2 - at.spread)
    H[-1] += 2.0 * falls
    H[:, -1] += 2.0 * falls
    H[-1, -1] += 4.0 * at.pwrss / s2
    return gradient, H
