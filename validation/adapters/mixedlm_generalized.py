"""mixedlm about generalized models, by its glmer and its modular functions with low tolerances.

Of several trials the response is a proportion, with the trials as weights.
"""

from __future__ import annotations

from typing import Any

import mixedlm
import numpy as np
from mixedlm import families
from mixedlm.models.modular import OptimizeResult

from . import answers, formulas, frames, terms
from .answers import Ways
from .generalized_formulas import lacks, of_proportions
from .messages import Json
from .mixedlm_terms import own_terms, own_theta, plain

NAME = "mixedlm"
CONTROL = {"tolPwrss": 1e-12, "ftol": 1e-15, "gtol": 1e-12, "xtol": 1e-12, "maxiter": 100_000}


def run(request: Json) -> Json:
    """The answer to one request of form `formula`."""
    if reason := refused(request):
        return {"id": request["id"], "skip": reason}
    fit = at(request) if request["level"] == "glmm-evaluate" else fitted(request)
    if not fit.converged:
        raise ArithmeticError(f"{NAME} says that it did not converge: {fit.message}")
    missing = {"": f"{NAME} does not compute it"}
    return answers.answer(request, answers.forgiving(ways(fit, request)), missing)


def refused(request: Json) -> str:
    """Why a request is not for mixedlm, or nothing."""
    model = request["model"]
    if model["family"] == "Gamma":
        return f"{NAME} holds the dispersion of a Gamma model at one"
    if lacking := lacks(request, NAME):
        return lacking
    if request["asked"] == ["marginal"]:
        return f"{NAME} has no mean over the random effects"
    return ""


def asked(request: Json) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What both of its ways to a model take: formula, data and family; weights and offset."""
    model, (formula, data) = request["model"], of_proportions(request)
    columns = {"offset": model["offset"], "weights": model["trials"]}
    given = {key: data[column].to_numpy() for key, column in columns.items() if column}
    family = families.Binomial if model["family"] == "binomial" else families.Poisson
    return (formulas.in_python(formula), data, family(model["link"])), given


def fitted(request: Json) -> Any:
    """The fit."""
    whole, given = asked(request)
    control = mixedlm.glmerControl(**CONTROL)
    return mixedlm.glmer(*whole, nAGQ=request["model"]["nodes"], control=control, **given)


def at(request: Json) -> Any:
    """The model at the given parameters, by the modular functions."""
    whole, given = asked(request)
    parsed, nodes = mixedlm.glFormula(*whole, **given), request["model"]["nodes"]
    devfun = mixedlm.mkGlmerDevfun(parsed, control=mixedlm.glmerControl(**CONTROL), nAGQ=nodes)
    theta, own = (
        own_theta(parsed, request),
        [plain(x, request) for x in parsed.matrices.fixed_names],
    )
    wanted = map(terms.name_key, request["model"]["coefficients"])
    beta = frames.array(request["beta"])[terms.order(wanted, map(terms.name_key, own))]
    value = devfun(np.concatenate([theta, beta]))
    here = OptimizeResult(theta, value, converged=True, n_iter=0, message="", nAGQ=nodes, beta=beta)
    return mixedlm.mkGlmerMod(devfun, here)


def ways(fit: Any, request: Json) -> Ways:
    """Both levels."""
    own = [plain(name, request) for name in fit.getME("fixef_names")]
    places = terms.coefficients(own, request)
    return terms.term_ways(own_terms(fit, request), 1.0) | {
        "loglik": lambda: fit.logLik().value,
        "beta": lambda: fit.beta[places],
    }
