"""The functions of formulas, under R's names and with R's arguments.

Those that remember the data of the fit (`poly`, `scale`, `bs`; `mean`, `sd`, `min`, `max` and
`median`, so that `I(x - mean(x))` means the same for new rows) get their memory first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..linalg import Array
from .arithmetic import is_text, logical, number, recycle, repeat, texts
from .bases import bs, ns, poly, scale
from .contrasts import CONTRASTS, C
from .factors import (
    Memory,
    as_factor,
    as_integer,
    as_numeric,
    dummy,
    factor,
    interaction,
    ordered,
    relevel,
)
from .intervals import cut


@dataclass(frozen=True)
class Function:
    """A function of formulas: the Python function has its signature."""

    call: Callable[..., Any]
    remembers: bool = False  # its first argument is what it learned from the data of the fit
    summary: bool = False  # one number of all rows: it leaves out missing values
    skips: bool = False  # some of its arguments may be missing: with na.rm = TRUE
    chooses: bool = False  # or the one that it does not choose
    labels: bool = False  # columns are levels to it, whole numbers with all their digits
    binds: bool = False  # its columns are called as its arguments


def c(*x: Any) -> Array:
    """R's c(): numbers, or texts where one is a text."""
    if not x:
        raise ValueError("c() of nothing has no value")
    one_of_texts = any(map(is_text, x))
    parts = [texts(v) if one_of_texts else number(v) for v in x]
    return np.concatenate([np.ravel(part) for part in parts])


def cbind(*x: Any) -> Array:
    """R's cbind() of vectors: a column each."""
    if not x:
        raise ValueError("cbind() of nothing has no value")
    return np.column_stack(np.broadcast_arrays(*map(number, x)))


def numeric(function: Callable[[Any], Any]) -> Function:
    """numpy's function of numbers, for logical values too: numpy gives those half precision."""
    return Function(lambda x: function(number(x)))


def log(x: Any, base: Any = None) -> Any:
    """R's log(), natural unless a base is given."""
    if base is None:
        return np.log(number(x))
    x, base = recycle(number(x), number(base))
    return np.log(x) / np.log(base)


def rounded(x: Any, digits: Any = 0) -> Any:
    """R's round(): the nearer of the two candidates, the even one where both are as near."""
    x, power = number(x), 10.0 ** float(number(digits))
    below, above = np.floor(x * power), np.ceil(x * power)
    to_below, to_above = x - below / power, above / power - x
    is_below = (to_below < to_above) | ((to_below == to_above) & (below % 2 == 0))
    return np.where(is_below, below, above) / power


def ifelse(test: Any, yes: Any, no: Any) -> Any:
    """R's ifelse(): as long as the test; the others are repeated."""
    test = logical(test)
    sides = [side if is_text(side) else number(side) for side in (yes, no)]
    if any(map(is_text, sides)):
        sides = [texts(side) for side in sides]
    if any(np.size(side) > np.size(test) for side in sides):
        raise ValueError("ifelse() has fewer tests than values")
    yes, no = (repeat(np.asarray(side).ravel(order="F"), np.size(test)) for side in sides)
    flat = np.where(np.ravel(test, order="F"), yes, no)
    return flat.reshape(np.shape(test), order="F")[()]


def rowwise(function: Any, passing: Any) -> Function:
    """R's pmin() or pmax(), of any number of vectors."""

    def call(*x: Any, na_rm: Any = False) -> Any:
        if not x:
            raise ValueError("there are no arguments")
        values = [number(v) for v in x]
        if max(map(np.ndim, values)) > np.ndim(values[0]) > 0:
            raise ValueError("a matrix comes first")
        several = recycle(*values)
        return (passing if na_rm else function).reduce(np.broadcast_arrays(*several))

    return Function(call, skips=True)


def there(x: Any) -> Array:
    """The numbers that are not missing.  Raises ValueError where there are none."""
    values = np.ravel(number(x))
    values = values[~np.isnan(values)]
    if not len(values):
        raise ValueError("there are no values")
    return values


def statistic(function: Callable[[Array], Any]) -> Function:
    """A number of the data of the fit, used again for new rows; missing values are left out."""

    def call(memory: Memory, x: Any, na_rm: Any = False) -> Any:
        return memory["value"] if memory else memory.setdefault("value", function(there(x)))

    return Function(call, remembers=True, summary=True)


def mean(memory: Memory, x: Any, *, na_rm: Any = False) -> Any:
    """R's mean() of the data of the fit; missing values are left out."""
    return memory["value"] if memory else memory.setdefault("value", np.mean(there(x)))


def quantile(
    memory: Memory, x: Any, probs: Any = (0, 0.25, 0.5, 0.75, 1), na_rm: Any = False
) -> Any:
    """R's quantile() of the data of the fit; missing values are left out."""
    if not memory:
        memory["value"] = np.quantile(there(x), number(probs))
    return memory["value"]


def total(function: Callable[[Array], Any]) -> Function:
    """R's sum(), min() and max(), of all that they are given."""

    def call(memory: Memory, *x: Any, na_rm: Any = False) -> Any:
        return memory["value"] if memory else memory.setdefault("value", function(there(c(*x))))

    return Function(call, remembers=True, summary=True)


def learning(call: Callable[..., Any], labels: bool = False) -> Function:
    """A function that remembers the data of the fit."""
    return Function(call, remembers=True, labels=labels)


def labelled(call: Callable[..., Any]) -> Function:
    """A function of levels."""
    return Function(call, labels=True)


SAME_NAME = "log2 log10 log1p exp expm1 sqrt sin cos tan sinh cosh tanh abs sign floor trunc"
FUNCTIONS: dict[str, Function] = {
    "cbind": Function(cbind, binds=True),
    "I": Function(lambda x: x),
    "log": Function(log),
    **{name: numeric(getattr(np, name)) for name in SAME_NAME.split()},
    **{name: numeric(getattr(np, f"arc{name[1:]}")) for name in ("asin", "acos", "atan")},
    "ceiling": numeric(np.ceil),
    "round": Function(rounded),
    "pmin": rowwise(np.minimum, np.fmin),
    "pmax": rowwise(np.maximum, np.fmax),
    "ifelse": Function(ifelse, skips=True, chooses=True),
    "c": Function(c),
    "poly": learning(poly),
    "scale": learning(scale),
    "bs": learning(bs),
    "ns": learning(ns),
    "mean": Function(mean, remembers=True, summary=True),
    "quantile": Function(quantile, remembers=True, summary=True),
    "median": statistic(np.median),
    "sd": statistic(lambda x: np.std(x, ddof=1)),
    **{name: total(getattr(np, name)) for name in ("sum", "min", "max")},
    "factor": learning(factor, labels=True),
    "as.factor": labelled(as_factor),
    "ordered": learning(ordered, labels=True),
    "interaction": labelled(interaction),
    "as.character": labelled(texts),
    "relevel": learning(relevel),
    "cut": learning(cut),
    "dummy": learning(dummy, labels=True),
    "as.numeric": learning(as_numeric),
    "as.integer": learning(as_integer),
    "C": learning(C),
    **{name: Function(call) for name, call in CONTRASTS.items()},
}
STATS = ("poly", "sd", "median", "quantile", "relevel", "C", *CONTRASTS)
HOME = {"bs": "splines", "ns": "splines", "dummy": "lme4", "scale": "base"}
HOME |= dict.fromkeys(STATS, "stats")  # the package of each, where it is not base
