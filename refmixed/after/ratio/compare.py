"""Likelihood ratio tests of models of one response: `fit.anova(*others)`, as lme4's `anova`.

The ratio of two maxima is the difference of two criteria.  Criteria by REML are those of error
contrasts, which depend on X: only models of the same fixed effects have them in common (d15).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from ...checks import a_list
from ...errors import OptionError
from ...linalg import Array
from ...r.anova import anova_lines
from ...search import ROUNDING
from ..switches import true_or_false
from .alike import refuse_none, refuse_other_data, same_fixed

REFITTED = "models fitted by REML were refitted by ML"


@dataclass(frozen=True)
class Comparison:
    """Models in order of their parameters, each tested against the one before.

    `table` has lme4's columns: npar, AIC, BIC, logLik, deviance, Chisq, Df, Pr(>Chisq), and with
    `boundary` those of `boundary.COLUMNS`.  `models` are the formulas by name.
    """

    table: pd.DataFrame
    models: dict[str, str]
    data: str | None
    notes: tuple[str, ...]

    def __str__(self) -> str:
        head = [f"Data: {self.data}"] if self.data else []
        formulas = [f"{name}: {formula}" for name, formula in self.models.items()]
        notes = [f"Note: {note}." for note in self.notes]
        return "\n".join([*head, "Models:", *formulas, *anova_lines(self.table), *notes])


def anova(
    fit: Any,
    others: Sequence[Any],
    names: Sequence[str] | None = None,
    refit: bool = True,
    boundary: bool = False,
) -> Comparison:
    """Likelihood ratio tests of a Fit and others.  eq:lrt  Raises OptionError."""
    fits = models(fit, others)
    true_or_false("refit", refit)
    true_or_false("boundary", boundary)
    by_ml, notes = comparable(fits, refit)
    ordered, labels = labelled(by_ml, names)
    table = statistics(ordered, labels)
    notes += [*negative(table), *undetermined(labels, ordered)]
    if boundary:
        from .boundary import beside

        pairs = list(pairwise(ordered))
        more, said = beside(pairs, table["Chisq"].to_numpy()[1:], labels[1:])
        table, notes = table.join(more), notes + said
    formulas = {label: one.formula for label, one in zip(labels, ordered, strict=True)}
    return Comparison(table, formulas, fit.labels["data"], tuple(notes))


def labelled(fits: list[Any], names: Sequence[str] | None) -> tuple[list[Any], list[Any]]:
    """Fits by number of parameters, and their names, MODEL1 and so on.  Raises OptionError."""
    own = [f"MODEL{k + 1}" for k in range(len(fits))]
    labels = own if names is None else a_list("names", names)
    if len(set(map(str, labels))) != len(fits) or len(labels) != len(fits):
        raise OptionError(f"names must be {len(fits)} different names, not {names!r}")
    order = np.argsort([one.nparameters for one in fits], kind="stable").tolist()
    return [fits[k] for k in order], [labels[k] for k in order]


def models(fit: Any, others: Sequence[Any]) -> list[Any]:
    """The fits that are compared, of the same data and each at its maximum.  Raises OptionError."""
    refuse_none(others)
    for other in others:
        if not isinstance(other, type(fit)):
            raise OptionError(f"anova() compares fits of refmixed, and was given {other!r:.80}")
    for one in (fit, *others):
        if one.optimum.is_given:
            raise OptionError(
                f"theta of {one.formula!r} was given: a likelihood ratio needs its maximum, a fit "
                "without theta="
            )
        refuse_other_data(fit, one)
    return [fit, *others]


def comparable(fits: list[Any], refit: bool) -> tuple[list[Any], list[str]]:
    """Fits by ML, or by REML where X is the same; what was done for it.  Raises OptionError."""
    if not any(fit.reml for fit in fits):
        return fits, []
    if refit:
        return [by_ml(fit) for fit in fits], [REFITTED]
    if not all(fit.reml for fit in fits):
        raise OptionError("some models were fitted by REML, and some by ML: leave refit=True")
    for other in fits[1:]:
        if not same_fixed(fits[0].design, other.design):
            raise OptionError(
                f"REML criteria of {fits[0].formula!r} and {other.formula!r} cannot be compared, "
                "as their fixed effects differ: leave refit=True"
            )
    return fits, []


def by_ml(fit: Any) -> Any:
    """The model fitted by maximum likelihood."""
    return type(fit).of(fit.design, False, fit.route, fit.labels) if fit.reml else fit


def statistics(fits: list[Any], labels: list[str]) -> pd.DataFrame:
    """lme4's table."""
    npar = np.array([fit.nparameters for fit in fits])
    deviance = np.array([fit.criterion for fit in fits])
    chisq, df = differences(deviance, fits), np.diff(npar, prepend=np.nan)
    with np.errstate(invalid="ignore"):
        p = np.where(df > 0, chi2.sf(chisq, df), np.nan)
    columns = {
        "npar": npar,
        "AIC": [fit.aic for fit in fits],
        "BIC": [fit.bic for fit in fits],
        "logLik": -deviance / 2,
        "deviance": deviance,
        "Chisq": chisq,
        "Df": df,
        "Pr(>Chisq)": p,
    }
    return pd.DataFrame(columns, index=labels)


def differences(deviance: Array, fits: list[Any]) -> Array:
    """By how much each criterion is below the one before; a rounding error is zero.  eq:lrt"""
    found = -np.diff(deviance, prepend=np.nan)  # eq:lrt
    noise = 100 * ROUNDING * (np.abs(deviance) + fits[0].nobs)
    return np.where(np.abs(found) <= noise, 0.0, found)


def undetermined(labels: list[str], fits: list[Any]) -> Iterator[str]:
    """A sentence for each model that has more covariance parameters than the data determine."""
    for label, fit in zip(labels, fits, strict=True):
        if fit.optimum.is_open:
            yield f"the data do not determine all covariance parameters of {label}, which npar has"


def negative(table: pd.DataFrame) -> Iterator[str]:
    """A sentence for each ratio below zero: what that means."""
    for (small, _), (large, row) in pairwise(table.iterrows()):
        if row["Chisq"] < 0 and row["Df"] > 0:
            yield (
                f"{large} has more parameters than {small}, and a lower likelihood "
                f"(by {-row['Chisq'] / 2:.3g}): either {small} is no special case of it, or its "
                "fit is not at its maximum"
            )
