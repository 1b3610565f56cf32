"""Near misses: what usual mistakes would answer; SPEC.md, section 6.

Each mistake is a function that computes, from plain textbook formulas, the values of the quantities
that it changes.  `near_misses` keeps those that differ from the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..suite import compare
from ..suite.compare import QUANTITIES
from ..suite.nested import array
from . import (
    contrasts,
    covariances,
    effects,
    freedom,
    inputs,
    likelihood,
    minima,
    predictions,
    residual,
    structures,
    telltale,
)
from .problem import Case, Values, problem
from .registry import CLASSES, REGISTRY, Mistake
from .rounding import RoundingError, texts, written

TELLING = 8.0  # digits shared with the truth from which on a near miss says nothing
LARGEST = 60  # numbers that a near miss of one quantity may have, where a smaller one is there
HUGE = 3000  # numbers that it may have at all

ORDER = (
    likelihood, inputs, contrasts, covariances, structures, minima, effects, residual, predictions,
    freedom, telltale,
)  # fmt: skip
MISTAKES: tuple[Mistake, ...] = tuple(
    mistake
    for module in ORDER
    for mistake in REGISTRY.values()
    if mistake.values.__module__ == module.__name__
)
Text = dict[str, Any]


def near_misses(problem: Case, required: Mapping[str, float]) -> list[Text]:
    """What the mistakes answer where it differs from the truth in the digits required.

    required: quantity -> digits.  Values are decimal strings in nested lists.  Quantities of many
    numbers are left out where the mistake changes a smaller one too.  Of mistakes that answer the
    same the first is kept; those that change least come first, so that of two that explain an
    answer equally well the verdict names the narrower one.
    """
    found: list[Text] = []
    for mistake in MISTAKES:
        if problem.level not in mistake.levels:
            continue
        values = smaller(dict(telling(answer(mistake, problem), problem.truth, required)))
        if values and all(values != other["values"] for other in found):
            found.append({"mistake": mistake.name, "values": values})
    return sorted(found, key=lambda miss: len(miss["values"]))


def answer(mistake: Mistake, problem: Case) -> Values:
    """What a mistake answers: nothing where it has no room, or only rounding would show."""
    try:
        return mistake.values(problem) or {}
    except RoundingError:
        return {}


def telling(
    wrong: Values, truth: Values, required: Mapping[str, float]
) -> Iterator[tuple[str, Any]]:
    """The quantities of a mistake that tell it from the truth, as strings."""
    for quantity, value in wrong.items():
        if quantity not in required or value is None:
            continue
        strings = written(quantity, value)
        if is_distinct(quantity, strings, truth[quantity], required[quantity]):
            yield quantity, strings


def is_distinct(quantity: str, wrong: Any, truth: Any, required: float) -> bool:
    """Whether a value has the shape of the truth, is finite, and is not as good as the truth."""
    kind = QUANTITIES[quantity]
    pairs = zip(wrong, truth, strict=False) if kind.by_term else [(wrong, truth)]
    arrays = [(array(w, kind.ndim), array(t, kind.ndim)) for w, t in pairs]
    if any(w.shape != t.shape or np.isnan(w).any() for w, t in arrays):
        return False
    return compare.digits(quantity, wrong, truth) < min(required, TELLING)


def smaller(values: Text) -> Text:
    """The quantities of few numbers, where there are any; else the one of fewest."""
    sizes = {quantity: count(value) for quantity, value in values.items()}
    most = min(max(LARGEST, min(sizes.values(), default=0)), HUGE)
    return {q: value for q, value in values.items() if sizes[q] <= most}


def count(nested: Any) -> int:
    """The numbers in nested lists."""
    return sum(count(part) for part in nested) if isinstance(nested, list) else 1


def sentence(name: str) -> str:
    """What a mistake is."""
    return REGISTRY[name].says


def kind(name: str) -> str:
    """The class of a mistake, a key of CLASSES."""
    return REGISTRY[name].kind


def called(name: str) -> str:
    """A mistake's name, and its class in brackets."""
    return f"{name} ({kind(name)})"


__all__ = [
    "CLASSES",
    "MISTAKES",
    "Case",
    "Mistake",
    "called",
    "is_distinct",
    "kind",
    "near_misses",
    "problem",
    "sentence",
    "texts",
]
