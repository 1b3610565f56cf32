"""Public tests, worth nothing: the four rows that the page works by hand, as code."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import numpy as np

from .questions import public
from .records import Assignment, Function

HEAD = '''"""Public tests of {name}: the four rows. They are worth no points.

Run them by `python test_{name}.py`.
"""

import sys
import traceback

from numpy import array
from numpy.testing import assert_allclose

import {name}
'''
RUN = '''
def passes(name, test):
    """Whether a test passes. If not, what went wrong is shown, and the others are tried."""
    try:
        test()
    except Exception:
        traceback.print_exc(limit=-1)
        print(f"{name}: NOT as on the page, see above", file=sys.stderr)
        return False
    print(f"{name}: as on the page")
    return True


if __name__ == "__main__":
    tests = [(name[5:], made) for name, made in globals().items() if name.startswith("test_")]
    sys.exit(not all([passes(name, test) for name, test in tests]))
'''


def functions_of(one: Assignment) -> list[Function]:
    """The tasks that there are public tests of."""
    return [task for task in one.tasks if isinstance(task, Function)]


def tests(one: Assignment) -> str:
    """A file that tries a student's functions on the four rows: `python test_hw2.py`."""
    functions = functions_of(one)
    called = [indent(call(task, f"{one.name}.{task.name}"), "    ") for task in functions]
    defined = [
        f"\ndef test_{t.name}():\n{test}\n" for t, test in zip(functions, called, strict=True)
    ]
    return "\n".join([HEAD.format(name=one.name), *defined, RUN])


def call(task: Function, name: str) -> str:
    """One test, a single statement: what the function is to give."""
    asked = public(task)
    lines = [f"{argument}={literal(value)}," for argument, value in asked.arguments.items()]
    given = indent("\n".join(lines), "    ")
    made = indent(f"{name}(\n{given}\n),\n{literal(asked.value)},\natol=1e-9,", "    ")
    return f"assert_allclose(\n{made}\n)"


def literal(value: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, np.ndarray):
        return f"array({rounded(value).tolist()})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def rounded(value: Any) -> Any:
    """An array without the last digits of a double, which depend on the processor."""
    return np.round(value, 12) + 0.0 if value.dtype.kind == "f" else value
