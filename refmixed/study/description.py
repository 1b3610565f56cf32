"""What a study is of, in words that are the same in every process and on every day.

repr() is not: it shows addresses, gives sets in the order of the day, and leaves out the middle of
arrays.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property, partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from ..errors import StudyError
from ..r.data import as_frame
from .code import Tell, brief, digest, of_class, of_code, of_function


def describe(value: Any) -> str:
    """A value in words.  Raises StudyError where it is nested too deeply."""
    try:
        return Description()(value)
    except RecursionError:
        raise StudyError("what the study is of is nested too deeply to be described") from None


class Description:
    """The words for a value and all that it holds, each said once."""

    def __init__(self) -> None:
        self.above: set[int] = set()
        self.said: dict[int, tuple[Any, str]] = {}  # with the value, so that its id stays its own

    def __call__(self, value: Any) -> str:
        """The words for one of them."""
        if value is None or isinstance(value, str | bytes | int | float | complex | np.generic):
            return repr(value)
        if id(value) in self.above:
            return "itself"
        if id(value) not in self.said:
            self.above.add(id(value))
            self.said[id(value)] = value, self.words(value)
            self.above.remove(id(value))
        return self.said[id(value)][1]

    def words(self, value: Any) -> str:
        """By its kind."""
        for kinds, of_kind in KINDS:
            if isinstance(value, kinds):
                return of_kind(value, self)
        frame = nw.from_native(value, pass_through=True, eager_only=True, allow_series=True)
        if isinstance(frame, nw.DataFrame):
            return of_frame(as_frame(value), self)
        if isinstance(frame, nw.Series):
            return f"{frame.dtype} {self(frame.to_list())}"
        return of_fields(value, self) if is_dataclass(value) else of_object(value, self)


def of_list(value: Any, tell: Tell) -> str:
    """A list or tuple."""
    return f"[{', '.join(map(tell, value))}]"


def of_set(value: Any, tell: Tell) -> str:
    """A set, in one order."""
    return f"{{{', '.join(sorted(map(tell, value)))}}}"


def of_mapping(value: Mapping[Any, Any], tell: Tell) -> str:
    """A mapping, in its order."""
    return f"{{{', '.join(f'{tell(k)}: {tell(v)}' for k, v in value.items())}}}"


def of_array(value: Any, tell: Tell) -> str:
    """An array, by a digest of its bytes; of objects, one by one."""
    if value.dtype.hasobject:
        return f"array {value.shape} {tell(value.ravel().tolist())}"
    return f"array {value.shape} {digest(str(value.dtype).encode() + value.tobytes())}"


def of_frame(value: Any, tell: Tell) -> str:
    """A table, by a digest of its names, its types and all that is in it."""
    columns = [tell([name, value.iloc[:, k]]) for k, name in enumerate(value.columns)]
    return f"table {value.shape} {digest(tell([value.index, *columns]).encode())}"


def of_column(value: Any, tell: Tell) -> str:
    """A Series or an Index; of categories their order too."""
    if isinstance(value.dtype, pd.CategoricalDtype):
        coded = pd.Categorical(value)
        return f"factor {tell([coded.ordered, coded.categories.tolist(), coded.codes])}"
    return f"{value.dtype} {tell(value.to_numpy())}"


def of_fields(value: Any, tell: Tell) -> str:
    """A dataclass."""
    parts = (f"{f.name}={brief(tell(getattr(value, f.name)))}" for f in fields(value))
    return f"{tell(type(value))}({', '.join(parts)})"


def of_partial(value: Any, tell: Tell) -> str:
    """A function with some of its arguments."""
    return f"{tell(value.func)}({tell(value.args)}, {tell(value.keywords)})"


def of_method(value: Any, tell: Tell) -> str:
    """A bound method."""
    return f"{tell(value.__func__)} of {tell(value.__self__)}"


def of_module(value: ModuleType, _: Tell) -> str:
    """A module."""
    return value.__name__


def of_logger(value: logging.Logger, _: Tell) -> str:
    """A logger, which knows all others."""
    return f"logger {value.name}"


def of_random(value: Any, _: Tell) -> str:
    """A source of random numbers, whose state is that of the moment."""
    return type(value).__name__


def of_object(value: Any, tell: Tell) -> str:
    """Any other object: its class, and what it would be made of again."""
    try:
        parts = [*value.__reduce_ex__(4)][1:]
    except (pickle.PicklingError, TypeError, AttributeError):
        parts = [getattr(value, "__dict__", "?")]
    parts = [part if part is None or hasattr(part, "__len__") else [*part] for part in parts]
    words = tell([without_caches(part, type(value)) for part in parts])
    return f"{tell(type(value))}({brief(words)})"


def without_caches(state: Any, kind: type) -> Any:
    """An object's state without what it only remembers."""
    if not isinstance(state, dict):
        return state
    cached = {n for n in state if isinstance(getattr(kind, str(n), None), cached_property)}
    return {n: v for n, v in state.items() if n not in cached and "cache" not in str(n)}


KINDS: tuple[tuple[Any, Callable[[Any, Tell], str]], ...] = (
    (list | tuple, of_list),
    (set | frozenset, of_set),
    (Mapping, of_mapping),
    (np.ndarray, of_array),
    (pd.DataFrame, of_frame),
    (pd.Series | pd.Index, of_column),
    (pd.api.extensions.ExtensionArray, lambda value, tell: of_column(pd.Series(value), tell)),
    (type, of_class),
    (ModuleType, of_module),
    (logging.Logger, of_logger),
    (partial, of_partial),
    (MethodType, of_method),
    (FunctionType, of_function),
    (CodeType, of_code),
    (np.random.Generator | np.random.RandomState | np.random.BitGenerator, of_random),
)
