"""The bootstrap of a fit: samples like its own, the model fitted to each, and intervals."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ...checks import one_of, whole_number
from ...coordinates import require_rows
from ...errors import OptionError, ReplicateWarning
from ...linalg import Array
from ...refusals import refuse_unidentified
from ..ends import Refits
from ..limits.percents import percents
from ..refit import AT_ONCE, is_stacked, numbers
from ..switches import a_level
from .chunked import in_chunks
from .estimates import parameters_of
from .law import BLOCK, a_seed
from .samples import Samples, Statistic, numbers_of
from .simulate import RANDOM

KINDS, INTERVALS = ("parametric", "residual", "case"), ("percentile", "basic")
MOST = 1000  # replicates of a chunk


@dataclass(frozen=True)
class Bootstrap:
    """What a bootstrap found; a replicate that could not be fitted is a row of NaN."""

    estimates: pd.Series[Any]  # (s,) of the fit
    replicates: pd.DataFrame  # (nsim, s)
    refits: Refits  # theta, beta, sigma, criterion, is_singular and messages of each replicate
    title: str
    seed: int

    @property
    def failed(self) -> pd.Series[Any]:
        """(nsim,): whether a replicate could not be fitted."""
        return self.refits.criterion.isna()

    @property
    def messages(self) -> pd.Series[Any]:
        """How many replicates failed, or warned, with each text."""
        return self.refits.messages[self.refits.messages != ""].value_counts()

    @property
    def table(self) -> pd.DataFrame:
        """(nsim, all): the replicates with their theta, criterion, is_singular and messages."""
        theta = self.refits.theta.add_prefix("theta_")
        last = {f.name: getattr(self.refits, f.name) for f in fields(Refits)[3:-1]}
        return pd.concat([self.replicates, theta, pd.DataFrame(last)], axis=1)

    def summary(self) -> pd.DataFrame:
        """(s, 5): estimate; of the replicates mean, bias, standard deviation; mcse of the mean.

        Where a replicate has no value, a correlation with a variance of zero say, of the others.
        """
        mean, se = self.replicates.mean().to_numpy(), self.replicates.std().to_numpy()
        columns = {"estimate": self.estimates.to_numpy(), "mean": mean}
        columns |= {"bias": mean - columns["estimate"], "se": se}
        columns["mcse"] = se / np.sqrt(self.replicates.notna().sum().to_numpy())
        return pd.DataFrame(columns, index=self.estimates.index)

    def confint(self, level: float = 0.95, kind: str = "percentile") -> pd.DataFrame:
        """(s, 2): intervals of one level, columns "2.5 %" and "97.5 %".  eq:percentile, eq:basic

        "percentile": between quantiles of the replicates; "basic": twice the estimate less these.
        The j-th smallest of B replicates is the quantile of j / (B + 1).  Warns where there are
        too few replicates for that, and takes the outermost.  Raises OptionError.
        """
        level = a_level(level)
        one_of("kind", kind, INTERVALS)
        tail = (1.0 - level) / 2.0
        B = self.replicates.notna().sum()
        if (short := B[(B + 1) * tail < 1.0 - 1e-9]).size:
            warnings.warn(
                f"the {short.min()} replicates of {short.idxmin()} are too few for an interval of "
                f"{level:g}, which needs {int(np.ceil(1 / tail - 1e-9)) - 1}: its ends are "
                "the outermost",
                ReplicateWarning,
                stacklevel=2,
            )
        low, high = quantiles(self.replicates.to_numpy(), [tail, 1.0 - tail])
        if kind == "basic":
            twice = 2.0 * self.estimates.to_numpy()
            low, high = twice - high, twice - low  # (s,)  eq:basic
        ends = np.column_stack([low, high])
        return pd.DataFrame(ends, index=self.estimates.index, columns=percents(level))

    def __str__(self) -> str:
        counts = f"{int(self.refits.is_singular.sum())} singular, {int(self.failed.sum())} failed"
        head = f"{self.title}; seed {self.seed}: {len(self.failed)} replicates, {counts}"
        return f"{head}\n{self.summary().to_string(float_format='{:.5g}'.format)}"


def quantiles(values: Array, shares: list[float]) -> list[Array]:
    """(s,) for each share, of columns (nsim, s), NaN aside: order statistics.  eq:percentile"""
    columns = [column[~np.isnan(column)] for column in values.T]
    found = [
        np.quantile(c, shares, method="weibull") if len(c) else np.full(len(shares), np.nan)
        for c in columns
    ]
    return list(np.array(found).reshape(len(columns), len(shares)).T)


def bootstrap(
    fit: Any,
    nsim: int,
    seed: int | None,
    kind: str,
    random: str,
    *,
    group: str | None,
    jobs: int,
    statistic: Callable[[Any], Any] | None,
    progress: bool,
) -> Bootstrap:
    """Replicates of the estimates of a fit; arguments as of `Fit.bootstrap`."""
    nsim, seed = whole_number("nsim", nsim, 1, OptionError), a_seed(seed)
    one_of("kind", kind, KINDS)
    one_of("random", random, RANDOM)
    if kind == "case" and random == "kept":
        raise OptionError("kind='case' draws whole groups, and random='kept' goes with other kinds")
    if kind != "case" and group is not None:
        raise OptionError("group= says whose levels kind='case' draws: it goes with no other kind")
    if statistic is not None and not callable(statistic):
        raise OptionError(f"statistic must be a function of a fit, not {statistic!r}")
    require_rows(fit.design)
    refuse_unidentified(fit.design, allow_saturated=True)
    samples = Samples.of(fit, seed, kind, random, group)
    own = parameters_of(fit) if statistic is None else numbers_of(statistic(fit))
    run = partial(samples.made, statistic=statistic)
    made = in_chunks(run, nsim, chunk_size(samples, statistic), jobs, progress)
    what = "groups drawn" if kind == "case" else f"random effects {random}"
    values = pd.concat([values for values, _ in made])
    found = Bootstrap(
        own,
        values if statistic is None else values.reindex(columns=own.index),
        joined([refits for _, refits in made]),
        f"{kind.capitalize()} bootstrap of {fit.formula}, {what}",
        seed,
    )
    warn_of_failures(found)
    return found


def chunk_size(samples: Samples, statistic: Statistic | None) -> int:
    """How many replicates a chunk has, whole blocks of them, whoever does it."""
    design = samples.fit.design
    if samples.outer is not None or statistic is not None or not is_stacked(samples.fit):
        return BLOCK
    blocks = int(AT_ONCE / numbers(design)) // BLOCK
    return min(max(blocks, 1) * BLOCK, MOST)


def joined(parts: list[Refits]) -> Refits:
    """Estimates of all chunks."""
    names = [field.name for field in fields(Refits) if field.name != "vcov"]
    columns = {name: pd.concat([getattr(part, name) for part in parts]) for name in names}
    return Refits(**columns, vcov=np.concatenate([part.vcov for part in parts]))


def warn_of_failures(found: Bootstrap) -> None:
    """Warns (ReplicateWarning) where replicates could not be fitted."""
    if failed := int(found.failed.sum()):
        most = found.refits.messages[found.failed].value_counts().index[0]
        text = f"{failed} of {len(found.failed)} replicates could not be fitted, and intervals are "
        warnings.warn(f"{text}of the others; most often: {most}", ReplicateWarning, stacklevel=4)


def intervals(fit: Any, level: float, **options: Any) -> pd.DataFrame:
    """(s, 2): intervals of the parameters of a fit, from a bootstrap.

    options: interval="percentile" or "basic", and those of `Fit.bootstrap`.  Raises OptionError.
    """
    a_level(level)
    interval = options.pop("interval", INTERVALS[0])
    one_of("interval", interval, INTERVALS)
    found: Bootstrap = fit.bootstrap(**options)
    return found.confint(level, interval)
