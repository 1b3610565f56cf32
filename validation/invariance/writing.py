"""The cases of level `invariance`: which transformation of which model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ..adapters.messages import Json
from ..suite import cases
from .transformations import TRANSFORMATIONS

PLAN: tuple[tuple[str, str, Json], ...] = (
    ("rows-permuted", "sleepstudy-slopes-reml", {"step": 7}),
    ("rows-permuted", "Pastes-ml", {"step": 7}),
    ("rows-permuted", "crossed-sparse-reml", {"step": 5}),
    ("rows-permuted", "weighted-offset-reml", {"step": 5}),
    ("index", "sleepstudy-slopes-reml", {"step": 1, "different": 1}),
    ("index", "singletons-reml", {"step": 7, "different": 100}),
    ("index", "weighted-offset-reml", {"step": 7, "different": 11}),
    ("covariate-scaled", "sleepstudy-slopes-reml", {"column": "Days", "factor": "1000"}),
    ("covariate-scaled", "Oxboys-reml", {"column": "age", "factor": "0.01"}),
    ("covariate-scaled", "twins-ml", {"column": "age", "factor": "1000000"}),
    ("covariate-shifted", "sleepstudy-slopes-reml", {"column": "Days", "by": "-4.5"}),
    ("covariate-shifted", "slopes-ml", {"column": "x", "by": "100"}),
    ("covariate-shifted", "twins-reml", {"column": "age", "by": "2000"}),
    ("response-scaled", "sleepstudy-slopes-reml", {"column": "Reaction", "factor": "0.001"}),
    ("response-scaled", "Penicillin-reml", {"column": "diameter", "factor": "-1000"}),
    ("response-scaled", "ergoStool-ml", {"column": "effort", "factor": "1000000"}),
    ("response-shifted", "sleepstudy-slopes-ml", {"column": "Reaction", "by": "10000"}),
    ("response-shifted", "genotype-reml", {"column": "Wt", "by": "-1000"}),
    ("groups-relabelled", "sleepstudy-slopes-reml", {"column": "Subject", "first": 12}),
    ("groups-relabelled", "Pastes-reml", {"column": "batch", "first": 14}),
    ("groups-relabelled", "Penicillin-reml", {"column": "plate", "first": 3}),
    ("levels-reversed", "sleepstudy-slopes-reml", {"column": "Subject"}),
    ("levels-reversed", "Rail-reml", {"column": "Rail"}),
    ("levels-reversed", "crossed-sparse-reml", {"column": "item"}),
    ("reference-level", "ergoStool-reml", {"column": "Type"}),
    ("reference-level", "RatPupWeight-reml", {"column": "Treatment"}),
    ("reference-level", "odd-labels-reml", {"column": "dose"}),
    ("unused-level", "Dyestuff-reml", {"column": "Batch"}),
    ("unused-level", "ergoStool-reml", {"column": "Type"}),
    ("newdata-subset", "sleepstudy-slopes-reml", {"rows": [4, 1]}),
    ("newdata-subset", "Penicillin-reml", {"rows": [5]}),
    ("newdata-levels", "ergoStool-reml", {"rows": [2]}),
    ("newdata-levels", "Orthodont-slopes-reml", {"rows": [3]}),
    ("newdata-levels", "odd-labels-reml", {"rows": [1, 3]}),
    ("predict-train", "sleepstudy-slopes-reml", {}),
    ("predict-train", "Pixel-reml", {}),
    ("predict-train", "cake-reml", {}),
    ("predict-train", "weighted-offset-reml", {}),
    ("predict-train", "dependent-columns-reml", {}),
    ("predict-train", "empty-levels-reml", {}),
    ("ml-from-reml", "Dyestuff-reml", {}),
    ("ml-from-reml", "Rail-reml", {}),
    ("criterion-not-above", "Orthodont-slopes-reml", {}),
    ("criterion-not-above", "Assay-reml", {}),
    ("criterion-not-above", "scales-reml", {}),
    ("criterion-not-above", "two-minima-ml", {}),
    ("criterion-not-above", "two-minima-zero-ml", {}),
    ("criterion-not-above", "two-minima-reml", {}),
    ("criterion-not-above", "two-minima-inside-reml", {}),
    ("same-again", "Machines-blocks-reml", {}),
    ("same-again", "correlation-minus-one-ml", {}),
    ("weights-scaled", "weighted-reml", {"column": "w", "factor": "2"}),
    ("weights-scaled", "weighted-offset-reml", {"column": "w", "factor": "0.01"}),
    ("unit-weights", "slopes-ml", {}),
    ("unit-weights", "Pastes-reml", {}),
    ("offset-moved", "slopes-reml", {"column": "x", "by": "1.5"}),
    ("offset-moved", "twins-ml", {"column": "dose", "by": "-2"}),
    (
        "formula-rewritten",
        "sleepstudy-double-bar-reml",
        {"formula": "Reaction ~ Days + (1 | Subject) + (0 + Days | Subject)"},
    ),
    (
        "formula-rewritten",
        "Pastes-reml",
        {"formula": "strength ~ 1 + (1 | batch) + (1 | cask:batch)"},
    ),
    (
        "formula-rewritten",
        "Penicillin-reml",
        {"formula": "diameter ~ (1 | sample) + (1 | plate)"},
    ),
    (
        "formula-rewritten",
        "Alfalfa-reml",
        {"formula": "Yield ~ (1 | Block/Variety) + Date + Variety + Date:Variety"},
    ),
    ("matrices", "sleepstudy-slopes-reml", {}),
    ("matrices", "weighted-offset-reml", {}),
    ("matrices", "three-effects-ml", {}),
)


def planned() -> Iterator[Json]:
    """Every case."""
    for name, model, parameters in PLAN:
        yield case_of(name, model, parameters)


def case_of(name: str, model: str, parameters: Json) -> Json:
    """One case; what it says of the model is what the model's other cases say."""
    design = cases.one(f"{model}.design")
    blocks = any(len(term["effects"]) > 1 for term in design["model"]["terms"])
    transformation = TRANSFORMATIONS[name]
    if name == "criterion-not-above":
        parameters = {"theta": witness(model)}
    case = {
        "schema": 1,
        "id": f"{model}.{name}",
        "level": "invariance",
        "form": "formula",
        "why": transformation.says,
        "flags": design["flags"],
        "model": design["model"],
        "transform": {"name": name, **parameters},
        "asked": [q for q in transformation.asked if blocks or q != "corr"],
        "required": transformation.required,
    }
    if set(transformation.asked) & {"predicted", "population"} and name != "predict-train":
        case["given"] = {"newdata": f"{design['model']['data']}-new"}
    return case


def witness(model: str) -> list[str]:
    """The proven theta of the model's fit, to 17 digits."""
    expected = cases.one(f"{model}.fit")["expected"]
    return [f"{float(text):.17g}" for text in expected["theta"]["value"]]


def write(folder: Path = cases.FOLDER) -> None:
    """Write the files of all cases."""
    for case in planned():
        text = json.dumps(case, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{case['id']}.json").write_text(text, "utf-8")
