"""Degrees of freedom that count rows and groups, and ask nothing of the data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from refmixed.design import Design, RandomTerm
from refmixed.linalg import Array

CONTAINMENT = "containment"  # methods by name
BETWEEN, WITHIN = "between and within groups", "within groups (nlme)"


def methods(design: Design) -> dict[str, Sequence[float]]:
    """The methods that this design has a place for."""
    found: dict[str, Sequence[float]] = {CONTAINMENT: containment(design)}
    levels = nested(design)
    if levels is not None:
        found[WITHIN] = within(design, levels, intercept_within=True)
        found[BETWEEN] = within(design, levels, intercept_within=False)
    return found


def nested(design: Design) -> list[RandomTerm] | None:
    """One term of each grouping factor, the outermost first; None where they are not nested."""
    first = {term.group: term for term in reversed(design.terms)}
    terms = sorted(first.values(), key=lambda term: len(term.levels))
    pairs = pairwise(terms)
    return terms if all(is_within(inner, outer) for outer, inner in pairs) else None


def is_within(inner: RandomTerm, outer: RandomTerm) -> bool:
    """Whether each level of one is in one level of the other."""
    return len(set(zip(inner.codes, outer.codes, strict=True))) == len(set(inner.codes))


def within(design: Design, terms: Sequence[RandomTerm], intercept_within: bool) -> list[float]:
    """Levels of the innermost group that a column is constant in, less those around it and columns.

    The intercept: that of rows, as nlme has it, or that of the outermost group.
    """
    depth = [level(design.X[:, j], terms) for j in range(design.p)]
    constant = [bool(np.ptp(design.X[:, j]) == 0) for j in range(design.p)]
    sizes = [1 if any(constant) else 0, *(len(set(t.codes)) for t in terms), design.n]
    counts = [
        sum(d == i and not c for d, c in zip(depth, constant, strict=True))
        for i in range(len(sizes))
    ]
    df = [0.0, *(float(sizes[i] - sizes[i - 1] - counts[i]) for i in range(1, len(sizes)))]
    place = len(sizes) - 1 if intercept_within else 1
    return [df[place if c else d] for d, c in zip(depth, constant, strict=True)]


def level(x: Array, terms: Sequence[RandomTerm]) -> int:
    """1 for a column that is constant in the outermost groups, one more for each inside."""
    for depth, term in enumerate(terms, 1):
        if all(np.ptp(x[term.codes == code]) == 0 for code in np.unique(term.codes)):
            return depth
    return len(terms) + 1


def containment(design: Design) -> list[float]:
    """Rank of the smallest random effect that contains a fixed one, else what is left of n."""
    whole = np.hstack([design.X, design.Z])
    rank = int(np.linalg.matrix_rank(whole))
    ranks = {}
    for t, term in enumerate(design.terms):
        for j, effect in enumerate(term.effects):
            others = np.hstack([design.X, *rest(design, t, j)])
            ranks[t, j] = rank - int(np.linalg.matrix_rank(others)), variables(effect, term.group)
    return [
        float(min((r for r, of in ranks.values() if contains(of, name)), default=design.n - rank))
        for name in design.names
    ]


def rest(design: Design, t: int, j: int) -> list[Array]:
    """The columns of Z without those of effect j of term t."""
    return [
        np.delete(term.Z, np.arange(j, term.q, term.k), axis=1) if i == t else term.Z
        for i, term in enumerate(design.terms)
    ]


def variables(effect: str, group: str) -> set[str]:
    """What a random effect is made of."""
    return {*effect.split(":"), *group.split(":")} - {"(Intercept)"}


def contains(parts: set[str], name: str) -> bool:
    """Whether a random effect contains a fixed one, whose names may end with a level."""
    fixed = set(name.split(":")) - {"(Intercept)"}
    return all(any(part == f or f.startswith(part) for part in parts) for f in fixed)
