"""The value of an expression over columns, as R would have it, with a memory for new rows.

The tree is evaluated as it stands, so that what a column is called changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..errors import FormulaError, nearest
from ..linalg import Array
from .arguments import matched
from .arithmetic import OPERATORS, SIGNS, Columns, is_text, logical, number, texts
from .contrasts import WORDS
from .data import Coded, as_group, as_variable, part, there
from .functions import FUNCTIONS, HOME, Function
from .parse import Node, unescaped

CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None, "Inf": np.inf, "NaN": np.nan, "NA": np.nan}
NAMES = {"T": True, "F": False, "pi": np.pi}  # a column of the name hides them


@dataclass(frozen=True)
class Rows:
    """Rows of data in which expressions are evaluated."""

    data: pd.DataFrame
    reads: tuple[str, ...]  # the names that are columns
    memory: dict[Node, dict[str, Any]]  # call -> what it learned from the data of the fit

    def present(self, node: Node) -> Array:
        """(n,) whether a row has all the values that the expression needs."""
        everywhere = np.full(len(self.data), True)
        if node.kind == "name" and node.text in self.reads:
            return there(self.data[node.text])
        parts = [self.present(arg) for arg in node.args]
        function = function_of(node) if node.kind == "call" else None
        if not parts or np.all(parts) or (function and function.summary):
            return everywhere
        if function and function.chooses:
            return self.chosen(node)
        if function and function.skips and self.leaves_out(node):
            return np.logical_or.reduce(
                [self.present(arg) for arg in node.args if not named(arg)[0]]
            )
        return np.logical_and.reduce(parts)

    def chosen(self, node: Node) -> Array:
        """(n,) whether ifelse() has its test, and what that chooses."""
        _, args = matched(node.text, function_of(node).call, [named(arg) for arg in node.args])
        tested = self.present(args["test"])
        is_yes = np.zeros(len(tested), dtype=bool)
        is_yes[tested] = logical(self.value(args["test"], tested))
        return tested & np.where(is_yes, self.present(args["yes"]), self.present(args["no"]))

    def leaves_out(self, node: Node) -> bool:
        """Whether a call says na.rm = TRUE."""
        said = [arg.args[0] for arg in node.args if named(arg)[0] == "na.rm"]
        return bool(said) and bool(self.value(said[0], np.full(len(self.data), True)))

    def value(self, node: Node, rows: Array) -> Any:
        """The value in some rows (n,), in which all is present.  Raises ValueError, TypeError."""
        if node.kind == "name":
            return self.column(node.text, rows) if node.text in self.reads else NAMES[node.text]
        if node.kind == "constant":
            return CONSTANTS[node.text]
        if node.kind == "number":
            return float(node.text.rstrip("L"))
        if node.kind == "string":
            return unescaped(node.text[1:-1])
        if node.kind == "brackets":
            return self.value(node.args[0], rows)
        if node.kind == "call":
            return self.call(node, rows)
        args = [self.value(arg, rows) for arg in node.args]
        table: Mapping[str, Any] = OPERATORS if len(args) == 2 else SIGNS
        if node.text not in table:
            raise FormulaError(f"{node.text!r} has no meaning inside an expression")
        return table[node.text](*args)

    def column(self, name: str, rows: Array, labels: bool = False) -> Any:
        """A column in some rows; its levels are those of all rows; strings are texts."""
        series = self.data[name]
        present = there(series)
        series = part(series, present)
        value = as_group(series, name) if labels else as_variable(series, name)
        value = take(value, rows[present])
        if labels or not isinstance(value, Coded):
            return value
        learned = self.memory.setdefault(Node("name", name), {})
        is_factor = isinstance(series.dtype, pd.CategoricalDtype)
        return value if learned.setdefault("is factor", is_factor) else texts(value)

    def call(self, node: Node, rows: Array) -> Any:
        """The value of f(a, b = c) in some rows."""
        function = function_of(node)
        # what is remembered is learned from all rows that have it, whatever is beside it
        where = np.logical_and.reduce([self.present(a) for a in node.args] or [rows])
        where = where if function.remembers else rows
        given = [(key, self.argument(function, arg, where)) for key, arg in map(named, node.args)]
        if function.binds:
            return Columns(function.call(*(value for _, value in given)), bound(node))
        args, kwargs = matched(node.text, function.call, given)
        if not function.remembers:
            return function.call(*args, **kwargs)
        value = function.call(self.memory.setdefault(node, {}), *args, **kwargs)
        return value if function.summary else take(value, rows[where])

    def argument(self, function: Function, node: Node, rows: Array) -> Any:
        """The value of an argument; where it may be left out, NaN in rows that lack it."""
        if function.labels and node.kind == "name" and node.text in self.reads:
            return self.column(node.text, rows, labels=True)
        if not function.skips or (found := self.present(node)[rows]).all():
            return self.value(node, rows)
        inside = rows.copy()
        inside[rows] = found
        value = self.value(node, inside)
        value = value if is_text(value) else number(value)
        spread = np.full(len(found), "" if is_text(value) else np.nan, dtype=value.dtype)
        spread[found] = value
        return spread


def bound(node: Node) -> tuple[str, ...]:
    """What cbind() calls its columns: the names of arguments, or the columns that they are."""
    pairs = map(named, node.args)
    return tuple(key or (value.text if value.kind == "name" else "") for key, value in pairs)


def take(value: Any, keep: Array) -> Any:
    """Some of the rows of a value."""
    if isinstance(value, Coded):
        return replace(value, codes=value.codes[keep])
    if isinstance(value, Columns):
        return Columns(value.values[keep], value.labels)
    return value[keep]


def named(node: Node) -> tuple[str, Node]:
    """An argument's name, '' where it has none, and its expression."""
    return (node.text, node.args[0]) if node.kind == "keyword" else ("", node)


def function_of(node: Node) -> Function:
    """The function that a call names, `splines::bs` or `bs`.  Raises FormulaError."""
    package, _, name = node.text.rpartition("::")
    if name not in FUNCTIONS or (package and package != HOME.get(name, "base")):
        raise FormulaError(f"{node.text}() is not a function of formulas{nearest(name, FUNCTIONS)}")
    return FUNCTIONS[name]


def with_words(node: Node) -> Node:
    """The expression with the contrasts of C(f, sum) as a call, which no column can hide."""
    args = tuple(map(with_words, node.args))
    if node.kind == "call" and node.text == "C":
        args = tuple(word(arg, second=k == 1) for k, arg in enumerate(args))
    return Node(node.kind, node.text, args, node.at)


def word(node: Node, second: bool) -> Node:
    """contr = sum, or the second argument sum, as contr = "contr.sum"; contr.sum as contr.sum()."""
    key, value = named(node)
    if not (key == "contr" or (second and not key)) or value.kind != "name":
        return node
    if value.text in WORDS:
        return Node("keyword", "contr", (Node("string", f'"contr.{value.text}"'),), node.at)
    if value.text.removeprefix("contr.") in WORDS and value.text.startswith("contr."):
        return Node("keyword", "contr", (Node("call", value.text),), node.at)
    return node


def column_names(node: Node, data: pd.DataFrame) -> tuple[str, ...]:
    """The columns that an expression reads; a column hides a constant of its name."""
    names = dict.fromkeys(n.text for n in with_words(node).walk() if n.kind == "name")
    constants = NAMES.keys() - set(data.columns)
    return tuple(name for name in names if name not in constants)
