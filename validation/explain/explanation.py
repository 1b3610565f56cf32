"""The explanation: the causes by which two accounts differ, or that it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .account import Account, Key
from .candidates import Pair
from .compare import Difference
from .match import Match
from .numbers import Number


@dataclass(frozen=True)
class Found:
    """One cause: its name, and what is true of each account.

    ways: several where each would do; the pairs of one way hold together.
    """

    cause: str
    ways: tuple[tuple[Pair, ...], ...]

    @property
    def pairs(self) -> list[Pair]:
        """Those of all ways."""
        return [pair for way in self.ways for pair in way]


@dataclass(frozen=True)
class Explanation:
    """What two accounts differ in, and why.

    causes: all of them are true.  either: sets of causes of which each would do, where there are
    several, or where one may be a coincidence.  chance: how many sets would do as well by chance.
    shared: the quantities that both give.  alone: what one has and the other, which has
    others of its kind, lacks.  open: the quantities that differ and that nothing explains.
    """

    a: Account
    b: Account
    differences: Sequence[Difference]
    rounded: Sequence[Difference] = ()
    causes: Sequence[Found] = ()
    either: Sequence[Sequence[Found]] = ()
    chance: float = 0.0
    open: Sequence[Key] = ()
    matches: tuple[Match, Match] | None = None
    hints: Sequence[str] = ()
    tried: int = 0
    shared: Sequence[Key] = ()
    alone: Sequence[Key] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)  # of b -> of a

    @property
    def status(self) -> str:
        """equal, explained, partly, or cannot tell."""
        if not self.differences and not self.alone and not self.causes:
            return "cannot tell" if self.a.contradictions or self.b.contradictions else "equal"
        if not self.causes:
            return "cannot tell"
        return "partly" if self.open else "explained"

    def value(self, match: Match, key: Key) -> Number | None:
        """A number as a match has it, by the traits of the causes; None where it has none."""
        wanted = {trait for found in self.causes for pair in found.pairs for trait in pair if trait}
        ways = [way for family in match.readings.values() for way in family if key in way.numbers]
        first = sorted(ways, key=lambda way: len(way.traits - wanted))
        return first[0].numbers[key] if first else None
