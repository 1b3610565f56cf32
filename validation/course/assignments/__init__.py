"""The assignments, one module each, in the order of the course."""

from __future__ import annotations

from importlib import import_module

from ..records import Assignment

NAMES = (*(f"hw{k}" for k in range(1, 10)), "capstone")


def assignment(name: str) -> Assignment:
    """The assignment of a name, such as hw2.  Raises KeyError."""
    if name not in NAMES:
        raise KeyError(name)
    found: Assignment = import_module(f".{name}", __name__).ASSIGNMENT
    return found


def everything() -> list[Assignment]:
    """All assignments."""
    return [assignment(name) for name in NAMES]
