"""Certify the reference values: from each model to the files of its cases, proofs redone.

    python -m validation certify [model ...]
    python -m validation certify --near-misses [model ...]

The files are the same byte for byte each time.  Near misses come from `mistakes`, witnesses from
`witnesses.json`, which `python -m validation witnesses` writes (it needs R).
"""

from __future__ import annotations

import json
from pathlib import Path

from ..adapters.messages import Json
from ..models import GENERALIZED, MODELS, GeneralizedModel, Model
from . import generalized_cases
from . import witnesses as recorded
from .casefile import cases, forms, missed
from .writing import dumped

CASES = Path(__file__).parents[1] / "cases"


def certify(names: list[str] | None = None) -> None:
    """Prove the values of some models, or of all, and write their cases."""
    CASES.mkdir(exist_ok=True)
    for model in chosen(names):
        for case in cases_of(model):
            (CASES / f"{case['id']}.json").write_text(dumped(case), "utf-8")
        print(model.id, flush=True)


def near_misses(names: list[str] | None = None) -> None:
    """Write the near misses of some models, or of all, anew; what is proved stays as it is."""
    for model in chosen(names):
        for path in sorted(CASES.glob(f"{model.id}.*.json")):
            case = written(path.stem)
            if "expected" in case and case["form"] == "formula":
                write({**case, **missed_of(model, case)})
        print(model.id, flush=True)


def cases_of(model: Model | GeneralizedModel) -> list[Json]:
    """All cases of a model."""
    return cases(model) if isinstance(model, Model) else generalized_cases.cases(model)


def missed_of(model: Model | GeneralizedModel, case: Json) -> Json:
    """The near misses of a case that is written down."""
    level, given = case["level"], case.get("given", {})
    if isinstance(model, GeneralizedModel):
        return generalized_cases.missed(model, level, given, case)
    optimum = written(f"{model.id}.fit")["expected"]["theta"]["value"]
    nothing = {"design": ["0"] * len(optimum)}
    return missed(model, level, nothing.get(level) or given.get("theta", optimum), case)


def written(name: str) -> Json:
    """A case as it stands in its file."""
    case: Json = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    return case


def write(case: Json) -> None:
    """Write a case, in each form."""
    for form in forms(case):
        (CASES / f"{form['id']}.json").write_text(dumped(form), "utf-8")


def witnesses() -> None:
    """Ask lme4, nlme and glmmTMB again; needs R."""
    recorded.write()


def chosen(names: list[str] | None) -> list[Model | GeneralizedModel]:
    """The models of these ids.  Raises ValueError for a name that none has."""
    every: list[Model | GeneralizedModel] = [*MODELS, *GENERALIZED]
    known = {model.id: model for model in every}
    for name in names or []:
        if name not in known:
            raise ValueError(f"there is no model {name!r}")
    return [known[name] for name in names] if names else every
