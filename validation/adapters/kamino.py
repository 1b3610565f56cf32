"""The package kamino-lme, with its default optimiser.

Intercepts are written out, as it wants them.  What it refuses is skipped, in its own words.  Its
profiles search anew at each of 40 points a parameter: with several terms a case takes minutes.
"""

from __future__ import annotations

import re
from typing import Any

import kamino
import numpy as np
from kamino.errors import ModelSpecificationError
from scipy.linalg import block_diag

from . import answers, frames, terms
from .answers import UnsupportedError, Ways
from .frames import Array
from .messages import Json
from .terms import Term

NOT = {
    "gradient": "kamino has no gradient of its criterion",
    "condvar": "kamino has no covariances of the random effects",
    "pev": "kamino has no covariances of the random effects",
    "se_predicted": "kamino has no standard errors of predictions",
    "se_population": "kamino has no standard errors of predictions",
    "f_satterthwaite": "it is not asked for more than one coefficient's t",
    "f_kr": "it is not asked for more than one coefficient's t",
}


def start() -> Json:
    """Who answers."""
    return answers.implementation("kamino-lme")


@answers.linear
def run(request: Json) -> Json:
    """The answer to one request."""
    kind = kamino.ObjectiveKind.REML if request["model"]["reml"] else kamino.ObjectiveKind.ML
    exact = request["level"] == "evaluate"
    if request["level"] == "design" or exact != (request["form"] == "matrices"):
        reason = "kamino documents its fit for formulas, its evaluation at a theta for matrices"
        return {"id": request["id"], "skip": reason}
    try:
        ways = exact_ways(request, kind) if exact else fit_ways(fitted(request), request)
    except ModelSpecificationError as refusal:
        return {"id": request["id"], "skip": f"kamino says: {refusal}"}
    return answers.answer(request, answers.forgiving(ways), NOT)


# --- at a given theta -----------------------------------------------------------------------------


def exact_ways(request: Json, kind: Any) -> Ways:
    """Level `evaluate`, for matrices."""
    arrays = frames.arrays(request)
    spec = kamino.ModelSpec.from_arrays(
        y=arrays["y"],
        x=arrays["X"],
        z=arrays["Z"],
        weights=arrays["weights"],
        offset=arrays["offset"],
    )
    at = kamino.evaluate_fixed_theta(spec, relative_factor(request), kind=kind)
    return {
        "criterion": lambda: at.objective,
        "beta": lambda: at.beta,
        "sigma": lambda: np.sqrt(at.sigma2),
        "u": lambda: at.u,
    }


def relative_factor(request: Json) -> Array:
    """Lambda of the given theta."""
    wanted, blocks = request["model"]["terms"], []
    parts = terms.split_theta(frames.array(request["theta"]), [t["effects"] for t in wanted])
    for term, theta in zip(wanted, parts, strict=True):
        blocks += [terms.triangle(term["effects"], theta)] * term["levels"]
    return np.asarray(block_diag(*blocks))


# --- fits -----------------------------------------------------------------------------------------


def fitted(request: Json) -> Any:
    """The fit."""
    model, data = request["model"], frames.frame(request["data"])
    given = {key: data[model[key]] for key in ("weights", "offset") if model[key]}
    formula = re.sub(r"\((?![01I(])([^()|]*\|)", r"(1 + \1", model["formula"])
    return kamino.lmer(formula, data, reml=model["reml"], **given)


def own_terms(fit: Any, request: Json) -> list[Term]:
    """The terms: those of one group, or a list of terms."""
    groups = [(t.group_name, t.group_levels, t.random_coefficient_names) for t in fit.random_terms]
    sizes = [(len(names),) for *_, names in groups]
    if not groups:
        groups = [(fit.group_name, fit.group_levels, fit.random_coefficient_names)]
        sizes = [fit.covariance_term_sizes]
    parts = iter(terms.split_theta(fit.theta, [k for together in sizes for k in together]))
    columns, own = 0, []
    for (group, levels, names), together in zip(groups, sizes, strict=True):
        gamma = fit.random_effects[columns : columns + len(levels) * len(names)]
        gamma = gamma.reshape(len(levels), len(names))
        columns += gamma.size
        for places in split(together):
            theta, effects = next(parts), [names[j] for j in places]
            L = fit.sigma * terms.triangle(len(places), theta)
            term = Term(group, effects, levels, L @ L.T, gamma[:, places], theta=theta)
            own.append(term)
    return terms.in_order(own, request)


def split(sizes: Any) -> list[list[int]]:
    """The places of the effects of each term among those of its group."""
    ends = np.cumsum(sizes)
    return [list(range(end - size, end)) for end, size in zip(ends, sizes, strict=True)]


def fit_ways(fit: Any, request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    places = terms.coefficients(fit.fixed_names, request)
    names = [fit.fixed_names[k] for k in places]
    unit = np.eye(len(fit.full_fixed_names))
    rows = unit[[fit.full_fixed_names.index(name) for name in names]]

    def df(analysis: Any) -> Any:
        tests = [analysis.test(row) for row in rows]
        if not all(test.available for test in tests):
            raise UnsupportedError(f"kamino says: {tests[0].message}")
        return [test.denominator_df for test in tests]

    def se_kr() -> Any:
        analysis = fit.kenward_roger()
        if not analysis.available:
            raise UnsupportedError(f"kamino says: {analysis.message}")
        return np.sqrt(np.diag(analysis.adjusted_covariance))[places]

    def predicted(mode: str) -> Any:
        model, new = request["model"], frames.frame(request["newdata"])
        given = {"offset": new[model["offset"]]} if model["offset"] else {}
        return fit.predict(new, mode=mode, allow_new_groups=True, **given).values

    def profile(targets: list[str]) -> Any:
        if len(own) > 1:
            raise UnsupportedError(
                "kamino's profiles take minutes a case where there are several terms"
            )
        profiles = fit.profile(targets=targets)
        intervals = [profiles.interval(name, level=0.95) for name in targets]
        return [[interval.lower, interval.upper] for interval in intervals]

    own = own_terms(fit, request)
    spreads = [f".sig{j + 1:02d}" for j in range(len(own))]
    return terms.term_ways(own, fit.sigma) | {
        "criterion": lambda: fit.objective,
        "beta": lambda: fit.beta[places],
        "sigma": lambda: fit.sigma,
        "vcov": lambda: fit.beta_covariance[np.ix_(places, places)],
        "fitted": lambda: fit.fitted_values,
        "predicted": lambda: predicted("conditional"),
        "population": lambda: predicted("population"),
        "df_satterthwaite": lambda: df(fit.satterthwaite()),
        "df_kr": lambda: df(fit.kenward_roger()),
        "se_kr": se_kr,
        "profile_beta": lambda: profile(names),
        "profile_sigma": lambda: profile([".sigma"])[0],
        "profile_sd": lambda: profile(spreads),
    }
