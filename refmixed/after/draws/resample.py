"""Responses and data made of those of a fit: residuals or groups, drawn with replacement.

Estimated effects and residuals vary less than those that they stand for.  Before they are drawn,
they are centred and given the variances of the model (Carpenter, Goldstein and Rasbash, 2003,
Applied Statistics 52, 431-443): of each term at all its levels together, and of the residuals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...blocked.tree import lies_in
from ...design import Design, RandomTerm
from ...errors import OptionError, RankError, nearest
from ...linalg import Array, cholesky, independent_columns, solve_lower
from ...refusals import refuse_impossible
from .law import Law, fitted_law, work_factors


@dataclass(frozen=True)
class Resampled:
    """Responses with effects and errors drawn from pools."""

    law: Law
    effects: tuple[Array, ...]  # (levels, k) of each term, of unit variance
    errors: Array  # (n,)

    @classmethod
    def of(cls, fit: Any, random: str) -> Resampled:
        """The pools of a fit.  Raises OptionError."""
        law, optimum = fitted_law(fit, random), fit.optimum
        a, factors = optimum.work_evaluation.a, work_factors(fit)
        scale = optimum.coordinates.size / fit.sigma
        pairs = zip(fit.design.terms, a, factors, strict=True) if law.loads else ()
        effects = tuple(reflated_effects(t, scale * own @ F, F) for t, own, F in pairs)
        e = np.sqrt(fit.design.weights) * fit.optimum.evaluation.residuals
        return cls(law, effects, reflated(e[:, None] / fit.sigma)[:, 0])

    def draw(self, random: np.random.Generator, b: int) -> Array:
        """(b, n)."""
        pools = [*self.effects, self.errors]
        sizes = [len(pool) for pool in pools]
        shares = random.random((b, sum(sizes)))
        parts = np.split(shares, np.cumsum(sizes)[:-1], axis=1)
        *u, e = [
            pool[(part * len(pool)).astype(int)] for pool, part in zip(pools, parts, strict=True)
        ]
        return self.law.responses(u, e)


def reflated(U: Array) -> Array:
    """Rows of U (any, r) less their mean, times what makes their mean square the identity.

    U U' = L L' of the centred rows over their number gives u L'^-1.  Raises numpy's LinAlgError.
    eq:reflated
    """
    centred = U - U.mean(axis=0)  # (any, r)
    L = cholesky(centred.T @ centred / len(U))  # (r, r)  eq:reflated
    return solve_lower(L, centred.T).T  # (any, r)


def reflated_effects(term: RandomTerm, U: Array, factor: Array) -> Array:
    """(levels, k): the spherical effects of a term; those of a variance of zero stay zero.

    Raises OptionError where there are too few levels to tell their covariance.
    """
    moving, found = factor.any(axis=0), np.zeros(U.shape)
    try:
        if len(U) <= moving.sum():
            raise np.linalg.LinAlgError("as many effects as levels")
        found[:, moving] = reflated(U[:, moving])
    except np.linalg.LinAlgError:
        raise OptionError(
            f"the estimated effects of {term.name} at {len(U)} levels do not vary in "
            f"{moving.sum()} directions, and cannot be resampled: take kind='parametric'"
        ) from None
    return found


def chosen_group(design: Design, group: str | None) -> RandomTerm:
    """A term of the factor whose levels are drawn: the one named, or in which all others lie.

    Raises OptionError.
    """
    groups = {term.group: term for term in design.terms}
    if not groups:
        raise OptionError("this model has no groups that could be drawn or repeated")
    if group is not None:
        if group not in groups:
            raise OptionError(f"the model has no group {group!r}{nearest(str(group), groups)}")
        return groups[group]
    for term in groups.values():
        if all(lies_in(other, term) is not None for other in groups.values()):
            return term
    raise OptionError(
        f"none of the factors {', '.join(groups)} holds all others: name the one whose levels are "
        "drawn, group="
    )


@dataclass(frozen=True)
class Levels:
    """Levels of a factor, as many as there are."""

    G: int

    def draw(self, random: np.random.Generator, b: int) -> Array:
        """(b, G)."""
        return (random.random((b, self.G)) * self.G).astype(int)


def of_levels(design: Design, outer: RandomTerm, chosen: Array) -> Design:
    """The rows of some levels of a factor, a level as often as it is there, each time a new one.

    Factors that lie in it are new with it; levels of others stay what they are.
    Raises RankError, and what `refuse_impossible` raises, where such data cannot be fitted.
    """
    by_level = np.split(np.argsort(outer.codes, kind="stable"), np.cumsum(np.bincount(outer.codes)))
    rows = np.concatenate([by_level[level] for level in chosen])
    copies = np.repeat(np.arange(len(chosen)), [len(by_level[level]) for level in chosen])
    terms = tuple(
        copied(term, rows, copies, lies_in(term, outer) is not None) for term in design.terms
    )
    parts = {name: getattr(design, name)[rows] for name in ("y", "X", "weights", "offset")}
    index = pd.RangeIndex(len(rows))
    found = replace(design, terms=terms, index=index, recipe=None, coordinates=None, **parts)
    refuse_impossible(found)
    if len(independent_columns(found.X)) < design.p:
        raise RankError("columns of X depend on one another in the groups that were drawn")
    return found


def of_size(design: Design, outer: RandomTerm, size: int) -> Design:
    """So many rows of each level of a factor: its rows in their order, from the first again."""
    by_level = np.split(np.argsort(outer.codes, kind="stable"), np.cumsum(np.bincount(outer.codes)))
    rows = np.concatenate([np.resize(level, size) for level in by_level[:-1]])
    return design.rows(rows)


def copied(term: RandomTerm, rows: Array, copies: Array, is_new: bool) -> RandomTerm:
    """A term in such rows, its levels new in each copy or what they are."""
    labels = term.codes[rows] + is_new * copies * len(term.levels)
    levels, codes = np.unique(labels, return_inverse=True)
    return replace(term, x=term.x[rows], codes=codes, levels=tuple(map(str, levels)))
