"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from .certificate import Certificate
    from .means import MarginalMeans
    from .refit import Refits
    from .variance_explained import ICC, R2


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
