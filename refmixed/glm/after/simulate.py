"""Responses drawn from a generalized model, with new random effects or at the modes.

Each effect and each response is its law's quantile of one uniform number, so that a replicate takes
as many numbers as there are effects and rows.  eq:glmm-simulated
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import gammaincinv, ndtri
from scipy.stats import binom, poisson

from ...after.draws.law import a_seed, draws
from ...after.draws.simulate import RANDOM
from ...checks import one_of, whole_number
from ...errors import OptionError, WeightsError
from ...linalg import Array
from ..families import Binomial, Family, Gamma, Poisson
from ..model import At
from ..pirls import Mode

HALF = 2.0**-54  # between the uniform numbers, which begin with zero


@dataclass(frozen=True)
class Drawn:
    """The law of responses at the parameters of a fit."""

    at: At
    kept: Array | None  # eta (n,), where effects are not drawn anew

    @classmethod
    def of(cls, mode: Mode, random: str) -> Drawn:
        """Of a fit's mode.  Raises WeightsError where rows stand for several counts."""
        family = mode.at.family
        if isinstance(family, Poisson) and (family.weights != 1.0).any():
            raise WeightsError(
                "a count of weight w stands for w rows, whose counts would differ: give each a row"
            )
        return cls(mode.at, mode.eta if random == "kept" else None)

    def draw(self, random: np.random.Generator, b: int) -> Array:
        """(b, n)."""
        loaded, n = self.at.loaded, len(self.at.fixed)
        q = loaded.rows.q if self.kept is None else 0
        shares = random.random((b, q + n)) + HALF
        eta = self.kept
        if eta is None:
            u = ndtri(shares[:, :q])
            eta = self.at.fixed + np.einsum("nk,bnk->bn", loaded.a, u[:, loaded.rows.places])
        return responses(self.at.family, np.broadcast_to(eta, (b, n)), shares[:, q:])


def responses(family: Family, eta: Array, shares: Array) -> Array:
    """(b, n): the quantiles of these shares (b, n) at eta (b, n)."""
    mean = np.asarray(family.link.mean(eta))
    return QUANTILES[type(family)](family, mean, shares)


def proportions(family: Binomial, mean: Array, shares: Array) -> Array:
    """(b, n): of successes in the trials of each row."""
    return np.asarray(binom.ppf(shares, family.trials, mean) / family.trials)


def counts(_: Poisson, mean: Array, shares: Array) -> Array:
    """(b, n)."""
    return np.asarray(poisson.ppf(shares, mean))


def positive(family: Gamma, mean: Array, shares: Array) -> Array:
    """(b, n)."""
    return np.asarray(gammaincinv(family.shape, shares) * mean / family.shape)


QUANTILES: dict[type, Callable[..., Array]] = {
    Binomial: proportions,
    Poisson: counts,
    Gamma: positive,
}


def simulate(fit: Any, nsim: int, seed: int | None, random: str) -> pd.DataFrame:
    """As `Drawn.simulate`."""
    nsim, seed = whole_number("nsim", nsim, 1, OptionError), a_seed(seed)
    one_of("random", random, RANDOM)
    drawn = draws(Drawn.of(fit.likelihood.mode, random), seed, range(nsim))
    columns = pd.RangeIndex(nsim, name="replicate")
    return pd.DataFrame(drawn.T, index=fit.design.index, columns=columns)
