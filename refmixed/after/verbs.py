"""What can be asked of a fit, by name: each answer is in a module of its own, loaded when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import pandas as pd

    from .certificate import Certificate
    from .limits.profile import Profile
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
        which: as of `profile`.  Raises OptionError.
        """
        from .limits.confint import confint

        return confint(self, method, level, which, **options)
