"""Standard deviations, correlations, sigma and fixed effects of many fits, under lme4's names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...covariance import layout
from ...design import Design
from ...linalg import Array
from ..ends import Refits
from ..limits.parameters import parameters as named


def parameter_names(design: Design) -> list[str]:
    """Those of lme4's confint(oldNames = FALSE), in its order: random effects, sigma, beta."""
    return [p.name for p in named(design) if p.kind != "theta"]


def random_values(design: Design, thetas: Array, sigma: Array) -> Array:
    """(b, m) of theta (b, m) and sigma (b,), in that order; NaN: no correlation with a zero.

    eq:sd-and-correlation
    """
    of = layout(design)
    factor = of.factor(thetas)  # (b, K, K)
    T = factor @ factor.swapaxes(-1, -2)  # (b, K, K)
    sd = np.sqrt(np.diagonal(T, axis1=1, axis2=2))  # (b, K)
    one, other = sd[:, of.rows], sd[:, of.columns]  # (b, m)
    with np.errstate(all="ignore"):  # a standard deviation may be zero
        corr = of.entries(T) / (one * other)
    return np.where(of.rows == of.columns, sigma[:, None] * one, corr)


def parameters(design: Design, found: Refits) -> pd.DataFrame:
    """(b, parameters): a row for each response."""
    sigma = found.sigma.to_numpy()
    random = random_values(design, found.theta.to_numpy(), sigma)
    values = np.column_stack([random, sigma, found.beta.to_numpy()])
    return pd.DataFrame(values, index=found.beta.index, columns=parameter_names(design))


def parameters_of(fit: Any) -> pd.Series[Any]:
    """(parameters,): those of one fit."""
    random = random_values(fit.design, fit.theta.to_numpy()[None], np.array([fit.sigma]))
    values = np.concatenate([random[0], [fit.sigma], fit.beta])
    return pd.Series(values, index=parameter_names(fit.design))
