"""Whether a base gives back every number of an account, and by which readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from .account import Account, Key, Numbers
from .align import aligned
from .base import Base, Reading, Trait, Traits, known
from .compare import agree
from .readings import FAMILIES, Family

WHOLE = ("beta", "sd", "corr")  # kinds of which a fit and an account must have the same ones
DF, SE = "degrees of freedom", "standard error"  # dimensions of traits
INFERENCE = ("standard errors", "degrees of freedom", "F tests")  # chosen together


@dataclass(frozen=True, eq=False)
class Match:
    """A base that an account may be of.

    readings: family -> the ways that give back its numbers, none where no way does.
    """

    base: Base
    readings: Mapping[str, list[Reading]]
    tried: Mapping[str, int]  # family -> ways that were tried

    @property
    def failed(self) -> list[str]:
        """The families that no reading gives back."""
        return [name for name, ways in self.readings.items() if not ways]

    def traits(self, families: tuple[str, ...]) -> list[Traits]:
        """What may be unusual in some families together: sets of traits that do not contradict."""
        choices = [
            [way.traits for way in self.readings[name]]
            for name in families
            if self.readings.get(name)
        ]
        unions = {frozenset[Trait]().union(*some): None for some in product(*choices)}
        plain = [union for union in unions if len(known(union)) == len(union)]
        if not {"standard errors", "degrees of freedom"} <= set(families):
            return plain
        return [union for union in plain if is_of_one(union)] or plain


def is_of_one(traits: Traits) -> bool:
    """Whether standard errors and degrees of freedom are of one method."""
    of = known(traits)
    adjusted = SE in of and of[SE].value == "kenward-roger"
    return DF not in of or of[DF].value.startswith("Kenward") == adjusted


def match(base: Base, told: Account) -> Match | None:
    """How a base gives back an account; None where its core is another."""
    here = base.renamed(aligned(base.account, told, by_place=base.fit is not None))
    readings: dict[str, list[Reading]] = {}
    tried: dict[str, int] = {}
    for family in FAMILIES:
        keys = [key for key in told.numbers if key[0] in family.kinds]
        if not keys:
            continue
        every = list(family.ways(here, told))
        ways = [way for way in every if fits(way.numbers, keys, told, family)]
        is_tried = any(key in way.numbers for way in every for key in keys)
        if not ways and family.is_core:
            return None
        if is_tried or family.is_core:
            readings[family.name], tried[family.name] = ways, len(every)
    return Match(here, readings, tried)


def fits(numbers: Numbers, keys: list[Key], told: Account, family: Family) -> bool:
    """Whether a reading has the numbers that are told, and in its core no others."""
    both = [key for key in keys if key in numbers]
    if not all(agree(key, numbers[key], told.numbers[key], told) for key in both):
        return False
    return same_ones(numbers, keys) if family.is_core else bool(both)


def same_ones(numbers: Numbers, keys: list[Key]) -> bool:
    """Whether of effects, standard deviations and correlations both have the same."""
    return all(
        set(of_kind(keys, kind)) == set(finite(numbers, kind))
        for kind in WHOLE
        if any(key[0] == kind for key in keys) or (kind == "corr" and of_kind(keys, "sd"))
    )


def of_kind(keys: list[Key], kind: str) -> Iterator[Key]:
    """The keys of a kind."""
    return (key for key in keys if key[0] == kind)


def finite(numbers: Numbers, kind: str) -> Iterator[Key]:
    """The same of numbers; a correlation with a variance of zero is none."""
    return (k for k, number in numbers.items() if k[0] == kind and number.low == number.low)
