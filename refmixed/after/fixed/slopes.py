"""Variances of combinations of beta-hat, and how they move with the covariance parameters.

Everything is over sigma^2, and contrasts are those of beta~ (`Estimated.fixed_in`).  N of them is
the number of pairs of effects of one term (`covariance.Layout`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...identifiability import Zt_times
from ...linalg import Array
from ..estimated import Estimated

DEPENDENT = 1e-10  # an eigenvalue of correlations below this, relatively, counts as zero


@dataclass(frozen=True)
class Slopes:
    """Of l contrasts."""

    cov: Array  # (l, l)  their covariance
    along: Array  # (N, l, l)  its slope along each pair of T
    U: list[Array]  # (levels, k, l) of each term: Z'V0^-1 X N C'

    def combined(self, M: Array) -> Slopes:
        """Of combinations M (any, l) of the contrasts."""
        return Slopes(M @ self.cov @ M.T, M @ self.along @ M.T, [u @ M.T for u in self.U])


def slopes(here: Estimated, C: Array) -> Slopes:
    """The covariance of the contrasts C (l, p), and its slopes in T, by sums over levels.

    With D a direction of T: d cov = C N X'V0^-1 Z D Z'V0^-1 X N C' = sum_i U_i'D U_i.
    """
    NCt = here.beta_cov @ C.T  # (p, l)
    U = [Zt_times(term, here.V0invX @ NCt) for term in here.design.terms]  # eq:vcov-slope
    rows = len(C)
    pairs = [np.einsum("iac,ibd->abcd", u, u).reshape(u.shape[1] ** 2, rows, rows) for u in U]
    return Slopes(C @ NCt, np.concatenate([np.zeros((0, rows, rows)), *pairs]), U)


def whitening(cov: Array) -> Array:
    """M (any, l) with M cov M' = I, as many rows as contrasts are independent of one another."""
    sizes = np.sqrt(np.diag(cov))
    values, vectors = np.linalg.eigh(cov / np.outer(sizes, sizes))
    told = values > DEPENDENT * values[-1]
    return (vectors[:, told] / np.sqrt(values[told])).T / sizes
