"""Tests, limits, and other models beside a generalized one, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Never, Self

import pandas as pd

from ...r.habits import refuse_unknown

if TYPE_CHECKING:
    from ...after.ratio.compare import Comparison
    from ...after.ratio.drop import Deletions
    from .profile import Profile


class Inferred:
    """Methods of a GlmerFit."""

    def test_fixed(
        self,
        contrasts: Any = None,
        type: int | str | None = 3,
        *,
        joint: bool | None = None,
        rhs: Any = 0.0,
        uncertain: str | None = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """Wald's tests of fixed effects: chi-square of each term, z of each coefficient.

        type: 3, of each term its hypothesis beside all others; "marginal", its coefficients as they
        are coded; None, a z of each coefficient.  contrasts, joint and rhs as of `Fit.test_fixed`.
        uncertain: the covariance that is taken, one of `vcov_by`'s; by default that of `vcov`.
        A data frame with R's columns: Estimate, Std. Error, z value, Pr(>|z|); or Chisq, Df,
        Pr(>Chisq).  eq:wald  Raises OptionError.
        """
        from .wald import tested

        if unknown:
            refuse_unknown(self.test_fixed, unknown)
        return tested(self, contrasts, type, joint, rhs, uncertain)

    def anova(
        self, *others: Any, names: Sequence[str] | None = None, **unknown: Never
    ) -> Comparison:
        """Likelihood ratio tests: the models by number of parameters, each against the one before.

        They must be of the same data, family and link, and maximise the same likelihood.  names:
        of the models, in the order given.  eq:lrt  Raises OptionError.
        """
        from .ratio import anova

        if unknown:
            refuse_unknown(self.anova, unknown)
        return anova(self, others, names)

    def drop1(self, test: str = "chisq", data: Any = None) -> Deletions:
        """The model without each fixed term that no other contains, as lme4's drop1.

        `.table` has npar (how many parameters fewer), AIC, LRT and Pr(Chi), these two unless test
        is "none".  data: needed where other terms would be coded anew.  Raises OptionError.
        """
        from .ratio import drop1

        return drop1(self, test, data)

    def update(
        self, formula: str = ". ~ .", data: Any = None, nagq: int | None = None, **unknown: Never
    ) -> Self:
        """The fit of a changed formula, as R's update(): "~ . - x", the rest as it was.

        data: others than those of the fit.  nagq: as of `glmer`, if another.
        Raises FormulaError, OptionError.
        """
        from .update import update

        if unknown:
            refuse_unknown(self.update, unknown)
        found: Self = update(self, formula, data, nagq)
        return found

    def profile(self, which: Any = None, level: float = 0.99) -> Profile:
        """The likelihood with one parameter held at a time, all others at their best.

        which: names, lme4's (".sig01") or "sd_(Intercept)|herd", or "sd_", "cor_", "beta_" or
        "theta_" for all of these; None for all but theta.  Followed to the limits of a level,
        beyond which `.confint(level)` goes on.  eq:profile  Raises OptionError.
        """
        from .profile import profile

        return profile(self, which, level)

    def confint(
        self, method: str = "profile", level: float = 0.95, which: Any = None, **options: Any
    ) -> pd.DataFrame:
        """Confidence limits (parameters, 2), columns named as "2.5 %" and "97.5 %".

        method: "profile"; "wald", of beta alone; "bootstrap", of replicates, with the options of
        `bootstrap` and interval="percentile" or "basic".  which: as of `profile`.
        Raises OptionError.
        """
        from .confint import confint

        return confint(self, method, level, which, **options)

    def approximation_error(self, digits: float = 10.0) -> pd.DataFrame:
        """What the approximation of the likelihood costs on these data: the exact fit beside it.

        A row a parameter, and two of the log-likelihood, at either maximum and here.  Columns:
        estimate, exact, difference, se, exact_se, difference_in_se.  digits: of the exact
        log-likelihood.  Raises OptionError for a model whose exact likelihood is not computed.
        """
        from ..cost import approximation_error

        return approximation_error(self, digits)

    def quadrature_converged(self, tolerance: float = 1e-6) -> pd.DataFrame:
        """The log-likelihood here by 1, 2, 4, ... nodes, until it changes by less than a tolerance.

        Raises OptionError where 64 nodes are too few, or a level has effects of two terms.
        """
        from ..cost import quadrature_converged

        return quadrature_converged(self, tolerance)
