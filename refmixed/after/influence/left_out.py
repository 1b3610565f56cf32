"""The model fitted again without each of some sets of rows: all parameters estimated anew."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import RefmixedError, RefmixedWarning
from ...linalg import Array, cholesky, independent_columns, solve_lower, solve_upper
from ...refusals import refuse_impossible, refuse_unidentified
from ..estimated import Estimated
from ..warm import fit_like
from .without import RANK, Without, nothing, stacked


def each_refit(fit: Any, groups: Sequence[Array]) -> Without:
    """A refit without each of some sets of rows."""
    whole = Estimated.of(fit)
    return stacked([one(fit, whole, rows) for rows in groups])


def one(fit: Any, whole: Estimated, rows: Array) -> Without:
    """The fit without some rows, beside the whole one."""
    keep = np.ones(len(fit.design.y), dtype=bool)
    keep[rows] = False
    p, m, X = fit.design.p, fit.design.m, np.sqrt(fit.design.weights)[:, None] * whole.design.X
    if len(independent_columns(X[keep])) < p:
        return nothing(p, m, RANK)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RefmixedWarning)
        try:
            again = refitted(fit, keep)
        except RefmixedError as error:
            return nothing(p, m, str(error))
    return beside(whole, again, "; ".join(str(warning.message) for warning in told))


def refitted(fit: Any, keep: Array) -> Any:
    """The fit of some of the rows.  Raises a RefmixedError where there is none."""
    design = fit.design.rows(keep)
    refuse_impossible(design)
    refuse_unidentified(design, allow_saturated=True)
    return fit_like(fit, design, fit.reml, fit.labels)


def beside(whole: Estimated, again: Any, message: str) -> Without:
    """A refit in the coordinates of the whole fit, in which differences keep their digits."""
    there, ways = Estimated.of(again), whole.coordinates
    A = solve_lower(there.coordinates.LX, ways.LX).T  # (p, p)  its beta~ + c -> those of the whole
    theirs = A @ (there.coordinates.c + there.coordinates.size * there.at.beta)
    shift = ways.c - theirs + ways.size * whole.at.beta  # (p,)
    half, C = A @ cholesky(there.beta_cov), cholesky(whole.beta_cov)  # (p, p)
    ratio, length = solve_lower(C, half), solve_lower(C, shift)  # (p, p), (p,)
    own = np.linalg.solve(half, shift)  # (p,)
    return Without(
        shift=solve_upper(ways.LX, shift)[None],
        unscaled=(solve_upper(ways.LX, half) ** 2).sum(axis=1)[None],
        distance=np.array([length @ length]),
        distance_without=np.array([own @ own]),
        logdet=np.array([2.0 * np.linalg.slogdet(ratio)[1]]),
        trace=np.array([(ratio**2).sum()]),
        sigma=np.array([again.sigma]),
        theta=again.theta.to_numpy()[None],
        messages=np.array([message], dtype=object),
    )
