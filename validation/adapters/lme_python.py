"""The package lme-python, with the least tolerance at which it says that it has converged.

An offset stands in the formula.  What it refuses as not implemented is skipped, in its own words.
"""

from __future__ import annotations

from typing import Any

import lme_python
import numpy as np
import pandas as pd

from . import answers, formulas, frames, terms
from .answers import Ways
from .messages import Json
from .terms import Term

NOT = {
    "condvar": "lme-python has no covariances of the random effects",
    "pev": "lme-python has no covariances of the random effects",
    "se_predicted": "lme-python has no standard errors of predictions",
    "se_population": "lme-python has no standard errors of predictions",
    "se_kr": "lme-python has Kenward and Roger's degrees of freedom, not their standard errors",
}
CONTROLS = [lme_python.FitControl(max_iterations=2000, tolerance=10.0**-k) for k in (12, 10, 8, 6)]
REFUSAL = ("not implemented", "invalid input")


def start() -> Json:
    """Who answers."""
    return answers.implementation("lme-python")


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    if request["form"] == "matrices":
        return {"id": request["id"], "skip": "lme-python fits formulas, not matrices"}
    if request["level"] in ("design", "evaluate"):
        return {"id": request["id"], "skip": "lme-python documents nothing but the fit"}
    data = frames.frame(request["data"])
    try:
        fit = fitted(request, data)
    except ValueError as error:
        if any(words in str(error) for words in REFUSAL):
            return {"id": request["id"], "skip": f"lme-python says: {error}"}
        raise
    return answers.answer(request, answers.forgiving(ways(fit, data, request)), NOT)


def fitted(request: Json, data: pd.DataFrame) -> Any:
    """The fit."""
    model = request["model"]
    formula = model["formula"] + (f" + offset({model['offset']})" if model["offset"] else "")
    fixed = formulas.split_formula(model["formula"])[0]
    factors = {
        name: lme_python.FactorSpec(list(levels))
        for name, levels in request["data"]["factors"].items()
        if formulas.names(fixed, name)
    }
    weights = data[model["weights"]].to_list() if model["weights"] else None
    prepared = lme_python.prepare_lmer(formula, data, weights=weights, factors=factors)
    for control in CONTROLS:
        fit = lme_python.fit_prepared(prepared, model["reml"], control=control)
        if fit.converged:
            break
    return fit


def own_terms(fit: Any, request: Json) -> list[Term]:
    """The terms, of lists of labelled numbers."""
    sigma = {frozenset([g, *pair]): value for g, *pair, value, _ in reversed(fit.var_corr)}
    gamma = {(group, level, effect): value for group, level, effect, value in fit.ranef}
    own = []
    for term in request["model"]["terms"]:
        names = list(dict.fromkeys(g for g, *_ in fit.ranef))
        columns = frozenset(formulas.group_columns(term["group"]))
        group = next(g for g in names if frozenset(formulas.group_columns(g)) == columns)
        levels = list(dict.fromkeys(level for g, level, _, _ in fit.ranef if g == group))
        ks = term["effects"]
        covariance = [[sigma[frozenset([group, a, b])] for a in ks] for b in ks]
        values = [[gamma[group, level, a] for a in ks] for level in levels]
        own.append(Term(group, ks, levels, np.array(covariance), np.array(values), separator="_"))
    return terms.in_order(own, request)


def ways(fit: Any, data: pd.DataFrame, request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    model = request["model"]
    wanted = frames.matrix(data, request["data"]["factors"], model["coefficients"])
    places = terms.same_columns(np.array(fit.design_matrix(data)), wanted)
    sigma = float(np.sqrt(fit.sigma2))

    def tested(method: str) -> Any:
        getattr(fit, f"with_{method}")(data)
        return np.array(getattr(fit, f"{method}_dfs"))[places]

    def profile(which: str) -> Any:
        return np.array(fit.confint(0.95, "profile", data, which=which).as_tuples())

    new = frames.frame(request["newdata"]) if "newdata" in request else None
    return terms.term_ways(own_terms(fit, request), sigma) | {
        "criterion": lambda: fit.reml_criterion if model["reml"] else fit.deviance,
        "beta": lambda: np.array(fit.coefficients)[places],
        "sigma": lambda: sigma,
        "vcov": lambda: fit.sigma2 * np.array(fit.v_beta_unscaled)[np.ix_(places, places)],
        "fitted": lambda: fit.fitted,
        "predicted": lambda: fit.predict_conditional(new, allow_new_levels=True),
        "population": lambda: fit.predict(new),
        "df_satterthwaite": lambda: tested("satterthwaite"),
        "df_kr": lambda: tested("kenward_roger"),
        "profile_beta": lambda: profile("fixed")[places],
    }
