"""Ways to tell the numbers of a fit: each family of numbers has a few, the usual one first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..account import Account
from ..base import Base, Reading
from . import criteria, errors, freedom, generalized, likelihood, scale, tests

Ways = Callable[[Base, Account], Iterator[Reading]]


@dataclass(frozen=True)
class Family:
    """Numbers that are told together: their kinds, and the ways to tell them.

    is_core: whether a fit that does not give them back is another fit.
    """

    name: str
    kinds: tuple[str, ...]
    ways: Ways
    is_core: bool = False
    generalized: Ways | None = None  # of a generalized model, where they are others

    def of(self, base: Base, told: Account) -> Iterator[Reading]:
        """The ways to tell them that a base has."""
        ways = self.generalized if base.account.is_generalized else None
        return (ways or self.ways)(base, told)


FAMILIES = (
    Family("counts", ("n", "groups"), scale.counts, True),
    Family("fixed effects", ("beta",), scale.effects, True),
    Family("variances", ("sigma", "sd", "corr"), scale.ways, True, generalized.variances),
    Family(
        "likelihood", ("loglik", "criterion"), likelihood.ways, generalized=generalized.likelihood
    ),
    Family("information criteria", ("aic", "bic"), criteria.ways),
    Family("standard errors", ("se", "t"), errors.ways, generalized=generalized.errors),
    Family("degrees of freedom", ("df", "p"), freedom.ways),
    Family("F tests", ("F", "numdf", "dendf", "pF"), tests.ways),
    Family("limits", ("lower", "upper"), scale.limits),
    Family("means", ("mean",), scale.means, generalized=generalized.means),
)
