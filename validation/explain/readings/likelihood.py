"""The log-likelihood: with which constants, and as what multiple."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import log, pi

import numpy as np

import refmixed as rm

from ..account import Account
from ..base import Base, Reading, Trait
from ..numbers import Number

LOG_2PI = log(2 * pi)
Constant = tuple[float, tuple[Trait, ...]]  # what is added, and what that is


def multiple(of: str, value: str, words: str) -> tuple[Trait, ...]:
    """Another multiple of the log-likelihood, or of the criterion."""
    return (Trait(f"multiple of {of}", value, "likelihood-scale", f"gives {words}"),)


# What the log-likelihood and the criterion are multiplied by.
MULTIPLES: tuple[tuple[float, float, tuple[Trait, ...]], ...] = (
    (1.0, 1.0, ()),
    (-2.0, 1.0, multiple("loglik", "-2", "-2 log-likelihood as the log-likelihood")),
    (-1.0, 1.0, multiple("loglik", "-1", "minus the log-likelihood as the log-likelihood")),
    (1.0, -0.5, multiple("criterion", "-1/2", "the log-likelihood as -2 times it")),
    (1.0, 0.5, multiple("criterion", "1/2", "minus the log-likelihood as -2 times it")),
)


def ways(base: Base, told: Account) -> Iterator[Reading]:
    """With all constants, then with some of them left out; each as every multiple."""
    yield from multiplied(base, constants(base), told)


def multiplied(base: Base, constants: Iterable[Constant], told: Account) -> Iterator[Reading]:
    """The log-likelihood plus each constant, as every multiple."""
    loglik = base.account.one("loglik")
    if loglik is None:
        return
    for constant, traits in constants:
        for times, of_criterion, other in multiples(told):
            value = loglik + constant
            criterion: Number = value * -2.0 * of_criterion
            yield Reading(
                {("loglik",): value * times, ("criterion",): criterion},
                frozenset((*traits, *other)),
            )


def multiples(told: Account) -> Iterator[tuple[float, float, tuple[Trait, ...]]]:
    """Those of what the account tells."""
    for times, of_criterion, other in MULTIPLES:
        if all(told.one(trait.dimension.split()[-1]) is not None for trait in other):
            yield times, of_criterion, other


def constants(base: Base) -> Iterator[Constant]:
    """What is added to the log-likelihood.  eq:reml-criterion"""
    for extra, trait in two_pi(base):
        for half, other in design_constant(base):
            yield extra + half, (*trait, *other)
    yield from weights(base)
    yield from at_reml(base)


def two_pi(base: Base) -> Iterator[Constant]:
    """log(2 pi) for each degree of freedom: kept, left out, or for n where n - p are meant."""
    yield 0.0, ()
    if base.n is None:
        return
    n, p = base.n, base.p
    if base.reml is not True:
        yield n / 2 * LOG_2PI, (left_out("n log(2 pi) / 2"),)
        yield n / 2 * (1 + LOG_2PI), (left_out("n (1 + log(2 pi)) / 2"),)
    if base.reml is not False and p:
        yield (n - p) / 2 * LOG_2PI, (left_out("(n - p) log(2 pi) / 2"),)
        yield (n - p) / 2 * (1 + LOG_2PI), (left_out("(n - p)(1 + log(2 pi)) / 2"),)
        says = "has the constant n log(2 pi) / 2, where REML has (n - p) log(2 pi) / 2"
        yield -p / 2 * LOG_2PI, (Trait("2 pi", "n", "likelihood-constants", says),)


def left_out(what: str) -> Trait:
    """A constant that is not there."""
    return Trait("2 pi", what, "likelihood-constants", f"leaves {what} out of the log-likelihood")


def design_constant(base: Base) -> Iterator[Constant]:
    """Half log|X'X|, as in Harville's form of the restricted likelihood."""
    yield 0.0, ()
    if base.fit is not None and base.reml and base.p:
        R = np.linalg.qr(base.fit.design.X, mode="r")
        half = float(np.log(np.abs(np.diag(R))).sum())
        says = f"adds half log|X'X| = {half:.6g} to the restricted log-likelihood"
        yield half, (Trait("log|X'X|", "added", "reml-constant", says),)


def weights(base: Base) -> Iterator[Constant]:
    """Half the sum of the logarithms of the weights, left out.  eq:V-determinant"""
    if base.fit is not None and (base.fit.design.weights != 1).any():
        half = float(np.log(base.fit.design.weights).sum()) / 2
        says = f"leaves out the half sum of the logarithms of the weights, {half:.6g}"
        yield -half, (Trait("weights", "no constant", "weights-constant", says),)


def at_reml(base: Base) -> Iterator[Constant]:
    """The full log-likelihood at the REML estimate.  eq:ml-criterion"""
    if base.fit is None or any(trait.cause == "not-optimum" for trait in base.traits):
        return
    says = "gives the full log-likelihood at the REML estimate"
    constant = full_at_reml(base.fit) - base.fit.loglik
    yield constant, (Trait("likelihood", "full", "ml-at-reml", says),)


@lru_cache(maxsize=512)
def full_at_reml(fit: rm.Fit) -> float:
    """The full log-likelihood of a fit's model at its REML estimate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        theta = (fit if fit.reml else rm.Fit.of(fit.design, True)).theta.to_numpy(dtype=float)
        return rm.Fit.of(fit.design, False, theta=theta).loglik
