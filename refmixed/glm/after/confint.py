"""Confidence limits of a generalized model, by name of the method."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from ...after.confint import NO_WALD, asked_of
from ...after.draws.bootstrap import intervals
from ...after.limits.percents import percents
from ...after.switches import a_level
from ...errors import OptionError
from ...prediction import half_width
from .bootstrap import bootstrap
from .parameters import chosen
from .profile import profile


def confint(fit: Any, method: str, level: float, which: Any, **options: Any) -> pd.DataFrame:
    """As `Inferred.confint`."""
    asked_of(METHODS, OPTIONS, method, options)
    return METHODS[method](fit, a_level(level), which, **options)


def by_wald(fit: Any, level: float, which: Any) -> pd.DataFrame:
    """beta -+ a normal quantile times the standard errors.  eq:wald-limit"""
    asked = [p for p in chosen(fit.model, which) if which is not None or p.kind == "beta"]
    if any(p.kind != "beta" for p in asked):
        raise OptionError(NO_WALD)
    places = [p.i for p in asked]
    half = half_width(level) * fit.se.iloc[places]
    beta = fit.beta.iloc[places]
    limits = np.column_stack([beta - half, beta + half])
    return pd.DataFrame(limits, index=beta.index, columns=percents(level))


def by_profile(fit: Any, level: float, which: Any) -> pd.DataFrame:
    """The limits of `GlmerFit.profile`."""
    return profile(fit, which, level).confint(level)


def by_bootstrap(fit: Any, level: float, which: Any, **options: Any) -> pd.DataFrame:
    """Those of the replicates of `GlmerFit.bootstrap`."""
    names = [p.name for p in chosen(fit.model, which) if p.kind != "theta"]
    if not names:
        raise OptionError("a bootstrap has limits of standard deviations, not of theta")
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
