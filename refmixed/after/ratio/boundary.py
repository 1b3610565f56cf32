"""Tests of variances, which cannot be below zero: p-values that know it.

A p-value of the chi-square law is too large there.  In large samples the law is a mixture of
chi-squares (`cones`); where one variance is all that is random, `one_variance` has it in any.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .cones import ChiBar, chi_bar
from .nested import Nested, information_on, nested
from .one_variance import OneVariance

COLUMNS = ("Pr(mixture)", "Pr(exact)")
UNSEEN = "it is not seen how {small} lies within it, from the names of their effects"
SINGULAR = "{small} is singular, and the mixture is not known at a boundary of its own"
OPEN = "the data do not determine all covariance parameters"
CHUNKS = "rows of data in chunks are not kept, and the mixture needs them in another order"


def beside(
    pairs: list[tuple[Any, Any]], ratios: Any, names: list[str]
) -> tuple[pd.DataFrame, list[str]]:
    """p-values of nested pairs of fits, and what there is to say of them."""
    rows, notes = {}, []
    for (small, large), ratio, name in zip(pairs, ratios, names, strict=True):
        (mixture, exact), said = p_values(small, large, float(ratio))
        rows[name] = mixture[0], exact[0]
        notes += [f"{name}: {said}"] if said else []
        both = zip(COLUMNS, (mixture, exact), strict=True)
        errors = [f"{p[1]:.1g} of {column}" for column, p in both if p[1] > 0]
        notes += [f"{name}: Monte Carlo error {' and '.join(errors)}"] if errors else []
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)), notes


def p_values(
    small: Any, large: Any, ratio: float
) -> tuple[tuple[tuple[float, float], tuple[float, float]], str]:
    """Of the mixture and of the exact law, with their errors, nan where there is none, and why."""
    none, found = (np.nan, 0.0), nested(small.design, large.design)
    if found is None:
        return (none, none), UNSEEN.format(small=small.formula)
    if large.optimum.is_open or small.optimum.is_open:
        return (none, none), OPEN
    law = exact(large, found)
    tail = none if law is None else above(law, ratio)
    if small.optimum.is_singular and small.design.terms:
        return (none, tail), SINGULAR.format(small=small.formula)
    limit = mixture(small, large, found)
    return (none if limit is None else above(limit, ratio), tail), CHUNKS if limit is None else ""


def above(law: OneVariance | ChiBar, ratio: float) -> tuple[float, float]:
    """The probability of such a ratio or a larger one, and its Monte Carlo error."""
    return law.sf(ratio) if ratio > 0 else (1.0, 0.0)


def mixture(small: Any, large: Any, found: Nested) -> ChiBar | None:
    """The law in large samples; None where there are no rows to find it.  eq:chi-bar"""
    if found.new in ((), (1,)):  # a half-line is one whatever the information is
        return chi_bar(np.eye(len(found.new)), found.new, found.free)
    J = information_on(small, large, found)
    return None if J is None else chi_bar(J, found.new, found.free)


def exact(large: Any, found: Nested) -> OneVariance | None:
    """The law in samples of any size, where one variance is all that is random.  eq:lrt-law"""
    if found.sizes != (1,) or found.new != (1,):
        return None
    return OneVariance.of(large.design, large.reml, found.extra)
