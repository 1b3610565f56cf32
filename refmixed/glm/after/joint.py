"""Error variances of linear predictors, theta known: from the curvature at the joint mode.

    Var(x'(beta-hat - beta) + a'(u-hat - u)) = a'H^-1 a + r'M^-1 r,    r = x - X'WA H^-1 a
with H of the mode and M its Schur complement, `joint_mode.curvature`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...covariance import factors
from ...design import Design
from ...linalg import Array, cholesky, solve_lower
from ...prediction import NewRows
from ..joint_mode import curvature
from ..pirls import Mode

AT_ONCE = 256  # rows


@dataclass(frozen=True)
class Joint:
    """Beta and u together, at a mode."""

    mode: Mode

    @cached_property
    def back(self) -> Array:
        """(q, p): H^-1 A'WX."""
        at = self.mode.at
        AtWX = at.loaded.columns(self.mode.local.observed.W[:, None] * at.model.X)
        return self.mode.H.solve(AtWX)

    @cached_property
    def L(self) -> Array:
        """(p, p): the factor of M.  eq:joint-curvature"""
        return cholesky(curvature(self.mode))

    def of_beta(self, X: Array, a: Array, places: Array) -> Array:
        """(r,): r'M^-1 r of rows X (r, p), and a (r, K) at places (r, K)."""
        R = X - np.einsum("rk,rkp->rp", a, self.back[places])  # (r, p)
        return (solve_lower(self.L, R.T) ** 2).sum(axis=0)

    def variances(self, design: Design, theta: Array, rows: NewRows) -> Array:
        """(r,): of any rows; effects that the fit has not seen vary as all of their law.

        eq:glmm-prediction-variance
        """
        a, places, new = loaded_rows(design, theta, rows)
        v = new + self.of_beta(rows.X, a, places)
        for start in range(0, len(v), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            v[some] += self.of_effects(a[some], places[some])
        return np.where(rows.missing, np.nan, v)

    def of_effects(self, a: Array, places: Array) -> Array:
        """(r,): a'H^-1 a."""
        B = np.zeros((self.mode.at.loaded.rows.q, len(a)))  # (q, r)
        np.add.at(B, (places, np.arange(len(a))[:, None]), a)
        return np.einsum("qr,qr->r", B, self.mode.H.solve(B))


def loaded_rows(design: Design, theta: Array, rows: NewRows) -> tuple[Array, Array, Array]:
    """a = z Lambda (r, K) and its places in u; and z'Lambda Lambda'z (r,) of new levels."""
    known, where, start = [], [], 0
    new = np.zeros(len(rows.X))
    for term, factor, x, codes in zip(
        design.terms, factors(design, theta), rows.x, rows.codes, strict=True
    ):
        a = x @ factor  # (r, k)
        is_new = codes[:, None] < 0
        new += np.where(is_new, a**2, 0.0).sum(axis=1)
        known.append(np.where(is_new, 0.0, a))
        where.append(start + term.k * codes.clip(min=0)[:, None] + np.arange(term.k))
        start += term.q
    return np.hstack(known), np.hstack(where), new
