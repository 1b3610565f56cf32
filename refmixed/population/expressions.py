"""Expressions over the columns of a sample: R's syntax as in formulas, or a function of the frame.

`by_level(group, A = 2, B = 3)` and `by_level(group, effects)` give each row the value of its level.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ..checks import numbers
from ..errors import FormulaError, LevelError, PopulationError, nearest
from ..linalg import Array
from ..r.data import as_group, require_columns
from ..r.deparse import deparse
from ..r.levels import label
from ..r.parse import Node, parse
from ..r.variable import Variable


def by_level(column: Any, values: Any = None, /, **levels: Any) -> Array:
    """(n,): the value of each row's level.

    values: a mapping or Series by level, or one value a level, in the order of the levels; or the
    levels are named: by_level(group, A=2, B=3).  Raises LevelError, PopulationError.
    """
    if np.ndim(column) != 1:
        raise PopulationError("by_level takes one column, a factor")
    series = pd.Series(column)
    what = f"by_level({series.name or 'a factor'})"
    if (values is None) == (not levels):
        raise PopulationError(f"{what} takes either a vector of values or level = value pairs")
    if series.isna().any():
        raise PopulationError(f"{what} met a row that has no level")
    coded = as_group(series, what)
    return table(levels if values is None else values, coded.levels, what)[coded.codes]


def table(values: Any, levels: tuple[str, ...], what: str) -> Array:
    """(levels,): the value of each level."""
    if not isinstance(values, Mapping | pd.Series):
        found = numbers(values, f"the values of {what}")
        if found.shape != (len(levels),):
            raise LevelError(f"{what} needs {len(levels)} values, one a level, not {found.size}")
        return found
    named = {label(level): value for level, value in values.items()}
    if len(named) < len(values):
        raise LevelError(f"{what} names a level twice")
    for name in named:
        if name not in levels:
            raise LevelError(f"{what} names the level {name!r}, unknown{nearest(name, levels)}")
    if missing := [level for level in levels if level not in named]:
        raise LevelError(f"{what} has no value for the level {missing[0]!r}")
    return numbers([named[level] for level in levels], f"the values of {what}")


@dataclass(frozen=True)
class Expression:
    """A number, a text in R's syntax or a function of the frame; `names` is what the text uses."""

    source: float | str | Callable[[pd.DataFrame], Any]
    names: Mapping[str, Any]

    def __call__(self, data: pd.DataFrame) -> Array:
        """(n,) finite numbers.  Raises PopulationError, UnknownColumnError, FormulaError."""
        if isinstance(self.source, str):
            values = in_text(parsed(self.source), data, self.names)
        elif callable(self.source):
            values = of_function(self.source, data.copy())
        else:
            values = np.full(len(data), float(self.source))
        if (bad := ~np.isfinite(values)).any():
            row = data.index[int(bad.argmax())]
            raise PopulationError(f"{self} is not a finite number in row {row!r}")
        return values

    def reads(self, columns: Iterable[str]) -> bool:
        """Whether its value may depend on one of these columns; a function may read them all."""
        if isinstance(self.source, str):
            names = {node.text for node in parsed(self.source).walk() if node.kind == "name"}
            return not names.isdisjoint(columns)
        return callable(self.source)

    def __str__(self) -> str:
        return getattr(self.source, "__name__", str(self.source))


parsed = cache(parse)  # an expression is evaluated again for each sample


def expression(source: Any, names: Mapping[str, Any], what: str) -> Expression:
    """An expression, its text checked.  Raises FormulaError, PopulationError."""
    if isinstance(source, str):
        try:
            deparse(parsed(source))
        except RecursionError:
            raise FormulaError(f"{what} is nested too deeply, or too long") from None
    elif not callable(source):
        if np.ndim(source) or source is None or isinstance(source, bool):
            raise PopulationError(f"{what} must be a number, a text or a function of the frame")
        source = float(numbers(source, what))
    return Expression(source, dict(names))


def of_function(function: Callable[[pd.DataFrame], Any], data: pd.DataFrame) -> Array:
    """(n,) of a function of the frame; one number is n."""
    name = getattr(function, "__name__", "the function")
    given = function(data)
    if isinstance(given, pd.Series) and not given.index.equals(data.index):
        raise PopulationError(f"{name} gave a Series with another index than the frame's")
    values = numbers(given, name)
    if values.shape not in ((), (len(data),)):
        raise PopulationError(f"{name} gave an array of shape {values.shape} for {len(data)} rows")
    return np.array(np.broadcast_to(values, len(data)))


def in_text(node: Node, data: pd.DataFrame, names: Mapping[str, Any]) -> Array:
    """(n,) of an expression: each by_level(...) becomes a column, then formulas' evaluation."""
    columns: dict[str, Any] = {}
    if any(n.kind == "operator" and n.text == "|" for n in node.walk()):
        raise PopulationError(
            f"{deparse(node)} has a bar: give random effects a column, by random_effects(...)"
        )
    rest = without_by_level(node, data, names, columns)
    for name in {n.text for n in rest.walk() if n.kind == "name"} & names.keys():
        if np.ndim(names[name]):
            raise PopulationError(f"{name} is no number: use it as by_level(factor, {name})")
        if name in data:
            raise PopulationError(f"{name} is a column, and a value of that name is given as well")
        columns[name] = np.full(len(data), float(numbers(names[name], name)))
    variable = Variable(rest)
    values = variable.evaluate(data.assign(**columns))
    if variable.levels is not None and set(variable.levels) <= {"FALSE", "TRUE"}:
        return np.array([level == "TRUE" for level in variable.levels], dtype=float)[values]
    if variable.levels is not None or values.shape[1:] != (1,):
        raise PopulationError(f"{deparse(node)} is not one number a row")
    return values[:, 0]


def without_by_level(
    node: Node, data: pd.DataFrame, names: Mapping[str, Any], columns: dict[str, Any]
) -> Node:
    """The expression with each call of by_level replaced by a new column."""
    if node.kind == "call" and node.text == "by_level":
        columns[deparse(node)] = called(node, data, names)
        return Node("name", deparse(node), (), node.at)
    args = tuple(without_by_level(arg, data, names, columns) for arg in node.args)
    return Node(node.kind, node.text, args, node.at)


def called(node: Node, data: pd.DataFrame, names: Mapping[str, Any]) -> Array:
    """(n,) of one call of by_level in a text."""
    if not node.args or node.args[0].kind != "name":
        raise PopulationError(f"{deparse(node)} must begin with the name of a factor")
    column = node.args[0].text
    require_columns([column], data)
    if all(arg.kind == "keyword" for arg in node.args[1:]):
        levels = {arg.text: constant(arg.args[0], names) for arg in node.args[1:]}
        if len(levels) < len(node.args) - 1:
            raise LevelError(f"{deparse(node)} names a level twice")
        return by_level(data[column], levels or None)
    if len(node.args) != 2 or node.args[1].kind != "name":
        raise PopulationError(
            f"{deparse(node)} takes level = value pairs, or the name of values given to response()"
        )
    vector = node.args[1].text
    if vector not in names:
        raise PopulationError(
            f"{deparse(node)}: no values are called {vector!r}{nearest(vector, names)}"
        )
    return by_level(data[column], names[vector])


def constant(node: Node, names: Mapping[str, Any]) -> float:
    """The value of a level, which is the same in all rows."""
    if unknown := [n.text for n in node.walk() if n.kind == "name" and n.text not in names]:
        raise PopulationError(
            f"the value of a level cannot depend on {unknown[0]}: multiply by_level(...) with it"
        )
    return float(in_text(node, pd.DataFrame(index=[0]), names)[0])
