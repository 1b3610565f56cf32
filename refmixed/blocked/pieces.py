"""What derivatives need, with the largest factor eliminated: sums over its levels, no q x q matrix.

With Q = Lambda2X (L L')^-1 Lambda2X' (R, R), where Lambda2X has the other factors' Lambda and ones
for X, D_i (k, R) of level i of the eliminated factor, and S of the other columns,

    Z1'PZ1 = E - D Q D',   Z1'PZ2 = D F,   Z2'PZ2 = S F,   F = [I 0]' - Q S

(eq:eliminated-blocks), where E has blocks on its diagonal alone.  By ML the columns of X are left
out of L.  A sum over all pairs of levels is one of products of N_ab = sum_i D_ia D_ib'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..evaluation import side_by_side, spread
from ..linalg import Array
from .branches import bend_between, spread_between
from .eliminate import Eliminated
from .levels import along, between, by_effect, turned
from .metric import Metric
from .own import Own
from .under import Under


@dataclass(frozen=True)
class Pieces:
    """Of the model at one theta, or at many."""

    at: Eliminated

    @property
    def r(self) -> int:
        """Other random effects."""
        return self.at.products.r

    @property
    def R(self) -> int:
        """Other random effects, and fixed ones."""
        return self.at.L.shape[-1]

    @cached_property
    def own(self) -> list[Own]:
        """Each eliminated factor."""
        kind, metrics = Under if self.at.stages else Own, (self.of_P, self.of_C)
        return [kind(self.at, *metrics, s) for s in range(len(self.at.stages) + 1)]

    @cached_property
    def of_P(self) -> Metric:
        """Z'PZ."""
        return Metric(self.at, self.R)

    @cached_property
    def of_C(self) -> Metric:
        """Z'PZ for REML, Z'V0^-1Z for ML, where X has no part."""
        return self.of_P if self.at.reml else Metric(self.at, self.r)

    @cached_property
    def a(self) -> list[Array]:
        """(levels, k): Z'Py of each eliminated factor, then of each other term."""
        here, known = self.at, self.at.coefficients  # (R, 1)
        rest = here.S[..., : self.r, -1:] - here.S[..., : self.r, :-1] @ known  # (r, 1)
        others = [rest[..., places, 0] for places in here.products.places]
        return [*(own.a for own in self.own), *others]

    @cached_property
    def rest(self) -> list[Array]:
        """(l, R levels) of each other term: its columns of F, effect by effect."""
        return [by_effect(self.of_C.F, places) for places in self.at.products.places]

    def C(self) -> list[Array]:
        """(k, k): the blocks C_ii, summed over levels, of each factor."""
        S, places = self.at.S[..., :-1, :], self.at.products.places
        pairs = zip(places, self.rest, strict=True)
        own = [one.C() for one in self.own]
        return [*own, *(by_effect(S, here) @ turned(F) for here, F in pairs)]

    def spread(self) -> Array:
        """(N, N): sum_ij C_ij[a, b] C_ij[d, c] at [b c, d a].  eq:eliminated-spread"""
        places = self.at.products.places
        others = [[spread(between(self.of_C.C, t, s)) for t in places] for s in places]
        own = [
            [together(f, g, f.spread_of_all(g), f.spread_at_level, spread_between) for g in later]
            for f, later in self.pairs()
        ]
        return bordered(own, [self.spread_beside(f) for f in self.own], others)

    def pairs(self) -> list[tuple[Own, list[Own]]]:
        """Each eliminated factor, with itself and those after it."""
        return [(f, self.own[f.s :]) for f in self.own]

    def spread_beside(self, own: Own) -> list[Array]:
        """(k k, l l) of an eliminated factor and each other term: of D F."""
        if not self.r:
            return []
        NF = self.of_C.product(own.N, own.QN)  # (k, k, R, r)
        NF = NF.reshape(*NF.shape[:-4], own.k**2, own.R, self.r)
        found = []
        for places, F in zip(self.at.products.places, self.rest, strict=True):
            sums = by_effect(NF, places) @ turned(F)[..., None, :, :]  # (k k, l, l)
            found.append(sums.reshape(*sums.shape[:-2], sums.shape[-1] ** 2))
        return found

    def bend(self) -> Array:
        """(N, N): sum_ij a_i[a] A_ij[b, c] a_j[d] at [a b, c d].  eq:eliminated-bend"""
        a, S = self.a[len(self.own) :], self.at.S[..., : self.r, :-1]
        rest = list(zip(self.at.products.places, a, strict=True))
        ends = [along(self.of_P.F, places, b) for places, b in rest]  # (R, l l)
        own = [
            [together(f, g, f.bend_of_all(g), f.bend_at_level, bend_between) for g in later]
            for f, later in self.pairs()
        ]
        beside = [[f.moved @ end for end in ends] for f in self.own]
        others = [[bend_of_rest(turned(S @ end), places, b) for end in ends] for places, b in rest]
        return bordered(own, beside, others)

    def given_y(self, beta_known: bool) -> list[Array]:
        """(levels, k, k) of each eliminated factor: `Own.given_y`, of a model by ML."""
        metric = self.of_C if beta_known else self.of_P
        return [own.given_y(metric) for own in self.own]

    def rest_given_y(self, places: Array, beta_known: bool) -> Array:
        """(levels, k, k): the same of another factor, its effects at places among the r."""
        metric = self.of_C if beta_known else self.of_P
        blocks = metric.half[:, places]  # (columns, levels, k)  eq:eliminated-posterior
        return np.einsum("rla,rlb->lab", blocks, blocks)


def together(
    f: Own,
    g: Own,
    of_all: Array,
    at_level: Callable[[], Array],
    between: Callable[[Under, Under], Array],
) -> Array:
    """A form (k k, l l) of two eliminated factors: of all levels, of each alone, of branches."""
    found = of_all
    if f.s == g.s:
        found = found + at_level()
    if isinstance(f, Under) and isinstance(g, Under):
        found = found + between(f, g)
    return found


def bordered(own: list[list[Array]], beside: list[list[Array]], others: list[list[Array]]) -> Array:
    """Forms of all pairs, of those of eliminated factors and of the others: symmetric.

    own: of each such factor with itself and those after it.  beside: of each with the others.
    """
    if not others and len(own) == 1:
        return own[0][0]
    rows = [[*ones, *side] for ones, side in zip(own, beside, strict=True)]
    whole = [
        [*(turned(before[s - t]) for t, before in enumerate(rows[:s])), *row]
        for s, row in enumerate([*rows, *others])
    ]
    return side_by_side(whole)


def bend_of_rest(ends: Array, places: Array, a: Array) -> Array:
    """(k k, l l): sum_i a_i[a] ends[c d, ib] at [a b, c d], of ends (l l, r)."""
    k = places.shape[1]
    sums = turned(along(ends, places, a))  # (b a, c d)
    return sums.reshape(*sums.shape[:-2], k, k, -1).swapaxes(-2, -3).reshape(sums.shape)
