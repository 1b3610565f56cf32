"""Whether a base gives back every number of an account, and by which readings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from .account import Account, Key, Numbers
from .align import aligned, names
from .base import Base, Reading, Trait, Traits, known
from .compare import agree
from .readings import FAMILIES, Family
from .readings.freedom import METHOD

WHOLE = ("beta", "sd", "corr")  # kinds of which a fit and an account must have the same ones
SE = "standard error"  # a dimension of traits
INFERENCE = ("standard errors", "degrees of freedom", "F tests")  # chosen together


@dataclass(frozen=True, eq=False)
class Match:
    """A base that an account may be of.

    readings: family -> the ways that give back its numbers, none where no way does.  told: the
    account.
    """

    base: Base
    readings: Mapping[str, list[Reading]]
    tried: Mapping[str, int]  # family -> answers that were tried
    told: Account
    own: Sequence[str]  # names of the base's fixed effects

    def declares(self, trait: Trait | None) -> bool:
        """Whether the account itself says what a trait is."""
        return trait is None or self.told.word(trait.dimension) == trait.value

    def against(self, traits: Traits) -> int:
        """How many of some traits the account's own words deny."""
        words = [(self.told.word(trait.dimension), trait.value) for trait in traits]
        return sum(word not in (None, value) for word, value in words)

    @property
    def strangers(self) -> int:
        """How many fixed effects the account has under names that the base has not."""
        theirs = self.told.names("beta")
        return len(theirs) - len(names(self.own, theirs))

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
    return METHOD not in of or of[METHOD].value.startswith("Kenward") == adjusted


def match(base: Base, told: Account) -> Match | None:
    """How a base gives back an account; None where its core is another."""
    here = base.renamed(aligned(base.account, told, by_place=base.is_fitted))
    readings: dict[str, list[Reading]] = {}
    tried: dict[str, int] = {}
    for family in FAMILIES:
        keys = [key for key in told.numbers if key[0] in family.kinds]
        if not keys:
            continue
        every = list(family.of(here, told))
        ways = [way for way in every if fits(way.numbers, keys, told, family)]
        is_tried = any(key in way.numbers for way in every for key in keys)
        if not ways and family.is_core:
            return None
        if is_tried or family.is_core:
            readings[family.name] = ways
            tried[family.name] = distinct([way.numbers for way in every], keys)
    return Match(here, readings, tried, told, base.account.names("beta"))


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


def distinct(ways: Iterable[Numbers], keys: Collection[Key]) -> int:
    """How many answers for some quantities there are among all ways."""
    return len({tuple(way[key].value for key in keys if key in way) for way in ways})
