"""Values on their way between the grader and a submission, as JSON: never pickled, never evaluated.

Numbers are decimal strings, arrays are flat and have a shape. Both sides use this module. It takes
what it needs by name, before a submission can patch it, and looks at the type of an object, which
cannot lie, and never at what its methods say.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import prod
from typing import Any

from numpy import array, dtype, float64, longdouble, ndarray

Message = dict[str, Any]
Value = Any  # None, str, list of str, bool, int, float, array, tuple of these

NUMBERS = 250_000  # in one value: a matrix of 500 x 500
TEXT = 20_000  # characters
DEEP = 4  # lists in lists
WIDE = 20  # values in a tuple
DIGITS = 40  # characters of a number
PLAIN = (bool, int, float, complex)
SCALARS = tuple(dtype(code).type for code in "?bBhHiIlLqQefdgFDG")
READERS: dict[Any, Callable[[str], Any]] = {
    "bool": {"True": True, "False": False}.__getitem__,
    "int": int,
    "float": float,
}
KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float"}


class ValueRefusedError(ValueError):
    """What is no value here; the text says why."""


def written(value: Value) -> Message:
    """A value as JSON.  Raises ValueRefusedError."""
    kind = type(value)
    if value is None:
        return {"none": True}
    if kind is str:
        return {"text": short(value)}
    if kind is tuple:
        if len(value) > WIDE or any(type(part) is tuple for part in value):
            raise ValueRefusedError(f"a tuple of more than {WIDE} values, or of tuples")
        return {"tuple": [written(part) for part in value]}
    if kind is list and value and all(type(part) is str for part in value[:NUMBERS]):
        return {"texts": [short(part) for part in value[:NUMBERS]]}
    return numbers(value)


def short(text: str) -> str:
    """A text that is not too long.  Raises ValueRefusedError."""
    if len(text) > TEXT:
        raise ValueRefusedError(f"a text of {len(text)} characters: {TEXT} are the limit")
    return text


def numbers(value: Value) -> Message:
    """A number or an array of them as JSON.  Raises ValueRefusedError."""
    values = as_array(value)
    if values.size > NUMBERS:
        raise ValueRefusedError(f"{values.size} numbers: {NUMBERS} are the limit")
    if values.dtype.kind == "O":
        values = array(plain(values.tolist()))
    if values.dtype.kind == "c":
        raise ValueRefusedError("complex numbers: real ones are expected")
    if values.dtype.kind not in KINDS:
        raise ValueRefusedError(f"an array of {values.dtype}: numbers are expected")
    if values.dtype.kind == "f":
        values = values.astype(float64)
    flat = [repr(number) for number in values.ravel().tolist()]
    return {"dtype": KINDS[values.dtype.kind], "shape": list(values.shape), "numbers": flat}


def as_array(value: Value) -> ndarray:
    """An array of exactly this class.  Raises ValueRefusedError."""
    kind = type(value)
    frames = sys.modules.get("pandas")
    if frames is not None and one_of(kind, (frames.Series, frames.DataFrame)):
        value = value.to_numpy()
        kind = type(value)
    if issubclass(kind, ndarray):
        return array(value, subok=False)
    try:
        return array(plain(value))
    except ValueRefusedError:
        raise
    except OverflowError as error:
        raise ValueRefusedError("a number that is too large") from error
    except ValueError as error:
        raise ValueRefusedError("lists of different lengths in a list: no array") from error


def plain(value: Value, deep: int = 0) -> Any:
    """Lists of numbers of Python, whatever mixture they were.  Raises ValueRefusedError."""
    kind = type(value)
    if kind is list or (kind is tuple and deep):
        if deep == DEEP or len(value) > NUMBERS:
            raise ValueRefusedError(f"lists in lists, {DEEP} deep, or too long: no array")
        return [plain(part, deep + 1) for part in value]
    if one_of(kind, PLAIN):
        return float(value) if kind is int and abs(value) >= 2**63 else value  # may be too large
    if issubclass(kind, ndarray):
        return plain(array(value, subok=False).tolist(), deep)
    if one_of(kind, SCALARS):
        return value.item() if kind is not longdouble else float(value)
    raise ValueRefusedError(f"{called(kind)}: a number or an array of numbers is expected")


def one_of(kind: type, kinds: tuple[type, ...]) -> bool:
    """Whether a class is one of some, by identity: a metaclass may have its own equality."""
    return any(kind is other for other in kinds)


def called(kind: type) -> str:
    """What an object of a class is called in a message."""
    name = str(type.__dict__["__name__"].__get__(kind))[:DIGITS]
    return f"an object of class {name}"


def read(message: Any) -> Value:
    """The value that JSON stands for, of whatever was sent.  Raises ValueRefusedError."""
    if type(message) is not dict:
        raise ValueRefusedError("no value")
    if "none" in message:
        return None
    if type(text := message.get("text")) is str:
        return short(text)
    if type(texts := message.get("texts")) is list and all(type(part) is str for part in texts):
        return [short(part) for part in texts]
    if type(parts := message.get("tuple")) is list and len(parts) <= WIDE:
        if any(type(part) is not dict or "tuple" in part for part in parts):
            raise ValueRefusedError("a tuple of tuples")
        return tuple(map(read, parts))
    return read_numbers(message.get("dtype"), message.get("shape"), message.get("numbers"))


def read_numbers(kind: Any, shape: Any, flat: Any) -> Value:
    """A number, or an array.  Raises ValueRefusedError."""
    if type(shape) is not list or type(flat) is not list or len(shape) > DEEP:
        raise ValueRefusedError("no value")
    if any(type(length) is not int or length < 0 for length in shape) or len(flat) > NUMBERS:
        raise ValueRefusedError("no shape of an array")
    if any(type(number) is not str or len(number) > DIGITS for number in flat):
        raise ValueRefusedError("no numbers")
    if prod(shape) != len(flat):
        raise ValueRefusedError("a shape that does not fit its numbers")
    try:
        values = array([READERS[kind](number) for number in flat], dtype=kind).reshape(shape)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueRefusedError("no numbers") from error
    return values if shape else values.item()
