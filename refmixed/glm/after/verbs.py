"""What can be asked of a generalized model, by name: a docstring and the call that answers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Never

import pandas as pd

from ...r.habits import refuse_unknown
from .drawn import Drawn
from .inferred import Inferred

if TYPE_CHECKING:
    from ...ranef import RandomEffects
    from .summary import GlmerSummary


class Verbs(Drawn, Inferred):
    """Methods of a GlmerFit."""

    def summary(
        self, style: str = "1.1", optimizer: str = "Nelder_Mead", **unknown: Never
    ) -> GlmerSummary:
        """What lme4's summary() prints, as 1.1 or 2.x; a singular fit names the optimizer.

        z values and their p-values are Wald's, by `vcov`.  Raises OptionError.
        """
        from .summary import summary

        if unknown:
            refuse_unknown(self.summary, unknown)
        return summary(self, style, optimizer)

    def ranef(self, cond_var: bool = False, **unknown: Never) -> RandomEffects:
        """Modes of the random effects given y {group: data frame}, as lme4's.

        cond_var: their covariances, beta, theta and the dispersion known, as `.cond_var` {group:
        (k, k, levels)}: the inverse Hessian at the mode, of the weights of the fit's dialect.  The
        law of gamma given y is not normal, and these are its mode and its curvature there.
        """
        from .modes import ranef

        if unknown:
            refuse_unknown(self.ranef, unknown)
        return ranef(self, cond_var)

    def coef(self) -> dict[str, pd.DataFrame]:
        """{group: data frame (levels, effects)}: fixed plus random effects of each level."""
        from .modes import coef

        return coef(self)

    @cached_property
    def eta(self) -> pd.Series[float]:
        """offset + X beta + Z gamma (n,), the linear predictor at the modes."""
        from .residuals import eta

        return eta(self)

    @cached_property
    def fitted(self) -> pd.Series[float]:
        """Means of the response (n,) at the modes, of a binomial one the proportion's."""
        from .residuals import fitted

        return fitted(self)

    def residuals(
        self, kind: str = "deviance", scaled: bool = False, **unknown: Never
    ) -> pd.Series[float]:
        """Residuals (n,) at the modes; "deviance" is the default, as lme4's.

        "response": y - fitted.  "pearson": that over its standard deviation, the dispersion taken
        as one.  "deviance": the signed root of what the row adds to the deviance.  "working": y -
        fitted over the slope of the mean.  scaled: over sigma, which is one but of Gamma.
        eq:pearson-residual, eq:deviance-residual, eq:working-residual  Raises OptionError.
        """
        from .residuals import residuals

        if unknown:
            refuse_unknown(self.residuals, unknown)
        return residuals(self, kind, scaled)

    def predict(
        self,
        newdata: Any = None,
        random: bool | str | Iterable[str] = True,
        scale: str = "link",
        new_levels: str = "error",
        se: bool = False,
        interval: str | None = None,
        level: float = 0.95,
        **unknown: Never,
    ) -> pd.Series[float] | pd.DataFrame:
        """Predicted linear predictors, or means (r,), for rows of the fit or new ones.

        scale: "link", as lme4's default, or "response": of a binomial response a probability.
        random: the effects that are added.  True adds all, at their modes, False none; a list
        those of groups or terms; a text of bars, "~ (1 | g)", the effects named there.  Without
        effects on the scale of the response it is the mean where they are zero.  "marginal" is
        the mean over all random effects instead, that of the whole population; on the link's
        scale the link of this mean.  new_levels: "error", or "population" to give groups that are
        missing, or not seen in the fit, effects of zero.

        With `se` or an interval a data frame: fit; se, theta and the dispersion taken as known
        and beta and the modes uncertain together, by the curvature at their joint mode (a new
        group with all the variance of its effects), on the response's scale by the delta method;
        lower and upper of interval="confidence", of a level, on the link's scale from the normal
        distribution, and carried over to the response's.
        Raises MissingColumnError, NewLevelError, UnknownLevelError, OffsetError, OptionError.
        eq:glmm-prediction-variance, eq:mean-over-effects
        """
        from .predict import Asked, predict

        if unknown:
            refuse_unknown(self.predict, unknown)
        return predict(self, newdata, Asked.of(random, scale, new_levels, se, interval, level))

    def tidy(
        self,
        effects: str | Iterable[str] = ("fixed", "ran_pars"),
        conf_int: bool = False,
        conf_level: float = 0.95,
    ) -> pd.DataFrame:
        """A row an estimate, with the columns and the order of broom.mixed's tidy().

        effects: "fixed", with z and p; "ran_pars"; "ran_vals", modes with their standard
        deviations given y, beta and theta.  conf_int: Wald intervals.  Raises OptionError.
        """
        from .tables import tidy

        return tidy(self, effects, conf_int, conf_level)

    def glance(self) -> pd.DataFrame:
        """One row: nobs, sigma, logLik, AIC, BIC, deviance, df.residual, as broom's.

        deviance is the sum of the squared deviance residuals, as R's deviance() of such a fit.
        """
        from .tables import glance

        return glance(self)

    def augment(self, data: Any = None) -> pd.DataFrame:
        """The rows of the fit, or of the data, and what broom.mixed says of each.

        .fitted and .fixed are on the link's scale, .mu on the response's, .resid deviance
        residuals.  Raises OptionError.
        """
        from .tables import augment

        return augment(self, data)
