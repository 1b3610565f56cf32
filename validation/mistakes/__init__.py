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
from . import contrasts, covariances, effects, freedom, inputs, likelihood, minima
from .problem import Problem, Values, problem
from .registry import REGISTRY, Mistake

DIGITS = 7  # of a near miss that are written down: the same on every machine, or nearly
TELLING = 8.0  # digits shared with the truth from which on a near miss says nothing
LARGEST = 60  # numbers that a near miss of one quantity may have, where a smaller one is there
HUGE = 3000  # numbers that it may have at all
TRUSTED = 5.0  # digits of the truth that the textbook must find, if it is to tell mistakes

ORDER = (likelihood, inputs, contrasts, covariances, minima, effects, freedom)
MISTAKES: tuple[Mistake, ...] = tuple(
    mistake
    for module in ORDER
    for mistake in REGISTRY.values()
    if mistake.values.__module__ == module.__name__
)
Text = dict[str, Any]


def near_misses(problem: Problem, required: Mapping[str, float]) -> list[Text]:
    """What the mistakes answer where it differs from the truth in the digits required.

    required: quantity -> digits.  Values are decimal strings in nested lists.  Quantities of many
    numbers are left out where the mistake changes a smaller one too.  Of mistakes that answer the
    same the first is kept; those that change least come first, so that of two that explain an
    answer equally well the verdict names the narrower one.
    """
    found: list[Text] = []
    trusted = not_lost_to_rounding(problem, required)
    for mistake in MISTAKES:
        if problem.level not in mistake.levels:
            continue
        wrong = mistake.values(problem) or {}
        values = smaller(dict(telling(wrong, problem.truth, trusted)))
        if values and all(values != other["values"] for other in found):
            found.append({"mistake": mistake.name, "values": values})
    return sorted(found, key=lambda miss: len(miss["values"]))


def not_lost_to_rounding(problem: Problem, required: Mapping[str, float]) -> dict[str, float]:
    """The digits required of the quantities that the textbook's formulas find."""
    if problem.level == "design":
        return dict(required)
    right = problem.told(problem.right, problem.theta)
    lost = {
        quantity
        for quantity in right.keys() & problem.truth.keys()
        if compare.digits(quantity, texts(right[quantity]), problem.truth[quantity]) < TRUSTED
    }
    return {quantity: digits for quantity, digits in required.items() if quantity not in lost}


def telling(
    wrong: Values, truth: Values, required: Mapping[str, float]
) -> Iterator[tuple[str, Any]]:
    """The quantities of a mistake that tell it from the truth, as strings."""
    for quantity, value in wrong.items():
        if quantity not in required or value is None:
            continue
        written = texts(value)
        if is_distinct(quantity, written, truth[quantity], required[quantity]):
            yield quantity, written


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


def texts(nested: Any, digits: int = DIGITS) -> Any:
    """Nested lists, arrays and numbers as lists of decimal strings."""
    if isinstance(nested, np.ndarray):
        return texts(nested.tolist(), digits)
    if isinstance(nested, list | tuple):
        return [texts(part, digits) for part in nested]
    return f"{float(nested):.{digits}g}"


def sentence(name: str) -> str:
    """What a mistake is."""
    return REGISTRY[name].says


__all__ = [
    "MISTAKES",
    "Mistake",
    "Problem",
    "is_distinct",
    "near_misses",
    "problem",
    "sentence",
]
