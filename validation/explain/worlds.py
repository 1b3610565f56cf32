"""The worlds that an account may be of: every fit of every design that has its counts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import TypeVar

import refmixed as rm
from refmixed.design import Design

from . import near_misses, origins, stopped, twice
from .account import Account
from .base import Base, Trait, Traits, account_of, one
from .changes import changes
from .setup import Change, Setup

ML = Trait("method", "ML", "ml-reml", "is fitted by maximum likelihood")
REML = Trait("method", "REML", "ml-reml", "is fitted by REML")
METHODS = {ML, REML}
Made = TypeVar("Made")


@dataclass(eq=False)
class Worlds:
    """Designs by what is not usual in them, and the fits of those that were asked for."""

    setup: Setup
    fits: dict[tuple[Traits, bool], Base | None] = field(default_factory=dict)
    pairs: dict[Traits, dict[Traits, Design]] = field(default_factory=dict)

    @property
    def is_generalized(self) -> bool:
        """Whether they are of a generalized model."""
        return False

    @cached_property
    def designs(self) -> dict[Traits, Design]:
        """The designs that one change leads to, those that can be had."""
        return had(self.changes.values())

    @cached_property
    def changes(self) -> dict[Traits, Change]:
        """All single changes."""
        return {change.traits: change for change in changes(self.setup)}

    def after(self, first: Traits) -> dict[Traits, Design]:
        """The designs that a change and one more lead to."""
        if first not in self.pairs:
            self.pairs[first] = had(twice.seconds(self.changes[first], self.setup))
        return self.pairs[first]

    def stages(self, told: Account) -> Iterator[Iterable[Base]]:
        """The model as given; changed; otherwise; changed, and twice."""
        yield self.plain()
        yield self.changed(told)
        yield chain(self.mistaken, self.elsewhere(told), self.own_formula(told))
        yield self.changed_elsewhere(told)
        yield self.changed_twice(told)

    def plain(self) -> Iterator[Base]:
        """The model as given, by REML and by ML."""
        yield from self.of(frozenset(), self.setup.design)

    def changed(self, told: Account) -> Iterator[Base]:
        """The models with one change, those that have the counts of an account."""
        for base in self.plain():
            yield from origins.bases(base)
        for traits, design in self.designs.items():
            if has_counts(design, told):
                yield from self.of(traits, design)

    def changed_twice(self, told: Account) -> Iterator[Base]:
        """The models with two changes, by the method of the fit that gives most with the first."""
        changed = [base for base in self.changed(told) if base.traits - METHODS in self.changes]
        for first in twice.firsts(list(self.plain()), changed, told):
            change = first.traits - METHODS
            for traits, design in self.after(change).items():
                if has_counts(design, told):
                    yield from self.of(traits, design, (first.reml is True,))

    @cached_property
    def mistaken(self) -> list[Base]:
        """The model as given, as mistakes of an implementation would tell it."""
        return [wrong for base in self.plain() for wrong in near_misses.bases(base, self.setup)]

    def own_formula(self, told: Account) -> Iterator[Base]:
        """The model of the formula that the account tells, where it is another."""
        for traits, design in self.told_designs(told):
            yield from self.of(traits, design)

    def told_designs(self, told: Account) -> Iterator[tuple[Traits, Design]]:
        """The design of the formula that an account tells, where it is another and has its counts.

        One, or none.
        """
        if told.formula is None or spaceless(told.formula) == spaceless(self.setup.formula):
            return
        own = replace(self.setup, formula=told.formula)
        design = made(lambda: own.design)
        if design is not None and has_counts(design, told):
            says = f"is of {told.formula}"
            yield one("formula", says, "formula", says), design

    def elsewhere(self, told: Account) -> Iterator[Base]:
        """The model as given, at the variances that an account tells."""
        for base in self.plain():
            yield from stopped.bases(base, told)

    def changed_elsewhere(self, told: Account) -> Iterator[Base]:
        """The models with one change there, where the model as given has the account's sigma."""
        if any(stopped.elsewhere(base, told) for base in self.plain()):
            for base in stopped.nearest(self.changed(told), told):
                yield from stopped.bases(base, told)

    def of(
        self, traits: Traits, design: Design, methods: tuple[bool, ...] = (True, False)
    ) -> Iterator[Base]:
        """The fits of a design by REML and ML, where they can be had."""
        for reml in methods:
            key = traits, reml
            if key not in self.fits:
                self.fits[key] = fitted(design, reml, traits)
            base = self.fits[key]
            if base is not None:
                yield base


def had(changes: Iterable[Change]) -> dict[Traits, Design]:
    """The designs of some changes, those that the data have."""
    found: dict[Traits, Design] = {}
    for change in changes:
        design = made(change.design)
        if design is not None:
            found.setdefault(change.traits, design)
    return found


def made(make: Callable[[], Made]) -> Made | None:
    """A design, or a model; None where the data have no such one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        try:
            return make()
        except rm.RefmixedError:
            return None


def spaceless(formula: str) -> str:
    """A formula without blanks."""
    return "".join(formula.split())


def has_counts(design: Design, told: Account) -> bool:
    """Whether a design has as many rows, effects and variances as an account."""
    pairs = (
        (told.n, design.n),
        (told.p, design.p),
        (len(told.of("sd")), sum(t.k for t in design.terms)),
    )
    corr = len(told.of("corr")) == sum(t.m - t.k for t in design.terms)
    return all(not mine or mine == other for mine, other in pairs) and (corr or not told.of("sd"))


def fitted(design: Design, reml: bool, traits: Traits) -> Base | None:
    """A fit; None where refmixed refuses it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        try:
            fit = rm.Fit.of(design, reml)
        except rm.RefmixedError:
            return None
    return Base(account_of(fit), fit, traits | {REML if reml else ML})
