"""Names of mistakes over a run: one that explains many cases goes before one that explains few.

Several mistakes may explain a case equally well.  What an implementation does wrong in one case it
does in others, so that of these the one that explains most of the run is named.  What is left of a
case may be another mistake, if that changes nothing else there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..adapters.messages import Json
from .verdicts import FAIL, NEARER, Explanation, Outcome, called, explanations, quantities

Judged = tuple[Json, Sequence[Outcome]]  # a case and its outcomes
HALF = 0.5  # what a case counts for a mistake that would have changed more than failed there


def renamed(run: Iterable[Judged]) -> list[tuple[Outcome, ...]]:
    """The outcomes of each case, with mistakes named as the run as a whole has them."""
    cases = [(case, nameless(outcomes)) for case, outcomes in run]
    equal = [equally_good(near_misses(case), outcomes) for case, outcomes in cases]
    while any(equal):
        named = zip(cases, chosen(equal), equal, strict=True)
        cases = [
            (case, called(outcomes, by, rivals(by, good)) if by else outcomes)
            for (case, outcomes), by, good in named
        ]
        equal = [
            equally_good(apart(case, outcomes), outcomes) if found else []
            for (case, outcomes), found in zip(cases, equal, strict=True)
        ]
    return [tuple(outcomes) for _, outcomes in cases]


def nameless(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes as they were before mistakes were named."""
    return [replace(o, verdict=FAIL, mistake="") if o.mistake else o for o in outcomes]


def near_misses(case: Json) -> list[Json]:
    """Those of a case; there are none at level invariance."""
    return list(case.get("near_misses", []))


def apart(case: Json, outcomes: Iterable[Outcome]) -> list[Json]:
    """The near misses of a case that change nothing but what failed and has no name yet."""
    open_ = {o.quantity for o in outcomes if o.verdict == FAIL}
    return [miss for miss in near_misses(case) if open_.issuperset(quantities(miss))]


def rivals(by: Explanation, good: Iterable[Explanation]) -> tuple[str, ...]:
    """The mistakes that explain a case as well as the one that is named."""
    return tuple(e.mistake for e in good if e != by and e.contradicted <= by.contradicted)


def equally_good(misses: Iterable[Json], outcomes: Sequence[Outcome]) -> list[Explanation]:
    """The explanations of a case that cover most of it, as closely as any, to within a digit."""
    found = explanations(misses, outcomes)
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
