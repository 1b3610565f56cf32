"""Covariances of the estimates, by the Hessian of the likelihood, or of the joint mode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..checks import one_of
from ..linalg import Array, cholesky, solve_lower
from .joint_mode import curvature
from .likelihoods import Kind
from .model import Model
from .objective import Objective
from .scaled import scaled
from .units import in_units

FLAT = 1e-7  # of the largest eigenvalue: no curvature, but differences of gradients
MOVED = 1e-3  # of a direction of length one, in parameters of one curvature
UNCERTAIN = ("theta estimated", "theta known", "RX")


def covariance_of(model: Model, kind: Kind, psi: Array, moving: Array) -> Array:
    """(any, any): the inverse Hessian of -l in the parameters that move, NaN elsewhere.

    NaN, too, for parameters that can be exchanged for one another without a change of l.
    """
    inner = scaled(model)
    at = inner.inward(psi)
    H = Objective(inner.model, kind.near(inner.model, at)).hessian(at, moving)
    back = inner.back[np.ix_(moving, moving)]
    B, is_flat = root_of_inverse(H)
    half = back @ B  # (any, any)
    told = np.abs(back) @ is_flat == 0.0
    where, cov = np.flatnonzero(moving)[told], np.full((len(psi), len(psi)), np.nan)
    cov[np.ix_(where, where)] = half[told] @ half[told].T
    return cov


def root_of_inverse(H: Array) -> tuple[Array, Array]:
    """B (k, any) with B B' the inverse of H (k, k), but for directions in which H is flat.

    And (k,) which parameters these directions move.
    """
    sizes, values, vectors = in_units(H)
    curved = values > FLAT * values.max(initial=0.0)
    B = vectors[:, curved] / np.sqrt(values[curved]) / sizes[:, None]
    return B, np.abs(vectors[:, ~curved]).max(axis=1, initial=0.0) > MOVED


def of_beta(fit: Any, uncertain: str) -> pd.DataFrame:
    """(p, p), as `GlmerFit.vcov_by`.  Raises OptionError."""
    one_of("uncertain", uncertain, UNCERTAIN)
    p, names = fit.design.p, list(fit.design.names)
    if uncertain == "RX":
        L = cholesky(curvature(fit.likelihood.mode))
        half = solve_lower(L, np.eye(p))
        return pd.DataFrame(half.T @ half, index=names, columns=names)
    cov = fit.cov
    if uncertain == "theta known":
        only = fit.moving & (np.arange(len(fit.psi)) < p)
        cov = covariance_of(fit.model, fit.kind, fit.psi, only)
    return pd.DataFrame(cov[:p, :p], index=names, columns=names)
