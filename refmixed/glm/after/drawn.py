"""Other responses of a generalized model, drawn from it or given, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Never, Self

import pandas as pd

from ...r.habits import refuse_unknown

if TYPE_CHECKING:
    from ...after.draws.bootstrap import Bootstrap
    from ...after.ends import Refits


class Drawn:
    """Methods of a GlmerFit."""

    def simulate(
        self, nsim: int = 1, seed: int | None = None, random: str = "new", **unknown: Never
    ) -> pd.DataFrame:
        """Responses (n, nsim) drawn from this model; replicate k depends on the seed and k alone.

        random: "new" draws random effects anew, "kept" keeps the modes.  A binomial response is a
        proportion of the trials of its row.  Raises OptionError, WeightsError.  eq:glmm-simulated
        """
        from .simulate import simulate

        if unknown:
            refuse_unknown(self.simulate, unknown)
        return simulate(self, nsim, seed, random)

    def refit(self, y: Any) -> Self | Refits:
        """The model for another response (n,); of many (n, b) the estimates, a row each.

        As `simulate` has them: counts, positive numbers, or proportions of the same trials.
        Raises OptionError, ResponseError.
        """
        from .refit import refit

        found: Self | Refits = refit(self, y)
        return found

    def bootstrap(
        self,
        nsim: int = 1000,
        seed: int | None = None,
        random: str = "new",
        *,
        jobs: int = 1,
        statistic: Callable[[Self], Any] | None = None,
        progress: bool = False,
        **unknown: Never,
    ) -> Bootstrap:
        """Parametric replicates of the parameters of `confint`; `.confint()` of them.

        random, jobs, statistic and progress as of `Fit.bootstrap`.  Warns of replicates that could
        not be fitted.  Raises OptionError, ExtraError.
        """
        from .bootstrap import bootstrap

        if unknown:
            refuse_unknown(self.bootstrap, unknown)
        return bootstrap(self, nsim, seed, random, jobs, statistic, progress)
