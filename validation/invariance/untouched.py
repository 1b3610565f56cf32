"""The answers to the untouched problem of a case, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..adapters.messages import Json
from ..suite.compare import QUANTITIES
from ..suite.nested import array
from ..suite.tables import load

if TYPE_CHECKING:
    from refmixed.linalg import Array  # which loads scipy


class UnansweredError(LookupError):
    """The untouched problem has no answer to a quantity."""


@dataclass(frozen=True)
class Untouched:
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
        sd, corr, covariances = list(self["sd"]), list(self["corr"] if self.has_corr else []), []
        for effects in self.effects:
            k = len(effects)
            sds = np.array([sd.pop(0) for _ in range(k)])
            R = np.eye(k)
            for column in range(k):
                for row in range(column + 1, k):
                    R[row, column] = R[column, row] = corr.pop(0)
            covariances.append(R * np.outer(sds, sds))
        return covariances

    @property
    def has_corr(self) -> bool:
        """Whether there are correlations."""
        return any(len(effects) > 1 for effects in self.effects)
