"""Samples with the same x fitted together: the estimates, and the random effects, of each."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..after.ends import Refits
from ..after.refit import refits
from ..covariance import layout
from ..design import RandomTerm
from ..errors import RefmixedWarning
from ..linalg import Array
from ..result import Fit
from .refit import Refit, finite_numbers, require_alike


class OfMany(ABC):
    """A fit function that also takes several samples at once."""

    @abstractmethod
    def many(self, samples: Sequence[pd.DataFrame]) -> list[pd.DataFrame | None]:
        """The rows of each sample; None of one that is to be asked for alone.

        So is one whose fit warns or fails: its errors and warnings are those of a fit by itself.
        """


@dataclass(frozen=True)
class Together:
    """Fits of one model to many responses, a row each."""

    fit: Fit  # to the first
    Y: Array  # (n, b)
    found: Refits

    @classmethod
    def of(cls, refit: Refit, samples: Sequence[pd.DataFrame]) -> Together:
        """The fits of samples with the rows of the refitter's.  Raises RefmixedError."""
        for data in samples:
            require_alike(refit, data)
        columns = [finite_numbers(data[refit.response], refit.response) for data in samples]
        Y = np.column_stack(columns)
        with warnings.catch_warnings():  # what is said of the first is said again, with the others
            warnings.simplefilter("ignore", RefmixedWarning)
            first = refit(samples[0])
        return cls(first, Y, refits(first, Y, pd.RangeIndex(Y.shape[1])))

    @property
    def is_plain(self) -> Array:
        """(b,) whether there is nothing to be said of a fit."""
        return (self.found.messages == "").to_numpy()

    @property
    def se(self) -> Array:
        """(b, p): standard errors of beta."""
        return np.sqrt(np.diagonal(self.found.vcov, axis1=1, axis2=2))

    def posterior(self) -> tuple[Array, Array]:
        """(b, levels, k): means and standard deviations of the effects of the one random term.

        With T of a level and A = x'Wx there, W = I + A T: T W'^-1 x'W(y - X beta) and
        sigma^2 T W'^-1.  eq:eliminated-posterior
        """
        design, (term,) = self.fit.design, self.fit.design.terms
        factor = layout(design).factor(self.found.theta.to_numpy())  # (b, k, k)
        T = factor @ factor.swapaxes(-1, -2)
        left = self.Y - (design.offset + self.found.beta.to_numpy() @ design.X.T).T  # (n, b)
        A = sums(term, design.weights[:, None, None] * term.x[:, :, None] * term.x[:, None])
        a = sums(term, (design.weights[:, None] * term.x)[:, :, None] * left[:, None])  # (G, k, b)
        W = np.eye(term.k) + T[:, None] @ A  # (b, G, k, k)
        cov = np.linalg.solve(W, np.broadcast_to(T[:, None], W.shape))  # (b, G, k, k)
        gamma = (cov @ np.moveaxis(a, -1, 0)[..., None])[..., 0]
        sd = self.found.sigma.to_numpy()[:, None, None]
        return gamma, sd * np.sqrt(np.diagonal(cov, axis1=2, axis2=3))


def sums(term: RandomTerm, values: Array) -> Array:
    """(levels, ...) of rows (n, ...)."""
    found = np.zeros((len(term.levels), *values.shape[1:]))
    np.add.at(found, term.codes, values)
    return found
