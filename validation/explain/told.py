"""Without data: what one account would be if something were otherwise, from its numbers alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from . import origins
from .account import INTERCEPT, Account, Key, Numbers
from .base import Base, one
from .changes.numbers import UNITS
from .generalized import dimensions
from .numbers import Number

LIKELIHOOD = ("loglik", "criterion", "aic", "bic")
OF_RESPONSE = ("beta", "se", "sigma", "sd", "lower", "upper")  # in its unit


def bases(account: Account, other: Account) -> Iterator[Base]:
    """The account as it is; in other units; with other reference levels."""
    yield Base(account)
    yield from renamed(account, other)
    yield from units(account)
    yield from turned(account)
    yield from origins.bases(Base(account))


def renamed(account: Account, other: Account) -> Iterator[Base]:
    """Limits under the names that lme4 2.x gives them: standard deviations first."""
    labels = [key[1] for key in account.of("lower") if key[1].startswith(".sig0")]
    count = next((k for k in range(2, 9) if k * (k + 1) // 2 == len(labels)), 0)
    if not count:
        return
    diagonal = [sum(range(count, count - j, -1)) for j in range(count)]
    rest = [i for i in range(len(labels)) if i not in diagonal]
    for order, says in (([*diagonal, *rest], "numbers standard deviations first, as lme4 2.x"),):
        new = {labels[old]: labels[place] for place, old in enumerate(order)}
        numbers = {(k[0], new.get(k[1], k[1]), *k[2:]) if k[0] in ("lower", "upper") else k: v
                   for k, v in account.numbers.items()}  # fmt: skip
        yield Base(
            replace(account, numbers=numbers), traits=one("names", "2.x", "profile-names", says)
        )


def units(account: Account) -> Iterator[Base]:
    """A covariate, or the response, in another unit: powers of ten, and units of time."""
    factors = [by for unit in UNITS for by in (unit, 1 / unit)]
    for name in account.names("beta"):
        if name == INTERCEPT or account.p < 2:
            continue
        for by in factors:
            says = f"has {name} {'times' if by > 1 else 'divided by'} {max(by, 1 / by):g}"
            numbers = {k: scaled(k, v, name, 1 / by) for k, v in account.numbers.items()}
            traits = one(f"unit of {name}", says, "unit-of-covariate", says)
            yield Base(replace(account, numbers=numbers), traits=traits)
    for by in factors if account.one("sigma") else ():
        says = f"has the response {'times' if by > 1 else 'divided by'} {max(by, 1 / by):g}"
        kept = {k: v for k, v in account.numbers.items() if k[0] not in LIKELIHOOD}
        numbers = kept | {k: v * by for k, v in kept.items() if k[0] in OF_RESPONSE}
        traits = one("unit of response", says, "unit-of-response", says)
        yield Base(replace(account, numbers=numbers), traits=traits)


def scaled(key: Key, number: Number, name: str, by: float) -> Number:
    """A number of a covariate's own effects, fixed and random, in its new unit."""
    is_own = key[0] in ("beta", "se", "sd") and key[-1] == name
    return number * by if is_own else number


def turned(account: Account) -> Iterator[Base]:
    """Of two levels the other is the reference: one effect changes its sign, the intercept moves.

    The intercept's own standard error follows from no number of the account: it is left out.
    """
    if ("beta", INTERCEPT) not in account.numbers:
        return
    for name in account.names("beta"):
        if name == INTERCEPT or ":" in name or has_interaction(account, name):
            continue
        effect, intercept = account.numbers["beta", name], account.numbers["beta", INTERCEPT]
        numbers: Numbers = {
            k: v
            for k, v in account.numbers.items()
            if k[0] not in ("se", "t", "p") or k[1] != INTERCEPT
        }
        numbers |= {("beta", name): -effect, ("beta", INTERCEPT): intercept + effect}
        if ("t", name) in numbers:
            numbers["t", name] = -numbers["t", name]
        says = f"has the other level of {name} as the reference"
        traits = one(f"reference of {name}", "other", "reference-level", says)
        yield Base(replace(account, numbers=numbers), traits=traits)


def has_interaction(account: Account, name: str) -> bool:
    """Whether an effect is in a product with another."""
    return any(name in other.split(":") for other in account.names("beta") if ":" in other)


def hints(a: Account, b: Account) -> list[str]:
    """What the accounts say of themselves that may be the cause, and needs data to be verified."""
    said = []
    if a.reml is not None and b.reml is not None and a.reml != b.reml:
        words = {True: "REML", False: "maximum likelihood"}
        said.append(
            f"suspected: ml-reml.  {a.name} says that it is by {words[a.reml]}, "
            f"{b.name} by {words[b.reml]}"
        )
    for dimension in (dimensions.LAW, dimensions.LIKELIHOOD):
        mine, theirs = a.word(dimension), b.word(dimension)
        if mine and theirs and mine != theirs:
            said.append(f"of the {dimension} {a.name} says {mine}, {b.name} says {theirs}")
    if a.n and b.n and a.n != b.n:
        said.append(f"{a.name} has {a.n} observations, {b.name} has {b.n}")
    said.append("with --data and --formula more can be verified")
    return said
