"""Tests, limits, and other models beside a fit.

Each answer is in a module of its own, loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Never, Self

import pandas as pd

from ..r.habits import refuse_unknown

if TYPE_CHECKING:
    from .limits.profile import Profile
    from .ratio.compare import Comparison
    from .ratio.drop import Deletions


class Inferred:
    """Methods of a Fit."""

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
        **unknown: Never,
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

        if unknown:
            refuse_unknown(self.test_fixed, unknown)
        return tested(self, df, contrasts, type, joint, rhs, se, parameters)

    def anova(
        self,
        *others: Any,
        names: Sequence[str] | None = None,
        refit: bool = True,
        boundary: bool = False,
        **unknown: Never,
    ) -> Comparison:
        """Likelihood ratio tests: the models by number of parameters, each against the one before.

        Fits by REML are refitted by ML, and a note says so; refit=False compares REML criteria,
        of models with the same fixed effects.  names: of the models, in the order given.
        boundary: p-values, too, that know of a variance at zero, see `test_random`.
        A fit of `lm` may be among them.  Raises OptionError where data differ.
        """
        from .ratio.compare import anova

        if unknown:
            refuse_unknown(self.anova, unknown)
        return anova(self, others, names, refit, boundary)

    def test_random(self, nsim: int = 0, seed: int = 1) -> Deletions:
        """The model without each of its random effects, as lmerTest's ranova, by its criterion.

        `.table` has npar, logLik, AIC, LRT, Df and p-values of three laws: Pr(>Chisq), too large
        where a variance is zero in truth; Pr(mixture), of chi-squares, right in large samples; and
        Pr(exact), where one variance is all that is random.  nsim: so many responses drawn from
        the smaller model give Pr(simulated).  What has no value is nan, and a note says why.
        """
        from .ratio.random_terms import test_random

        return test_random(self, nsim, seed)

    def drop1(self, test: str = "chisq", data: Any = None) -> Deletions:
        """The model without each fixed term that no other contains, as lme4's drop1: by ML.

        `.table` has npar (how many parameters fewer), AIC, LRT and Pr(Chi), these two unless test
        is "none".  data: needed where other terms would be coded anew, as in y ~ 0 + a + b.
        Rows are those of this fit, whatever is missing in the term.  Raises OptionError.
        """
        from .ratio.drop import drop1

        return drop1(self, test, data)

    def update(
        self,
        formula: str | None = None,
        data: Any = None,
        reml: bool | None = None,
        *,
        weights: Any = None,
        offset: Any = None,
    ) -> Self:
        """The fit of a changed formula, as R's update(): "~ . - x", "log(.) ~ . + (1 | g)".

        Where terms are left out whose columns others do not hang on, the rows stay those of the
        fit; anything else is made of the data of the fit again, or of data given (they must be
        where the fit's came in chunks).  Formula, reml, route, columns of weights and offset stay.
        Raises FormulaError, for what is left out and is not there too, and OptionError.
        """
        from .ratio.update import update

        found: Self = update(self, formula, data, reml, weights, offset)
        return found

    def profile(self, which: Any = None, level: float = 0.99, reml: bool = False) -> Profile:
        """The criterion with one parameter held at a time, all others at their best.

        By ML as lme4's, of a REML fit too; with `reml` by REML, and then of variances alone: beta
        has no profile by REML.  which: names, lme4's (".sig01") or "sd_Days|Subject", or "sd_",
        "cor_", "beta_", "theta_" for all of these; None for all but theta.  Followed to the limits
        of a level, beyond which `.confint(level)` goes on.  Raises OptionError.
        """
        from .limits.profile import profile

        return profile(self, which, level, reml)

    def confint(
        self, method: str = "profile", level: float = 0.95, which: Any = None, **options: Any
    ) -> pd.DataFrame:
        """Confidence limits (parameters, 2), columns named as "2.5 %" and "97.5 %".

        method: "profile", by ML as lme4's, of a REML fit too; with reml=True by REML.  "wald":
        beta alone, normal quantiles times standard errors, as variances have no such limits.
        "bootstrap": of replicates, with the options of `bootstrap`, nsim=1000 and seed among them,
        and interval="percentile" or "basic".  which: as of `profile`.  Raises OptionError.
        """
        from .confint import confint

        return confint(self, method, level, which, **options)
