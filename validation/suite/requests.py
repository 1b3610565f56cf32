"""What an implementation is asked about a case; SPEC.md, section 8."""

from __future__ import annotations

from functools import lru_cache

from ..adapters.messages import Json
from . import cases, generalized, tables

MODELS = 4  # whose matrices are kept


def request(case: Json) -> Json:
    """What an implementation is asked."""
    head = {"cmd": "run", **{key: case[key] for key in ("id", "level", "form")}}
    if generalized.is_generalized(case):
        return {**head, "asked": cases.asked(case), **generalized_parts(case)}
    model, given = case["model"], case.get("given", {})
    theta = {"theta": given["theta"]} if "theta" in given else {}
    if case["form"] == "matrices":
        sizes = [{k: len(term[k]) for k in ("effects", "levels")} for term in model["terms"]]
        plain = {"reml": model["reml"], "terms": sizes}
        own = {"model": plain, "arrays": arrays(case)}
        return {**head, "asked": cases.asked(case), **own, **theta}
    keys = ("formula", "reml", "weights", "offset", "coefficients", "terms")
    new = {"newdata": data(given["newdata"], model)} if "newdata" in given else {}
    return {
        **head,
        "asked": cases.asked(case),
        "model": {key: model[key] for key in keys},
        "data": data(model["data"], model),
        **new,
        **theta,
    }


def generalized_parts(case: Json) -> Json:
    """The rest of a request about a generalized model."""
    model = {"model": generalized.model(case)}
    if case["form"] == "matrices":
        return {**model, "arrays": generalized.arrays(case), **generalized.given(case)}
    own = case["model"]
    return {**model, "data": data(own["data"], own), **generalized.given(case)}


def data(name: str, model: Json) -> Json:
    """The columns of a data set as text, without factors that the model does not know."""
    table = tables.load(name)
    factors = {f: list(table.factors.get(f, levels)) for f, levels in model["factors"].items()}
    columns = {
        column: list(values)
        for column, values in table.columns.items()
        if column in factors or column not in table.factors
    }
    return {
        "columns": columns,
        "factors": {f: levels for f, levels in factors.items() if f in columns},
    }


def arrays(case: Json) -> Json:
    """y, X and Z of the model's case of level design; weights and offset, or ones and zeros."""
    model = case["model"]
    design = designs(model["id"])
    columns = tables.load(model["data"]).columns
    own = {key: design[key]["value"] for key in ("y", "X", "Z")}
    n = len(own["y"])
    extra = {
        key: list(columns[model[key]]) if model[key] else [none] * n
        for key, none in (("weights", "1"), ("offset", "0"))
    }
    return {**own, **extra}


@lru_cache(MODELS)
def designs(name: str) -> Json:
    """The matrices of a model, by its case of level design, which is read once for its cases."""
    expected: Json = cases.parsed(cases.FOLDER / f"{name}.design.json")["expected"]
    return expected
