"""Fitted values and predictions: offset + X beta, plus Z gamma for the effects asked for.

A new group has no posterior: its random effects are predicted by their mean, zero (eq:new-group),
and are off by all that they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from .checks import a_list, a_pair, in_one_order, length, matrix, read_term
from .covariance import factors
from .design import Design
from .errors import NewLevelError, OffsetError, OptionError, nearest
from .linalg import Array
from .ranef import placed
from .search import Route

NO_OFFSET = "the offset of this fit was an argument, so that new rows have none"


@dataclass(frozen=True)
class NewRows:
    """Rows to predict: what a Design has of its own rows."""

    X: Array  # (r, p)
    offset: Array  # (r,)
    x: tuple[Array, ...]  # (r, k) a term
    codes: tuple[Array, ...]  # (r,) a term, the level of each row, -1 where the fit has not seen it
    missing: Array  # (r,) whether a row lacks a value, so that it is predicted as NaN
    index: Any  # (r,) row labels

    def of_effects(self, chosen: tuple[Array, ...]) -> NewRows:
        """The rows with some effects (k,) of each term alone."""
        x = tuple(x * some for x, some in zip(self.x, chosen, strict=True))
        return replace(self, x=x)

    def known(self, design: Design) -> Design:
        """X, and x of the levels that the fit has seen, as the rows of a design."""
        pairs = zip(design.terms, self.x, self.codes, strict=True)
        terms = tuple(
            replace(term, x=np.where(codes[:, None] < 0, 0.0, x), codes=codes.clip(min=0))
            for term, x, codes in pairs
        )
        return replace(design, y=np.zeros(len(self.X)), X=self.X, terms=terms)


def chosen_effects(design: Design, random: bool | Iterable[str]) -> tuple[Array, ...]:
    """Of each term which (k,) of its effects are added: all, none, or those of groups or terms.

    A group's name stands for all its terms, that of a term (Subject.1) for itself.
    """
    if isinstance(random, bool | np.bool_):
        return tuple(np.full(term.k, bool(random)) for term in design.terms)
    try:
        names = {random} if isinstance(random, str) else set(random)
    except TypeError as error:
        raise OptionError(
            f"random must be True, False or a list of groups, not {random!r}"
        ) from error
    groups = {term.group for term in design.terms}
    alone = {term.name for term in design.terms} - groups
    for name in names - groups - alone:
        raise OptionError(
            f"the model has no random effects of {name!r}{nearest(str(name), groups | alone)}"
        )
    return tuple(np.full(t.k, bool(names & {t.group, t.name})) for t in design.terms)


def own_rows(design: Design) -> NewRows:
    """The rows of the fit."""
    x, codes = tuple(t.x for t in design.terms), tuple(t.codes for t in design.terms)
    missing = np.zeros(len(design.y), dtype=bool)
    return NewRows(design.X, design.offset, x, codes, missing, design.index)


def fitted(design: Design, beta: Array, gamma: Array, rows: NewRows) -> Array:
    """offset + X beta + Z gamma, (r,).  eq:fitted"""
    mean = rows.offset + rows.X @ beta  # (r,)
    for (_, places), x, codes in zip(placed(design), rows.x, rows.codes, strict=True):
        mean = mean + contribution(x, codes, gamma[places])
    return np.where(rows.missing, np.nan, mean)


def contribution(x: Array, codes: Array, effects: Array) -> Array:
    """Z_t gamma_t (r,), without Z_t: each row of x (r, k) times its level's effects (levels, k)."""
    known = np.vstack([effects, np.zeros(effects.shape[1])])  # code -1 finds the zeros: a new group
    return np.asarray(np.einsum("ik,ik->i", x, known[codes]))


def error_variances(design: Design, theta: Array, route: Route, rows: NewRows) -> Array:
    """(r,): Var(prediction - x'beta - z'gamma) / sigma^2, theta held; NaN where a value is missing.

    Of levels that the fit has seen from the errors of beta and gamma together, of others the whole
    variance of their effects.  eq:prediction-variance, eq:prediction-variance-new
    """
    v = route.error_variances(design, theta, rows.known(design))  # (r,)  eq:prediction-variance
    for Lambda, x, codes in zip(factors(design, theta), rows.x, rows.codes, strict=True):
        of_new = ((x @ Lambda) ** 2).sum(axis=1)  # (r,)  z'T z
        v = v + np.where(codes < 0, of_new, 0.0)  # (r,)  eq:prediction-variance-new
    return np.where(rows.missing, np.nan, v)


def half_width(level: float, df: float = np.inf) -> float:
    """How many standard errors an interval reaches to either side.  eq:interval

    Of the normal distribution, or of t with df degrees of freedom; the level is within (0, 1).
    """
    below = (1.0 + level) / 2.0
    return float(ndtri(below) if np.isinf(df) else stdtrit(df, below))


def array_rows(design: Design, given: Any, groups: set[str], new_levels: str = "error") -> NewRows:
    """New rows (X (r, p), terms) for a fit to arrays, its terms in their order.

    Rows that have labels are matched by them, as those of the fit.  Raises OptionError, and
    NewLevelError for a level that the fit has not seen; with new_levels "population" such a level
    has no effect, nor has one that is missing.
    """
    if design.offset.any():
        raise OffsetError(f"{NO_OFFSET}: take it off the response before the fit")
    X, terms = a_pair("newdata of a fit to arrays", given, "(X, terms)")
    n, terms = length(X), a_list("the terms of newdata", terms)
    named, terms, index = in_one_order({"X": X}, terms)
    rows = matrix("X", named["X"], n)
    if (rows.shape[1], len(terms)) != (design.p, len(design.terms)):
        raise OptionError(
            f"newdata must be {design.p} columns X and {len(design.terms)} terms, as the fit's"
        )
    gaps = new_levels == "population"
    read = [read_term(pair, t, n, gaps) for t, pair in enumerate(terms, start=1)]
    for t, (term, (x, _, levels)) in enumerate(zip(design.terms, read, strict=True), start=1):
        if x.shape[1] != term.k:
            raise OptionError(f"term {t} must have {term.k} columns, as the fit's")
        if term.group in groups:
            refuse_new(term.group, sorted(set(levels) - set(term.levels)), new_levels)
    codes = [
        np.append(codes_of(levels, term.levels), -1)[own]
        for term, (_, own, levels) in zip(design.terms, read, strict=True)
    ]
    missing = np.zeros(n, dtype=bool)
    columns = tuple(x for x, _, _ in read)
    labels = range(n) if index is None else index
    return NewRows(rows, np.zeros(n), columns, tuple(codes), missing, labels)


def codes_of(levels: Iterable[str], known: tuple[str, ...]) -> Array:
    """The code of each level among those known, -1 for a new one."""
    book = {level: code for code, level in enumerate(known)}
    return np.array([book.get(level, -1) for level in levels], dtype=int)


def refuse_new(group: str, new: list[str], new_levels: str) -> None:
    """Raises NewLevelError where there are new levels, and they are no option."""
    if new and new_levels == "error":
        shown = ", ".join(new[:5]) + (", ..." if len(new) > 5 else "")
        raise NewLevelError(
            f"{group} has levels that the fit has not seen ({shown}); "
            "new_levels='population' predicts them with random effects of zero"
        )
