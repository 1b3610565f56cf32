"""statsmodels' mixedlm by a formula, with its defaults."""

from __future__ import annotations

import pandas as pd
from statsmodels.formula.api import mixedlm

from . import clock, like_statsmodels
from .clock import Fit, Model


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit."""
    return like_statsmodels.fits(mixedlm, like_statsmodels.call(data, model), model["reml"])


worker = clock.Worker("statsmodels", prepare)
start, run = worker.start, worker.run
