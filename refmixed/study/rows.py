"""A fit, or whatever else a function of a sample returns, as rows: one an estimate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from ..checks import as_floats
from ..errors import StudyError
from ..r.data import as_frame, is_real
from ..result import Fit


def tidy(fit: Fit) -> pd.DataFrame:
    """Columns effect, group, term, estimate, se; as broom.mixed's tidy() of an lmer.

    Fixed effects have standard errors; the standard deviations and correlations of the random
    effects (sd__Days, cor__(Intercept).Days) and of the residuals (sd__Observation) have none.
    """
    fixed = [("fixed", None, term, fit.beta[term], fit.se[term]) for term in fit.beta.index]
    random = [("ran_pars", *row, np.nan) for row in random_rows(fit)]
    frame = pd.DataFrame([*fixed, *random], columns=["effect", "group", "term", "estimate", "se"])
    return frame.astype({"group": "str"})


def random_rows(fit: Fit) -> Iterator[tuple[str, str, float]]:
    """(group, term, estimate) of each variance component."""
    for name, term in fit.varcorr.items():
        effects, corr = list(term.sd.index), term.corr.to_numpy()
        for j, effect in enumerate(effects):
            yield name, f"sd__{effect}", float(term.sd.iloc[j])
            for k in range(j + 1, len(effects)):
                yield name, f"cor__{effect}.{effects[k]}", corr[j, k]
    yield "Residual", "sd__Observation", fit.sigma


def as_rows(found: Any) -> pd.DataFrame:
    """The rows of what a fit function returned.

    A Fit gives those of `tidy`; a data frame its own, an index of names as the column `term`; a
    mapping or Series {term: estimate} a row each; one number a row.  Raises StudyError for anything
    else, and where there is no row.
    """
    if isinstance(found, Fit):
        return tidy(found)
    if isinstance(found, pd.DataFrame):
        return as_table(found)
    if isinstance(nw.from_native(found, pass_through=True, eager_only=True), nw.DataFrame):
        return as_table(as_frame(found))
    if isinstance(found, Mapping | pd.Series):
        pairs = [(str(term), number(value, str(term))) for term, value in found.items()]
        return some_rows(pd.DataFrame(pairs, columns=["term", "estimate"]))
    if np.ndim(found) == 0 and as_floats(found) is not None:
        return pd.DataFrame([("estimate", number(found, "it"))], columns=["term", "estimate"])
    raise StudyError(
        "a fit function returns a Fit, a data frame, {term: estimate}, a Series or a number, "
        f"not {type(found).__name__}"
    )


def number(value: Any, name: str) -> float:
    """Raises StudyError."""
    values = as_floats(value)
    if values is None or values.ndim:
        raise StudyError(f"an estimate must be a number, and {name} is {value!r}")
    return float(values)


def as_table(found: pd.DataFrame) -> pd.DataFrame:
    """A data frame with its names in a column.  Raises StudyError."""
    index = found.index
    named = any(name is not None for name in index.names) or not is_number(index.dtype)
    if index.nlevels == 1:
        name = str(index.name or "term")
        rows = found.rename_axis(name).reset_index(drop=not named or name in found)
    else:
        rows = found.reset_index()
    if not all(isinstance(column, str) for column in rows) or not rows.columns.is_unique:
        raise StudyError("the columns of a data frame must have names, each of them once")
    for title, column in rows.items():
        if not isinstance(column.dtype, np.dtype | pd.StringDtype) or column.dtype.kind in "Oc":
            rows[title] = as_cells(column)
    return some_rows(rows)


def as_cells(column: pd.Series[Any]) -> pd.Series[Any]:
    """Numbers, truths and times as they are, all else as texts.  Raises StudyError."""
    if isinstance(column.dtype, pd.SparseDtype):
        return pd.Series(np.asarray(column), column.index, name=column.name)
    if is_number(column.dtype) or pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    mixed = column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) != "string"
    if mixed or pd.api.types.is_complex_dtype(column.dtype):
        raise StudyError(f"the column {column.name} holds neither numbers nor texts")
    return column.astype("str").where(column.notna(), None)


def is_number(dtype: Any) -> bool:
    """Whether a column of this type holds numbers or truths."""
    return is_real(dtype) or pd.api.types.is_bool_dtype(dtype)


def some_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Raises StudyError where there are none: a replicate must not vanish."""
    if rows.empty:
        raise StudyError("the fit function returned no estimates")
    return rows
