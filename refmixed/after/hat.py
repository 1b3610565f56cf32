"""Hat values: what a fitted value takes from its own response, theta held."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..coordinates import require_rows
from .estimated import Estimated


def hat(fit: Any) -> pd.Series[float]:
    """(n,): the diagonal of d fitted / d y, from the error variances of fitted values.

    Raises OptionError where the rows are not kept.  eq:hat-values
    """
    require_rows(fit.design)
    here = Estimated.of(fit)
    values = here.design.weights * here.error_variances(here.design)  # (n,)  eq:hat-values
    return pd.Series(np.asarray(values), index=fit.design.index)
