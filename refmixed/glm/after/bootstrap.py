"""The parametric bootstrap of a generalized model: its responses drawn, and fitted again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from ...after.draws.bootstrap import Bootstrap, joined, warn_of_failures
from ...after.draws.chunked import in_chunks
from ...after.draws.law import BLOCK, a_seed, draws
from ...after.draws.samples import Statistic, asked, numbers_of
from ...after.draws.simulate import RANDOM
from ...after.ends import Refits
from ...checks import one_of, whole_number
from ...errors import OptionError
from .parameters import estimates, parameters, values
from .refit import alone, kept
from .simulate import Drawn


@dataclass(frozen=True)
class Samples:
    """Responses of a fit, and what the model makes of each."""

    fit: Any
    source: Drawn
    seed: int

    def made(self, which: range, statistic: Statistic | None) -> tuple[pd.DataFrame, Refits]:
        """The parameters, or a statistic, of some replicates, and their estimates."""
        drawn, names = draws(self.source, self.seed, which), pd.Index(which)
        found = [alone(self.fit, y) for y in drawn]
        refits = kept(self.fit, found, names)
        if statistic is None:
            return named(self.fit, refits), refits
        pairs = zip(names, found, strict=True)
        wanted = {k: asked(statistic, one, k) for k, (one, _) in pairs if one is not None}
        return pd.DataFrame(wanted).T.reindex(names), refits


def named(fit: Any, found: Refits) -> pd.DataFrame:
    """(b, parameters): a row for each response."""
    columns = [p.name for p in parameters(fit.model)]
    theta, beta = found.theta.to_numpy(), found.beta.to_numpy()
    numbers = values(fit.model, theta, found.sigma.to_numpy(), beta)
    return pd.DataFrame(numbers, index=found.beta.index, columns=columns)


def bootstrap(
    fit: Any,
    nsim: int,
    seed: int | None,
    random: str,
    jobs: int,
    statistic: Callable[[Any], Any] | None,
    progress: bool,
) -> Bootstrap:
    """As `Drawn.bootstrap`."""
    nsim, seed = whole_number("nsim", nsim, 1, OptionError), a_seed(seed)
    one_of("random", random, RANDOM)
    if statistic is not None and not callable(statistic):
        raise OptionError(f"statistic must be a function of a fit, not {statistic!r}")
    samples = Samples(fit, Drawn.of(fit.likelihood.mode, random), seed)
    own = estimates(fit) if statistic is None else numbers_of(statistic(fit))
    made = in_chunks(partial(samples.made, statistic=statistic), nsim, BLOCK, jobs, progress)
    replicates = pd.concat([part for part, _ in made]).reindex(columns=own.index)
    title = f"Parametric bootstrap of {fit.formula}, random effects {random}"
    found = Bootstrap(own, replicates, joined([refits for _, refits in made]), title, seed)
    warn_of_failures(found)
    return found
