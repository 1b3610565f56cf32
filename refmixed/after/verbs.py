"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

if TYPE_CHECKING:
    from .certificate import Certificate
    from .means import MarginalMeans
    from .refit import Refits
    from .variance_explained import ICC, R2


class Verbs:
    """Methods of a Fit."""

    def predict(
        self,
        newdata: Any = None,
        random: bool | str | Iterable[str] = True,
        new_levels: str = "error",
        se: bool = False,
        interval: str | None = None,
        level: float = 0.95,
        weights: Any = None,
    ) -> pd.Series[float] | pd.DataFrame:
        """Predicted means (r,), for rows of the fit or new ones; NaN where one lacks a value.

        newdata: a data frame; for a fit to arrays (X, terms).  new_levels: "error", or "population"
        to give groups that are missing, or not seen in the fit, random effects of zero.
        random: the effects that are added.  True adds all, False none; a list those of groups
        ("Subject", all its terms) or of terms ("Subject.1"); a text of bars, "~ (1 | Subject)", the
        effects named there, as lme4's re.form.  Effects that are left out are no part of the
        target either: with False it is the population's mean.

        With `se` or an interval a data frame: fit; se, of the mean, beta and the effects uncertain
        together and a new or missing group with all the variance of its effects, theta and sigma
        held; lower and upper.  interval: "confidence" for the mean, "prediction" for an
        observation, which has the residual variance over its weight too: that of the fit's own
        row, of a new one 1 or what `weights` say (a number, one a row, a column's name).  level: of
        the interval, from the normal distribution; without random terms from t with n - p degrees
        of freedom, the classical interval (exact for an `lm` by REML).
        Raises MissingColumnError, NewLevelError, UnknownLevelError, OffsetError, WeightsError,
        OptionError.  eq:prediction-variance, eq:interval
        """
        from .predict import predict

        return predict(self, newdata, random, new_levels, se, interval, level, weights)

    @cached_property
    def joint_cov(self) -> pd.DataFrame:
        """Cov(beta-hat - beta, gamma-hat - gamma) (p + q, p + q), theta taken as known.

        Labelled (term, level, effect); of fixed effects term and level are "".  A prediction
        x'beta + z'gamma has the error variance (x, z)'joint_cov(x, z).  Raises MemoryLimitError.
        eq:joint-covariance
        """
        from .joint import joint_cov

        return joint_cov(self)

    def refit(self, y: Any) -> Self | Refits:
        """The model for another response (n,); of many (n, b) the estimates, a row each."""
        from .refit import refit

        found: Self | Refits = refit(self, y)
        return found

    @cached_property
    def hat(self) -> pd.Series[float]:
        """Hat values (n,): the diagonal of d fitted / d y, theta held, lme4's hatvalues().

        Their sum is the effective number of parameters of the mean.  eq:hat-values
        """
        from .hat import hat

        return hat(self)

    def certify(self) -> Certificate:
        """A proof of the optimum, and what could not be proved.  Needs `refmixed[validation]`."""
        from .certificate import certify

        return certify(self)

    def means(
        self,
        specs: str | Iterable[str],
        by: str | Iterable[str] | None = None,
        contrasts: str | Mapping[str, Any] | None = None,
        at: Mapping[str, Any] | None = None,
        weights: str = "equal",
        level: float = 0.95,
        df: str | float = math.inf,
        adjust: str | None = None,
    ) -> MarginalMeans:
        """Estimated marginal means, as emmeans: of `specs`, at each combination of `by`.

        They are averages over a grid of all factors at their levels and covariates at their mean
        (at all values where there are two).  at: {column: values} instead.  weights: "equal";
        "proportional" to how often the combinations averaged over occur; "cells" to how often all
        do.  contrasts: "pairwise", "revpairwise" (the later less the
        earlier), "trt.vs.ctrl" (less the first), or {name: coefficients}, of the means at one
        combination of `by`.  adjust, for so many contrasts: "tukey", "bonferroni", "holm", "none";
        None is "tukey" for all pairs, "holm" for "trt.vs.ctrl", "none" for one's own.
        Raises OptionError, OffsetError.
        """
        from .asked import Asked
        from .means import means

        return means(self, Asked.of(specs, by, contrasts, weights, level, df, adjust), at)

    def r2(self) -> R2:
        """Nakagawa's R2: marginal, of the fixed effects, and conditional, of all effects.

        Raises OptionError where the data do not tell residuals from random effects.
        """
        from .variance_explained import r2

        return r2(self)

    def icc(self) -> ICC:
        """The share of the random effects in the variance: all of it, or adjusted, less X beta's.

        Of a random intercept alone the adjusted one is the correlation of two observations of a
        group.  Raises OptionError where the data do not tell residuals from random effects.
        """
        from .variance_explained import icc

        return icc(self)

    def tidy(
        self,
        effects: str | Iterable[str] = ("fixed", "ran_pars"),
        conf_int: bool = False,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """A row an estimate, with the columns and the order of broom.mixed's tidy().

        effects: "fixed"; "ran_pars", standard deviations and correlations; "ran_vals", random
        effects with their standard deviations given y, beta and theta; or several of them.
        conf_int: Wald intervals, which "ran_pars" have none of.  Raises OptionError.
        """
        from .tidy import tidy

        return tidy(self, effects, conf_int, conf_level)

    def glance(self) -> pd.DataFrame:
        """One row: nobs, sigma, logLik, AIC, BIC, REMLcrit or deviance, df.residual, as broom's."""
        from .tidy import glance

        return glance(self)

    def augment(self, data: Any = None) -> pd.DataFrame:
        """A row an observation: the data, then .fitted, .resid, .hat, .cooksd, .fixed, as broom's.

        data: what the fit was given, all rows; None takes the variables of the formula.
        .cooksd is lme4's cooks.distance(), of least squares with conditional leverages.
        Raises OptionError for other data, and where the rows are not kept.
        """
        from .augment import augment

        return augment(self, data)
