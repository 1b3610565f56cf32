"""A chunk of data -> the variables of a formula, and what the second and the third reading keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..blocked.cells import Basis, Cells, cells
from ..blocked.chunks import Chunk, Triangle, triangle_of
from ..errors import OffsetError, WeightsError, nth
from ..linalg import Array
from .bars import Grouping
from .design import offset_values, response
from .distinct import combinations
from .frame import Frame, lacking
from .given import per_row
from .learned import Plan
from .newrows import level_codes
from .variable import Variable

Lost = Mapping[str, tuple[int, pd.DataFrame]]  # how many rows a variable has none in, and one


@dataclass(frozen=True)
class Seen:
    """What the second reading tells of some rows."""

    rows: int  # of weight, complete or not
    triangle: Triangle
    used: Mapping[Any, Array]  # of a variable or grouping, whether complete rows have each level
    lost: Lost

    def __add__(self, other: Seen) -> Seen:
        lost = dict(self.lost)
        for name, (count, example) in other.lost.items():
            before, first = lost.get(name, (0, example))
            lost[name] = before + count, first
        used = {key: mine | other.used[key] for key, mine in self.used.items()}
        return Seen(self.rows + other.rows, self.triangle + other.triangle, used, lost)


def seen_in(plan: Plan, data: pd.DataFrame) -> Seen | None:
    """The second reading of a chunk; None where no row has weight."""
    whole, lost = read(plan, data)
    if len(whole) == 0:
        return None
    frame = complete(whole)
    coded = {node: v for node, v in frame.values.items() if node in plan.place} | dict(frame.groups)
    used = {k: np.bincount(v, minlength=len(plan.place[k])) > 0 for k, v in coded.items()}
    return Seen(len(whole), triangle_of(chunk_of(plan, frame)), used, lost)


def cells_in(plan: Plan, new: Basis, data: pd.DataFrame) -> Cells | None:
    """The third reading of a chunk; None where it has no complete row."""
    whole, _ = read(plan, data)
    frame = complete(whole) if len(whole) else whole
    return cells(chunk_of(plan, frame), new) if len(frame) else None


def complete(whole: Frame) -> Frame:
    """The rows that have all values."""
    keep = whole.complete()
    return whole if keep.all() else whole.rows(keep)


def read(plan: Plan, data: pd.DataFrame) -> tuple[Frame, Lost]:
    """The variables of the formula in the rows of a chunk that have weight."""
    numbers, shift = np.ones(len(data)), np.zeros(len(data))
    if plan.offset is not None:
        shift = per_row(plan.offset, data, "offset", OffsetError)
    if plan.weights is not None:
        numbers = per_row(plan.weights, data, "weights", WeightsError)
        keep = numbers != 0
        data, numbers, shift = data[keep], numbers[keep], shift[keep]
    if len(data) == 0:
        return replace(plan.frame), {}
    values = {node: values_of(plan, v, data) for node, v in plan.variables.items()}
    groups = {columns: codes_of(plan, columns, data) for columns in plan.groups}
    frame = replace(
        plan.frame,
        index=data.index,
        values=values,
        groups=groups,
        weights=numbers,
        offset=shift,
        places=np.arange(len(data)),
    )
    return frame, lost_in(plan, values, data)


def values_of(plan: Plan, variable: Variable, data: pd.DataFrame) -> Array:
    """A variable in some rows: where all that it reads are levels, of their combinations alone."""
    if variable.reads and plan.coded.issuperset(variable.reads):
        few, where = combinations(data, variable.reads)
        return variable.evaluate(few)[where]
    if variable.node.kind == "name" and not data[variable.node.text].notna().any():
        return np.full((len(data), variable.width), np.nan)
    return variable.evaluate(data)


def codes_of(plan: Plan, columns: Grouping, data: pd.DataFrame) -> Array:
    """The level (n,) of each row, -1 where it has none."""
    if columns in plan.known:
        values, level = plan.known[columns]
        column = data[columns[0]]
        if values.dtype == column.dtype and column.dtype != object:
            return np.append(level, -1)[values.get_indexer(pd.Index(column))]
    few, where = combinations(data, plan.groups[columns])
    bar = next(bar for bar in plan.formula.bars if bar.columns == columns)
    codes, _ = level_codes(plan.books, bar, few, "population")
    return codes[where]


def lost_in(plan: Plan, values: Mapping[Any, Array], data: pd.DataFrame) -> Lost:
    """Rows in which a variable has no value though its columns have: how many, and the first."""
    found = {}
    for node, variable in plan.variables.items():
        if node.kind == "name" or not (missing := lacking(values[node])).any():
            continue
        columns = data[list(variable.reads)]
        lost = missing & columns.notna().all(axis=1).to_numpy()
        if lost.any():
            found[variable.name] = int(lost.sum()), columns[lost].iloc[:1]
    return found


def chunk_of(plan: Plan, frame: Frame) -> Chunk:
    """The arrays of complete rows, with the codes of levels that occur.  Raises WeightsError."""
    if (bad := frame.weights < 0).any():
        row, weight = nth(frame.index, int(bad.argmax())), frame.weights[bad.argmax()]
        raise WeightsError(f"weights must be positive or zero, and row {row} has {weight:g}")
    values = {k: plan.place[k][v] if k in plan.place else v for k, v in frame.values.items()}
    groups = tuple(plan.place[columns][codes] for columns, codes in frame.groups.items())
    frame = replace(frame, values=values)
    parts = [plan.formula.fixed, *(bar.effects for bar in plan.formula.bars)]
    shift = sum((offset_values(frame, node) for node in plan.formula.offsets), frame.offset)
    blocks = tuple(frame.matrix(part)[0] for part in parts)
    return Chunk(response(frame, plan.formula.response), shift, blocks, groups, frame.weights)
