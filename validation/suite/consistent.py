"""Names of mistakes over a run: one that explains many cases goes before one that explains few.

Several mistakes may explain a case equally well.  What an implementation does wrong in one case it
does in others, so that of these the one that explains most of the run is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..adapters.messages import Json
from .verdicts import NEARER, Explanation, Outcome, called, explanations

Judged = tuple[Json, Sequence[Outcome]]  # a case and its outcomes
HALF = 0.5  # what a case counts for a mistake that would have changed more than failed there


def renamed(run: Iterable[Judged]) -> list[tuple[Outcome, ...]]:
    """The outcomes of each case, with mistakes named as the run as a whole has them."""
    cases = list(run)
    equal = [equally_good(case.get("near_misses", []), outcomes) for case, outcomes in cases]
    return [
        tuple(called(outcomes, by, rivals(by, good)) if by else outcomes)
        for (_, outcomes), by, good in zip(cases, chosen(equal), equal, strict=True)
    ]


def rivals(by: Explanation, good: Iterable[Explanation]) -> tuple[str, ...]:
    """The mistakes that explain a case as well as the one that is named."""
    return tuple(e.mistake for e in good if e != by and e.contradicted <= by.contradicted)


def equally_good(near_misses: Iterable[Json], outcomes: Sequence[Outcome]) -> list[Explanation]:
    """The explanations of a case that cover most of it, as closely as any, to within a digit."""
    found = explanations(near_misses, outcomes)
    most = max((len(e.shared) for e in found), default=0)
    widest = [e for e in found if len(e.shared) == most]
    nearest = max((e.nearness for e in widest), default=0.0)
    return [e for e in widest if e.nearness > nearest - NEARER]


def chosen(equal: Sequence[Sequence[Explanation]]) -> list[Explanation | None]:
    """One explanation a case: that of the mistake of most cases, then of most of the others, ..."""
    names: list[Explanation | None] = [None] * len(equal)
    left = {k for k, found in enumerate(equal) if found}
    while left:
        name = commonest(equal[k] for k in sorted(left))
        for k in sorted(left):
            if by := next((e for e in equal[k] if e.mistake == name), None):
                names[k] = by
                left.remove(k)
    return names


def commonest(cases: Iterable[Sequence[Explanation]]) -> str:
    """The mistake that explains most cases; of those of equally many the first."""
    weights: dict[str, float] = {}
    for found in cases:
        for e in found:
            weights[e.mistake] = weights.get(e.mistake, 0.0) + (HALF if e.contradicted else 1.0)
    return max(weights, key=weights.__getitem__)
