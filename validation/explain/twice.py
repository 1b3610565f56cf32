"""Two changes at once: a first that gives more of an account's numbers than none, and any other."""

from __future__ import annotations

from collections.abc import Iterator

from .account import Account
from .align import aligned
from .base import Base, known
from .changes import changes, inputs, structure
from .compare import agree
from .setup import Change, Setup

MOST = 1  # changes that are begun with


def firsts(plain: list[Base], changed: list[Base], told: Account) -> list[Base]:
    """The changed fits that give most, the account's sigma among it, and more than the model."""
    usual = max((score(base.account, told) for base in plain), default=0)
    scores = {base: score(base.account, told) for base in changed if gives_sigma(base, told)}
    better = [base for base in scores if scores[base] > usual]
    return sorted(better, key=lambda base: -scores[base])[:MOST]


def score(source: Account, target: Account) -> int:
    """How many numbers of the target the source gives."""
    here = aligned(source, target, by_place=True).numbers
    return sum(agree(k, here[k], v, target) for k, v in target.numbers.items() if k in here)


def gives_sigma(base: Base, told: Account) -> bool:
    """Whether the residual standard deviation is that of an account."""
    sigma, here = told.one("sigma"), base.account.one("sigma")
    return sigma is not None and here is not None and agree(("sigma",), here, sigma, told)


def seconds(first: Change, setup: Setup) -> Iterator[Change]:
    """Every change after a first one, in other dimensions, with the traits of both."""
    taken = known(first.traits)
    for change in after(first, setup):
        if taken.keys().isdisjoint(known(change.traits)):
            yield Change(first.traits | change.traits, change.design)


def after(first: Change, setup: Setup) -> Iterator[Change]:
    """Every change of what the first leads to; of data before it where it is one of arrays."""
    if first.setup is not None:
        yield from changes(first.setup())
        return
    for change in changes(setup):
        if change.setup is not None:
            yield from (
                Change(change.traits, again.design)
                for room in (structure, inputs)
                for again in room.changes(change.setup())
                if again.traits == first.traits
            )
