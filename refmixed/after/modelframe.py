"""The variables of a fit's formula in its rows, in the order and under the names of R."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..design import Design
from ..linalg import Array
from ..r.bars import Grouping
from ..r.deparse import deparse
from ..r.groups import group_name, grouping_columns
from ..r.newrows import values_of
from ..r.parse import Node, parse
from ..r.recipe import Recipe


def model_frame(fit: Any) -> pd.DataFrame:
    """R's model.frame of a fit, (n, any); of a fit to arrays y, X and the groups."""
    design: Design = fit.design
    recipe: Recipe | None = design.recipe
    if recipe is None or recipe.origin is None:
        columns = of_arrays(design)
    else:
        data = recipe.origin.columns(recipe.origin.data.columns).set_axis(design.index)
        columns = response(design, data)
        for node in in_order(recipe):
            columns |= shown(recipe, node, data)
    if fit.labels["weights"] is not None:
        columns["(weights)"] = design.weights
    if fit.labels["offset"] is not None:
        columns["(offset)"] = design.offset
    return pd.DataFrame(columns, index=design.index)


def response(design: Design, data: pd.DataFrame) -> dict[str, Any]:
    """The response under its name: y, or the factor or the columns that y was made of."""
    node = design.recipe.formula.response
    variable = design.recipe.variables[node]
    is_number = variable.width == 1 and variable.levels in (None, ("FALSE", "TRUE"))
    return {deparse(node): design.y} if is_number else shown(design.recipe, node, data)


def of_arrays(design: Design) -> dict[str, Any]:
    """y, the columns of X, and the level of each row in each group."""
    columns = {"y": design.y} | dict(zip(design.names, design.X.T, strict=True))
    for term in design.terms:
        columns[term.group] = as_factor(term.codes, term.levels)
    return columns


def as_factor(codes: Array, levels: tuple[str, ...]) -> Any:
    """Codes (n,) with the names of their levels."""
    return pd.Categorical.from_codes(codes.tolist(), dtype=pd.CategoricalDtype(list(levels)))


def in_order(recipe: Recipe) -> list[Node]:
    """The variables and grouping columns, as they come in the text of the formula."""
    formula = recipe.formula
    nodes = [node for node in recipe.variables if node not in formula.offsets]
    nodes = [node for node in nodes if node != formula.response]
    wanted = dict.fromkeys([*nodes, *(as_node(c) for bar in formula.bars for c in bar.columns)])
    wanted |= dict.fromkeys(Node("call", "offset", (node,)) for node in formula.offsets)
    _, right = parse(formula.text).args
    found = dict.fromkeys(node for node in outermost(right, wanted))
    return [*found, *(node for node in wanted if node not in found)]


def as_node(column: str | Node) -> Node:
    """A grouping column as the node that names it."""
    return Node("name", column) if isinstance(column, str) else column


def outermost(node: Node, wanted: dict[Node, None]) -> Iterator[Node]:
    """Those of the nodes that are in a tree, in the order of the text."""
    if node in wanted:
        yield node
    else:
        for arg in node.args:
            yield from outermost(arg, wanted)


def shown(recipe: Recipe, node: Node, data: pd.DataFrame) -> dict[str, Any]:
    """The columns of one variable: those of the data, or what an expression made of them."""
    if node.kind == "name":
        return {node.text: data[node.text]}
    if node.kind == "call" and node.text == "offset":
        return {deparse(node): values_of(recipe.variables[node.args[0]], data)[:, 0]}
    if node not in recipe.variables:
        columns: Grouping = (node,)
        return {group_name(node): grouping_columns(columns, data)[node]}
    variable = recipe.variables[node]
    values = values_of(variable, data)
    if variable.levels is not None:
        return {variable.name: as_factor(values, variable.levels)}
    if variable.width == 1:
        return {variable.name: values[:, 0]}
    labels = variable.labels or range(1, variable.width + 1)
    return {f"{variable.name}.{k}": x for k, x in zip(labels, values.T, strict=True)}
