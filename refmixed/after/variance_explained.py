"""How much of the variance of the response fixed and random effects make: R2 and ICC.

Nakagawa and Schielzeth's (2013), with Johnson's (2014) mean over the rows where slopes are random.
The variances are those of the estimates: no correction for the estimation of beta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..coordinates import require_rows
from ..covariance import factors
from ..errors import OptionError
from .estimated import Estimated

SOME = 1e-8  # of a direction that leaves the covariance of the response as it is


@dataclass(frozen=True)
class Variances:
    """Parts of the variance of the response, in its unit squared."""

    fixed: float  # of X beta among the rows, with n - 1
    random: float  # of Z gamma, the mean over the rows
    residual: float  # sigma^2 over the weight, the mean over the rows

    @property
    def total(self) -> float:
        """Their sum."""
        return self.fixed + self.random + self.residual


@dataclass(frozen=True)
class R2:
    """Nakagawa's R2: of the fixed effects alone, and of fixed and random effects."""

    marginal: float
    conditional: float
    variances: Variances


@dataclass(frozen=True)
class ICC:
    """The share of the random effects: adjusted for the fixed ones, and of all variance."""

    adjusted: float
    unadjusted: float
    variances: Variances


def variances(fit: Any) -> Variances:
    """The parts of a Fit.  Raises OptionError where data do not tell residuals from effects."""
    require_rows(fit.design)
    optimum, model = fit.optimum, Estimated.of(fit)
    if optimum.is_open and np.abs(optimum.kernel[0]).max() > SOME * np.abs(optimum.kernel).max():
        raise OptionError(
            "the data do not tell the residual variance from those of the random effects, so that "
            "their shares have no value: leave out a random term"
        )
    ways, design, n = model.coordinates, model.design, model.design.n
    fixed = design.X @ (ways.c + ways.size * model.at.beta)  # (n,)
    pairs = zip(design.terms, factors(design, model.theta), strict=True)
    random = sum(float(np.sum((term.x @ t) ** 2)) / n for term, t in pairs)  # eq:random-variance
    residual = float(np.mean(1.0 / design.weights))  # eq:residual-variance
    sigma2 = fit.sigma**2
    return Variances(float(np.var(fixed, ddof=1)), sigma2 * random, sigma2 * residual)


def r2(fit: Any) -> R2:
    """Nakagawa's R2 of a Fit.  Raises OptionError."""
    of = variances(fit)
    marginal = of.fixed / of.total  # ()  eq:marginal-r2
    conditional = (of.fixed + of.random) / of.total  # ()  eq:conditional-r2
    return R2(marginal, conditional, of)


def icc(fit: Any) -> ICC:
    """The intraclass correlations of a Fit.  Raises OptionError."""
    of = variances(fit)
    adjusted = of.random / (of.random + of.residual)  # ()  eq:icc-adjusted
    unadjusted = of.random / of.total  # ()  eq:icc-unadjusted
    return ICC(adjusted, unadjusted, of)
