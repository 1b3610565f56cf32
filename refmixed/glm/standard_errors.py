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

UNCERTAIN = ("theta estimated", "theta known", "RX")


def covariance_of(model: Model, kind: Kind, psi: Array, moving: Array) -> Array:
    """(any, any): the inverse Hessian of -l in the parameters that move, NaN elsewhere."""
    inner = scaled(model)
    at = inner.inward(psi)
    H = Objective(inner.model, kind.near(inner.model, at)).hessian(at, moving)
    back = inner.back[np.ix_(moving, moving)]
    half = solve_lower(cholesky(H), back.T)  # (any, any)
    cov = np.full((len(psi), len(psi)), np.nan)
    cov[np.ix_(moving, moving)] = half.T @ half
    return cov


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
