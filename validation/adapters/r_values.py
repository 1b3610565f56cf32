"""Values that cross to R and back: plain Python on one side, R objects on the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .r_process import define, interface

INT_MAX = 2**31 - 1  # R's integers; -INT_MAX - 1 is its missing integer
EXACT_MAX = 2**53  # integers beyond it are not all doubles


# --- Python -> R ----------------------------------------------------------------------------------


def to_r(value: Any) -> Any:
    """A Python value as an R object: None, scalars, strings, arrays of numbers, data frames.

    An array keeps its shape, an R object passes.  Raises TypeError for anything else.
    """
    ri = interface()
    if value is None:
        return ri.NULL
    if isinstance(value, pd.DataFrame):
        return frame(value)
    if isinstance(value, np.ndarray | np.generic):
        return array(value)
    if isinstance(value, bool | int | float | str | ri.sexp.Sexp):
        return value  # rpy2 makes a vector of length one of a scalar
    if isinstance(value, Sequence) and all(isinstance(v, str) for v in value):
        return ri.StrSexpVector(list(value))
    raise TypeError(f"no R object for a {type(value).__name__}")


def array(values: np.ndarray[Any, Any] | np.generic) -> Any:
    """Numbers as an R vector, or as a matrix or array where there is more than one dimension."""
    values = np.asarray(values)
    vector = column(values.ravel(order="F"))
    if values.ndim < 2:
        return vector
    return define("function(x, dim) array(x, dim)")(vector, column(np.array(values.shape)))


def column(values: np.ndarray[Any, Any]) -> Any:
    """A one-dimensional array of booleans, integers or floats as an R vector of that type.

    Integers that R's do not hold become doubles, exactly; raises TypeError when that is impossible.
    """
    ri = interface()
    if values.dtype.kind == "b":
        return ri.BoolSexpVector(values.tolist())
    if values.dtype.kind in "iu":
        largest = max((abs(int(v)) for v in values), default=0)
        if largest <= INT_MAX:
            return ri.IntSexpVector.from_memoryview(values.astype(np.int32).data)
        if largest > EXACT_MAX:
            raise TypeError(f"{largest} is not a double")
    if values.dtype.kind not in "iuf":
        raise TypeError(f"no R vector for dtype {values.dtype}")
    return ri.FloatSexpVector.from_memoryview(values.astype(np.float64).data)


def frame(data: pd.DataFrame) -> Any:
    """A data frame as R's data.frame: column by column, factors with their levels in order.

    Raises TypeError for a column of strings (its levels and their order would be R's guess: make
    it categorical), of dates, or of any other type that is no number, boolean or category.
    """
    columns = {str(name): _column(str(name), data[name]) for name in data.columns}
    source = "function(cols, n) structure(cols, class = 'data.frame', row.names = seq_len(n))"
    return define(source)(define("list")(**columns), len(data))


def _column(name: str, series: pd.Series[Any]) -> Any:
    """One column of a data frame; see `frame`."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _factor(name, series)
    if not pd.api.types.is_numeric_dtype(series.dtype):  # booleans are numeric here
        raise TypeError(f"column {name!r} is {series.dtype}: make it categorical or numeric")
    if series.hasnans and pd.api.types.is_bool_dtype(series.dtype):
        na = interface().NA_Logical
        return interface().BoolSexpVector([na if pd.isna(v) else v for v in series])
    if series.hasnans:
        return column(series.to_numpy(dtype=np.float64, na_value=np.nan))
    return column(series.to_numpy())


def _factor(name: str, series: pd.Series[Any]) -> Any:
    """A categorical column as a factor, ordered where it is; a missing value is R's NA."""
    labels = series.cat.categories.tolist()
    if not all(isinstance(label, str | int) and not isinstance(label, bool) for label in labels):
        raise TypeError(f"column {name!r}: its categories must be strings or integers")
    codes = series.cat.codes.to_numpy().astype(np.int32) + 1  # 0 where missing
    source = """function(codes, levels, ordered) {
      codes[codes == 0L] <- NA
      structure(codes, levels = levels, class = c(if (ordered) "ordered", "factor")) }"""
    levels = interface().StrSexpVector([str(label) for label in labels])
    return define(source)(column(codes), levels, bool(series.cat.ordered))


# --- R -> Python ----------------------------------------------------------------------------------


def to_python(value: Any) -> Any:
    """An R object as plain Python.

    NULL -> None; a named list -> dict, another -> list; strings and logicals -> lists with None
    for NA; a factor -> its labels; numbers -> float64 arrays of R's dimensions with nan for NA,
    integers too.  Names of vectors are dropped: ask for them.  Raises TypeError for the rest.
    """
    ri = interface()
    if isinstance(value, ri.sexp.NULLType):
        return None
    if isinstance(value, ri.ListSexpVector):
        return _list(value)
    if isinstance(value, ri.StrSexpVector):
        return [None if v is ri.NA_Character else str(v) for v in value]
    if isinstance(value, ri.BoolSexpVector):
        return [None if v is ri.NA_Logical else bool(v) for v in value]
    if isinstance(value, ri.IntSexpVector | ri.FloatSexpVector):
        if "factor" in tuple(value.rclass):
            return to_python(define("as.character")(value))
        return _numbers(value)
    raise TypeError(f"no plain Python for R's {'/'.join(value.rclass)}")


def _list(value: Any) -> list[Any] | dict[str, Any]:
    """An R list; raises TypeError where two elements have one name, which a dict would merge."""
    items = [to_python(item) for item in value]
    if isinstance(value.names, interface().sexp.NULLType):
        return items
    names = [str(name) for name in value.names]
    if len(set(names)) < len(names):
        raise TypeError(f"names repeat in R's list: {', '.join(names)}")
    return dict(zip(names, items, strict=True))


def _numbers(value: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An R vector, matrix or array of numbers; a copy, so that R may collect its own."""
    if len(value) == 0:  # which has no memoryview
        return np.empty(tuple(define("function(x) if (is.null(dim(x))) 0L else dim(x)")(value)))
    raw = np.array(value.memoryview())
    numbers = raw.astype(np.float64)
    missing = raw == -INT_MAX - 1 if raw.dtype.kind == "i" else np.isnan(raw)
    numbers[missing] = np.nan  # R's NA_real_ is a nan with a payload of its own
    return numbers
