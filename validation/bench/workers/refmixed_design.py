"""refmixed, from the arrays of a design to a Fit: what is left when the formula has been read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

import refmixed as rm

from . import clock
from .clock import Fit, Model


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit, or one to each of some responses."""
    design, reml = rm.design(model["formula"], data), model["reml"]
    if not model["refits"]:
        return lambda: rm.Fit.of(fresh(design, design.y), reml).criterion
    Y = clock.responses(model, len(data))
    return lambda: [rm.Fit.of(fresh(design, y), reml) for y in Y.T][-1].criterion


def fresh(design: Any, y: Any) -> Any:
    """The design as if no fit had kept its cross products, with a response."""
    terms = tuple(replace(term) for term in design.terms)
    return replace(design, y=np.ascontiguousarray(y), terms=terms)


worker = clock.Worker("refmixed", prepare)
start, run = worker.start, worker.run
