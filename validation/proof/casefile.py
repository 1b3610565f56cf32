"""The cases of a model, as they are written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flint import ctx

from .. import mistakes
from ..adapters.messages import Json
from ..mistakes.problem import problem
from ..models import GeneralizedModel, Model
from ..suite.compare import REQUIRED, digits
from ..suite.tables import digest, load
from . import everywhere, expected, starting
from . import witnesses as recorded
from .certified import Certified
from .digits import log_condition, proved, texts
from .intervals import intervals
from .optimum import BITS, Optimum


def cases(model: Model) -> list[Json]:
    """All cases of a model."""
    with ctx.workprec(BITS):
        certified = Certified(model)
        return [
            form
            for level in model.levels
            for case in LEVELS[level](certified)
            for form in forms(case)
        ]


def forms(case: Json) -> list[Json]:
    """A case, and beside it the form without a formula."""
    if case["level"] in ("design", "inference"):
        return [case]
    left = {"near_misses": mistakes.without_formula(case["near_misses"])}
    return [case, case | {"id": f"{case['id']}.matrices", "form": "matrices"} | left]


def design_cases(certified: Certified) -> Iterator[Json]:
    """y, X and Z."""
    found = values(certified, "design", "definition", expected.design(certified.made))
    yield (
        head(certified, "design")
        | found
        | missed(certified.model, "design", ["0"] * certified.made.design.m, found)
    )


def evaluate_cases(certified: Certified) -> Iterator[Json]:
    """One for each theta of the model."""
    for k, theta in enumerate(certified.model.thetas, start=1):
        found = values(certified, "evaluate", "exact", expected.evaluate(certified.problem, theta))
        start = head(certified, "evaluate", f"evaluate-{k}") | {"given": {"theta": list(theta)}}
        yield start | found | missed(certified.model, "evaluate", theta, found)


def fit_cases(certified: Certified) -> Iterator[Json]:
    """The minimum."""
    found = values(certified, "fit", proof_of(certified.fit), expected.fit(certified.fit))
    yield (
        head(certified, "fit")
        | found
        | {"optimum": optimum(certified)}
        | missed(certified.model, "fit", texts(certified.fit.theta), found)
        | {"witnesses": heard(certified.model, found["expected"])}
    )


def inference_cases(certified: Certified) -> Iterator[Json]:
    """What follows from it."""
    model = certified.model
    new = load(model.newdata) if model.newdata else None
    proved = dict(expected.inferred(model, certified.made, certified.fit, new))
    if certified.has_profiles:
        proved |= intervals(certified.made, certified.ml_fit)
    found = values(certified, "inference", proof_of(certified.fit), proved)
    yield (
        head(certified, "inference")
        | ({"given": {"newdata": model.newdata}} if model.newdata else {})
        | found
        | {"optimum": optimum(certified)}
        | missed(certified.model, "inference", texts(certified.fit.theta), found)
    )


LEVELS = {
    "design": design_cases,
    "evaluate": evaluate_cases,
    "fit": fit_cases,
    "inference": inference_cases,
}


def head(certified: Certified, level: str, suffix: str | None = None) -> Json:
    """What every case begins with."""
    model, made = certified.model, certified.made
    table = load(model.data)
    terms = [
        {"group": t.group, "effects": list(t.effects), "levels": list(t.levels)} for t in made.terms
    ]
    return {
        "schema": 1,
        "id": f"{model.id}.{suffix or level}",
        "level": level,
        "form": "formula",
        "why": model.why,
        "flags": list(model.flags),
        "model": {
            "id": model.id,
            "data": model.data,
            "sha256": digest(model.data),
            "formula": model.formula,
            "reml": model.reml,
            "weights": model.weights,
            "offset": model.offset,
            "factors": {name: list(levels) for name, levels in table.factors.items()},
            "coefficients": list(made.names),
            "terms": terms,
        },
    }


def proof_of(fit: Optimum) -> str:
    """The kind of proof of a minimum."""
    return "enclosure" if fit.interior else "boundary"


def values(certified: Certified, level: str, proof: str, found: Mapping[str, Any]) -> Json:
    """The part `expected` of a case."""
    usual = REQUIRED[level]
    if level == "evaluate":
        usual -= log_condition(certified.made.design.X)
    return {
        "expected": {
            name: one_value(certified.model, name, value, proof, round(usual, 1))
            for name, value in found.items()
        }
    }


def one_value(
    model: Model | GeneralizedModel, name: str, value: Any, proof: str, usual: float
) -> Json:
    """A value with its proved digits and those required."""
    entry = {"value": texts(value), "digits": proved(name, value), "proof": proof}
    lower, because = model.required.get(name, (usual, ""))
    if lower < usual:
        return entry | {"required": lower, "because": because}
    return entry | {"required": usual}


def optimum(certified: Certified) -> Json:
    """What is proved of the minimum, and what stands for the rest."""
    fit = certified.fit
    kind = "interior" if fit.interior else "boundary"
    if fit.problem.sizes == (1,) and fit.problem.q <= everywhere.LARGEST:
        found = everywhere.everywhere(certified.problem, fit)
        return {"kind": kind, "unique": found.claim, "evidence": found.sentence}
    return {"kind": kind, "unique": "local", "evidence": starting.evidence()}


def missed(model: Model, level: str, theta: Sequence[str], found: Json) -> Json:
    """The part `near_misses`: what usual mistakes answer."""
    entries = found["expected"]
    truth = {name: entry["value"] for name, entry in entries.items()}
    required = {name: entry["required"] for name, entry in entries.items()}
    case = problem(model, level, list(theta), truth)
    return {"near_misses": mistakes.near_misses(case, required)}


def heard(model: Model, proved: Mapping[str, Json]) -> list[Json]:
    """The witnesses of a fit, with the digits to which they agree with what is proved."""
    return [
        witness
        | {
            "digits": {
                name: round(digits(name, value, proved[name]["value"]), 1)
                for name, value in witness["values"].items()
            }
        }
        for witness in recorded.recorded().get(model.id, [])
    ]
