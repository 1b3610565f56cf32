"""Degrees of freedom of the t of each fixed effect, and its p-value."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from math import inf

from scipy import special

import refmixed as rm

from ..account import Account, Numbers
from ..base import Base, Reading, Trait
from ..numbers import Number, exact
from . import grouped
from .errors import OBSERVED
from .tested import table

METHOD = "degrees of freedom"  # the dimension
Z, RESIDUAL = "infinity (z)", "n - p"
OF_FIT = {
    "satterthwaite": "Satterthwaite's method",
    "kenward-roger": "Kenward and Roger's method",
    "kenward-roger-observed": "Kenward and Roger's method",
}


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """Every method; of an account alone what it tells, n - p, and none (z)."""
    if base.fit is None and base.account.of("df"):
        yield Reading(with_p(base.account.of("df"), base, told))
    keys = [key[1] for key in base.account.of("beta")]
    every = methods(base, keys)
    if base.fit is not None and len({number.value for number in told.of("df").values()}) == 1:
        every |= one_for_all(base.fit, keys)
    for name, (values, traits) in every.items():
        found: Numbers = {("df", key): exact(v) for key, v in zip(keys, values, strict=True)}
        yield Reading(with_p(found, base, told), frozenset({method(name), *traits}))


def methods(
    base: Base, keys: Sequence[str]
) -> dict[str, tuple[Sequence[float], tuple[Trait, ...]]]:
    """Degrees of freedom by each method that this base has, and what else that says."""
    some: dict[str, tuple[Sequence[float], tuple[Trait, ...]]] = {Z: ([inf] * len(keys), ())}
    if base.n is not None:
        some[RESIDUAL] = ([base.n - base.p] * len(keys), ())
        rest = base.n - base.parameters
        some["n less all parameters"] = ([rest] * len(keys), ())
    if base.fit is None:
        return some
    for df, name in OF_FIT.items():
        found = table(base.fit, df)
        if found is not None:
            observed = (OBSERVED,) if df.endswith("observed") else ()
            some[name + " " * bool(observed)] = (list(found["df"]), observed)
    return some | {name: (values, ()) for name, values in grouped.methods(base.fit.design).items()}


def one_for_all(
    fit: rm.Fit, keys: Sequence[str]
) -> dict[str, tuple[Sequence[float], tuple[Trait, ...]]]:
    """The number of one coefficient, or of the estimate's own direction, for all coefficients."""
    some: dict[str, tuple[Sequence[float], tuple[Trait, ...]]] = {}
    for df, name in OF_FIT.items():
        found = table(fit, df)
        if found is None or df.endswith("observed"):
            continue
        own = direction(fit, df)
        for key, value in [*zip(keys, found["df"], strict=True), ("the estimate itself", own)]:
            some[f"{name}, that of {key} for all,"] = [float(value)] * len(keys), ()
    return some


def direction(fit: rm.Fit, df: str) -> float:
    """Degrees of freedom of the estimate in its own direction, L = beta'."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        return float(fit.test_fixed(df, contrasts=fit.beta.to_numpy())["df"].iloc[0])


def method(name: str) -> Trait:
    """A method by name."""
    return Trait(METHOD, name.strip(), "df-method", f"takes {name.strip()} for df")


def with_p(freedom: Numbers, base: Base, told: Account) -> Numbers:
    """And the p-values that go with them: of the t told, or else of the base's."""
    numbers = dict(freedom)
    for key, df in freedom.items():
        t = t_of(told, key[1]) or t_of(base.account, key[1])
        if t is not None:
            numbers["p", key[1]] = p_value(t, told.numbers.get(key, df))
    return numbers


def t_of(account: Account, name: str) -> Number | None:
    """t as it is told, or the quotient."""
    t = account.numbers.get(("t", name))
    beta, se = account.numbers.get(("beta", name)), account.numbers.get(("se", name))
    return t if t is not None or beta is None or se is None else beta / se


def p_value(t: Number, df: Number) -> Number:
    """Both sides of t's law, or the normal one."""
    sizes = sorted((abs(t.low), abs(t.high)))
    least = 0.0 if t.low <= 0 <= t.high else sizes[0]
    return Number(two_sided(sizes[1], df.high), two_sided(least, df.low))


def two_sided(t: float, df: float) -> float:
    """P(|T| > t)."""
    return float(2 * (special.ndtr(-t) if df == inf else special.stdtr(max(df, 1e-3), -t)))
