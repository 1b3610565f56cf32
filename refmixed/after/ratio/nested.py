"""What a smaller model lets be zero of a larger one, of which it is a special case."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import block_diag

from ...coordinates import behaved
from ...covariance import entries, factors, flatten
from ...derivatives import information
from ...design import Design, RandomTerm
from ...linalg import Array, cholesky, project, solve_lower
from ...r.parts import with_effects
from ...search import ROUTES


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

    @property
    def free(self) -> int:
        """Parameters more that may be of any sign: fixed effects, and covariances."""
        cone = sum(k * (k + 1) // 2 for k in self.new)
        own = [sum(len(p) * (len(p) + 1) // 2 for _, p in kept) for kept in self.kept]
        return self.extra + sum(k * (k + 1) // 2 for k in self.sizes) - cone - sum(own)


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


def information_on(small: Any, large: Any, found: Nested) -> Array | None:
    """(s, s): the information on the entries of T that lie in a cone, all others estimated.

    Where the smaller Fit is true, in coordinates in which a cone is a cone, and what it has not is
    what it has not: effects that both models have come first.  None where rows of data in chunks
    would have to be put so.  eq:efficient-information
    """
    design = ordered(large.design, found)
    if design is None:
        return None
    ways, route = behaved(design), ROUTES[large.route]
    theta = ways.theta_in(embedded(small, found))
    at = route.evaluate(route.prepare(ways.design), theta, large.reml)
    M = information(at) / 2.0  # (m + 1, m + 1)
    tested = np.append(in_cone(found), False)
    size = np.sqrt(np.diag(M))
    M = M / np.outer(size, size)
    L = cholesky(M[np.ix_(~tested, ~tested)])
    cross = solve_lower(L, M[np.ix_(~tested, tested)])
    left = M[np.ix_(tested, tested)] - cross.T @ cross  # (s, s)  eq:efficient-information
    return left * np.outer(size[tested], size[tested])


def ordered(design: Design, found: Nested) -> Design | None:
    """The design with the effects first, in each term, that the smaller model has too."""
    orders = []
    for k, own in zip(found.sizes, found.kept, strict=True):
        first = [place for _, places in own for place in places.tolist()]
        orders.append([*first, *(place for place in range(k) if place not in first)])
    if all(order == sorted(order) for order in orders):
        return design
    if design.coordinates is not None:
        return None
    pairs = zip(design.terms, orders, strict=True)
    return replace(design, terms=tuple(with_effects(term, np.array(o)) for term, o in pairs))


def in_cone(found: Nested) -> Array:
    """(m,) which entries of T, so ordered, lie in a cone: those of effects that are new."""
    which = [np.zeros(0, dtype=bool)]
    for k, own in zip(found.sizes, found.kept, strict=True):
        old = sum(len(places) for _, places in own)
        which.append(np.minimum(*entries(k)) >= old)
    return np.concatenate(which)


def embedded(small: Any, found: Nested) -> Array:
    """theta (m,) of the larger model, so ordered, that makes it the smaller one."""
    own = factors(small.design, small.optimum.theta)
    wide = []
    for k, kept in zip(found.sizes, found.kept, strict=True):
        known = block_diag(np.zeros((0, 0)), *(own[s] for s, _ in kept))
        triangle = np.zeros((k, k))
        triangle[: len(known), : len(known)] = known
        wide.append(triangle)
    return flatten(wide)
