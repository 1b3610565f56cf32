"""refmixed, from a formula to a Fit, by the textbook's q x q system."""

from __future__ import annotations

import pandas as pd

import refmixed as rm

from . import clock
from .clock import Fit, Model, NotForIt

MOST = 500  # random effects


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit."""
    if family := model["family"]:
        return lambda: rm.glmer(model["formula"], data, family, route="penalized").criterion
    if model["refits"]:
        raise NotForIt("refits are asked of the default route")
    if (q := rm.design(model["formula"], data).q) > MOST:
        raise NotForIt(f"its matrices are dense: {q} random effects are too many")
    call = (model["formula"], data, model["reml"])
    return lambda: rm.lmer(*call, route="penalized").criterion


worker = clock.Worker("refmixed", prepare, generalized=True)
start, run = worker.start, worker.run
