"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Never

import pandas as pd

from ..r.habits import refuse_unknown
from .described import Described
from .drawn import Drawn
from .inferred import Inferred

if TYPE_CHECKING:
    from .certificate import Certificate
    from .influence.diagnostics import Influence
    from .influence.pca import Components


class Verbs(Described, Drawn, Inferred):
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
        **unknown: Never,
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

        if unknown:
            refuse_unknown(self.predict, unknown)
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

    @cached_property
    def hat(self) -> pd.Series[float]:
        """Hat values (n,): the diagonal of d fitted / d y, theta held, lme4's hatvalues().

        Their sum is the effective number of parameters of the mean.  eq:hat-values
        """
        from .hat import hat

        return hat(self)

    def certify(self) -> Certificate:
        """A proof of the optimum, and what could not be proved.  Needs the extra `validation`."""
        from .certificate import certify

        return certify(self)

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

        kind: one of `after.pictures.kinds.KINDS`.  Needs the extra `plots`.  Raises OptionError.
        """
        from .pictures.kinds import plot

        return plot(self, kind, ax, **options)
