"""What a study is of, in words that are the same in every process and on every day.

repr() is not: it shows addresses, gives sets in the order of the day, and leaves out the middle of
arrays.  A function is told by its code, by what it closes over and by the global names that it
uses, functions among them; what is installed is told by its name, and by the versions.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import pickle
import platform
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import joblib
import numpy as np
import pandas as pd

PACKAGES = ("formulaic", "numpy", "pandas", "scipy")
INSTALLED = (
    *(sysconfig.get_path(place) for place in ("stdlib", "purelib", "platlib")),
    str(Path(__file__).parent),
)
LONGEST = 1000  # of the words for one part
Tell = Callable[[Any], str]


def describe(value: Any, within: frozenset[int] = frozenset()) -> str:
    """A value in words; `within` is what it is a part of."""
    if value is None or isinstance(value, str | bytes | int | float | complex | np.generic):
        return repr(value)
    if id(value) in within:
        return "itself"
    tell = partial(describe, within=within | {id(value)})
    for kinds, words in WORDS:
        if isinstance(value, kinds):
            return words(value, tell)
    return of_fields(value, tell) if is_dataclass(value) else of_object(value, tell)


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
    return f"{type(value).__name__}({', '.join(parts)})"


def of_partial(value: Any, tell: Tell) -> str:
    """A function with some of its arguments."""
    return f"{tell(value.func)}({tell(value.args)}, {tell(value.keywords)})"


def of_method(value: Any, tell: Tell) -> str:
    """A bound method."""
    return f"{tell(value.__func__)} of {tell(value.__self__)}"


def of_name(value: Any, _: Tell) -> str:
    """A class or a module."""
    return str(getattr(value, "__qualname__", value.__name__))


def of_function(value: Any, tell: Tell) -> str:
    """A function."""
    name = f"{value.__module__}.{value.__qualname__}"
    if value.__code__.co_filename.startswith(INSTALLED):
        return name if value.__closure__ is None else f"{name} {tell(contents(value))}"
    parts = [value.__defaults__, value.__kwdefaults__, contents(value), used(value)]
    return f"{name} {digest((tell(value.__code__) + tell(parts)).encode())}"


def used(function: Any) -> dict[str, Any]:
    """What a function reaches by name: globals, and what it takes from modules of the user."""
    known, found = function.__globals__, {}
    asked = [*names(function.__code__)]
    for name in asked:
        if name in known:
            found[name] = known[name]
            if isinstance(known[name], ModuleType) and not is_installed(known[name]):
                held = vars(known[name])
                found |= {f"{name}.{n}": held[n] for n in asked if n in held}
    return found


def is_installed(module: ModuleType) -> bool:
    """Whether the versions tell what is in a module."""
    file = getattr(module, "__file__", None)
    return file is None or file.startswith(INSTALLED)


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


def names(code: CodeType) -> Iterator[str]:
    """The names that code and the code inside it use."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)


def of_random(value: Any, _: Tell) -> str:
    """A source of random numbers, whose state is that of the moment."""
    return type(value).__name__


def of_object(value: Any, tell: Tell) -> str:
    """Any other object: its kind, what it does when called, and what it holds."""
    name, called = type(value).__qualname__, vars(type(value)).get("__call__")
    try:
        held = tell(vars(value)) if hasattr(value, "__dict__") else str(joblib.hash(value))
    except (pickle.PicklingError, TypeError, AttributeError):
        held = "?"
    return f"{name}({brief(held + (tell(called) if isinstance(called, FunctionType) else ''))})"


WORDS: tuple[tuple[Any, Callable[[Any, Tell], str]], ...] = (
    (list | tuple, of_list),
    (set | frozenset, of_set),
    (Mapping, of_mapping),
    (np.ndarray, of_array),
    (pd.DataFrame, of_frame),
    (pd.Series | pd.Index, of_column),
    (pd.api.extensions.ExtensionArray, lambda value, tell: of_column(pd.Series(value), tell)),
    (type | ModuleType, of_name),
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
    from . import __version__

    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"refmixed": __version__, "python": platform.python_version(), **found}
