"""AIC and BIC: which parameters are counted, and which n.  eq:aic eq:bic"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log

from ..account import Account, Numbers
from ..base import Base, Reading, Trait
from ..compare import agree
from ..numbers import Number

MOST = 1000  # levels that a group may have which is not told
Size = tuple[float, tuple[Trait, ...]]


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """Of the account's own log-likelihood, where it tells one: else of the base's, or its AIC."""
    loglik = told.one("loglik") or base.account.one("loglik") or by_aic(base)
    if loglik is None:
        yield Reading(base.account.of("aic") | base.account.of("bic"))
        return
    usual = list(counted(base, loglik, list(sizes(base, told))))
    yield from usual
    if not groups(base, told) and not any(gives(reading, told) for reading in usual):
        yield from counted(base, loglik, list(any_size(base, told)))


def counted(base: Base, loglik: Number, sizes: Sequence[Size]) -> Iterator[Reading]:
    """Each number of parameters with each n."""
    for k, some in parameters(base):
        for n, which in sizes:
            yield Reading(criteria(loglik, k, n), frozenset((*some, *which)))


def gives(reading: Reading, told: Account) -> bool:
    """Whether a reading has the account's BIC, if it tells one."""
    bic = told.one("bic")
    return bic is None or agree(("bic",), reading.numbers["bic",], bic, told)


def by_aic(base: Base) -> Number | None:
    """The log-likelihood that AIC is made of, where that and the parameters are told."""
    aic = base.account.one("aic")
    return aic * -0.5 + float(base.parameters) if aic is not None and base.p else None


def criteria(loglik: Number, k: int, n: float) -> Numbers:
    """Both, of k parameters and n observations."""
    return {("aic",): loglik * -2.0 + 2.0 * k, ("bic",): loglik * -2.0 + log(n) * k}


def parameters(base: Base) -> Iterator[tuple[int, tuple[Trait, ...]]]:
    """All, or those of the covariance alone."""
    yield base.parameters, ()
    says = "counts the covariance parameters alone"
    own = base.parameters - base.p
    yield own, (Trait("parameters", "m + 1", "aic-parameters", says),)


def sizes(base: Base, told: Account) -> Iterator[Size]:
    """n, n - p, or the levels of a group."""
    n = base.n or told.n
    if n is None or n <= base.p:
        return
    yield n, ()
    yield n - base.p, (size("n - p", f"n - p = {n - base.p}"),)
    for group, count in groups(base, told).items():
        yield count, (size(group, f"the {count} levels of {group}"),)


def any_size(base: Base, told: Account) -> Iterator[Size]:
    """Any number up to n, as the levels of a group that is not told."""
    for count in range(2, min(base.n or told.n or 0, MOST)):
        yield count, (size(str(count), f"{count}, perhaps levels of a group,"),)


def size(value: str, words: str) -> Trait:
    """Another n of BIC."""
    return Trait("n of BIC", value, "bic-n", f"takes {words} for the n of BIC")


def groups(base: Base, told: Account) -> Mapping[str, int]:
    """Levels of each group."""
    counts = base.account.of("groups") or told.of("groups")
    return {key[1]: round(number.value) for key, number in counts.items() if number.value > 1}
