"""Predictions of rows, their standard errors and intervals: `Verbs.predict` says what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...after.predict import NEW_LEVELS, effects_of
from ...after.switches import a_level, true_or_false
from ...checks import one_of
from ...covariance import factors
from ...errors import OptionError
from ...linalg import Array
from ...prediction import NewRows, fitted, half_width
from ...r.newrows import new_rows, rows_of_effects
from ..links import Link
from ..marginal_mean import marginal_mean
from .joint import Joint
from .modes import gamma

SCALES = ("link", "response")
NO_OBSERVATION = (
    "interval must be 'confidence': new observations are not normal here, and are drawn instead"
)
STEP = 1e-4  # of eta, for the slope of a mean


@dataclass(frozen=True)
class Asked:
    """What is predicted."""

    random: bool | str | list[str]
    scale: str
    new_levels: str
    with_errors: bool
    interval: bool
    level: float

    @classmethod
    def of(
        cls,
        random: bool | str | Iterable[str],
        scale: str,
        new_levels: str,
        se: bool,
        interval: str | None,
        level: float,
    ) -> Asked:
        """Raises OptionError."""
        one_of("scale", scale, SCALES)
        one_of("new_levels", new_levels, NEW_LEVELS)
        if interval is not None:
            if interval == "prediction":
                raise OptionError(NO_OBSERVATION)
            one_of("interval", interval, ("confidence",))
        has_errors = true_or_false("se", se) or interval is not None
        some: Any = random
        return cls(some, scale, new_levels, has_errors, interval is not None, a_level(level))

    @property
    def is_marginal(self) -> bool:
        """Whether the mean over all random effects is meant."""
        return isinstance(self.random, str) and self.random == "marginal"


@dataclass(frozen=True)
class Scale:
    """What a linear predictor becomes: itself, or the mean; over effects of so large an SD."""

    link: Link
    is_response: bool
    sd: Array | None  # (r,)  None: at the effects that are added

    def mean(self, eta: Array) -> Array:
        """(r,): of the response.  eq:mean-over-effects"""
        found = self.link.mean(eta) if self.sd is None else marginal_mean(self.link, eta, self.sd)
        return np.asarray(found)

    def of(self, eta: Array) -> Array:
        """(r,): what is predicted."""
        if self.sd is None and not self.is_response:
            return eta
        mean = self.mean(eta)
        return mean if self.is_response else np.asarray(self.link.eta(mean))

    def slope(self, eta: Array) -> Array:
        """(r,): of that in eta, by central differences."""
        return (self.of(eta + STEP) - self.of(eta - STEP)) / (2.0 * STEP)


def predict(fit: Any, newdata: Any, asked: Asked) -> pd.Series[float] | pd.DataFrame:
    """As `Verbs.predict`."""
    chosen = effects_of(fit, False if asked.is_marginal else asked.random)
    groups = {t.group for t, some in zip(fit.design.terms, chosen, strict=True) if some.any()}
    rows = new_rows(fit.design, newdata, groups, asked.new_levels)
    rows, sd = rows.of_effects(chosen), None
    if asked.is_marginal:
        sd, lost = marginal_sd(fit, newdata, rows)
        rows = replace(rows, missing=rows.missing | lost)
    eta = fitted(fit.design, fit.beta.to_numpy(), gamma(fit), rows)  # (r,)  eq:glmm
    of = Scale(fit.model.family.link, asked.scale == "response", sd)
    found = pd.Series(of.of(eta), index=rows.index)
    return beside(fit, asked, rows, of, found, eta) if asked.with_errors else found


def beside(
    fit: Any, asked: Asked, rows: NewRows, of: Scale, found: pd.Series[float], eta: Array
) -> pd.DataFrame:
    """Predictions with their errors, and intervals.  eq:glmm-prediction-variance, eq:interval"""
    variances = Joint(fit.likelihood.mode).variances(fit.design, fit.theta.to_numpy(), rows)
    se = np.sqrt(variances)  # (r,)  of eta
    is_plain = of.sd is None and not of.is_response
    errors = se if is_plain else np.abs(of.slope(eta)) * se  # the delta method
    table = pd.DataFrame({"fit": found, "se": errors}, index=rows.index)
    if asked.interval:
        half = half_width(asked.level) * se
        table = table.assign(lower=of.of(eta - half), upper=of.of(eta + half))
    return table


def marginal_sd(fit: Any, newdata: Any, rows: NewRows) -> tuple[Array, Array]:
    """(r,): the standard deviation of z'gamma, of all effects; and which rows lack a value of z.

    eq:mean-over-effects
    """
    x, missing = tuple(term.x for term in fit.design.terms), rows.missing
    if newdata is not None:
        x, missing = rows_of_effects(fit.design, newdata)
    pairs = zip(x, factors(fit.design, fit.theta.to_numpy()), strict=True)
    variance = sum((((z @ factor) ** 2).sum(axis=1) for z, factor in pairs), np.zeros(len(rows.X)))
    return np.sqrt(variance), missing
