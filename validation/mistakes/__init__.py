"""Near misses: what usual mistakes would answer; SPEC.md, section 6.

Each mistake is a function that computes, from plain textbook formulas, the values of the quantities
that it changes.  `near_misses` keeps those that differ from the truth.
"""

from __future__ import annotations

from .listed import MISTAKES
from .misses import is_distinct, near_misses, without_formula
from .problem import Case, problem
from .registry import CLASSES, REGISTRY, Mistake
from .rounding import texts


def sentence(name: str) -> str:
    """What a mistake is."""
    return REGISTRY[name].says


def kind(name: str) -> str:
    """The class of a mistake, a key of CLASSES."""
    return REGISTRY[name].kind


def read(name: str) -> str:
    """The equation of a mistake, and its page of the book."""
    return f"{REGISTRY[name].equation}, page {REGISTRY[name].page}"


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
    "problem",
    "read",
    "sentence",
    "texts",
    "without_formula",
]
