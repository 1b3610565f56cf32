"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from .described import Described

if TYPE_CHECKING:
    from .certificate import Certificate
    from .influence.diagnostics import Influence
    from .influence.pca import Components
    from .refit import Refits


class Verbs(Described):
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
        lme4 2.x gives a new group the population's error alone: here that is random=False.
        Raises MissingColumnError, NewLevelError, UnknownLevelError, OffsetError, WeightsError,
        OptionError; warns (IdentifiabilityWarning) where errors may depend on covariance
        parameters that the data do not determine.  eq:prediction-variance, eq:interval
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

    def test_fixed(
        self,
        df: str = "satterthwaite",
        contrasts: Any = None,
        type: int | str | None = 3,
        *,
        joint: bool | None = None,
        rhs: Any = 0.0,
        se: str | None = None,
        parameters: str | None = None,
    ) -> pd.DataFrame:
        """Tests of fixed effects: F of each term, t of each coefficient, or of contrasts given.

        type: of each term its hypothesis beside all others, 3; beside those that do not contain
        it, 2; or after those before it, 1, as lmerTest's anova() has them.  "sequential" and
        "marginal" are nlme's, the first lme4's anova() too.  None: a t of each coefficient.
        contrasts: instead of these (p,) weights of coefficients, which give a t; (l, p), which give
        one F; a Series or data frame with coefficients' names on its columns; or a dict of such,
        {name: weights}, a row each.  joint: True or False for F or t, whatever they are.
        rhs: the values that contrasts are compared with, one or one a row of weights.
        df: "satterthwaite" (observed information, as lmerTest), "satterthwaite-expected",
        "kenward-roger" (expected, as pbkrtest; REML only), "kenward-roger-observed" (as SAS),
        "residual" (n - p), "infinite", "chi-square".
        se: "model" is the root of the diagonal of vcov, "kenward-roger" the adjusted one, "joint"
        that of the joint information of beta and the variances; by default what df goes with.
        parameters: "theta" or "T", in which the information is; they differ in singular fits,
        where zeros stay zero in theta, and by default are lmerTest's and pbkrtest's.

        A data frame with R's columns: Estimate, Std. Error, df, t value, Pr(>|t|); or Sum Sq, Mean
        Sq, NumDF, DenDF, F value, Pr(>F).  Raises OptionError; warns with FreedomWarning where a
        method has no degrees of freedom (of an F, two or less), which are nan.
        """
        from .fixed.inference import tested

        return tested(self, df, contrasts, type, joint, rhs, se, parameters)

    def influence(self, groups: Any = None, theta: str = "kept") -> Influence:
        """What the fit becomes without each row, or without each group: Cook, DFBETAS and more.

        groups: None for rows, a grouping factor, or labels (n,) of any groups.  theta: "kept"
        (algebra), or "estimated" (a refit each).  Raises OptionError.
        """
        from .influence.diagnostics import influence

        return influence(self, groups, theta)

    def residual_table(self) -> pd.DataFrame:
        """A row an observation: residuals of both kinds, plain and standardized; leverages."""
        from .influence.residuals import residual_table

        return residual_table(self)

    def pca(self) -> dict[str, Components]:
        """{group: principal components of its effects' relative covariance}, as lme4's rePCA."""
        from .influence.pca import pca

        return pca(self)

    def plot(self, kind: str, ax: Any = None, **options: Any) -> Any:
        """Draw a picture on axes, or on a figure of its own; returns the axes.

        kind: one of `after.pictures.kinds.KINDS`.  Needs `refmixed[plots]`.  Raises OptionError.
        """
        from .pictures.kinds import plot

        return plot(self, kind, ax, **options)
