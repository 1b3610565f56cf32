"""Responses drawn from a fitted model, with new random effects or with those of the fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...checks import one_of, whole_number
from ...coordinates import require_rows
from ...errors import NewLevelError, OptionError, WeightsError
from ...linalg import solve_lower
from ...r.newrows import new_rows, own_codes
from ..predict import new_weights
from .law import Law, Normal, a_seed, draws, fitted_law, work_factors

RANDOM = ("new", "kept")


def simulate(
    fit: Any, nsim: int, seed: int | None, random: str, newdata: Any, weights: Any
) -> pd.DataFrame:
    """Responses (n, nsim) of the fitted model, a column a replicate.

    random: "new" draws random effects anew, "kept" keeps those of the fit; errors are new in both.
    newdata: rows of their own (of any groups, where effects are new); weights: theirs (r,), where
    the fit has any.  seed: a whole number; None: another one each time.
    Raises OptionError, and what `predict` raises of new rows.
    """
    nsim, seed = whole_number("nsim", nsim, 1, OptionError), a_seed(seed)
    one_of("random", random, RANDOM)
    if newdata is None:
        if weights is not None:
            raise OptionError("weights= are those of newdata: rows of the fit have its own")
        require_rows(fit.design)
        law, index = fitted_law(fit, random), fit.design.index
    else:
        law, index = new_law(fit, newdata, random, weights)
    drawn = draws(Normal(law), seed, range(nsim))
    return pd.DataFrame(drawn.T, index=index, columns=pd.RangeIndex(nsim, name="replicate"))


def mean_of(fit: Any, newdata: Any, random: str) -> pd.Series[float]:
    """(r,): with the effects that are kept.  Raises NewLevelError where there are none to keep."""
    try:
        mean: pd.Series[float] = fit.predict(newdata, random=random == "kept")
    except NewLevelError as error:
        known = str(error).partition(";")[0]
        raise NewLevelError(f"{known}, and no effects to keep: take random='new'") from error
    return mean


def new_law(fit: Any, newdata: Any, random: str, weights: Any) -> tuple[Law, pd.Index]:
    """Law of rows of a data frame, or of (X, terms) for a fit to arrays; and their labels.

    A row that lacks a value has none.  Raises WeightsError, and what `predict` raises.
    """
    mean = mean_of(fit, newdata, random)  # (r,)
    if weights is None and (fit.design.weights != 1.0).any():
        raise WeightsError("the fit has weights: give those of the rows of newdata as weights=")
    w = 1.0 if weights is None else new_weights(fit, newdata, weights, len(mean))
    noise = np.broadcast_to(fit.sigma / np.sqrt(w), len(mean))  # (r,)
    if random == "kept":
        return Law(mean.to_numpy(), (), (), (), noise), mean.index
    groups = {term.group for term in fit.design.terms}
    rows = new_rows(fit.design, newdata, groups, "population")
    none = [np.zeros(0, dtype=int)] * len(fit.design.terms)
    codes = own_codes(fit.design, newdata) if len(mean) else none
    gaps = np.any([rows.missing, *(code < 0 for code in codes)], axis=0)
    S, factors = fit.optimum.coordinates.S, work_factors(fit)
    loads = tuple(
        fit.sigma * solve_lower(S_t, x.T).T @ F
        for S_t, x, F in zip(S, rows.x, factors, strict=True)
    )
    levels = tuple(int(code.max(initial=-1)) + 1 for code in codes)
    return Law(np.where(gaps, np.nan, mean), loads, tuple(codes), levels, noise), mean.index
