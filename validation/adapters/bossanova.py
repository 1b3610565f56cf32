"""The package bossanova as it comes: its tables show four significant digits.

Groups and random effects are prepared columns, as they have no interactions in its formulas, and a
power is written without I().  bossanova_digits.py asks for all digits.
"""

from __future__ import annotations

import re
from typing import Any

import bossanova
import pandas as pd
import polars as pl

from . import answers, formulas, frames, terms
from .answers import Ways
from .frames import Array
from .generalized_formulas import lacks, of_proportions
from .messages import Json

NAME = "bossanova"
NOT = {
    "theta": f"{NAME} shows standard deviations, not theta",
    "vcov": f"{NAME} shows standard errors, not their covariance",
    "condvar": f"{NAME} has no covariances of the random effects",
    "pev": f"{NAME} has no covariances of the random effects",
    "se_kr": f"{NAME} has Satterthwaite's degrees of freedom alone",
    "df_kr": f"{NAME} has Satterthwaite's degrees of freedom alone",
    "profile_beta": f"{NAME} profiles variance components alone",
    "": f"{NAME} does not compute it",
}


def start() -> Json:
    """Who answers."""
    return answers.implementation(NAME)


def run(request: Json) -> Json:
    """The answer to one request."""
    if request["form"] == "matrices":
        return {"id": request["id"], "skip": f"{NAME} fits formulas, not matrices"}
    if request["level"] in ("design", "evaluate", "glmm-evaluate"):
        return {"id": request["id"], "skip": f"{NAME} documents nothing but the fit"}
    if request["level"] == "glmm-fit":
        return generalized(request)
    return answers.answer(request, answers.forgiving(ways(fitted(request), request)), NOT)


# --- questions ------------------------------------------------------------------------------------


def fitted(request: Json) -> Any:
    """The fit, with what is inferred of its coefficients."""
    model = request["model"]
    given = {key: model[key] for key in ("weights", "offset") if model[key]}
    method = "reml" if model["reml"] else "ml"
    data = columns(frames.frame(request["data"]), request)
    return bossanova.model(formula(model), data, method=method).fit(**given).infer()


def generalized(request: Json) -> Json:
    """The answer about a generalized model; of several trials the response is a proportion."""
    if reason := refused(request):
        return {"id": request["id"], "skip": reason}
    model, (text, data) = request["model"], of_proportions(request)
    given = {"weights": model["trials"], "offset": model["offset"], "nAGQ": model["nodes"]}
    family = {"family": model["family"].lower(), "link": model["link"]}
    made = bossanova.model(formula({**model, "formula": text}), columns(data, request), **family)
    return answers.answer(request, answers.forgiving(ways(made.fit(**given), request)), NOT)


def refused(request: Json) -> str:
    """Why a generalized model is not for bossanova, or nothing."""
    model = request["model"]
    if model["link"] == "cloglog" and model["likelihood"] != "exact":
        return f"{NAME} does not have the cloglog link"
    return lacks(request, NAME)


def formula(model: Json) -> str:
    """The formula with prepared random terms."""
    fixed = formulas.split_formula(model["formula"])[0]
    bars = [f"({bar(t, term['effects'])} | g{t})" for t, term in enumerate(model["terms"])]
    return " + ".join([re.sub(r"I\((\w+ *\^ *\d+)\)", r"\1", fixed), *bars])


def bar(t: int, effects: list[str]) -> str:
    """The effects of a term, of prepared columns but for the intercept."""
    slopes = [f"e{t}_{j}" for j, name in enumerate(effects) if name != "(Intercept)"]
    return " + ".join(["1" if "(Intercept)" in effects else "0", *slopes])


def columns(data: pd.DataFrame, request: Json) -> pl.DataFrame:
    """The data for Polars: a factor is an Enum of its levels in their order, as a group is."""
    factors = [name for name in request["data"]["factors"] if name in data]
    enums = {
        name: list(data[name].cat.remove_unused_categories().cat.categories) for name in factors
    }
    prepared = frames.prepared(data, request)
    for t, term in enumerate(request["model"]["terms"]):
        enums[f"g{t}"] = list(dict.fromkeys([*term["levels"], *prepared[f"g{t}"]]))
    return pl.DataFrame(
        {
            name: pl.Series(prepared[name].astype(str).tolist(), dtype=pl.Enum(enums[name]))
            if name in enums
            else pl.Series(prepared[name].to_numpy())
            for name in prepared
        }
    )


