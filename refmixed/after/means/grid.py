"""The reference grid of a fit: every value of a predictor (`axes`) with every one of the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...coordinates import require_rows
from ...design import Design
from ...errors import OffsetError, OptionError, nearest
from ...linalg import Array
from ...prediction import NO_OFFSET
from ...r.newrows import rows, values_of
from ...r.recipe import Recipe
from ...r.variable import Variable
from .axes import Axis, axis_of, fixed

MOST = 100_000  # cells


@dataclass(frozen=True)
class ReferenceGrid:
    """The cells, c of them, the first predictor varying fastest."""

    axes: dict[str, Axis]
    X: Array  # (c, P)  rows of the model matrix, with columns that the fit left out
    offset: Array  # (c,)
    counts: Array  # (c,)  rows of the data in the cell of its factors

    def places(self, names: Sequence[str]) -> tuple[Array, Array]:
        """Which combination (c,) of some predictors a cell has, and those (d, names) there are."""
        sizes = [len(axis) for axis in self.axes.values()]
        where = coordinates(sizes)
        chosen = [list(self.axes).index(name) for name in names]
        some = [sizes[k] for k in chosen]
        strides = np.cumprod([1, *some[:-1]], dtype=int)[: len(some)]
        return where[:, chosen] @ strides, coordinates(some)


def coordinates(sizes: Sequence[int]) -> Array:
    """(c, axes): where each cell of a grid stands, the first axis varying fastest."""
    cells = np.arange(math.prod(sizes))
    strides = np.cumprod([1, *sizes], dtype=int)
    return np.column_stack(
        [np.zeros((len(cells), 0), dtype=int)]
        + [cells // stride % size for stride, size in zip(strides, sizes, strict=False)]
    )


def reference_grid(design: Design, at: Mapping[str, Any] | None) -> ReferenceGrid:
    """The grid, `at` values that are not the usual ones.  Raises OptionError, OffsetError."""
    recipe = recipe_of(design)
    names = predictors(recipe)
    given = asked_for(at, names)
    data = recipe.origin.columns(names) if recipe.origin else pd.DataFrame()
    axes = {name: axis_of(recipe, data[name], name, given.get(name)) for name in names}
    cells = combined(axes)
    X, missing = rows(recipe, recipe.formula.fixed, cells)
    offset = sum((values_of(v, cells)[:, 0] for v in offsets(recipe)), np.zeros(len(cells)))
    if (missing | np.isnan(offset)).any():
        where = cells[missing | np.isnan(offset)].iloc[0].to_dict()
        raise OptionError(f"the formula has no value in the reference grid at {where}: set at=")
    return ReferenceGrid(axes, X, offset, counts(axes, len(design.y)))


def recipe_of(design: Design) -> Recipe:
    """How the design was made.  Raises OptionError, OffsetError where there is no grid for it."""
    require_rows(design)
    if design.recipe is None:
        raise OptionError(
            "a fit to arrays has no formula that a reference grid could be made of: "
            "write the means as contrasts of beta"
        )
    recipe: Recipe = design.recipe
    if not design.p:
        raise OptionError("the model has no fixed effects, whose means could be estimated")
    if recipe.offset_given:
        raise OffsetError(f"{NO_OFFSET}: write it as offset(column) in the formula")
    if recipe.origin is None or len(recipe.origin.places) != len(design.y):
        raise OptionError("the fit is of a part of its data, of which there is no reference grid")
    return recipe


def offsets(recipe: Recipe) -> list[Variable]:
    """The offsets of the formula."""
    return [recipe.variables[node] for node in recipe.formula.offsets]


def predictors(recipe: Recipe) -> list[str]:
    """The columns of the data that fixed effects and offsets read."""
    read = [name for v in (*fixed(recipe), *offsets(recipe)) for name in v.reads]
    return list(dict.fromkeys(read))


def asked_for(at: Any, names: list[str]) -> dict[str, Any]:
    """The values that are not the usual ones.  Raises OptionError."""
    if not isinstance(at, Mapping | None):
        raise OptionError(f"at must be a dict of values by column, not {type(at).__name__}")
    for name in set(at or {}) - set(names):
        raise OptionError(f"no fixed effect reads {name!r} of at{nearest(str(name), names)}")
    given = {name: np.ravel(value).tolist() for name, value in (at or {}).items()}
    for name, values in given.items():
        if not values:
            raise OptionError(f"at[{name!r}] has no values")
    return given


def combined(axes: Mapping[str, Axis]) -> pd.DataFrame:
    """A row a cell.  Raises OptionError where there are too many."""
    c = math.prod(map(len, axes.values()))
    if c > MOST:
        sizes = ", ".join(f"{name} {len(axis)}" for name, axis in axes.items())
        raise OptionError(f"the reference grid has {c:,} cells ({sizes}): choose values with at=")
    where = coordinates([len(axis) for axis in axes.values()])
    columns = [
        axis.values.iloc[where[:, k]].reset_index(drop=True) for k, axis in enumerate(axes.values())
    ]
    return pd.concat(columns, axis=1) if columns else pd.DataFrame(index=[0])


def counts(axes: Mapping[str, Axis], n: int) -> Array:
    """(c,): how many of n rows are in the cell of its factors."""
    inside, place, stride = np.ones(n, dtype=bool), np.zeros(n, dtype=int), 1
    for axis in axes.values():
        if axis.codes is not None:
            inside &= axis.codes >= 0
            place = place + stride * axis.codes
            stride *= len(axis)
    table = np.bincount(place[inside], minlength=stride)
    sizes = [1 if axis.codes is None else len(axis) for axis in axes.values()]
    whole = [len(axis) for axis in axes.values()]
    return np.broadcast_to(table.reshape(sizes, order="F"), whole).ravel(order="F")
