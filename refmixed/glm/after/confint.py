"""Confidence limits of a generalized model, by name of the method."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import pandas as pd

from ...after.confint import asked_of, of_replicates, wald_limits
from ...after.draws.bootstrap import intervals
from ...after.switches import a_level
from .bootstrap import bootstrap
from .parameters import chosen
from .profile import profile


def confint(fit: Any, method: str, level: float, which: Any, **options: Any) -> pd.DataFrame:
    """As `Inferred.confint`."""
    asked_of(METHODS, OPTIONS, method, options)
    return METHODS[method](fit, a_level(level), which, **options)


def by_wald(fit: Any, level: float, which: Any) -> pd.DataFrame:
    """beta -+ a normal quantile times the standard errors.  eq:wald-limit"""
    return wald_limits(fit, level, chosen(fit.model, which), which is None)


def by_profile(fit: Any, level: float, which: Any) -> pd.DataFrame:
    """The limits of `GlmerFit.profile`."""
    return profile(fit, which, level).confint(level)


def by_bootstrap(fit: Any, level: float, which: Any, **options: Any) -> pd.DataFrame:
    """Those of the replicates of `GlmerFit.bootstrap`."""
    names = of_replicates(chosen(fit.model, which))
    return intervals(fit, level, **options).loc[names]


METHODS: dict[str, Callable[..., pd.DataFrame]] = {
    "profile": by_profile,
    "wald": by_wald,
    "bootstrap": by_bootstrap,
}
OPTIONS: dict[str, list[str]] = {  # what each has beside level and which
    "profile": [],
    "wald": [],
    "bootstrap": [
        "interval",
        *(name for name in signature(bootstrap).parameters if name not in ("fit", "statistic")),
    ],
}
