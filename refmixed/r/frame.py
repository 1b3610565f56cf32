"""The variables of a formula in all rows of the data: R's model frame.

In R's order: every variable is evaluated on all rows, rows with a missing value are dropped, then
levels that no row has, and only then are factors coded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from math import prod
from typing import Any

import numpy as np
import pandas as pd

from ..checks import weighty
from ..errors import OffsetError, WeightsError
from ..linalg import PART, Array, afford
from .bars import Grouping
from .formula import Formula
from .given import per_row
from .groups import Labels, codebook, group_codes, some
from .levels import renumbered
from .lost import warn_of_lost
from .parse import Node
from .terms import Term, Terms
from .variable import Variable


@dataclass(frozen=True)
class Frame:
    """The variables of a formula in n rows: R's model frame.

    Missing values are NaN in numbers and -1 in codes.
    """

    index: pd.Index  # (n,)
    variables: Mapping[Node, Variable]
    values: Mapping[Node, Array]  # (n, width) or codes (n,)
    groups: Mapping[Grouping, Array]  # columns -> codes (n,)
    levels: Mapping[Grouping, list[Labels]]  # columns -> the level of each code, as R writes it
    identities: Mapping[Grouping, list[Labels]]  # the same with all digits
    weights: Array  # (n,)
    offset: Array  # (n,)
    places: Array  # (n,)  of the rows in the data

    def __len__(self) -> int:
        return len(self.index)

    def complete(self) -> Array:
        """(n,) whether a row has all values."""
        columns = [*self.values.values(), *self.groups.values(), self.weights, self.offset]
        return ~reduce(np.logical_or, map(lacking, columns))

    def rows(self, keep: Array) -> Frame:
        """The frame with some of its rows (n,)."""
        if keep.all():
            return self
        values = {node: v[keep] for node, v in self.values.items()}
        groups = {columns: codes[keep] for columns, codes in self.groups.items()}
        return Frame(
            self.index[keep],
            self.variables,
            values,
            groups,
            self.levels,
            self.identities,
            self.weights[keep],
            self.offset[keep],
            self.places[keep],
        )

    def without_unused_levels(self) -> Frame:
        """The frame with the levels that occur in it."""
        values = {node: self.variables[node].drop_unused(v) for node, v in self.values.items()}
        used = {c: renumbered(codes, len(self.levels[c])) for c, codes in self.groups.items()}
        groups = {columns: codes for columns, (codes, _) in used.items()}
        levels = {c: some(self.levels[c], which) for c, (_, which) in used.items()}
        exact = {c: some(self.identities[c], which) for c, (_, which) in used.items()}
        given = self.weights, self.offset, self.places
        return Frame(self.index, self.variables, values, groups, levels, exact, *given)

    def matrix(self, terms: Terms) -> tuple[Array, list[str]]:
        """The model matrix (n, p) of a linear predictor, and its columns' names."""
        return model_matrix(terms, self.variables, self.values, len(self))

    def codebooks(self) -> dict[Grouping, dict[Labels, int]]:
        """For each grouping factor, the code of each level, by its labels and by its values."""
        return {c: codebook(levels, self.identities[c]) for c, levels in self.levels.items()}


def model_frame(formula: Formula, data: pd.DataFrame, weights: Any, offset: Any) -> Frame:
    """Every variable of a formula in all rows of the data but those of weight zero."""
    numbers, shift, places = np.ones(len(data)), np.zeros(len(data)), np.arange(len(data))
    if offset is not None:
        shift = per_row(offset, data, "offset", OffsetError)
    if weights is not None:
        numbers = per_row(weights, data, "weights", WeightsError)
        keep = weighty(numbers)
        data, numbers, shift, places = data[keep], numbers[keep], shift[keep], places[keep]
    predictors = (formula.fixed, *(bar.effects for bar in formula.bars))
    nodes = chain.from_iterable(p.variables for p in predictors)
    variables = {node: Variable(node) for node in (formula.response, *nodes, *formula.offsets)}
    groups = {bar.columns: group_codes(bar.columns, data) for bar in formula.bars}
    values = {node: evaluate(variable, data) for node, variable in variables.items()}
    return Frame(
        data.index,
        variables,
        values,
        {columns: codes for columns, (codes, _, _) in groups.items()},
        {columns: levels for columns, (_, levels, _) in groups.items()},
        {columns: exact for columns, (_, _, exact) in groups.items()},
        numbers,
        shift,
        places,
    )


