"""What a study is of, in words that are the same in every process and on every day.

repr() is not: it shows addresses, gives sets in the order of the day, and leaves out the middle of
arrays.  A function is told by its code, by what it closes over and by the global names that it
reads; a class of the user by its methods.  What is installed is told by its name and version.
"""

from __future__ import annotations

import dis
import hashlib
import importlib.metadata
import logging
import os
import pickle
import platform
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from ..errors import StudyError
from ..r.data import as_frame

PACKAGES = ("formulaic", "numpy", "pandas", "scipy")
INSTALLED = tuple(
    folder + os.sep
    for folder in (
        *(sysconfig.get_path(place) for place in ("stdlib", "purelib", "platlib")),
        str(Path(__file__).parents[1]),
    )
)
LONGEST = 1000  # of the words for one part
Tell = Callable[[Any], str]


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


def of_class(value: type, tell: Tell) -> str:
    """A class; of the user's, what it defines."""
    if is_installed(sys.modules.get(value.__module__)):
        return value.__qualname__
    own = {n: v for n, v in sorted(vars(value).items()) if not n.startswith("__") or callable(v)}
    words = tell([value.__bases__, {name: unwrapped(held) for name, held in own.items()}])
    return f"{value.__qualname__} {digest(words.encode())}"


def unwrapped(held: Any) -> Any:
    """The function within a property, a cached one, a class method or a static one."""
    for name in ("fget", "func", "__func__"):
        held = getattr(held, name, held)
    return held


def of_module(value: ModuleType, _: Tell) -> str:
    """A module."""
    return value.__name__


def of_logger(value: logging.Logger, _: Tell) -> str:
    """A logger, which knows all others."""
    return f"logger {value.name}"


def of_function(value: Any, tell: Tell) -> str:
    """A function."""
    name = f"{value.__module__}.{value.__qualname__}"
    if value.__code__.co_filename.startswith(INSTALLED):
        package = sys.modules.get(value.__module__.partition(".")[0])
        name = f"{name} {getattr(package, '__version__', '')}".strip()
        return name if value.__closure__ is None else f"{name} {brief(tell(contents(value)))}"
    read = dict(reached(value.__code__, value.__globals__))
    parts = [value.__defaults__, value.__kwdefaults__, contents(value), read]
    return f"{name} {digest((tell(value.__code__) + tell(parts)).encode())}"


def reached(code: CodeType, known: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The global names that code reads, and what they are; from a module, what is taken of it."""
    chain, found = "", None
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval in known:
            chain, found = step.argval, known[step.argval]
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(found, ModuleType):
            chain, found = f"{chain}.{step.argval}", getattr(found, step.argval, None)
        else:
            found = None
        if chain and found is not None:
            yield chain, found
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from reached(constant, known)


def is_installed(module: ModuleType | None) -> bool:
    """Whether a version tells what is in a module; builtins have no file."""
    file = getattr(module, "__file__", None)
    builtin = getattr(module, "__name__", "__main__") in sys.builtin_module_names
    return builtin or (file is not None and file.startswith(INSTALLED))


def contents(function: Any) -> list[Any]:
    """What a function closes over, so far."""
    found = []
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # not filled yet
            found.append(None)
    return found


def of_code(value: CodeType, tell: Tell) -> str:
    """Code, with the code inside it: lambdas, comprehensions, inner functions."""
    return f"{value.co_code.hex()} {tell(value.co_consts)} {value.co_names} {value.co_varnames}"


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


def brief(words: str) -> str:
    """Words, or a digest of many."""
    return words if len(words) <= LONGEST else digest(words.encode())


def digest(data: bytes) -> str:
    """The first 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def versions() -> dict[str, str]:
    """What the numbers of a study depend on, refmixed's own version first."""
    from .. import __version__

    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"refmixed": __version__, "python": platform.python_version(), **found}
