"""The model without some of its rows, theta kept: algebra on the fit, and no refit.

Of a set of rows I let S = (V0^-1)_II, B = (V0^-1 X)_I and r = (Py)_I.  Without them X'V0^-1X is
less by B'S^-1B, and beta moves by what that leaves (eq:deletion-beta).  Of V0^-1 no more is needed
than the blocks S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ...linalg import Array, cholesky, solve_lower, solve_upper
from ..estimated import Estimated
from .without import EMPTY, RANK, Without, nothing, stacked

AT_ONCE = 500  # rows of sets whose errors are taken together
ROUNDED = 1e-12  # of a residual sum of squares; less is rounding errors
LOST = 1e-10  # of the information on a combination of beta; with less it is not estimable


@dataclass(frozen=True)
class Whole:
    """What deletions are taken from, in the coordinates of the search."""

    at: Estimated
    C: Array  # (p, p)  C C' = Cov(beta~) / sigma^2
    outward: Array  # (p, p)  C of the user's coordinates
    Py: Array  # (n,)
    theta: Array  # (m,)  the user's

    @classmethod
    def of(cls, at: Estimated, theta: Array) -> Whole:
        """That of a fit.  eq:weighted-residual"""
        C = cholesky(at.beta_cov)
        Py = np.asarray(at.design.weights * at.at.residuals)
        return cls(at, C, solve_upper(at.coordinates.LX, C), Py, theta)

    def sigma(self, fall: Array, rows: int) -> Array:
        """(N,): without sets of so many rows, which take so much off pwrss.  eq:deletion-pwrss"""
        here, size = self.at.at, self.at.coordinates.size
        dof, rest = max(here.dof - rows, 0) or np.nan, here.pwrss - fall
        return np.asarray(size * np.sqrt(np.where(rest > ROUNDED * here.pwrss, rest, np.nan) / dof))


def each_row(whole: Whole, h: Array) -> Without:
    """The model without each of its rows, of their hat values (n,).  eq:deletion-row"""
    at, n, size = whole.at, len(h), whole.at.coordinates.size
    P = at.design.weights * (1.0 - h)  # (n,)  its diagonal, eq:hat-values
    K = at.V0invX @ whole.C  # (n, p)
    spent = (K**2).sum(axis=1)  # (n,)  (V0^-1)_ii = P_ii + spent
    left = P / (P + spent)
    P = np.where(left > LOST, P, np.nan)
    G = K @ whole.outward.T  # (n, p)
    scale = whole.Py / P  # (n,)
    sigma = whole.sigma(whole.Py * scale, 1)
    return Without(
        shift=size * G * scale[:, None],
        unscaled=(whole.outward**2).sum(axis=1) + G**2 / P[:, None],
        distance=size**2 * scale**2 * spent,
        distance_without=size**2 * scale**2 * spent * left,
        logdet=-np.log(np.where(left > LOST, left, np.nan)),
        trace=at.design.p + spent / P,
        sigma=sigma,
        theta=np.tile(whole.theta, (n, 1)),
        messages=reasons(P, sigma),
    )


def each_group(whole: Whole, groups: Sequence[Array]) -> Without:
    """The model without each of some sets of rows."""
    pairs = zip(groups, blocks(whole.at, groups), strict=True)
    return stacked([one_group(whole, rows, S) for rows, S in pairs])


def one_group(whole: Whole, rows: Array, S: Array) -> Without:
    """The model without a set of rows."""
    at, size, p = whole.at, whole.at.coordinates.size, whole.at.design.p
    L = cholesky(S)
    K, k = solve_lower(L, at.V0invX[rows] @ whole.C), solve_lower(L, whole.Py[rows])
    left, ways = np.linalg.eigh(np.eye(p) - K.T @ K)  # (p,), (p, p)  eq:deletion-information
    if (left <= LOST).any():
        return nothing(p, len(whole.theta), RANK)
    moved = ways.T @ (K.T @ k) / left  # (p,)
    out = whole.outward @ ways  # (p, p)
    sigma = whole.sigma(np.array([k @ k + moved**2 @ left]), len(rows))
    return Without(
        shift=size * (out @ moved)[None],  # eq:deletion-beta
        unscaled=(out**2 / left).sum(axis=1)[None],  # eq:deletion-information
        distance=np.array([size**2 * moved @ moved]),
        distance_without=np.array([size**2 * moved**2 @ left]),
        logdet=np.array([-np.log(left).sum()]),
        trace=np.array([(1.0 / left).sum()]),
        sigma=sigma,
        theta=whole.theta[None],
        messages=reasons(np.zeros(1), sigma),
    )


def reasons(there: Array, sigma: Array) -> Array:
    """(N,): why a set has no beta, or no sigma; "" where it has both."""
    known = np.where(np.isfinite(sigma), "", EMPTY)
    return np.where(np.isfinite(there), known, RANK).astype(object)


def blocks(at: Estimated, groups: Sequence[Array]) -> list[Array]:
    """(V0^-1)_II of each set of rows.

    Where no random effect is shared, V0^-1 is zero between sets, and a column has a row of each;
    else from the error covariance of the rows' fitted values, of some sets at a time.
    """
    if not are_apart(at, groups):
        first = np.cumsum([len(rows) for rows in groups]) // AT_ONCE
        parts = np.split(np.arange(len(groups)), np.flatnonzero(np.diff(first)) + 1)
        return [S for part in parts for S in by_errors(at, [groups[i] for i in part])]
    B = np.zeros((len(at.design.y), max(map(len, groups))))
    for rows in groups:
        B[rows, np.arange(len(rows))] = 1.0
    columns = at.V0inv_times(B)
    return [columns[rows, : len(rows)] for rows in groups]


def by_errors(at: Estimated, groups: Sequence[Array]) -> list[Array]:
    """(V0^-1)_II of each set, of the errors of their fitted values.  eq:deletion-block"""
    rows, design = np.concatenate(groups), at.design
    B, W = at.V0invX[rows], design.weights[rows]
    terms = tuple(replace(t, x=t.x[rows], codes=t.codes[rows]) for t in design.terms)
    some = replace(design, y=design.y[rows], X=design.X[rows], terms=terms)
    errors = at.route.error_covariance(design, at.theta, some)  # (r, r)
    S = np.diag(W) - W[:, None] * errors * W + B @ at.beta_cov @ B.T
    ends = np.cumsum([0, *map(len, groups)])
    return [S[a:b, a:b] for a, b in pairwise(ends)]


def are_apart(at: Estimated, groups: Sequence[Array]) -> bool:
    """Whether the levels of each term lie within one set of rows each."""
    where = np.full(len(at.design.y), -1)
    for i, rows in enumerate(groups):
        where[rows] = i
    pairs = [len(np.unique(t.codes * (len(groups) + 1) + where)) for t in at.design.terms]
    return pairs == [len(term.levels) for term in at.design.terms]
