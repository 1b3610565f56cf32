"""Public tests, worth nothing: the four rows that the page works by hand, as code."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import numpy as np

from .questions import public
from .records import Assignment, Function


def functions_of(one: Assignment) -> list[Function]:
    """The tasks that there are public tests of."""
    return [task for task in one.tasks if isinstance(task, Function)]


def tests(one: Assignment) -> str:
    """A file that tries a student's functions on the four rows: `python test_hw2.py`."""
    functions = functions_of(one)
    head = f'"""Public tests of {one.name}: the four rows. They are worth no points."""\n\n'
    imports = "from numpy import array\nfrom numpy.testing import assert_allclose\n\n"
    own = f"import {one.name}\n\n"
    called = [call(task, f"{one.name}.{task.name}") for task in functions]
    shown = [f'print("{task.name}: as on the page")' for task in functions]
    pairs = [f"{test}\n{line}" for test, line in zip(called, shown, strict=True)]
    return head + imports + own + "\n".join(pairs) + "\n"


def call(task: Function, name: str) -> str:
    """One test: what the function is to give."""
    asked = public(task)
    lines = [f"{argument}={literal(value)}," for argument, value in asked.arguments.items()]
    made = indent("\n".join(lines), "    ")
    return f"value = {name}(\n{made}\n)\nassert_allclose(value, {literal(asked.value)}, atol=1e-9)"


def literal(value: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, np.ndarray):
        return f"array({rounded(value).tolist()})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def rounded(value: Any) -> Any:
    """An array without the last digits of a double, which depend on the processor."""
    return np.round(value, 12) + 0.0 if value.dtype.kind == "f" else value