def evaluate(variable: Variable, data: pd.DataFrame) -> Array:
    """A variable in rows of the data; warns (MissingValueWarning) where it makes a value none."""
    values = variable.evaluate(data)
    if variable.node.kind != "name" and (missing := lacking(values)).any():
        columns = data[list(variable.reads)]
        lost = missing & columns.notna().all(axis=1).to_numpy()
        if lost.any() and not lost.all():  # of all rows an error is due
            warn_of_lost(variable.name, columns[lost], len(data))
    return values


def is_full(terms: tuple[Term, ...], k: int, factor: Node) -> bool:
    """R's rule: a column a level, unless a term before already spans the rest of term k."""
    rest = set(terms[k]) - {factor}
    return bool(rest) and not any(rest <= set(before) for before in terms[:k])


def model_matrix(
    terms: Terms, variables: Mapping[Node, Variable], values: Mapping[Node, Array], n: int
) -> tuple[Array, list[str]]:
    """Model matrix (n, p) and R's column names of a linear predictor."""
    blocks = [np.ones((n, int(terms.intercept)))]
    names = ["(Intercept)"] * terms.intercept
    with afford(n, columns_at_most(terms, variables), 0, advice=PART):
        for k, full in enumerate(codings(terms, variables)):
            block, labels = term_matrix(terms.terms[k], full, variables, values, n)
            blocks.append(block)
            names += labels
        return np.hstack(blocks), names


def codings(terms: Terms, variables: Mapping[Node, Variable]) -> list[tuple[bool, ...]]:
    """Of each factor of each term whether it has a column a level, and not contrasts."""
    categorical = [[f for f in term if variables[f].levels is not None] for term in terms.terms]
    first = next((k for k, found in enumerate(categorical) if found), None)
    found = []
    for k, term in enumerate(terms.terms):
        # without an intercept, the first categorical variable of all stands in for it
        stand_in = categorical[k][0] if not terms.intercept and k == first else None
        found.append(tuple(f == stand_in or is_full(terms.terms, k, f) for f in term))
    return found


def term_matrix(
    term: Term,
    full: tuple[bool, ...],
    variables: Mapping[Node, Variable],
    values: Mapping[Node, Array],
    n: int,
) -> tuple[Array, list[str]]:
    """The columns (n, any) of one term and their names, its factors so coded."""
    block, labels = np.ones((n, 1)), [""]
    for factor, whole in zip(term, full, strict=True):
        columns, new = variables[factor].columns(values[factor], whole)
        if factor is term[0]:
            block, labels = columns + 0.0, new  # a zero has no sign, as in products
            continue
        block = products(block, columns)
        labels = [f"{a}:{b}" for b in new for a in labels]
    return block, labels


def products(left: Array, right: Array) -> Array:
    """(n, k l): each column of left (n, k) times each of right (n, l); left's vary fastest."""
    both = np.einsum("ni,nj->nji", left, right)  # (n, l, k)
    return both.reshape(len(left), left.shape[1] * right.shape[1])


def columns_at_most(terms: Terms, variables: Mapping[Node, Variable]) -> int:
    """How many columns a linear predictor has, were each factor to have one a level."""
    widths = {node: len(v.levels or ()) or v.width for node, v in variables.items()}
    return 1 + sum(prod(widths[factor] for factor in term) for term in terms.terms)


def lacking(values: Array) -> Array:
    """(n,) Whether a row of numbers (n, width), or of codes (n,), lacks a value."""
    missing = values < 0 if values.dtype.kind == "i" else np.isnan(values)
    narrow = missing.size == len(values)
    return np.asarray(missing.reshape(-1) if narrow else missing.any(axis=1))
