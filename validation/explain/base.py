"""What readings start from: a model fitted in one way, or the numbers of an account alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

import refmixed as rm
from refmixed.glm.result import GlmerFit

from .account import Account, Numbers, said
from .numbers import exact


@dataclass(frozen=True)
class Trait:
    """One way in which a fit, or what is told of it, is not the usual one.

    dimension: what may be chosen; value: what is; cause: a key of causes.REGISTRY, "" of what is
    usual and has a name; says: in words.
    """

    dimension: str
    value: str
    cause: str
    says: str


Traits = frozenset[Trait]
USUAL: Traits = frozenset()


@dataclass(frozen=True)
class Reading:
    """One way to tell a part of a fit: its numbers, and what is not usual in it."""

    numbers: Numbers
    traits: Traits = USUAL


@dataclass(frozen=True, eq=False)
class Base:
    """A model and its numbers.  No fit, nor a generalized one: there is no more than an account."""

    account: Account
    fit: rm.Fit | None = None
    traits: Traits = USUAL
    generalized: GlmerFit | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether there is a model, not an account alone."""
        return self.fit is not None or self.generalized is not None

    @property
    def reml(self) -> bool | None:
        """Restricted maximum likelihood?  None where that is not known."""
        return self.account.reml

    @cached_property
    def n(self) -> int | None:
        """Observations."""
        return self.account.n

    @property
    def p(self) -> int:
        """Fixed effects."""
        return self.account.p

    @property
    def m(self) -> int:
        """Covariance parameters, sigma not counted."""
        return self.account.m

    @property
    def parameters(self) -> int:
        """Fixed effects, covariance parameters and sigma, where there is one."""
        return self.p + self.m + self.account.scales

    def renamed(self, account: Account) -> Base:
        """The same under other names."""
        return replace(self, account=account)


def one(dimension: str, value: str, cause: str, says: str) -> Traits:
    """One trait."""
    return frozenset({Trait(dimension, value, cause, says)})


def account_of(fit: rm.Fit, name: str = "live") -> Account:
    """What refmixed says of a fit."""
    numbers = {**estimates(fit), ("sigma",): exact(fit.sigma)}
    return Account(name, "refmixed", said(numbers.items()), fit.reml, fit.formula)


def estimates(fit: rm.Fit | GlmerFit) -> Numbers:
    """All numbers of a fit but sigma."""
    numbers: Numbers = {
        ("n",): exact(fit.nobs),
        ("criterion",): exact(fit.criterion),
        ("loglik",): exact(fit.loglik),
        ("aic",): exact(fit.aic),
        ("bic",): exact(fit.bic),
    }
    for effect in fit.beta.index:
        numbers["beta", effect] = exact(fit.beta[effect])
        numbers["se", effect] = exact(fit.se[effect])
    for group, term in fit.varcorr.items():
        effects = list(term.sd.index)
        R = term.corr.to_numpy()
        numbers |= {("sd", group, e): exact(term.sd[e]) for e in effects}
        numbers |= {
            ("corr", group, effects[j], effects[i]): exact(R[i, j])
            for i, j in zip(*np.tril_indices(len(effects), -1), strict=True)
        }
    groups = {term.group: len(term.levels) for term in fit.design.terms}
    return numbers | {("groups", group): exact(count) for group, count in groups.items()}


def completed(account: Account) -> Account:
    """With the log-likelihood where the criterion is told, and the other way round."""
    numbers = dict(account.numbers)
    loglik, criterion = account.one("loglik"), account.one("criterion")
    if loglik is None and criterion is not None:
        numbers["loglik",] = criterion * -0.5
    if criterion is None and loglik is not None:
        numbers["criterion",] = loglik * -2.0
    return account.with_numbers(numbers)


def known(traits: Traits) -> Mapping[str, Trait]:
    """Traits by dimension."""
    return {trait.dimension: trait for trait in traits}


def differing(a: Traits, b: Traits) -> list[tuple[Trait | None, Trait | None]]:
    """The dimensions in which two sets of traits differ, and what each has there."""
    mine, theirs = known(a), known(b)
    dimensions = sorted({*mine, *theirs})
    pairs = [(mine.get(d), theirs.get(d)) for d in dimensions]
    return [(x, y) for x, y in pairs if (x and x.value) != (y and y.value)]
