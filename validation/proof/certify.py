"""Certify the reference values: from each model to the files of its cases, proofs redone.

    python -m validation certify [model ...]

The files are the same byte for byte each time.  Near misses come from `mistakes`, witnesses from
`witnesses.json`, which `python -m validation witnesses` writes (it needs R).
"""

from __future__ import annotations

from pathlib import Path

from ..models import MODELS, Model
from . import witnesses as recorded
from .casefile import cases
from .writing import dumped

CASES = Path(__file__).parents[1] / "cases"


def certify(names: list[str] | None = None) -> None:
    """Prove the values of some models, or of all, and write their cases."""
    CASES.mkdir(exist_ok=True)
    for model in chosen(names):
        for case in cases(model):
            (CASES / f"{case['id']}.json").write_text(dumped(case), "utf-8")
        print(model.id, flush=True)


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
