"""Single terms left out: `fit.drop1()`, as lme4's, each by a likelihood ratio test.

A term that another one contains (a beside a:b) stays: without it the columns of the other would
span it anyway, or mean something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from ...checks import one_of
from ...errors import OptionError
from ...r.anova import anova_lines
from ...r.deparse import deparse
from ...r.parts import droppable, some_of
from .compare import REFITTED, by_ml, differences, models
from .update import own_formula, update

TESTS = ("chisq", "none")


@dataclass(frozen=True)
class Deletions:
    """A model without one of its terms, a row each; `table` is a data frame."""

    title: str
    formula: str
    table: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        head = [self.title, "", "Model:", self.formula]
        notes = [f"Note: {note}." for note in self.notes]
        return "\n".join([*head, *anova_lines(self.table), *notes])


def drop1(fit: Any, test: str, data: Any) -> Deletions:
    """The fixed terms left out in turn, by ML.  eq:lrt  Raises OptionError."""
    one_of("test", test, TESTS)
    if fit.optimum.is_given:
        raise OptionError("drop1() takes a fit at its maximum, without theta=")
    whole, notes = by_ml(fit), [REFITTED] * fit.reml
    fits = {"<none>": whole} | dict(smaller(whole, data))
    for name, one in fits.items():
        if name != "<none>":
            models(whole, [one])  # the same rows
    npar = np.array([whole.nparameters - one.nparameters for one in fits.values()], dtype=float)
    npar[0] = np.nan
    aic = [one.aic for one in fits.values()]
    table = pd.DataFrame({"npar": npar, "AIC": aic}, index=list(fits))
    if test == "chisq":
        table["LRT"] = [np.nan, *(ratio(one, whole) for one in list(fits.values())[1:])]
        df = np.where(npar > 0, npar, np.nan)  # what others span is no hypothesis
        table["Pr(Chi)"] = chi2.sf(table["LRT"], df)
        notes += below(table)
    return Deletions("Single term deletions", fit.formula, table, tuple(notes))


def ratio(small: Any, large: Any) -> float:
    """The likelihood ratio statistic.  eq:lrt"""
    return float(differences(np.array([small.criterion, large.criterion]), [large])[1])


def below(table: pd.DataFrame) -> list[str]:
    """A sentence for each ratio below zero: what that means."""
    names = table.index[table["LRT"] < 0]
    text = "the model without it has a higher likelihood, so that this fit is not at its maximum"
    return [f"{name}: {text}" for name in names]


def smaller(fit: Any, data: Any) -> Iterator[tuple[str, Any]]:
    """The fit without each fixed term that may be left out, by name."""
    if fit.design.recipe is None:
        yield from without_columns(fit)
        return
    for term in droppable(own_formula(fit).fixed):
        name = ":".join(map(deparse, term))
        yield name, update(fit, f"~ . - {name}", data, None, None, None)


def without_columns(fit: Any) -> Iterator[tuple[str, Any]]:
    """The fit to arrays without each column of X that varies."""
    design, places = fit.design, np.arange(fit.design.p)
    for j, name in enumerate(design.names):
        if np.ptp(design.X[:, j]) > 0:
            less = some_of(design, np.delete(places, j), list(design.terms), None)
            yield name, type(fit).of(less, fit.reml, fit.route, fit.labels)
