"""The arrays of one model: y, X, the random terms, Z on demand; `r.design` makes them of a formula.

    y = offset + X beta + Z gamma + e,    e ~ N(0, sigma^2 W^-1),    gamma ~ N(0, Sigma)
with W = diag(weights).  Rows and levels are in the order of R's `model.frame`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

from .checks import in_one_order, length, matrix, names_of, per_row, read_term, vector, weighty
from .errors import OffsetError, OptionError, RankError, WeightsError
from .linalg import Array, afford, independent_columns


@dataclass(frozen=True)
class RandomTerm:
    """One term (effects | group): k effects for each of the levels of one grouping factor."""

    name: str  # the group, "Subject", and "Subject.1" for its second term
    group: str
    effects: tuple[str, ...]  # (k,)
    levels: tuple[str, ...]
    x: Array  # (n, k)  the effects' model matrix
    codes: Array  # (n,)  the level of each row

    @property
    def k(self) -> int:
        """Effects a level."""
        return len(self.effects)

    @property
    def q(self) -> int:
        """Random effects of this term: columns of Z."""
        return self.k * len(self.levels)

    @property
    def m(self) -> int:
        """Entries of theta: those of a lower triangle."""
        return self.k * (self.k + 1) // 2

    @property
    def Z(self) -> Array:
        """(n, q): row i of x in the columns of the level of row i, zeros elsewhere.  eq:Z"""
        Z = np.zeros((len(self.x), self.q))
        np.put_along_axis(Z, self.k * self.codes[:, None] + np.arange(self.k), self.x, axis=1)
        return Z

    def rows(self, keep: Array) -> RandomTerm:
        """The term with some of its rows (n,), and the levels that these have."""
        used, codes = np.unique(self.codes[keep], return_inverse=True)
        levels = tuple(self.levels[k] for k in used)
        return replace(self, levels=levels, x=self.x[keep], codes=codes)


@dataclass(frozen=True)
class Design:
    """The arrays of one model, complete rows only: n rows, p columns of X, q of Z, m of theta."""

    y: Array  # (n,)
    X: Array  # (n, p)
    names: tuple[str, ...]  # (p,)
    terms: tuple[RandomTerm, ...]
    weights: Array  # (n,)  the variance of e_i is sigma^2 / w_i
    offset: Array  # (n,)
    index: Any  # (n,)  row labels of the data
    dropped: int = 0  # rows left out for missing values
    messages: tuple[str, ...] = ()  # what lme4 says of X
    recipe: Any = None  # how a formula made them (r.recipe.Recipe), for new rows to be like them
    left_out: int = 0  # rows of zeros that were not kept (blocked.chunks)  eq:cell-rows
    log_left: float = 0.0  # logarithms of weights that were multiplied into the rows, summed
    coordinates: Any = None  # of such rows, made with more digits than the arrays above have

    @property
    def n(self) -> int:
        """Observations; so many rows, too, but where some were left out."""
        return len(self.y) + self.left_out

    @property
    def p(self) -> int:
        """Fixed effects."""
        return self.X.shape[1]

    @property
    def q(self) -> int:
        """Random effects."""
        return sum(term.q for term in self.terms)

    @property
    def m(self) -> int:
        """Covariance parameters, sigma not counted."""
        return sum(term.m for term in self.terms)

    def dof(self, reml: bool) -> int:
        """What divides the residual sum of squares: n - p for REML, n for ML."""
        return self.n - self.p if reml else self.n

    def rows(self, keep: Array) -> Design:
        """The design of some of its rows (n,), with the levels that they have."""
        terms = tuple(term.rows(keep) for term in self.terms)
        names = ("y", "X", "weights", "offset", "index")
        return replace(self, terms=terms, **{name: getattr(self, name)[keep] for name in names})

    @cached_property
    def Z(self) -> Array:
        """(n, q): the random terms side by side.  eq:Z  Raises MemoryLimitError."""
        with afford(len(self.y), self.p, self.q):
            return np.hstack([np.zeros((len(self.y), 0)), *(term.Z for term in self.terms)])

    @cached_property
    def y_less_offset(self) -> Array:
        """(n,): y - offset, the part that X and Z explain."""
        return self.y - self.offset

    @cached_property
    def ZtW(self) -> Array:
        """(q, n): Z'W."""
        return self.Z.T * self.weights

    @cached_property
    def ZtZ(self) -> Array:
        """(q, q): Z'WZ."""
        return self.ZtW @ self.Z

    @cached_property
    def ZtX(self) -> Array:
        """(q, p): Z'WX."""
        return self.ZtW @ self.X

    @cached_property
    def XtX(self) -> Array:
        """(p, p): X'WX."""
        return (self.X.T * self.weights) @ self.X


