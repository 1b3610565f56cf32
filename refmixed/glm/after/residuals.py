"""Linear predictors, means and residuals of the rows of a fit, at the modes.

What a response differs from its mean by is taken of both probabilities, so that nothing is lost
where one of them is nearly 1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import kl_div, xlogy

from ...after.switches import true_or_false
from ...checks import one_of
from ...linalg import Array
from ..families import Binomial, Family, Gamma, Poisson

KINDS = ("deviance", "pearson", "response", "working")


class Moments(NamedTuple):
    """Of responses, at eta (n,)."""

    deviation: Array  # y - mean
    variance: Array  # of one of weight one, the dispersion aside
    weights: Array
    deviance: Array  # what each row adds to the deviance


def eta(fit: Any) -> pd.Series[float]:
    """(n,)."""
    return pd.Series(fit.likelihood.mode.eta, index=fit.design.index)


def fitted(fit: Any) -> pd.Series[float]:
    """(n,)."""
    return pd.Series(fit.model.family.link.mean(fit.likelihood.mode.eta), index=fit.design.index)


def residuals(fit: Any, kind: str, scaled: bool) -> pd.Series[float]:
    """As `GlmerFit.residuals`."""
    one_of("kind", kind, KINDS)
    is_scaled = true_or_false("scaled", scaled)
    mode = fit.likelihood.mode
    found = of_kind(mode.at.family, mode.eta, kind)
    return pd.Series(found / fit.sigma if is_scaled else found, index=fit.design.index)


def of_kind(family: Family, eta: Array, kind: str) -> Array:
    """(n,) residuals of a family at eta."""
    at = moments(family, eta)
    if kind == "pearson":
        return at.deviation * np.sqrt(at.weights / at.variance)  # (n,)  eq:pearson-residual
    if kind == "deviance":
        return np.sign(at.deviation) * np.sqrt(at.deviance)  # (n,)  eq:deviance-residual
    if kind == "working":
        return at.deviation / family.link.slope(eta)  # (n,)  eq:working-residual
    return at.deviation


def moments(family: Any, eta: Array) -> Moments:
    """Of any family."""
    of: dict[type, Any] = {Binomial: of_trials, Poisson: of_counts, Gamma: of_positive}
    return of[type(family)](family, eta)


def of_trials(family: Binomial, eta: Array) -> Moments:
    """Of a proportion of trials: variance p (1 - p).  eq:deviance-residual"""
    s, m = family.successes, family.trials
    yes, no = family.link.log_yes(eta)[0], family.link.log_no(eta)[0]  # (n,)
    p, q = np.exp(yes), np.exp(no)
    most = xlogy(s, s / m) + xlogy(m - s, 1.0 - s / m)  # (n,)  at the best eta of the row itself
    deviance = 2.0 * np.maximum(most - s * yes - (m - s) * no, 0.0)
    return Moments((s * q - (m - s) * p) / m, p * q, m, deviance)


def of_counts(family: Poisson, eta: Array) -> Moments:
    """Of a count: variance the mean.  eq:deviance-residual"""
    y, mean = family.counts, np.exp(eta)
    return Moments(y - mean, mean, family.weights, 2.0 * family.weights * kl_div(y, mean))


def of_positive(family: Gamma, eta: Array) -> Moments:
    """Of a positive response: variance the squared mean.  eq:deviance-residual"""
    y, mean = family.y, np.exp(eta)
    deviance = 2.0 * family.weights * kl_div(1.0, y / mean)
    return Moments(y - mean, mean**2, family.weights, deviance)


def deviance(fit: Any) -> float:
    """The sum of the squared deviance residuals."""
    mode = fit.likelihood.mode
    return float(moments(mode.at.family, mode.eta).deviance.sum())
