"""Pairs of matches, and the least in which they differ: what may explain the differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log2, prod

from .account import Account, Key
from .base import Trait, differing
from .compare import Difference, tolerance
from .match import INFERENCE, Match
from .readings import FAMILIES

GROUPS = (("variances",), ("likelihood",), ("information criteria",), INFERENCE, ("limits",))
SURE = 5  # how many times less than one coincidence is to be expected, of all ways that were tried
SEARCH = 0.1  # of the tolerance of searches, which is made to be large enough
SAME = {"criterion": "loglik", "t": "se", "p": "df", "pF": "dendf"}  # kinds that tell one thing
Pair = tuple[Trait | None, Trait | None]
Pairs = frozenset[Pair]


@dataclass(frozen=True)
class Candidate:
    """One pair of matches, with the least that they differ in.

    open: quantities that this does not explain.  is_sure: whether it is no coincidence.
    """

    matches: tuple[Match, Match]
    pairs: Pairs
    open: tuple[Key, ...]
    is_sure: bool

    @property
    def cost(self) -> tuple[int, int]:
        """Open quantities first, then assumptions."""
        return len(self.open), len(self.pairs)

    @property
    def causes(self) -> frozenset[str]:
        """The names of the causes."""
        return frozenset(name for pair in self.pairs for name in causes_of(pair))


@dataclass(frozen=True)
class Question:
    """What is to be explained: the differences, in numbers of b; how many worlds were tried."""

    differences: Sequence[Difference]
    b: Account
    worlds: int
    is_structural: bool  # effects that one account lacks: no coincidence


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
    ways, still_open, sure = [world], list[Key](), True
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
            told = [name for name in names if any(d.key[0] in kinds([name]) for d in read)]
            sure = sure and is_sure(read, question.b, prod(b.tried[name] for name in told))
            rest = [d for d in rest if d not in read]
        ways = [way | more for way in ways for more in best]
    rest = [d for d in rest if d.key not in still_open]
    if world and not question.is_structural:
        sure = sure and is_sure(rest or question.differences, question.b, question.worlds)
    yield from (Candidate((a, b), way, tuple(still_open), sure) for way in ways)


def contradicted(match: Match, question: Question) -> bool:
    """Whether numbers in which the accounts agree are others than a match would have."""
    apart = {d.key[0] for d in question.differences}
    return any(apart.isdisjoint(kinds([name])) for name in match.failed)


def kinds(families: Iterable[str]) -> set[str]:
    """The kinds of numbers of some families."""
    return {kind for f in FAMILIES if f.name in families for kind in f.kinds}


def cheapest(a: Match, b: Match, families: tuple[str, ...]) -> list[Pairs]:
    """The smallest differences between what is true of the one and of the other."""
    if not families:
        return [frozenset()]
    ways = {frozenset(differing(x, y)) for x in a.traits(families) for y in b.traits(families)}
    least = min(map(len, ways))
    return [way for way in ways if len(way) == least]


def causes_of(pair: Pair) -> list[str]:
    """The causes of one choice: of what is unusual in either account."""
    return sorted({trait.cause for trait in pair if trait})


def bits(differences: Iterable[Difference], account: Account) -> float:
    """How surprising it is that numbers so far apart are given back: in bits."""
    most: dict[Key, float] = {}
    for d in differences:
        room = max(d.a.half, d.b.half) + SEARCH * tolerance(d.key, d.b, account) + 1e-300
        same = (SAME.get(d.key[0], d.key[0]), *d.key[1:])
        most[same] = max(most.get(same, 0.0), log2(max(1.0, d.a.apart(d.b) / room)))
    return sum(most.values())


def is_sure(differences: Sequence[Difference], account: Account, tried: int) -> bool:
    """Whether a coincidence among so many ways is unlikely enough."""
    return bits(differences, account) >= log2(max(tried, 1) * SURE)
