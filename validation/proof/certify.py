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
from ..models import MODELS, Model
from . import witnesses as recorded
from .casefile import cases, forms, missed
from .writing import dumped

CASES = Path(__file__).parents[1] / "cases"


def certify(names: list[str] | None = None) -> None:
    """Prove the values of some models, or of all, and write their cases."""
    CASES.mkdir(exist_ok=True)
    for model in chosen(names):
        for case in cases(model):
            (CASES / f"{case['id']}.json").write_text(dumped(case), "utf-8")
        print(model.id, flush=True)


def near_misses(names: list[str] | None = None) -> None:
    """Write the near misses of some models, or of all, anew; what is proved stays as it is."""
    for model in chosen(names):
        optimum = written(f"{model.id}.fit")["expected"]["theta"]["value"]
        nothing = {"design": {"theta": ["0"] * len(optimum)}}
        for path in sorted(CASES.glob(f"{model.id}.*.json")):
            case = written(path.stem)
            if "expected" in case and case["form"] == "formula":
                given = nothing.get(case["level"]) or case.get("given", {})
                theta = given.get("theta", optimum)
                write({**case, **missed(model, case["level"], theta, case)})
        print(model.id, flush=True)


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


def chosen(names: list[str] | None) -> list[Model]:
    """The models of these ids.  Raises ValueError for a name that none has."""
    known = {model.id: model for model in MODELS}
    for name in names or []:
        if name not in known:
            raise ValueError(f"there is no model {name!r}")
    return [known[name] for name in names] if names else list(MODELS)
