"""Pairs of matches, and the least in which they differ: what may explain the differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from .account import Account, Key
from .base import Trait, differing
from .chance import coincidences
from .compare import Difference
from .match import INFERENCE, Match
from .readings import FAMILIES

GROUPS = (
    ("variances",),
    ("likelihood",),
    ("information criteria",),
    INFERENCE,
    ("limits",),
    ("means",),
)
Pair = tuple[Trait | None, Trait | None]
Pairs = frozenset[Pair]


@dataclass(frozen=True)
class Candidate:
    """One pair of matches, with the least that they differ in.

    open: quantities that this does not explain.  chance: coincidences to be expected, as good ones.
    """

    matches: tuple[Match, Match]
    pairs: Pairs
    open: tuple[Key, ...]
    chance: float

    @property
    def cost(self) -> tuple[int, int, int]:
        """Open quantities first, then assumptions, then effects under other names."""
        strangers = sum(match.strangers for match in self.matches)
        return len(self.open), len(self.pairs), strangers

    @property
    def causes(self) -> frozenset[str]:
        """The names of the causes."""
        return frozenset(name for pair in self.pairs for name in causes_of(pair))

    def of(self, cause: str) -> tuple[Pair, ...]:
        """The pairs of one cause, in an order of their own."""
        return tuple(sorted((p for p in self.pairs if cause in causes_of(p)), key=repr))


@dataclass(frozen=True)
class Question:
    """What is to be explained: the differences, in numbers of b; how many worlds were tried.

    rivals: how many readings of a family were tried; those of the match where it is not there.
    """

    differences: Sequence[Difference]
    b: Account
    worlds: int
    is_structural: bool  # effects that one account lacks: no coincidence
    rivals: Mapping[str, int] = field(default_factory=dict)


def candidates(
    mine: Iterable[Match], theirs: Sequence[Match], question: Question
) -> Iterator[Candidate]:
    """Every pair of matches, with the least that explains what differs."""
    for a in mine:
        for b in theirs:
            yield from compared(a, b, question)


def compared(a: Match, b: Match, question: Question) -> Iterator[Candidate]:
    """The ways to explain what differs by these two matches, the cheapest."""
    world = frozenset(differing(a.base.traits, b.base.traits))
    if world and (contradicted(a, question) or contradicted(b, question)):
        return
    ways, still_open, chance = [world], list[Key](), 0.0
    rest = list(question.differences)
    for group in GROUPS:
        here = [d for d in question.differences if d.key[0] in kinds(group)]
        if not here:
            continue
        names = tuple(name for name in group if a.readings.get(name) and b.readings.get(name))
        read = [d for d in here if d.key[0] in kinds(names)]
        still_open += [d.key for d in here if d not in read]
        best = cheapest(a, b, names)
        if any(best):
            if not all(declared(a, b, way) for way in best):
                told = [name for name in names if any(d.key[0] in kinds([name]) for d in read)]
                chance += coincidences(read, question.b, answers(b, told, question))
            rest = [d for d in rest if d not in read]
        ways = [way | more for way in ways for more in best]
    rest = [d for d in rest if d.key not in still_open]
    if not (question.is_structural or declared(a, b, world)):
        chance += coincidences(rest or question.differences, question.b, question.worlds)
    yield from (Candidate((a, b), way, tuple(still_open), chance) for way in ways)


def declared(a: Match, b: Match, pairs: Pairs) -> bool:
    """Whether the accounts themselves say all in which they differ: that is no coincidence."""
    return all(a.declares(mine) and b.declares(theirs) for mine, theirs in pairs)


def answers(match: Match, families: Iterable[str], question: Question) -> int:
    """How many ways to tell the numbers of some families were tried."""
    return prod(question.rivals.get(name, match.tried[name]) for name in families)


def contradicted(match: Match, question: Question) -> bool:
    """Whether numbers in which the accounts agree are others than a match would have."""
    apart = {d.key[0] for d in question.differences}
    return any(apart.isdisjoint(kinds([name])) for name in match.failed)


def kinds(families: Iterable[str]) -> set[str]:
    """The kinds of numbers of some families."""
    return {kind for f in FAMILIES if f.name in families for kind in f.kinds}


def cheapest(a: Match, b: Match, families: tuple[str, ...]) -> list[Pairs]:
    """The smallest differences between what is true of the one and of the other.

    Of those that are as small, the ones that the accounts' own words do not deny.
    """
    if not families:
        return [frozenset()]
    cost: dict[Pairs, tuple[int, int]] = {}
    for x, y in product(a.traits(families), b.traits(families)):
        way = frozenset(differing(x, y))
        this = len(way), a.against(x) + b.against(y)
        cost[way] = min(this, cost.get(way, this))
    least = min(cost.values())
    return [way for way, its in cost.items() if its == least]


def causes_of(pair: Pair) -> list[str]:
    """The causes of one choice: of what is not usual in either account."""
    return sorted({trait.cause for trait in pair if trait and trait.cause})
