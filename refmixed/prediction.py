"""Fitted values and predictions: offset + X beta, plus Z gamma for the groups asked for.

A new group has no posterior: its random effects are predicted by their mean, zero (eq:new-group).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .design import Design
from .errors import OptionError, nearest
from .linalg import Array
from .ranef import placed


@dataclass(frozen=True)
class NewRows:
    """Rows to predict: what a Design has of its own rows."""

    X: Array  # (r, p)
    offset: Array  # (r,)
    x: tuple[Array, ...]  # (r, k) a term
    codes: tuple[Array, ...]  # (r,) a term, the level of each row, -1 where the fit has not seen it
    missing: Array  # (r,) whether a row lacks a value, so that it is predicted as NaN
    index: Any  # (r,) row labels


def chosen_groups(design: Design, random: bool | Iterable[str]) -> set[str]:
    """The groups whose random effects are added: all, none, or those named."""
    groups = {term.group for term in design.terms}
    if isinstance(random, bool | np.bool_):
        return groups if random else set()
    try:
        names = {random} if isinstance(random, str) else set(random)
    except TypeError as error:
        raise OptionError(
            f"random must be True, False or a list of groups, not {random!r}"
        ) from error
    for name in names - groups:
        raise OptionError(
            f"the model has no random effects of {name!r}{nearest(str(name), groups)}"
        )
    return names


def own_rows(design: Design) -> NewRows:
    """The rows of the fit."""
    x, codes = tuple(t.x for t in design.terms), tuple(t.codes for t in design.terms)
    missing = np.zeros(design.n, dtype=bool)
    return NewRows(design.X, design.offset, x, codes, missing, design.index)


def fitted(
    design: Design, beta: Array, gamma: Array, groups: set[str], rows: NewRows | None = None
) -> Array:
    """offset + X beta + Z gamma, (r,), the random effects of some groups only.  eq:fitted"""
    at = own_rows(design) if rows is None else rows
    mean = at.offset + at.X @ beta  # (r,)
    for (term, places), x, codes in zip(placed(design), at.x, at.codes, strict=True):
        if term.group in groups:
            mean = mean + contribution(x, codes, gamma[places])
    return np.where(at.missing, np.nan, mean)


def contribution(x: Array, codes: Array, effects: Array) -> Array:
    """Z_t gamma_t (r,), without Z_t: each row of x (r, k) times its level's effects (levels, k)."""
    known = np.vstack([effects, np.zeros(effects.shape[1])])  # code -1 finds the zeros: a new group
    return np.asarray(np.einsum("ik,ik->i", x, known[codes]))
