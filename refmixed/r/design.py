"""Formula and data -> a Design, with the rows, levels and columns that lme4 would have."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from itertools import chain, count, pairwise
from typing import Any

import numpy as np

from ..design import Design, RandomTerm
from ..errors import EmptyDataError, OffsetError, RankWarning, ResponseError
from ..linalg import Array, independent_columns
from ..refusals import refuse_impossible, refuse_unidentified
from .bars import Bar
from .contrasts import warn_of_orders
from .data import as_frame
from .deparse import deparse
from .formula import Formula, parse_formula
from .frame import Frame, model_frame
from .given import beside
from .parse import Node
from .recipe import SHARES, Origin, Recipe, combinations

Read = Callable[[Frame, Node], tuple[Array, Array]]  # the response and the weights of its rows
SCALE_RATIO = 1000  # of lme4's check.scaleX


def rank_messages(names: list[str], kept: list[int]) -> list[str]:
    """lme4's message about dropped columns of X; the warning names them."""
    lost = [name for j, name in enumerate(names) if j not in kept]
    if not lost:
        return []
    warnings.warn(
        f"dropped {', '.join(lost)}: linearly dependent on the fixed effects before",
        RankWarning,
        stacklevel=5,
    )
    plural = "columns / coefficients" if len(lost) > 1 else "column / coefficient"
    return [f"fixed-effect model matrix is rank deficient so dropping {len(lost)} {plural}"]


def scale_messages(X: Array) -> list[str]:
    """lme4's message about columns of X (n, p) whose scales are a thousandfold apart, or from 1."""
    numeric = X[:, ~((X == 0) | (X == 1)).all(axis=0)]
    return scale_message(np.std(numeric, axis=0, ddof=1)) if len(X) > 1 and numeric.size else []


def scale_message(sds: Array) -> list[str]:
    """The same of their standard deviations, where they have not zeros and ones alone."""
    with np.errstate(divide="ignore"):
        logs = np.log(sds)  # -inf for a constant column, which lme4 reports too
    if np.ptp([0.0, *logs]) > np.log(SCALE_RATIO):
        return ["Some predictor variables are on very different scales: consider rescaling"]
    return []


def design(
    formula: str | Formula,
    data: Any,
    *,
    weights: Any = None,
    offset: Any = None,
    allow_saturated: bool = False,
    read: Read | None = None,
) -> Design:
    """The arrays of the model.

    data: any data frame that narwhals reads.  weights, offset: a column's name, or n numbers.
    allow_saturated: accept arrays of which theta could not be estimated: as many random effects of
    one term as there are rows, a group of one level, a response that is constant.
    read: what makes the response of columns; one numeric column unless given.
    Raises a RefmixedError that says what is wrong with the formula or the data; warns (RankWarning)
    when linearly dependent columns of X are dropped, as lme4 does.
    """
    parsed = formula if isinstance(formula, Formula) else parse_formula(formula)
    if weights is not None or offset is not None:
        weights, offset = beside(data, weights, offset)
    data = as_frame(data)
    parsed = parsed.over(data.columns)
    whole = model_frame(parsed, data, weights, offset)
    frame = whole.rows(whole.complete()).without_unused_levels()
    if len(frame) == 0:
        raise EmptyDataError("every row of the data has a missing value")
    every, names = frame.matrix(parsed.fixed)
    kept = independent_columns(every)
    X = every.T[kept].T
    terms, bars = random_terms(frame, parsed.bars)
    y, rows_weights = (read or numeric_response)(frame, parsed.response)
    made = Design(
        y=y,
        X=X,
        names=tuple(names[j] for j in kept),
        terms=terms,
        weights=rows_weights,
        offset=sum((offset_values(frame, node) for node in parsed.offsets), frame.offset),
        index=frame.index,
        dropped=len(whole) - len(frame),
        messages=(*rank_messages(names, kept), *scale_messages(X)),
        recipe=Recipe(
            parsed,
            frame.variables,
            bars,
            tuple(kept),
            frame.codebooks(),
            offset is not None,
            tuple(names),
            combinations(every, kept) if len(kept) < len(names) else None,
            Origin(data.copy(deep=not SHARES), frame.places),
        ),
    )
    if any(variable.levels for variable in frame.variables.values()):
        warn_of_orders(made, data.attrs.get("ordered", ()))
    refuse_impossible(made)
    if not allow_saturated:
        refuse(made, allow_saturated=False)
    return made


def refuse(made: Design, allow_saturated: bool) -> None:
    """Raises ResponseError, GroupError or SaturatedError where theta could not be estimated."""
    if made.n > 1 and made.coordinates is None and (made.y == made.y[0]).all():
        name, value = deparse(made.recipe.formula.response), made.y[0] + 0.0
        raise ResponseError(f"the response {name} is constant ({value:g} in every row)")
    refuse_unidentified(made, allow_saturated)


def offset_values(frame: Frame, node: Node) -> Array:
    """(n,) of an offset in the formula.  Raises OffsetError unless it is one number a row."""
    values = frame.values[node]
    if frame.variables[node].levels is not None or values.shape[1] != 1:
        raise OffsetError(f"the offset {deparse(node)} is not one number a row")
    return values[:, 0]


def numeric_response(frame: Frame, node: Node) -> tuple[Array, Array]:
    """The response (n,) and the weights (n,) of its rows."""
    return response(frame, node), frame.weights


def response(frame: Frame, node: Node) -> Array:
    """y (n,); a logical one is 0 and 1.  Raises ResponseError unless it is one numeric column."""
    variable, y = frame.variables[node], frame.values[node]
    if variable.levels == ("FALSE", "TRUE"):
        return y.astype(float)
    if variable.levels is not None:
        raise ResponseError(
            f"the response {variable.name} is not numeric; as.numeric() makes 1, 2, ... of its "
            "levels"
        )
    if y.shape[1] != 1:
        n = y.shape[1]
        raise ResponseError(f"the response {variable.name} has {n} columns, and must have one")
    return y[:, 0]


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
