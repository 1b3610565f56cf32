"""Formula and data -> a Design, with the rows, levels and columns that lme4 would have.

In R's order: every variable is evaluated on all rows, rows with a missing value are dropped, then
levels that no row has, and only then are factors coded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, count, pairwise
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from .arrays import Array
from .columns import Variable, as_group, is_real, model_matrix, require_columns
from .design import Design, RandomTerm, Recipe
from .errors import (
    DataError,
    EmptyDataError,
    GroupError,
    OffsetError,
    RankError,
    ResponseError,
    SaturatedError,
    WeightsError,
    one_line,
)
from .formula import Bar, Formula, Terms, parse_formula
from .rank import independent_columns, rank_messages, scale_messages
from .syntax import Node, deparse

Labels = tuple[str, ...]  # one level of a grouping factor: the level of each of its columns


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
    frame = evaluate(parsed, data, weights, offset)
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


def as_frame(data: Any) -> pd.DataFrame:
    """A pandas frame of any data frame that narwhals reads.  Raises DataError, EmptyDataError."""
    if is_plain(data):
        return data
    try:
        frame = nw.from_native(data, eager_only=True)
    except TypeError as error:
        kind = type(data).__name__
        raise DataError(
            f"data must be a data frame, of pandas or polars say, not {kind}"
        ) from error
    except (ValueError, nw.exceptions.NarwhalsError) as error:
        raise DataError(f"the data cannot be read: {one_line(error)}") from error
    native = nw.to_native(frame)
    if not isinstance(native, pd.DataFrame):
        native = pd.DataFrame({name: as_series(frame[name]) for name in frame.columns})
    if len(native) == 0:
        raise EmptyDataError("the data have no rows")
    native = native.set_axis([str(name) for name in native.columns], axis=1)
    if not native.columns.is_unique:
        twice = native.columns[native.columns.duplicated()][0]
        raise DataError(f"two columns of the data are called {twice!r}")
    return native


def is_plain(data: Any) -> bool:
    """Whether it is a pandas frame with rows, and each column has a name of its own."""
    is_frame = isinstance(data, pd.DataFrame) and len(data) > 0 and data.columns.is_unique
    return is_frame and all(isinstance(name, str) for name in data)


def as_series(column: Any) -> Any:
    """A column of another library's frame, its categories and their order kept."""
    if column.dtype == nw.Enum:
        return pd.Categorical(column.to_list(), categories=list(column.dtype.categories))
    if column.dtype == nw.Categorical and column.implementation.is_pyarrow():
        return column.to_native().to_pandas()
    return column.to_list()  # polars' Categorical has no order of its own


@dataclass(frozen=True)
class Frame:
    """The variables of a formula in n rows: R's model frame.

    Missing values are NaN in numbers and -1 in codes.
    """

    index: pd.Index  # (n,)
    variables: Mapping[Node, Variable]
    values: Mapping[Node, Array]  # (n, width) or codes (n,)
    groups: Mapping[Labels, Array]  # columns -> codes (n,)
    levels: Mapping[Labels, list[Labels]]  # columns -> the level of each code
    weights: Array  # (n,)
    offset: Array  # (n,)

    def __len__(self) -> int:
        return len(self.index)

    def complete(self) -> Array:
        """(n,) whether a row has all values."""
        columns = [*self.values.values(), *self.groups.values(), self.weights, self.offset]
        missing = [v < 0 if v.dtype.kind == "i" else np.isnan(v) for v in columns]
        return ~np.any([m.reshape(len(self), -1).any(axis=1) for m in missing], axis=0)

    def rows(self, keep: Array) -> Frame:
        """The frame with some of its rows (n,)."""
        values = {node: v[keep] for node, v in self.values.items()}
        groups = {columns: codes[keep] for columns, codes in self.groups.items()}
        return Frame(
            self.index[keep],
            self.variables,
            values,
            groups,
            self.levels,
            self.weights[keep],
            self.offset[keep],
        )

    def without_unused_levels(self) -> Frame:
        """The frame with the levels that occur in it."""
        values = {node: self.variables[node].drop_unused(v) for node, v in self.values.items()}
        used = {c: np.unique(codes, return_inverse=True) for c, codes in self.groups.items()}
        groups = {columns: codes for columns, (_, codes) in used.items()}
        levels = {c: [self.levels[c][k] for k in which] for c, (which, _) in used.items()}
        return Frame(self.index, self.variables, values, groups, levels, self.weights, self.offset)

    def matrix(self, terms: Terms) -> tuple[Array, list[str]]:
        """The model matrix (n, p) of a linear predictor, and its columns' names."""
        return model_matrix(terms, self.variables, self.values, len(self))

    def codebooks(self) -> dict[Labels, dict[Labels, int]]:
        """For each grouping factor, the code of each level."""
        return {c: {label: k for k, label in enumerate(ls)} for c, ls in self.levels.items()}


def evaluate(formula: Formula, data: pd.DataFrame, weights: Any, offset: Any) -> Frame:
    """Every variable of a formula in all rows of the data."""
    predictors = (formula.fixed, *(bar.effects for bar in formula.bars))
    nodes = chain.from_iterable(p.variables for p in predictors)
    variables = {node: Variable(node) for node in (formula.response, *nodes, *formula.offsets)}
    groups = {bar.columns: group_codes(bar.columns, data) for bar in formula.bars}
    return Frame(
        data.index,
        variables,
        {node: variable.evaluate(data) for node, variable in variables.items()},
        {columns: codes for columns, (codes, _) in groups.items()},
        {columns: levels for columns, (_, levels) in groups.items()},
        per_row(weights, data, "weights", 1.0, WeightsError),
        per_row(offset, data, "offset", 0.0, OffsetError),
    )


def group_codes(columns: Labels, data: pd.DataFrame) -> tuple[Array, list[Labels]]:
    """Codes (n,) of the combinations of levels that occur, -1 where missing, and their levels."""
    require_columns(columns, data)
    complete = data[list(columns)].notna().all(axis=1).to_numpy()
    coded = [as_group(data[name][complete], name) for name in columns]
    table = np.stack([c.codes for c in coded], axis=1)  # (n, columns)
    combinations, inverse = np.unique(table, axis=0, return_inverse=True)
    codes = np.full(len(data), -1)
    codes[complete] = inverse.reshape(-1)
    levels = [tuple(c.levels[k] for c, k in zip(coded, row, strict=True)) for row in combinations]
    if alike := [name for name, k in Counter(map(":".join, levels)).items() if k > 1]:
        raise DataError(f"two levels of {':'.join(columns)} read {alike[0]!r}: rename one of them")
    return codes, levels


def per_row(
    given: Any, data: pd.DataFrame, what: str, default: float, error: type[DataError]
) -> Array:
    """Numbers (n,): those of a column's name or of a vector, or the default."""
    n = len(data)
    if given is None:
        return np.full(n, default)
    if isinstance(given, str):
        require_columns([given], data)
        given = data[given]
    try:
        column = pd.Series(given)
    except (TypeError, ValueError) as cause:
        raise error(f"{what} must be numbers, one a row of the data") from cause
    if not is_real(column.dtype):
        raise error(f"{what} must be numbers, one a row of the data")
    if len(column) != n:
        raise error(f"{what} must be {n} numbers, one a row of the data, not {len(column)}")
    numbers = column.to_numpy(dtype=float, na_value=np.nan)
    if (infinite := np.isinf(numbers)).any():
        row = int(infinite.argmax())
        raise error(f"{what} must be finite, and row {data.index[row]!r} has {numbers[row]:g}")
    return numbers


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
