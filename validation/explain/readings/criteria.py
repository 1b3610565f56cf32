"""AIC and BIC: which parameters are counted, and which n.  eq:aic eq:bic"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import log

from ..account import Account, Numbers
from ..base import Base, Reading, Trait
from ..numbers import Number


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """Of the account's own log-likelihood, where it tells one: else of the base's."""
    loglik = told.one("loglik") or base.account.one("loglik")
    if loglik is None:
        yield Reading(base.account.of("aic") | base.account.of("bic"))
        return
    for k, counted in parameters(base):
        for n, which in sizes(base, told):
            yield Reading(criteria(loglik, k, n), frozenset((*counted, *which)))


def criteria(loglik: Number, k: int, n: float) -> Numbers:
    """Both, of k parameters and n observations."""
    return {("aic",): loglik * -2.0 + 2.0 * k, ("bic",): loglik * -2.0 + log(n) * k}


def parameters(base: Base) -> Iterator[tuple[int, tuple[Trait, ...]]]:
    """All, or those of the covariance alone."""
    yield base.p + base.m + 1, ()
    says = "counts the covariance parameters alone"
    yield base.m + 1, (Trait("parameters", "m + 1", "aic-parameters", says),)


def sizes(base: Base, told: Account) -> Iterator[tuple[float, tuple[Trait, ...]]]:
    """n, n - p, or the levels of a group."""
    n = base.n or told.n
    if n is None or n <= base.p:
        return
    yield n, ()
    yield n - base.p, (size("n - p", f"n - p = {n - base.p}"),)
    for group, count in groups(base, told).items():
        yield count, (size(group, f"the {count} levels of {group}"),)


def size(value: str, words: str) -> Trait:
    """Another n of BIC."""
    return Trait("n of BIC", value, "bic-n", f"takes {words} for the n of BIC")


def groups(base: Base, told: Account) -> Mapping[str, int]:
    """Levels of each group."""
    counts = base.account.of("groups") or told.of("groups")
    return {key[1]: round(number.value) for key, number in counts.items() if number.value > 1}
