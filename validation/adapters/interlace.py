"""The package interlace-lme, with BOBYQA, the more exact of its two optimisers.

Groups and effects are prepared columns: its formulas have no factors among the random effects.  The
offset of new rows is added here.
"""

from __future__ import annotations

from typing import Any

import interlace
import numpy as np

from . import answers, formulas, frames, terms
from .answers import UnsupportedError, Ways
from .messages import Json
from .terms import Term

NOT = {
    "pev": "interlace has no covariances of errors of prediction",
    "se_predicted": "interlace has no standard errors of predictions",
    "se_population": "interlace has no standard errors of predictions",
    "profile_beta": "interlace profiles theta only",
    "profile_sigma": "interlace profiles theta only",
    "profile_sd": "interlace profiles theta only",
}


def start() -> Json:
    """Who answers."""
    return answers.implementation("interlace-lme")


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    if request["form"] == "matrices":
        return {"id": request["id"], "skip": "interlace has no documented entry for matrices"}
    if request["level"] in ("design", "evaluate"):
        return {"id": request["id"], "skip": "interlace documents nothing but the fit"}
    return answers.answer(request, answers.forgiving(ways(request)), NOT)


def fitted(request: Json, **options: Any) -> Any:
    """The fit."""
    model = request["model"]
    data = frames.prepared(frames.frame(request["data"]), request)
    given = {key: data[model[key]].to_numpy() for key in ("weights", "offset") if model[key]}
    return interlace.fit(
        formulas.in_python(formulas.split_formula(model["formula"])[0]),
        data,
        random=[bar(t, term["effects"]) for t, term in enumerate(model["terms"])],
        method="REML" if model["reml"] else "ML",
        **given,
        optimizer="bobyqa",
        **options,
    )


def bar(t: int, effects: list[str]) -> str:
    """A random term as interlace writes it, in prepared columns."""
    columns = ["1" if e == "(Intercept)" else f"e{t}_{j}" for j, e in enumerate(effects)]
    return f"({' + '.join(columns if '1' in columns else ['0', *columns])} | g{t})"


def own_terms(fit: Any, request: Json) -> list[Term]:
    """The terms, whose theta interlace has row by row."""
    wanted = request["model"]["terms"]
    parts = terms.split_theta(fit.theta, [len(term["effects"]) for term in wanted])
    own = []
    for t, (term, part) in enumerate(zip(wanted, parts, strict=True)):
        k, ranef = len(term["effects"]), fit.random_effects[f"g{t}"]
        theta = terms.from_rows(k, part)
        L = terms.triangle(k, theta)
        named = (term["group"], term["effects"], list(ranef.index), fit.scale * L @ L.T)
        own.append(Term(*named, ranef.to_numpy().reshape(-1, k), theta=theta))
    return terms.in_order(own, request)


def ways(request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    fit = fitted(request)
    places = terms.coefficients(fit.fe_params.index, request)
    sigma = float(np.sqrt(fit.scale))

    def kr() -> Any:
        try:
            return fitted(request, df_method="kenward-roger")
        except NotImplementedError as reason:
            raise UnsupportedError(str(reason)) from reason

    def predicted(random: bool) -> Any:
        offset, new = request["model"]["offset"], frames.frame(request["newdata"])
        values = fit.predict(frames.prepared(new, request), include_re=random)
        return values + (new[offset].to_numpy() if offset else 0.0)

    return terms.term_ways(own_terms(fit, request), sigma) | {
        "criterion": lambda: -2 * fit.llf,
        "beta": lambda: fit.fe_params.to_numpy()[places],
        "sigma": lambda: sigma,
        "vcov": lambda: fit.fe_cov[np.ix_(places, places)],
        "condvar": lambda: condvar(fit, request),
        "fitted": lambda: fit.fittedvalues,
        "predicted": lambda: predicted(True),
        "population": lambda: predicted(False),
        "df_satterthwaite": lambda: fit.fe_df.to_numpy()[places],
        "se_kr": lambda: kr().fe_bse.to_numpy()[places],
        "df_kr": lambda: kr().fe_df.to_numpy()[places],
    }


def condvar(fit: Any, request: Json) -> Any:
    """Conditional variances, which interlace has without covariances."""
    if any(len(term["effects"]) > 1 for term in request["model"]["terms"]):
        raise UnsupportedError("interlace has conditional variances without covariances")
    own = []
    for t, term in enumerate(request["model"]["terms"]):
        se = fit.random_effects_se[f"g{t}"]
        values = se.to_numpy().reshape(-1, 1, 1) ** 2
        own.append(Term(term["group"], term["effects"], list(se.index), np.eye(1), None, values))
    return [term.condvar for term in terms.in_order(own, request)]
