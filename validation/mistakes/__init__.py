"""Near misses: what usual mistakes would answer; SPEC.md, section 6.

Each mistake is a function that computes, from plain textbook formulas, the values of the quantities
that it changes.  `near_misses` keeps those that differ from the truth.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .registry import CLASSES, Mistake

if TYPE_CHECKING:
    from .listed import MISTAKES, REGISTRY
    from .misses import is_distinct, near_misses, without_formula
    from .problem import Case
    from .rounding import texts

HOME = {  # the modules of what is loaded when it is asked for: to compute mistakes takes scipy
    "MISTAKES": "listed",
    "REGISTRY": "listed",
    "is_distinct": "misses",
    "near_misses": "misses",
    "without_formula": "misses",
    "Case": "problem",
    "texts": "rounding",
}


def __getattr__(name: str) -> Any:
    """What is asked for the first time.  Raises AttributeError."""
    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOME[name]}"), name)


def known(name: str) -> Mistake:
    """The mistake of a name."""
    from .listed import REGISTRY

    return REGISTRY[name]


def sentence(name: str) -> str:
    """What a mistake is."""
    return known(name).says


def kind(name: str) -> str:
    """The class of a mistake, a key of CLASSES."""
    return known(name).kind


def read(name: str) -> str:
    """The equation of a mistake, and its page of the book."""
    return f"{known(name).equation}, page {known(name).page}"


def called(name: str) -> str:
    """A mistake's name, and its class in brackets."""
    return f"{name} ({kind(name)})"


__all__ = [
    "CLASSES",
    "MISTAKES",
    "REGISTRY",
    "Case",
    "Mistake",
    "called",
    "is_distinct",
    "kind",
    "near_misses",
    "read",
    "sentence",
    "texts",
    "without_formula",
]
