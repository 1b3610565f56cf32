"""The package glmm, of the Rust crate of that name, by its function fit with its defaults.

A level that no row has is dropped, as its documentation says, and a group of more than two columns
is one prepared column, as its formulas have none.  What it refuses is skipped, in its own words.
"""

from __future__ import annotations

from typing import Any

import glmm
import numpy as np
import pandas as pd

from . import answers, formulas, frames, terms
from .answers import Ways
from .messages import Json
from .terms import Term

NOT = {
    "condvar": "glmm has no covariances of the random effects",
    "pev": "glmm has no covariances of the random effects",
    "predicted": "glmm does not predict",
    "population": "glmm does not predict",
    "se_predicted": "glmm does not predict",
    "se_population": "glmm does not predict",
    "df_kr": "glmm has Satterthwaite's degrees of freedom alone",
    "se_kr": "glmm has Satterthwaite's degrees of freedom alone",
    "profile_beta": "glmm has no profiles",
    "profile_sigma": "glmm has no profiles",
    "profile_sd": "glmm has no profiles",
}
REFUSAL = ("not supported", "has no columns", "is not a numeric fixed term")


def start() -> Json:
    """Who answers."""
    return answers.implementation("glmm")


def run(request: Json) -> Json:
    """The answer to one request."""
    if request["form"] == "matrices":
        return {"id": request["id"], "skip": "glmm fits formulas, not matrices"}
    if request["level"] in ("design", "evaluate", "glmm-evaluate"):
        return {"id": request["id"], "skip": "glmm documents nothing but the fit"}
    is_generalized = request["level"] == "glmm-fit"
    if is_generalized and (reason := unsupported(request)):
        return {"id": request["id"], "skip": reason}
    try:
        fit = generalized(request) if is_generalized else fitted(request)
    except ValueError as error:
        if any(words in str(error) for words in REFUSAL):
            return {"id": request["id"], "skip": f"glmm says: {error}"}
        raise
    if not fit.converged:
        raise ArithmeticError("glmm says that it did not converge")
    return answers.answer(request, answers.forgiving(ways(fit, request)), NOT)


def fitted(request: Json) -> Any:
    """The fit."""
    model, data = request["model"], frames.frame(request["data"])
    given = {key: data[model[key]].to_numpy() for key in ("weights", "offset") if model[key]}
    formula, columns = plain_groups(request, data)
    return glmm.fit(columns, formula, reml=model["reml"], **given)


def unsupported(request: Json) -> str:
    """Why a generalized model is not for glmm, or nothing."""
    if request["model"]["likelihood"] == "exact":
        return "glmm has no exact likelihood"
    if request["model"]["dialect"] == "expected":
        return "glmm's determinant has the observed weights where the link is not canonical"
    if "maximum" in request["asked"]:
        return "glmm does not say whether there is a maximum"
    return ""


def generalized(request: Json) -> Any:
    """The fit of a generalized model; of several trials the response is a proportion."""
    model, data = request["model"], frames.frame(request["data"])
    given = {"offset": data[model["offset"]].to_numpy()} if model["offset"] else {}
    if model["trials"]:
        given["weights"] = data[model["trials"]].to_numpy()
        data[model["response"]] /= given["weights"]
    formula, columns = plain_groups(request, data)
    right = formula.partition("~")[2]
    how = {"family": model["family"].lower(), "link": model["link"], "nagq": model["nodes"]}
    return glmm.fit(columns, f"{model['response']} ~{right}", **how, **given)


def plain_groups(request: Json, data: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """A formula without groups of more than two columns, and the data without unused levels."""
    model = request["model"]
    groups = [formulas.group_columns(term["group"]) for term in model["terms"]]
    used = {name: data[name].cat.remove_unused_categories() for group in groups for name in group}
    if max(map(len, groups)) <= 2:
        return model["formula"], data.assign(**used)
    fixed = formulas.split_formula(model["formula"])[0]
    bars = [f"(1 | g{t})" for t in range(len(groups))]  # nested deep: intercepts
    return " + ".join([fixed, *bars]), frames.prepared(data.assign(**used), request)


def own_terms(fit: Any, request: Json) -> list[Term]:
    """The terms, of covariances that are packed column by column."""
    own, asked = [], {f"g{t}": term["group"] for t, term in enumerate(request["model"]["terms"])}
    for (group, effects), packed, block in zip(
        fit.re_groups, fit.varcorr, fit.ranef_blocks, strict=True
    ):
        lower = terms.triangle(len(effects), np.asarray(packed))
        covariance = lower + np.tril(lower, -1).T
        named = (asked.get(group, group), effects, block["levels"])
        own.append(Term(*named, covariance, block["values"]))
    return terms.in_order(own, request)


def ways(fit: Any, request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    kept = np.flatnonzero(~fit.aliased)
    places = kept[terms.coefficients([fit.names[j] for j in kept], request)]
    sigma = float(np.sqrt(fit.dispersion)) if request["level"] != "glmm-fit" else 1.0
    return terms.term_ways(own_terms(fit, request), sigma) | {
        "criterion": lambda: -2 * fit.loglik,
        "loglik": lambda: fit.loglik,
        "dispersion": lambda: fit.dispersion,
        "beta": lambda: fit.beta[places],
        "sigma": lambda: sigma,
        "vcov": lambda: fit.vcov[np.ix_(places, places)],
        "fitted": lambda: fit.fitted,
        "df_satterthwaite": lambda: fit.coef_df[places],
    }
