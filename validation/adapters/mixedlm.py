"""The package mixedlm, by its functions that are named like lme4's, with its default optimiser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import mixedlm
import numpy as np
from mixedlm.models.modular import OptimizeResult

from . import answers, formulas, frames, terms
from .answers import UnsupportedError, Ways
from .messages import Json
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


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    if request["form"] == "matrices":
        return {"id": request["id"], "skip": "mixedlm has no documented entry for matrices"}
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
    theta = own_theta(devfun, request)
    here = OptimizeResult(theta, devfun(theta), converged=True, n_iter=0, message="")
    return mixedlm.mkLmerMod(devfun, here)


def own_theta(devfun: Any, request: Json) -> Any:
    """The given theta with its terms in mixedlm's order, and row by row, as mixedlm has it."""
    wanted = request["model"]["terms"]
    parts = terms.split_theta(
        frames.array(request["theta"]), [len(term["effects"]) for term in wanted]
    )
    keys = [terms.term_key(term["group"], term["effects"]) for term in wanted]
    own = [terms.term_key(group, effects) for group, effects, *_ in blocks(devfun.parsed, request)]
    sizes = [len(term["effects"]) for term in wanted]
    return np.concatenate([terms.to_rows(sizes[k], parts[k]) for k in terms.order(keys, own)])


# --- mixedlm's names ------------------------------------------------------------------------------


def plain(name: str, request: Json) -> str:
    """A name of mixedlm's, f.1 or f.b for the second level of f, as R has it."""
    factors = request["data"]["factors"]

    def level(match: re.Match[str]) -> str:
        levels, text = factors[match[1]], match[2]
        return match[1] + (levels[int(text)] if text.isdigit() else text)

    known = "|".join(map(re.escape, factors)) or "-"
    return re.sub(rf"\b({known})\.([^:]+)", level, name)


def blocks(fit: Any, request: Json) -> Iterator[tuple[str, list[str], Any, Any, list[int]]]:
    """Group, effects, structure, columns of Z, places in the structure: one term after the other.

    A structure whose effects are not correlated is as many terms.
    """
    start = 0
    for s in fit.matrices.random_structures:
        columns = start + np.arange(s.n_levels * s.n_terms).reshape(s.n_levels, s.n_terms)
        start += columns.size
        effects = [plain(name, request) for name in s.term_names]
        together = [list(range(s.n_terms))] if s.correlated else [[j] for j in range(s.n_terms)]
        for places in together:
            named = [effects[j] for j in places]
            yield s.grouping_factor, named, s, columns[:, places], places


def labels(structure: Any) -> list[str]:
    """The levels in mixedlm's order, "a/b" for those of an interaction."""
    return sorted(structure.level_map, key=structure.level_map.get)


def own_terms(fit: Any, request: Json) -> list[Term]:
    """The terms of a fit in the order of the request."""
    gamma, own, random = fit.getME("b"), list(blocks(fit, request)), []
    parts = terms.split_theta(fit.theta, [len(effects) for _, effects, *_ in own])
    covariances = iter(fit.VarCorr().groups.values())
    for (group, effects, s, columns, places), theta in zip(own, parts, strict=True):
        if places[0] == 0:
            whole = next(covariances).cov
        named = (group, effects, labels(s), whole[np.ix_(places, places)])
        columnwise = terms.from_rows(len(effects), theta)
        term = Term(*named, gamma[columns], None, columns, columnwise, "/")
        random.append(term)
    return terms.in_order(random, request)


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
