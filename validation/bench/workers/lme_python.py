"""The package lme-python, by its function lmer with its defaults."""

from __future__ import annotations

import lme_python
import pandas as pd

from . import clock
from .clock import Fit, Model, NotForIt


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit."""
    if model["refits"]:
        raise NotForIt("has no refits of many responses")

    formula, columns = clock.without_deep(data, model)

    def fit() -> float:
        found = lme_python.lmer(formula, columns, model["reml"])
        return float(found.reml_criterion if model["reml"] else found.deviance)

    return fit


worker = clock.Worker("lme-python", prepare)
start, run = worker.start, worker.run
