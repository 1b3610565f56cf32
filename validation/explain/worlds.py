"""The worlds that an account may be of: every fit of every design that has its counts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import refmixed as rm
from refmixed.design import Design

from . import near_misses, stopped
from .account import Account
from .base import Base, Trait, Traits, account_of
from .changes import changes
from .setup import Setup

ML = Trait("method", "ML", "ml-reml", "is fitted by maximum likelihood")
REML = Trait("method", "REML", "ml-reml", "is fitted by REML")


@dataclass(eq=False)
class Worlds:
    """Designs by what is not usual in them, and the fits of those that were asked for."""

    setup: Setup
    fits: dict[tuple[Traits, bool], Base | None] = field(default_factory=dict)

    @cached_property
    def designs(self) -> dict[Traits, Design]:
        """The designs that one change leads to, those that can be had."""
        found: dict[Traits, Design] = {}
        for change in changes(self.setup):
            design = made(change.design)
            if design is not None:
                found.setdefault(change.traits, design)
        return found

    @property
    def tried(self) -> int:
        """How many fits there are, of the designs that had to be made."""
        return 2 * (1 + len(self.__dict__.get("designs", ())))

    def plain(self) -> Iterator[Base]:
        """The model as given, by REML and by ML."""
        yield from self.of(frozenset(), self.setup.design)

    def changed(self, told: Account) -> Iterator[Base]:
        """The models with one change, those that have the counts of an account."""
        for traits, design in self.designs.items():
            if has_counts(design, told):
                yield from self.of(traits, design)

    @cached_property
    def mistaken(self) -> list[Base]:
        """The model as given, as mistakes of an implementation would tell it."""
        return [one for base in self.plain() for one in near_misses.bases(base, self.setup)]

    def own_formula(self, told: Account) -> Iterator[Base]:
        """The model of the formula that the account tells, where it is another."""
        if told.formula is None or spaceless(told.formula) == spaceless(self.setup.formula):
            return
        own = replace(self.setup, formula=told.formula)
        design = made(lambda: own.design)
        if design is not None and has_counts(design, told):
            says = f"is of {told.formula}"
            yield from self.of(frozenset({Trait("formula", says, "formula", says)}), design)

    def elsewhere(self, told: Account) -> Iterator[Base]:
        """The model as given, at the variances that an account tells."""
        for base in self.plain():
            yield from stopped.bases(base, told)

    def of(self, traits: Traits, design: Design) -> Iterator[Base]:
        """Both fits of a design, where they can be had."""
        for reml in (True, False):
            key = traits, reml
            if key not in self.fits:
                self.fits[key] = fitted(design, reml, traits)
            base = self.fits[key]
            if base is not None:
                yield base


def made(design: Callable[[], Design]) -> Design | None:
    """A design; None where the data have no such one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        try:
            return design()
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
