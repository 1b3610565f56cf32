"""The package gpboost, given arrays: maximum likelihood by L-BFGS with a low tolerance."""

from __future__ import annotations

from typing import Any

import gpboost
import numpy as np

from . import answers, frames, gpboost_generalized, terms
from .answers import Ways
from .frames import Array, Arrays
from .gpboost_terms import columns, order, ranef, slopes, structure
from .messages import Json

NOT = {
    "vcov": "gpboost has standard errors of the coefficients without their covariances",
    "condvar": "gpboost has conditional variances without covariances",
    "pev": "gpboost has no covariances of errors of prediction",
    "": "gpboost does not compute it",
}
OPTIONS = {"optimizer_cov": "lbfgs", "delta_rel_conv": 1e-14, "maxit": 10000}


def start() -> Json:
    """Who answers."""
    return answers.implementation("gpboost")


def run(request: Json) -> Json:
    """The answer to one request."""
    if request["level"] in answers.GENERALIZED:
        return gpboost_generalized.run(request)
    if reason := refused(request):
        return {"id": request["id"], "skip": reason}
    return answers.answer(request, answers.forgiving(ways(request)), NOT)


def refused(request: Json) -> str:
    """Why a request is not for gpboost, or nothing."""
    if request["level"] in ("design", "evaluate"):
        return "only fits are asked for: gpboost profiles nothing at given variances"
    if request["model"]["reml"]:
        return "gpboost has no restricted maximum likelihood"
    if any(block.x.shape[1] > 1 for block in frames.in_arrays(request).blocks):
        return "gpboost has no correlated random effects"
    return ""


def fitted(arrays: Arrays) -> Any:
    """The fit."""
    model = gpboost.GPModel(
        likelihood="gaussian",
        weights=arrays.weights,
        matrix_inversion_method="cholesky",
        **structure(arrays),
    )
    X = arrays.X if arrays.X.shape[1] else None
    return model.fit(arrays.y, X, params=OPTIONS, offset=arrays.offset)


def ways(request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    arrays = frames.in_arrays(request)
    model, steep = fitted(arrays), slopes(arrays)
    variances = np.ravel(model.get_cov_pars(format_pandas=False))  # the error, flat, steep
    places = [1 + place for place in order(arrays)]
    sds, sigma = np.sqrt(variances[places]), float(np.sqrt(variances[0]))

    def beta() -> Array:
        return np.ravel(model.get_coef(format_pandas=False)) if arrays.X.shape[1] else np.zeros(0)

    def predicted(random: bool) -> Any:
        new = frames.rows(request, frames.frame(request["newdata"]))
        if not random:
            return new.X @ beta() + new.offset
        predictions = model.predict(
            group_data_pred=np.column_stack([block.codes for block in new.blocks]).astype(str),
            group_rand_coef_data_pred=columns(new, steep),
            X_pred=new.X if new.X.shape[1] else None,
            offset=arrays.offset,
            offset_pred=new.offset,
        )
        return predictions["mu"]

    return {
        "criterion": lambda: 2 * model.get_current_neg_log_likelihood(),
        "beta": beta,
        "sigma": lambda: sigma,
        "theta": lambda: sds / sigma,
        "sd": lambda: sds,
        "corr": lambda: terms.corr([]),
        "ranef": lambda: ranef(model, arrays),
        "predicted": lambda: predicted(True),
        "population": lambda: predicted(False),
    }
