"""Which columns of X count, and what lme4 says of the others."""

from __future__ import annotations

import warnings

import numpy as np

from ..errors import RankWarning
from ..linalg import Array

TOLERANCE = 1e-7  # of R's qr() in lme4
SCALE_RATIO = 1000  # of lme4's check.scaleX


def independent_columns(X: Array) -> list[int]:
    """The columns of X (n, p) that those before them do not determine, to R's tolerance."""
    basis = np.zeros((len(X), 0))  # orthonormal
    kept = []
    for j, column in enumerate(X.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # twice is enough
        if np.linalg.norm(rest) > TOLERANCE * np.linalg.norm(column):
            kept.append(j)
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept


def rank_messages(names: list[str], kept: list[int]) -> list[str]:
    """lme4's message about dropped columns of X; the warning names them."""
    lost = [name for j, name in enumerate(names) if j not in kept]
    if not lost:
        return []
    warnings.warn(
        f"dropped {', '.join(lost)}: linearly dependent on the fixed effects before",
        RankWarning,
        stacklevel=4,
    )
    plural = "columns / coefficients" if len(lost) > 1 else "column / coefficient"
    return [f"fixed-effect model matrix is rank deficient so dropping {len(lost)} {plural}"]


def scale_messages(X: Array) -> list[str]:
    """lme4's message about columns of X (n, p) whose scales are a thousandfold apart, or from 1."""
    numeric = X[:, ~np.isin(X, (0, 1)).all(axis=0)]
    if len(X) < 2:
        return []
    sds = np.std(numeric, axis=0, ddof=1)
    with np.errstate(divide="ignore"):
        logs = np.log(sds)  # -inf for a constant column, which lme4 reports too
    if np.ptp([0.0, *logs]) > np.log(SCALE_RATIO):
        return ["Some predictor variables are on very different scales: consider rescaling"]
    return []
