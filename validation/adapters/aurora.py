"""The package aurora-glm, given arrays, by its fit_gamm with a low tolerance, REML alone.

aurora_defaults.py asks it as it comes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from aurora.models.gamm import RandomEffect, fit_gamm

from . import answers, by_arrays
from .answers import UnsupportedError, Ways
from .frames import Array, Arrays, Block
from .messages import Json

NAME = "aurora-glm"
NOT = {
    "vcov": f"{NAME} has no covariance of the coefficients of a mixed model",
    "condvar": f"{NAME} has no covariances of the random effects",
    "pev": f"{NAME} has no covariances of the random effects",
    "predicted": f"{NAME} predicts by columns of Z that it does not document for new rows",
    "population": f"{NAME} predicts by columns of X, which are the request's",
    "": f"{NAME} does not compute it",
}
QUASI = f"fit_gamm of {NAME} has penalized quasi-likelihood here, and fit_laplace did not converge"
OPTIONS = {"tol": 1e-14, "maxiter": 10_000}


def start() -> Json:
    """Who answers."""
    return answers.implementation(NAME)


@partial(answers.linear, reason=QUASI)
def run(request: Json, options: Json = OPTIONS) -> Json:
    """The answer to one request, by options of the search."""
    return by_arrays.run(request, NAME, partial(ways, options), NOT)


def random_effect(t: int, block: Block, X: Array) -> Any:
    """A term; its effects but the intercept must be among the columns of X."""
    ones = (block.x == 1).all(axis=0)
    slopes = [place(column, X) for column in block.x[:, ~ones].T]
    intercept_first = not ones.any() or bool(ones[0])
    if ones.sum() > 1 or not intercept_first:
        raise UnsupportedError(f"{NAME} has the intercept first among the effects of a term")
    return RandomEffect(f"g{t}", tuple(slopes), include_intercept=bool(ones.any()))


def place(column: Array, X: Array) -> int:
    """Where a column is in X.  Raises UnsupportedError where it is not."""
    same = np.flatnonzero((column[:, None] == X).all(axis=0))
    if not len(same):
        raise UnsupportedError(f"{NAME} has random effects of columns of X alone")
    return int(same[0])


def fitted(options: Json, arrays: Arrays, reml: bool) -> Any:
    """The fit."""
    y = by_arrays.unweighted(arrays, NAME)
    if not reml:
        raise UnsupportedError(f"{NAME} fits Gaussian models by REML alone")
    effects = [random_effect(t, block, arrays.X) for t, block in enumerate(arrays.blocks)]
    groups = {f"g{t}": block.codes for t, block in enumerate(arrays.blocks)}
    fit = fit_gamm(y=y, X=arrays.X, random_effects=effects, groups_data=groups, **options)
    if not fit.converged:
        raise ArithmeticError(f"{NAME} says that it did not converge")
    return fit


def ways(options: Json, arrays: Arrays, reml: bool) -> Ways:
    """Levels `fit` and `inference`."""
    fit = fitted(options, arrays, reml)

    def ranef() -> Any:
        parts = [fit.random_effects[f"g{t}"] for t in range(len(arrays.blocks))]
        return [np.array([part[level] for level in sorted(part)]) for part in parts]

    covariances = [np.asarray(c) for c in fit.variance_components]
    return by_arrays.covariance_ways(covariances, float(np.sqrt(fit.residual_variance))) | {
        "criterion": lambda: -2 * fit.log_likelihood,
        "beta": lambda: fit.beta_parametric,
        "ranef": ranef,
        "fitted": lambda: fit.fitted_values + arrays.offset,
    }
