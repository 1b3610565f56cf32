"""Few patterns that fit some cases and no other: "*.fit" rather than the names of all fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import cache

from ..suite import cases


def patterns(wanted: Set[str], everything: frozenset[str]) -> list[str]:
    """Patterns and names that fit all cases that are wanted, and none else of everything."""
    candidates = {pattern for name in sorted(wanted) for pattern in about(name)}
    right = {p: found for p in candidates if (found := fitting(p, everything)) <= wanted}
    chosen, left = [], set(wanted)
    while left:
        best = min(right, key=lambda p: (-len(right[p] & left), p), default="")
        if len(right.get(best, frozenset()) & left) < 2:
            break
        chosen.append(best)
        left -= right[best]
    return sorted(chosen) + sorted(left)


@cache
def fitting(pattern: str, everything: frozenset[str]) -> frozenset[str]:
    """Those that a pattern fits."""
    return frozenset(name for name in everything if cases.fits(name, pattern))


def about(name: str) -> Iterator[str]:
    """Patterns that fit a case, "model.what" or "model.what.matrices", and others like it."""
    model, _, what = name.partition(".")
    for front in ("*", *likelihood(model), model):
        yield from (f"{front}.{end}" for end in ends(what))
    yield "*"


def likelihood(model: str) -> Iterable[str]:
    """The pattern of all models that are fitted by the same likelihood."""
    return [f"*-{end}" for end in ("ml", "reml") if model.endswith(f"-{end}")]


def ends(what: str) -> Iterator[str]:
    """Patterns that fit what is asked of a model: "evaluate-1.matrices"."""
    yield from ("*", what)
    numbered = re.sub(r"-[0-9]+", "-*", what)
    level, _, form = what.partition(".")
    kind = re.sub(r"-[0-9]+", "", level)
    yield from (numbered, f"{kind}*", f"*.{form}" if form else kind)
