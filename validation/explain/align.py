"""Which name of one account is which of another: programs have their own ways to write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .account import COEFFICIENT, Account, Key, Numbers
from .compare import agree

TESTS = ("numdf", "dendf", "F", "pF")
RANDOM = ("sd", "corr", "groups")


def aligned(source: Account, target: Account, by_place: bool = False) -> Account:
    """The source under the target's names, as far as they correspond.

    by_place: of fixed effects as many as are left over correspond in their order.
    """
    fixed = names(source.names("beta"), target.names("beta"), by_place)
    tests = names(source.names("F"), target.names("F"))
    groups = of_groups(source, target)
    effects = {g: of_effects(source, target, g, groups.get(g, g)) for g in group_names(source)}

    def renamed(key: Key) -> Key:
        kind, *rest = key
        if kind in COEFFICIENT:
            return kind, fixed.get(rest[0], rest[0])
        if kind in TESTS:
            return kind, tests.get(rest[0], rest[0])
        if kind in RANDOM:
            group, *of_group = rest
            known = effects.get(group, {})
            new = [known.get(effect, effect) for effect in of_group]
            return in_order((kind, groups.get(group, group), *new), target.numbers)
        return key

    return replace(source, numbers={renamed(key): value for key, value in source.numbers.items()})


def by_value(source: Account, target: Account) -> dict[str, str]:
    """Fixed effects whose names differ and whose numbers agree with those of one other alone."""
    mine, theirs = source.names("beta"), target.names("beta")
    pairs: dict[str, str] = {}
    for name in mine:
        alike = [o for o in theirs if o not in mine and same(name, o, source, target)]
        if name not in theirs and len(alike) == 1 and alike[0] not in pairs.values():
            pairs[name] = alike[0]
    return pairs


def same(name: str, other: str, source: Account, target: Account) -> bool:
    """Whether all numbers of two fixed effects agree: two of them at least."""
    both = [
        ((kind, other), source.numbers[kind, name], target.numbers[kind, other])
        for kind in COEFFICIENT
        if (kind, name) in source.numbers and (kind, other) in target.numbers
    ]
    return len(both) > 1 and all(agree(key, a, b, target) for key, a, b in both)


def under(account: Account, pairs: Mapping[str, str]) -> Account:
    """An account with some fixed effects under other names."""
    numbers = {
        (k[0], pairs.get(k[1], k[1])) if k[0] in COEFFICIENT else k: v
        for k, v in account.numbers.items()
    }
    return replace(account, numbers=numbers)


def in_order(key: Key, known: Numbers) -> Key:
    """A correlation under the order of its two effects that the other account has."""
    if key[0] == "corr" and key not in known:
        turned = (*key[:2], *reversed(key[2:]))
        return turned if turned in known else key
    return key


def names(mine: Sequence[str], theirs: Sequence[str], by_place: bool = False) -> dict[str, str]:
    """My names -> theirs: equal ones, those equal up to case and order of factors, then numbers."""
    pairs = {name: name for name in mine if name in theirs}
    is_list = any(name.isdigit() for name in (*mine, *theirs))
    for same in (plain, numbered) if is_list else (plain,):
        left = [name for name in theirs if name not in pairs.values()]
        wanted: dict[str, list[str]] = {}
        for name in left:
            wanted.setdefault(same(name, theirs), []).append(name)
        for name in mine:
            other = wanted.get(same(name, mine), [])
            if name not in pairs and len(other) == 1 and other[0] not in pairs.values():
                pairs[name] = other[0]
    left = [name for name in mine if name not in pairs]
    free = [name for name in theirs if name not in pairs.values()]
    if by_place and len(left) == len(free):
        pairs |= dict(zip(left, free, strict=True))
    return pairs


def plain(name: str, _: Sequence[str]) -> str:
    """Without case, blanks and the order of factors."""
    return ":".join(sorted("".join(name.casefold().split()).split(":")))


def numbered(name: str, among: Sequence[str]) -> str:
    """The place of a name, which is what a list without names has."""
    is_list = name.isdigit()
    return name if is_list else str(among.index(name) + 1)


def group_names(account: Account) -> list[str]:
    """The groups that have standard deviations."""
    return account.names("sd")


def of_groups(source: Account, target: Account) -> dict[str, str]:
    """Groups: by name, else as many effects, the largest standard deviation first."""
    mine, theirs = group_names(source), group_names(target)
    pairs = names(mine, theirs) if not {""} & {*mine, *theirs} else {}
    pairs = {name: other for name, other in pairs.items() if not name.isdigit()}
    free = [g for g in theirs if g not in pairs.values()]
    left = [g for g in mine if g not in pairs]
    if len(free) == len(left):
        mine = sorted(left, key=largest(source))
        pairs |= dict(zip(mine, sorted(free, key=largest(target)), strict=True))
    return pairs


def largest(account: Account) -> Callable[[str], tuple[int, float]]:
    """A key to sort groups by: how many effects, then the size of the largest."""

    def order(group: str) -> tuple[int, float]:
        sds = [number.value for key, number in account.of("sd").items() if key[1] == group]
        return -len(sds), -max(sds)

    return order


def of_effects(source: Account, target: Account, group: str, other: str) -> Mapping[str, str]:
    """The effects of one group."""
    mine = [key[2] for key in source.of("sd") if key[1] == group]
    theirs = [key[2] for key in target.of("sd") if key[1] == other]
    pairs = names(mine, theirs)
    free = [e for e in theirs if e not in pairs.values()]
    left = [e for e in mine if e not in pairs]
    if len(free) == len(left) and len(mine) == len(theirs):
        pairs |= dict(zip(left, free, strict=True))
    return pairs
