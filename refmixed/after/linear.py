"""Combinations of the fixed effects: estimates, standard errors, degrees of freedom."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import OptionError
from ..linalg import Array
from .estimated import Estimated


def combined(fit: Any, C: Array, df: Any) -> tuple[Array, Array, Array]:
    """C beta of rows C (r, p), and their standard errors and degrees of freedom, (r,) each."""
    model = Estimated.of(fit)
    rows, ways = model.fixed_in(C), model.coordinates  # (r, p)
    estimates = rows @ (ways.c + ways.size * model.at.beta)  # (r,)  eq:linear-combination
    variances = np.einsum("ri,ij,rj->r", rows, model.beta_cov, rows)  # (r,)  eq:combination-se
    return estimates, fit.sigma * np.sqrt(variances), np.full(len(C), degrees(df))


def degrees(df: Any) -> float:
    """Degrees of freedom that are given.  Raises OptionError."""
    if isinstance(df, int | float) and not isinstance(df, bool) and df > 0:
        return float(df)
    raise OptionError(f"df must be a positive number or inf, not {df!r}")
