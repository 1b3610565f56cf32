"""The model at the parameters that an account tells: iterations that ended early, or a search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np

import refmixed as rm
from refmixed.glm.likelihoods import Kind
from refmixed.glm.result import GlmerFit
from refmixed.linalg import Array

from ..account import Account, Numbers
from ..base import Base, Trait
from ..numbers import Number, exact
from .dimensions import DIALECT
from .fits import numbers_of
from .loose import Loose
from .parameters import moved, parameters, told

LEAST = 1e-3  # by which the criterion is above its least where a search stopped short
SHORT = 0.003  # standard errors by which lme4's search may miss that: twice what it was seen to
SURE = 20.0  # how often what rounding may do lies in that


def loose(base: Base, account: Account) -> Iterator[Base]:
    """Of lme4's account: what iterations that end early make of it, where they are least there."""
    found = told(base, account) if account.program == "lme4" else None
    if found is None or found[0].kind != Kind():
        return
    fit, here = found
    psi = parameters(fit.model, here)
    if psi is None or is_at_boundary(fit, psi) or above(fit, psi) > LEAST:
        return
    early = start(fit)
    if early is None:
        return
    cov = early.covariance(psi)
    if cov is None:
        return
    se = np.sqrt(np.diag(cov))
    if early.steps(psi, cov) > SHORT + float((moved(fit, here, psi) / se).sum()):
        return
    numbers = told_numbers(base, here) | likelihood(exact(early.criterion(psi)))
    errors: Numbers = {
        ("se", name): exact(value) for name, value in zip(fit.design.names, se, strict=False)
    }
    says = "ends the iterations for the random effects early (tolPwrss = 1e-7)"
    trait = Trait("iterations", "loose", "loose-pirls", says)
    account = base.account.with_numbers(base.account.numbers | numbers | errors)
    yield replace(base, account=account, traits=base.traits | {trait})


@lru_cache(maxsize=512)
def start(fit: GlmerFit) -> Loose | None:
    """Where the iterations of a fit's model set out from; None where it has no such place."""
    try:
        return Loose.of(fit.model)
    except rm.RefmixedError:
        return None


def above(fit: GlmerFit, psi: Array) -> float:
    """How far the criterion at other parameters is above its least."""
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            return 2.0 * fit.kind.at(fit.model, psi).value - fit.criterion
        except (rm.RefmixedError, np.linalg.LinAlgError):
            return np.inf


def is_at_boundary(fit: GlmerFit, psi: Array) -> bool:
    """Whether a variance is zero."""
    return bool((fit.model.split(psi)[1] == 0).any() or not fit.moving.all())


def told_numbers(base: Base, here: Account) -> Numbers:
    """The parameters of an account, as they are written."""
    kinds = ("beta", "sd", "corr", "sigma")
    return {k: v for k, v in here.numbers.items() if k[0] in kinds and k in base.account.numbers}


def likelihood(criterion: Number) -> Numbers:
    """Both ways to tell it."""
    return {("criterion",): criterion, ("loglik",): criterion * -0.5}


def stopped(base: Base, account: Account) -> Iterator[Base]:
    """A search that ended where the account's own log-likelihood is what the model has there."""
    found, loglik = told(base, account), account.one("loglik")
    if found is None or loglik is None or is_denied(base, account):
        return
    fit, here = found
    psi = parameters(fit.model, here)
    size = np.inf if psi is None else above(fit, psi)
    if psi is None or not LEAST < size < np.inf:
        return
    slope = 2.0 * fit.kind.at(fit.model, psi).gradient
    reach = float(np.abs(slope) @ moved(fit, here, psi))
    if size < SURE * (reach + 2 * loglik.half):
        return
    value = fit.criterion + size
    numbers = told_numbers(base, here) | likelihood(Number(value - reach, value + reach))
    says = f"stopped where the criterion is {size:.4g} above its least, {fit.criterion:.8g}"
    trait = Trait("optimum", "elsewhere", "not-optimum", says)
    there = base.account.with_numbers(base.account.numbers | numbers | errors(fit, psi))
    yield replace(base, account=there, traits=base.traits | {trait})


def is_denied(base: Base, account: Account) -> bool:
    """Whether the account says that it is fitted otherwise, or beta is not searched for at all."""
    fit = base.generalized
    words = [(account.word(t.dimension), t.value) for t in base.traits if t.dimension != DIALECT]
    denied = any(word not in (None, value) for word, value in words)
    return denied or (fit is not None and fit.kind.nagq == 0)


def errors(fit: GlmerFit, psi: Array) -> Numbers:
    """Standard errors at other parameters, as far as the criterion is convex there."""
    there = GlmerFit(fit.model, fit.kind, fit.labels, psi, fit.moving)
    try:
        return {key: number for key, number in numbers_of(there).items() if key[0] == "se"}
    except np.linalg.LinAlgError:
        return {}
