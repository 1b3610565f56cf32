"""What lme4, nlme and glmmTMB answer for each model: written down in witnesses.json, with R.

Witnesses are never a source of digits.  An implementation that does not fit a model is not there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..adapters import lme4, r
from ..adapters.messages import Json
from ..models import MODELS, Model
from ..suite.tables import load
from .exact import Term, exact
from .writing import dumped

FILE = Path(__file__).with_name("witnesses.json")
R_SIDE = Path(__file__).with_suffix(".R")
PACKAGES = ("nlme", "glmmTMB")


def write() -> None:
    """Ask all witnesses about all models."""
    found = {model.id: witnesses(model) for model in MODELS if "fit" in model.levels}
    FILE.write_text(dumped(found), "utf-8")


def witnesses(model: Model) -> list[Json]:
    """The answers about one model, digits as they are in doubles."""
    table = load(model.data)
    frame, made = table.frame(), exact(model, table)
    answers = [of_lme4(model, frame)]
    answers += [of_package(name, model, frame, made.names, made.terms) for name in PACKAGES]
    return [answer for answer in answers if answer]


def of_lme4(model: Model, frame: pd.DataFrame) -> Json:
    """lme4's answer, with tight control."""
    fit = lme4.fit(model.formula, frame, model.reml, model.weights, model.offset)
    facts = r.to_python(r.call(r.load(str(lme4.R_SIDE))["facts"], fit.model).value)
    values = {
        "criterion": facts["criterion"].item(),
        "beta": facts["beta"].tolist(),
        "sigma": facts["sigma"].item(),
        "sd": [sd for term in facts["varcorr"].values() for sd in term["sd"].tolist()],
    }
    return entry(f"lme4 {version('lme4')} (tight)", values)


def of_package(
    package: str, model: Model, frame: pd.DataFrame, names: tuple[str, ...], terms: tuple[Term, ...]
) -> Json:
    """The answer of nlme or glmmTMB; empty where it does not fit the model."""
    listed = r.define("function(groups, ...) list(groups = groups, effects = list(...))")
    order = listed(r.to_r([t.group for t in terms]), *(r.to_r(list(t.effects)) for t in terms))
    how = {"REML": model.reml, "weights": model.weights, "offset": model.offset}
    function = r.load(str(R_SIDE))[f"witness_{package}"]
    try:
        answer = r.to_python(r.call(function, model.formula, frame, order, **how).value)
    except r.RError:
        return {}
    labels = answer["names"] or []  # R has NULL for no names
    if sorted(labels) != sorted(names):
        return {}
    beta = dict(zip(labels, answer["beta"], strict=True))
    values = {
        "criterion": float(answer["criterion"][0]),
        "beta": [beta[name] for name in names],
        "sigma": float(answer["sigma"][0]),
        "sd": np.asarray(answer["sd"]).tolist(),
    }
    return entry(f"{package} {version(package)}", values)


def version(package: str) -> str:
    """The version of a package of R."""
    (found,) = r.ask("function(p) as.character(utils::packageVersion(p))", package)
    return str(found)


def entry(implementation: str, values: Json) -> Json:
    """One witness; numbers as text that reads back as the same double."""
    texts = {name: text(value) for name, value in values.items()}
    return {"implementation": implementation, "values": texts}


def text(value: Any) -> Any:
    """A number, or each of a list."""
    return [text(v) for v in value] if isinstance(value, list) else repr(float(value))


def recorded() -> dict[str, list[Json]]:
    """What was written down: model -> witnesses."""
    if not FILE.is_file():
        return {}
    answers: dict[str, list[Json]] = json.loads(FILE.read_text("utf-8"))
    return answers
