"""Predictions of rows, their standard errors and intervals: `Verbs.predict` says what they are."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from ..checks import one_of, vector
from ..errors import IdentifiabilityWarning, OptionError, WeightsError
from ..linalg import Array
from ..prediction import NewRows, chosen_effects, error_variances, fitted, half_width, own_rows
from ..r.data import as_frame
from ..r.given import per_row
from ..r.newrows import new_rows
from ..r.picked import picked
from .estimated import Estimated
from .switches import a_level, true_or_false

NEW_LEVELS, INTERVALS = ("error", "population"), ("confidence", "prediction")
Chosen = tuple[Array, ...]  # (k,) of each term: which of its effects are added


def predict(
    fit: Any,
    newdata: Any,
    random: bool | str | Iterable[str],
    new_levels: str,
    se: bool,
    interval: str | None,
    level: float,
    weights: Any,
) -> pd.Series[float] | pd.DataFrame:
    """As `Verbs.predict`."""
    checked(new_levels, se, interval, weights)
    df = np.inf if fit.design.terms else float(fit.nobs - fit.design.p)
    reach, chosen = half_width(a_level(level), df), effects_of(fit, random)
    groups = {t.group for t, some in zip(fit.design.terms, chosen, strict=True) if some.any()}
    rows = new_rows(fit.design, newdata, groups, new_levels).of_effects(chosen)
    mean = pd.Series(means(fit, rows, chosen, newdata is None), index=rows.index)
    if not (se or interval):
        return mean
    v = relative_variances(fit, rows, chosen, newdata is None)  # (r,)
    tell_of_open(fit)
    found = pd.DataFrame({"fit": mean, "se": fit.sigma * np.sqrt(v)}, index=rows.index)
    if interval == "prediction":
        v = v + 1.0 / row_weights(fit, newdata, weights, rows)  # (r,)
    if interval:
        half = reach * fit.sigma * np.sqrt(v)  # (r,)  eq:interval
        found = found.assign(lower=mean - half, upper=mean + half)
    return found


def tell_of_open(fit: Any) -> None:
    """Warn (IdentifiabilityWarning) where errors may depend on what the data do not determine."""
    if fit.optimum.is_open:
        warnings.warn(
            "errors of predictions are those at the covariance parameters that the fit shows, and "
            "the data do not determine all of these",
            IdentifiabilityWarning,
            stacklevel=4,
        )


def checked(new_levels: str, se: bool, interval: str | None, weights: Any) -> None:
    """Raises OptionError."""
    one_of("new_levels", new_levels, NEW_LEVELS)
    true_or_false("se", se)
    if interval is not None:
        one_of("interval", interval, INTERVALS)
    if weights is not None and interval != "prediction":
        raise OptionError("weights are of new observations: they go with interval='prediction'")


def effects_of(fit: Any, random: bool | str | Iterable[str]) -> Chosen:
    """Which effects of each term are added.  Raises OptionError."""
    if isinstance(random, str) and random.lstrip().startswith("~"):
        return picked(fit.design, random)
    return chosen_effects(fit.design, random)


def means(fit: Any, rows: NewRows, chosen: Chosen, own: bool) -> Array:
    """(r,): those of the fit's rows from its residuals, which are the more exact.  eq:fitted"""
    if own and all(some.all() for some in chosen):
        return np.asarray(fit.fitted)
    return fitted(fit.design, fit.beta.to_numpy(), fit.optimum.posterior.gamma, rows)


def relative_variances(fit: Any, rows: NewRows, chosen: Chosen, own: bool) -> Array:
    """(r,): error variances over sigma^2; the fit's own rows are there as the search had them."""
    here = Estimated.of(fit)
    kept = own_rows(here.design) if own else None
    x = tuple(
        kept.x[t] if kept and some.all() else here.effects_in(t, rows.x[t])
        for t, some in enumerate(chosen)
    )
    moved = replace(rows, X=kept.X if kept else here.fixed_in(rows.X), x=x)
    return error_variances(here.design, here.theta, here.route, moved)


def row_weights(fit: Any, newdata: Any, weights: Any, rows: NewRows) -> Array:
    """(r,): the weight of an observation in each row: the fit's own, those given, or one.

    Raises WeightsError.
    """
    if newdata is None:
        if weights is not None:
            raise WeightsError("the rows of the fit have its weights, and take no others")
        return np.asarray(fit.design.weights)
    n = len(rows.index)
    return np.ones(n) if weights is None else new_weights(fit, newdata, weights, n)


def new_weights(fit: Any, newdata: Any, weights: Any, n: int) -> Array:
    """(n,) of a number, one a row, or a column's name.  Raises WeightsError."""
    if isinstance(weights, Real) and not isinstance(weights, bool):
        found = vector("weights", np.full(n, float(weights)), n, WeightsError)
    elif fit.design.recipe is None or n == 0:
        found = vector("weights", weights, n, WeightsError)
    else:
        found = per_row(weights, as_frame(newdata), "weights", WeightsError)
    if (found <= 0).any():
        raise WeightsError("weights of new observations must be positive")
    return found
