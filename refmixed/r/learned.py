"""What a formula learns from all chunks before it can read one: levels, and which occur."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from ..errors import FormulaError, InfiniteValueError
from ..linalg import Array
from .bars import Grouping
from .data import require_columns
from .deparse import deparse
from .distinct import Distinct
from .evaluate import column_names, function_of, named
from .formula import Formula
from .frame import Frame
from .groups import Labels, group_codes
from .parse import Node
from .recipe import Recipe
from .variable import Variable, no_rows

OF_VALUES = {  # functions that learn from the different values there are, however often
    "factor", "ordered", "relevel", "dummy", "as.numeric", "as.integer", "C",
}  # fmt: skip
Place = Mapping[Any, Array]  # of a variable or grouping, the new code of each code


@dataclass(frozen=True)
class Reads:
    """The columns that a formula reads."""

    names: list[str]
    coded: frozenset[str]  # of them those that are levels though they may be numbers
    groups: dict[Grouping, tuple[str, ...]]


@dataclass(frozen=True)
class Plan:
    """How a chunk is read: with the levels of all chunks first, then with those that rows have."""

    formula: Formula
    variables: Mapping[Node, Variable]
    groups: dict[Grouping, tuple[str, ...]]  # and the columns that each reads
    books: Recipe  # of all levels
    coded: frozenset[str]
    weights: str | None
    offset: str | None
    frame: Frame  # without rows, of the levels that occur
    place: Place
    known: Mapping[Grouping, tuple[pd.Index, Array]]  # values of a column, and the levels they are


def reads_of(
    formula: Formula, columns: Collection[str], weights: str | None, offset: str | None
) -> Reads:
    """The columns that are needed.  Raises UnknownColumnError, FormulaError."""
    empty = pd.DataFrame(columns=list(columns))
    nodes = [*variables_of(formula), *(n for bar in formula.bars for n in calls(bar.columns))]
    for node in nodes:
        refuse_learners(node)
    groups = {
        bar.columns: tuple(dict.fromkeys(chain(*(read_by(part, empty) for part in bar.columns))))
        for bar in formula.bars
    }
    given = [name for name in (weights, offset) if name is not None]
    read = chain(*(read_by(node, empty) for node in nodes), *groups.values(), given)
    names = list(dict.fromkeys(read))
    require_columns(names, empty)
    labels = (n for node in nodes for n in node.walk() if is_of_labels(n))
    coded = chain(*(read_by(node, empty) for node in labels), *groups.values())
    return Reads(names, frozenset(coded), groups)


def variables_of(formula: Formula) -> list[Node]:
    """The variables of all parts of a formula but the groups."""
    parts = chain(formula.fixed.variables, *(bar.effects.variables for bar in formula.bars))
    return list(dict.fromkeys([formula.response, *parts, *formula.offsets]))


def calls(columns: Grouping) -> list[Node]:
    """The calls among grouping columns."""
    return [part for part in columns if isinstance(part, Node)]


def read_by(part: str | Node, data: pd.DataFrame) -> tuple[str, ...]:
    """The columns that a variable or a grouping column reads."""
    return (part,) if isinstance(part, str) else column_names(part, data)


def is_of_labels(node: Node) -> bool:
    """Whether it is a call to which columns are levels."""
    return node.kind == "call" and function_of(node).labels


def refuse_learners(node: Node) -> None:
    """Raises FormulaError where a function would have to see all rows at once."""
    for call in node.walk():
        if call.kind != "call" or not function_of(call).remembers:
            continue
        if call.text.rpartition("::")[2] not in OF_VALUES and not has_breaks(call):
            raise FormulaError(
                f"{deparse(call)} depends on all rows, which are never there at once where data "
                "come in chunks: make a column of it beforehand"
            )


def has_breaks(call: Node) -> bool:
    """Whether it is a cut() that says where."""
    given = [named(arg) for arg in call.args]
    breaks = [v for k, v in given if k == "breaks"] or [v for k, v in given[1:2] if not k]
    is_c = bool(breaks) and breaks[0].kind == "call" and breaks[0].text == "c"
    return call.text.rpartition("::")[2] == "cut" and is_c


def learn(
    formula: Formula, reads: Reads, told: Distinct, weights: str | None, offset: str | None
) -> Plan:
    """What the different values tell.  Raises what reading them as data would."""
    values = told.frame()
    variables = {node: Variable(node) for node in variables_of(formula)}
    for variable in variables.values():
        with suppress(InfiniteValueError):  # of values that no row has together
            variable.evaluate(values)
    found = {c: group_codes(c, told.groups(names)) for c, names in reads.groups.items()}
    frame = without_rows(
        variables,
        {columns: levels for columns, (_, levels, _) in found.items()},
        {columns: exact for columns, (_, _, exact) in found.items()},
    )
    given = formula, variables, formula.bars
    books = Recipe(*given, (), frame.codebooks(), offset is not None, (), None)
    place: dict[Any, Array] = {
        node: np.arange(len(v.levels)) for node, v in variables.items() if v.levels is not None
    }
    place |= {columns: np.arange(len(levels)) for columns, levels in frame.levels.items()}
    known: dict[Grouping, tuple[pd.Index, Array]] = {
        columns: (pd.Index(told.values[columns[0]]), codes)
        for columns, (codes, _, _) in found.items()
        if isinstance(columns[0], str) and len(columns) == 1
    }
    asked = weights, offset
    return Plan(formula, variables, reads.groups, books, told.coded, *asked, frame, place, known)


def without_rows(
    variables: Mapping[Node, Variable],
    levels: Mapping[Grouping, list[Labels]],
    identities: Mapping[Grouping, list[Labels]],
) -> Frame:
    """A frame of no rows."""
    values = {node: no_rows(variable) for node, variable in variables.items()}
    groups = {columns: np.zeros(0, dtype=int) for columns in levels}
    none, nowhere = np.zeros(0), np.zeros(0, dtype=int)
    given = none, none, nowhere
    return Frame(pd.RangeIndex(0), variables, values, groups, levels, identities, *given)


def with_used(plan: Plan, used: Mapping[Any, Array]) -> Plan:
    """The plan with the levels that rows have, used (levels,) telling which: R drops the others."""
    place = {key: np.where(u, np.cumsum(u) - 1, -1) for key, u in used.items()}
    final = {node: replace(variable) for node, variable in plan.variables.items()}
    for node, variable in final.items():
        if variable.levels is not None:
            variable.drop_unused(np.flatnonzero(used[node]))
            if len(variable.levels) == len(used[node]):
                place[node] = plan.place[node]
    old = plan.frame
    frame = replace(
        old,
        variables=final,
        levels={c: kept(levels, used[c]) for c, levels in old.levels.items()},
        identities={c: kept(levels, used[c]) for c, levels in old.identities.items()},
    )
    return replace(plan, frame=frame, place=place)


def kept(levels: Iterable[Any], used: Array) -> list[Any]:
    """The levels that are used."""
    return [level for level, is_used in zip(levels, used, strict=True) if is_used]
