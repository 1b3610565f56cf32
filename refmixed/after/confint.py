"""Confidence limits, by name of the method."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd

from ..checks import one_of
from ..errors import OptionError
from ..prediction import half_width
from ..r.habits import refuse_habit
from .draws.bootstrap import bootstrap, intervals
from .limits.parameters import Parameter, chosen
from .limits.percents import percents
from .limits.profile import profile
from .switches import a_level

FEW = 3  # steps of a profile of which only the limits are asked for
NO_WALD = (
    "Wald limits are those of fixed effects: an estimated variance is far from normal; ask for "
    "method='profile'"
)


def confint(fit: Any, method: str, level: float, which: Any, **options: Any) -> pd.DataFrame:
    """Limits (parameters, 2) by one of METHODS, which take options of their own."""
    asked_of(METHODS, OPTIONS, method, options)
    return METHODS[method](fit, a_level(level), which, **options)


def asked_of(
    methods: Iterable[str], known: Mapping[str, list[str]], method: str, options: Mapping[str, Any]
) -> None:
    """Raises OptionError for another method, or an option that it has not."""
    one_of("method", method, methods)
    for option in options:
        if option not in known[method]:
            refuse_habit("confint", option, options[option])
            has = f"it has {', '.join(known[method])}" if known[method] else "it has none"
            raise OptionError(f"confint() by {method!r} has no option {option!r}; {has}")


def by_wald(fit: Any, level: float, which: Any = None) -> pd.DataFrame:
    """beta -+ a normal quantile times the standard errors.  eq:wald-limit"""
    return wald_limits(fit, level, chosen(fit.design, which), which is None)


def wald_limits(
    fit: Any, level: float, known: Sequence[Parameter], of_beta_alone: bool
) -> pd.DataFrame:
    """The same of a fit of any family, of all parameters that are known or of those of beta."""
    asked = [p for p in known if p.kind == "beta" or not of_beta_alone]
    if any(p.kind != "beta" for p in asked):
        raise OptionError(NO_WALD)
    places = [p.i for p in asked]
    half = half_width(level) * fit.se.iloc[places]
    beta = fit.beta.iloc[places]
    limits = np.column_stack([beta - half, beta + half])
    return pd.DataFrame(limits, index=beta.index, columns=percents(level))


def by_profile(fit: Any, level: float, which: Any = None, reml: bool = False) -> pd.DataFrame:
    """The limits of `Fit.profile`."""
    return profile(fit, which, level, reml, between=FEW).confint(level)


def by_bootstrap(fit: Any, level: float, which: Any = None, **options: Any) -> pd.DataFrame:
    """Those of the replicates of `Fit.bootstrap`; options are its own, and interval="basic"."""
    names = of_replicates(chosen(fit.design, which))
    return intervals(fit, level, **options).loc[names]


def of_replicates(asked: Sequence[Parameter]) -> list[str]:
    """The names of those that a bootstrap has limits of.  Raises OptionError: there is none."""
    names = [p.name for p in asked if p.kind != "theta"]
    if not names:
        raise OptionError("a bootstrap has limits of standard deviations, not of theta")
    return names


METHODS: dict[str, Callable[..., pd.DataFrame]] = {
    "profile": by_profile,
    "wald": by_wald,
    "bootstrap": by_bootstrap,
}
OPTIONS: dict[str, list[str]] = {  # what each has beside level and which
    "profile": ["reml"],
    "wald": [],
    "bootstrap": [
        "interval",
        *(name for name in signature(bootstrap).parameters if name not in ("fit", "statistic")),
    ],
}
