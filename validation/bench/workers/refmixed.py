"""refmixed, from a formula and a data frame to a Fit, by the route that it takes itself."""

from __future__ import annotations

import inspect
from typing import Any

import pandas as pd

import refmixed as rm

from . import clock
from .clock import Fit, Model, NotForIt


def options() -> dict[str, Any]:
    """No route, where the default is one for many levels; level by level, where it is q x q."""
    default = inspect.signature(rm.lmer).parameters["route"].default
    return {"route": "blocked"} if default == "penalized" else {}


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit; or refits of responses, where there is a method for them."""
    way = options()
    if model["refits"]:
        return refits(rm.lmer(model["formula"], data, model["reml"], **way), data, model)
    return lambda: rm.lmer(model["formula"], data, model["reml"], **way).criterion


def refits(fit: Any, data: pd.DataFrame, model: Model) -> Fit:
    """All responses at once; the criterion of the last."""
    if not hasattr(fit, "refit"):
        raise NotForIt("has no refits yet")
    Y = clock.responses(model, len(data))
    return lambda: float(fit.refit(Y)[-1].criterion)


worker = clock.Worker("refmixed", prepare)
start, run = worker.start, worker.run