def from_arrays(
    y: Any, X: Any, terms: Iterable[Any] = (), *, weights: Any = None, offset: Any = None
) -> Design:
    """The arrays of a model that has no formula, checked.

    y (n,).  X (n, p).  terms: a pair (labels (n,), columns (n, k)) each: whose effects they are,
    and what they are effects of; None for columns is an intercept alone.  weights, offset: (n,).
    Columns of X are called x1, x2, ... and groups g1, g2, ..., unless pandas' objects bring names
    of their own; an effect is called as the column of X that it varies, or else z1, z2, ...
    Rows that have labels are matched by them (`checks.in_one_order`); one of weight 0 is left out.
    Raises OptionError, WeightsError, OffsetError, and RankError where columns of X are dependent.
    """
    named = {"y": y, "X": X, "weights": weights, "offset": offset}
    given, pairs, index = in_one_order(named, terms)
    n = length(y)
    response, fixed = vector("y", given["y"], n), matrix("X", given["X"], n)
    names = called(fixed, names_of(X), "x", {})
    made = Design(
        y=response,
        X=fixed,
        names=names,
        terms=random_terms(pairs, fixed, names),
        weights=per_row("weights", given["weights"], n, 1.0, WeightsError),
        offset=per_row("offset", given["offset"], n, 0.0, OffsetError),
        index=pd.RangeIndex(n) if index is None else index,
    )
    made = made.rows(weighty(made.weights))
    if lost := set(range(len(names))) - set(independent_columns(made.X)):
        raise RankError(f"the column {names[min(lost)]} of X depends on those before: leave it out")
    return made


def random_terms(terms: Any, X: Array, names: tuple[str, ...]) -> tuple[RandomTerm, ...]:
    """The random terms of arrays; a second one of a group g is called g.1.  Raises OptionError."""
    found: list[RandomTerm] = []
    for t, pair in enumerate(terms, start=1):
        x, codes, levels = read_term(pair, t, len(X))
        group = str(getattr(pair[0], "name", None) or f"g{t}")
        before = [other for other in found if other.group == group]
        if any(o.levels != levels or (o.codes != codes).any() for o in before):
            raise OptionError(f"two different groups are called {group}: rename one")
        known = dict(zip(names, X.T, strict=True))
        known |= {e: z for o in before for e, z in zip(o.effects, o.x.T, strict=True)}
        effects = called(x, names_of(pair[1]), "z", known)
        name = f"{group}.{len(before)}" if before else group
        found.append(RandomTerm(name, group, effects, levels, x, codes))
    return tuple(found)


def called(x: Array, own: Any, letter: str, known: dict[str, Array]) -> tuple[str, ...]:
    """Names of columns x (n, k): known, own or numbered.  Raises OptionError: two have the same."""
    names, of_column = [], {column.tobytes(): name for name, column in known.items()}
    for j, z in enumerate(x.T):
        free = (name for k in count(j + 1) if (name := f"{letter}{k}") not in known)
        names.append(of_column.get(z.tobytes(), own[j] if own else next(free)))
        if (known.setdefault(names[j], z) != z).any():
            raise OptionError(f"two different columns are called {names[j]}: rename one")
    return tuple(names)
