"""Answers as arrays, and what a change of units does to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..adapters.messages import Json
from ..suite.compare import QUANTITIES, array
from ..suite.tables import load

Array = npt.NDArray[Any]


class UnansweredError(LookupError):
    """The untouched problem has no answer to a quantity."""


@dataclass(frozen=True)
class Told:
    """The answers to the untouched problem of a case."""

    case: Json
    answers: Mapping[str, Any]

    def __getitem__(self, quantity: str) -> Array:
        """The answer to a quantity that is one array.  Raises UnansweredError, ValueError."""
        return array(self.raw(quantity), QUANTITIES[quantity].ndim)

    def by_term(self, quantity: str) -> list[Array]:
        """The answer to a quantity that is an array for each term."""
        return [array(part, QUANTITIES[quantity].ndim) for part in self.raw(quantity)]

    def raw(self, quantity: str) -> Any:
        """The answer to a quantity, as it is.  Raises UnansweredError."""
        if quantity not in self.answers:
            raise UnansweredError(quantity)
        return self.answers[quantity]

    # --- the model --------------------------------------------------------------------------------

    @property
    def transform(self) -> Json:
        """The transformation and its parameters."""
        return dict(self.case["transform"])

    @property
    def names(self) -> list[str]:
        """Names of the coefficients (p,)."""
        return list(self.case["model"]["coefficients"])

    @property
    def effects(self) -> list[list[str]]:
        """Names of the effects of each term."""
        return [list(term["effects"]) for term in self.case["model"]["terms"]]

    @property
    def reml(self) -> bool:
        """Restricted maximum likelihood?"""
        return bool(self.case["model"]["reml"])

    @property
    def n(self) -> int:
        """Observations."""
        return len(load(self.case["model"]["data"]))

    @property
    def dof(self) -> int:
        """n - p or n."""
        return self.n - len(self.names) if self.reml else self.n

    def covariances(self) -> list[Array]:
        """The covariance (k, k) of each term's effects, from `sd` and `corr`."""
        sd, corr, found = list(self["sd"]), list(self["corr"] if self.has_corr else []), []
        for effects in self.effects:
            k = len(effects)
            sds = np.array([sd.pop(0) for _ in range(k)])
            R = np.eye(k)
            for column in range(k):
                for row in range(column + 1, k):
                    R[row, column] = R[column, row] = corr.pop(0)
            found.append(R * np.outer(sds, sds))
        return found

    @property
    def has_corr(self) -> bool:
        """Whether there are correlations."""
        return any(len(effects) > 1 for effects in self.effects)


Expect = Callable[[Told], Any]


def theta_of(covariances: Sequence[Array], sigma: float) -> Array:
    """The relative covariance parameters of positive definite covariances."""
    factors = [np.linalg.cholesky(cov) / sigma for cov in covariances]
    return np.concatenate([F.T[np.triu_indices(len(F))] for F in factors])


def sds_of(covariances: Sequence[Array]) -> Array:
    """Standard deviations, term by term."""
    return np.concatenate([np.sqrt(np.diag(cov)) for cov in covariances])


def corr_of(covariances: Sequence[Array]) -> Array:
    """Correlations below the diagonal, term by term and column by column."""
    found = [np.zeros(0)]
    for cov in covariances:
        sd = np.sqrt(np.diag(cov))
        found.append((cov / np.outer(sd, sd)).T[np.triu_indices(len(cov), 1)])
    return np.concatenate(found)


def linear(coefficients: Callable[[Told], Array], effects: Callable[[Told], list[Array]]) -> Any:
    """What to expect when beta becomes A beta and the effects of each level of a term B_t gamma."""

    def parts(quantity: str, two_sided: bool) -> Expect:
        def expect(told: Told) -> list[Array]:
            return [
                B @ part @ B.T if two_sided else part @ B.T
                for B, part in zip(effects(told), told.by_term(quantity), strict=True)
            ]

        return expect

    def covariances(told: Told) -> list[Array]:
        pairs = zip(effects(told), told.covariances(), strict=True)
        return [B @ cov @ B.T for B, cov in pairs]

    def criterion(told: Told) -> float:
        shift = 2 * np.linalg.slogdet(coefficients(told))[1] if told.reml else 0.0
        return float(told["criterion"] - shift)

    return {
        "criterion": criterion,
        "beta": lambda told: coefficients(told) @ told["beta"],
        "vcov": lambda told: coefficients(told) @ told["vcov"] @ coefficients(told).T,
        "sd": lambda told: sds_of(covariances(told)),
        "corr": lambda told: corr_of(covariances(told)),
        "theta": lambda told: theta_of(covariances(told), float(told["sigma"])),
        "ranef": parts("ranef", two_sided=False),
        "condvar": parts("condvar", two_sided=True),
        "pev": parts("pev", two_sided=True),
    }
