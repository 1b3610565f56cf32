"""Wald's tests of fixed effects: chi-square of terms, z of coefficients and contrasts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...after.fixed.contrasts import Hypothesis
from ...after.fixed.inference import OF_ROWS, chosen, is_zero, least, values_of
from ...after.fixed.slopes import whitening
from ...after.fixed.tables import CHI_COLUMNS, chi_tail, t_tail
from ...after.fixed.uncorrelated import orthonormal_rows
from ...after.switches import true_or_false
from ...errors import OptionError
from ...linalg import Array

TYPES = (3, "marginal", None)
Z_COLUMNS = ["Estimate", "Std. Error", "z value", "Pr(>|z|)"]


def tested(
    fit: Any, contrasts: Any, kind: Any, joint: bool | None, rhs: Any, uncertain: str | None
) -> pd.DataFrame:
    """As `Inferred.test_fixed`."""
    if isinstance(kind, bool) or not any(kind == known for known in TYPES):
        raise OptionError(f"type must be 3, 'marginal' or None, not {kind!r}")
    if joint is not None:
        true_or_false("joint", joint)
    of_terms = contrasts is None and kind is not None
    if of_terms and (joint is False or not is_zero(rhs)):
        raise OptionError(OF_ROWS)
    found = chosen(fit, contrasts, kind)
    values = values_of(rhs, sum(len(h.C) for h in found))
    V = known_covariance(fit, uncertain)
    together = of_terms or not all(h.is_one for h in found) if joint is None else joint
    return (chi_tests if together else z_tests)(fit.beta.to_numpy(), V, found, values)


def known_covariance(fit: Any, uncertain: str | None) -> Array:
    """(p, p).  Raises OptionError where beta was given."""
    cov = fit.vcov if uncertain is None else fit.vcov_by(uncertain)
    if cov.isna().to_numpy().any():
        raise OptionError("beta was given to this fit, and has no error to be tested by")
    return np.asarray(cov.to_numpy())


def z_tests(beta: Array, V: Array, found: Sequence[Hypothesis], values: Array) -> pd.DataFrame:
    """A row for each contrast.  eq:z-value"""
    C = np.vstack([np.zeros((0, len(beta))), *(h.C for h in found)])  # (l, p)
    estimates = C @ beta
    se = np.sqrt(np.einsum("lp,pr,lr->l", C, V, C))
    z = (estimates - values) / se  # (l,)  eq:z-value
    columns = dict(zip(Z_COLUMNS, [estimates, se, z, t_tail(z, np.inf)], strict=True))
    return pd.DataFrame(columns, index=[name for h in found for name in h.rows])


def chi_tests(beta: Array, V: Array, found: Sequence[Hypothesis], values: Array) -> pd.DataFrame:
    """A row for each hypothesis; one without contrasts is empty."""
    starts = np.cumsum([0, *(len(h.C) for h in found)])
    table = {}
    for h, start in zip(found, starts, strict=False):
        of_h = values[start : start + len(h.C)]
        table[h.name] = chi_square(beta, V, h.C, of_h) if len(h.C) else [np.nan] * 3
    return pd.DataFrame.from_dict(table, orient="index", columns=CHI_COLUMNS)


def chi_square(beta: Array, V: Array, C: Array, values: Array) -> list[float]:
    """Wald's statistic of contrasts C (l, p), how many of them are independent, and p.  eq:wald"""
    Q, weights = orthonormal_rows(C)
    white = whitening(Q @ V @ Q.T) @ (Q @ beta - least(weights, values))
    x = float(white @ white)
    return [x, len(Q), chi_tail(x, len(Q))]
