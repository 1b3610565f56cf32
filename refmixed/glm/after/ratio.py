"""Likelihood ratios of generalized models: `fit.anova(*others)` and `fit.drop1()`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from ...after.ratio.alike import refuse_none, refuse_other_data
from ...after.ratio.compare import (
    Comparison,
    labelled,
    negative,
    statistics,
)
from ...after.ratio.drop import TESTS, Deletions, below, ratio
from ...checks import one_of
from ...errors import OptionError
from ...r.deparse import deparse
from ...r.parts import droppable
from .update import update


def anova(fit: Any, others: Sequence[Any], names: Sequence[str] | None) -> Comparison:
    """As `Inferred.anova`.  eq:lrt"""
    fits = models(fit, others)
    ordered, labels = labelled(fits, names)
    table = statistics(ordered, labels)
    formulas = {label: one.formula for label, one in zip(labels, ordered, strict=True)}
    return Comparison(table, formulas, fit.labels["data"], tuple(negative(table)))


def models(fit: Any, others: Sequence[Any]) -> list[Any]:
    """The fits that are compared, alike but for their terms.  Raises OptionError."""
    refuse_none(others)
    for other in others:
        if not isinstance(other, type(fit)):
            raise OptionError(
                f"anova() of a generalized model compares fits of glmer(), not {other!r:.80}"
            )
        for what, own, its in zip(ALIKE, likeness(fit), likeness(other), strict=True):
            if own != its:
                raise OptionError(
                    f"the models cannot be compared: {what} {its!r} of {other.formula!r} is not "
                    f"{own!r}, that of {fit.formula!r}"
                )
        refuse_other_data(fit, other)
    for one in (fit, *others):
        refuse_given(one)
    return [fit, *others]


ALIKE = ("the family", "the link", "the likelihood", "the dialect")


def likeness(fit: Any) -> tuple[Any, ...]:
    """In what models must be alike to have likelihoods that can be compared."""
    same = fit.model.family.is_canonical  # then dialects do not differ
    return fit.family, fit.link, fit.kind.text, "any" if same else fit.model.dialect


def refuse_given(fit: Any) -> None:
    """Raises OptionError where the parameters are not those of a maximum."""
    if not fit.given.is_nothing:
        raise OptionError(
            f"parameters of {fit.formula!r} were given: a likelihood ratio needs its maximum, a "
            "fit without them"
        )
    if fit.kind.nagq == 0:
        raise OptionError(
            "nagq=0 does not maximise the likelihood in beta, and its ratio has no law: fit with "
            "nagq=1"
        )


def drop1(fit: Any, test: str, data: Any) -> Deletions:
    """As `Inferred.drop1`.  eq:lrt"""
    one_of("test", test, TESTS)
    refuse_given(fit)
    fixed = fit.design.recipe.formula.fixed
    names = [":".join(map(deparse, term)) for term in droppable(fixed)]
    fits = [update(fit, f"~ . - {name}", data) for name in names]
    models(fit, [*fits, fit])
    npar = np.array([np.nan, *(fit.nparameters - one.nparameters for one in fits)])
    index = ["<none>", *names]
    table = pd.DataFrame({"npar": npar, "AIC": [one.aic for one in (fit, *fits)]}, index=index)
    notes = []
    if test == "chisq":
        table["LRT"] = [np.nan, *(ratio(one, fit) for one in fits)]
        table["Pr(Chi)"] = chi2.sf(table["LRT"], np.where(npar > 0, npar, np.nan))
        notes = below(table)
    return Deletions("Single term deletions", fit.formula, table, tuple(notes))
