"""Whether an explanation may be a coincidence: what its numbers tell, against all ways tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log2

from .account import Account, Key, Numbers
from .align import aligned
from .base import Base
from .compare import Difference, agree, tolerance
from .match import distinct
from .numbers import Number, last_digit
from .readings import FAMILIES

CHANCE = 0.01  # coincidences to be expected, of all ways that were tried, where a cause is named
LIKELY = 1.0  # the same, where not even a suspicion is told
SEARCH = 0.1  # of the tolerance of searches, which is made to be large enough
SAME = {"criterion": "loglik", "p": "df", "pF": "dendf"}  # kinds that tell one thing
SCALED = {"beta", "se", "t", "sigma", "sd", "lower", "upper"}  # kinds that one factor may move


def coincidences(differences: Sequence[Difference], account: Account, tried: int) -> float:
    """How many of so many ways would give back by chance what differs."""
    return max(tried, 1) * 2.0 ** -bits(differences, account)


def bits(differences: Sequence[Difference], account: Account) -> float:
    """How surprising it is that numbers so far apart are given back: in bits."""
    some = independent(differences)
    most: dict[Key, float] = {}
    for d in some:
        room = max(rounding(d.a), rounding(d.b)) + SEARCH * tolerance(d.key, d.b, account) + 1e-300
        same = (SAME.get(d.key[0], d.key[0]), *d.key[1:])
        most[same] = max(most.get(same, 0.0), log2(max(1.0, d.a.apart(d.b) / room)))
    return max(most.values(), default=0.0) if by_one_factor(some) else sum(most.values())


def rounding(number: Number) -> float:
    """What rounding may have taken or added; of a whole number a half, though it may be exact."""
    is_whole = number.text.lstrip("-").isdigit()
    return last_digit(number.text) / 2 if is_whole else number.half


def independent(differences: Sequence[Difference]) -> list[Difference]:
    """Those that do not follow from others: t does from the effect, or its standard error."""
    known = {d.key[1] for d in differences if d.key[0] in ("beta", "se")}
    return [d for d in differences if d.key[0] != "t" or d.key[1] not in known]


def by_one_factor(differences: Sequence[Difference]) -> bool:
    """Whether one factor makes all of a all of b: then they tell no more than one number."""
    if not all(d.key[0] in SCALED for d in differences):
        return False
    ratios = [d.b / d.a for d in differences]
    return max((r.low for r in ratios), default=1.0) <= min((r.high for r in ratios), default=1.0)


def rivals(
    bases: Iterable[Base], told: Account, differences: Iterable[Difference]
) -> dict[str, int]:
    """How many ways of each family, of all bases, leave alone what the accounts agree in.

    The bases that do so are counted under "".
    """
    apart = {d.key for d in differences}
    counts = dict.fromkeys(["", *(family.name for family in FAMILIES)], 0)
    for base in bases:
        for name, count in undisputed(base, told, apart).items():
            counts[name] += count
    return counts


def undisputed(base: Base, told: Account, apart: set[Key]) -> Mapping[str, int]:
    """The same of one base; nothing where one of its families has no such way."""
    here = base.renamed(aligned(base.account, told))
    equal = [key for key in told.numbers if key not in apart]
    counts = {"": 1}
    for family in FAMILIES:
        ways = [way.numbers for way in family.of(here, told)]
        alike = [key for key in equal if key[0] in family.kinds]
        left = [way for way in ways if all_agree(way, alike, told)]
        if ways and not left:
            return {}
        counts[family.name] = distinct(left, apart)
    return counts


def all_agree(numbers: Numbers, keys: Iterable[Key], told: Account) -> bool:
    """Whether some numbers are those that are told, as far as they are there."""
    return all(agree(key, numbers[key], told.numbers[key], told) for key in keys if key in numbers)
