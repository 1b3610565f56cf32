"""What a study is of, in words that are the same in every process and on every day.

repr() is not: it shows addresses of functions, and leaves out the middle of arrays.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

PACKAGES = ("formulaic", "numpy", "pandas", "scipy")


def describe(value: Any) -> str:
    """A value in words: plain ones as they are, tables by a digest, functions by their code."""
    if isinstance(value, pd.DataFrame | pd.Series):
        return f"{type(value).__name__.lower()} {digest(table_bytes(value))}"
    if isinstance(value, np.ndarray):
        return f"array {value.shape} {digest(str(value.dtype).encode() + value.tobytes())}"
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: getattr(value, f.name) for f in fields(value) if f.repr}
        return f"{type(value).__name__}({described(parts)})"
    if isinstance(value, Mapping):
        return f"{{{described(value)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(describe, value))}]"
    if isinstance(value, partial):
        return f"{describe(value.func)}({describe(value.args)}, {described(value.keywords)})"
    if callable(value):
        return describe_function(value)
    text = repr(value)
    return describe_object(value) if " at 0x" in text else text


def described(parts: Mapping[Any, Any]) -> str:
    """name=value, name=value."""
    return ", ".join(f"{name}={describe(value)}" for name, value in parts.items())


def describe_function(function: Any) -> str:
    """Its name, and a digest of its code and of what it closes over; not of what it calls."""
    name = f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"
    code = getattr(function, "__code__", None)
    if code is None:
        return name
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    constants = [c for c in code.co_consts if not hasattr(c, "co_code")]
    inside = (
        f"{describe(cells)} {constants} {code.co_names} {describe(function.__defaults__ or ())}"
    )
    return f"{name} {digest(code.co_code + inside.encode())}"


def describe_object(value: Any) -> str:
    """Of another object, a frozen distribution of scipy say, its kind and what it holds."""
    dist = getattr(value, "dist", None)
    held = {k: getattr(value, k) for k in ("args", "kwds") if hasattr(value, k)}
    name = getattr(dist, "name", type(value).__name__)
    return f"{name}({described(held or plain(getattr(value, '__dict__', {})))})"


def plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers, texts and arrays among an object's attributes."""
    kinds = (int, float, str, np.ndarray)
    return {k: v for k, v in attributes.items() if isinstance(v, kinds)}


def table_bytes(table: pd.DataFrame | pd.Series) -> bytes:
    """All of a table, its names and its types."""
    frame = pd.DataFrame(table)
    heads = f"{[*frame.columns]} {[*map(str, frame.dtypes)]}".encode()
    return heads + pd.util.hash_pandas_object(frame).to_numpy().tobytes()


def digest(data: bytes) -> str:
    """The first 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(data).hexdigest()[:16]


def versions() -> dict[str, str]:
    """What the numbers of a study depend on, refmixed's own version first."""
    from . import __version__

    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"refmixed": __version__, "python": platform.python_version(), **found}
