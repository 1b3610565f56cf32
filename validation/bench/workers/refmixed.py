"""refmixed, from a formula and a data frame to a Fit, by the route that it takes itself."""

from __future__ import annotations

from typing import Any

import pandas as pd

import refmixed as rm

from . import clock
from .clock import Fit, Model, NotForIt


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit; or refits of responses, where there is a method for them."""
    call = (model["formula"], data, model["reml"])
    if family := model["family"]:
        return lambda: rm.glmer(model["formula"], data, family).criterion
    if model["refits"]:
        return refits(rm.lmer(*call), clock.responses(model, len(data)))
    return lambda: rm.lmer(*call).criterion


def refits(fit: Any, Y: Any) -> Fit:
    """All responses (n, count) at once; the criterion of the last."""
    if not hasattr(fit, "refit"):
        raise NotForIt("has no refits yet")
    return lambda: float(fit.refit(Y).criterion.iloc[-1])


worker = clock.Worker("refmixed", prepare, generalized=True)
start, run = worker.start, worker.run
