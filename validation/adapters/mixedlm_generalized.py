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
    if model["likelihood"] == "exact":
        return f"{NAME} has no exact likelihood"
    if model["dialect"] == "observed":
        return f"{NAME}'s determinant has Fisher's weights where the link is not canonical"
    if "maximum" in request["asked"]:
        return f"{NAME} does not say whether there is a maximum"
    if request["asked"] == ["marginal"]:
        return f"{NAME} has no mean over the random effects"
    return ""


def asked(request: Json) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What both of its ways to a model take: formula, data and family; weights and offset."""
    model, data = request["model"], frames.frame(request["data"])
    given = {"offset": data[model["offset"]].to_numpy()} if model["offset"] else {}
    if model["trials"]:
        given["weights"] = data[model["trials"]].to_numpy()
        data[model["response"]] /= given["weights"]
    right = model["formula"].partition("~")[2]
    family = families.Binomial if model["family"] == "binomial" else families.Poisson
    formula = formulas.in_python(f"{model['response']} ~{right}")
    return (formula, data, family(model["link"])), given


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
