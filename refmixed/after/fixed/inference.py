"""Tests of fixed effects: t of contrasts, F of terms and of contrasts that belong together."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...checks import as_floats, one_of
from ...errors import FreedomWarning, OptionError
from ...linalg import Array
from ..switches import true_or_false
from .contrasts import Hypothesis, read
from .dialects import DF, Dialect
from .hypotheses import Kind, hypotheses
from .slopes import Slopes, whitening
from .tables import CHI_COLUMNS, F_COLUMNS, chi_row, f_row, t_table
from .uncorrelated import orthonormal_rows

WAYS = (*DF, "chi-square")
OF_ROWS = (
    "joint=False and rhs= are of contrasts, and a term is a hypothesis of several: give "
    "contrasts=, or type=None for each coefficient"
)
CONTRARY = 1e-8  # of values, relatively: what rounding errors do not make


def tested(
    fit: Any,
    df: str,
    contrasts: Any,
    kind: Kind | None,
    joint: bool | None,
    rhs: Any,
    se: str | None,
    parameters: str | None,
) -> pd.DataFrame:
    """A table of tests; see `Verbs.test_fixed`."""
    one_of("df", df, WAYS)
    if joint is not None:
        true_or_false("joint", joint)
    of_terms = contrasts is None and kind is not None
    if of_terms and (joint is False or not is_zero(rhs)):
        raise OptionError(OF_ROWS)
    is_chi = df == "chi-square"
    dialect = Dialect.of(fit, "infinite" if is_chi else df, se, parameters)
    found = chosen(fit, contrasts, kind)
    values = values_of(rhs, sum(len(h.C) for h in found))
    together = of_terms or not all(h.is_one for h in found) if joint is None else joint
    if together or is_chi:
        return joint_tests(fit, dialect, found, values, is_chi)
    return t_tests(fit, dialect, found, values)


def chosen(fit: Any, contrasts: Any, kind: Kind | None) -> list[Hypothesis]:
    """The contrasts that are given, or those of each term, or each coefficient."""
    if contrasts is not None:
        return read(fit.design, contrasts)
    if kind is not None:
        return [Hypothesis(n, (n,), C, False) for n, C in hypotheses(fit, kind).items()]
    rows = zip(fit.design.names, np.eye(fit.design.p), strict=True)
    return [Hypothesis(name, (name,), row[None], True) for name, row in rows]


def is_zero(rhs: Any) -> bool:
    """Whether contrasts are compared with zero."""
    values = as_floats(rhs)
    return values is not None and not values.any()


def values_of(rhs: Any, rows: int) -> Array:
    """(rows,) of what contrasts are compared with: one number, or one a row.  OptionError."""
    values = as_floats(rhs)
    if values is None or values.shape not in ((), (rows,)) or not np.isfinite(values).all():
        raise OptionError(f"rhs must be a number, or {rows} of them, one for each contrast")
    return np.broadcast_to(values, (rows,))


def estimates(dialect: Dialect, C: Array) -> Array:
    """(l,): contrasts of beta-hat, of the C (l, p) of beta~."""
    ways = dialect.here.coordinates
    return np.asarray(C @ (ways.c + ways.size * dialect.here.at.beta))


def t_tests(fit: Any, dialect: Dialect, found: Sequence[Hypothesis], values: Array) -> pd.DataFrame:
    """A row for each contrast."""
    names = [name for h in found for name in h.rows]
    C = dialect.here.fixed_in(np.vstack([np.zeros((0, fit.design.p)), *(h.C for h in found)]))
    of = dialect.slopes(C)
    se = fit.sigma * np.sqrt(np.diag(dialect.cov(of, C)))  # (l,)  eq:se
    df = dialect.each(of)
    tell([name for name, one in zip(names, df, strict=True) if np.isnan(one)], UNTOLD)
    return t_table(names, estimates(dialect, C), se, df, values)


def joint_tests(
    fit: Any, dialect: Dialect, found: Sequence[Hypothesis], values: Array, is_chi: bool
) -> pd.DataFrame:
    """A row for each hypothesis; one without contrasts is empty."""
    columns = CHI_COLUMNS if is_chi else F_COLUMNS
    starts = np.cumsum([0, *(len(h.C) for h in found)])
    table, reasons = {}, []
    for h, start in zip(found, starts, strict=False):
        if not len(h.C):
            table[h.name] = [np.nan] * len(columns)
            continue
        C = dialect.here.fixed_in(h.C)
        Q, weights = orthonormal_rows(C)  # what F tests, in well-behaved units
        of = dialect.slopes(Q)
        F = wald(fit, dialect, of, Q, least(weights, values[start : start + len(C)]))
        scale, df = dialect.all(of, weights)
        table[h.name] = chi_row(F, len(Q)) if is_chi else f_row(F, scale, len(Q), df, fit.sigma)
        if np.isnan(df):
            reasons.append((h.name, NO_MEAN if dialect.is_told(of) else UNTOLD))
    for text in (UNTOLD, NO_MEAN):
        tell([name for name, why in reasons if why == text], text)
    return pd.DataFrame.from_dict(table, orient="index", columns=columns)


def least(weights: Array, values: Array) -> Array:
    """(r,): what values (l,) of contrasts that are weights (l, r) times others are of these.

    Raises OptionError where there are none.
    """
    found = np.linalg.lstsq(weights, values)[0]
    left, sizes = np.abs(weights @ found - values), np.abs(weights) @ np.abs(found)
    if (left > CONTRARY * (sizes + np.abs(values))).any():
        raise OptionError(
            "contrasts that depend on one another have values in rhs that contradict one another"
        )
    return np.asarray(found)


def wald(fit: Any, dialect: Dialect, of: Slopes, C: Array, values: Array) -> float:
    """Wald's statistic over its rows.  eq:wald"""
    white = whitening(dialect.cov(of, C)) @ (estimates(dialect, C) - values) / fit.sigma
    return float(white @ white) / len(white)


UNTOLD = "the data do not determine the variance of {}: there are no degrees of freedom"
NO_MEAN = (
    "the F of {} has two degrees of freedom or less below, where this method has none: test its "
    "contrasts one by one, or take df='residual' or 'chi-square'"
)


def tell(names: list[str], text: str) -> None:
    """Warn where there are no degrees of freedom."""
    if names:
        warnings.warn(text.format(", ".join(names)), FreedomWarning, stacklevel=5)
