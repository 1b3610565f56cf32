"""Standard errors of the fixed effects, and the t that goes with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from ..account import Account, Numbers
from ..base import Base, Reading, Trait, Traits
from ..numbers import Number, both, exact
from .scale import other_method
from .tested import table

ADJUSTED = Trait("standard error", "kenward-roger", "kenward-roger-se",
                 "adjusts standard errors by Kenward and Roger's method")  # fmt: skip
OBSERVED = Trait("information", "observed", "kenward-roger-information",
                 "takes the observed information for Kenward and Roger's method")  # fmt: skip
JOINT = Trait("standard error", "joint", "joint-information-se",
              "takes standard errors from the information of all parameters together")  # fmt: skip
OF_FIT: tuple[tuple[Mapping[str, str], Traits], ...] = (
    ({"df": "infinite", "se": "joint"}, frozenset({JOINT})),
    ({"df": "kenward-roger"}, frozenset({ADJUSTED})),
    ({"df": "kenward-roger-observed"}, frozenset({ADJUSTED, OBSERVED})),
)


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """The model's; as nlme adjusts those of ML; joint; Kenward and Roger's."""
    errors = base.account.of("se")
    yield Reading(with_t(errors, base, told))
    for by, trait in factors(base, told):
        yield Reading(with_t({k: se * by for k, se in errors.items()}, base, told), trait)
    for options, traits in OF_FIT:
        if base.fit is not None:
            found = table(base.fit, **options)
            if found is not None:
                yield Reading(with_t(renamed(list(found["Std. Error"]), base), base, told), traits)


def renamed(values: Sequence[float], base: Base) -> Numbers:
    """Standard errors of a table under the base's names, which are in the order of the fit."""
    keys = list(base.account.of("beta"))
    return {("se", key[1]): exact(v) for key, v in zip(keys, values, strict=True)}


def factors(base: Base, told: Account) -> Iterator[tuple[float, Traits]]:
    """sqrt(n/(n - p)) of ML, its inverse of REML."""
    if base.n is None or base.n <= base.p or not base.p or other_method(base, told):
        return
    ratio = sqrt(base.n / (base.n - base.p))
    if base.reml is not True:
        yield (
            ratio,
            frozenset({by_divisor("n/(n - p)", "multiplies standard errors by sqrt(n/(n - p))")}),
        )
    if base.reml is not False:
        yield (
            1 / ratio,
            frozenset({by_divisor("(n - p)/n", "has standard errors of the divisor n")}),
        )


def by_divisor(value: str, says: str) -> Trait:
    """Standard errors by another divisor."""
    return Trait("standard error", value, "adjusted-se", says)


def with_t(errors: Numbers, base: Base, told: Account) -> Numbers:
    """And t, of the fixed effects of the base, or where that is an account of those told."""
    effects = base.account.of("beta") if base.is_fitted else told.of("beta")
    return errors | {
        ("t", key[1]): quotient(effects, key[1], se)
        for key, se in own(errors, base, told).items()
        if ("beta", key[1]) in effects
    }


def own(errors: Numbers, base: Base, told: Account) -> Numbers:
    """Standard errors that t is made of: without a fit those that are told, where they are.

    Of one that both tell, and that may be the same, the digits of both.
    """
    if base.is_fitted:
        return errors
    same = {k: both(errors[k], v) or v for k, v in told.of("se").items() if meet(errors.get(k), v)}
    return errors | told.of("se") | same


def meet(a: Number | None, b: Number) -> bool:
    """Whether two intervals have a number in common."""
    return a is not None and a.apart(b) == 0.0


def quotient(effects: Numbers, name: str, se: Number) -> Number:
    """The effect over its standard error."""
    return effects["beta", name] / se
