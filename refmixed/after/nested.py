"""What a smaller model lets be zero of a larger one, of which it is a special case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from ..coordinates import Coordinates
from ..covariance import canonical, entries, factors, flatten
from ..derivatives import information
from ..design import Design, RandomTerm
from ..linalg import Array, cholesky, project, solve_lower
from ..search import ROUTES


@dataclass(frozen=True)
class Nested:
    """The parameters that a larger model has more.

    kept: of each of its random terms, what the smaller model has of its effects, a term each.
    extra: fixed effects more.
    """

    kept: tuple[tuple[tuple[int, Array], ...], ...]  # number of the smaller term, places of effects
    sizes: tuple[int, ...]  # effects a level of each term of the larger model
    extra: int

    @property
    def new(self) -> tuple[int, ...]:
        """How many effects of each term, where there are any, the smaller model has not."""
        had = [sum(len(places) for _, places in own) for own in self.kept]
        return tuple(k - h for k, h in zip(self.sizes, had, strict=True) if k > h)

    def kinds(self) -> list[Array]:
        """Of each term, what each entry of its T is: 0 not tested, 1 of any sign, 2 in a cone."""
        found = []
        for k, own in zip(self.sizes, self.kept, strict=True):
            of = np.full(k, -1)
            for number, (_, places) in enumerate(own):
                of[places] = number
            i, j = (of[side] for side in entries(k))
            found.append(np.where(i != j, 1, np.where(i < 0, 2, 0)))
        return found


def nested(small: Design, large: Design) -> Nested | None:
    """How one model lies in another; None where that is not seen from names of effects."""
    left = set(range(len(small.terms)))
    kept = []
    for term in large.terms:
        own = tuple((s, found) for s in sorted(left) if len(found := places(small.terms[s], term)))
        left -= {s for s, _ in own}
        taken = [place for _, found in own for place in found]
        if len(set(taken)) < len(taken):
            return None
        kept.append(own)
    if left or not spans(large, small):
        return None
    return Nested(tuple(kept), tuple(term.k for term in large.terms), large.p - small.p)


def places(small: RandomTerm, large: RandomTerm) -> Array:
    """Where the effects of a term stand among those of another of its group; none if one lacks."""
    same = (small.group, small.levels) == (large.group, large.levels)
    if not same or not set(small.effects) <= set(large.effects):
        return np.zeros(0, dtype=int)
    return np.array([large.effects.index(effect) for effect in small.effects])


def spans(large: Design, small: Design) -> bool:
    """Whether the columns of X of one design are combinations of another's."""
    if set(small.names) <= set(large.names):
        return True
    if len(small.y) != len(large.y) or large.coordinates is not None:
        return False
    left = project(np.linalg.qr(large.X)[0], small.X)
    return bool((np.linalg.norm(left, axis=0) <= 1e-7 * np.linalg.norm(small.X, axis=0)).all())


def information_on(small: Any, large: Any, found: Nested) -> Array:
    """(s, s): the information on the entries of T that lie in a cone, all others estimated.

    Where the smaller Fit is true.  eq:efficient-information
    """
    ways: Coordinates = large.optimum.coordinates
    theta = ways.theta_in(embedded(small, large.design, found))
    route = ROUTES[large.route]
    at = route.evaluate(route.prepare(ways.design), theta, large.reml)
    M = moved(ways) @ (information(at) / 2.0) @ moved(ways).T  # (m + 1, m + 1)
    tested = np.append(np.concatenate(found.kinds()) == 2, False)
    size = np.sqrt(np.diag(M))
    M = M / np.outer(size, size)
    L = cholesky(M[np.ix_(~tested, ~tested)])
    cross = solve_lower(L, M[np.ix_(~tested, tested)])
    left = M[np.ix_(tested, tested)] - cross.T @ cross  # (s, s)  eq:efficient-information
    return left * np.outer(size[tested], size[tested])


def embedded(small: Any, large: Design, found: Nested) -> Array:
    """theta (m,) of the larger model that makes it the smaller one."""
    own = factors(small.design, small.optimum.theta)
    wide = []
    for k, kept in zip(found.sizes, found.kept, strict=True):
        columns = np.zeros((k, k))
        start = 0
        for s, where in kept:
            columns[where, start : start + len(where)] = own[s]
            start += len(where)
        wide.append(canonical(columns))
    return flatten(wide)


def moved(ways: Coordinates) -> Array:
    """(m + 1, m + 1): units of the entries of T, and of sigma^2, in coordinates of the search."""
    blocks = [np.ones((1, 1))]
    for S in reversed(ways.S):
        rows, columns = entries(len(S))
        unit = np.zeros((len(rows), len(S), len(S)))
        unit[np.arange(len(rows)), rows, columns] = unit[np.arange(len(rows)), columns, rows] = 1.0
        blocks.insert(0, (S.T @ unit @ S)[:, rows, columns])
    return np.asarray(block_diag(*blocks))
