"""The package gpboost, given arrays: maximum likelihood by L-BFGS with a low tolerance."""

from __future__ import annotations

from typing import Any

import gpboost
import numpy as np

from . import answers, frames, terms
from .answers import Ways
from .frames import Array, Arrays
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


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
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


def slopes(arrays: Arrays) -> list[int]:
    """The terms whose effect is not the intercept."""
    return [t for t, block in enumerate(arrays.blocks) if not (block.x == 1).all()]


def columns(arrays: Arrays, chosen: list[int]) -> Array | None:
    """The effects of some terms side by side; None where there are none."""
    return np.column_stack([arrays.blocks[t].x for t in chosen]) if chosen else None


def fitted(arrays: Arrays) -> Any:
    """The fit."""
    steep = slopes(arrays)
    model = gpboost.GPModel(
        likelihood="gaussian",
        group_data=np.column_stack([block.codes for block in arrays.blocks]).astype(str),
        group_rand_coef_data=columns(arrays, steep),
        ind_effect_group_rand_coef=[t + 1 for t in steep] or None,
        drop_intercept_group_rand_effect=[t in steep for t in range(len(arrays.blocks))]
        if steep
        else None,
        weights=arrays.weights,
        matrix_inversion_method="cholesky",
    )
    X = arrays.X if arrays.X.shape[1] else None
    return model.fit(arrays.y, X, params=OPTIONS, offset=arrays.offset)


def ways(request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    arrays = frames.in_arrays(request)
    model, steep = fitted(arrays), slopes(arrays)
    flat = [t for t in range(len(arrays.blocks)) if t not in steep]
    variances = np.ravel(model.get_cov_pars(format_pandas=False))  # the error, flat, steep
    places = [1 + [*flat, *steep].index(t) for t in range(len(arrays.blocks))]
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

    def ranef() -> list[Array]:
        rows = np.asarray(model.predict_training_data_random_effects())
        return [
            np.array([[rows[block.codes == j, place - 1][0]] for j in range(block.levels)])
            for block, place in zip(arrays.blocks, places, strict=True)
        ]

    return {
        "criterion": lambda: 2 * model.get_current_neg_log_likelihood(),
        "beta": beta,
        "sigma": lambda: sigma,
        "theta": lambda: sds / sigma,
        "sd": lambda: sds,
        "corr": lambda: terms.corr([]),
        "ranef": ranef,
        "predicted": lambda: predicted(True),
        "population": lambda: predicted(False),
    }
