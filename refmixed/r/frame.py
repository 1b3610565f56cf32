"""The variables of a formula in all rows of the data: R's model frame.

In R's order: every variable is evaluated on all rows, rows with a missing value are dropped, then
levels that no row has, and only then are factors coded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, OffsetError, WeightsError
from ..linalg import Array
from .bars import Grouping
from .data import as_group, per_row
from .formula import Formula
from .parse import Node
from .terms import Term, Terms
from .variable import Variable, group_name, grouping_columns

Labels = tuple[str, ...]  # one level of a grouping factor: the level of each of its columns


@dataclass(frozen=True)
class Frame:
    """The variables of a formula in n rows: R's model frame.

    Missing values are NaN in numbers and -1 in codes.
    """

    index: pd.Index  # (n,)
    variables: Mapping[Node, Variable]
    values: Mapping[Node, Array]  # (n, width) or codes (n,)
    groups: Mapping[Grouping, Array]  # columns -> codes (n,)
    levels: Mapping[Grouping, list[Labels]]  # columns -> the level of each code
    weights: Array  # (n,)
    offset: Array  # (n,)

    def __len__(self) -> int:
        return len(self.index)

    def complete(self) -> Array:
        """(n,) whether a row has all values."""
        columns = [*self.values.values(), *self.groups.values(), self.weights, self.offset]
        missing = [v < 0 if v.dtype.kind == "i" else np.isnan(v) for v in columns]
        return ~np.any([m.reshape(len(self), -1).any(axis=1) for m in missing], axis=0)

    def rows(self, keep: Array) -> Frame:
        """The frame with some of its rows (n,)."""
        values = {node: v[keep] for node, v in self.values.items()}
        groups = {columns: codes[keep] for columns, codes in self.groups.items()}
        return Frame(
            self.index[keep],
            self.variables,
            values,
            groups,
            self.levels,
            self.weights[keep],
            self.offset[keep],
        )

    def without_unused_levels(self) -> Frame:
        """The frame with the levels that occur in it."""
        values = {node: self.variables[node].drop_unused(v) for node, v in self.values.items()}
        used = {c: np.unique(codes, return_inverse=True) for c, codes in self.groups.items()}
        groups = {columns: codes for columns, (_, codes) in used.items()}
        levels = {c: [self.levels[c][k] for k in which] for c, (which, _) in used.items()}
        return Frame(self.index, self.variables, values, groups, levels, self.weights, self.offset)

    def matrix(self, terms: Terms) -> tuple[Array, list[str]]:
        """The model matrix (n, p) of a linear predictor, and its columns' names."""
        return model_matrix(terms, self.variables, self.values, len(self))

    def codebooks(self) -> dict[Grouping, dict[Labels, int]]:
        """For each grouping factor, the code of each level."""
        return {c: {label: k for k, label in enumerate(ls)} for c, ls in self.levels.items()}


def model_frame(formula: Formula, data: pd.DataFrame, weights: Any, offset: Any) -> Frame:
    """Every variable of a formula in all rows of the data."""
    predictors = (formula.fixed, *(bar.effects for bar in formula.bars))
    nodes = chain.from_iterable(p.variables for p in predictors)
    variables = {node: Variable(node) for node in (formula.response, *nodes, *formula.offsets)}
    groups = {bar.columns: group_codes(bar.columns, data) for bar in formula.bars}
    return Frame(
        data.index,
        variables,
        {node: variable.evaluate(data) for node, variable in variables.items()},
        {columns: codes for columns, (codes, _) in groups.items()},
        {columns: levels for columns, (_, levels) in groups.items()},
        per_row(weights, data, "weights", 1.0, WeightsError),
        per_row(offset, data, "offset", 0.0, OffsetError),
    )


def group_codes(columns: Grouping, data: pd.DataFrame) -> tuple[Array, list[Labels]]:
    """Codes (n,) of the combinations of levels that occur, -1 where missing, and their levels."""
    data = grouping_columns(columns, data)
    complete = data[list(columns)].notna().all(axis=1).to_numpy()
    coded = [as_group(data[name][complete], group_name(name)) for name in columns]
    table = np.stack([c.codes for c in coded], axis=1)  # (n, columns)
    combinations, inverse = np.unique(table, axis=0, return_inverse=True)
    codes = np.full(len(data), -1)
    codes[complete] = inverse.reshape(-1)
    levels = [tuple(c.levels[k] for c, k in zip(coded, row, strict=True)) for row in combinations]
    if alike := [name for name, k in Counter(map(":".join, levels)).items() if k > 1]:
        name = ":".join(map(group_name, columns))
        raise DataError(f"two levels of {name} read {alike[0]!r}: rename one of them")
    return codes, levels


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
    categorical = [[f for f in term if variables[f].levels is not None] for term in terms.terms]
    first = next((k for k, found in enumerate(categorical) if found), None)
    for k, term in enumerate(terms.terms):
        block, labels = np.ones((n, 1)), [""]
        for factor in term:
            # without an intercept, the first categorical variable of all stands in for it
            stands_in = not terms.intercept and k == first and factor == categorical[k][0]
            full = stands_in or is_full(terms.terms, k, factor)
            columns, new = variables[factor].columns(values[factor], full)
            both = np.einsum("ni,nj->nji", block, columns)
            block = both.reshape(n, -1)  # the first varies fastest
            labels = [f"{a}:{b}" if a else b for b in new for a in labels]
        blocks.append(block)
        names += labels
    return np.hstack(blocks), names
