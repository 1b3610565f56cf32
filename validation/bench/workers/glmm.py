"""The package glmm with its defaults, without tests of coefficients, which lmer() does not do."""

from __future__ import annotations

import glmm
import pandas as pd

from . import clock
from .clock import Fit, Model, NotForIt


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit."""
    if model["refits"]:
        raise NotForIt("has no refits of many responses")
    formula, columns = clock.without_deep(data, model)

    def fit() -> float:
        found = glmm.fit(
            columns, formula, reml=model["reml"], satterthwaite=False, anova_test="Wald"
        )
        return -2 * found.loglik

    return fit


worker = clock.Worker("glmm", prepare)
start, run = worker.start, worker.run
