"""The log-likelihood of one scalar random term, with gradient and Hessian.

    I_j = integral of F = prod f(y | x'beta + z gamma) phi(gamma / theta) / theta over gamma
by the trapezoidal rule with nodes that do not move, so that derivatives are those of F alone: with
G the slope and B the second derivative of log F in the parameters,

    dI = sum F G,    ddI = sum F (B + G G'),    each but for what `strip` bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from flint import arb, arb_mat

from ..matrices import symmetric
from .jets import Jet, Jets, moves
from .mode import Mode
from .model import At, Vector
from .strip import Grid, Polydisc, grid


class Second(NamedTuple):
    """A value, its gradient and its Hessian."""

    value: arb
    gradient: Vector
    hessian: arb_mat


@dataclass(frozen=True)
class Integrals:
    """The integrals over gamma of all levels, at a mode about which the nodes lie."""

    mode: Mode
    radii: Vector  # (d,): of the polydisc
    digits: int  # of each integral

    @property
    def at(self) -> At:
        """The model."""
        return self.mode.at

    @cached_property
    def jets(self) -> Jets:
        """log f of rows, to the second order."""
        return Jets(self.at)

    @property
    def value(self) -> arb:
        """The log-likelihood."""
        return total(self.integral(rows).log() for rows in self.at.model.by_level)

    @property
    def second(self) -> Second:
        """The log-likelihood, its gradient and its Hessian."""
        levels = [self.level(rows) for rows in self.at.model.by_level]
        d = self.at.model.d
        return Second(
            total(one.value for one in levels),
            [total(one.gradient[k] for one in levels) for k in range(d)],
            symmetric(d, lambda k, m: total(one.hessian[k, m] for one in levels)),
        )

    def grid(self, rows: list[int]) -> Grid:
        """The nodes for the rows of a level."""
        theta, j = self.at.theta[0], self.at.model.places[rows[0]][0]
        centre, spread = theta * self.mode.u[j], theta / self.mode.H.pivots[j].sqrt()
        fitted = total(self.at.family.log(i, self.eta(i, centre)) for i in rows)
        largest = fitted + prior(centre, theta)
        tolerance = largest.exp() * spread * arb(10) ** -self.digits
        inside = Polydisc(self.at, self.radii, rows)
        return grid(inside, centre.mid(), spread.mid(), tolerance.mid())

    def eta(self, i: int, gamma: arb) -> arb:
        """That of row i."""
        return self.at.fixed[i] + self.at.model.z[i][0] * gamma

    def integral(self, rows: list[int]) -> arb:
        """I of a level."""
        nodes, found = self.grid(rows), arb(0)
        for gamma in nodes.nodes:
            fitted = total(self.at.family.log(i, self.eta(i, gamma)) for i in rows)
            found += (fitted + prior(gamma, self.at.theta[0])).exp()
        return found * nodes.step + arb(0, nodes.error)

    def level(self, rows: list[int]) -> Second:
        """log I of a level, its gradient and its Hessian."""
        nodes = self.grid(rows)
        jets = [[self.jets.of(i, self.eta(i, gamma)) for i in rows] for gamma in nodes.nodes]
        F = [
            nodes.step * (total(one.log for one in here) + prior(gamma, self.at.theta[0])).exp()
            for gamma, here in zip(nodes.nodes, jets, strict=True)
        ]
        V = moves(self.at, rows)  # (A n, d)
        G = V.transpose() * slopes(jets)  # (d, N)
        B = V.transpose() * mean_bends(F, jets) * V  # (d, d)
        self.add_prior(F, nodes, G, B)
        return self.logarithm(F, G, B, nodes.error)

    def add_prior(self, F: Vector, nodes: Grid, G: arb_mat, B: arb_mat) -> None:
        """The slopes of log phi(gamma / theta) / theta in theta."""
        t, theta = self.at.model.p, self.at.theta[0]
        for k, (f, gamma) in enumerate(zip(F, nodes.nodes, strict=True)):
            square = gamma * gamma / (theta * theta)
            G[t, k] += (square - 1) / theta
            B[t, t] += f * (1 - 3 * square) / (theta * theta)

    def logarithm(self, F: Vector, G: arb_mat, B: arb_mat, error: arb) -> Second:
        """From integrals to their logarithm; the errors of slopes follow by Cauchy's inequality."""
        d, r = G.nrows(), self.radii
        FG = arb_mat([[f * g for f, g in zip(F, row, strict=True)] for row in G.tolist()])
        GFG = FG * G.transpose()
        integral = total(F) + arb(0, error)
        slope = [
            (total(row) + arb(0, (error / r[k]).upper())) / integral
            for k, row in enumerate(FG.tolist())
        ]

        def bend(k: int, m: int) -> arb:
            off = (1 + (k == m)) * error / (r[k] * r[m])
            return (B[k, m] + GFG[k, m] + arb(0, off.upper())) / integral - slope[k] * slope[m]

        return Second(integral.log(), slope, symmetric(d, bend))


def prior(gamma: arb, theta: arb) -> arb:
    """log phi(gamma / theta) / theta."""
    ratio = gamma / theta
    return -ratio * ratio / 2 - (theta * (2 * arb.pi()).sqrt()).log()


def slopes(jets: list[list[Jet]]) -> arb_mat:
    """(A n, N): of jets by nodes and rows, one argument after another."""
    arguments = range(len(jets[0][0].slopes))
    return arb_mat(
        [[one.slopes[a] for a in arguments for one in here] for here in jets]
    ).transpose()


def mean_bends(F: Vector, jets: list[list[Jet]]) -> arb_mat:
    """(A n, A n): the sum over nodes of F times the second derivatives."""
    n, A = len(jets[0]), len(jets[0][0].slopes)
    found = arb_mat(A * n, A * n)
    for i in range(n):
        for a in range(A):
            for b in range(A):
                terms = (f * here[i].bends[a][b] for f, here in zip(F, jets, strict=True))
                found[a * n + i, b * n + i] = total(terms)
    return found


def total(numbers: object) -> arb:
    """The sum of balls."""
    return sum(numbers, arb(0))  # type: ignore[call-overload]
