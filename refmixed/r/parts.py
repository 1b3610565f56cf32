"""A part of a model: fewer fixed effects, fewer random ones, from the arrays that the model has.

Columns belong to terms.  Where a term is left out that others are coded beside (`0 + a + b` has a
column a level of a, and contrasts of b), theirs change, and the data are needed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..design import Design, RandomTerm
from ..errors import OptionError
from ..linalg import Array
from .bars import Bar
from .design import scale_messages, term_names
from .formula import Formula
from .frame import codings, model_matrix
from .parse import Node
from .terms import Term, Terms
from .variable import Variable, no_rows

CHUNKS = (
    "rows of data that come in chunks are not kept: give data=, or fit the smaller model and "
    "compare the two by anova()"
)
AGAIN = "data that came in chunks are not kept, and this model needs them again: give data="


def widths(terms: Terms, variables: Mapping[Node, Variable]) -> Array:
    """How many columns (terms + 1,) the intercept and each term have."""
    values = {node: no_rows(v) for node, v in variables.items()}
    sums = [Terms(terms.terms[:k], terms.intercept) for k in range(len(terms.terms) + 1)]
    ends = [model_matrix(some, variables, values, 0)[0].shape[1] for some in sums]
    return np.diff(ends, prepend=0)


def columns(whole: Terms, some: Terms, variables: Mapping[Node, Variable]) -> Array | None:
    """Which columns of a sum of terms are those of a part of it; None where these differ."""
    place = {frozenset(term): k for k, term in enumerate(whole.terms)}
    if not all(frozenset(term) in place for term in some.terms) or some.intercept > whole.intercept:
        return None
    full, wanted = by_factor(whole, variables), by_factor(some, variables)
    where = [place[frozenset(term)] for term in some.terms]
    if any(full[k] != code for k, code in zip(where, wanted, strict=True)):
        return None
    ends = np.cumsum(widths(whole, variables))
    parts = [np.arange(ends[k], ends[k + 1]) for k in where]
    return np.concatenate([np.arange(int(some.intercept)), *parts])


def by_factor(terms: Terms, variables: Mapping[Node, Variable]) -> list[dict[Node, bool]]:
    """Of each term, which of its factors have a column a level, in whatever order they stand."""
    pairs = zip(terms.terms, codings(terms, variables), strict=True)
    return [dict(zip(term, full, strict=True)) for term, full in pairs]


Chosen = tuple[Array, list[tuple[int, RandomTerm]], tuple[Bar, ...]]


def part(design: Design, formula: Formula) -> Design:
    """The design of a formula that leaves something of the design's out.

    Raises OptionError where that takes the data, or the rows that came in chunks.
    """
    found = chosen(design, formula)
    if found is None:
        raise OptionError(AGAIN)
    kept, terms, bars = found
    return some_of(design, kept, [term for _, term in terms], formula, bars)


def chosen(design: Design, formula: Formula) -> Chosen | None:
    """Columns of X, terms and bars that are those of the formula; None where it takes the data."""
    recipe = design.recipe
    if recipe is None:
        raise OptionError("a model of arrays has no formula: fit the arrays of the other model")
    old = recipe.formula
    all_fixed = formula.fixed == old.fixed
    kept = np.arange(design.p) if all_fixed else columns(old.fixed, formula.fixed, recipe.variables)
    found = [effects(design, bar) for bar in formula.bars]
    same = (formula.response, formula.offsets) == (old.response, old.offsets)
    whole = len(recipe.kept) == len(recipe.columns)  # a column that was lost may come back
    if kept is None or None in found or not same or not (whole or all_fixed):
        return None
    terms = sorted((one for one in found if one is not None), key=lambda one: one[0])
    return kept, terms, tuple(formula.bars[found.index(one)] for one in terms)


def effects(design: Design, bar: Bar) -> tuple[int, RandomTerm] | None:
    """The random term of a bar, as a part of one of the design's, and which; None: of none."""
    recipe = design.recipe
    for t, (own, term) in enumerate(zip(recipe.bars, design.terms, strict=True)):
        if own.columns == bar.columns:
            kept = columns(own.effects, bar.effects, recipe.variables)
            if kept is not None:
                return t, with_effects(term, kept)
    return None


def with_effects(term: RandomTerm, kept: Array) -> RandomTerm:
    """A term with some of its effects (k,)."""
    return replace(term, x=term.x[:, kept], effects=tuple(term.effects[j] for j in kept))


def some_of(
    design: Design,
    kept: Array,
    terms: list[RandomTerm],
    formula: Formula | None,
    bars: tuple[Bar, ...] = (),
) -> Design:
    """The design with some columns of X (p,) and other terms; formula None: it has none."""
    if design.coordinates is not None:
        raise OptionError(CHUNKS)
    names = term_names([term.group for term in terms])
    X, given = design.X.T[kept].T, tuple(design.names[j] for j in kept)
    recipe: Any = None
    if formula is not None:
        recipe = replace(design.recipe, formula=formula, bars=bars)
        if formula.fixed != design.recipe.formula.fixed:  # and no column was lost
            recipe = replace(recipe, kept=tuple(range(len(kept))), columns=given)
    return replace(
        design,
        X=X,
        names=given,
        terms=tuple(replace(t, name=name) for t, name in zip(terms, names, strict=True)),
        messages=design.messages if len(kept) == design.p else tuple(scale_messages(X)),
        recipe=recipe,
    )


def droppable(terms: Terms) -> list[Term]:
    """The terms that no other one contains."""
    sets = [frozenset(term) for term in terms.terms]
    return [
        term for term, own in zip(terms.terms, sets, strict=True) if not any(own < o for o in sets)
    ]


def without(terms: Terms, term: Term) -> Terms:
    """Terms but one."""
    return replace(terms, terms=tuple(other for other in terms.terms if other != term))
