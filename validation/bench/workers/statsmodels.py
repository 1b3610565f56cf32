"""statsmodels' mixedlm by a formula, with its defaults."""

from __future__ import annotations

import pandas as pd
from statsmodels.formula.api import mixedlm

from . import clock, like_statsmodels
from .clock import Fit, Model


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit."""
    formula, columns, options = like_statsmodels.call(data, model)

    def fit() -> float:
        found = mixedlm(formula, columns, **options).fit(reml=model["reml"])
        return like_statsmodels.criterion(found)

    return fit


worker = clock.Worker("statsmodels", prepare)
start, run = worker.start, worker.run
