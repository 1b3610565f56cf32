"""Ways to tell the numbers of a generalized model: its likelihood, variances, errors and means."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

import refmixed as rm
from refmixed.glm.after.residuals import deviance
from refmixed.glm.families import Binomial, Gamma, Poisson
from refmixed.glm.result import GlmerFit
from refmixed.glm.standard_errors import UNCERTAIN

from ...mistakes.generalized import saturated
from ..account import Account, Numbers
from ..base import Base, Reading, Trait, one
from ..generalized.dimensions import CONSTANT, SATURATED
from ..numbers import exact
from .errors import with_t
from .likelihood import Constant, multiplied
from .scale import units
from .scale import variances as usual

SE = "standard error"
SAYS = {
    "theta estimated": "allows for the estimation of theta in standard errors",
    "theta known": "takes theta as known in standard errors",
    "RX": "takes standard errors from the curvature at the mode alone (use.hessian = FALSE)",
}
MEANS: tuple[tuple[Any, str], ...] = (
    (True, "given the random effects"),
    (False, "at random effects of zero"),
    ("marginal", "over the random effects"),
)


def variances(base: Base, _: Account) -> Iterator[Reading]:
    """As they are; as variances; relative to sigma, where there is one."""
    yield Reading(usual(base))
    yield from units(usual(base))


# --- the likelihood -------------------------------------------------------------------------------


def likelihood(base: Base, told: Account) -> Iterator[Reading]:
    """With all constants, or some left out, as every multiple; a deviance for -2 log-likelihood."""
    yield from multiplied(base, constants(base.generalized), told)
    loglik = base.account.one("loglik")
    if base.generalized is not None and loglik is not None:
        for value, words in deviances(base.generalized):
            trait = Trait(
                "criterion", words, "deviance-for-criterion", f"gives {words} as -2 log L"
            )
            yield Reading({("loglik",): loglik, ("criterion",): exact(value)}, frozenset({trait}))


def constants(fit: GlmerFit | None) -> Iterator[Constant]:
    """What is added to the log-likelihood.  eq:glm-density"""
    yield 0.0, ()
    family = None if fit is None else fit.model.family
    if family is None or isinstance(family, Gamma):
        return
    whole = saturated(family)
    says = f"takes off the saturated model's log-likelihood, {whole:.6g}"
    if whole:
        yield -whole, (Trait(CONSTANT, SATURATED, "saturated-likelihood", says),)
    left, words = density_constant(family)
    if left:
        says = f"leaves {words} out of the log-likelihood, {left:.6g}"
        yield -left, (Trait(CONSTANT, words, "density-constant", says),)


def density_constant(family: Binomial | Poisson) -> tuple[float, str]:
    """The part of log f that no parameter moves."""
    if isinstance(family, Binomial):
        return float(family.constant.sum()), "the binomial coefficients"
    zero = np.zeros(len(family.counts))
    own = family.log_density(zero) + family.weights * np.exp(zero)
    return float(own.sum()), "the factorials"


@lru_cache(maxsize=512)
def deviances(fit: GlmerFit) -> tuple[tuple[float, str], ...]:
    """What is called a deviance besides -2 log-likelihood."""
    given = deviance(fit), "the deviance given the random effects"
    family = fit.model.family
    if isinstance(family, Gamma):
        return (given,)
    return given, (-2 * (fit.loglik - saturated(family)), "the deviance from the saturated model")


# --- standard errors ------------------------------------------------------------------------------


def errors(base: Base, told: Account) -> Iterator[Reading]:
    """The usual ones; those of theta as known, or of the curvature at the mode alone."""
    yield Reading(with_t(base.account.of("se"), base, told))
    for way in UNCERTAIN if base.generalized is not None else ():
        found = standard_errors(base.generalized, way)
        if found is not None:
            traits = one(SE, way, "theta-uncertainty", SAYS[way])
            yield Reading(with_t(under(base, found), base, told), traits)


def under(base: Base, values: pd.Series[float]) -> Numbers:
    """Standard errors under the base's names, which are in the order of the fit."""
    return {
        ("se", key[1]): exact(v) for key, v in zip(base.account.of("beta"), values, strict=True)
    }


@lru_cache(maxsize=2048)
def standard_errors(fit: GlmerFit | None, way: str) -> pd.Series[float] | None:
    """(p,), where they are not the usual ones and can be had."""
    usual_way = "theta estimated" if fit is not None and fit.kind.nagq else "RX"
    if fit is None or way == usual_way:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        se = np.sqrt(np.diag(fit.vcov_by(way)))
    return None if np.isnan(se).any() else pd.Series(se)


# --- means ----------------------------------------------------------------------------------------


def means(base: Base, told: Account) -> Iterator[Reading]:
    """Of each row: given its random effects, at none, and over them."""
    if base.generalized is None:
        yield Reading(base.account.of("mean"))
        return
    for random, words in MEANS if told.of("mean") else ():
        traits = one("means", words, "kind-of-mean", f"gives means {words}")
        yield Reading(of_rows(base.generalized, random), traits)


@lru_cache(maxsize=512)
def of_rows(fit: GlmerFit, random: Any) -> Numbers:
    """The means of the data's rows, numbered from 1."""
    found = np.asarray(fit.predict(random=random, scale="response"))
    return {("mean", str(k)): exact(float(value)) for k, value in enumerate(found, 1)}
