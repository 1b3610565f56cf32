"""The package FLASH-MM, given arrays, by its lmmfit with a low tolerance of the derivatives.

A term is one effect of each level: it knows variance components, not correlations.
"""

from __future__ import annotations

import numpy as np
from flash_mm import lmmfit

from . import answers, by_arrays
from .answers import UnsupportedError, Ways
from .frames import Array, Arrays
from .messages import Json

NAME = "FLASH-MM"
NOT = {
    "condvar": f"{NAME} has no covariances of the random effects",
    "pev": f"{NAME} has no covariances of the random effects",
    "": f"{NAME} does not compute it",
}
OPTIONS = {"epsilon": 1e-9, "max_iter": 200, "output_cov": True, "output_RE": True}


def start() -> Json:
    """Who answers."""
    return answers.implementation(NAME)


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    return by_arrays.run(request, NAME, ways, NOT)


def ways(arrays: Arrays, reml: bool) -> Ways:
    """Levels `fit` and `inference`."""
    y = by_arrays.unweighted(arrays, NAME)
    if any(block.x.shape[1] > 1 for block in arrays.blocks):
        raise UnsupportedError(f"{NAME} has no correlated effects")
    Z = np.column_stack([by_arrays.columns(block) for block in arrays.blocks])
    sizes = [block.levels for block in arrays.blocks]
    method = "REML" if reml else "ML"
    fit = lmmfit(y[None, :], arrays.X, Z, d=sizes, method=method, **OPTIONS)
    *variances, residual = fit["theta"].to_numpy()[:, 0]

    def ranef() -> list[Array]:
        parts = np.split(fit["RE"].to_numpy()[:, 0], np.cumsum(sizes)[:-1])
        return [part[:, None] for part in parts]

    spread = by_arrays.spread(variances)
    return by_arrays.covariance_ways(spread, float(np.sqrt(residual))) | {
        "criterion": lambda: -2 * fit["logLik"].iloc[0],
        "beta": lambda: fit["coef"].to_numpy()[:, 0],
        "vcov": lambda: fit["cov"][:, :, 0],
        "ranef": ranef,
    }
