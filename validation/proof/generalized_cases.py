"""The cases of a generalized model, as they are written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flint import ctx

from .. import mistakes
from ..adapters.messages import Json
from ..mistakes.generalized_problem import generalized_problem
from ..models import GeneralizedModel
from ..suite.compare import REQUIRED
from ..suite.tables import digest
from . import generalized_expected as expected
from .casefile import forms, one_value
from .generalized.maximum import BITS
from .generalized_certified import GeneralizedCertified as Certified
from .separation import require_separated

SAID = ("family", "link", "likelihood", "nodes", "dialect", "response", "trials", "offset")


def cases(model: GeneralizedModel) -> list[Json]:
    """All cases of a model."""
    with ctx.workprec(BITS):
        certified = Certified(model)
        return [
            form
            for level in model.levels
            for case in LEVELS[level](certified)
            for form in forms(case)
        ]


def evaluate_cases(certified: Certified) -> Iterator[Json]:
    """One for each point of the model."""
    for k, point in enumerate(certified.model.points, start=1):
        spread = {} if point.dispersion is None else {"dispersion": point.dispersion}
        given = {"beta": list(point.beta), "theta": list(point.theta), **spread}
        here, of = certified.at(point), certified.likelihood
        found = expected.marginal(here) if is_marginal(certified) else expected.evaluate(here, of)
        proved = values(certified, "glmm-evaluate", "enclosure", found)
        yield (
            head(certified, "glmm-evaluate", f"-{k}")
            | {"given": given}
            | proved
            | missed(certified.model, "glmm-evaluate", given, proved)
        )


def fit_cases(certified: Certified) -> Iterator[Json]:
    """The maximum, or that there is none."""
    start = head(certified, "glmm-fit")
    if "separated" in certified.model.flags:
        sentence = require_separated(certified)
        none = values(certified, "glmm-fit", "exact", {"maximum": 0})
        wrong = missed(certified.model, "glmm-fit", {}, none)
        yield start | none | {"optimum": optimum("none", "global", sentence)} | wrong
        return
    found = certified.maximum
    kind, proof = ("interior", "enclosure") if found.interior else ("boundary", "boundary")
    asked = expected.marginal(found.mode) if is_marginal(certified) else expected.fit(found)
    proved = values(certified, "glmm-fit", proof, asked)
    yield (
        start
        | proved
        | {"optimum": optimum(kind, "local", certified.evidence)}
        | missed(certified.model, "glmm-fit", {}, proved)
    )


def is_marginal(certified: Certified) -> bool:
    """Whether the mean over the random effects is the question."""
    return "marginal" in certified.model.flags


LEVELS = {"glmm-evaluate": evaluate_cases, "glmm-fit": fit_cases}


def head(certified: Certified, level: str, suffix: str = "") -> Json:
    """What every case begins with."""
    model, table = certified.model, certified.table
    terms = [
        {"group": t.group, "effects": list(t.effects), "levels": list(t.levels)}
        for t in certified.terms
    ]
    return {
        "schema": 1,
        "id": f"{model.id}.{level}{suffix}",
        "level": level,
        "form": "formula",
        "why": model.why,
        "flags": list(model.flags),
        "model": {
            "id": model.id,
            "data": model.data,
            "sha256": digest(model.data),
            "formula": model.formula,
            **{key: getattr(model, key) for key in SAID},
            "factors": {name: list(levels) for name, levels in table.factors.items()},
            "coefficients": list(certified.design.names),
            "terms": terms,
        },
    }


def values(certified: Certified, level: str, proof: str, found: Mapping[str, Any]) -> Json:
    """The part `expected` of a case."""
    usual = REQUIRED[level]
    return {
        "expected": {
            name: one_value(certified.model, name, value, proof, usual)
            for name, value in found.items()
        }
    }


def missed(model: GeneralizedModel, level: str, given: Json, proved: Json) -> Json:
    """The part `near_misses`: what usual mistakes answer."""
    entries = proved["expected"]
    truth = {name: numbers(entry["value"]) for name, entry in entries.items()}
    required = {name: entry["required"] for name, entry in entries.items()}
    case = generalized_problem(model, level, given, truth)
    return {"near_misses": mistakes.near_misses(case, required)}


def numbers(nested: Any) -> Any:
    """Nested lists of decimals as doubles."""
    return [numbers(part) for part in nested] if isinstance(nested, list) else float(nested)


def optimum(kind: str, unique: str, evidence: str) -> Json:
    """What is proved of the maximum, or of there being none, and what stands for the rest."""
    return {"kind": kind, "unique": unique, "evidence": evidence}
