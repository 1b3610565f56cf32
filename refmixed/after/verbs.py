"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .certificate import Certificate
    from .ratio.compare import Comparison
    from .ratio.drop import Deletions
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

    def anova(
        self,
        *others: Any,
        names: Sequence[str] | None = None,
        refit: bool = True,
        boundary: bool = False,
    ) -> Comparison:
        """Likelihood ratio tests: the models by number of parameters, each against the one before.

        Fits by REML are refitted by ML, and a note says so; refit=False compares REML criteria,
        of models with the same fixed effects.  names: of the models, in the order given.
        boundary: p-values, too, that know of a variance at zero, see `test_random`.
        A fit of `lm` may be among them.  Raises OptionError where data differ.
        """
        from .ratio.compare import anova

        return anova(self, others, names, refit, boundary)

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

        A fit keeps its arrays and not the data, so that data must be given again, except where
        only reml changes, or terms are left out whose columns others do not hang on.  Given other
        data the formula, reml, the route and columns of weights and offset stay.
        Raises FormulaError, for what is left out and is not there too, and OptionError.
        """
        from .ratio.update import update

        found: Self = update(self, formula, data, reml, weights, offset)
        return found

    def test_random(self, nsim: int = 0, seed: int = 1) -> Deletions:
        """The model without each of its random effects, as lmerTest's ranova, by its criterion.

        `.table` has npar, logLik, AIC, LRT, Df and p-values of three laws: Pr(>Chisq), too large
        where a variance is zero in truth; Pr(mixture), of chi-squares, right in large samples; and
        Pr(exact), where one variance is all that is random.  nsim: so many responses drawn from
        the smaller model give Pr(simulated).  What has no value is nan, and a note says why.
        """
        from .ratio.random_terms import test_random

        return test_random(self, nsim, seed)
