"""The package mixedlm, by its functions that are named like lme4's, with its default optimiser."""

from __future__ import annotations

from typing import Any

import mixedlm
import numpy as np
from mixedlm.models.modular import OptimizeResult

from . import answers, formulas, frames, mixedlm_generalized, terms
from .answers import UnsupportedError, Ways
from .messages import Json
from .mixedlm_terms import blocks, labels, own_terms, own_theta, plain
from .terms import Term

NOT = {
    "gradient": "mixedlm does not show the gradient of its criterion",
    "pev": "mixedlm has no covariances of errors of prediction",
    "se_kr": "mixedlm has Kenward and Roger's degrees of freedom, not their standard errors",
    "profile_sigma": "mixedlm profiles coefficients only",
    "profile_sd": "mixedlm profiles coefficients only",
}


def start() -> Json:
    """Who answers."""
    return answers.implementation("mixedlm")


def run(request: Json) -> Json:
    """The answer to one request."""
    if request["form"] == "matrices":
        return {"id": request["id"], "skip": "mixedlm has no documented entry for matrices"}
    if request["level"] in answers.GENERALIZED:
        return mixedlm_generalized.run(request)
    model, data = request["model"], frames.frame(request["data"])
    given = {key: data[model[key]].to_numpy() for key in ("weights", "offset") if model[key]}
    asked = (formulas.in_python(model["formula"]), data, model["reml"])
    if request["level"] in ("design", "evaluate"):
        parsed = mixedlm.lFormula(*asked, **given)
        ways = design_ways(parsed, request)
        if "theta" in request:
            ways |= exact_ways(at(mixedlm.mkLmerDevfun(parsed), request), request)
    else:
        fit = mixedlm.lmer(*asked, **given)
        ways = fit_ways(fit, request) | inference_ways(fit, request)
    return answers.answer(request, answers.forgiving(ways), NOT)


def at(devfun: Any, request: Json) -> Any:
    """The model at the given theta, by the modular functions."""
    theta = own_theta(devfun.parsed, request)
    here = OptimizeResult(theta, devfun(theta), converged=True, n_iter=0, message="")
    return mixedlm.mkLmerMod(devfun, here)


# --- answers --------------------------------------------------------------------------------------


def common_ways(fit: Any, request: Json) -> Ways:
    """What there is at any theta."""
    own = [plain(name, request) for name in fit.getME("fixef_names")]
    places = terms.coefficients(own, request)
    return {
        "criterion": lambda: fit.deviance,
        "beta": lambda: fit.beta[places],
        "sigma": lambda: fit.sigma,
        "vcov": lambda: fit.vcov()[np.ix_(places, places)],
        "df_satterthwaite": lambda: mixedlm.satterthwaite_df(fit).df[places],
        "df_kr": lambda: mixedlm.kenward_roger_df(fit).df[places],
        "profile_beta": lambda: profile(fit, [fit.getME("fixef_names")[k] for k in places]),
    }


def design_ways(parsed: Any, request: Json) -> Ways:
    """Level `design`."""
    own = [plain(name, request) for name in parsed.matrices.fixed_names]
    random = [
        Term(group, effects, labels(s), np.eye(len(effects)), columns=columns, separator="/")
        for group, effects, s, columns, _ in blocks(parsed, request)
    ]
    return {
        "y": lambda: parsed.y,
        "X": lambda: parsed.X[:, terms.coefficients(own, request)],
        "Z": lambda: parsed.Z.toarray()[:, terms.columns(terms.in_order(random, request))],
    }


def exact_ways(fit: Any, request: Json) -> Ways:
    """Level `evaluate`."""
    places = terms.columns(own_terms(fit, request))
    return common_ways(fit, request) | {"u": lambda: fit.getME("u")[places]}


def fit_ways(fit: Any, request: Json) -> Ways:
    """Level `fit`, and the random effects."""
    return common_ways(fit, request) | terms.term_ways(own_terms(fit, request), fit.sigma)


def inference_ways(fit: Any, request: Json) -> Ways:
    """Level `inference`."""

    def predicted(random: bool, se: bool = False) -> Any:
        model, new = request["model"], frames.frame(request["newdata"])
        offset = {"offset": new[model["offset"]].to_numpy()} if model["offset"] else {}
        form = None if random else "NA"
        predictions = fit.predict(new, re_form=form, allow_new_levels=True, se_fit=True, **offset)
        return predictions.se_fit if se else predictions.fit

    return {
        "condvar": lambda: condvar(fit, request),
        "fitted": lambda: fit.fitted(),
        "predicted": lambda: predicted(True),
        "population": lambda: predicted(False),
        "se_predicted": lambda: predicted(True, se=True),
        "se_population": lambda: predicted(False, se=True),
    }


def condvar(fit: Any, request: Json) -> Any:
    """Conditional variances, which mixedlm has without covariances."""
    if any(len(term["effects"]) > 1 for term in request["model"]["terms"]):
        raise UnsupportedError("mixedlm has conditional variances without covariances")
    variances = fit.ranef(condVar=True).condVar
    own = []
    for group, effects, s, _, places in blocks(fit, request):
        values = variances[group][s.term_names[places[0]]].reshape(-1, 1, 1)
        own.append(Term(group, effects, labels(s), np.eye(1), None, values, separator="/"))
    return [term.condvar for term in terms.in_order(own, request)]


def profile(fit: Any, names: list[str]) -> Any:
    """Limits of 95% by the profile of the ML criterion."""
    limits = fit.confint(names, level=0.95, method="profile")
    return [limits[name] for name in names]
