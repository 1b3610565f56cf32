"""Tables of tests, with the columns of R's printCoefmat and anova, and the tails of their laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betainc, chdtrc, erfc

from ...linalg import Array

T_COLUMNS = ["Estimate", "Std. Error", "df", "t value", "Pr(>|t|)"]
F_COLUMNS = ["Sum Sq", "Mean Sq", "NumDF", "DenDF", "F value", "Pr(>F)"]
CHI_COLUMNS = ["Chisq", "Df", "Pr(>Chisq)"]


def t_tail(t: Any, df: Any) -> Array:
    """Pr(|T| > |t|) of Student's law, of the normal one where df is infinite."""
    t, df = np.abs(np.asarray(t, dtype=float)), np.asarray(df, dtype=float)
    finite = np.where(np.isinf(df), 1.0, df)
    with np.errstate(over="ignore"):
        share = finite / (finite + t**2)
    return np.where(np.isinf(df), erfc(t / np.sqrt(2.0)), betainc(finite / 2.0, 0.5, share))


def f_tail(F: float, rows: int, df: float) -> float:
    """Pr(F' > F) of Fisher's law, of chi-square over its rows where df is infinite."""
    if np.isinf(df):
        return chi_tail(rows * F, rows)
    return float(betainc(df / 2.0, rows / 2.0, df / (df + rows * F)))


def chi_tail(x: float, rows: int) -> float:
    """Pr(X > x) of a chi-square law."""
    return float(chdtrc(rows, x))


def t_table(names: list[str], estimates: Array, se: Array, df: Array, value: Array) -> pd.DataFrame:
    """A row for each contrast; t is that of its estimate less a value."""
    t = (estimates - value) / se  # (l,)  eq:t-value
    columns = dict(zip(T_COLUMNS, [estimates, se, df, t, t_tail(t, df)], strict=True))
    return pd.DataFrame(columns, index=names)


def f_row(F: float, scale: float, rows: int, df: float, sigma: float) -> list[float]:
    """One F: its squares are in the units of the response, those of an F that is not scaled."""
    mean = F * sigma**2
    return [rows * mean, mean, rows, df, scale * F, f_tail(scale * F, rows, df)]


def chi_row(F: float, rows: int) -> list[float]:
    """One chi-square statistic of Wald's."""
    return [rows * F, rows, chi_tail(rows * F, rows)]
