"""The bridge to R: one embedded R, plain data in, plain data out, conditions as data.

R starts at the first call and not before.  Only rpy2's low-level interface is used, because its
automatic conversions lose what matters here: the levels of a factor and their order, dimensions,
and the difference between R's missing integer and -2147483648.  Use it from the main thread.

    answer = call(define("function(x) sum(x)"), np.arange(3.0))
    to_python(answer.value)            # array([3.])
    answer.warnings, answer.messages   # what R signalled on the way
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Any

from .r_process import RError, define, interface
from .r_values import array, frame, to_python, to_r

__all__ = [
    "Answer", "RError", "array", "ask", "available", "call", "define", "frame", "interface",
    "load", "to_python", "to_r", "versions",
]  # fmt: skip


@cache
def available() -> tuple[bool, str]:
    """Whether R answers, and why not, or which versions do.  Never raises."""
    try:
        known = versions()
    except Exception as error:  # the wrong build raises cffi's error, which has no base of its own
        return False, " ".join(f"{type(error).__name__}: {error}".split())
    return True, ", ".join(f"{name} {version}" for name, version in known.items())


def versions() -> dict[str, str]:
    """The versions of R, lme4 and rpy2 that answer."""
    source = "c(as.character(getRversion()), packageDescription('lme4')$Version)"
    r, lme4 = interface().evalr(source)
    return {"R": r, "lme4": lme4, "rpy2-rinterface": metadata.version("rpy2-rinterface")}


# --- calling R ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a call of an R function gave: its value (an R object) and what it signalled."""

    value: Any
    warnings: tuple[str, ...]
    messages: tuple[str, ...]


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
