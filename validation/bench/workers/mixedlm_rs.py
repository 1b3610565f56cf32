"""The package mixedlm-rs, by its function mixedlm, which is like that of statsmodels."""

from __future__ import annotations

import pandas as pd
from mixedlm_rs import mixedlm

from . import clock, like_statsmodels
from .clock import Fit, Model, NotForIt


def prepare(data: pd.DataFrame, model: Model) -> Fit:
    """One fit, of one term."""
    asked = like_statsmodels.call(data, model)
    if "vc_formula" in asked[2]:
        raise NotForIt("has one random term")
    return like_statsmodels.fits(mixedlm, asked, model["reml"])


worker = clock.Worker("mixedlm-rs", prepare)
start, run = worker.start, worker.run
