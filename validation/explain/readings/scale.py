"""Counts, fixed effects and variances: in which units, by which divisor."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from ..account import Account, Numbers
from ..base import Base, Reading, Trait
from ..numbers import Number

VARIANCES = Trait(
    "unit of sd", "variance", "variance-for-sd", "gives variances as standard deviations"
)
VARIANCE = Trait(
    "unit of sigma", "variance", "variance-for-sd", "gives the residual variance as sigma"
)
RELATIVE = Trait("unit of sd", "relative", "relative-sd", "gives standard deviations over sigma")


def counts(base: Base, _: Account) -> Iterator[Reading]:
    """Observations, and levels of groups."""
    yield Reading(base.account.of("n") | base.account.of("groups"))


def effects(base: Base, _: Account) -> Iterator[Reading]:
    """Fixed effects."""
    yield Reading(base.account.of("beta"))


def limits(base: Base, _: Account) -> Iterator[Reading]:
    """Limits of parameters, where the base tells them."""
    yield Reading(base.account.of("lower") | base.account.of("upper"))


def means(base: Base, _: Account) -> Iterator[Reading]:
    """Means of rows, where the base tells them."""
    yield Reading(base.account.of("mean"))


def variances(base: Base) -> Numbers:
    """sigma, standard deviations and correlations, as they are."""
    account = base.account
    return account.of("sigma") | account.of("sd") | account.of("corr")


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """As they are; by the other divisor; as variances; relative to sigma.  eq:sigma"""
    usual = variances(base)
    yield Reading(usual)
    for by, trait in divisors(base, told):
        scaled = {key: value * by for key, value in usual.items() if key[0] != "corr"}
        yield Reading(usual | scaled, frozenset({trait}))
        if sigma := usual.get(("sigma",)):
            yield Reading(usual | {("sigma",): sigma * by}, frozenset({trait}))
    yield from units(usual)


def divisors(base: Base, told: Account) -> Iterator[tuple[float, Trait]]:
    """The factor of a divisor that is not the method's own."""
    if base.n is None or base.n <= base.p or base.p == 0 or other_method(base, told):
        return
    ratio = sqrt((base.n - base.p) / base.n)
    if base.reml is not False:
        yield ratio, Trait("divisor", "n", "divisor", "divides by n, where REML divides by n - p")
    if base.reml is not True:
        yield (
            1 / ratio,
            Trait("divisor", "n - p", "divisor", "divides by n - p, where ML divides by n"),
        )


def other_method(base: Base, told: Account) -> bool:
    """Whether one says REML and the other ML: in balanced data these differ by a divisor alone."""
    return None not in (base.reml, told.reml) and base.reml != told.reml


def units(usual: Numbers) -> Iterator[Reading]:
    """Squares, and ratios to sigma."""
    sigma = usual.get(("sigma",))
    sds = {key: value for key, value in usual.items() if key[0] == "sd"}
    squares = {key: value.mapped(lambda x: x * x) for key, value in sds.items()}
    if sds:
        yield Reading(usual | squares, frozenset({VARIANCES}))
    if sigma is not None:
        square = {("sigma",): sigma.mapped(lambda x: x * x)}
        yield Reading(usual | square, frozenset({VARIANCE}))
        yield Reading(usual | squares | square, frozenset({VARIANCES, VARIANCE}))
        yield Reading(usual | ratios(sds, sigma), frozenset({RELATIVE}))


def ratios(sds: Numbers, sigma: Number) -> Numbers:
    """Standard deviations over sigma.  eq:theta"""
    return {key: value / sigma for key, value in sds.items()}
