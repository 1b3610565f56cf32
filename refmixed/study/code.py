"""What code does, in words that are the same in every process and on every day.

A function is told by its code, by what it closes over and by the global names that it reads; a
class of the user by its methods.  What is installed is told by its name and version.
"""

from __future__ import annotations

import dis
import hashlib
import importlib.metadata
import os
import platform
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

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
