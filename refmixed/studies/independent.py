"""A model whose rows fall into independent parts, such as thousands of counties, part by part.

Given theta, what `penalized` finds of each part adds up to what the whole needs:

    X'V0^-1 X,  X'V0^-1 y,  y'V0^-1 y  and  log det V0  are sums over the parts

(derivations/d11_blocked), if each part tells all of beta.

The criterion and the random effects are those of one fit to all rows; only the (q, q) matrices,
which would be zero between the parts, are never made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar

from .. import penalized
from ..design import Design
from ..evaluation import profiled
from ..linalg import Array, cholesky, logdet, solve_lower, solve_upper

LARGEST = 20.0  # relative standard deviation; the search is below it


@dataclass(frozen=True)
class Whole:
    """The fit of all parts together; designs with one covariance parameter."""

    theta: float
    beta: Array  # (p,)
    beta_cov: Array  # (p, p)
    sigma: float
    criterion: float


def at(parts: list[Design], theta: float, reml: bool) -> Whole:
    """The whole at one theta."""
    p, n = parts[0].p, sum(part.n for part in parts)
    XVX, XVy, yVy, logdet_V0 = np.zeros((p, p)), np.zeros(p), 0.0, 0.0
    for part in parts:
        found = penalized.solve(part, np.array([theta]))
        XVX_part = found.RX.T @ found.RX  # (p, p)
        XVX += XVX_part  # (p, p)  eq:parts-xvx
        XVy += XVX_part @ found.beta  # (p,)  eq:parts-xvy
        yVy += found.pwrss + float(found.beta @ XVX_part @ found.beta)  # ()  eq:parts-yvy
        logdet_V0 += found.logdet_V0  # ()  eq:parts-logdet
    L = cholesky(XVX)  # (p, p)
    beta = solve_upper(L, solve_lower(L, XVy))  # (p,)  eq:parts-beta
    pwrss = yVy - float(beta @ XVX @ beta)  # ()  eq:parts-rss
    dof = n - p if reml else n
    sigma = float(np.sqrt(pwrss / dof))  # ()  eq:sigma
    half = solve_lower(L, np.eye(p))  # (p, p)
    criterion = profiled(whole(parts), logdet_V0, logdet(L), pwrss, reml)
    return Whole(theta, beta, sigma**2 * half.T @ half, sigma, criterion)


def whole(parts: list[Design]) -> Design:
    """All rows, without their random terms: what `profiled` counts."""
    y = np.concatenate([part.y for part in parts])
    return replace(parts[0], y=y, X=np.vstack([part.X for part in parts]), terms=())


def minimize(parts: list[Design], reml: bool = True) -> Whole:
    """The best theta, between 0 and LARGEST; the criterion of one variance has few surprises."""
    found = minimize_scalar(
        lambda theta: at(parts, theta, reml).criterion,
        bounds=(0.0, LARGEST),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return at(parts, float(found.x), reml)


def posterior(part: Design, fit: Whole) -> tuple[Array, Array]:
    """Mean and standard deviation (q,) of a part's random effects given y and beta.

    Those of a model of the part alone that has X beta as its offset.  eq:parts-posterior
    """
    without_beta = replace(
        part, X=np.zeros((part.n, 0)), names=(), offset=part.offset + part.X @ fit.beta
    )
    found = penalized.posterior(without_beta, np.array([fit.theta]))
    return found.gamma, fit.sigma * np.sqrt(np.diag(found.gamma_cov))
