"""The rows of a fit beside its fitted values, residuals and leverages: broom's augment()."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..coordinates import require_rows
from ..design import Design
from ..errors import OptionError
from ..r.data import as_frame
from .modelframe import model_frame


def augment(fit: Any, data: Any = None) -> pd.DataFrame:
    """A row an observation: the data, then what the fit says of it.  Raises OptionError."""
    require_rows(fit.design)
    own = model_frame(fit) if data is None else of_rows(fit.design, data)
    return pd.concat([own, said(fit)], axis=1)


def said(fit: Any) -> pd.DataFrame:
    """The columns that broom.mixed adds, (n, 11)."""
    design, h = fit.design, fit.hat.to_numpy()
    residuals = fit.residuals().to_numpy()
    fitted = fit.fitted.to_numpy()
    root = np.sqrt(design.weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        cook = (root * residuals / (1 - h)) ** 2 * h / (fit.sigma**2 * design.p)
    columns = {
        ".fitted": fitted,
        ".resid": residuals,
        ".hat": h,
        ".cooksd": np.where(np.isinf(cook), np.nan, cook),
        ".fixed": fit.predict(random=False).to_numpy(),
        ".mu": fitted,
        ".offset": design.offset,
        ".sqrtXwt": root,
        ".sqrtrwt": root,
        ".weights": design.weights,
        ".wtres": root * residuals,
    }
    return pd.DataFrame(columns, index=design.index)


def of_rows(design: Design, data: Any) -> pd.DataFrame:
    """The rows of the data that are rows of the fit.  Raises OptionError: there are not so many."""
    frame = as_frame(data)
    origin = design.recipe and design.recipe.origin
    whole = len(origin.data) if origin else design.n
    places = origin.places if origin else np.arange(design.n)
    if len(frame) != whole or len(places) != design.n:
        raise OptionError(f"data must be the {whole} rows that the fit was given, not {len(frame)}")
    return frame.iloc[places].set_axis(design.index)
