"""The package PyMixEF, given arrays, by its engine fit_lmm with a low tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np
from pymixef.backends import fit_lmm

from . import answers, by_arrays
from .answers import Ways
from .frames import Array, Arrays, Block
from .messages import Json

NAME = "PyMixEF"
NOT = {
    "pev": f"{NAME} has no covariances of errors of prediction",
    "predicted": f"{NAME} predicts the rows of the data alone",
    "population": f"{NAME} predicts the rows of the data alone",
    "": f"{NAME} does not compute it",
}
OPTIONS = {"tolerance": 1e-14, "maxiter": 10_000, "compute_hessian": False}


def start() -> Json:
    """Who answers."""
    return answers.implementation(NAME)


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    return by_arrays.run(request, NAME, ways, NOT)


def random_block(t: int, block: Block) -> Json:
    """A term as the engine wants it."""
    return {
        "name": f"g{t}",
        "matrix": block.x,
        "group_codes": block.codes,
        "group_levels": range(block.levels),
        "term_names": [f"e{j}" for j in range(block.x.shape[1])],
    }


def fitted(arrays: Arrays, reml: bool) -> Any:
    """The fit; the engine for linear mixed models has no offset, which is subtracted."""
    data = {
        "response": arrays.y - arrays.offset,
        "fixed": arrays.X,
        "random_blocks": [random_block(t, block) for t, block in enumerate(arrays.blocks)],
        "weights": arrays.weights,
    }
    fit = fit_lmm(data, reml=reml, **OPTIONS)
    if fit["convergence"]["status"] == "failed":
        raise ArithmeticError(f"{NAME} says: {fit['convergence']['message']}")
    return fit


def covariance(t: int, k: int, parameters: Json) -> Array:
    """The covariance (k, k) of a term, of its standard deviations and correlations."""
    sds = np.array([parameters[f"sd(g{t}:e{j})"] for j in range(k)])
    corr = np.eye(k)
    for row in range(k):
        for column in range(row):
            corr[row, column] = parameters[f"corr(g{t}:e{row},e{column})"]
            corr[column, row] = corr[row, column]
    return corr * np.outer(sds, sds)


def ways(arrays: Arrays, reml: bool) -> Ways:
    """Levels `fit` and `inference`."""
    fit = fitted(arrays, reml)
    more, effects = fit["extra"], np.asarray(fit["random_effects"])
    shapes = [(block.levels, block.x.shape[1]) for block in arrays.blocks]
    ends = np.cumsum([J * k for J, k in shapes])
    places = [
        np.arange(end - J * k, end).reshape(J, k) for end, (J, k) in zip(ends, shapes, strict=True)
    ]
    parameters = fit["parameters"]
    covariances = [covariance(t, k, parameters) for t, (_, k) in enumerate(shapes)]

    def condvar() -> Any:
        C = np.asarray(more["conditional_random_effect_covariance"])
        return [C[at[:, :, None], at[:, None, :]] for at in places]

    return by_arrays.covariance_ways(covariances, parameters["residual_sd"]) | {
        "criterion": lambda: -2 * fit["log_likelihood"],
        "beta": lambda: [parameters[name] for name in more["fixed_effect_names"]],
        "vcov": lambda: more["fixed_effect_covariance"],
        "ranef": lambda: [effects[at] for at in places],
        "condvar": condvar,
        "fitted": lambda: np.asarray(fit["fitted_values"]) + arrays.offset,
    }
