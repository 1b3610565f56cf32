"""What describes a fit, by name: its summary, marginal means, tables, shares of the variance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Never

import pandas as pd

from ..checks import one_of
from ..r.habits import refuse_unknown
from ..r.lmertest import NAMES
from ..varcorr import STYLES

if TYPE_CHECKING:
    from ..r.summary import Summary
    from .means.means import MarginalMeans
    from .variance_explained import ICC, R2


class Described:
    """Methods of a Fit."""

    def summary(
        self,
        style: str = "1.1",
        optimizer: str = "nloptwrap",
        df: str | None = None,
        **unknown: Never,
    ) -> Summary:
        """What lme4's summary() prints, as 1.1 or 2.x; a singular fit names the optimizer.

        df: "satterthwaite" or "kenward-roger" for lmerTest's, with p-values.
        """
        from ..r.summary import Summary

        if unknown:
            refuse_unknown(self.summary, unknown)
        one_of("style", style, STYLES)
        if df is not None:
            one_of("df", df, NAMES)
        return Summary(self, style, optimizer, df)

    def means(
        self,
        specs: str | Iterable[str],
        by: str | Iterable[str] | None = None,
        contrasts: str | Mapping[str, Any] | None = None,
        at: Mapping[str, Any] | None = None,
        weights: str = "equal",
        level: float = 0.95,
        df: str | float = "satterthwaite",
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
        df: a number, or "satterthwaite", "kenward-roger" (emmeans' default, with the standard
        errors that belong to it) and the others of `test_fixed`.
        Raises OptionError, OffsetError.
        """
        from .means.asked import Asked
        from .means.means import means

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

        data: what the fit was given, all rows, and other columns of them; None takes the variables
        of the formula.
        .cooksd is lme4's cooks.distance(), of least squares with conditional leverages.
        Raises OptionError for another number of rows, and where the rows are not kept.
        """
        from .augment import augment

        return augment(self, data)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from .notebook import html_of

        return html_of(self)
