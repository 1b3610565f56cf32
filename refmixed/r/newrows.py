"""New rows of data -> the arrays of the fit: its columns, its levels, what it learned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ..checks import length, read_term, row_labels
from ..coordinates import require_rows
from ..design import Design
from ..errors import EmptyDataError, MissingColumnError, OffsetError
from ..linalg import Array
from ..prediction import NO_OFFSET, NewRows, array_rows, own_rows, refuse_new
from .bars import Bar
from .data import as_frame, as_group, require_columns
from .frame import evaluate, lacking, model_matrix
from .groups import group_name, grouping_columns
from .parse import Node
from .recipe import Recipe
from .terms import Terms
from .variable import Variable


def new_rows(design: Design, newdata: Any, groups: set[str], new_levels: str = "error") -> NewRows:
    """Rows of a data frame, as the fit reads them; of other groups than those given, nothing.

    None stands for the rows of the fit.  To a fit of arrays rows come as `array_rows` takes them.

    new_levels: "error" refuses levels that the fit has not seen, and lets rows that name no group
    be missing; "population" gives both code -1.
    Raises MissingColumnError, NewLevelError, UnknownLevelError.
    """
    if newdata is None:
        require_rows(design)
        return own_rows(design)
    if design.recipe is None:
        return array_rows(design, newdata, groups, new_levels)
    recipe = design.recipe
    if recipe.offset_given:
        raise OffsetError(f"{NO_OFFSET}: write it as offset(column) in the formula")
    try:
        data = as_frame(newdata)
    except EmptyDataError:
        none = own_rows(design.rows(np.zeros(len(design.y), dtype=bool)))
        return replace(none, index=row_labels(newdata))
    X, missing = rows(recipe, recipe.formula.fixed, data)
    offset = np.zeros(len(data))
    for node in recipe.formula.offsets:
        offset = offset + values_of(recipe.variables[node], data)[:, 0]
    effects: list[Array] = []
    levels: list[Array] = []
    for term, bar in zip(design.terms, recipe.bars, strict=True):
        if term.group not in groups:
            x, codes = np.zeros((len(data), term.k)), np.full(len(data), -1)
        else:
            codes, unknown = level_codes(recipe, bar, data, new_levels)
            x, incomplete = rows(recipe, bar.effects, data)
            missing = missing | unknown | incomplete
        effects.append(x)
        levels.append(codes)
    kept = X[:, list(recipe.kept)]
    return NewRows(kept, offset, tuple(effects), tuple(levels), missing, data.index)


def rows(recipe: Recipe, terms: Terms, data: pd.DataFrame) -> tuple[Array, Array]:
    """The model matrix of new rows, and which of them (r,) lack a value."""
    nodes: list[Node] = list(dict.fromkeys(node for term in terms.terms for node in term))
    values = {node: values_of(recipe.variables[node], data) for node in nodes}
    missing = np.zeros(len(data), dtype=bool)
    for value in values.values():
        missing |= lacking(value)
    X, _ = model_matrix(terms, recipe.variables, values, len(data))
    return np.where(missing[:, None], 0.0, X), missing


def rows_of_effects(design: Design, newdata: Any) -> tuple[tuple[Array, ...], Array]:
    """x (r, k) of each term whatever the levels, and which rows (r,) lack a value of it."""
    data = as_frame(newdata)
    pairs = [rows(design.recipe, bar.effects, data) for bar in design.recipe.bars]
    missing = np.any([np.zeros(len(data), dtype=bool), *(lost for _, lost in pairs)], axis=0)
    return tuple(x for x, _ in pairs), missing


def values_of(variable: Variable, data: pd.DataFrame) -> Array:
    """A variable of the fit in new rows."""
    require(variable.reads, data)
    return evaluate(variable, data)


def require(columns: Iterable[str], data: pd.DataFrame) -> None:
    """Raises MissingColumnError."""
    require_columns(columns, data, MissingColumnError, "newdata")


def level_codes(
    recipe: Recipe, bar: Bar, data: pd.DataFrame, new_levels: str
) -> tuple[Array, Array]:
    """The level (r,) of each new row, -1 where it is new or none, and which rows (r,) lack one."""
    data = grouping_columns(bar.columns, data, MissingColumnError, "newdata")
    missing = data[list(bar.columns)].isna().any(axis=1).to_numpy()
    present = data[~missing]
    parts = [level_names(present[c], group_name(c)) for c in bar.columns]
    labels = list(zip(*parts, strict=True))
    book = recipe.groups[bar.columns]
    codes = np.full(len(data), -1)
    codes[~missing] = [book.get(label, -1) for label in labels]
    new = [":".join(label) for label in dict.fromkeys(labels) if label not in book]
    refuse_new(bar.group, new, new_levels)
    return codes, missing & (new_levels == "error")


def own_codes(design: Design, newdata: Any) -> list[Array]:
    """For each term the level (r,) of each new row among the levels of these rows; -1: no level."""
    if design.recipe is None:
        _, terms = newdata
        n = length(newdata[0])
        return [read_term(pair, t, n, gaps=True)[1] for t, pair in enumerate(terms, start=1)]
    data, codes = as_frame(newdata), []
    for bar in design.recipe.bars:
        groups = grouping_columns(bar.columns, data, MissingColumnError, "newdata")
        there = groups[list(bar.columns)].notna().all(axis=1).to_numpy()
        parts = [level_names(groups[there][c], group_name(c)) for c in bar.columns]
        labels = list(zip(*parts, strict=True))
        book = {label: k for k, label in enumerate(sorted(set(labels)))}
        own = np.full(len(data), -1)
        own[there] = [book[label] for label in labels]
        codes.append(own)
    return codes


def level_names(column: pd.Series[Any], name: str) -> list[str]:
    """The level of each row of a grouping column, as a string of all its digits."""
    coded = as_group(column, name)
    return [coded.identities[k] for k in coded.codes]
