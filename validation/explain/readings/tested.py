"""Tests of fixed effects by refmixed, kept, as several readings begin with the same."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import pandas as pd

import refmixed as rm
from refmixed.errors import OptionError


@lru_cache(maxsize=512)
def table(fit: rm.Fit, df: str, se: str | None = None, type: Any = None) -> pd.DataFrame | None:
    """A table of t, or with a type of F; None where the method is not one of this fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rm.RefmixedWarning)
        try:
            return fit.test_fixed(df, type=type, se=se)
        except OptionError:
            return None
