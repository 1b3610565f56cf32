"""What an implementation is asked about a case of a generalized model; SPEC.md, section 8."""

from __future__ import annotations

from ..adapters.formulas import group_columns
from ..adapters.messages import Json
from . import columns, tables

LEVELS = ("glmm-evaluate", "glmm-fit")
OF_BOTH = ("family", "link", "likelihood", "nodes", "dialect")  # forms
OF_FORMULA = ("formula", "response", "trials", "offset", "coefficients", "terms")
PARAMETERS = ("beta", "theta", "dispersion")


def is_generalized(case: Json) -> bool:
    """Whether a case, or a request, is of a generalized model."""
    return case["level"] in LEVELS


def model(case: Json) -> Json:
    """The part `model` of a request."""
    own = case["model"]
    both = {key: own[key] for key in OF_BOTH}
    if case["form"] == "formula":
        return {**both, **{key: own[key] for key in OF_FORMULA}}
    sizes = [{k: len(term[k]) for k in ("effects", "levels")} for term in own["terms"]]
    return {**both, "terms": sizes}


def given(case: Json) -> Json:
    """The parameters of a request at level `glmm-evaluate`."""
    return {key: case["given"][key] for key in PARAMETERS if key in case.get("given", {})}


def arrays(case: Json) -> Json:
    """The part `arrays` of a request of form `matrices`.

    y, trials, offset and X as decimals, and of each term its effects and levels by rows.
    """
    own = case["model"]
    table = tables.load(own["data"])
    n, at = len(table), table.columns
    return {
        "y": list(at[own["response"]]),
        "trials": list(at[own["trials"]]) if own["trials"] else ["1"] * n,
        "offset": list(at[own["offset"]]) if own["offset"] else ["0"] * n,
        "X": texts(table, own["coefficients"]),
        "z": [texts(table, term["effects"]) for term in own["terms"]],
        "places": [places(table, term) for term in own["terms"]],
    }


def texts(table: tables.Table, names: list[str]) -> list[list[str]]:
    """A model matrix (n, p) of the columns so named, as decimals."""
    return [[columns.decimal(value) for value in row] for row in columns.rows(table, names)]


def places(table: tables.Table, term: Json) -> list[int]:
    """The place (n,) of each row's level in those of a term, from 0."""
    return list(columns.codes(table, group_columns(term["group"]), term["levels"]))
