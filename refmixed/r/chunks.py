"""A formula and data in chunks -> a Design of a few rows a cell.

The data are read three times: for the different values of what is no number, from which variables
learn their levels; for the triangle of all columns; and for the sums of each cell.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..blocked.cells import Cells, basis
from ..blocked.chunks import Triangle
from ..blocked.pseudo import Place, design_of
from ..design import Design
from ..errors import DataError, EmptyDataError, OptionError, ResponseError, WeightsError
from ..linalg import Array, independent_columns
from ..refusals import refuse_impossible
from .bars import Bar
from .contrasts import warn_of_orders
from .deparse import deparse
from .design import random_terms, rank_messages, scale_message
from .distinct import distinct
from .formula import Formula
from .learned import Plan, learn, reads_of, with_used
from .lost import warn_of_lost
from .reading import Seen, cells_in, seen_in
from .recipe import Recipe, combinations
from .sources import Source


def chunked_design(
    formula: Formula, source: Source, weights: Any, offset: Any, any_response: bool = False
) -> Design:
    """The design of data in chunks, as `design.design` makes it of data that are all there.

    any_response: a constant one is accepted.  Raises what that raises, FormulaError where a
    function has to see all rows, and DataError where chunks are others when they are read again.
    """
    column_name("weights", weights)
    column_name("offset", offset)
    formula = formula.over(source.columns)
    reads = reads_of(formula, source.columns, weights, offset)
    step = partial(distinct, coded=reads.coded, groups=tuple(reads.groups.values()))
    told = source.total(reads.names, step)
    if told is None:
        raise EmptyDataError("the data have no rows")
    plan = learn(formula, reads, told, weights, offset)
    plan, seen = look(plan, source, reads.names)
    refuse_response(plan, seen.triangle, any_response)
    made = reduced(plan, seen, source, reads.names)
    warn_of_orders(made)
    return made


def column_name(option: str, given: Any) -> None:
    """Raises OptionError."""
    if not (given is None or isinstance(given, str)):
        raise OptionError(f"{option} must be a column's name where data come in chunks")


def look(plan: Plan, source: Source, names: list[str]) -> tuple[Plan, Seen]:
    """The second reading; once more where a level is dropped, for which X had a column."""
    while True:
        seen = source.total(names, partial(seen_in, plan))
        if seen is None:
            raise WeightsError("weights must be positive in some rows, and all of them are zero")
        if seen.triangle.n == 0:
            raise EmptyDataError("every row of the data has a missing value")
        before, plan = plan.frame.variables, with_used(plan, seen.used)
        if all(plan.frame.variables[node].levels == v.levels for node, v in before.items()):
            for name, (count, example) in seen.lost.items():
                warn_of_lost(name, example, seen.rows, count)
            return plan, seen


def refuse_response(plan: Plan, told: Triangle, any_response: bool) -> None:
    """Raises ResponseError where the response is constant."""
    low, high = told.ends
    if told.n > 1 and low == high and not any_response:
        name = deparse(plan.formula.response)
        raise ResponseError(f"the response {name} is constant ({low + 0.0:g} in every row)")


def reduced(plan: Plan, seen: Seen, source: Source, names: list[str]) -> Design:
    """The third reading, and the design."""
    told, formula, frame = seen.triangle, plan.formula, plan.frame
    X, columns = frame.matrix(formula.fixed)
    p = X.shape[1]
    kept = independent_columns(told.plain[:, 1 : 1 + p])
    if told.n <= len(kept):
        refuse_impossible(few(told.n, len(kept)))
    new = basis(told, kept, p)
    sums: Cells | None = source.total(names, partial(cells_in, plan, new))
    if sums is None or sums.count.sum() != told.n:
        raise DataError("the chunks of data are others when they are read again")
    places, bars = placed(plan, p)
    made = design_of(told, sums, new, tuple(columns[j] for j in kept), places)
    made = replace(
        made,
        index=pd.RangeIndex(len(made.y)),
        dropped=seen.rows - told.n,
        messages=(*rank_messages(columns, kept), *scale_message(spreads(told, kept))),
        recipe=Recipe(
            formula,
            frame.variables,
            bars,
            tuple(kept),
            frame.codebooks(),
            plan.offset is not None,
            tuple(columns),
            combinations(told.plain[:, 1 : 1 + p], kept) if len(kept) < p else None,
        ),
    )
    refuse_impossible(made)
    return made


def placed(plan: Plan, p: int) -> tuple[list[Place], tuple[Bar, ...]]:
    """The random terms in lme4's order, where the columns of chunks have them, and their bars."""
    frame, given, factors = plan.frame, plan.formula.bars, list(plan.groups)
    terms, bars = random_terms(frame, given)
    ends = np.cumsum([p, *(frame.matrix(bar.effects)[0].shape[1] for bar in given)])
    places = []
    for term, bar in zip(terms, bars, strict=True):
        end = ends[1 + given.index(bar)]
        places.append(Place(term, np.arange(end - term.k, end), factors.index(bar.columns)))
    return places, bars


def few(n: int, p: int) -> Design:
    """A design of so few rows that it is refused."""
    one = np.ones(n)
    return Design(one, np.ones((n, p)), (), (), one, 0 * one, range(n))


def spreads(told: Triangle, kept: list[int]) -> Array:
    """Standard deviations of columns of X, but those of zeros and ones alone."""
    shown = [j for j in kept if not told.is_binary[told.same[j]]]
    about = np.linalg.norm(told.plain[1:, 1:][:, shown], axis=0)
    return np.asarray(about / np.sqrt(told.n - 1)) if told.n > 1 else np.ones(0)
