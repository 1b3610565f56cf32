"""A generalized model fitted in one way, and what is told of it."""

from __future__ import annotations

import warnings

import numpy as np

import refmixed as rm
from refmixed.design import Design
from refmixed.glm.families import Gamma
from refmixed.glm.named import Named
from refmixed.glm.result import GlmerFit

from ...adapters.refmixed_generalized import LABELS
from ..account import Account, Numbers, said
from ..base import Base, Traits, estimates
from ..numbers import exact
from .dimensions import DIALECT, LAW, LIKELIHOOD, law, likelihood
from .setup import model
from .ways import Way


def fitted(design: Design, way: Way) -> GlmerFit | None:
    """A fit; None where refmixed refuses it, or its standard errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        try:
            fit = GlmerFit.of(model(design, way.named, way.dialect), way.kind, LABELS)
            return fit if len(fit.se) else None
        except (rm.RefmixedError, np.linalg.LinAlgError):
            return None


def base_of(fit: GlmerFit, way: Way, usual: Named, traits: Traits) -> Base:
    """The base of a fit, by what is not usual in it."""
    return Base(account_of(fit), None, traits | way.traits(usual), fit)


def account_of(fit: GlmerFit, name: str = "live") -> Account:
    """What refmixed says of a fit."""
    return Account(
        name, "refmixed", said(numbers_of(fit).items()), False, says=words(fit), is_generalized=True
    )


def numbers_of(fit: GlmerFit) -> Numbers:
    """Its numbers; sigma where the family has one."""
    own: Numbers = estimates(fit)
    return {**own, ("sigma",): exact(fit.sigma)} if isinstance(fit.model.family, Gamma) else own


def words(fit: GlmerFit) -> dict[str, str]:
    """What it says of itself."""
    return {
        LAW: law(fit.family, fit.link),
        LIKELIHOOD: likelihood(fit.kind),
        DIALECT: fit.model.dialect,
    }
