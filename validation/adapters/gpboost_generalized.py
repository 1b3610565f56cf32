"""gpboost about generalized models, given arrays, with a low tolerance of the search and the mode.

It takes variances, and of Gamma the shape.
"""

from __future__ import annotations

from typing import Any

import gpboost
import numpy as np

from . import answers, frames, generalized_arrays, gpboost_terms, terms
from .answers import Ways
from .frames import Array, Arrays
from .messages import Json

NAME = "gpboost"
LIKELIHOODS = {
    ("binomial", "logit"): "binomial_logit",
    ("binomial", "probit"): "binomial_probit",
    ("poisson", "log"): "poisson",
    ("Gamma", "log"): "gamma",
}
OPTIONS = {
    "optimizer_cov": "lbfgs",
    "delta_rel_conv": 1e-14,
    "delta_conv_mode_finding": 1e-14,
    "maxit": 10_000,
}


def run(request: Json) -> Json:
    """The answer to one request."""
    arrays = generalized_arrays.in_arrays(request)
    if reason := refused(request, arrays):
        return {"id": request["id"], "skip": reason}
    ways = at_ways if request["level"] == "glmm-evaluate" else fit_ways
    missing = {
        "ranef": f"{NAME} predicts random effects of a fit alone",
        "": f"{NAME} does not compute it",
    }
    return answers.answer(request, answers.forgiving(ways(request, arrays)), missing)


def refused(request: Json, arrays: Arrays) -> str:
    """Why a request is not for gpboost, or nothing."""
    model = request["model"]
    if (model["family"], model["link"]) not in LIKELIHOODS:
        return f"{NAME} does not have the {model['link']} link"
    if model["likelihood"] != "laplace":
        return f"{NAME} has Laplace's approximation alone"
    if model["dialect"] == "expected":
        return f"{NAME}'s determinant has the observed weights where the link is not canonical"
    if any(block.x.shape[1] > 1 for block in arrays.blocks):
        return f"{NAME} has no correlated random effects"
    if "maximum" in request["asked"]:
        return f"{NAME} does not say whether there is a maximum"
    return ""


def model_of(request: Json, arrays: Arrays) -> Any:
    """The model, without its response."""
    model, trials = request["model"], arrays.weights
    if model["family"] == "binomial" and trials is None:
        trials = np.ones(len(arrays.y))
    return gpboost.GPModel(
        likelihood=LIKELIHOODS[model["family"], model["link"]],
        weights=trials,
        matrix_inversion_method="cholesky",
        **gpboost_terms.structure(arrays),
    )


def at_ways(request: Json, arrays: Arrays) -> Ways:
    """Level `glmm-evaluate`."""
    model = model_of(request, arrays)
    model.set_optim_params(params=OPTIONS)
    variances = np.empty(len(arrays.blocks))
    variances[gpboost_terms.order(arrays)] = frames.array(request["theta"]) ** 2
    fixed = arrays.offset + arrays.X @ frames.array(request["beta"])
    shape = [1 / float(request["dispersion"])] if "dispersion" in request else None

    def loglik() -> float:
        given = {"fixed_effects": fixed, "aux_pars": shape}
        return -float(model.neg_log_likelihood(variances, arrays.y, **given))

    return {"loglik": loglik}


def fit_ways(request: Json, arrays: Arrays) -> Ways:
    """Level `glmm-fit`."""
    model = model_of(request, arrays)
    model.fit(arrays.y, arrays.X, params=OPTIONS, offset=arrays.offset)

    def sd() -> Array:
        variances = np.ravel(model.get_cov_pars(format_pandas=False))
        return np.sqrt(variances[gpboost_terms.order(arrays)])

    return {
        "loglik": lambda: -model.get_current_neg_log_likelihood(),
        "beta": lambda: np.ravel(model.get_coef(format_pandas=False)),
        "sd": sd,
        "corr": lambda: terms.corr([]),
        "dispersion": lambda: 1 / np.ravel(model.get_aux_pars(format_pandas=False))[0],
    }
