"""Degrees of freedom of a coefficient's t, after Satterthwaite and after Kenward and Roger.

Both are 2 v^2 / Var(v^), v the variance of the coefficient and v^ the estimate of it: the inverse
of an information about the covariance parameters, and the gradient g of v in these, give
Var(v^) = g' W g.  Satterthwaite's (as in lmerTest) is the observed information, Kenward and
Roger's the expected one of REML, in V linear in its parameters (as in pbkrtest, whose degrees of
freedom are these where one coefficient is tested at a time).
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, arb_mat

from .engine import factors
from .matrices import (
    Matrix,
    ProofError,
    column,
    dot,
    eye,
    inverse,
    solve,
    symmetric,
    trace_of_product,
)
from .optimum import Optimum
from .slopes import Direction, Pushed, along, inner, log_slopes, push, spread, units
from .unprofiled import Criterion


def require_interior(fit: Optimum) -> None:
    """Raises ProofError on a face: the information is that of an interior optimum."""
    if not fit.interior:
        raise ProofError("degrees of freedom are those of an optimum in the interior")


@dataclass(frozen=True)
class Slopes:
    """N = (X'V0^-1 X)^-1, its slopes in the covariance parameters, and W, their covariance."""

    N: Matrix  # (p, p)
    moves: list[Matrix]  # (p, p), N times each being the slope
    W: Matrix  # (m + 1, m + 1)

    def freedom(self, c: Matrix) -> arb:
        """2 v^2 / (g' W g), for v = c'N c and its slope in each parameter."""
        Nc = self.N * c
        v, *g = dot(c, Nc), *(dot(Nc, move * c) for move in self.moves)
        slope = column(self.W, g)
        return 2 * v**2 / dot(slope, self.W * slope)

    def of_each(self) -> list[arb]:
        """(p,): degrees of freedom of each coefficient."""
        p = self.N.nrows()
        return [self.freedom(column(self.N, [i == j for i in range(p)])) for j in range(p)]


def satterthwaite(fit: Optimum) -> Slopes:
    """W is twice the inverse Hessian of the criterion in theta and log sigma.

    At a stationary point the parameters do not matter: lmerTest has theta and sigma.
    """
    require_interior(fit)
    N = fit.here.N
    triangles = factors(fit.problem, fit.theta)
    criterion = Criterion(fit.problem, fit.ranks)
    W = 2 * inverse(criterion.derivatives(fit.here, triangles, fit.sigma2.log() / 2).hessian)
    directions = along(fit.problem, triangles, fit.problem.entries)
    moves = [push(fit.here, direction).W * N for direction in directions]
    return Slopes(N, [*moves, 2 * eye(N, N.nrows())], W)


@dataclass(frozen=True)
class KenwardRoger:
    """The slopes for degrees of freedom, and what the coefficients' covariance gets added."""

    fit: Optimum
    slopes: Slopes
    added: Matrix  # (p, p)

    @property
    def adjusted(self) -> Matrix:
        """(p, p): the adjusted covariance."""
        N = self.slopes.N
        return (N + 2 * N * self.added * N) * self.fit.sigma2

    @property
    def wald(self) -> arb:
        """beta' times its inverse times beta, from what needs no inverse but the sum's."""
        XVX, beta = self.fit.here.XVX, coefficients(self.fit)
        half = XVX * beta
        return dot(half, solve(XVX + 2 * self.added, half)) / self.fit.sigma2


def kenward_roger(fit: Optimum) -> KenwardRoger:
    """REML only.

    The parameters of V are the entries of each T and, in place of the residual variance, the size
    of V itself: a linear change, which no result depends on, and P V P = P makes its sums short.
    """
    require_interior(fit)
    if not fit.problem.reml:
        raise ProofError("Kenward and Roger's degrees of freedom are those of REML")
    here, N = fit.here, fit.here.N
    directions = units(fit.problem)
    pushed = [push(here, direction) for direction in directions]
    W = inverse(expected_information(fit, directions, pushed))
    moves = [*(x.W * N for x in pushed), eye(N, N.nrows())]
    return KenwardRoger(fit, Slopes(N, moves, W), added(fit, pushed, W))


def coefficients(fit: Optimum) -> Matrix:
    """beta (p, 1)."""
    return column(fit.here.N, [fit.here.beta[j, 0] for j in range(fit.problem.p)])


def expected_information(
    fit: Optimum, directions: list[Direction], pushed: list[Pushed]
) -> arb_mat:
    """(m + 1, m + 1): tr(P G_r P G_s) / 2, the last parameter being the size of V."""
    m, A = len(directions), log_slopes(fit.here)

    def element(r: int, s: int) -> arb:
        if r == s == m:
            return arb(fit.problem.dof) / 2
        if s == m:
            return trace_of_product(A[directions[r].term], directions[r].matrix) / 2
        return spread(fit.here, pushed[r], pushed[s], True) / 2

    return symmetric(m + 1, element)


def added(fit: Optimum, pushed: list[Pushed], W: Matrix) -> Matrix:
    """sum of W_rs (Q_rs - P_r N P_s): X'V^-1 G_r P G_s V^-1 X, zero where one of both is V."""
    sums = arb_mat(fit.problem.p, fit.problem.p)
    for r, first in enumerate(pushed):
        for s, second in enumerate(pushed):
            both = inner(fit.here, first, second) - first.W * fit.here.N * second.W
            sums = sums + both * W[r, s]
    return sums
