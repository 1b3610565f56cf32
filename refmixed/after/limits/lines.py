"""What is held for one parameter, or for two: coordinates, their bounds, and the ways out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ...covariance import layout
from ...errors import OptionError
from ...linalg import Array, solve_upper
from ..estimated import Estimated
from .chart import Chart, Frame, lengths, of_effects, plain, relative
from .constrained import Free
from .held import Held, Local, Shifted
from .parameters import Parameter
from .path import Line


@dataclass(frozen=True)
class Coordinate:
    """Where a parameter stands in x, and how far it goes."""

    place: int
    low: float
    high: float
    value: Callable[[float], float]  # of the parameter, in its own units


@dataclass(frozen=True)
class Problem:
    """The criterion with some parameters held, and its minimum."""

    held: Held
    free: Free
    best: Local
    coordinates: tuple[Coordinate, ...]

    def line(self, direction: Array, unit: float) -> Line:
        """A way out, as far as the bounds; direction (1 or 2,), unit as of `Line`."""
        whole, end = np.zeros(len(self.best.x)), np.inf
        for of, d in zip(self.coordinates, direction, strict=True):
            whole[of.place] = d
            room = (of.high if d > 0 else of.low) - self.best.x[of.place]
            end = min(end, room / d) if d else end
        return Line(self.held, self.free, self.best, whole, end, unit)

    def unit(self, c: int) -> float:
        """How far coordinate c is moved for a zeta of about one.  eq:profile-curvature"""
        place, h = self.coordinates[c].place, self.held.h
        if place < h:
            return self.held.se(place)
        H = self.best.hessian
        others = np.flatnonzero(self.free.moves[h:])
        if len(self.coordinates) > 1:  # the other one moves, too
            others = np.flatnonzero(np.arange(len(H)) != place - h)
        across = H[others, place - h]
        fall = across @ np.linalg.lstsq(H[np.ix_(others, others)], across, rcond=1e-10)[0]
        curvature = H[place - h, place - h] - fall
        return float(np.sqrt(2.0 / curvature)) if curvature > 0 else 1.0


def problem(at: Estimated, parameters: list[Parameter]) -> Problem:
    """The problem of one parameter or two.  Raises OptionError for two that cannot go together."""
    ways, of = at.coordinates, layout(at.design)
    frames = [frame(at, t, parameters) for t in range(len(at.design.terms))]
    chart = Chart(of, tuple(f for f, _ in frames))
    coefficients = tuple(p.i for p in parameters if p.kind == "beta")
    rows = at.fixed_in(np.eye(at.design.p)[list(coefficients)])  # (h, p)
    errors = ways.size * at.at.sigma * np.sqrt(((rows @ at.beta_cov) * rows).sum(axis=1))  # (h,)
    shifted = Shifted(ways, at.at.beta, coefficients, errors)
    held = Held(chart, shifted, at.reml, at.route, {})
    factor = of.factor(at.theta)
    v = chart.into(factor, float(np.log(at.at.sigma)))
    x = np.concatenate([np.zeros(len(coefficients)), v])
    effects = [e for _, e in frames]
    coordinates = tuple(coordinate(at, chart, p, effects, coefficients) for p in parameters)
    moves, is_signed = np.ones(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    moves[: held.h] = False
    for p in parameters:
        for place in signed(chart, p):
            is_signed[held.h + place] = True
    for c in coordinates:
        moves[c.place], is_signed[c.place] = False, False
    return Problem(held, Free(moves, is_signed), held.at(x), coordinates)


def frame(at: Estimated, t: int, parameters: list[Parameter]) -> tuple[Frame, list[int]]:
    """How the factor of a term is written, and the effects that come first."""
    asked = [p for p in parameters if p.t == t and p.kind in ("sd", "cor", "theta")]
    kinds = {p.kind for p in asked}
    S = at.coordinates.S[t]
    if not asked:
        return plain(len(S)), []
    if kinds == {"theta"}:
        return relative(S), []
    effects = sorted({e for p in asked for e in (p.i, p.j)})
    if len(effects) > 2 or "theta" in kinds:
        names = " and ".join(repr(p.name) for p in asked)
        raise OptionError(f"{names} cannot be held together: choose two of one or two effects")
    return of_effects(S, tuple(effects)), effects


def signed(chart: Chart, p: Parameter) -> list[int]:
    """Places in v of what may not be negative: its sign would change that of what is held."""
    if p.kind == "cor":
        return [chart.entry(p.t, 0, 0), chart.entry(p.t, 1, 1)]
    if p.kind == "theta" and p.i != p.j:
        return [chart.entry(p.t, p.j, p.j)]
    return []


def coordinate(
    at: Estimated, chart: Chart, p: Parameter, effects: list[list[int]], held: tuple[int, ...]
) -> Coordinate:
    """Where one parameter stands."""
    ways, h = at.coordinates, len(held)
    if p.kind == "beta":
        best = solve_upper(ways.LX, ways.c + ways.size * at.at.beta)[p.i]
        return Coordinate(held.index(p.i), -np.inf, np.inf, partial(np.add, best))
    if p.kind == "sigma":
        return Coordinate(h + at.design.m, -np.inf, np.inf, partial(exponential, ways.size))
    if p.kind == "cor":
        return Coordinate(h + chart.entry(p.t, 1, 0), 0.0, np.pi, minus_cosine)
    if p.kind == "theta":
        unit, low = 1.0 / ways.S[p.t][p.i, p.i], 0.0 if p.i == p.j else -np.inf
        return Coordinate(h + chart.entry(p.t, p.i, p.j), low, np.inf, partial(np.multiply, unit))
    row = lengths(solve_upper(ways.S[p.t], np.eye(len(ways.S[p.t]))))[p.i]
    first = effects[p.t].index(p.i)
    return Coordinate(
        h + chart.entry(p.t, first, first), 0.0, np.inf, partial(np.multiply, ways.size * row)
    )


def exponential(size: float, c: float) -> float:
    """sigma of its logarithm."""
    return float(size * np.exp(c))


def minus_cosine(angle: float) -> float:
    """A correlation of its angle, 0 to pi as it is -1 to 1.  eq:polar"""
    return float(-np.cos(angle))
