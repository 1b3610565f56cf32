"""The near misses of a case: what mistakes answer that differs from the truth, as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from refmixed.linalg import Array

from ..suite import compare
from ..suite.compare import QUANTITIES
from ..suite.nested import array
from ..suite.verdicts import APART
from .inferences import METHODS
from .listed import MISTAKES
from .problem import Case, Values
from .registry import REGISTRY, Mistake
from .rounding import RoundingError, written

LARGEST = 60  # numbers that a near miss of one quantity may have, where a smaller one is there
HUGE = 5000  # numbers that it may have at all
COLUMNS = ("X", "Z")  # arrays whose columns may be the right ones in another order

Text = dict[str, Any]


def near_misses(problem: Case, required: Mapping[str, float]) -> list[Text]:
    """What the mistakes answer where it differs from the truth in the digits required.

    required: quantity -> digits.  Values are decimal strings in nested lists.  Quantities of many
    numbers are left out where the mistake changes a smaller one too.  Of mistakes that answer the
    same the first is kept; those that change least come first, so that of two that explain an
    answer equally well the verdict names the narrower one.
    """
    found: list[Text] = []
    for mistake, values in answers(problem):
        kept = smaller(dict(telling(values, problem.truth, required)), mistake.keeps)
        miss = {"mistake": mistake.name, **shortened(kept, values, problem)}
        same = [other for other in found if alike(other, miss)]
        if not same and quantities(miss):
            found.append(miss)
        for other in same:
            also(other, mistake.name)
    return sorted(found, key=lambda miss: len(quantities(miss)))


def without_formula(misses: Sequence[Text]) -> list[Text]:
    """The near misses that can be made where the arrays are given, and no formula."""
    found = []
    for miss in misses:
        first, *rest = [
            name
            for name in (miss["mistake"], *miss.get("also", []))
            if not REGISTRY[name].of_formula
        ] or [""]
        same = {key: value for key, value in miss.items() if key not in ("mistake", "also")}
        if first:
            found.append({"mistake": first, **({"also": rest} if rest else {}), **same})
    return found


def quantities(miss: Text) -> list[str]:
    """The quantities of a near miss."""
    return [*miss["values"], *miss.get("columns", {})]


def answers(problem: Case) -> Iterator[tuple[Mistake, Values]]:
    """What the mistakes of a level answer, in each way in which they can be made.

    Degrees of freedom and limits stand apart: who makes a mistake may have them by another method.
    """
    for mistake in MISTAKES:
        for values in answer(mistake, problem) if problem.level in mistake.levels else ():
            apart = {quantity for quantity in values if quantity in METHODS}
            yield mistake, {q: v for q, v in values.items() if q not in apart}
            yield mistake, {q: v for q, v in values.items() if q in apart}


def answer(mistake: Mistake, problem: Case) -> Sequence[Values]:
    """What a mistake answers: nothing where it has no room, or only rounding would show."""
    try:
        values = mistake.values(problem) or ()
        return [values] if isinstance(values, Mapping) else list(values)
    except RoundingError:
        return []


def alike(one: Text, other: Text) -> bool:
    """Whether two near misses have the same values."""
    return all(one.get(key) == other.get(key) for key in ("values", "columns"))


def also(miss: Text, name: str) -> None:
    """Note that another mistake gives the values of a near miss."""
    if name != miss["mistake"] and name not in miss.get("also", []):
        miss.setdefault("also", []).append(name)


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
    return compare.digits(quantity, wrong, truth) < min(required, APART)


def smaller(values: Text, keeps: Sequence[str] = ()) -> Text:
    """The quantities of few numbers, where there are any, else the one of fewest; and some more."""
    sizes = {quantity: count(value) for quantity, value in values.items()}
    most = max(LARGEST, min(sizes.values(), default=0))
    return {q: value for q, value in values.items() if sizes[q] <= most or q in keeps}


def shortened(kept: Text, values: Values, problem: Case) -> Text:
    """The parts `values` and `columns` of a near miss.

    Arrays that are the truth's columns in another order are told by their places; of others, none
    has more numbers than HUGE.
    """
    moved = {
        quantity: places
        for quantity in COLUMNS
        if quantity in kept and (places := columns(values[quantity], problem.true(quantity)))
    }
    rest = {q: v for q, v in kept.items() if q not in moved and count(v) <= HUGE}
    return {"values": rest} | ({"columns": moved} if moved else {})


def columns(wrong: Array, truth: Array) -> list[int]:
    """The places in the truth (n, k) of the columns of an array (n, k); none for others."""
    free: dict[Any, list[int]] = {}
    for place in reversed(range(truth.shape[1])):
        free.setdefault(key(truth[:, place]), []).append(place)
    chosen = [free[at].pop() for column in wrong.T if free.get(at := key(column))]
    return chosen if len(chosen) == wrong.shape[1] else []


def key(column: Array) -> tuple[str, ...]:
    """A column in digits that rounding leaves alone, to be looked up."""
    return tuple(f"{number:.12g}" for number in column)


def count(nested: Any) -> int:
    """The numbers in nested lists."""
    return sum(count(part) for part in nested) if isinstance(nested, list) else 1
