"""What the proof of a fit takes."""

from __future__ import annotations

import refmixed as rm

from ..adapters.messages import Json
from ..models import MODELS
from ..suite.tables import load

CERTIFIED = ("sleepstudy-slopes-reml", "crossed-sparse-reml", "three-effects-ml", "Oxboys-reml")


def timed() -> list[Json]:
    """Seconds of each proof, with the size of its model."""
    found = []
    for model in (model for model in MODELS if model.id in CERTIFIED):
        fit = rm.lmer(model.formula, load(model.data).frame(), model.reml)
        sizes = {"rows": fit.nobs, "parameters": fit.design.m + 1}
        found.append({"id": model.id, "seconds": fit.certify().seconds, **sizes})
    return found


def text(one: Json) -> str:
    """One proof in a line."""
    size = f"{one['rows']} rows, {one['parameters']} covariance parameters"
    return f"certificate of {one['id']:24} {one['seconds']:8.2f} s  ({size})"
