"""The bridge to R: one embedded R, plain data in, plain data out, conditions as data.

R starts at the first call and not before.  Only rpy2's low-level interface is used, because its
automatic conversions lose what matters here: the levels of a factor and their order, dimensions,
and the difference between R's missing integer and -2147483648.  Use it from the main thread.

    answer = call(define("function(x) sum(x)"), np.arange(3.0))
    to_python(answer.value)            # array([3.])
    answer.warnings, answer.messages   # what R signalled on the way
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd

console: deque[str] = deque(maxlen=1000)  # what R would have printed, the latest last

INT_MAX = 2**31 - 1  # R's integers; -INT_MAX - 1 is its missing integer
EXACT_MAX = 2**53  # integers beyond it are not all doubles


class RError(RuntimeError):
    """R signalled an error; the message is R's own."""


@dataclass(frozen=True)
class Answer:
    """What a call of an R function gave: its value (an R object) and what it signalled."""

    value: Any
    warnings: tuple[str, ...]
    messages: tuple[str, ...]


# --- starting R -----------------------------------------------------------------------------------


@cache
def interface() -> Any:
    """rpy2.rinterface with R running and lme4 attached; the first call starts R.

    Raises whatever importing rpy2 raises: ImportError without it, cffi's own error when it was
    built for another R; RError without lme4.
    """
    os.environ.setdefault("LANGUAGE", "en")  # messages are compared with what R says in English
    libraries = os.environ.get("LD_LIBRARY_PATH")
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):  # what fails is raised as well
        import rpy2.rinterface as ri
        from rpy2.rinterface_lib import callbacks, embedded

    callbacks.consolewrite_print = console.append
    callbacks.consolewrite_warnerror = console.append
    if not embedded.isinitialized():  # a user's profile may change the contrasts or the digits
        embedded.set_initoptions(("rpy2", "--quiet", "--no-save", "--no-restore", "--no-init-file"))
        ri.initr()
    keep_library_path(libraries)
    ri.evalr("options(digits = 7, width = 80, scipen = 0, warn = 1, useFancyQuotes = FALSE)")
    if not ri.evalr("suppressPackageStartupMessages(require(lme4, quietly = TRUE))")[0]:
        raise RError("R has no package lme4")
    return ri


def keep_library_path(before: str | None) -> None:
    """Undo R's change of LD_LIBRARY_PATH: a child Python may load another libpython with it."""
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
        os.unsetenv("LD_LIBRARY_PATH")
    else:
        os.environ["LD_LIBRARY_PATH"] = before


@cache
def available() -> tuple[bool, str]:
    """Whether R answers, and why not, or which versions do.  Never raises."""
    try:
        found = versions()
    except Exception as error:  # the wrong build raises cffi's error, which has no base of its own
        return False, " ".join(f"{type(error).__name__}: {error}".split())
    return True, ", ".join(f"{name} {version}" for name, version in found.items())


def versions() -> dict[str, str]:
    """The versions of R, lme4 and rpy2 that answer."""
    source = "c(as.character(getRversion()), packageDescription('lme4')$Version)"
    r, lme4 = interface().evalr(source)
    return {"R": r, "lme4": lme4, "rpy2-rinterface": metadata.version("rpy2-rinterface")}


# --- calling R ------------------------------------------------------------------------------------

CATCH = """function(f, args) {
  warnings <- character(); messages <- character()
  value <- withCallingHandlers(
    tryCatch(list(do.call(f, args, quote = TRUE)), error = conditionMessage),
    warning = function(w) {
      warnings <<- c(warnings, conditionMessage(w)); invokeRestart("muffleWarning") },
    message = function(m) {
      messages <<- c(messages, conditionMessage(m)); invokeRestart("muffleMessage") })
  list(value, warnings, messages)
}"""


@cache
def load(path: str) -> dict[str, Any]:
    """The functions that a file of R code defines, by name; they see each other."""
    source = (
        "function(path) { e <- new.env(parent = globalenv()); sys.source(path, e); as.list(e) }"
    )
    functions = define(source)(path)
    return dict(zip(functions.names, functions, strict=True))


@cache
def define(source: str) -> Any:
    """The R function that this source text defines; defined once, however often it is asked."""
    return interface().evalr(source)


def call(function: Any, *args: Any, **kwargs: Any) -> Answer:
    """Call an R function on Python values or R objects; warnings and messages are collected.

    Raises RError with R's message when R stops, TypeError for what `to_r` cannot convert.
    """
    arguments = define("list")(*map(to_r, args), **{k: to_r(v) for k, v in kwargs.items()})
    value, warnings, messages = define(CATCH)(function, arguments)
    if isinstance(value, interface().StrSexpVector):  # an error's text; a value comes in a list
        raise RError(str(value[0]).strip())
    return Answer(value[0], tuple(warnings), tuple(m.rstrip("\n") for m in messages))


def ask(source: str, *args: Any, **kwargs: Any) -> Any:
    """The answer of an R function as plain Python; what it signals is dropped."""
    return to_python(call(define(source), *args, **kwargs).value)


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
