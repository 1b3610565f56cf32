"""The package mixedlm, by its function lmer with its defaults."""

from __future__ import annotations

import mixedlm
import pandas as pd

from . import clock
from .clock import Fit, Model, NotForIt


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit."""
    if model["refits"]:
        raise NotForIt("has no refits of many responses")
    return lambda: float(mixedlm.lmer(model["formula"], data, model["reml"]).deviance)


worker = clock.Worker("mixedlm", prepare)
start, run = worker.start, worker.run
