"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd

    from .certificate import Certificate
    from .refit import Refits


class Verbs:
    """Methods of a Fit."""

    def refit(self, y: Any) -> Self | Refits:
        """The model for another response (n,); of many (n, b) the estimates, a row each."""
        from .refit import refit

        found: Self | Refits = refit(self, y)
        return found

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
