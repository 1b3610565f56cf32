"""Formula and data -> a Design, with the rows, levels and columns that lme4 would have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, count, pairwise
from typing import Any

import numpy as np
import pandas as pd

from ..design import Design, RandomTerm
from ..errors import (
    EmptyDataError,
    GroupError,
    OffsetError,
    RankError,
    ResponseError,
    SaturatedError,
    WeightsError,
)
from ..linalg import Array
from .bars import Bar
from .data import as_frame
from .deparse import deparse
from .formula import Formula, parse_formula
from .frame import Frame, model_frame
from .parse import Node
from .rank import independent_columns, rank_messages, scale_messages
from .variable import Variable


def design(
    formula: str | Formula,
    data: Any,
    *,
    weights: Any = None,
    offset: Any = None,
    allow_saturated: bool = False,
) -> Design:
    """The arrays of the model.

    data: any data frame that narwhals reads.  weights, offset: a column's name, or n numbers.
    allow_saturated: accept as many random effects of one term as there are rows.
    Raises a RefmixedError that says what is wrong with the formula or the data; warns (RankWarning)
    when linearly dependent columns of X are dropped, as lme4 does.
    """
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    data = as_frame(data)
    frame = model_frame(parsed, data, weights, offset)
    frame = frame.rows(frame.complete()).without_unused_levels()
    if len(frame) == 0:
        raise EmptyDataError("every row of the data has a missing value")
    X, names = frame.matrix(parsed.fixed)
    kept = independent_columns(X)
    terms, bars = random_terms(frame, parsed.bars)
    made = Design(
        y=response(frame, parsed.response),
        X=X[:, kept],
        names=tuple(names[j] for j in kept),
        terms=terms,
        weights=positive(frame.weights, frame.index),
        offset=sum((offset_values(frame, node) for node in parsed.offsets), frame.offset),
        index=frame.index,
        dropped=len(data) - len(frame),
        messages=(*rank_messages(names, kept), *scale_messages(X[:, kept])),
        recipe=Recipe(parsed, frame.variables, bars, tuple(kept), frame.codebooks()),
    )
    refuse_unidentified(made, allow_saturated)
    return made


def offset_values(frame: Frame, node: Node) -> Array:
    """(n,) of an offset in the formula.  Raises OffsetError unless it is one number a row."""
    values = frame.values[node]
    if frame.variables[node].levels is not None or values.shape[1] != 1:
        raise OffsetError(f"the offset {deparse(node)} is not one number a row")
    return values[:, 0]


def response(frame: Frame, node: Node) -> Array:
    """y (n,).  Raises ResponseError unless it is one numeric column that varies."""
    name, y = deparse(node), frame.values[node]
    if frame.variables[node].levels is not None:
        raise ResponseError(f"the response {name} is not numeric")
    if y.shape[1] != 1:
        raise ResponseError(f"the response {name} has {y.shape[1]} columns, and must have one")
    if len(y) > 1 and (y == y[0]).all():
        raise ResponseError(f"the response {name} is constant ({y[0, 0] + 0.0:g} in every row)")
    return y[:, 0]


def positive(weights: Array, index: pd.Index) -> Array:
    """Raises WeightsError unless every weight is above zero."""
    if (bad := weights <= 0).any():
        row = int(bad.argmax())
        raise WeightsError(f"weights must be positive, and row {index[row]!r} has {weights[row]:g}")
    return weights


def random_terms(
    frame: Frame, bars: tuple[Bar, ...]
) -> tuple[tuple[RandomTerm, ...], tuple[Bar, ...]]:
    """The random terms and their bars in lme4's order, the one with the most levels first."""
    sizes = [len(frame.levels[bar.columns]) for bar in bars]
    order = list(range(len(bars)))
    if any(a < b for a, b in pairwise(sizes)):
        order = sorted(order, key=sizes.__getitem__)[::-1]  # lme4's rev(order()): ties turn round
    ordered = tuple(bars[k] for k in order)
    terms: list[RandomTerm] = []
    for bar, name in zip(ordered, term_names([bar.group for bar in ordered]), strict=True):
        x, effects = frame.matrix(bar.effects)
        levels = tuple(":".join(label) for label in frame.levels[bar.columns])
        codes = frame.groups[bar.columns]
        terms.append(RandomTerm(name, bar.group, tuple(effects), levels, x, codes))
    return tuple(terms), ordered


def term_names(groups: list[str]) -> list[str]:
    """lme4's names of terms: their groups; where one repeats, R's make.names(unique = TRUE)."""
    if len(set(groups)) == len(groups):
        return groups
    names: list[str] = []
    for group in groups:
        plain = re.sub(r"[^\w.]", ".", group)
        numbered = chain([plain], (f"{plain}.{k}" for k in count(1)))
        names.append(next(name for name in numbered if name not in names))
    return names


def refuse_unidentified(design: Design, allow_saturated: bool) -> None:
    """Raises GroupError, SaturatedError, ResponseError or RankError: nothing could be estimated."""
    n = design.n
    for term in design.terms:
        if len(term.levels) < 2:
            raise GroupError(
                f"the grouping factor {term.group} has the single level {term.levels[0]!r}: "
                "its variance cannot be estimated"
            )
        if term.q >= n and not allow_saturated:
            raise SaturatedError(
                f"{n} observations cannot tell the {term.q} random effects of {term.name} from "
                "the residuals; allow_saturated=True fits the model all the same"
            )
    if (largest := np.abs(design.y_less_offset).max()) > 1e150:  # its square is to be finite
        raise ResponseError(f"the response reaches {largest:.0e}: measure it in larger units")
    if n <= design.p:
        raise RankError(f"{n} complete rows leave no residuals beside {design.p} fixed effects")


@dataclass(frozen=True)
class Recipe:
    """How to make the same arrays from new rows: the formula, and what its variables learned."""

    formula: Formula
    variables: Mapping[Node, Variable]
    bars: tuple[Bar, ...]  # in the order of Design.terms
    kept: tuple[int, ...]  # the columns of X that are not linearly dependent on those before
    groups: Mapping[tuple[str, ...], Mapping[tuple[str, ...], int]]  # columns -> level -> code
