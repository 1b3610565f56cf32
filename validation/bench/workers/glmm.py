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
    formula, columns = model["formula"], data
    deep = [term for term in model["terms"] if len(term["group"]) > 2]
    if deep:  # its formulas have a:b, and no a:b:c
        names = {f"g{t}": clock.label(data, term["group"]) for t, term in enumerate(model["terms"])}
        columns = data.assign(**{name: pd.Categorical(values) for name, values in names.items()})
        bars = [f"({term['effects']} | g{t})" for t, term in enumerate(model["terms"])]
        formula = " + ".join([model["fixed"], *bars])

    def fit() -> float:
        found = glmm.fit(
            columns, formula, reml=model["reml"], satterthwaite=False, anova_test="Wald"
        )
        return -2 * found.loglik

    return fit


worker = clock.Worker("glmm", prepare)
start, run = worker.start, worker.run
