"""Fitted values and predictions: offset + X beta, plus Z gamma for the groups asked for.

A new group has no posterior: its random effects are predicted by their mean, zero (eq:new-group).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from .arrays import Array
from .columns import Variable, as_group, model_matrix
from .design import Design, RandomTerm, Recipe
from .errors import MissingColumnError, NewLevelError, OptionError, nearest, one_of
from .formula import Bar, Terms
from .frame import as_frame
from .posterior import placed
from .syntax import Node


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


def fitted(design: Design, beta: Array, gamma: Array, groups: set[str]) -> Array:
    """offset + X beta + Z gamma, (n,), the random effects of some groups only.  eq:fitted"""
    mean = design.offset + design.X @ beta  # (n,)
    for term, places in placed(design):
        if term.group in groups:
            mean = mean + contribution(term.x, term.codes, gamma[places])
    return np.asarray(mean)


def contribution(x: Array, codes: Array, effects: Array) -> Array:
    """Z_t gamma_t (n,), without Z_t: each row of x (n, k) times its level's effects (levels, k)."""
    known = np.vstack([effects, np.zeros(effects.shape[1])])  # code -1 finds the zeros: a new group
    return np.asarray(np.einsum("ik,ik->i", x, known[codes]))


def predict(
    design: Design,
    beta: Array,
    gamma: Array,
    newdata: Any,
    groups: set[str],
    new_levels: str = "error",
) -> pd.Series[Any]:
    """Predictions for new rows; NaN where a row lacks a value.

    new_levels: "error" refuses groups that the fit has not seen, "population" predicts them with
    random effects of zero.  Raises MissingColumnError, NewLevelError, UnknownLevelError.
    """
    one_of("new_levels", new_levels, ["error", "population"])
    recipe = design.recipe
    data = as_frame(newdata)
    X, missing = rows(recipe, recipe.formula.fixed, data)
    mean = X[:, list(recipe.kept)] @ beta
    for node in recipe.formula.offsets:
        mean = mean + evaluate(recipe.variables[node], data)[:, 0]
    for (term, places), bar in zip(placed(design), recipe.bars, strict=True):
        if term.group in groups:
            codes, unknown = level_codes(recipe, term, bar, data, new_levels)
            x, incomplete = rows(recipe, bar.effects, data)
            mean = mean + contribution(x, codes, gamma[places])
            missing = missing | unknown | incomplete
    return pd.Series(np.where(missing, np.nan, mean), index=data.index)


def rows(recipe: Recipe, terms: Terms, data: pd.DataFrame) -> tuple[Array, Array]:
    """The model matrix of new rows, and which of them (n,) lack a value."""
    nodes: list[Node] = list(dict.fromkeys(node for term in terms.terms for node in term))
    values = {node: evaluate(recipe.variables[node], data) for node in nodes}
    missing = np.zeros(len(data), dtype=bool)
    for node, value in values.items():
        coded = recipe.variables[node].levels is not None
        missing |= value < 0 if coded else np.isnan(value).any(axis=1)
    X, _ = model_matrix(terms, recipe.variables, values, len(data))
    return np.where(missing[:, None], 0.0, X), missing


def evaluate(variable: Variable, data: pd.DataFrame) -> Array:
    """A variable of the fit in new rows."""
    require(variable.reads, data)
    return variable.evaluate(data)


def require(columns: Iterable[str], data: pd.DataFrame) -> None:
    """Raises MissingColumnError."""
    for name in columns:
        if name not in data.columns:
            raise MissingColumnError(
                f"newdata have no column {name!r}{nearest(name, data.columns)}"
            )


def level_codes(
    recipe: Recipe, term: RandomTerm, bar: Bar, data: pd.DataFrame, new_levels: str
) -> tuple[Array, Array]:
    """The level (n,) of each new row, -1 for a new one, and which rows (n,) name no group."""
    require(bar.columns, data)
    missing = data[list(bar.columns)].isna().any(axis=1).to_numpy()
    present = data[~missing]
    parts = [level_names(present[c], c) for c in bar.columns]
    labels = list(zip(*parts, strict=True))
    book = recipe.groups[bar.columns]
    codes = np.full(len(data), -1)
    codes[~missing] = [book.get(label, -1) for label in labels]
    new = [":".join(label) for label in dict.fromkeys(labels) if label not in book]
    if new and new_levels == "error":
        shown = ", ".join(new[:5]) + (", ..." if len(new) > 5 else "")
        raise NewLevelError(
            f"{term.group} has levels that the fit has not seen ({shown}); "
            "new_levels='population' predicts them with random effects of zero"
        )
    return codes, missing


def level_names(column: pd.Series[Any], name: str) -> list[str]:
    """The level of each row of a grouping column, as a string."""
    coded = as_group(column, name)
    return [coded.levels[k] for k in coded.codes]
