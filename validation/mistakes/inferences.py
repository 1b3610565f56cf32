"""Degrees of freedom, tests and limits of a design that is not the case's, by refmixed.

The textbook has none of them; refmixed's have more than the seven digits that are kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Container
from contextlib import suppress
from typing import Any

import numpy as np

import refmixed as rm
from refmixed.design import Design
from refmixed.linalg import Array

FREEDOM = ("df_satterthwaite", "df_kr")
JOINT = ("f_satterthwaite", "f_kr")
PROFILES = ("profile_beta", "profile_sigma", "profile_sd")
METHODS = (*FREEDOM, "se_kr", *JOINT, *PROFILES)  # what there are several methods for


def tested(design: Design, theta: Array, reml: bool, asked: Container[str]) -> dict[str, Any]:
    """Of what is asked for the degrees of freedom, and what else comes with the tests, at theta.

    Nothing by a method that has none there: Satterthwaite's, away from a minimum.
    """
    methods = {"satterthwaite": "satterthwaite"} | ({"kr": "kenward-roger"} if reml else {})
    found: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        fit = rm.Fit.of(design, reml, theta=theta)
        for suffix, method in methods.items():
            with suppress(rm.errors.OptionError):
                found |= of_each(fit, suffix, method) if f"df_{suffix}" in asked else {}
                found |= of_all(fit, suffix, method) if f"f_{suffix}" in asked else {}
    return {quantity: value for quantity, value in found.items() if quantity in asked}


def of_each(fit: rm.Fit, suffix: str, method: str) -> dict[str, Any]:
    """The t of each coefficient: its degrees of freedom and its standard error."""
    table = fit.test_fixed(method, type=None)
    columns = {f"df_{suffix}": "df", f"se_{suffix}": "Std. Error"}
    return {quantity: table[column].to_numpy() for quantity, column in columns.items()}


def of_all(fit: rm.Fit, suffix: str, method: str) -> dict[str, Any]:
    """The F of all coefficients, and its denominator's degrees of freedom."""
    table = fit.test_fixed(method, np.eye(fit.design.p))
    return {f"f_{suffix}": table[["F value", "DenDF"]].to_numpy()[0]}


def limits(design: Design) -> Array:
    """(p, 2): limits of 95% for beta by the profile of the ML criterion."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        return rm.Fit.of(design, False).confint("profile", which="beta_").to_numpy()
