"""Other responses: drawn from a fit, or given.

Each answer is in a module of its own, loaded when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Never, Self

import pandas as pd

from ..r.habits import refuse_unknown

if TYPE_CHECKING:
    from .draws.bootstrap import Bootstrap
    from .draws.power import Power
    from .ends import Refits


class Drawn:
    """Methods of a Fit."""

    def simulate(
        self,
        nsim: int = 1,
        seed: int | None = None,
        random: str = "new",
        newdata: Any = None,
        weights: Any = None,
        **unknown: Never,
    ) -> pd.DataFrame:
        """Responses (n, nsim) drawn from this model; replicate k depends on the seed and k alone.

        random: "new" draws random effects anew, "kept" keeps those of the fit.  newdata: rows of
        their own, of any groups; weights: theirs, numbers or a column's name.  Raises OptionError,
        WeightsError, NewDataError, NewLevelError.
        """
        from .draws.simulate import simulate

        if unknown:
            refuse_unknown(self.simulate, unknown)
        return simulate(self, nsim, seed, random, newdata, weights)

    def bootstrap(
        self,
        nsim: int = 1000,
        seed: int | None = None,
        kind: str = "parametric",
        random: str = "new",
        *,
        group: str | None = None,
        jobs: int = 1,
        statistic: Callable[[Self], Any] | None = None,
        progress: bool = False,
        **unknown: Never,
    ) -> Bootstrap:
        """Replicates of standard deviations, correlations, sigma and beta; `.confint()` of them.

        kind: "parametric", responses drawn from the model; "residual", from its residuals and
        effects, given the model's variances; "case", levels of `group` (without it the factor that
        holds all others) with their rows.  random: new effects, or those of the fit "kept".
        statistic: a function of a Fit, number or {name: number}, in place of the parameters: fits
        one by one.  jobs: processes; the numbers stay.  progress: a bar.  Warns of replicates that
        could not be fitted.  Raises OptionError; ExtraError where jobs or the bar lack a package.
        """
        from .draws.bootstrap import bootstrap

        if unknown:
            refuse_unknown(self.bootstrap, unknown)
        options: dict[str, Any] = {"group": group, "jobs": jobs, "statistic": statistic}
        return bootstrap(self, nsim, seed, kind, random, progress=progress, **options)

    def power(
        self,
        coefficient: Any,
        effect: Any = None,
        groups: Any = None,
        size: Any = None,
        *,
        test: str = "wald",
        df: float = float("inf"),
        level: float = 0.05,
        group: str | None = None,
        nsim: int = 1000,
        seed: int | None = None,
    ) -> Power:
        """How often a test of coefficient = 0 rejects, were this model true: by simulation.

        coefficient: a name, or a contrast (p,).  effect: its true value, in units of the response;
        groups: how many, copies of those there are; size: rows of each, its rows over again; one or
        several each, as in the data where they are not given.  group: the factor that is meant,
        without it the one that holds all others.  test: "wald", estimate over standard error
        against t with df, or "lrt", of fits by ML.  df: one number for all samples, infinite for
        z, such as that of `test_fixed` for a fit of this size: Satterthwaite's own of each sample
        would take ten times as long as the fits do.  Raises OptionError.
        """
        from .draws.power import power

        options: dict[str, Any] = {"test": test, "df": df, "level": level, "group": group}
        return power(self, coefficient, effect, groups, size, nsim=nsim, seed=seed, **options)

    def refit(self, y: Any) -> Self | Refits:
        """The model for another response (n,); of many (n, b) the estimates, a row each."""
        from .refit import refit

        found: Self | Refits = refit(self, y)
        return found
