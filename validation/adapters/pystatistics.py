"""The package pystatistics, given arrays, by its lmm with a low tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np
from pystatistics.core.exceptions import ValidationError
from pystatistics.mixed import lmm

from . import answers, by_arrays, pystatistics_generalized, terms
from .answers import UnsupportedError, Ways
from .frames import Array, Arrays
from .messages import Json

NAME = "pystatistics"
NOT = {
    "vcov": f"{NAME} has standard errors, and no covariance of the coefficients",
    "condvar": f"{NAME} has no covariances of the random effects",
    "pev": f"{NAME} has no covariances of the random effects",
    "predicted": f"{NAME} does not predict",
    "population": f"{NAME} does not predict",
    "": f"{NAME} does not compute it",
}
OPTIONS = {"tol": 1e-12}


def start() -> Json:
    """Who answers."""
    return answers.implementation(NAME)


def run(request: Json) -> Json:
    """The answer to one request."""
    if request["level"] in answers.GENERALIZED:
        return pystatistics_generalized.run(request)
    return by_arrays.run(request, NAME, ways, NOT)


def fitted(arrays: Arrays, reml: bool) -> Any:
    """The fit; what it refuses is not supported, in its own words."""
    groups = {f"g{t}": block.codes for t, block in enumerate(arrays.blocks)}
    effects = {f"g{t}": names(t, block.x) for t, block in enumerate(arrays.blocks)}
    data = {
        name: column
        for t, block in enumerate(arrays.blocks)
        for name, column in zip(names(t, block.x), block.x.T, strict=True)
    }
    y = by_arrays.unweighted(arrays, NAME)
    try:
        return lmm(
            y, arrays.X, groups, random_effects=effects, random_data=data, reml=reml, **OPTIONS
        )
    except ValidationError as refusal:
        raise UnsupportedError(f"{NAME} says: {refusal}") from refusal


def names(t: int, x: Array) -> list[str]:
    """The names of a term's effects."""
    return [f"e{t}_{j}" for j in range(x.shape[1])]


def ways(arrays: Arrays, reml: bool) -> Ways:
    """Levels `fit` and `inference`."""
    fit = fitted(arrays, reml)
    sizes = [block.x.shape[1] for block in arrays.blocks]
    sigma = float(fit.params.residual_std)
    parts = terms.split_theta(np.asarray(fit.params.theta), sizes)  # row by row
    by_columns = [terms.from_rows(k, part) for k, part in zip(sizes, parts, strict=True)]
    factors = [sigma * terms.triangle(k, part) for k, part in zip(sizes, by_columns, strict=True)]
    return by_arrays.covariance_ways([L @ L.T for L in factors], sigma) | {
        "theta": lambda: np.concatenate(by_columns),
        "criterion": lambda: -2 * fit.log_likelihood,
        "beta": lambda: fit.coefficients,
        "ranef": lambda: [fit.ranef[f"g{t}"] for t in range(len(sizes))],
        "fitted": lambda: fit.fitted_values + arrays.offset,
        "df_satterthwaite": lambda: fit.df_satterthwaite,
    }
