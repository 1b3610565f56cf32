"""The package lme-python, by its function lmer with its defaults."""

from __future__ import annotations

from functools import partial
from typing import Any

import lme_python
import pandas as pd

from . import clock
from .clock import Fit, Model


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit; or one of a prepared model to each of some responses."""
    formula, columns = clock.without_deep(data, model)
    if model["refits"]:
        prepared = lme_python.prepare_lmer(formula, columns)
        Y = clock.responses(model, len(data))
        fits = partial(lme_python.fit_prepared, prepared, model["reml"])
        return lambda: [criterion(fits(y=y), model) for y in Y.T][-1]
    return lambda: criterion(lme_python.lmer(formula, columns, model["reml"]), model)


def criterion(fit: Any, model: Model) -> float:
    """-2 log-likelihood."""
    return float(fit.reml_criterion if model["reml"] else fit.deviance)


worker = clock.Worker("lme-python", prepare)
start, run = worker.start, worker.run
