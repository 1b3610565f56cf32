"""pystatistics about generalized models, given arrays, by its glmm with a low tolerance."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from pystatistics.core.exceptions import ValidationError
from pystatistics.mixed import glmm
from pystatistics.regression import families

from . import answers, generalized_arrays, terms
from .frames import Array, Arrays
from .generalized_formulas import lacks
from .messages import Json

NAME = "pystatistics"
OPTIONS = {"tol": 1e-14, "max_iter": 10_000}


def run(request: Json) -> Json:
    """The answer to one request."""
    if reason := refused(request):
        return {"id": request["id"], "skip": reason}
    arrays, model = generalized_arrays.in_arrays(request), request["model"]

    @cache
    def fit() -> Any:
        return fitted(arrays, model)

    def covariances() -> list[Array]:
        sizes = [block.x.shape[1] for block in arrays.blocks]
        parts = terms.split_theta(np.asarray(fit().params.theta), sizes)  # row by row
        by_columns = [terms.from_rows(k, part) for k, part in zip(sizes, parts, strict=True)]
        factors = [terms.triangle(k, part) for k, part in zip(sizes, by_columns, strict=True)]
        return [L @ L.T for L in factors]

    try:
        fit()
    except ValidationError as refusal:
        return {"id": request["id"], "skip": f"{NAME} says: {refusal}"}
    ways = {
        "loglik": lambda: fit().log_likelihood,
        "beta": lambda: fit().coefficients,
        "sd": lambda: terms.sd(covariances()),
        "corr": lambda: terms.corr(covariances()),
    }
    return answers.answer(request, answers.forgiving(ways), {"": f"{NAME} does not compute it"})


def refused(request: Json) -> str:
    """Why a request is not for pystatistics, or nothing."""
    model = request["model"]
    if request["level"] == "glmm-evaluate":
        return f"{NAME} documents nothing but the fit"
    if model["family"] == "Gamma":
        return f"{NAME} has generalized mixed models of the binomial and the Poisson family"
    if model["likelihood"] != "laplace":
        return f"{NAME} has Laplace's approximation alone"
    return lacks(request, NAME)


def fitted(arrays: Arrays, model: Json) -> Any:
    """The fit.  Raises ArithmeticError where the package says that it did not converge."""
    family = {"binomial": families.Binomial, "poisson": families.Poisson}[model["family"]]
    groups = {f"g{t}": block.codes for t, block in enumerate(arrays.blocks)}
    names = {
        f"g{t}": [f"e{t}_{j}" for j in range(block.x.shape[1])]
        for t, block in enumerate(arrays.blocks)
    }
    data = {
        name: column
        for t, block in enumerate(arrays.blocks)
        for name, column in zip(names[f"g{t}"], block.x.T, strict=True)
    }
    fit = glmm(
        arrays.y, arrays.X, groups, family=family(model["link"]), random_effects=names,
        random_data=data, offset=arrays.offset, weights=arrays.weights, **OPTIONS,
    )  # fmt: skip
    if not fit.converged:
        raise ArithmeticError(f"{NAME} says that it did not converge")
    return fit
