"""The worlds of a generalized model: every design of an account, fitted in every way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain

from refmixed.design import Design
from refmixed.glm.families import Binomial
from refmixed.glm.named import Named
from refmixed.glm.result import GlmerFit

from .. import origins
from ..account import Account, Numbers
from ..base import Base, Traits
from ..numbers import exact
from ..worlds import Worlds, has_counts, made
from . import near, near_misses, parameters, ways
from .dimensions import LAW, LIKELIHOOD
from .fits import base_of, fitted
from .setup import GeneralizedSetup, model
from .ways import Way

Key = tuple[Traits, Way]
NOBODY = Account("", "", {})  # an account that says nothing
ANOTHER = Base(Account("", "", {("n",): exact(-1)}))  # a model that no account is of
SIGN = "has failures for successes, or the response with the other sign"


@dataclass(eq=False)
class GeneralizedWorlds(Worlds):
    """As Worlds, of a generalized model."""

    setup: GeneralizedSetup
    known: dict[Key, GlmerFit | None] = field(default_factory=dict)

    @property
    def is_generalized(self) -> bool:
        """They are."""
        return True

    def stages(self, told: Account) -> Iterator[Iterable[Base]]:
        """The model as the account says; in other ways; with other data; mistaken, or stopped.

        Of an account that says how it was fitted other data come before other ways.
        """
        yield self.near(self.plain(told), told)
        after = [self.otherwise, self.changed]
        for some in reversed(after) if told.says.keys() >= {LAW, LIKELIHOOD} else after:
            yield self.near(some(told), told)
        yield self.near(self.own_formula(told), told)
        yield chain(self.mistaken, self.stopped(told))

    def plain(self, told: Account = NOBODY) -> Iterator[Base]:
        """The model as given, by what an account says of itself and by Laplace's approximation."""
        yield from self.by(frozenset(), self.setup.design, ways.first(told, self.setup.named))

    def otherwise(self, told: Account) -> Iterator[Base]:
        """The model as given by other likelihoods, links and families; a row for each trial."""
        design = self.setup.design
        is_scalar = sum(term.k for term in design.terms) == 1
        some = ways.others(told, self.setup.named, is_scalar)
        yield from self.not_far(frozenset(), design, some, told)
        for base in self.plain(told):
            yield from by_trials(base)

    def changed(self, told: Account) -> Iterator[Base]:
        """The models with one change, those that have the counts of an account."""
        for base in self.plain(told):
            yield origins.otherwise(
                base, origins.negative(base), "unit of response", SIGN, "sign-of-response"
            )
        for traits, design in self.designs.items():
            if has_counts(design, told):
                some = ways.changed(told, self.setup.named)
                yield from self.not_far(traits, design, some, told)

    def not_far(
        self, traits: Traits, design: Design, some: Iterable[Way], told: Account
    ) -> Iterator[Base]:
        """The fits of a design, but of families whose estimates an account's cannot be."""
        far: dict[Named, bool] = {}
        for way in some:
            if way.named not in far:
                own = made(partial(model, design, way.named, way.dialect))
                far[way.named] = own is None or parameters.is_far(own, told)
            yield from [ANOTHER] if far[way.named] else self.by(traits, design, [way])

    @cached_property
    def mistaken(self) -> list[Base]:
        """The model as given, as mistakes of an implementation would tell it."""
        usual = [base for base in self.plain() if ways.is_usual(base.traits)]
        return [wrong for base in usual for wrong in near_misses.bases(base, self.setup)]

    def own_formula(self, told: Account) -> Iterator[Base]:
        """The model of the formula that the account tells, where it is another."""
        some = ways.changed(told, self.setup.named)
        for traits, design in self.told_designs(told):
            yield from self.not_far(traits, design, some, told)

    def near(self, bases: Iterable[Base], told: Account) -> Iterator[Base]:
        """Bases, and these as lme4 would end their iterations."""
        for base in bases:
            yield base
            yield from near.loose(base, told)

    def stopped(self, told: Account) -> Iterator[Base]:
        """The model as given, at the parameters that an account tells."""
        for base in self.plain(told):
            yield from near.stopped(base, told)

    def by(self, traits: Traits, design: Design, some: Iterable[Way]) -> Iterator[Base]:
        """The fits of a design in some ways, where they can be had."""
        for way in some:
            fit = self.fit(traits, design, way)
            if fit is not None:
                yield base_of(fit, way, self.setup.named, traits)

    def fit(self, traits: Traits, design: Design, way: Way) -> GlmerFit | None:
        """A fit, made once; of dialects that do not matter one."""
        key = traits, way if way.matters else replace(way, dialect="observed")
        if key not in self.known:
            self.known[key] = fitted(design, key[1])
        return self.known[key]


def by_trials(base: Base) -> Iterator[Base]:
    """A base as of data that have a row for each trial, which have no binomial coefficients."""
    fit = base.generalized
    if fit is None or not isinstance(fit.model.family, Binomial):
        return
    family = fit.model.family
    if (family.trials == 1).all():
        return
    says = f"has a row for each of {family.trials.sum():g} trials"
    loglik = fit.loglik - float(family.constant.sum())
    numbers: Numbers = {
        ("n",): exact(float(family.trials.sum())),
        ("loglik",): exact(loglik),
        ("criterion",): exact(-2 * loglik),
    }
    yield origins.otherwise(base, numbers, "rows", says, "trials-as-rows")