# --- answers --------------------------------------------------------------------------------------


def own_effects(t: int, effects: list[str]) -> list[str]:
    """Its names of the effects of a term."""
    return ["Intercept" if name == "(Intercept)" else f"e{t}_{j}" for j, name in enumerate(effects)]


def coefficient(name: str) -> str:
    """The name of a coefficient as R has it: a power is I(x^2)."""
    return ":".join(f"I({part})" if "^" in part else part for part in terms.r_name(name).split(":"))


def spread(fit: Any, column: str = "estimate") -> dict[tuple[str, str], float]:
    """The standard deviations and correlations, by term and metric, or their limits."""
    table = fit.varying_spread
    return {(term, metric): value for term, metric, value in table["term", "metric", column].rows()}


def own_ranef(fit: Any, request: Json) -> list[Array]:
    """The random effects (J, k) of each term, level by level of the request."""
    table, parts = fit.varying_offsets.to_pandas().set_index(["group", "level"]), []
    for t, term in enumerate(request["model"]["terms"]):
        own = table.loc[f"g{t}"]
        parts.append(own.loc[term["levels"], own_effects(t, term["effects"])].to_numpy())
    return parts


def correlations(fit: Any, wanted: list[list[str]]) -> list[float]:
    """The correlations of each term's effects, below the diagonal, column by column."""
    known = spread(fit)
    pairs = [(a, b) for effects in wanted for k, a in enumerate(effects) for b in effects[k + 1 :]]
    return [known[f"{a}:{b}", "corr"] for a, b in pairs if (f"{a}:{b}", "corr") in known]


def predictions(fit: Any, request: Json, rows: str, varying: str, column: str) -> Array:
    """A column of the predictions for some rows: those of the data, or new ones."""
    data = columns(frames.frame(request[rows]), request)
    fit.predict(data, varying=varying, allow_new_levels=True).infer()
    return fit.predictions[column].to_numpy()


def limits(fit: Any, names: list[str]) -> list[list[float]]:
    """Profile limits of standard deviations."""
    fit.infer(how="profile")
    low, high = spread(fit, "ci_lower"), spread(fit, "ci_upper")
    return [[low[name, "std_dev"], high[name, "std_dev"]] for name in names]


def ways(fit: Any, request: Json) -> Ways:
    """Levels `fit` and `inference`."""
    wanted = [own_effects(t, term["effects"]) for t, term in enumerate(request["model"]["terms"])]
    kept = fit.params.filter(pl.col("estimate").is_finite())  # NaN: a column that is dropped
    places = terms.coefficients(map(coefficient, kept["term"]), request)
    deviations = [f"g{t} | {name}" for t, effects in enumerate(wanted) for name in effects]
    return {
        "criterion": lambda: fit.diagnostics["deviance"].item(),
        "loglik": lambda: fit.diagnostics["loglik"].item(),
        "beta": lambda: kept["estimate"].to_numpy()[places],
        "sigma": lambda: fit.diagnostics["sigma"].item(),
        "sd": lambda: [spread(fit)[name, "std_dev"] for name in deviations],
        "corr": lambda: correlations(fit, wanted),
        "ranef": lambda: own_ranef(fit, request),
        "df_satterthwaite": lambda: kept["df"].to_numpy()[places],
        "fitted": lambda: predictions(fit, request, "data", "include", "fitted"),
        "predicted": lambda: predictions(fit, request, "newdata", "include", "fitted"),
        "population": lambda: predictions(fit, request, "newdata", "exclude", "fitted"),
        "se_predicted": lambda: predictions(fit, request, "newdata", "include", "se"),
        "se_population": lambda: predictions(fit, request, "newdata", "exclude", "se"),
        "profile_sigma": lambda: limits(fit, ["Residual"])[0],
        "profile_sd": lambda: limits(fit, deviations),
    }
